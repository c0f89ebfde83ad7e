# SPDX-License-Identifier: Apache-2.0
"""What was known of some members with any number of entries, as worlds that records are decided in (specs/audit.md, part 3).

What is told of the members is read once; each use sees of it what the entries before it told, and never what came later.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from privity.audit.evidence import UNREADABLE, Evidence, Told
from privity.audit.known import accounts_into
from privity.canonical.instants import LATEST, Instant
from privity.decide.remembered import remembered_history, remembered_lines
from privity.decide.request import Record, RecordId, World
from privity.entries.claims import Claim, Given, Reading, readings
from privity.entries.genesis import GenesisEntry
from privity.members.facts import Fact, MemberId
from privity.members.timeline import Timeline, timelines
from privity.policy.model import Version
from privity.policy.versions import History


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lines:
    """The timelines of one reading.

    Attributes:
        members: Of members.
        platform: Of the platform.
        known: The settings that somebody knows, which a merge asks about.
        facts: What they are made of.
    """

    members: Mapping[MemberId, Timeline]
    platform: Timeline
    known: frozenset[str]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Then:
    """A number of entries and an instant: what is known, and for when it is asked.

    Attributes:
        size: How many entries are known.
        at: The instant of use.
        until: Of members nothing is known that was entered later; None is no limit but `size`.
        dated_back: Whether each version counts as published when it says that it takes effect, if that is earlier.
    """

    size: int
    at: Instant
    until: Instant | None = None
    dated_back: bool = False


class Rules:
    """What a log tells of the platform, with any number of entries; it is read once for each number.

    Args:
        evidence: Where it is told.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.accepts = any(
            one.says.attested == "accept"
            for one in evidence.log.public
            if isinstance(one.says, GenesisEntry)
        )
        self._given: dict[int, Given] = {}
        self._kept: list[Given] = []
        self._histories: list[tuple[History, History]] = []

    def given(self, size: int) -> Given:
        """Give versions, claimed versions and facts of the platform; the same value where nothing changed between."""
        if size not in self._given:
            fresh = self.evidence.given((), size)
            for kept in self._kept:
                if kept == fresh:
                    fresh = kept
                    break
            else:
                self._kept.append(fresh)
            self._given[size] = fresh
        return self._given[size]

    def history(self, found: History) -> History:
        """Give a history whose versions remember what they were asked; equal ones share their memory."""
        for plain, remembering in self._histories:
            if plain == found:
                return remembering
        remembering = remembered_history(found)
        self._histories.append((found, remembering))
        return remembering


class Heard:
    """Everything that is told of some members, read once; each release is about a few of them.

    Args:
        rules: What is told of the platform.
        members: The members.
    """

    def __init__(self, rules: Rules, members: Collection[MemberId]) -> None:
        self._rules = rules
        size = rules.evidence.log.checkpoint.size
        told = sorted(rules.evidence.told(members, size), key=attrgetter("entry"))
        self._told: defaultdict[str, list[Told]] = defaultdict(list)
        for one in told:
            self._told[str(one.fact.member)].append(one)
        self._merges = [
            (str(one.fact.member), one.fact.value) for one in told if one.fact.fact == "merged"
        ]

    def of(self, members: Collection[MemberId]) -> Knowledge:
        """Give what is told of some of them, and of the accounts merged into theirs."""
        accounts = accounts_into({str(one) for one in members}, self._merges)
        told = [one for account in accounts for one in self._told.get(account, ())]
        # Of one entry, as of a file of facts, what is told stands in any order: the sort keys of timelines decide.
        return Knowledge(self._rules, members, sorted(told, key=attrgetter("entry")))


