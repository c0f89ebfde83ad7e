# SPDX-License-Identifier: Apache-2.0
"""Sign up: an account here, and a member on the ledger."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.db import transaction

from network import clock
from network.accounts.models import FIRST_MEMBER, LAST_MEMBER, Account
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
        IntegrityError: Somebody else joined with this address meanwhile.
        PrivityError: The ledger cannot be written to.
    """
    account = Account(
        email=email.lower(),
        country=country,
        member=_new_member(),
        joined_at=clock.today(),
        **named,
    )
    # Hashing takes a while, and whoever else writes would wait for it.
    account.set_password(password)
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
        workspace.record(member, "birth_date", birth_date.isoformat(), request=f"born-{member}")

    with transaction.atomic():
        account.save(force_insert=True)
        ask(enter)
    return account


def _new_member() -> int:
    """Give an id that nobody has.

    It is drawn, and not counted up: a number that the ledger heard of before this database lost it would be given to
    somebody else, with all that was entered of her.
    """
    return FIRST_MEMBER + secrets.randbelow(LAST_MEMBER - FIRST_MEMBER + 1)
