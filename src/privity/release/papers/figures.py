# SPDX-License-Identifier: Apache-2.0
"""The numbers of a card, with what stays hidden already taken out ([REL-41] to [REL-44]).

Whoever writes a page or draws a plot gets these and nothing else, so that no hidden number can come through. They are
the numbers of the making, in every revision: what two revisions differ in would be a count of the few who said no.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from privity.release.papers.hiding import CrossTable, hide_line, is_few
from privity.release.papers.strict import Count, count, counts, strictly, text
from privity.release.summary import Summary
from privity.vocabulary.terms import CATEGORIES, REASONS

ELSEWHERE: Final = "(elsewhere)"
MOST_PLACES: Final = 10
"""How many countries have a column of their own."""

_POOL: Final = "(pool)"


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryLine:
    """The records of a category.

    Attributes:
        category: The category.
        records: How many were decided.
        permitted: How many of them were permitted.
        refused: How many were refused.
    """

    category: str
    records: Count
    permitted: Count
    refused: Count


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonLine:
    """The records that were refused for a reason; a record has one reason or more.

    Attributes:
        reason: The reason.
        records: How many have it.
        by_category: How many of each category; a category without an entry has none.
    """

    reason: str
    records: Count
    by_category: Mapping[str, Count]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceLine:
    """Whose no it was, of a reason: by the jurisdiction of the party that gave it.

    Attributes:
        reason: The reason.
        by_place: How many records for each jurisdiction; one without an entry has none.
    """

    reason: str
    by_place: Mapping[str, Count]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """Records that are permitted, and told of all the same.

    Attributes:
        records: How many.
    """

    records: Count


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a card says in numbers.

    Attributes:
        records: How many records were decided.
        permitted: How many were permitted.
        refused: How many were refused.
        categories: By category, in the vocabulary's order.
        reasons: By reason, in the vocabulary's order; empty where there is too little to tell.
        places: By reason and jurisdiction, of the reasons of which that can be told.
        copies: Permitted records that have the text of a refused private one, if the policy has them reported.
    """

    records: Count
    permitted: Count
    refused: Count
    categories: tuple[CategoryLine, ...]
    reasons: tuple[ReasonLine, ...]
    places: tuple[PlaceLine, ...]
    copies: Reported | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The jurisdictions of the table by place: codes first, then what is no code, both by name."""
        found = {place for line in self.places for place in line.by_place}
        return tuple(
            sorted(found, key=lambda one: (one == ELSEWHERE, one.startswith("("), one))
        )

    def to_json(self) -> dict[str, Any]:
        """Give them as JSON: null is a hidden number."""
        return {
            "records": self.records,
            "permitted": self.permitted,
            "refused": self.refused,
            "categories": [
                {
                    "category": one.category,
                    "records": one.records,
                    "permitted": one.permitted,
                    "refused": one.refused,
                }
                for one in self.categories
            ],
            "reasons": [
                {"reason": one.reason, "records": one.records, "by_category": one.by_category}
                for one in self.reasons
            ],
            "places": [{"reason": one.reason, "by_place": one.by_place} for one in self.places],
            "copies": None if self.copies is None else {"records": self.copies.records},
        }

    @classmethod
    def parse(cls, found: object) -> Figures:
        """Read what `to_json` gives.

        Raises:
            VerificationError: It is none (`release/card`).
        """
        return strictly(_parsed, found)


def figures_of(summary: Summary) -> Figures:
    """Give what may be shown of a clearing's numbers."""
    refused = _shown(summary.refused)
    permitted = _shown(summary.permitted)
    by_category = {
        name: summary.by_category[name] for name in _in_order(summary.by_category, CATEGORIES)
    }
    no = {name: records - yes for name, (records, yes) in by_category.items()}
    hidden_yes = hide_line({name: yes for name, (_, yes) in by_category.items()})
    hidden_no = hide_line(no)
    lines = tuple(
        _category(name, yes, no[name], hidden_yes, hidden_no)
        for name, (_, yes) in by_category.items()
    )
    reasons = () if refused is None else _reasons(summary, no, hidden_no)
    return Figures(
        records=None if refused is None or permitted is None else summary.records,
        permitted=permitted,
        refused=refused,
        categories=lines,
        reasons=reasons,
        places=_places(summary, [one.reason for one in reasons if one.records is not None]),
        copies=None
        if summary.copies is None
        else Reported(records=_shown(summary.copies.reported)),
    )


