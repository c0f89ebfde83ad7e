# SPDX-License-Identifier: Apache-2.0
"""Keep a changed profile: as a record, and where somebody moved, as a fact."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction

from network import clock
from network.accounts.models import Account
from network.content.models import Category, Record
from network.content.writing import write
from privity.web.desk import ask

_FIELDS: Final = ("name", "headline", "about", "country", "zone", "language")


def keep_profile(account: Account, *, changed: Collection[str]) -> None:
    """Save a profile that was changed; the ledger hears of a move first.

    What others see of somebody is a record of hers, made anew with each change, which quotes what it was before.

    Args:
        account: The account, with what was changed in it.
        changed: The names of the fields that were.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    if "country" in changed:
        member, country = account.member, account.country
        at = clock.now()
        ask(
            lambda workspace: workspace.record(
                member,
                "jurisdiction",
                country,
                detail={"evidence": "declared"},
                request=f"moved-{member}-{country}-{at}",
            )
        )
    with transaction.atomic():
        account.save(update_fields=_FIELDS)
        if {"name", "headline", "about"}.intersection(changed):
            before = Record.objects.filter(
                author=account, category=Category.PROFILE, hidden_at=None
            )
            earlier = list(before)
            text = "\n".join(one for one in (account.headline, account.about) if one)
            write(account, Category.PROFILE, text, title=account.name, quotes=earlier)
            Record.objects.filter(pk__in=[one.pk for one in earlier]).update(
                hidden_at=clock.today()
            )
