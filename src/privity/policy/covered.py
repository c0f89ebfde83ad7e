# SPDX-License-Identifier: Apache-2.0
"""Which rules and obligations of a version others cover, by trying every request (specs/policy.md part 5).

A version is asked about finitely many kinds of request: a purpose, a category and a role, all terms of the
vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from itertools import product

from privity.policy.model import ObligationRule, Rule, Scope
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

Cell = tuple[str, str, str]
"""A purpose, a category and a role that may be asked for."""


@cache
def contained(scope: Scope) -> frozenset[Cell]:
    """Give the requests that a scope contains, as a setting's does."""
    return frozenset(cell for cell in all_cells() if scope.contains(*cell))


@cache
def bitten(scope: Scope) -> frozenset[Cell]:
    """Give the requests that a scope bites, as a rule's does."""
    return frozenset(cell for cell in all_cells() if scope.bites(*cell))


@cache
def all_cells() -> tuple[Cell, ...]:
    """Give every request."""
    return tuple(product(PURPOSES, CATEGORIES, ROLES))


def covered_together(rules: Sequence[Rule]) -> set[int]:
    """Give the rules that the rest cover though no single one does; all of them may go at once."""
    kept = [index for index, rule in enumerate(rules) if wider_than(rule, rules, index) is None]
    covered = set()
    for index in reversed(kept):
        others = [one for one in kept if one != index and one not in covered]
        rest = frozenset[Cell]().union(*(bitten(rules[one].scope) for one in others))
        if bitten(rules[index].scope) <= rest:
            covered.add(index)
    return covered


def wider_than(rule: Rule, rules: Sequence[Rule], index: int) -> Rule | None:
    """Find a rule that bites wherever this one does; of equal ones the first stays."""
    here = bitten(rule.scope)
    for position, other in enumerate(rules):
        there = bitten(other.scope)
        if here < there or (here == there and position < index):
            return other
    return None


def asked_together(rules: Sequence[ObligationRule], permitted: Collection[Cell]) -> set[int]:
    """Give the obligations that the rest ask for, wherever anything is permitted."""
    asked = [
        {
            (cell, name)
            for cell in bitten(rule.scope).intersection(permitted)
            for name in rule.do
        }
        for rule in rules
    ]
    kept = [
        index
        for index, rule in enumerate(rules)
        if asked[index] and not asked_already(rule, rules, index)
    ]
    covered = set()
    for index in reversed(kept):
        others = [asked[one] for one in kept if one != index and one not in covered]
        if asked[index] <= set().union(*others):
            covered.add(index)
    return covered


def asked_already(rule: ObligationRule, rules: Sequence[ObligationRule], index: int) -> bool:
    """Tell whether another obligation asks the same wherever this one does."""
    here = (bitten(rule.scope), frozenset(rule.do))
    for position, other in enumerate(rules):
        there = (bitten(other.scope), frozenset(other.do))
        covered = here[0] <= there[0] and here[1] <= there[1]
        if covered and (here != there or position < index):
            return True
    return False
