# SPDX-License-Identifier: Apache-2.0
"""The addresses of what everybody may read, among those of Privity's pages."""

from __future__ import annotations

from django.urls import path

from privity.web.public import views

urlpatterns = [
    path("policy/", views.policy, name="policy"),
    path("policy/changes.atom", views.feed, name="feed"),
    path("policy/<int:number>/", views.version, name="version"),
    path("policy/<int:number>/changes/", views.changes, name="changes"),
    path("questions/", views.questions, name="questions"),
    path("log/", views.log, name="log"),
]
