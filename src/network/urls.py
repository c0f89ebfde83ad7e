# SPDX-License-Identifier: Apache-2.0
"""The network's addresses."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from network.accounts import leaving, views as accounts
from network.accounts.passwords import ChangeView
from network.content import views as content
from network.messaging import views as messaging
from network.people import views as people
from network.premium import views as premium
from network.privacy import views as privacy

urlpatterns = [
    path("", content.home, name="home"),
    path("join/", accounts.join, name="join"),
    path("log-in/", accounts.log_in, name="log-in"),
    path("log-out/", LogoutView.as_view(), name="log-out"),
    path("articles/write/", content.write_article, name="write-article"),
    path("records/<int:number>/", content.read, name="record"),
    path("records/<int:number>/quote/", content.quote, name="quote"),
    path("records/<int:number>/edit/", content.edit, name="edit"),
    path("records/<int:number>/take-off/", content.take_off, name="take-off"),
    path("people/", people.people, name="people"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/connect/", people.connect, name="connect"),
    path("people/<int:number>/disconnect/", people.disconnect, name="disconnect"),
    path("people/asked/<int:number>/accept/", people.accept_asked, name="accept"),
    path("profile/", people.profile, name="profile"),
    path("messages/", messaging.inbox, name="inbox"),
    path("messages/<int:number>/", messaging.talk, name="talk"),
    path("messages/<int:number>/forward/", messaging.forward, name="forward"),
    path("premium/", premium.premium, name="premium"),
    path("account/", leaving.account, name="account"),
    path("account/password/", ChangeView.as_view(), name="password"),
    path("account/copy/", leaving.your_copy, name="your-copy"),
    path("account/close/", leaving.close_account, name="close-account"),
    path("settings/ai/", privacy.setting, name="setting"),
    path("notice/", privacy.notice, name="notice"),
    path("privacy/", include("privity.web.urls")),
]

handler400 = "privity.web.operating.failing.bad_request"
handler403 = "privity.web.operating.failing.forbidden"
handler404 = "privity.web.operating.failing.not_found"
handler500 = "privity.web.operating.failing.broken"
