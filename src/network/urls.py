# SPDX-License-Identifier: Apache-2.0
"""The network's addresses."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from network.accounts import views as accounts

urlpatterns = [
    path("", accounts.home, name="home"),
    path("join/", accounts.join, name="join"),
    path("log-in/", accounts.log_in, name="log-in"),
    path("log-out/", LogoutView.as_view(), name="log-out"),
    path("privacy/", include("privity.web.urls")),
]
