# SPDX-License-Identifier: Apache-2.0
"""Which facts of a file are recorded already: whoever imports a file that grew records what came to it.

A fact is there where the same was recorded of the same member, for the same instant, and by the same attester if any. One that
was contradicted for that instant since is not: whoever says it again says something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.app.workspace.looking_over import Import, is_private
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.app.workspace.public import public_entries
from privity.app.workspace.recording import PLATFORM, key_name
from privity.canonical.encode import encode_canonical
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry
from privity.entries.fact import platform_fact
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.members.facts import Fact
from privity.store.projection import Projection
from privity.store.projection_rows import Words

Flags = npt.NDArray[np.bool_]

_AT_ONCE: Final = 2_000
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
    """

    same: dict[_Said, Instant] = field(default_factory=dict)
    about: dict[_About, dict[Words, Instant]] = field(default_factory=dict)

    def add(self, said: _Said, recorded_at: Instant) -> None:
        """Add a fact; those that are alike come in the order of their entries."""
        self.same[said] = recorded_at
        self.about.setdefault(_about(said), {})[said[1]] = recorded_at

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
        return recorded_at is not None and all(
            since <= recorded_at
            for words, since in self.about[_about(said)].items()
            if words != said[1]
        )


def recorded_already(workspace: Workspace, looked: Import, platform: Sequence[Fact]) -> Flags:
    """Tell of each fact of a file whether it is recorded already.

    Args:
        workspace: Where.
        looked: The file.
        platform: The platform's facts of it, in the order of the answer.

    Returns:
        Shape (facts): of the platform's facts, then of the members', in the order of the columns.

    Raises:
        ConflictError: As `projected`.
        VerificationError: As `projected`.
        UnavailableError: As `projected`.
    """
    public = any(not is_private(one) for one in platform)
    told = [*_public(workspace)] if public else []

    def read(projection: Projection) -> Flags:
        held, streams = _private(workspace, projection, [PLATFORM])
        for said, recorded_at in told:
            held.add(said, recorded_at)
        own = streams.get(PLATFORM, _PUBLIC)
        there = held.has(
            [
                (
                    own if is_private(one) else _PUBLIC,
                    _words(one),
                    one.at,
                    _claim(looked, one.recorded_at),
                )
                for one in platform
            ]
        )
        members = _of_members(workspace, projection, looked)
        return np.concatenate([np.array(there, np.bool_), members])

    return projected(workspace, read)


def _of_members(workspace: Workspace, projection: Projection, looked: Import) -> Flags:
    """Tell of each fact of the columns whether it is there; of new members there is nothing to look up."""
    columns = looked.columns
    there = np.zeros(columns.facts, np.bool_)
    words = [_words(kind) for kind in columns.kinds]
    names = [key_name(one) for one in columns.ids.to_pylist()]
    for first in range(0, len(names), _AT_ONCE):
        some = names[first : first + _AT_ONCE]
        held, streams = _private(workspace, projection, some)
        for index, name in enumerate(some, start=first):
            if (stream := streams.get(name)) is None:
                continue
            rows = slice(int(columns.starts[index]), int(columns.starts[index + 1]))
            facts = zip(
                columns.kind[rows].tolist(),
                columns.at[rows].tolist(),
                columns.recorded_at[rows].tolist(),
                strict=True,
            )
            there[rows] = held.has(
                [
                    (stream, words[kind], at, _claim(looked, recorded_at))
                    for kind, at, recorded_at in facts
                ]
            )
    return there


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