class Knowledge:
    """What is told of some members, and the worlds that it makes.

    Args:
        rules: What is told of the platform.
        members: The members.
        told: What is told of them, in the order of entries.
    """

    def __init__(
        self, rules: Rules, members: Collection[MemberId], told: Sequence[Told]
    ) -> None:
        self._rules = rules
        self._told: Sequence[Told] = [one for one in told if not _is_unreadable(one)]
        self._believed = [_believed(one, accept=rules.accepts) for one in self._told]
        self._entries = [one.entry for one in self._told]
        self._entered = [one.entered for one in self._told]
        self._parts: dict[object, tuple[tuple[History, _Lines], ...]] = {}
        self._lines: list[_Lines] = []
        self._last: defaultdict[MemberId, list[tuple[int, Instant]]] | None = None
        seen = {one.fact.member for one in told}
        self.strangers = frozenset(one for one in members if one not in seen)
        """The members of whom nothing is told at all."""
        self.doubtful = _doubtful(told)
        """The members of whom an entry cannot be read: what it says may refuse, and may permit."""

    def entered_since(self, members: Iterable[MemberId], then: Then) -> bool:
        """Tell whether of some members something is known that was entered after the instant of use."""
        if self._last is None:
            self._last = defaultdict(list)
            for one in self._told:
                if one.fact.member is not None:
                    self._last[one.fact.member].append((one.entry, one.entered))
        return any(
            entry < then.size and entered > then.at
            for member in members
            for entry, entered in self._last.get(member, ())
        )

    def world(self, then: Then, records: Mapping[RecordId, Sequence[Record]]) -> World:
        """Give the world of an instant, with the records that are looked up when they are quoted."""
        found: World | None = None
        for policy, lines in reversed(self._readings(then)):
            found = World(
                policy=policy,
                members=lines.members,
                platform=lines.platform,
                records=records,
                by_entry=found,
            )
        assert found is not None, "there is always a reading"  # noqa: S101 - for who reads types
        return found

    def _readings(self, then: Then) -> tuple[tuple[History, _Lines], ...]:
        platform = self._rules.given(then.size)
        upto = bisect_left(self._entries, then.size)
        if then.until is not None:
            upto = min(upto, bisect_right(self._entered, then.until))
        given = self._given(platform, upto)
        key = (
            id(platform),
            upto,
            then.dated_back,
            # Without claims nothing hangs on the instant but what is asked of the world.
            then.at if given.claims or given.texts else None,
        )
        if key not in self._parts:
            if then.dated_back:
                given = dated_back(given)
            self._parts[key] = tuple(self._part(one) for one in readings(given, then.at))
        return self._parts[key]

    def _given(self, platform: Given, upto: int) -> Given:
        mine = self._believed[:upto]
        return Given(
            facts=(*platform.facts, *(one for one in mine if isinstance(one, Fact))),
            claims=(*platform.claims, *(one for one in mine if isinstance(one, Claim))),
            versions=platform.versions,
            texts=platform.texts,
        )

    def _part(self, reading: Reading) -> tuple[History, _Lines]:
        policy = self._rules.history(reading.policy)
        names = policy.setting_names
        for lines in self._lines:
            if lines.known == names and lines.facts == reading.facts:
                return policy, lines
        made = remembered_lines(timelines(reading.facts, LATEST, names))
        lines = _Lines(
            members={member: line for member, line in made.items() if member is not None},
            platform=made.get(None, Timeline()),
            known=names,
            facts=reading.facts,
        )
        self._lines.append(lines)
        return policy, lines


def _believed(told: Told, *, accept: bool) -> Fact | Claim:
    """Give a fact that is believed by its own times, or a claim: as `audit.known` has it, without a copy of each."""
    if told.by is None:
        return told.fact
    claim = Claim(fact=told.fact, entered=told.entered, by=told.by)
    if not accept:
        return claim
    return told.fact if told.fact.recorded_at <= told.entered else claim.told


def _doubtful(told: Sequence[Told]) -> frozenset[MemberId]:
    """Give the members of whom an entry cannot be read, and those into whose accounts theirs were merged."""
    found = {one.fact.member for one in told if _is_unreadable(one)} - {None}
    ids = {str(one.fact.member): one.fact.member for one in told}
    merges = [one.fact for one in told if one.fact.fact == "merged"]
    grew = bool(found)
    while grew:
        more = {ids.get(one.value, one.value) for one in merges if one.member in found} - found
        found |= more
        grew = bool(more)
    return frozenset(one for one in found if one is not None)


def _is_unreadable(told: Told) -> bool:
    return told.fact.fact == "setting" and told.fact.setting == UNREADABLE


def dated_back(given: Given) -> Given:
    """Believe of each version that it was published when it says that it takes effect, if that is earlier."""
    return replace(given, versions=tuple(_dated_back(one) for one in given.versions))


def _dated_back(version: Version) -> Version:
    return replace(version, published_at=min(version.published_at, version.effective_at))
