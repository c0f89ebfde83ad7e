# SPDX-License-Identifier: Apache-2.0
"""The time line of a report: who did what when, in lanes, as a drawing that page and print share.

Time goes to the right, evenly. Each lane has rows; an event takes the first row in which its label is free. What finds none
is drawn without its label, and the table below the drawing has all of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any, Final

from privity.audit.papers.blocks import Box, Dot, Drawing, Letters, Shape, Stroke
from privity.audit.report import Event
from privity.canonical.instants import Instant, format_instant
from privity.papers.page import shown

WIDTH: Final = 760.0
LANES: Final = (
    "policy",
    "notices",
    "orders",
    "claim",
    "records",
    "releases",
    "disclosures",
    "runs",
)
"""The lanes from above; others follow in the order of their names."""

_LEFT: Final = 86.0
_RIGHT: Final = 14.0
_TOP: Final = 30.0
_ROW: Final = 19.0
_PAD: Final = 7.0
_MOST_ROWS: Final = 5
_MOST_LETTERS: Final = 40
_LETTER: Final = 5.5
_DOT: Final = 4.0
_BAR: Final = 13.0
_GAP: Final = 7.0
_MOST_TICKS: Final = 9
_DAY: Final = 86_400
_STEPS: Final = (3_600, 6 * 3_600, _DAY, 7 * _DAY)
_MONTHS: Final = (1, 3, 6, 12, 24, 60, 120, 300, 600, 1200, 2400, 6000)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where an instant stands."""

    first: Instant
    last: Instant

    def x(self, at: Instant) -> float:
        return round(
            _LEFT + (at - self.first) / (self.last - self.first) * (WIDTH - _LEFT - _RIGHT), 2
        )


@dataclass(frozen=True, slots=True)
class _Placed:
    """An event with its row, and its label, if there is room for it."""

    event: Event
    row: int
    label: Letters | None


def draw_timeline(events: Sequence[Event]) -> Drawing | None:
    """Draw what happened when; None where nothing did."""
    if not events:
        return None
    scale = _scale_of(events)
    ordered = in_order(events)
    names = [*LANES, *sorted({one.lane for one in events} - {*LANES})]
    lanes = {
        name: _places([one for one in ordered if one.lane == name], scale) for name in names
    }
    shapes: list[Shape] = []
    y = _TOP
    for number, (name, placed) in enumerate(
        (name, found) for name, found in lanes.items() if found
    ):
        height = 2 * _PAD + _ROW * (1 + max(one.row for one in placed))
        if number % 2 == 0:
            shapes.append(Box(0, y, WIDTH, height, "band"))
        shapes.append(Letters(8, y + _PAD + 13, lane_words(name), "lane"))
        shapes += _lane(placed, y + _PAD, scale, name)
        y += height
    return Drawing(
        title="What happened when",
        told=_told(ordered, [name for name, found in lanes.items() if found]),
        width=WIDTH,
        height=y + 6,
        # Lines of the years lie above the bands and under everything else.
        shapes=(
            *(one for one in shapes if isinstance(one, Box) and one.kind == "band"),
            *_ticks(scale, y),
            *(one for one in shapes if not (isinstance(one, Box) and one.kind == "band")),
        ),
    )


def in_order(events: Sequence[Event]) -> list[Event]:
    """Give events by their time; at one time by their entries."""
    return sorted(events, key=_place)


def _place(event: Event) -> tuple[Any, ...]:
    """Give where an event stands among others; no two that differ share a place."""
    entry, until = event.entry, event.until
    numbers = (entry is None, entry or 0, event.label, event.lane, until is None, until or 0)
    return (event.at, *numbers)


def lane_words(lane: str) -> str:
    """Give what a lane is called to people."""
    return "asked about" if lane == "claim" else shown(lane)


