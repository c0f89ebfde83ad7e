# SPDX-License-Identifier: Apache-2.0
"""Three answers to whether something is so, as numbers that can be compared (specs/audit.md, part 4).

*No* is less than *perhaps*, and that is less than *yes*: what must hold together is the least of its parts, and what may hold
in several ways is the greatest. So nothing that is not known ever counts as a no.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from privity.vocabulary.terms import Tree

NO: Final = 0
PERHAPS: Final = 1
YES: Final = 2


def is_under(term: str | None, asked: Iterable[str], tree: Tree) -> int:
    """Tell whether a term is one of those asked about, or under one; none of them stands for all.

    A wider term may be meant as one that it contains, and what nobody knows may be anything.
    """
    terms = tuple(asked)
    if not terms:
        return YES
    if term is None or term not in tree:
        return PERHAPS
    if tree.any_contains(terms, term):
        return YES
    return PERHAPS if tree.any_overlaps(terms, term) else NO


def joined(now: int, then: int) -> int:
    """Put together what is known now and what was known then: a later entry may show more, and takes nothing away."""
    return PERHAPS if now == NO and then == YES else now
