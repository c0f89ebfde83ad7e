# SPDX-License-Identifier: Apache-2.0
"""Accept the agreement of Premium, and end it; the ledger hears of both first."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """The agreement, as the policy has it that is in force.

    Attributes:
        version: The name of that policy's version; empty where none is in force.
        source: Which publication of it.
        promises: What the agreement promises, in its words.
    """

    version: str
    source: str
    promises: tuple[str, ...]


def offer() -> Offer:
    """Give the agreement as it can be accepted now."""
    page = ask(lambda workspace: workspace.words())
    if page is None or page.shown is None:
        return Offer(version="", source="", promises=())
    promises = tuple(
        sentence
        for section in page.sections
        for line in section.lines
        if line.label == AGREEMENT
        for sentence in line.sentences
    )
    return Offer(version=page.shown.version, source=page.shown.source, promises=promises)


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


def begin(account: Account, offered: Offer) -> Period:
    """Accept the agreement as it was offered; who is Premium already stays it.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    member, at = account.member, clock.now()
    with transaction.atomic():
        # Of two who accept it at once in her name, one begins it, and the other finds it begun.
        period, begun = Period.objects.get_or_create(
            account=account,
            ended_at=None,
            defaults={"version": offered.version, "began_at": clock.today()},
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
