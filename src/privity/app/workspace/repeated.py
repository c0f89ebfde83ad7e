# SPDX-License-Identifier: Apache-2.0
"""Which facts of a file are recorded already: whoever imports a file that grew records what came to it.

A fact is there where the same was recorded of the same member, for the same instant, and by the same attester if any. One that
was contradicted for that instant since is not: whoever says it again says something. So it is where a baseline came since that
has facts of the member: it may contradict anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from privity.app.workspace.looking_over import Import, is_private
from privity.app.workspace.newcomers import in_baselines
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.app.workspace.public import Public, public_entries
from privity.app.workspace.recording import PLATFORM, key_name
from privity.canonical.encode import encode_canonical
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.fact import platform_fact
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.members.facts import Fact
from privity.store.projection import Projection
from privity.store.projection_rows import Words

_NONE: Final = -1
"""What stands for the stream of who has none."""
_PUBLIC: Final = 0
"""What stands for the stream of what is public; no member's stream has this number."""
_QUESTIONS: Final[Mapping[str, str]] = {
    "reopened": "closed",
    "merged": "closed",
    "deceased": "closed",
    "agreement-ended": "agreement",
    "objection-withdrawn": "objection",
    "minor-cleared": "minor-suspected",
    "recipient-ended": "recipient",
    "order-lifted": "order",
    "seat-instruction-withdrawn": "seat-instruction",
}
"""The kinds of facts that end what others begin, with those: they answer one question."""

_ClaimOf = tuple[Instant, str, bytes] | None
"""When an attested fact was recorded, as it is claimed, and by whom: name and key; None is not attested."""
_Said = tuple[int, Words, Instant, _ClaimOf]
"""A fact: its stream, its words, its `at`, and whose claim it is."""
_About = tuple[int, str, Instant]
"""What a fact is about: a stream, a question and an instant."""


@dataclass(frozen=True, slots=True)
class _Held:
    """When what is said of streams was recorded.

    Attributes:
        same: By what is said: when it was recorded last.
        about: By stream, question and `at`: what was said, and when it was recorded last.
        began: By stream: when the first of it was recorded.
        retold_at: By stream: when a baseline was recorded that may contradict what was recorded before.
    """

    same: dict[_Said, Instant] = field(default_factory=dict)
    about: dict[_About, dict[Words, Instant]] = field(default_factory=dict)
    began: dict[int, Instant] = field(default_factory=dict)
    retold_at: dict[int, Instant] = field(default_factory=dict)

    def add(self, said: _Said, recorded_at: Instant) -> None:
        """Add a fact; those that are alike come in the order of their entries."""
        self.same[said] = recorded_at
        about = self.about.setdefault(_about(said), {})
        # The same words may come once by themselves and once as a claim, which are not in one order.
        about[said[1]] = max(recorded_at, about.get(said[1], recorded_at))
        self.began[said[0]] = min(recorded_at, self.began.get(said[0], recorded_at))

    def retell(self, at: Instant, streams: Iterable[int]) -> None:
        """Say that a baseline came which may contradict what was recorded in some streams before."""
        self.retold_at.update(dict.fromkeys(streams, at))

    def has(self, said: Sequence[_Said]) -> list[bool]:
        """Tell of the facts of a file that are about the same whether they are there.

        Of a question and an instant all are there, or none: what a file says of them is recorded at one instant, so that a tie
        stays a tie ([TIM-11]).
        """
        known = [self._stands(one) for one in said]
        partly = {
            _about(one) for one, is_known in zip(said, known, strict=True) if not is_known
        }
        return [
            is_known and _about(one) not in partly
            for one, is_known in zip(said, known, strict=True)
        ]

    def _stands(self, said: _Said) -> bool:
        """Tell whether a fact is there, and nothing else was said of its question and instant since."""
        recorded_at = self.same.get(said)
        if recorded_at is None or recorded_at < self.retold_at.get(said[0], recorded_at):
            return False
        return all(
            since <= recorded_at
            for words, since in self.about[_about(said)].items()
            if words != said[1]
        )

    def begun_with(self, said: Sequence[_Said]) -> set[int]:
        """Give the streams that began with one of some facts that are there."""
        return {one[0] for one in said if self.same[one] == self.began[one[0]]}


@dataclass(frozen=True, kw_only=True, slots=True)
class There:
    """What of some facts is recorded already.

    Attributes:
        known: Of each fact whether it is.
        enrolled: How many members were enrolled with one of those that are.
    """

    known: Sequence[bool]
    enrolled: int

    def missing(self, facts: Sequence[Fact]) -> list[Fact]:
        """Give those of the facts that are not there."""
        return [fact for fact, known in zip(facts, self.known, strict=True) if not known]