def _category(
    name: str,
    yes: int,
    no: int,
    hidden_yes: frozenset[str] | None,
    hidden_no: frozenset[str] | None,
) -> CategoryLine:
    permitted = None if hidden_yes is None or name in hidden_yes else yes
    refused = None if hidden_no is None or name in hidden_no else no
    both = permitted is not None and refused is not None
    return CategoryLine(
        category=name,
        records=yes + no if both else None,
        permitted=permitted,
        refused=refused,
    )


def _reasons(
    summary: Summary, no: Mapping[str, int], hidden: frozenset[str] | None
) -> tuple[ReasonLine, ...]:
    """Give the table of reasons; categories whose refusals are hidden show no number of it."""
    pool = set(no) if hidden is None else hidden
    table: dict[str, dict[str, int]] = {}
    for name, some in summary.reasons_by_category.items():
        for reason, number in some.items():
            line = table.setdefault(reason, {})
            column = _POOL if name in pool else name
            line[column] = line.get(column, 0) + number
    records = {name: count for name, count in no.items() if count and name not in pool}
    if pool:
        records[_POOL] = sum(no[name] for name in pool)
    cut = CrossTable(counts=table, records=records, pooled=frozenset({_POOL})).cut()
    return tuple(
        ReasonLine(
            reason=reason,
            records=None if reason in cut.totals else sum(table[reason].values()),
            by_category={
                name: None
                if name in pool or (reason, name) in cut.cells
                else table[reason][name]
                for name in no
                if name in pool or table[reason].get(name)
            },
        )
        for reason in _in_order(table, REASONS)
    )


def _places(summary: Summary, reasons: Iterable[str]) -> tuple[PlaceLine, ...]:
    """Give the table by jurisdiction, of reasons whose total is shown.

    A record stands once for each jurisdiction of a party that gave the reason. Mostly that is one, so that a line is
    treated as if its numbers added up to the total that is shown elsewhere.
    """
    table: dict[str, Counter[str]] = {}
    everywhere = Counter[str]()
    for cell in summary.cells:
        table.setdefault(cell.reason, Counter())[cell.jurisdiction] += cell.records
        everywhere[cell.jurisdiction] += cell.records
    codes = [place for place in everywhere if not place.startswith("(")]
    named = set(everywhere).difference(codes)
    named.update(sorted(codes, key=lambda place: (-everywhere[place], place))[:MOST_PLACES])
    lines = []
    for reason in reasons:
        line = Counter[str]()
        for place, number in table.get(reason, Counter[str]()).items():
            line[place if place in named else ELSEWHERE] += number
        hidden = hide_line(line)
        if hidden is not None and line:
            lines.append(
                PlaceLine(
                    reason=reason,
                    by_place={
                        place: None if place in hidden else number
                        for place, number in sorted(line.items())
                    },
                )
            )
    return tuple(lines)


def _shown(count: int) -> Count:
    return None if is_few(count) else count


def _in_order(names: Iterable[str], order: Iterable[str]) -> list[str]:
    places = {name: place for place, name in enumerate(order)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))


def _parsed(found: Any) -> Figures:
    return Figures(
        records=count(found["records"]),
        permitted=count(found["permitted"]),
        refused=count(found["refused"]),
        categories=tuple(
            CategoryLine(
                category=text(one["category"]),
                records=count(one["records"]),
                permitted=count(one["permitted"]),
                refused=count(one["refused"]),
            )
            for one in found["categories"]
        ),
        reasons=tuple(
            ReasonLine(
                reason=text(one["reason"]),
                records=count(one["records"]),
                by_category=counts(one["by_category"]),
            )
            for one in found["reasons"]
        ),
        places=tuple(
            PlaceLine(reason=text(one["reason"]), by_place=counts(one["by_place"]))
            for one in found["places"]
        ),
        copies=None
        if found["copies"] is None
        else Reported(records=count(found["copies"]["records"])),
    )
