# SPDX-License-Identifier: Apache-2.0
"""Our words in the W3C Data Privacy Vocabulary, version 2.3 (specs/vocabulary.md part 5).

The mapping is data; decisions never look at it. A word that the DPV does not have maps to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from privity.vocabulary.places import GROUPS, is_code
from privity.vocabulary.terms import vocabulary


class Nearness(StrEnum):
    """How the DPV's term relates to ours, in the sense of SKOS mappings."""

    EXACT = "exact"
    CLOSE = "close"
    BROAD = "broad"
    NARROW = "narrow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A term of the DPV: `broad` says that theirs is the broader one."""

    iri: str
    match: Nearness


def match_of(table: str, term: str) -> Match | None:
    """Give the DPV's term for one of ours, or None where it has none.

    Args:
        table: `categories`, `purposes`, `roles`, `obligations` or `concepts`.
        term: A term of that table.

    Raises:
        KeyError: There is no such table or term.
    """
    entry = vocabulary()[table][term]
    found = entry if table == "concepts" else entry.get("dpv")
    return None if found is None else Match(iri=found["iri"], match=Nearness(found["match"]))


def place_iri(place: str) -> str | None:
    """Give the DPV's term for an ISO 3166-1 code, for EU or for EEA; None for any other place."""
    if place in GROUPS or is_code(place):
        iri: str = vocabulary()["dpv"]["places"] + place
        return iri
    return None
