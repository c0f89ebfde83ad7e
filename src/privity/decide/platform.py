# SPDX-License-Identifier: Apache-2.0
"""What the platform's own facts come to: the register, orders, instructions (specs/decision.md part 3).

Roles, stops and seats, read from one state of the platform. Whatever is missing, defective or in
conflict refuses.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.members.facts import LISTS, Fact
from privity.members.lists import has_odd_list, is_odd_order
from privity.members.state import State
from privity.policy.model import Places, Scope
from privity.vocabulary.terms import CATEGORIES, PURPOSES


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A stop in force: what it is about, and where; `places` None is everywhere."""

    scope: Scope
    places: Places | None
    fact: Fact


def role_of(recipient: str, platform: State) -> str | None:
    """Give a recipient's role on the register; None if it has none, or two at one instant."""
    facts = [
        one for one in platform.all("recipient", "recipient-ended") if one.value == recipient
    ]
    if not facts or facts[-1].fact == "recipient-ended":
        return None
    roles = {
        one.detail["role"] for one in facts if one.at == facts[-1].at and "role" in one.detail
    }
    return str(roles.pop()) if len(roles) == 1 else None


def on_register(platform: State) -> list[str]:
    """Give the recipients that have a role, by name."""
    named = {one.value for one in platform.all("recipient")}
    return sorted(one for one in named if role_of(one, platform) is not None)


def instructed(
    capacity: str, category: str | None, purpose: str, role: str | None, platform: State
) -> bool:
    """Tell whether a seat's customer has a standing instruction that contains the request.

    The latest of a customer replaces the earlier; of a tie all must contain it ([DEC-26]).
    """
    kind, _, customer = capacity.partition(":")
    facts = [
        one
        for one in platform.all("seat-instruction", "seat-instruction-withdrawn")
        if one.value == customer
    ]
    if kind != "seat" or not customer or not facts:
        return False
    latest = [one for one in facts if one.order == facts[-1].order]
    if any(one.fact == "seat-instruction-withdrawn" for one in latest):
        return False
    if purpose not in PURPOSES or category not in CATEGORIES or role is None:
        return (
            True  # the unknown term refuses for itself; whether it is contained cannot be said
        )
    return all(
        not has_odd_list(one) and scope_of(one).contains(purpose, str(category), role)
        for one in latest
    )


def orders(platform: State) -> list[Order]:
    """Give the orders in force; those of one id add up until it is lifted ([DEC-33])."""
    standing: dict[str, list[Fact]] = {}
    for fact in platform.all("order", "order-lifted"):
        if fact.fact == "order-lifted":
            standing.pop(fact.value, None)
        else:
            standing.setdefault(fact.value, []).append(fact)
    return [read_order(fact) for facts in standing.values() for fact in facts]


def read_order(fact: Fact) -> Order:
    """Read an order; one with an empty list or an unknown word bites everywhere."""
    if is_odd_order(fact):
        return Order(scope=Scope(), places=None, fact=fact)
    places = fact.detail.get("jurisdictions")
    return Order(
        scope=scope_of(fact), places=None if places is None else tuple(places), fact=fact
    )


def scope_of(fact: Fact) -> Scope:
    """Give the scope that a fact's lists write; a list left out is None."""
    lists = {key: tuple(fact.detail[key]) if key in fact.detail else None for key in LISTS}
    return Scope(**lists)
