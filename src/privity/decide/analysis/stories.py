# SPDX-License-Identifier: Apache-2.0
"""Stories of one setting: who was told when, who said what when, and when the record was made.

What a policy makes of a story hangs on nothing but the order of a few instants: of the record, the
deliveries and the yeses, and of the setting's landmarks. So one story for each order stands for all
(specs/analysis.md part 3). Which orders there can be is found here by arithmetic alone; what each comes to
is the rule's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal

from privity.canonical.instants import LATEST, Instant
from privity.decide.analysis.judge import Landmarks

Scope = Literal["future", "all"]
Said = Literal["nothing", "yes", "yes, for all", "no"]
Told = tuple[tuple[str, Instant], ...]
Yeses = tuple[tuple[Instant, Scope], ...]
Pair = tuple[Landmarks | None, Landmarks | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One order of the instants of a setting.

    Attributes:
        created_at: When the record was made.
        told: Each delivery: which notice, and when.
        yeses: Each yes: when, and whether it is for older content too; none is silence.
        birth_date: The member's, or None where it does not matter.
    """

    created_at: Instant
    told: Told
    yeses: Yeses = ()
    birth_date: str | None = None

    @property
    def said(self) -> Said:
        """What was said in the end."""
        if not self.yeses:
            return "nothing"
        return "yes, for all" if self.yeses[-1][1] == "all" else "yes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Birth:
    """A birth date, or None, and when each policy's minimum age of the setting is reached."""

    date: str | None
    of_age: tuple[Instant, Instant]


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """Within which instants stories are told.

    Attributes:
        early: Before every landmark, and before every record.
        first: The first instant of making to try.
        end: Instants of making lie before it.
        at: The instant of use; nothing of the member's is later.
        edges: Further instants of making that matter: country groups change there.
    """

    early: Instant
    first: Instant
    end: Instant
    at: Instant
    edges: Sequence[Instant]


def silences(pair: Pair, frame: Frame) -> Iterator[Story]:
    """Give a story for each order of record, deliveries and landmarks of silence."""
    told_since = [one.silence_told for one in pair if one is not None]
    windows = sorted({one.window for one in pair if one is not None})
    edges = {one.silence for one in pair if one is not None} | {
        since + window for since in told_since for window in (0, *windows)
    }
    seen = set()
    for created_at in moments(frame, edges):
        cuts = {
            *told_since,
            *(instant - window + 1 for instant in (created_at, frame.at) for window in windows),
        }
        counted = [_counted(one, silence=True) for one in pair]
        for told in _tellings(counted, _starts(frame, cuts)):
            key = (
                _epoch(frame, created_at),
                *(_silence_order(one, told, created_at, frame.at) for one in pair),
            )
            if key not in seen:
                seen.add(key)
                yield Story(created_at=created_at, told=told)


def yeses(pair: Pair, frame: Frame, births: Sequence[Birth]) -> Iterator[Story]:
    """Give a story for each order of record, deliveries, yeses and landmarks of a yes."""
    marks = {edge for one in pair if one is not None for edge in (one.yes, one.yes_told)}
    seen = set()
    for birth, created_at in product(births, moments(frame, marks)):
        cuts = {*marks, created_at + 1, *birth.of_age}
        informed = set()
        counted = [_counted(one, silence=False) for one in pair]
        for told in _tellings(counted, _starts(frame, cuts, beside=True)):
            since = tuple(
                _informed_since(one, told, of_age)
                for one, of_age in zip(pair, birth.of_age, strict=True)
            )
            if since in informed:
                continue
            informed.add(since)
            for said in _sayings(since, created_at, frame):
                last, scope = said[-1]
                by_then = max((yes for yes, _ in said if yes <= created_at), default=None)
                key = (
                    tuple(
                        one <= when for one in birth.of_age for when in (created_at, frame.at)
                    ),
                    scope,
                    *(last >= one for one in since),
                    *(None if by_then is None else by_then >= one for one in since),
                )
                if key not in seen:
                    seen.add(key)
                    yield Story(
                        created_at=created_at, told=told, yeses=said, birth_date=birth.date
                    )


def moments(frame: Frame, edges: Iterable[Instant]) -> tuple[Instant, ...]:
    """Give the first and the last instant of each stretch between edges, the latest first."""
    inner = sorted({edge for edge in (*edges, *frame.edges) if frame.first < edge < frame.end})
    starts = [frame.first, *inner]
    ends = [edge - 1 for edge in (*inner, frame.end)]
    return tuple(sorted({*starts, *ends}, reverse=True))


def first_told(notice: str | None, told: Told, since: Instant) -> Instant | None:
    """Give when a notice was first delivered from an instant on."""
    return min((at for name, at in told if name == notice and at >= since), default=None)


def _counted(one: Landmarks | None, *, silence: bool) -> tuple[str, Instant] | None:
    if one is None or one.notice is None:
        return None
    return one.notice, one.silence_told if silence else one.yes_told


def _starts(
    frame: Frame, cuts: Iterable[Instant], *, beside: bool = False
) -> tuple[Instant, ...]:
    """Give the first instant of each stretch between cuts; `beside` adds the second one."""
    inner = {cut for cut in cuts if frame.early < cut <= frame.at}
    found = {frame.early, *inner}
    if beside:
        found |= {cut + 1 for cut in found if cut + 1 <= frame.at}
    return tuple(sorted(found))


def _tellings(
    counted: Sequence[tuple[str, Instant] | None], instants: Sequence[Instant]
) -> Iterator[Told]:
    """Give every way to deliver the notices that differs to a policy, which looks at its first delivery.

    Args:
        counted: For each policy: its notice, and from when a delivery counts; None where none can.
        instants: When to deliver.
    """
    since: dict[str, list[Instant]] = {}
    for one in counted:
        if one is not None:
            since.setdefault(one[0], []).append(one[1])
    ways = []
    for name, begins in sorted(since.items()):
        # One delivery that only the earlier policy counts, and one that both do.
        edges = [*sorted(set(begins)), LATEST]
        for start, end in pairwise(edges):
            inside = [(name, instant) for instant in instants if start <= instant < end]
            ways.append([None, *inside])
    for way in product(*ways):
        yield tuple(one for one in way if one is not None)


def _silence_order(
    one: Landmarks | None, told: Told, created_at: Instant, at: Instant
) -> object:
    if one is None:
        return None
    first = first_told(one.notice, told, one.silence_told)
    if first is None:
        return "untold"
    start = max(one.silence, first + one.window)
    return (at >= start, created_at >= start)


def _informed_since(one: Landmarks | None, told: Told, of_age: Instant) -> Instant:
    if one is None:
        return LATEST
    first = first_told(one.notice, told, one.yes_told)
    return LATEST if first is None else max(one.yes, first, of_age)


def _sayings(since: Sequence[Instant], created_at: Instant, frame: Frame) -> Iterator[Yeses]:
    """Give the yeses that matter: the last, and the last one that is no later than the record."""
    instants = sorted({frame.early, *(one for one in since if frame.early < one <= frame.at)})
    for last in instants:
        yield ((last, "all"),)
        yield ((last, "future"),)
        if last > created_at:
            for earlier in instants:
                if earlier <= created_at:
                    yield ((earlier, "future"), (last, "future"))


def _epoch(frame: Frame, created_at: Instant) -> int:
    return sum(edge <= created_at for edge in frame.edges)
