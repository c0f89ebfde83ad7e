# SPDX-License-Identifier: Apache-2.0
"""Every use of records decided again, as it was known then, and what is found by it (specs/audit.md, part 3).

(1) read from the log what was used when, and what it shows by itself, (2) draw records, where not all are wanted,
(3) decide each record that is here for each use of it, and (4) say what was found, and of what it cannot be said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from privity.audit.acts import Register
from privity.audit.again import Part, Portion, Refusal, decide_again
from privity.audit.evidence import Evidence, Gap
from privity.audit.findings import Findings, kinds_of
from privity.audit.known_then import Rules
from privity.audit.log_findings import add_back_dated, add_log_findings, add_mismatches
from privity.audit.replay_parts import parts_of, scope_of
from privity.audit.replay_report import Counts, UseCount, replay_report
from privity.audit.replay_untold import gaps_of, is_unsure
from privity.audit.report import Report
from privity.audit.sampling import bounds_of, drawn_of
from privity.audit.story import Story, story_of
from privity.audit.uses import Use
from privity.audit.wording import counted
from privity.canonical.instants import Instant, format_instant
from privity.errors import InputError, VerificationError
from privity.vocabulary.terms import quoted

OVERDUE: Final = 30
"""Days after which what is refused, and stays in a live release, is overdue."""
CONFIDENCE: Final = Fraction(95, 100)
_NOT_LOGGED: Final = Gap(
    kind="not-logged", what="uses of which no entry speaks: outside the gate, or in another log"
)
_HIDING: Final = frozenset({"private-facts", "erased"})

Told = Callable[[str, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayQuestion:
    """What is to be replayed.

    Attributes:
        releases: Which releases; None is all, and the workspace itself.
        sample: How many records to draw; None is all.
        seed: Which draw.
        at: The instant by which something is overdue; None is the end of the log.
        overdue: Days after which what is refused, and stays in a live release, is overdue.
    """

    releases: tuple[str, ...] | None = None
    sample: int | None = None
    seed: int = 0
    at: Instant | None = None
    overdue: int = OVERDUE


def answer_replay(
    evidence: Evidence, question: ReplayQuestion, *, told: Told | None = None
) -> Report:
    """Decide every use again, and say what is found.

    Args:
        evidence: What was shown.
        question: What is to be replayed.
        told: Is told of the stages `records` and `drawn`, with how many more.

    Raises:
        InputError: There is no such release (`audit/unknown-release`), or a number is none (`audit/sample`).
    """
    story = story_of(evidence.log)
    _check(question, story)
    return _Replay(evidence, question, story, told or (lambda _stage, _count: None)).answer()


def _check(question: ReplayQuestion, story: Story) -> None:
    for name in question.releases or ():
        if name not in story.releases:
            raise InputError(
                f"the log has no release {quoted(name)}",
                code="audit/unknown-release",
                hint="leave --release out to see which there are",
            )
    if question.sample is not None and question.sample < 1:
        raise InputError(
            f"a sample of {question.sample:,} records is none, expected 1 or more",
            code="audit/sample",
        )


class _Replay:
    """One replay on its way."""

    def __init__(
        self, evidence: Evidence, question: ReplayQuestion, story: Story, told: Told
    ) -> None:
        self._evidence = evidence
        self._question = question
        self._story = story
        self._told = told
        self._scope = scope_of(
            evidence,
            story,
            releases=question.releases,
            at=question.at,
            overdue=question.overdue,
        )
        self._found = Findings()
        self._counts = Counts(uses={one: UseCount() for one in self._scope.uses})
        self._overdue: defaultdict[Use, list[Refusal]] = defaultdict(list)
        self._seen: Counter[tuple[str, int]] = Counter()
        self._lost: list[Part] = []

    def answer(self) -> Report:
        """Give the report."""
        self._read_log()
        parts, missing = parts_of(self._scope)
        for use, rows in missing.items():
            self._counts.uses[use].missing = rows
        population = sum(one.rows for one in parts)
        drawn = None
        if self._question.sample is not None and self._question.sample < population:
            drawn = drawn_of(population, self._question.sample, self._question.seed)
            self._told("drawn", len(drawn))
        self._counts.population = population
        rules, size = Rules(self._evidence), self._evidence.log.checkpoint.size
        for portion in decide_again(
            self._evidence,
            rules,
            parts,
            drawn=drawn,
            hidden=any(one.kind in _HIDING for one in self._evidence.gaps),
            dated_back=any(one.back_dated for one in rules.given(size).versions),
            broken=self._broken,
        ):
            self._add(portion)
            self._told("records", portion.records)
        self._add_overdue()
        if drawn is not None:
            self._counts.bounds = bounds_of(
                population, len(drawn), len(self._counts.wrong), CONFIDENCE
            )
        self._compare_rows(parts, whole=drawn is None)
        gaps = tuple(gaps_of(self._scope, self._counts, parts, self._lost))
        return replay_report(
            self._evidence.log,
            asked=self._asked(),
            findings=self._found.all(),
            counts=self._counts,
            gaps=(*self._evidence.gaps, *gaps, _NOT_LOGGED),
            unsure=is_unsure(self._scope, self._counts, self._lost),
        )

    def _asked(self) -> dict[str, Any]:
        question = self._question
        return {
            "releases": None if question.releases is None else sorted(set(question.releases)),
            "sample": question.sample,
            "seed": None if question.sample is None else question.seed,
            "at": None if question.at is None else format_instant(question.at),
            "overdue_days": question.overdue,
        }

    def _read_log(self) -> None:
        """Find what the log shows, and what lies there (1)."""
        if self._scope.only is None:
            add_back_dated(self._found, self._evidence.log)
        add_log_findings(
            self._found,
            self._story,
            [one for one in self._scope.uses if one.release is not None],
            releases=self._scope.only,
            role=Register(self._evidence).role,
            end=self._scope.end,
        )
        add_mismatches(self._found, self._evidence.mismatches, self._scope.only)

    def _broken(self, part: Part, error: VerificationError) -> None:
        """Take up that rows are not what their entry commits to."""
        self._lost.append(part)
        if part.release not in self._story.releases:
            return  # of a set no entry has the bytes
        self._found.add(
            "bytes-without-entry",
            error.message,
            entry=self._scope.entered(part),
            release=part.release,
            revision=part.revision,
        )

    def _add(self, portion: Portion) -> None:
        counts = self._counts
        counts.records += portion.records
        counts.decisions += portion.decided
        for (release, revision), rows in portion.rows.items():
            self._seen[release, revision] += rows
        for _, asked in portion.untold:
            if asked.before is None:
                counts.uses[asked.use].untold += 1
        for refusal in portion.refused:
            if refusal.asked.before is None:
                self._add_refusal(refusal)
            else:
                self._overdue[refusal.asked.use].append(refusal)

    def _add_refusal(self, refusal: Refusal) -> None:
        row, use = refusal.row, refusal.asked.use
        kinds = (
            frozenset({"back-dated-policy"})
            if refusal.dated_back
            else kinds_of(refusal.reasons)
        )
        for kind in kinds:
            reasons = [
                one
                for one in refusal.reasons
                if refusal.dated_back or kinds_of([one]) == {kind}
            ]
            self._found.record(use, kind, row.record.record_id, reasons, refusal.parties)
        self._counts.uses[use].refused += 1
        self._counts.reasons.update(refusal.reasons)
        self._counts.wrong.add((row.part.release, row.part.revision, row.file, row.row))
        self._counts.items.append(_item(refusal, kinds))

    def _add_overdue(self) -> None:
        """Add what has been refused for long, where it is more than is said to be due."""
        for use, refusals in self._overdue.items():
            release = self._story.releases[use.release or ""]
            said = sum(
                one.says.records
                for one in release.takings
                if one.done is None and one.says.revision == use.revision
            )
            if len(refusals) <= said:
                continue
            self._found.overdue(
                use,
                [(one.row.record.record_id, one.reasons, one.parties) for one in refusals],
                f"{counted(len(refusals), 'record')} of it, refused for {self._question.overdue} days, stay in it, "
                f"and {said:,} are said to be due",
            )
            self._counts.items += [
                _item(one, frozenset({"revocation-overdue"})) for one in refusals
            ]

    def _compare_rows(self, parts: Sequence[Part], *, whole: bool) -> None:
        """Find revisions that have not as many rows as their entries say, and count what was decided."""
        known = {(one.release, one.revision) for one in self._evidence.mismatches}
        for part in parts:
            seen = self._seen[part.release, part.revision]
            for asked in part.asked:
                if asked.before is None:
                    count = self._counts.uses[asked.use]
                    count.decided = seen - count.untold
                    count.missing += max(0, part.rows - seen) if whole else 0
            # What was left out since it does not agree was found already.
            lost = part in self._lost or (part.release, part.revision) in known
            # Of a set no entry has the bytes: who opens it compares the rows with what was permitted.
            lost = lost or part.release not in self._story.releases
            if whole and not lost and seen != part.rows:
                self._found.add(
                    "entry-without-bytes" if seen < part.rows else "bytes-without-entry",
                    f"revision {part.revision} of release `{part.release}` has {counted(seen, 'row')} here, and "
                    f"{part.rows:,} by its entry",
                    entry=self._scope.entered(part),
                    release=part.release,
                    revision=part.revision,
                )


def _item(refusal: Refusal, kinds: frozenset[str]) -> dict[str, Any]:
    row, use = refusal.row, refusal.asked.use
    return {
        "entry": use.entry,
        "use": use.kind,
        "release": row.part.release,
        "revision": row.part.revision,
        "file": row.file,
        "row": row.row,
        "record": row.record.record_id,
        "kinds": sorted(kinds),
        "reasons": list(refusal.reasons),
        "overdue": refusal.asked.before is not None,
    }
