# SPDX-License-Identifier: Apache-2.0
"""What a replay finds: its kinds, and how what is found at one place is put together (specs/audit.md, part 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from privity.audit.report import Finding
from privity.audit.uses import Use
from privity.audit.wording import counted
from privity.decide.request import RecordId
from privity.members.facts import MemberId

KINDS: Final = (
    "used-without-authority",
    "back-dated-policy",
    "notice-never-delivered",
    "use-after-no",
    "order-ignored",
    "promise-broken",
    "expired-certificate",
    "hand-over-without-acknowledgement",
    "revocation-overdue",
    "entry-without-bytes",
    "bytes-without-entry",
)
"""The kinds of findings, in the order in which reports have them."""
BY_REASON: Final[Mapping[str, str]] = {
    "account-closed": "use-after-no",
    "agreement": "promise-broken",
    "no-notice": "notice-never-delivered",
    "opted-out": "use-after-no",
    "opted-out-then": "use-after-no",
    "order": "order-ignored",
}
"""The kind that a reason makes; every other makes `used-without-authority` ([AUD-64])."""
_WORDS: Final[Mapping[str, str]] = {
    "clearing": "set `{name}` was cleared for {recipient}",
    "release": "release `{release}` was made for {recipient}",
    "revision": "release `{release}` became revision {revision}",
    "hand-over": "revision {revision} of release `{release}` was handed over to {recipient}",
    "run": "a run of {recipient} began on revision {revision} of release `{release}`",
}


def kinds_of(reasons: Iterable[str]) -> frozenset[str]:
    """Give the kinds that a record's reasons make."""
    return frozenset(BY_REASON.get(one, "used-without-authority") for one in reasons)


@dataclass(kw_only=True, slots=True)
class _Found:
    """What was found at one place, of one kind.

    Attributes:
        use: The use, or None where it is none.
        clauses: What the log says, each once.
        reasons: The reasons that refused the records.
        records: Their ids.
        members: Whose they are.
        evidence: The other entries that show it.
    """

    use: Use | None
    clauses: dict[str, None] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    records: set[RecordId] = field(default_factory=set)
    members: set[MemberId] = field(default_factory=set)
    evidence: set[int] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where something is found; without an entry its words tell it from others."""

    kind: str
    entry: int | None
    release: str | None
    revision: int | None
    what: str = ""

    @property
    def order(self) -> tuple[int, int, str, int, int, str]:
        """Where it stands in a report: by entries, and what has none last."""
        last = self.entry is None
        return (
            last,
            self.entry or 0,
            self.release or "",
            self.revision or 0,
            KINDS.index(self.kind),
            self.what,
        )


class Findings:
    """What was found so far: at one place there is one finding of a kind ([AUD-65])."""

    def __init__(self) -> None:
        self._found: dict[_Place, _Found] = {}

    def at_use(self, use: Use, kind: str, clause: str, evidence: Iterable[int] = ()) -> None:
        """Add what the log tells of a use."""
        found = self._at_use(use, kind)
        found.clauses[clause] = None
        found.evidence.update(evidence)

    def record(
        self,
        use: Use,
        kind: str,
        record: RecordId,
        reasons: Iterable[str],
        members: Iterable[MemberId],
    ) -> None:
        """Add a record of a use that is refused."""
        found = self._at_use(use, kind)
        found.records.add(record)
        found.reasons.update(reasons)
        found.members.update(members)

    def add(
        self,
        kind: str,
        what: str,
        *,
        entry: int | None = None,
        release: str | None = None,
        revision: int | None = None,
        evidence: Iterable[int] = (),
    ) -> None:
        """Add what is found at an entry that is no use, or at none."""
        place = _Place(
            kind=kind,
            entry=entry,
            release=release,
            revision=revision,
            what="" if entry is not None else what,
        )
        found = self._found.setdefault(place, _Found(use=None))
        found.clauses[what] = None
        found.evidence.update(evidence)

    def overdue(
        self,
        place: Use,
        records: Iterable[tuple[RecordId, Iterable[str], Iterable[MemberId]]],
        clause: str,
    ) -> None:
        """Add records that should have been taken back from the newest revision of a release."""
        found = self._at_use(place, "revocation-overdue")
        found.clauses[clause] = None
        for record, reasons, members in records:
            found.records.add(record)
            found.reasons.update(reasons)
            found.members.update(members)

    def all(self) -> tuple[Finding, ...]:
        """Give them, in the order of entries."""
        return tuple(
            Finding(
                kind=place.kind,
                what=_what(place, found),
                entry=place.entry,
                release=place.release,
                revision=place.revision,
                reasons=tuple(sorted(found.reasons)),
                records=tuple(sorted(found.records, key=_by_kind)),
                members=len(found.members),
                evidence=tuple(sorted(found.evidence - {place.entry})),
            )
            for place, found in sorted(self._found.items(), key=lambda pair: pair[0].order)
        )

    def _at_use(self, use: Use, kind: str) -> _Found:
        place = _Place(kind=kind, entry=use.entry, release=use.release, revision=use.revision)
        found = self._found.setdefault(place, _Found(use=use))
        found.use = use
        return found


def _by_kind(record: RecordId) -> tuple[bool, int, str]:
    """Give the order of ids: numbers by their size, texts by their letters."""
    return (False, record, "") if isinstance(record, int) else (True, 0, record)


def _what(place: _Place, found: _Found) -> str:
    clauses = list(found.clauses)
    if found.use is None:
        return "; ".join(clauses)
    if found.records and place.kind != "revocation-overdue":
        verb = "is" if len(found.records) == 1 else "are"
        said = f"{counted(len(found.records), 'record')} of it {verb} refused: {', '.join(sorted(found.reasons))}"
        if place.kind == "back-dated-policy":
            said += "; permitted only if every version is as old as it says"
        clauses.insert(0, said)
    return f"{described(found.use)}, but {'; '.join(clauses)}"


def described(use: Use) -> str:
    """Say what a use is, in words."""
    return _WORDS[use.kind].format(
        name=use.name,
        release=use.release,
        revision=use.revision,
        recipient=f"`{use.recipient}`",
    )
