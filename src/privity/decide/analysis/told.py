# SPDX-License-Identifier: Apache-2.0
"""A diff as members read it: what opens and what closes, for whom, and who is told first (docs/web.md).

The same changes as `privity.decide.analysis.show` prints for operators, in the vocabulary's labels and in the sentences that
members are refused with. Nothing is left out but the examples.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from privity.decide.analysis.changes import Burden, Change, Diff, Uses
from privity.decide.analysis.words import made, needs, places, who, widest
from privity.vocabulary.reasons import REASONS_BY_ID
from privity.vocabulary.sentences import listed, say
from privity.vocabulary.terms import CATEGORIES, OBLIGATION_LABELS, PURPOSES, ROLES, Tree

_BY_PLACE: Final = frozenset({"ground", "setting"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldUses:
    """Uses in words: what of, what for and by whom."""

    what: str
    purposes: str
    recipients: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldChange:
    """A change in words.

    Attributes:
        uses: What for, what, and by whom.
        who: Whose content.
        where: Where they are, or None where it does not matter.
        made: When it was written, or None: whenever.
        refused_with: The sentences by which members are refused: so far, of what opens; from now on, of what closes.
        first: Of what opens, which notices must have reached them first.
    """

    uses: tuple[ToldUses, ...]
    who: str
    where: str | None
    made: str | None
    refused_with: tuple[str, ...]
    first: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldBurden:
    """Obligations of whoever gets something that change."""

    uses: tuple[ToldUses, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A diff in words."""

    opens: tuple[ToldChange, ...]
    closes: tuple[ToldChange, ...]
    burdens: tuple[ToldBurden, ...]


def tell(diff: Diff) -> Told:
    """Say a diff in words that members read."""
    return Told(
        opens=tuple(_change(one, diff) for one in diff.opens),
        closes=tuple(_change(one, diff) for one in diff.closes),
        burdens=tuple(_burden(one) for one in diff.burdens),
    )


def _change(change: Change, diff: Diff) -> ToldChange:
    return ToldChange(
        uses=_uses(change.uses),
        who=who(change, diff.ages, diff.at),
        where=places(change, diff.at) if change.kind in _BY_PLACE else None,
        made=made(change),
        refused_with=tuple(REASONS_BY_ID[one].member for one in change.reasons),
        first=tuple(needs(change)),
    )


def _burden(burden: Burden) -> ToldBurden:
    return ToldBurden(
        uses=_uses(burden.uses),
        added=tuple(OBLIGATION_LABELS[one] for one in burden.added),
        dropped=tuple(OBLIGATION_LABELS[one] for one in burden.dropped),
    )


def _uses(uses: Iterable[Uses]) -> tuple[ToldUses, ...]:
    return tuple(
        ToldUses(
            what=_labels(CATEGORIES, one.categories),
            purposes=_labels(PURPOSES, one.purposes),
            recipients=_labels(ROLES, one.recipients),
        )
        for one in uses
    )


def _labels(tree: Tree, terms: Iterable[str]) -> str:
    """Name terms; of one without all its kinds, only what is filed as nothing more exact."""
    return listed(
        [
            tree.label(term)
            if whole
            else say("{kind}, where no kind is said", kind=tree.label(term))
            for term, whole in widest(tree, terms)
        ]
    )