Find = Callable[[Sequence[Fact]], There]
"""Tells of facts of a file whether they are recorded already; of what is about the same it is given all at once.

It raises a ConflictError, a VerificationError and an UnavailableError as `projected`.
"""


def finding(workspace: Workspace, looked: Import) -> Find:
    """Give what tells of the facts of a file, by the log as it is whenever that is asked."""
    # Read once, if at all: a file of everybody is long.
    retold = cache(lambda _baseline: in_baselines(workspace, looked.columns.ids.to_pylist()))

    def find(facts: Sequence[Fact]) -> There:
        public = [] if all(map(is_private, facts)) else [*_public(workspace)]
        whose = {key_name(fact.member): fact.member for fact in facts if is_private(fact)}
        held, streams = projected(
            workspace, lambda projection: _private(workspace, projection, whose)
        )
        for said, recorded_at in public:
            held.add(said, recorded_at)
        newest = _newest_baseline(workspace) if held.same else None
        if newest is not None and newest.time > min(held.same.values()):
            also = {whose[name]: stream for name, stream in streams.items()}
            theirs = {None} | retold(newest.index)
            held.retell(newest.time, {_PUBLIC, *(also[one] for one in also.keys() & theirs)})
        asked = [_said(looked, fact, streams) for fact in facts]
        known = held.has(asked)
        there = [one for one, is_known in zip(asked, known, strict=True) if is_known]
        members = {stream for name, stream in streams.items() if name != PLATFORM}
        return There(known=known, enrolled=len(held.begun_with(there) & members))

    return find


def _said(looked: Import, fact: Fact, streams: Mapping[str, int]) -> _Said:
    """Give what a fact of a file says; in no stream at all if its member has none."""
    stream = streams.get(key_name(fact.member), _NONE) if is_private(fact) else _PUBLIC
    return (stream, _words(fact), fact.at, _claim(looked, fact.recorded_at))


def _newest_baseline(workspace: Workspace) -> Public | None:
    """Give the entry of the newest baseline; one without some members is as old as it was with them."""
    found = [
        one
        for one in public_entries(workspace, BaselineEntry.STREAM)
        if isinstance(one.says, BaselineEntry) and one.says.replaces is None
    ]
    return found[-1] if found else None


def _private(
    workspace: Workspace, projection: Projection, names: Collection[str]
) -> tuple[_Held, dict[str, int]]:
    """Give what is recorded in the streams of some, and which streams are whose."""
    streams = {name: stream for stream, name in workspace.keys.streams_of(names)}
    held = _Held()
    if streams:
        found = projection.of_streams(tuple(streams.values()), projection.extent().size)
        words = {kind: (fact, value, detail) for kind, fact, value, detail in found.kinds}
        for stream, kind, at, recorded_at in found.facts:
            held.add((stream, words[kind], at, None), recorded_at)
        for row in found.attested:
            if row.attester is not None and row.claimed_at is not None:
                claim = (row.claimed_at, *row.attester)
                held.add((row.stream, row.words, row.at, claim), row.recorded_at)
    return held, streams


def _public(workspace: Workspace) -> Iterator[tuple[_Said, Instant]]:
    """Give what is recorded of orders and recipients, and when."""
    streams = (AttestedEntry.STREAM, OrderEntry.STREAM, RecipientEntry.STREAM)
    for one in public_entries(workspace, *streams):
        told: object = one.says
        claim: _ClaimOf = None
        if isinstance(told, AttestedEntry):
            statement = told.statement
            attester = statement.attester
            told, claim = statement.says, (statement.claimed_at, attester.name, attester.key)
        if isinstance(told, OrderEntry | RecipientEntry):
            fact = platform_fact(told, one.time)
            yield (_PUBLIC, _words(fact), fact.at, claim), one.time


def _words(fact: Fact) -> Words:
    """Give what a fact says, as the projection has it."""
    detail = encode_canonical(dict(fact.detail)).decode() if fact.detail else ""
    return (fact.fact, fact.value, detail)


def _claim(looked: Import, recorded_at: Instant) -> _ClaimOf:
    if looked.attested is None or recorded_at >= looked.now:
        return None
    attester = looked.attested.attester
    return (recorded_at, attester.name, attester.key)


def _about(said: _Said) -> _About:
    stream, (fact, _, _), at, _ = said
    return (stream, _QUESTIONS.get(fact, fact), at)
