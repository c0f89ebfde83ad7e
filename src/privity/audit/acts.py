# SPDX-License-Identifier: Apache-2.0
"""What a log says was done with releases: they were made, handed over, and read by runs (specs/audit.md, part 4).

Of each act, whom and what it was for is read from the log as it was known then and as it is known now: what was entered
later may show more, and takes nothing away.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from privity.audit.evidence import AuditedLog, Evidence, Said
from privity.canonical.instants import LATEST, Instant
from privity.decide.platform import role_of
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.recipient import RecipientEntry
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.entries.run import RunEnd, RunStart
from privity.members.timeline import Timeline, timelines

ActKind = Literal["released", "handed-over", "trained"]
ACTS: Final[tuple[ActKind, ...]] = get_args(ActKind)
"""What may have been done with a record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing that was done with one revision of a release.

    Attributes:
        kind: A word of `ACTS`.
        entry: The entry that says so.
        time: When it began.
        until: When it was over: later than `time` for a run alone; `LATEST` where it has not ended.
        name: The name of the release, the hand-over or the run.
        release: The release.
        revision: Its revision.
        recipient: Who got it, or was to.
        purpose: What it was for, or None where no entry has the release.
        rows: How many records the revision has, or None where no entry has it.
    """

    kind: ActKind
    entry: int
    time: Instant
    until: Instant
    name: str
    release: str
    revision: int
    recipient: str
    purpose: str | None
    rows: int | None


def acts_of(log: AuditedLog) -> tuple[Act, ...]:
    """Give every act that a log tells of, in order ([AUD-103]).

    A hand-over that is said to have failed is none, unless its recipient acknowledged it.
    """
    failed = {
        one.says.disclosure for one in log.public if isinstance(one.says, FailedDisclosure)
    } - {
        one.says.disclosure
        for one in log.public
        if isinstance(one.says, AcknowledgedDisclosure)
    }
    ended: dict[str, Instant] = {}
    for one in log.public:
        if isinstance(one.says, RunEnd):
            ended.setdefault(one.says.run, one.time)
    created: dict[str, CreatedRelease] = {}
    rows: dict[tuple[str, int], int] = {}
    found: list[Act] = []
    for said in log.public:
        match said.says:
            case CreatedRelease() as says:
                created.setdefault(says.release, says)
                rows[says.release, says.revision] = says.content.rows
            case RevisedRelease() as says:
                rows[says.release, says.revision] = says.content.rows
            case _:
                pass
        found += _acts(said, created, rows, failed, ended)
    return tuple(found)


def _acts(
    said: Said,
    created: Mapping[str, CreatedRelease],
    rows: Mapping[tuple[str, int], int],
    failed: set[str],
    ended: Mapping[str, Instant],
) -> Iterator[Act]:
    """Give the acts that one entry tells of."""
    kind: ActKind
    match said.says:
        case CreatedRelease() | RevisedRelease() as says:
            first = created.get(says.release)
            kind, name, recipient = "released", says.release, first.recipient if first else ""
            pairs: tuple[tuple[str, int], ...] = ((says.release, says.revision),)
        case HandedOver() as says if says.disclosure not in failed:
            kind, name, recipient = "handed-over", says.disclosure, says.recipient
            pairs = ((says.release, says.revision),)
        case RunStart() as says:
            kind, name, recipient, pairs = "trained", says.run, says.recipient, says.releases
        case _:
            return
    for release, revision in pairs:
        first = created.get(release)
        yield Act(
            kind=kind,
            entry=said.entry,
            time=said.time,
            until=ended.get(name, LATEST) if kind == "trained" else said.time,
            name=name,
            release=release,
            revision=revision,
            recipient=recipient,
            purpose=None if first is None else first.purpose,
            rows=rows.get((release, revision)),
        )


class Register:
    """Who had which role, as it was known with any number of entries.

    Args:
        evidence: Where it is known from.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._read: dict[int, Timeline] = {}
        # Between two of these nothing of the register can change.
        self._changes = [
            one.entry
            for one in evidence.log.public
            if isinstance(one.says, AttestedEntry | BaselineEntry | RecipientEntry)
        ]

    def role(self, recipient: str, at: Instant, size: int) -> str | None:
        """Give a recipient's role at an instant, by the first entries; None where it has none, or two."""
        heeded = bisect_left(self._changes, size)
        if heeded not in self._read:
            given = self._evidence.given((), self._changes[heeded - 1] + 1 if heeded else 0)
            believed = given.accepting(given.names)
            self._read[heeded] = timelines(believed.facts, LATEST).get(None, Timeline())
        return role_of(recipient, self._read[heeded].at(at))
