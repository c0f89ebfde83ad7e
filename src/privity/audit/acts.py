# SPDX-License-Identifier: Apache-2.0
"""What a log says was done with releases: they were made, handed over, and read by runs (specs/audit.md, part 4).

Of each act, whom and what it was for is read from the log as it was known then and as it is known now: what was entered
later may show more, and takes nothing away.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from privity.audit.evidence import AuditedLog, Evidence, Said
from privity.canonical.instants import LATEST, Instant
from privity.decide.platform import role_of
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.recipient import RecipientEntry
from privity.entries.release import Content, CreatedRelease, RevisedRelease
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
        doubt: Why what was used may be something else than that revision's rows, or nothing.
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
    doubt: str = ""


def acts_of(log: AuditedLog) -> tuple[Act, ...]:
    """Give every act that a log tells of, in order ([AUD-103]).

    A hand-over that is said to have failed is none, unless its recipient acknowledged it.
    """
    reading = _Reading(log)
    return tuple(act for said in log.public for act in reading.acts(said))


def unbound_of(evidence: Evidence) -> frozenset[tuple[str, int]]:
    """Give the revisions of which something that is here is not what their entries commit to."""
    entries = {
        entry for gap in evidence.gaps if gap.kind == "not-bound" for entry in gap.entries
    }
    return frozenset(
        (one.says.release, one.says.revision)
        for one in evidence.log.public
        if one.entry in entries and isinstance(one.says, CreatedRelease | RevisedRelease)
    )


def has_no_records(act: Act, unbound: Collection[tuple[str, int]]) -> bool:
    """Tell whether an act was of nothing: by its entry, and by what is here of it."""
    return act.rows == 0 and not act.doubt and (act.release, act.revision) not in unbound


class _Reading:
    """A log that a platform wrote as it liked, on its way to acts.

    What stands twice under one name is never taken for the one of it that speaks for the platform.
    """

    def __init__(self, log: AuditedLog) -> None:
        self._created: dict[str, CreatedRelease] = {}
        self._content: dict[tuple[str, int], Content] = {}
        self._failed: dict[str, int] = {}
        self._acknowledged: set[str] = set()
        self._ends: dict[str, list[tuple[int, Instant]]] = defaultdict(list)
        self._names: Counter[tuple[str, str]] = Counter()
        self._made: Counter[tuple[str, int]] = Counter()
        for said in log.public:
            match said.says:
                case CreatedRelease() | RevisedRelease() as says:
                    self._made[says.release, says.revision] += 1
                case HandedOver() as says:
                    self._names["handed-over", says.disclosure] += 1
                case RunStart() as says:
                    self._names["trained", says.run] += 1
                case FailedDisclosure() as says:
                    self._failed[says.disclosure] = said.entry
                case AcknowledgedDisclosure() as says:
                    self._acknowledged.add(says.disclosure)
                case RunEnd() as says:
                    self._ends[says.run].append((said.entry, said.time))
                case _:
                    pass

    def acts(self, said: Said) -> Iterator[Act]:
        """Give the acts that the next entry tells of."""
        match said.says:
            case CreatedRelease() as says:
                self._created.setdefault(says.release, says)
                self._content[says.release, says.revision] = says.content
                key = (says.release, says.revision)
                act = self._act("released", said, says.release, key, says.recipient)
                yield replace(act, purpose=says.purpose)
            case RevisedRelease() as says:
                self._content[says.release, says.revision] = says.content
                first = self._created.get(says.release)
                key = (says.release, says.revision)
                who = "" if first is None else first.recipient
                yield self._act("released", said, says.release, key, who)
            case HandedOver() as says if not self._has_failed(says.disclosure, said.entry):
                key = (says.release, says.revision)
                act = self._act("handed-over", said, says.disclosure, key, says.recipient)
                content = self._content.get(key)
                if content is not None and content.files_root != says.files_root:
                    act = replace(act, doubt="other files were handed over than its entry has")
                yield act
            case RunStart() as says:
                for key in says.releases:
                    yield self._act("trained", said, says.run, key, says.recipient)
            case _:
                pass

    def _act(
        self, kind: ActKind, said: Said, name: str, key: tuple[str, int], recipient: str
    ) -> Act:
        created, content = self._created.get(key[0]), self._content.get(key)
        twice = self._made[key] > 1
        return Act(
            kind=kind,
            entry=said.entry,
            time=said.time,
            until=self._until(name, said) if kind == "trained" else said.time,
            name=name,
            release=key[0],
            revision=key[1],
            recipient=recipient,
            purpose=None if created is None or twice else created.purpose,
            rows=None if content is None else content.rows,
            doubt="several entries made a revision of that name" if twice else "",
        )

    def _has_failed(self, disclosure: str, entry: int) -> bool:
        """Tell whether a hand-over is said to have failed, and no other has its name."""
        return (
            self._failed.get(disclosure, -1) > entry
            and disclosure not in self._acknowledged
            and self._names["handed-over", disclosure] == 1
        )

    def _until(self, run: str, said: Said) -> Instant:
        """Give when a run ended: by the first end after its start, if no other has its name."""
        if self._names["trained", run] > 1:
            return LATEST
        return next((time for entry, time in self._ends[run] if entry > said.entry), LATEST)


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
