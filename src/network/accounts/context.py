# SPDX-License-Identifier: Apache-2.0
"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from network import clock


def site(request: HttpRequest) -> dict[str, Any]:
    """Give the site's name, and what time it is where that was set."""
    del request
    simulated = clock.is_simulated()
    return {
        "network_name": "Common Ground",
        "demo": settings.NETWORK_DEMO,
        "simulated_now": clock.today() if simulated else None,
    }
