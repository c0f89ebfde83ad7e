# SPDX-License-Identifier: Apache-2.0
"""Categories and roles that no rule of a party tells apart: of all of them she is asked once.

A rule sees a category, and the role of who asks, by the terms that it lists, and by nothing else of them. What is not a
party's, obligations among it, is found for each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from privity.canonical.instants import Instant
from privity.decide.platform import orders
from privity.decide.request import World
from privity.policy.model import Scope, Version
from privity.vocabulary.terms import CATEGORIES, ROLES, Tree

Roles = Sequence[str | None]
"""The role that a recipient has in each reading, or None where it has none."""
_Terms = tuple[str, ...]


def seen_by_rules(world: World, at: Instant) -> Callable[[str, Roles], Hashable]:
    """Make ready to say all that rules of a party see of a category and of who asks: where it is equal, she refuses the same.

    Args:
        world: What is believed.
        at: The time of use.
    """
    readings = [_Rules(reading, at) for reading in world.readings]

    def seen(category: str, roles: Roles) -> Hashable:
        return tuple(
            one.seen(category, role) for one, role in zip(readings, roles, strict=True)
        )

    return seen


class _Rules:
    """Every list by which one reading decides at a time of use, and what terms were found to be seen by them."""

    def __init__(self, reading: World, at: Instant) -> None:
        policy = reading.policy
        versions = (*policy.versions, *(text.version for text in policy.texts))
        scopes = [*_scopes(versions), *(one.scope for one in orders(reading.platform.at(at)))]
        pairs = list(dict.fromkeys((one.categories, one.recipients) for one in scopes))
        self._categories = [one for one, _ in pairs]
        self._roles = [one for _, one in pairs]
        settings = (one for version in versions for one in version.settings.values())
        self._explicit = list(dict.fromkeys(one.explicit_only for one in settings))
        self._found: dict[str, tuple[int, int, int]] = {}
        self._asked: dict[str, tuple[int, int]] = {}

    def seen(self, category: str, role: str | None) -> Hashable:
        """Give what is seen where content of a category goes to who has a role; nothing of who has none."""
        if not role or category not in CATEGORIES:
            return None
        if category not in self._found:
            self._found[category] = (
                *_bits(CATEGORIES, self._categories, category),
                _bits(CATEGORIES, self._explicit, category)[0],
            )
        if role not in self._asked:
            self._asked[role] = _bits(ROLES, self._roles, role)
        (bites, contains, explicit), (its_bites, its_contains) = (
            self._found[category],
            self._asked[role],
        )
        return bites & its_bites, contains & its_contains, explicit


def _bits(tree: Tree, lists: Iterable[_Terms | None], term: str) -> tuple[int, int]:
    """Give a bit for each list that overlaps a term, and one for each that contains it; one that is left out is of all terms."""
    overlaps = contains = 0
    for place, terms in enumerate(lists):
        overlaps |= (terms is None or tree.any_overlaps(terms, term)) << place
        contains |= (terms is not None and tree.any_contains(terms, term)) << place
    return overlaps, contains


def _scopes(versions: Iterable[Version]) -> Iterator[Scope]:
    for version in versions:
        for setting in version.settings.values():
            yield setting.scope
        for rule in version.forbid:
            yield rule.scope
        for agreement in version.agreements.values():
            for promise in agreement.promises:
                yield promise.scope
