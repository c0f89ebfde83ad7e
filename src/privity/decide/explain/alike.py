# SPDX-License-Identifier: Apache-2.0
"""Categories that no rule of a party tells apart: of all of them she is asked once.

A rule sees a category by the terms that it lists, and by nothing else of it. What is not a party's, obligations among
it, is found for each category by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from privity.canonical.instants import Instant
from privity.decide.platform import orders
from privity.decide.request import World
from privity.policy.model import Version
from privity.vocabulary.terms import CATEGORIES


def alike(categories: Iterable[str], world: World, at: Instant) -> list[tuple[str, ...]]:
    """Group categories of which a party refuses the same, by what is believed at the time of use.

    Args:
        categories: Which.
        world: What is believed.
        at: The time of use.
    """
    lists = [one for reading in world.readings for one in _lists(reading, at)]
    found: dict[tuple[bool, ...], list[str]] = {}
    for category in categories:
        found.setdefault(_seen(category, lists), []).append(category)
    return [tuple(one) for one in found.values()]


def _seen(category: str, lists: Sequence[Sequence[str]]) -> tuple[bool, ...]:
    """Give all that rules see of a category."""
    seen = [category in CATEGORIES]
    for terms in lists:
        seen += [
            CATEGORIES.any_overlaps(terms, category),
            CATEGORIES.any_contains(terms, category),
        ]
    return tuple(seen)


def _lists(reading: World, at: Instant) -> Iterator[tuple[str, ...]]:
    """Give every list of categories that something has by which is decided."""
    policy = reading.policy
    for version in (*policy.versions, *(text.version for text in policy.texts)):
        yield from _lists_of(version)
    for order in orders(reading.platform.at(at)):
        yield order.scope.categories or ()


def _lists_of(version: Version) -> Iterator[tuple[str, ...]]:
    for setting in version.settings.values():
        yield setting.explicit_only
        yield setting.scope.categories or ()
    for rule in version.forbid:
        yield rule.scope.categories or ()
    for agreement in version.agreements.values():
        for promise in agreement.promises:
            yield promise.scope.categories or ()
