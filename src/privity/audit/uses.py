# SPDX-License-Identifier: Apache-2.0
"""Which entries of a log are uses of records, and what each is asked for again (specs/audit.md, part 3).

What an entry claims to have heeded is believed only where the rules of its kind allow it; else everything before it counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from privity.audit.story import HandOver, Release, Run, Story, Taking
from privity.canonical.instants import EARLIEST, Instant

UseKind = Literal["clearing", "release", "revision", "hand-over", "run"]
"""The kinds of uses, as specs/audit.md lists them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """An entry by which records were used, and what they are asked for again.

    Attributes:
        kind: Which entry it is.
        entry: Its index.
        time: Its time.
        name: The name of the clearing, the release, the hand-over or the run.
        release: The release; None for a clearing.
        revision: Its revision.
        purpose: What for.
        recipient: Who gets the records, as the entry says.
        size: How many entries were known.
        at: The instant of use.
        entered: For a revision that says when it was decided: when that was entered. It is asked for this instant where a party said
            something between the two that it heeds.
    """

    kind: UseKind
    entry: int
    time: Instant
    name: str
    release: str | None
    revision: int
    purpose: str
    recipient: str
    size: int
    at: Instant
    entered: Instant | None = None


def uses_of(story: Story) -> tuple[Use, ...]:
    """Give every use of a release that a log tells of, in the order of entries ([AUD-60] to [AUD-63])."""
    found = [use for release in story.releases.values() for use in _uses(release, story.times)]
    return tuple(sorted(found, key=lambda one: (one.entry, one.release or "", one.revision)))


def clearing_use(story: Story, clearing: str) -> Use | None:
    """Give the use that a committed set is, or None where no entry committed it ([AUD-61])."""
    held = story.clearings.get(clearing)
    if held is None:
        return None
    entry, time, says = held
    return Use(
        kind="clearing",
        entry=entry,
        time=time,
        name=clearing,
        release=None,
        revision=1,
        purpose=says.purpose,
        recipient=says.recipient,
        size=entry,
        at=max(time, says.at),
    )


def _uses(release: Release, times: Sequence[tuple[int, Instant]]) -> Iterator[Use]:
    says = release.says
    # What it was decided by: its clearing, whatever either says that it heeded.
    size, at = release.entry, release.time
    if release.clearing is not None:
        size, cleared, clearing = release.clearing
        at = max(cleared, clearing.at)
    floor = at if release.clearing is not None else 0
    common: dict[str, Any] = {"release": says.release, "purpose": says.purpose}
    yield Use(
        kind="release",
        entry=release.entry,
        time=release.time,
        name=says.release,
        revision=says.revision,
        recipient=says.recipient,
        size=size,
        at=at,
        **common,
    )
    due = {one.says.revocation: one for one in release.takings}
    for number, (entry, time, revised) in sorted(release.revised.items()):
        size = min(max(size, revised.ledger_size), entry)
        taking = due.get(revised.revocation)
        # What is said to be due later was no reason for it.
        said = None if taking is None or taking.entry > entry else taking
        at, entered = _decided(said, time)
        # Who decides does so after the last entry that is heeded.
        heeded = bisect_left(times, (size, EARLIEST))
        last = times[heeded - 1][1] if heeded else floor
        yield Use(
            kind="revision",
            entry=entry,
            time=time,
            name=says.release,
            revision=number,
            recipient=says.recipient,
            size=size,
            at=max(at, floor, last),
            entered=None if entered is None else max(entered, floor, last),
            **common,
        )
    for one in release.hand_overs:
        if one.out:
            yield _now(
                one,
                kind="hand-over",
                name=one.says.disclosure,
                revision=one.says.revision,
                recipient=one.says.recipient,
                common=common,
            )
    for run in release.runs:
        for name, revision in run.says.releases:
            if name == says.release:
                yield _now(
                    run,
                    kind="run",
                    name=run.says.run,
                    revision=revision,
                    recipient=run.says.recipient,
                    common=common,
                )


def _decided(due: Taking | None, time: Instant) -> tuple[Instant, Instant | None]:
    """Give when a revision was decided, and when that was entered if somebody says an earlier instant ([AUD-62])."""
    if due is None:
        return time, None
    if due.says.at is None or due.says.at >= due.time:
        return due.time, None
    return due.says.at, due.time


def _now(
    made: HandOver | Run,
    *,
    kind: UseKind,
    name: str,
    revision: int,
    recipient: str,
    common: dict[str, Any],
) -> Use:
    """Give a use that is decided by everything before its own entry, for its own instant."""
    return Use(
        kind=kind,
        entry=made.entry,
        time=made.time,
        name=name,
        revision=revision,
        recipient=recipient,
        size=made.entry,
        at=made.time,
        **common,
    )
