# SPDX-License-Identifier: Apache-2.0
"""Violations that are planted among records that may be used, and what an audit is to find of them (specs/audit.md, part 3).

What is to be found is known by how it was made: no decision is asked for it. A *stranger* is a member about whom one thing
is peculiar, with one record in one release: what breaks a promise, or what only looks like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from privity.app.releases.state.states import ReleaseState
from privity.testing.plain import NOTICE, SETTING

EARLY, LATER = 85, 110
"""When a record was made: before the window of who was told late had ended, and after it."""

Said = tuple[str, str, Mapping[str, Any]]
"""A fact without member and instant: fact, value, detail."""

JOINED: Final[Said] = ("joined", "", {})
PLACE: Final[Said] = ("jurisdiction", "US", {"evidence": "declared"})
BORN: Final[Said] = ("birth_date", "1990-05-05", {})
TOLD: Final[Said] = ("notice", NOTICE, {})
YES: Final[Said] = ("setting", "on", {"setting": SETTING, "scope": "all"})
NO: Final[Said] = ("setting", "off", {"setting": SETTING})
OBJECTION: Final[Said] = ("objection", "", {})
AGREED: Final[Said] = ("agreement", "subscription", {})
EVERYTHING: Final = (JOINED, PLACE, BORN, TOLD, YES)

KINDS: Final[Mapping[str, str]] = {
    "opted-out": "use-after-no",
    "opted-out-then": "use-after-no",
    "account-closed": "use-after-no",
    "order": "order-ignored",
    "agreement": "promise-broken",
    "no-notice": "notice-never-delivered",
}
"""What a reason makes."""
OTHERS: Final = "used-without-authority"
"""What any other makes."""


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """What is peculiar about a member, and about its record.

    Attributes:
        reasons: Why the record is refused when the release is made.
        then: Why it is refused besides, from the day after.
        known: What the baseline tells of the member.
        late: What it says some time after that.
        said: What it says a day before the release.
        after: What it says a day after the release.
        to: The only recipient that it is about, or None.
        category: Of the record.
        day: On which the record was made.
        addressed: Whether the record is to the member, and by somebody of the crowd.
        quotes: Whether it quotes the record of the stranger before: what refuses that refuses it.
        other: What the baseline tells of another account of the member, merged into hers a day before the release.
        dated_back: Whether it would be permitted if a version had been published when it says that it takes effect.
    """

    reasons: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    known: tuple[Said, ...] = EVERYTHING
    late: tuple[Said, ...] = ()
    said: tuple[Said, ...] = ()
    after: tuple[Said, ...] = ()
    to: str | None = None
    category: str = "post"
    day: int = 100
    addressed: bool = False
    quotes: bool = False
    other: tuple[Said, ...] = ()
    dated_back: bool = False

    def after_one(self, quoted: Stranger | None) -> Stranger:
        """Give the same member with a record that quotes another's; without another's it quotes nothing."""
        if quoted is None:
            return replace(self, quotes=False)
        return replace(
            self, reasons=quoted.reasons, then=quoted.then, dated_back=quoted.dated_back
        )

    def kinds(self, *, later: bool) -> frozenset[str]:
        """Give what an audit finds in a use of the record, at once or from the day after on."""
        reasons = (*self.reasons, *(self.then if later else ()))
        if reasons and self.dated_back:
            return frozenset({"back-dated-policy"})
        return frozenset(KINDS.get(one, OTHERS) for one in reasons)


def _but(*facts: Said) -> tuple[Said, ...]:
    """Give everything but these facts."""
    return tuple(one for one in EVERYTHING if one not in facts)


def _place(code: str, evidence: str = "declared") -> Said:
    return ("jurisdiction", code, {"evidence": evidence})


VIOLATIONS: Final[Mapping[str, Stranger]] = {
    "off": Stranger(reasons=("opted-out",), said=(NO,)),
    "quotes that": Stranger(quotes=True),
    "never told": Stranger(reasons=("no-notice",), known=_but(TOLD, YES)),
    "stopped": Stranger(reasons=("order",), known=(*_but(PLACE), _place("HK"))),
    "promised": Stranger(
        reasons=("agreement",), known=(*EVERYTHING, AGREED), to="lab", category="inmail"
    ),
    "unknown": Stranger(reasons=("unknown-party",), known=()),
    "dated back": Stranger(
        reasons=("uninformed",),
        known=_but(TOLD, YES),
        late=(TOLD, YES),
        category="ai-input",
        dated_back=True,
    ),
    "off after": Stranger(then=("opted-out",), after=(NO,)),
    "objection": Stranger(reasons=("opted-out",), said=(OBJECTION,)),
    "addressee’s no": Stranger(
        reasons=("opted-out",), said=(NO,), category="inmail", addressed=True
    ),
    "another account’s no": Stranger(
        reasons=("opted-out",), other=(*(JOINED, PLACE, BORN, TOLD), NO)
    ),
    "closed": Stranger(reasons=("account-closed",), said=(("closed", "", {}),)),
    "no of then": Stranger(
        reasons=("opted-out-then",),
        late=(OBJECTION,),
        said=(("objection-withdrawn", "", {}),),
    ),
    "child": Stranger(
        reasons=("minor", "uninformed"),
        known=(*_but(BORN), ("birth_date", "2010-05-05", {})),
    ),
    "promised then": Stranger(
        reasons=("agreement",),
        known=(*EVERYTHING, AGREED),
        said=(("agreement-ended", "subscription", {}),),
        to="lab",
        category="inmail",
    ),
    "exempt": Stranger(
        reasons=("jurisdiction-exempt", "uninformed"),
        known=(*_but(PLACE), _place("DE", "ip")),
    ),
    "password": Stranger(reasons=("forbidden", "no-ground"), category="credentials"),
    "too old": Stranger(
        reasons=("before-notice",), known=_but(TOLD, YES), late=(TOLD,), day=EARLY
    ),
    "silent, private": Stranger(
        reasons=("explicit-only", "no-notice"), known=_but(YES), category="inmail"
    ),
    "moved and left": Stranger(
        reasons=("account-closed", "jurisdiction-exempt", "uninformed"),
        said=(_place("FR"), ("closed", "", {})),
    ),
}
"""What is used and may not be."""

HONEST: Final[Mapping[str, Stranger]] = {
    "subscriber's post": Stranger(known=(*EVERYTHING, AGREED)),
    "subscriber's inmail": Stranger(known=(*EVERYTHING, AGREED), to="self", category="inmail"),
    "stop that was lifted": Stranger(known=(*_but(PLACE), _place("BR"))),
    "no that gave way": Stranger(late=(NO,), said=(YES,)),
    "objection withdrawn, and a yes": Stranger(
        late=(OBJECTION,), said=(("objection-withdrawn", "", {}), YES)
    ),
    "told late": Stranger(known=_but(TOLD, YES), late=(TOLD,), day=LATER),
    "silent": Stranger(known=_but(YES)),
    "quotes that": Stranger(quotes=True),
    "another account’s yes": Stranger(other=EVERYTHING),
    "suspected for a while": Stranger(
        known=(*EVERYTHING, ("minor-suspected", "", {})), late=(("minor-cleared", "", {}),)
    ),
}
"""What looks like it and may be used."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an audit is to find.

    Attributes:
        kind: What it calls it.
        entry: The entry that it is found at, or None.
        release: In which release, or None.
        records: The ids of the records, ascending.
        reasons: Why they were refused, sorted.
    """

    kind: str
    entry: int | None = None
    release: str | None = None
    records: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Use:
    """An entry by which a release was used.

    Attributes:
        release: The release.
        entry: The entry.
        later: Whether it is of the day after the release's making or later.
    """

    release: str
    entry: int
    later: bool = False


@dataclass(kw_only=True)
class Planting:
    """What was made.

    Attributes:
        root: The workspace.
        rows: How many records are in its releases.
        releases: What the log says of each release, by name.
        strangers: The strangers of each release, by the ids of their records.
        uses: Every use of these.
        overdue: The releases that are live, and of which nobody said that the refused records are to go.
        alone: What is found without any record.
    """

    root: Path
    rows: int = 0
    releases: dict[str, ReleaseState] = field(default_factory=dict)
    strangers: dict[str, dict[int, Stranger]] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)
    alone: list[Expected] = field(default_factory=list)

    @property
    def violations(self) -> int:
        """How many were planted, whatever number of uses repeats them."""
        refused = [
            one
            for strangers in self.strangers.values()
            for one in strangers.values()
            if one.reasons or one.then
        ]
        return len(refused) + len(self.alone)

    def refused(self, release: str) -> tuple[int, ...]:
        """Give the records of a release that may not be used in the end."""
        strangers = self.strangers[release]
        return tuple(sorted(one for one, who in strangers.items() if who.kinds(later=True)))

    def expected(self) -> list[Expected]:
        """Give everything that an audit is to find, each once."""
        found = [*self.alone]
        for use in self.uses:
            found += _found(use, self.strangers[use.release])
        for name in self.overdue:
            if refused := self.refused(name):
                strangers = self.strangers[name]
                found.append(
                    Expected(
                        kind="revocation-overdue",
                        entry=self.releases[name].created.index,
                        release=name,
                        records=refused,
                        reasons=_reasons((strangers[one] for one in refused), later=True),
                    )
                )
        return _merged(found)


def _found(use: Use, strangers: Mapping[int, Stranger]) -> Iterable[Expected]:
    """Give what the records of a use make: one finding for each kind."""
    for kind in sorted({*KINDS.values(), OTHERS, "back-dated-policy"}):
        records = {
            record: one
            for record, one in strangers.items()
            if kind in one.kinds(later=use.later)
        }
        if records:
            yield Expected(
                kind=kind,
                entry=use.entry,
                release=use.release,
                records=tuple(sorted(records)),
                reasons=_reasons(records.values(), later=use.later, kind=kind),
            )


def _reasons(
    strangers: Iterable[Stranger], *, later: bool, kind: str | None = None
) -> tuple[str, ...]:
    """Give the reasons of strangers' records; of a kind those that make it, where reasons do."""
    found = {one for who in strangers for one in (*who.reasons, *(who.then if later else ()))}
    if kind in {*KINDS.values(), OTHERS}:
        found = {one for one in found if KINDS.get(one, OTHERS) == kind}
    return tuple(sorted(found))


def _merged(found: Iterable[Expected]) -> list[Expected]:
    """Join what is found of one kind at one entry: with the records, if any of it has records."""
    most: dict[tuple[object, ...], Expected] = {}
    for one in found:
        key = (one.kind, one.entry, one.release) if one.entry is not None else (len(most),)
        if key not in most or len(one.records) > len(most[key].records):
            most[key] = one
    return list(most.values())
