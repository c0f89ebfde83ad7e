# SPDX-License-Identifier: Apache-2.0
"""Whether a public statement holds, fails, or cannot be told (specs/audit.md, part 4).

Every act that the log tells of is asked whether it contradicts the statement: by what its entry says, and where that does
not rule it out, by each row of what was used. Nothing that was not looked at ever counts as a no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from privity.audit.acts import Act, Register, acts_of, has_no_records, unbound_of
from privity.audit.certainty import NO, PERHAPS, YES, is_under, joined
from privity.audit.evidence import AuditedLog, Evidence, Gap, Rows, Said
from privity.audit.report import Report
from privity.audit.rows_held import LOOSE, PARTIES, WHOSE
from privity.audit.statement import StatementQuestion
from privity.audit.statement_members import People, people_of
from privity.audit.statement_report import Asked, Contradiction, Read, report_of
from privity.audit.statement_rows import READ, Row, parties_in, rows_asked_about
from privity.canonical.instants import LATEST, format_instant
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.entries.unknown import UnknownEntry
from privity.errors import VerificationError
from privity.members.facts import MemberId
from privity.vocabulary.terms import PURPOSES, ROLES

Key = tuple[str, int]
Step = Callable[[str, int], None]
"""Told of a stage, and of how many more were done in it."""

_OF_ROWS: Final = frozenset({"not-shown", "rows-gone", "not-bound"})
MOST_PERHAPS: Final = 1_000
"""How many rows that may be counter-examples are listed of each revision; all are counted."""


def answer_statement(
    evidence: Evidence, question: StatementQuestion, *, told: Step | None = None
) -> Report:
    """Ask whether what is said never to have been done was done.

    Args:
        evidence: What was shown.
        question: The statement.
        told: Is told how far it came.
    """
    asked = _asked(evidence, question)
    revisions = _revisions(asked)
    people = people_of(evidence, question, _members(evidence, question, revisions, told))
    search = _Search(people=people, audience=_audience(evidence), told=told)
    for key, some in revisions.items():
        search.look(evidence, key, some)
    gaps = [*_beyond(evidence.log, question), *_unread(evidence.log, question), *search.gaps]
    return report_of(
        evidence,
        question,
        asked=tuple(asked),
        reads=tuple(search.reads),
        contradictions=tuple(_each_once(search.found)),
        gaps=tuple(gaps),
    )


# What the entries say


def _asked(evidence: Evidence, question: StatementQuestion) -> list[Asked]:
    """Ask each act by what its entry says: when it was, what for, for whom."""
    register = Register(evidence)
    size = evidence.log.checkpoint.size
    found = []
    unbound = unbound_of(evidence)
    for act in acts_of(evidence.log):
        if act.kind not in question.acts:
            continue
        role = register.role(act.recipient, act.time, size)
        then = register.role(act.recipient, act.time, act.entry)
        parts = {
            "time": _in_time(question, act),
            "purpose": is_under(act.purpose, question.purposes, PURPOSES),
            "recipient": joined(
                is_under(role, question.roles, ROLES), is_under(then, question.roles, ROLES)
            ),
            "records": _has_records(act, unbound),
        }
        found.append(Asked(act=act, role=role, parts=parts))
    return found


def _in_time(question: StatementQuestion, act: Act) -> int:
    """Tell whether an act was in the period: a run that goes on in it was, one that has not ended may."""
    period = question.used
    if period.end is not None and act.time >= period.end:
        return NO
    if period.start is None or act.time >= period.start:
        return YES
    if act.until == LATEST:
        return PERHAPS
    return YES if act.until >= period.start and act.until > act.time else NO


def _has_records(act: Act, unbound: Collection[Key]) -> int:
    """Tell whether an act was of any records, and of those that its release has."""
    if has_no_records(act, unbound):
        return NO
    return PERHAPS if act.doubt or act.rows == 0 else YES


def _revisions(asked: Sequence[Asked]) -> dict[Key, list[Asked]]:
    """Give the revisions whose rows must be read, each with what was done with it."""
    found: dict[Key, list[Asked]] = defaultdict(list)
    for one in asked:
        if one.sure > NO:
            found[one.act.release, one.act.revision].append(one)
    return dict(found)


def _audience(evidence: Evidence) -> bool:
    """Tell whether any version that is told of asks the readers of a group's messages."""
    given = evidence.given((), evidence.log.checkpoint.size)
    texts = [one.version for one in given.texts]
    return any(one.group_audience for one in (*given.versions, *texts))


