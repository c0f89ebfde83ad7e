# SPDX-License-Identifier: Apache-2.0
"""The addresses of Privity's pages, below the one that a platform gives them."""

from __future__ import annotations

from django.urls import path

from privity.web import views
from privity.web.yours.releases import releases

app_name = "privity"
urlpatterns = [
    path("", views.yours, name="yours"),
    path("releases/", releases, name="releases"),
]
