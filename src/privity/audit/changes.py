# SPDX-License-Identifier: Apache-2.0
"""The same evidence, had something been otherwise (specs/audit.md, part 5).

Other rules, a notice that came at another time, a longer list of places: each is evidence again, so that whatever is asked of
the real one can be asked of it. The log, the rows and everything else stay as they are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from privity.audit.evidence import COLUMNS, AuditedLog, Evidence, Gap, Mismatch, Rows, Told
from privity.canonical.instants import EARLIEST, Instant, format_instant
from privity.entries.claims import ClaimedVersion, Given
from privity.errors import InputError
from privity.members.facts import Fact, MemberId
from privity.policy.model import Notice, Setting, Version
from privity.vocabulary.terms import quoted, unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What is asked to have been otherwise.

    Attributes:
        versions: The versions in place of those of the log; none leaves these.
        notices: Notices, each with the instant at which it would have reached everybody.
        exempt: Places in which no setting may be used, besides those that it names.
        at: The instant of every use in place of its own, or None.
    """

    versions: tuple[Version, ...] = ()
    notices: tuple[tuple[str, Instant], ...] = ()
    exempt: tuple[str, ...] = ()
    at: Instant | None = None

    def __post_init__(self) -> None:
        names = [name for name, _ in self.notices]
        twice = next((one for one in names if names.count(one) > 1), None)
        if twice is not None:
            raise InputError(
                f"notice {quoted(twice)} is to come at two instants, expected one",
                code="audit/whatif",
            )
        if not (self.versions or self.notices or self.exempt or self.at is not None):
            raise InputError(
                "nothing is to be otherwise, expected other policies, a notice, places or an instant",
                code="audit/whatif",
                hint="give --policy, --notice, --exempt or --at",
            )

    def to_plain(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "policies": [one.version for one in self.versions],
            "notices": {name: format_instant(at) for name, at in self.notices},
            "exempt": list(self.exempt),
            "at": None if self.at is None else format_instant(self.at),
        }


class ChangedEvidence:
    """Evidence, had something been otherwise.

    Args:
        evidence: What was shown.
        changes: What is otherwise.

    Raises:
        InputError: No version has a notice that is to come at another time (`audit/unknown-notice`).
    """

    def __init__(self, evidence: Evidence, changes: Changes) -> None:
        self._evidence = evidence
        self._changes = changes
        self._came = dict(changes.notices)
        self._times = [(one.entry, one.time) for one in evidence.log.public]
        given = evidence.given((), evidence.log.checkpoint.size)
        held = [*given.versions, *(one.version for one in given.texts)]
        self._naming = _naming(changes, changes.versions or held)

    @property
    def log(self) -> AuditedLog:
        """The log, as it is."""
        return self._evidence.log

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not shown, or could not be believed."""
        return self._evidence.gaps

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Where what lies there and what entries commit to are not the same."""
        return self._evidence.mismatches

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the first entries tell of members, and the notices that would have reached them."""
        joined: set[MemberId] = set()
        for one in self._evidence.told(members, size):
            if not self._came_otherwise(one.fact):
                yield one
            member = one.fact.member
            if self._came and one.fact.fact == "joined" and member not in joined:
                assert member is not None  # noqa: S101 - of the platform nothing is told
                joined.add(member)
                yield from self._reached(one, member, size)

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give what decisions would have rested on after the first entries."""
        given = self._evidence.given(members, size)
        told = self.told(members, size) if self._came else ()
        facts = [one for one in given.facts if not self._came_otherwise(one)]
        facts += [one.fact for one in told if isinstance(one, _Added)]
        claims = [one for one in given.claims if not self._came_otherwise(one.fact)]
        if self._changes.versions:
            now = self._time(size)
            kept = [one for one in self._changes.versions if one.published_at <= now]
            given = replace(given, versions=tuple(kept), texts=())
        return replace(
            given,
            facts=tuple(facts),
            claims=tuple(claims),
            versions=tuple(map(self._changed, given.versions)),
            texts=tuple(map(self._claimed, given.texts)),
        )

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the revisions of a release of which rows are here."""
        return self._evidence.revisions(release)

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a revision, file by file."""
        return self._evidence.rows(release, revision, columns)

    def _came_otherwise(self, fact: Fact) -> bool:
        """Tell whether this is the delivery of a notice that is to have come at another time."""
        return fact.fact == "notice" and fact.value in self._came

    def _reached(self, joined: Told, member: MemberId, size: int) -> Iterator[Told]:
        """Give the notices that would have reached a member: when they came, or when it joined after that."""
        for notice, came in self._came.items():
            at = max(came, joined.fact.at)
            entry = max(joined.entry, self._entry_before(at))
            if entry < size:
                fact = Fact(member=member, fact="notice", value=notice, at=at, recorded_at=at)
                yield _Added(entry=entry, fact=fact, entered=at)

    def _entry_before(self, at: Instant) -> int:
        """Give the last public entry before an instant: whatever is entered then is known after it."""
        place = bisect_left(self._times, at, key=lambda one: one[1])
        return self._times[place - 1][0] if place else 0

    def _time(self, size: int) -> Instant:
        """Give when the first entries were there: the time of the next public one, or of the last."""
        place = bisect_left(self._times, size, key=lambda one: one[0])
        if not self._times:
            return EARLIEST
        return self._times[min(place, len(self._times) - 1)][1]

    def _claimed(self, claim: ClaimedVersion) -> ClaimedVersion:
        return replace(claim, version=self._changed(claim.version))

    def _changed(self, version: Version) -> Version:
        """Give a version as it would have been."""
        notices = dict(version.notices)
        settings = {}
        for name, setting in version.settings.items():
            notice = setting.notice or self._naming.get(name)
            if notice is not None and notice in self._came:
                held = notices.get(notice, Notice(id=notice, effective_at=0))
                notices[notice] = replace(held, effective_at=self._came[notice])
            settings[name] = self._setting(setting, notice)
        return replace(version, settings=settings, notices=notices)

    def _setting(self, setting: Setting, notice: str | None) -> Setting:
        more = tuple(one for one in self._changes.exempt if one not in setting.exempt)
        return replace(setting, notice=notice, exempt=(*setting.exempt, *more))


class _Added(Told):
    """Something that no entry tells."""


def _naming(changes: Changes, versions: Iterable[Version]) -> Mapping[str, str]:
    """Say which setting names which of the notices that are to come at another time, in any version.

    Raises:
        InputError: No version has one of them.
    """
    texts = list(versions)
    known = {name for one in texts for name in one.notices}
    found: dict[str, str] = {}
    for notice, _ in changes.notices:
        if notice not in known:
            error = unknown("notice", notice, known)
            raise InputError(error.message, code="audit/unknown-notice", hint=error.hint)
        for version in texts:
            for name, setting in version.settings.items():
                if setting.notice == notice:
                    found.setdefault(name, notice)
    return found