def _beyond(log: AuditedLog, question: StatementQuestion) -> Iterator[Gap]:
    """Say where the statement speaks of a time that the log does not ([AUD-106])."""
    if not log.public:
        yield Gap(kind="not-logged", what="The log has no entries.")
        return
    first, last, used = log.public[0], log.public[-1], question.used
    start, end = used.start, used.end
    if start is not None and start < first.time:
        yield _outside(f"from {format_instant(start)} on", "begins", first)
    elif end is not None and end <= first.time:
        yield _outside(f"before {format_instant(end)}", "begins", first)
    if end is not None and end > last.time + 1:
        yield _outside(f"until {format_instant(end)}", "ends", last)
    elif start is not None and start > last.time:
        yield _outside(f"from {format_instant(start)} on", "ends", last)


def _outside(when: str, how: str, said: Said) -> Gap:
    return Gap(
        kind="not-logged",
        what=f"The statement speaks of what was done {when}, and the log {how} at {format_instant(said.time)}.",
        entries=(said.entry,),
    )


def _unread(log: AuditedLog, question: StatementQuestion) -> Iterator[Gap]:
    """Say which entries may tell of acts that nobody here can read ([AUD-107])."""
    end = question.used.end
    entries = tuple(
        one.entry
        for one in log.public
        if isinstance(one.says, UnknownEntry) and (end is None or one.time < end)
    )
    if entries:
        yield Gap(
            kind="unread",
            what="Entries of kinds that this version of the program cannot read may tell of uses.",
            entries=entries,
        )


# What the rows say


def _members(
    evidence: Evidence,
    question: StatementQuestion,
    revisions: Mapping[Key, Sequence[Asked]],
    told: Step | None,
) -> frozenset[MemberId]:
    """Give whose rows they are that must be looked at, where that matters."""
    found: set[MemberId] = set()
    if not question.about_members:
        return frozenset()
    reads = {
        (release, read_instead(evidence, release, revision)) for release, revision in revisions
    }
    for release, read in sorted(one for one in reads if one[1] is not None):
        try:
            for rows in evidence.rows(release, read or 0, READ):
                found.update(parties_in(question, rows.table))
                if told is not None:
                    told("members", rows.table.num_rows)
        except VerificationError:
            continue  # it is said where the rows are asked
    return frozenset(found)


