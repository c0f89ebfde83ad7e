# SPDX-License-Identifier: Apache-2.0
"""The log-ins that stand on the log-in page, in the demo and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf import settings

from network.accounts.models import Account
from network.demo.opening import DOMAIN
from network.demo.people import PASSWORD

register = template.Library()


@register.inclusion_tag("network/demo_accounts.html", takes_context=True)
def demo_accounts(context: Mapping[str, Any]) -> dict[str, Any]:
    """Give the demo's accounts, and the password of all of them."""
    if not settings.NETWORK_DEMO:
        return {}
    open_ones = Account.objects.filter(email__endswith=DOMAIN, closed_at=None)
    return {
        "accounts": open_ones.order_by("pk"),
        "password": PASSWORD,
        "next": context.get("next", ""),
    }
