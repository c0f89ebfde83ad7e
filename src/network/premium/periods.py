# SPDX-License-Identifier: Apache-2.0
"""Accept the agreement of Premium, and end it; the ledger hears of both first."""

from __future__ import annotations

from django.db import transaction

from network import clock
from network.accounts.models import Account
from network.premium.models import AGREEMENT, Period
from privity.web.desk import ask


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


def version_in_force() -> str:
    """Give the name of the policy's version that is in force, by whose words the agreement is accepted."""
    page = ask(lambda workspace: workspace.words())
    return "" if page is None or page.shown is None else page.shown.version


def accepted_version(period: Period) -> int | None:
    """Give the entry of the version by which an agreement was accepted; None where that was not kept."""
    if period.accepted_by is None:
        return None
    began, found = period.began_at.timestamp(), ask(lambda workspace: workspace.publications())
    return next(
        (
            one.index
            for one in reversed(found)
            if one.version.version == period.accepted_by and one.entered <= began
        ),
        None,
    )


def begin(account: Account) -> Period:
    """Accept the agreement; who is Premium already stays it.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    member, at, version = account.member, clock.now(), version_in_force()
    with transaction.atomic():
        # Of two who accept it at once in her name, one begins it, and the other finds it begun.
        period, begun = Period.objects.get_or_create(
            account=account,
            ended_at=None,
            defaults={"version": version, "began_at": clock.today()},
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
