# SPDX-License-Identifier: Apache-2.0
"""A time line shows every event, in its lane, at its instant, and no label over another."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, strategies as st
from tests.property.made_reports import EVENTS

from privity.audit.papers.blocks import Box, Dot, Letters
from privity.audit.papers.timeline import WIDTH, draw_timeline, in_order
from privity.audit.report import Event


def test_nothing_happened() -> None:
    assert draw_timeline(()) is None


@given(st.lists(EVENTS, min_size=1, max_size=30))
def test_every_event_has_its_mark(events: list[Event]) -> None:
    """[AUD-146] A label may find no room; a mark always does."""
    drawing = draw_timeline(events)
    assert drawing is not None
    marks = [
        one
        for one in drawing.shapes
        if isinstance(one, Dot) or (isinstance(one, Box) and one.kind != "band")
    ]
    assert len(marks) == len(events)
    assert all(0 <= one.x <= WIDTH and 0 <= one.y <= drawing.height for one in marks)


@given(st.lists(EVENTS, min_size=1, max_size=30))
def test_the_order_in_which_events_are_given_does_not_matter(events: list[Event]) -> None:
    """[AUD-142] The same events, the same drawing."""
    once = dict.fromkeys(events)
    assert draw_timeline(list(once)) == draw_timeline(list(reversed(once)))
    assert in_order(list(once)) == in_order(list(reversed(once)))


def test_labels_of_a_row_do_not_meet() -> None:
    """[AUD-146] Events of one week, which no line has room for."""
    day = 86_400
    events = [Event(lane="releases", label=f"release {one}", at=one * day) for one in range(12)]
    drawing = draw_timeline(events)
    assert drawing is not None
    rows: dict[float, list[tuple[float, float]]] = {}
    for one in drawing.shapes:
        if isinstance(one, Letters) and one.kind == "label":
            width = 5.5 * len(one.text)
            left = one.x - width if one.anchor == "end" else one.x
            rows.setdefault(one.y, []).append((left, left + width))
    for spans in rows.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert sum(map(len, rows.values())) >= 5
