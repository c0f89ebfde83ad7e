# SPDX-License-Identifier: Apache-2.0
"""The lists by which an order or a seat instruction says what it is about, and which of them nobody can go by."""

from __future__ import annotations

from typing import Final

from privity.members.facts import Fact
from privity.vocabulary.places import GROUPS, is_code
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

_TREES: Final = {"purposes": PURPOSES, "categories": CATEGORIES, "recipients": ROLES}


def has_odd_list(fact: Fact) -> bool:
    """Tell whether a list in a fact is empty or has a term that nobody knows."""
    return any(
        not fact.detail[key] or any(term not in tree for term in fact.detail[key])
        for key, tree in _TREES.items()
        if key in fact.detail
    )


def is_odd_order(fact: Fact) -> bool:
    """Tell whether an order has an empty list, or a word or a place that nobody knows."""
    places = fact.detail.get("jurisdictions")
    odd = places is not None and (
        not places or not all(one in GROUPS or is_code(one) for one in places)
    )
    return odd or has_odd_list(fact)
