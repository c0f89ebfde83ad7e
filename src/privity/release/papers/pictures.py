# SPDX-License-Identifier: Apache-2.0
"""What each plot of a card shows, and how it is told to who cannot see it ([REL-45])."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from privity.release.papers.blocks import HIDDEN, Plot
from privity.release.papers.figures import Figures, ReasonLine
from privity.release.papers.plots import Bar, Grid, draw_bars, draw_grid, draw_shares

_LONGEST: Final = 32
"""The letters of a text's longest bar."""


def most_first(figures: Figures) -> list[ReasonLine]:
    """Give the reasons, those that most records have first, and those whose number is hidden last."""
    return sorted(
        figures.reasons, key=lambda one: (one.records is None, -(one.records or 0), one.reason)
    )


def permitted(figures: Figures) -> Iterator[Plot]:
    """Show which share of each category was permitted."""
    bars = [
        Bar(name=one.category, value=one.permitted, whole=one.records)
        for one in figures.categories
    ]
    if not bars:
        return
    told = [
        f"{one.name}: {HIDDEN}"
        if one.value is None or one.whole is None
        else f"{one.name}: {one.value:,} of {one.whole:,}"
        for one in bars
    ]
    yield Plot(
        id="plot-permitted",
        title="Permitted, by category",
        told=f"A bar for each category, filled as far as its records were permitted. {'; '.join(told)}.",
        svg=draw_shares("plot-permitted", bars),
        text="",
    )


def reasons(figures: Figures) -> Iterator[Plot]:
    """Show how many records were refused for each reason."""
    bars = [Bar(name=one.reason, value=one.records) for one in most_first(figures)]
    if not bars:
        return
    most = "; ".join(
        f"{one.name}: {HIDDEN if one.value is None else format(one.value, ',')}" for one in bars
    )
    yield Plot(
        id="plot-reasons",
        title="Refused records, by reason",
        told=f"A bar for each reason, as long as the records that have it, longest first. {most}.",
        svg=draw_bars("plot-reasons", bars),
        text=_letters(bars),
    )


def reasons_by_category(figures: Figures) -> Iterator[Plot]:
    """Show of each category which share has which reason."""
    whole = {one.category: one.records for one in figures.categories}
    shares: dict[tuple[str, str], float | None] = {}
    for line in figures.reasons:
        for category, count in line.by_category.items():
            of = whole[category]
            shares[line.reason, category] = (
                None if count is None or of is None else count / of if of else 0.0
            )
    grid = Grid(
        rows=tuple(one.reason for one in most_first(figures)),
        columns=tuple(whole),
        shares=shares,
    )
    if grid.rows:
        yield Plot(
            id="plot-categories",
            title="Of each category, the share of records with a reason",
            told=_told(grid, "each category"),
            svg=draw_grid("plot-categories", grid),
            text="",
        )


def places(figures: Figures) -> Iterator[Plot]:
    """Show of each reason which share came from where."""
    shares: dict[tuple[str, str], float | None] = {}
    for line in figures.places:
        shown = sum(count for count in line.by_place.values() if count is not None)
        for place, count in line.by_place.items():
            shares[line.reason, place] = (
                None if count is None else count / shown if shown else 0.0
            )
    grid = Grid(
        rows=tuple(one.reason for one in figures.places),
        columns=figures.columns,
        shares=shares,
    )
    if grid.rows:
        yield Plot(
            id="plot-places",
            title="Of each reason, the share by jurisdiction, of what is shown",
            told=_told(grid, "each jurisdiction"),
            svg=draw_grid("plot-places", grid),
            text="",
        )


def _told(grid: Grid, columns: str) -> str:
    """Tell the highest cell of each row; the table beside the plot has them all."""
    told = []
    for row in grid.rows:
        cells = [
            (share, column)
            for (one, column), share in grid.shares.items()
            if one == row and share is not None
        ]
        if cells:
            share, column = max(cells, key=lambda cell: (cell[0], cell[1]))
            told.append(f"{row}: most for {column}, {100 * share:.0f} %")
    return (
        f"A row for each reason and a column for {columns}, the darker the higher the share; hatched is hidden. "
        f"{'; '.join(told)}."
    )


def _letters(bars: list[Bar]) -> str:
    """Draw bars in letters."""
    longest = max([bar.value for bar in bars if bar.value is not None], default=0) or 1
    name = max(len(bar.name) for bar in bars)
    lines = []
    for bar in bars:
        if bar.value is None:
            lines.append(f"{bar.name:<{name}}  {HIDDEN}")
            continue
        length = round(_LONGEST * bar.value / longest)
        lines.append(f"{bar.name:<{name}}  {'█' * length or '▏'} {bar.value:,}")
    return "\n".join(lines)
