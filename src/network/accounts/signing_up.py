# SPDX-License-Identifier: Apache-2.0
"""Sign up: an account here, and a member on the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from network import clock
from network.accounts.models import FIRST_MEMBER, Account
from privity.web.desk import ask


def sign_up(
    *, email: str, password: str, birth_date: date, country: str, **named: Any
) -> Account:
    """Make an account, and enter who joined.

    The ledger comes first: what it has and this database lost is somebody who joined and wrote nothing.

    Args:
        email: The address to log in by.
        password: The password.
        birth_date: It is entered, and kept nowhere else.
        country: Where the new member says to live.
        named: The other fields of an account.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    with transaction.atomic():
        newest = Account.objects.aggregate(Max("member"))["member__max"] or 0
        account = Account.objects.create_account(
            email,
            password,
            country=country,
            member=max(newest + 1, FIRST_MEMBER),
            joined_at=clock.today(),
            **named,
        )
        member = account.member

        def enter(workspace: Any) -> None:
            workspace.record(member, "joined", request=f"joined-{member}")
            workspace.record(
                member,
                "jurisdiction",
                country,
                detail={"evidence": "declared"},
                request=f"country-{member}-{country}",
            )
            workspace.record(
                member, "birth_date", birth_date.isoformat(), request=f"born-{member}"
            )

        ask(enter)
    return account
