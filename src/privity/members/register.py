# SPDX-License-Identifier: Apache-2.0
"""What is odd about the platform's own facts: its register, orders and seat instructions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from privity.canonical.instants import Instant, format_instant
from privity.members.facts import LISTS, Fact
from privity.members.findings import Finding, Level, Sought, example
from privity.members.lists import has_odd_list, is_odd_order

ORDER: Final = Sought(
    level=Level.WARNING,
    code="order-defect",
    message="order with an empty list or a word that nobody knows; it stops every use everywhere",
)
INSTRUCTION: Final = Sought(
    level=Level.WARNING,
    code="instruction-defect",
    message=(
        "seat instruction with a list that is left out or empty, or a word that nobody knows; it "
        "instructs nothing"
    ),
)
TWO_ROLES: Final = Sought(
    level=Level.WARNING,
    code="two-roles",
    message="recipient with two roles at one instant; it is not on the register",
)


def register_findings(platform: Iterable[Fact]) -> list[Finding]:
    """Find orders and instructions with defects, and recipients with two roles at one instant."""
    facts = list(platform)
    orders = [one for one in facts if one.fact == "order" and is_odd_order(one)]
    instructions = [
        one for one in facts if one.fact == "seat-instruction" and _is_odd_instruction(one)
    ]
    roles: dict[tuple[str, Instant], set[str]] = defaultdict(set)
    for one in facts:
        if one.fact == "recipient":
            roles[one.value, one.at].add(str(one.detail["role"]))
    double = [
        f"recipient `{recipient}`, at {format_instant(at)}: "
        + " and ".join(f"`{role}`" for role in sorted(found))
        for (recipient, at), found in sorted(roles.items())
        if len(found) > 1
    ]
    return [
        *ORDER.found(len(orders), map(example, orders)),
        *INSTRUCTION.found(len(instructions), map(example, instructions)),
        *TWO_ROLES.found(len(double), double),
    ]


def _is_odd_instruction(fact: Fact) -> bool:
    return has_odd_list(fact) or any(key not in fact.detail for key in LISTS)
