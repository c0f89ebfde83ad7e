# SPDX-License-Identifier: Apache-2.0
"""Accept the agreement of Premium, and end it; the ledger hears of both first."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from network import clock
from network.accounts.models import Account
from network.premium.models import Period
from privity.web.desk import ask

AGREEMENT: Final = "subscription"
"""The agreement's id, as the policy's versions have it."""


def is_premium(account: Account) -> bool:
    """Tell whether somebody is Premium now."""
    return current(account) is not None


def current(account: Account) -> Period | None:
    """Give somebody's period, or None."""
    return Period.objects.filter(account=account, ended_at=None).first()


def promises() -> tuple[str, ...]:
    """Say what the agreement promises, in the words of the policy that is in force."""
    page = ask(lambda workspace: workspace.words())
    if page is None:
        return ()
    return tuple(
        sentence
        for section in page.sections
        for line in section.lines
        if line.label == AGREEMENT
        for sentence in line.sentences
    )


def begin(account: Account) -> Period:
    """Accept the agreement; who is Premium already stays it.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    member, at = account.member, clock.now()
    with transaction.atomic():
        # Of two who accept it at once in her name, one begins it, and the other finds it begun.
        period, begun = Period.objects.get_or_create(
            account=account,
            ended_at=None,
            defaults={"version": AGREEMENT, "began_at": clock.today()},
        )
        if begun:
            ask(
                lambda workspace: workspace.record(
                    member, "agreement", AGREEMENT, request=f"premium-{period.pk}-{member}-{at}"
                )
            )
    return period


def end(account: Account) -> None:
    """End the agreement. What it promised of messages that were written meanwhile, it goes on promising.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    member, at = account.member, clock.now()
    with transaction.atomic():
        found = Period.objects.select_for_update().filter(account=account, ended_at=None)
        period = found.first()
        if period is None:
            return
        ask(
            lambda workspace: workspace.record(
                member,
                "agreement-ended",
                AGREEMENT,
                request=f"premium-ended-{period.pk}-{member}-{at}",
            )
        )
        found.update(ended_at=clock.today())
