# SPDX-License-Identifier: Apache-2.0
"""What somebody chooses, and what she was told: every one of it is a fact on the ledger, and nothing of it is kept here."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from network import clock
from network.accounts.models import Account
from privity.web.desk import ask

PURPOSE = str(settings.PRIVITY.get("purpose") or "genai-training")
"""The use that members are asked about."""
_SIGNAL = "signal"


def standings(account: Account) -> tuple[Any, ...]:
    """Say how it stands between somebody and each setting.

    Raises:
        PrivityError: The ledger cannot be read.
    """
    member = account.member
    return ask(lambda workspace: workspace.standings(member, purpose=PURPOSE))


def choose(account: Account, setting: str, value: str, *, older: bool = False) -> None:
    """Say yes or no to a setting.

    Args:
        account: Who.
        setting: Its id.
        value: `on` or `off`.
        older: Whether a yes covers what was written before it.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    detail = {"setting": setting, "method": "explicit"}
    if value == "on":
        detail["scope"] = "all" if older else "future"
    _record(account, "setting", value, detail)


def signal(account: Account, setting: str) -> None:
    """Enter the no that somebody's browser signals (Global Privacy Control)."""
    _record(account, "setting", "off", {"setting": setting, "method": _SIGNAL})


def signalled(account: Account) -> frozenset[str]:
    """Give the settings to which a browser of somebody's signalled a no before.

    Raises:
        PrivityError: The ledger cannot be read.
    """
    member = account.member
    said = ask(lambda workspace: workspace.consents(member, purpose=PURPOSE))
    return frozenset(
        one.setting.id for one in said if any(each.method == _SIGNAL for each in one.events)
    )


def object_to(account: Account, setting: str) -> None:
    """Object: a no that stands until it is withdrawn, whatever switches come."""
    _record(account, "objection", "", {"setting": setting})


def withdraw(account: Account, setting: str) -> None:
    """Withdraw an objection."""
    _record(account, "objection-withdrawn", "", {"setting": setting})


def acknowledge(account: Account, notice: str) -> None:
    """Enter that a notice reached somebody."""
    _record(account, "notice", notice, {})


def _record(account: Account, fact: str, value: str, detail: dict[str, str]) -> None:
    member = account.member
    # The same said twice in one second is a page sent twice.
    name = "-".join((fact, str(member), value, *detail.values(), str(clock.now())))
    ask(
        lambda workspace: workspace.record(
            member, fact, value, detail=detail or None, request=name
        )
    )
