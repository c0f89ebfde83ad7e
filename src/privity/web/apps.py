# SPDX-License-Identifier: Apache-2.0
"""The application, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Privity's pages; they have no tables."""

    name = "privity.web"
    label = "privity_web"
    verbose_name = "Privity"