def _scale_of(events: Sequence[Event]) -> _Scale:
    first = min(one.at for one in events)
    last = max(one.at if one.until is None else max(one.at, one.until) for one in events)
    # A little room on both sides, so that nothing stands on the edge.
    room = max((last - first) // 25, 3 * 3_600)
    return _Scale(first - room, last + room)


def _places(events: Sequence[Event], scale: _Scale) -> list[_Placed]:
    """Give each event of a lane its row."""
    ends: list[float] = []
    placed: list[_Placed] = []
    bare: list[Event] = []
    for event in events:
        begin = scale.x(event.at) - _DOT
        end = max(scale.x(event.at if event.until is None else event.until), begin + 2 * _DOT)
        left, right, label = _label(_short(shown(event.label)), begin, end)
        row = next((one for one, taken in enumerate(ends) if taken + _GAP <= left), len(ends))
        if row < _MOST_ROWS and left >= _LEFT - _GAP:
            ends[row : row + 1] = [right]
            placed.append(_Placed(event, row, label))
        else:
            bare.append(event)
    # Below the others, where no mark lies over somebody's label.
    return [*placed, *(_Placed(event, len(ends), None) for event in bare)]


def _label(text: str, begin: float, end: float) -> tuple[float, float, Letters]:
    """Give what a mark and its label take from left to right, and the label in the row at 0."""
    width = _width(text)
    if end - begin > width + 2 * _GAP:
        return begin, end, Letters(round(begin + _GAP + _DOT, 2), 0, text, "inside")
    if end + _GAP + width <= WIDTH - 2:
        return begin, end + _GAP + width, Letters(round(end + _GAP, 2), 0, text, "label")
    left = begin - _GAP - width
    return left, end, Letters(round(begin - _GAP, 2), 0, text, "label", "end")


def _lane(placed: Sequence[_Placed], top: float, scale: _Scale, lane: str) -> Iterator[Shape]:
    kind = lane if lane in LANES else "other"
    for one in placed:
        x, y = scale.x(one.event.at), top + one.row * _ROW + _ROW / 2
        if one.event.until is None:
            yield Dot(x, y, _DOT, kind)
        else:
            width = round(max(scale.x(one.event.until) - x, 2.0), 2)
            yield Box(x, y - _BAR / 2, width, _BAR, kind)
        if one.label is not None:
            yield replace(one.label, y=y + 3.5)


def _ticks(scale: _Scale, bottom: float) -> Iterator[Shape]:
    for at, label in _instants(scale):
        x = scale.x(at)
        yield Stroke(x, _TOP - 6, x, bottom, "grid")
        yield Letters(x, _TOP - 12, label, "tick", "middle")


def _instants(scale: _Scale) -> Iterator[tuple[Instant, str]]:
    """Give instants that people count by, few enough to be read."""
    span = scale.last - scale.first
    for step in _STEPS:
        if span / step <= _MOST_TICKS:
            for at in range(-(-scale.first // step) * step, scale.last, step):
                text = format_instant(at)
                yield at, text[:10] if step >= _DAY else f"{text[5:10]} {text[11:16]}"
            return
    months = next(one for one in _MONTHS if span / (one * 30.4 * _DAY) <= _MOST_TICKS)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first = epoch + timedelta(seconds=scale.first)
    month = first.year * 12 + first.month - 1
    month += -month % months
    while month // 12 <= MAXYEAR:
        start = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        at = (start - epoch) // timedelta(seconds=1)
        if at >= scale.last:
            return
        if at > scale.first:
            yield (
                at,
                f"{start.year:04}" if months % 12 == 0 else f"{start.year:04}-{start.month:02}",
            )
        month += months


def _told(events: Sequence[Event], lanes: Sequence[str]) -> str:
    first, last = format_instant(events[0].at), format_instant(events[-1].at)
    return (
        f"{len(events):,} {'event' if len(events) == 1 else 'events'} from {first} to {last}, in the lanes "
        f"{', '.join(map(lane_words, lanes))}. The table below has each of them."
    )


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"


def _width(text: str) -> float:
    """Guess how wide a label is: the letters that draw it are another program's."""
    return sum(
        _LETTER * (2 if unicodedata.east_asian_width(one) in "WF" else 1) for one in text
    )