@dataclass(kw_only=True)
class _Search:
    """What was found in rows so far."""

    people: People
    audience: bool
    told: Step | None
    reads: list[Read] = field(default_factory=list)
    found: list[Contradiction] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def look(self, evidence: Evidence, key: Key, asked: Sequence[Asked]) -> None:
        """Ask every row of a revision whether it is a counter-example in what was done with it."""
        release, revision = key
        read = read_instead(evidence, release, revision)
        doubts = [one for one in asked if one.act.doubt]
        if doubts:
            self._lose(evidence, key, doubts, doubts[0].act.doubt, "not-bound")
        if read is None:
            self._lose(evidence, key, asked, "they are not here", "not-shown")
            return
        count, listed = 0, 0
        acts = [(one.act, one.sure) for one in asked]
        try:
            for rows in evidence.rows(release, read, READ):
                self._note(rows)
                count += rows.table.num_rows
                for row in rows_asked_about(rows, acts, self.people, audience=self.audience):
                    for one, certainty in zip(asked, row.certainty, strict=True):
                        one.count(certainty)
                    is_certain = max(row.certainty) == YES
                    listed += not is_certain
                    if is_certain or listed <= MOST_PERHAPS:
                        self.found.append(_contradiction(rows, row, asked))
        except VerificationError as error:
            why = f"they are not what its entry says ({error.code})"
            self._lose(evidence, key, asked, why, "not-bound")
            return
        self._miss(evidence, key, asked, read=read, count=count)

    def _miss(
        self,
        evidence: Evidence,
        key: Key,
        asked: Sequence[Asked],
        *,
        read: int,
        count: int,
    ) -> None:
        """Note what of a revision was not among the rows that were asked."""
        _, revision = key
        if read != revision:
            why = f"those that were taken back until revision {read} were deleted"
            self._lose(evidence, key, asked, why, "rows-gone", seen=count)
        elif count < (asked[0].act.rows or 0):
            self._lose(evidence, key, asked, f"{count:,} are here", "not-shown", seen=count)
        elif self._is_unbound(evidence, key):
            why = "not all that is here of them is held to its entry"
            self._lose(evidence, key, asked, why, "not-bound")

    def _is_unbound(self, evidence: Evidence, key: Key) -> bool:
        """Tell whether nothing holds something of a revision to its entry on which the answer rests ([AUD-107])."""
        # Of capacity and quotes nothing is asked; whose a row is matters where members do.
        passed = (LOOSE,) if self.people.question.about_members else (LOOSE, WHOSE, PARTIES)
        made = _made_by(evidence.log, key)
        return any(
            gap.kind == "not-bound"
            and made & {*gap.entries}
            and not gap.what.startswith(passed)
            for gap in evidence.gaps
        )

    def _note(self, rows: Rows) -> None:
        """Note a file that is asked, once for each revision."""
        one = Read(
            release=rows.release,
            revision=rows.revision,
            file=rows.file,
            sha256=rows.sha256,
            rows=rows.table.num_rows,
        )
        if one not in self.reads:
            self.reads.append(one)
        if self.told is not None:
            self.told("records", rows.table.num_rows)

    def _lose(
        self,
        evidence: Evidence,
        key: Key,
        asked: Sequence[Asked],
        why: str,
        kind: str,
        *,
        seen: int = 0,
    ) -> None:
        """Note a revision of which not all rows could be asked, and say so where the evidence does not."""
        for one in asked:
            one.lost = why
        entries = {one.act.entry for one in asked} | _made_by(evidence.log, key)
        if not any(gap.kind in _OF_ROWS and entries & {*gap.entries} for gap in evidence.gaps):
            self.gaps.append(
                Gap(
                    kind=kind,
                    what=f"Not all rows of revision {key[1]} of release {key[0]} were asked: {why}.",
                    entries=tuple(sorted(entries)),
                    records=None
                    if (rows := asked[0].act.rows) is None
                    else max(rows - seen, 0),
                )
            )


def read_instead(evidence: Evidence, release: str, revision: int) -> int | None:
    """Give the revision whose rows are read for one: itself, or the next of which there are any.

    What a later revision has, the earlier ones had: a release only ever becomes less.
    """
    return min((one for one in evidence.revisions(release) if one >= revision), default=None)


def _made_by(log: AuditedLog, key: Key) -> set[int]:
    """Give the entries that made a revision."""
    return {
        one.entry
        for one in log.public
        if isinstance(one.says, CreatedRelease | RevisedRelease)
        and (one.says.release, one.says.revision) == key
    }


def _each_once(found: Sequence[Contradiction]) -> Iterator[Contradiction]:
    """Put together what was found of one row: it is read for a revision whose own rows are gone, and for its own."""
    rows: dict[tuple[str, int, str, int, bool], list[Contradiction]] = defaultdict(list)
    for one in found:
        rows[one.release, one.revision, one.file, one.row.number, one.certain].append(one)
    for first, *others in rows.values():
        if not others:
            yield first
            continue
        every = (first, *others)
        parties = {
            (party.member, party.side): party for one in every for party in one.row.parties
        }
        yield replace(
            first,
            row=replace(first.row, parties=tuple(parties.values())),
            entries=tuple(sorted({entry for one in every for entry in one.entries})),
        )


def _contradiction(rows: Rows, row: Row, asked: Sequence[Asked]) -> Contradiction:
    best = max(row.certainty)
    return Contradiction(
        release=rows.release,
        revision=rows.revision,
        file=rows.file,
        row=row,
        certain=best == YES,
        entries=tuple(
            one.act.entry
            for one, certainty in zip(asked, row.certainty, strict=True)
            if certainty == best
        ),
    )
