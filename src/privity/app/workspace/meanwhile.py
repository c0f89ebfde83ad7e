# SPDX-License-Identifier: Apache-2.0
"""What was recorded while a set was made: of whom, and what is known of them now (specs/clearing.md).

The log is read from where the set's knowledge ends. What is not a member's own fact, or cannot be read, is a
change of everything: the set is made again.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from privity.app.workspace.gathered import Known
from privity.app.workspace.parts import Workspace
from privity.app.workspace.passing import rules_pass, scheduled_after
from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.decide.lookup import record_keys
from privity.entries.decode import PublicEntry, decode, open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.fact import FactEntry
from privity.entries.kinds import WITHOUT_EFFECT
from privity.ledger.ports import Sealed, Stored
from privity.members.columns import FactColumns, columns_of
from privity.members.facts import Fact, MemberId, as_number
from privity.policy.versions import History

_MERGED = "merged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What was recorded.

    Attributes:
        size: The log's size now.
        entries: How many entries were read.
        members: Whose facts these are, or became true meanwhile, with those whose accounts are merged; ids as the
            facts have them.
        everything: Whether it is about more than members: policy, platform, or what nobody can read.
    """

    size: int
    entries: int
    members: frozenset[MemberId]
    everything: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is known of some members: what decisions about their records are made of.

    Attributes:
        policy: The versions.
        facts: The facts.
        by_entry: Versions and facts of the other reading, where something is only claimed.
    """

    policy: History
    facts: FactColumns
    by_entry: tuple[History, FactColumns] | None


class HeldFacts:
    """Facts in columns, found by their members."""

    def __init__(self, facts: FactColumns) -> None:
        self.facts = facts
        self.of_row = facts.member_of()
        self._seed = secrets.randbits(63)
        keys = record_keys(facts.ids, self._seed)
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def of(self, members: Sequence[MemberId]) -> Iterator[Fact]:
        """Give the facts of members, as far as any are held."""
        text = pa.types.is_string(self.facts.ids.type)
        named = [str(one) if text else as_number(one) for one in members]
        nobody = "" if text else 0
        keys = record_keys(
            pa.array([nobody if one is None else one for one in named], self.facts.ids.type),
            self._seed,
        )
        for one, first, end in zip(
            named,
            np.searchsorted(self._keys, keys, side="left").tolist(),
            np.searchsorted(self._keys, keys, side="right").tolist(),
            strict=True,
        ):
            for place in self._order[first:end].tolist():
                if self.facts.ids[place].as_py() == one:
                    yield from self.facts.of_member(place)

    def came_true(self, since: Instant, until: Instant) -> set[MemberId]:
        """Give the members of whom a fact is true only after an instant, and up to another."""
        rows = np.flatnonzero((self.facts.at > since) & (self.facts.at <= until))
        places = np.unique(self.of_row[rows])
        return set(self.facts.ids.take(pa.array(places)).to_pylist())

    def merges(self) -> Iterator[tuple[MemberId, str]]:
        """Give whose account went into whose."""
        kinds = [place for place, kind in enumerate(self.facts.kinds) if kind.fact == _MERGED]
        for row in np.flatnonzero(np.isin(self.facts.kind, kinds)).tolist():
            source = self.facts.ids[int(self.of_row[row])].as_py()
            yield source, self.facts.kinds[self.facts.kind[row]].value


class Meanwhile:
    """Facts that come while a set is made, beside those that it began with.

    Args:
        workspace: Whose log.
        known: What the set began with.
        began: The instant of use that it began with.
    """

    def __init__(self, workspace: Workspace, known: Known, began: Instant) -> None:
        self._workspace = workspace
        self._known = known
        self._size = known.size
        self._until = began
        self._held = [HeldFacts(known.facts)]
        if known.by_entry is not None:
            self._held.append(HeldFacts(known.by_entry[1]))
        self._new: dict[MemberId, list[Fact]] = defaultdict(list)
        self._merged: dict[MemberId, set[MemberId]] = defaultdict(set)
        for held in self._held:
            for source, value in held.merges():
                self._link(source, value)

    def look(self, now: Instant) -> Change:
        """Read what was recorded since the last look.

        Args:
            now: Up to when facts count, that were recorded before and speak of a later time.
        """
        store = self._workspace.store
        first, size = self._size, store.head().size
        sealed = {one.index: one for one in store.sealed(first, size)}
        members: set[MemberId] = set()
        everything = self._rules_between(self._until, now)
        for entry in store.entries(first, size):
            match self._says(entry, sealed.get(entry.place)):
                case Fact(member=member) as fact if member is not None:
                    members.add(member)
                    self._new[member].append(fact)
                    if fact.fact == _MERGED:
                        self._link(member, fact.value)
                case EnrolEntry():
                    pass
                case PublicEntry(event=event) if event.stream in WITHOUT_EFFECT:
                    pass
                case _:
                    everything = True
        members |= self._came_true(self._until, now)
        self._size, self._until = size, max(self._until, now)
        return Change(
            size=size,
            entries=size - first,
            members=frozenset(self._together(members)),
            everything=everything,
        )

    def about(self, members: Iterable[MemberId]) -> About:
        """Give all that is known of some members, of those whose accounts are merged with theirs, and of the platform."""
        wanted = sorted(self._together({self._held_as(one) for one in members}), key=str)
        new = [fact for member in wanted for fact in self._new.get(member, ())]
        first, *others = (
            columns_of(map(_row, (*held.facts.platform, *held.of(wanted), *new)))
            for held in self._held
        )
        other = self._known.by_entry
        return About(
            policy=self._known.policy,
            facts=first,
            by_entry=None if other is None else (other[0], others[0]),
        )

    def _says(self, entry: Stored, sealed: Sealed | None) -> object:
        """Give what an entry says, a fact as a fact; None where nobody can read it: erased, or lost."""
        origin = self._workspace.settings.origin
        event = decode(entry.data, origin=origin)
        if isinstance(event, PublicEntry):
            return event
        key = None if sealed is None else self._workspace.keys.of_stream(sealed.stream)
        if sealed is None or key is None:
            return None
        says = open_sealed(
            event, sealed.payload, key=key.secret, number=sealed.number, origin=origin
        ).says
        if not isinstance(says, FactEntry):
            return says
        fact = says.to_fact(event.time)
        member = fact.member
        return fact if member is None else replace(fact, member=self._held_as(member))

    def scheduled(self, recipient: str) -> tuple[Instant, ...]:
        """Give when rules that are known change by themselves after the last look; other recipients' entries aside."""
        return scheduled_after(self._known, recipient, self._until)

    def _rules_between(self, since: Instant, until: Instant) -> bool:
        """Tell whether a rule changes by itself in between."""
        policies = [self._known.policy]
        if self._known.by_entry is not None:
            policies.append(self._known.by_entry[0])
        platform = [fact for held in self._held for fact in held.facts.platform]
        return rules_pass(policies, platform, since, until)

    def _came_true(self, since: Instant, until: Instant) -> set[MemberId]:
        """Give the members of whom a fact that was known before is true only now."""
        found = {
            member
            for member, new in self._new.items()
            if any(since < one.at <= until for one in new)
        }
        held = found.union(*(held.came_true(since, until) for held in self._held))
        return {self._held_as(one) for one in held}

    def _held_as(self, member: MemberId) -> MemberId:
        """Give an id as the facts have ids: entries name members by text, and records as the platform does."""
        if pa.types.is_string(self._known.facts.ids.type):
            return str(member)
        number = as_number(member)
        return str(member) if number is None else number

    def _link(self, source: MemberId, value: str) -> None:
        source, target = self._held_as(source), self._held_as(value)
        self._merged[source].add(target)
        self._merged[target].add(source)

    def _together(self, members: set[MemberId]) -> set[MemberId]:
        """Add the members whose accounts are merged with these, at whatever distance."""
        found, waiting = set(members), list(members)
        while waiting:
            for other in self._merged.get(waiting.pop(), ()):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def _row(fact: Fact) -> dict[str, object]:
    return {
        "member": fact.member,
        "fact": fact.fact,
        "value": fact.value,
        "at": fact.at,
        "recorded_at": fact.recorded_at,
        "detail": encode(dict(fact.detail)).decode() if fact.detail else "",
    }
