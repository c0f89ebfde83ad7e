# SPDX-License-Identifier: Apache-2.0
"""A projection that is kept up is the one that is made anew, whatever is recorded, erased, lost or removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, ClassVar, cast

from hypothesis import given, settings, strategies
from tests.property.recorded import ORIGIN, record_at, said_of, workspace_at

from privity.app.workspace.erasing import erase_members
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import catch_up, projected, rebuild
from privity.app.workspace.recording import Private
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry, Evidence, Statement, attest, attester_of
from privity.entries.envelope import PublicEvent
from privity.entries.fact import FactEntry
from privity.entries.kinds import PrivateKind
from privity.entries.streams import public_tag
from privity.ledger.log import append
from privity.members.facts import Fact, MemberId
from privity.testing.worlds import facts_of, random_world

SEEDS = (bytes(32), bytes(range(32)))


@dataclass(frozen=True, kw_only=True, slots=True)
class FutureEntry:
    """What a later version says of a member."""

    SCHEMA: ClassVar[str] = "privity/restriction/v1"

    content: Mapping[str, Any] = field(default_factory=dict)

    def to_payload(self) -> dict[str, Any]:
        return dict(self.content)


@dataclass
class Story:
    """What happens to a workspace, one thing after the other."""

    workspace: Workspace
    random: Random
    facts: list[Fact]
    now: Instant = 1_700_000_000
    alive: set[MemberId] = field(default_factory=set)
    erased: set[MemberId] = field(default_factory=set)

    def go_on(self) -> None:
        self.now += self.random.choice((0, 1, 3600))
        things = (
            [self.say] * 6
            + [self.attest, self.say_what_comes_later, self.say_in_a_stream_that_comes_later]
            + [self.erase, self.lose, self.damage, self.take_projection]
            + [lambda: catch_up(self.workspace)] * 4
        )
        self.random.choice(things)()

    def say(self) -> None:
        some = self.random.sample(self.facts, self.random.randint(1, 5))
        record_at(self.workspace, self.now, [said_of(one) for one in some])
        self.alive |= {one.member for one in some if one.member is not None}

    def attest(self) -> None:
        fact = self.random.choice(self.facts)
        said = said_of(fact)
        seed = self.random.choice(SEEDS)
        statement = Statement(
            origin=ORIGIN,
            attester=attester_of("auditor", seed),
            claimed_at=fact.recorded_at,
            evidence=Evidence(sha256="00" * 32),
            says=cast("FactEntry", said.says)
            if isinstance(said, Private)
            else cast("Any", said),
        )
        entry: AttestedEntry = attest(statement, seed)
        if isinstance(said, Private):
            record_at(self.workspace, self.now, [Private(member=said.member, says=entry)])
            self.alive |= {one for one in (said.member,) if one is not None}
        else:
            record_at(self.workspace, self.now, [entry])

    def say_what_comes_later(self) -> None:
        member = self.random.choice([*sorted(self.alive, key=str), None])
        later = cast("PrivateKind", FutureEntry(content={"until": "1999"}))
        odd = FactEntry(member=member, fact="restriction", at=0)
        record_at(
            self.workspace,
            self.now,
            [Private(member=member, says=self.random.choice((later, odd)))],
        )

    def say_in_a_stream_that_comes_later(self) -> None:
        store = self.workspace.store
        with store.transaction() as tx:
            number = tx.next_number(-99)
            tx.set_next(-99, number + 1)
            tag = public_tag(ORIGIN, "moratorium", number)
            made = public_entry("moratorium", number, tag, self.now)
            append(tx, [made], time=self.now)

    def erase(self) -> None:
        if self.alive:
            member = self.random.choice(sorted(self.alive, key=str))
            erase_members(replace(self.workspace, now=lambda: self.now), [member])
            self.alive.discard(member)
            self.erased.add(member)

    def lose(self) -> None:
        """Lose some payloads, as a repair does that has entries back from the public tree."""
        size = self.workspace.store.head().size
        first = self.random.randrange(size)
        end = min(size, first + self.random.randint(1, 4))
        with self.workspace.store.transaction() as tx:
            tx.put_lost(first, end)
        self.spoil("DELETE FROM sealed WHERE entry >= ? AND entry < ?", first, end)
        self.mend_links()

    def damage(self) -> None:
        """Change a payload that was not read yet."""
        first = self.workspace.store.head().size
        self.say()
        self.spoil("UPDATE sealed SET payload = zeroblob(99) WHERE entry > ?", first)

    def take_projection(self) -> None:
        place = self.workspace.places.projection
        match self.random.randrange(3):
            case 0:
                place.unlink(missing_ok=True)
            case 1:
                place.write_bytes(b"no database" * 1000)
            case _:
                place.write_bytes(b"")

    def spoil(self, statement: str, *values: int) -> None:
        with closing(sqlite3.connect(self.workspace.places.log)) as database, database:
            database.execute(statement, values)

    def mend_links(self) -> None:
        """Let the payloads of each stream lead to those that are still there."""
        self.spoil(
            "UPDATE sealed SET previous = (SELECT max(entry) FROM sealed AS other"
            " WHERE other.stream = sealed.stream AND other.entry < sealed.entry)"
        )
        self.spoil(
            "UPDATE stream SET newest = (SELECT max(entry) FROM sealed"
            " WHERE sealed.stream = stream.stream) WHERE stream > 0"
        )


def public_entry(stream: str, number: int, tag: bytes, time: Instant) -> bytes:
    return PublicEvent(
        stream=stream, number=number, tag=tag, time=time, payload={"all": True}
    ).to_bytes()


def content(workspace: Workspace) -> list[tuple[Any, ...]]:
    return projected(workspace, lambda projection: list(projection.content()))


@settings(max_examples=25, deadline=None)
@given(strategies.integers(0, 2**32), strategies.integers(1, 25))
def test_a_projection_kept_up_is_the_one_made_anew(seed: int, length: int) -> None:
    world = random_world(seed, records=1, ids="int" if seed % 2 else "string")
    with workspace_at(now=1_700_000_000) as workspace:
        story = Story(workspace=workspace, random=Random(seed), facts=facts_of(world.facts))
        for _ in range(length):
            story.go_on()
        kept_up = content(workspace)
        assert rebuild(workspace).anew
        assert content(workspace) == kept_up
        assert catch_up(workspace).added == 0
