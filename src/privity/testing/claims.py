# SPDX-License-Identifier: Apache-2.0
"""Random worlds in which some things are only claimed (specs/claims.md), and how they are decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privity.canonical.instants import Instant
from privity.decide.request import Record, Request, World, world
from privity.entries.claims import Claim, ClaimedVersion, Given, readings
from privity.policy.parse import version_from
from privity.testing.chance import DAY, Chance
from privity.testing.worlds import IdKind, RandomWorld, facts_of, random_world

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
    from hypothesis.vendor.pretty import RepresentationPrinter

ATTESTERS = ("auditor", "platform")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedWorld:
    """A random world of which some is claimed; its text is the call that makes it again.

    Attributes:
        made: The world.
        given: What there is to decide from: the same facts and versions, some of them claims.
    """

    made: RandomWorld
    given: Given

    def __repr__(self) -> str:
        """Render as the call that makes the world again."""
        made = self.made
        return f"claimed_world({made.seed}, records={len(made.records)}, ids={made.ids!r})"

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: object) -> None:
        """Print the same where dataclasses are else printed field by field, as hypothesis does."""
        printer.text(repr(self))

    def requests(self) -> tuple[Request, ...]:
        """Give the world's requests, and others about the entries of its claims."""
        entered = sorted(
            {one.entered for one in self.given.claims}
            | {one.entered for one in self.given.texts}
        )
        chance = Chance.of(self.made.seed + 1)
        last = entered[-1:] or [0]
        first, *_ = self.made.requests
        at = chance.one(entered) if entered else first.at
        return (
            *self.made.requests,
            replace(first, at=at - 1, known=max(last[0], at)),
            replace(first, at=at, known=max(last[0], at)),
            replace(first, at=max(last[0], first.at), known=max(last[0], first.at)),
        )


def claimed_world(seed: int, *, records: int = 40, ids: IdKind = "string") -> ClaimedWorld:
    """Make the world of a seed, and turn a share of it into claims.

    Args:
        seed: Which world.
        records: How many records.
        ids: Whether members and records have strings or integers for ids.
    """
    made = random_world(seed, records=records, ids=ids)
    chance = Chance.of(seed)
    share = chance.one((0.05, 0.2, 0.5, 0.9))
    facts, versions = facts_of(made.facts), [version_from(one) for one in made.policies]
    claimed = [fact for fact in facts if chance.often(share)]
    texts = [version for version in versions if chance.often(share * 0.7)]
    genesis = chance.moment() if chance.often(0.3) else None

    def entered(since: Instant) -> Instant:
        if genesis is not None and chance.often(0.8):
            return max(genesis, since)
        later = [one for one in (*chance.early, *chance.late) if one >= since]
        return (chance.one(later) if later else since) + chance.one((0, 0, 1, DAY, 40 * DAY))

    return ClaimedWorld(
        made=made,
        given=Given(
            facts=tuple(fact for fact in facts if fact not in claimed),
            claims=tuple(
                Claim(fact=fact, entered=entered(fact.recorded_at), by=chance.one(ATTESTERS))
                for fact in claimed
            ),
            versions=tuple(version for version in versions if version not in texts),
            texts=tuple(
                ClaimedVersion(
                    version=version,
                    entered=entered(version.published_at),
                    by=chance.one(ATTESTERS),
                )
                for version in texts
            ),
        ),
    )


def claimed_worlds(
    *, records: int = 40, ids: IdKind | None = None
) -> SearchStrategy[ClaimedWorld]:
    """Give a hypothesis strategy of worlds with claims; needs hypothesis installed.

    Args:
        records: How many records each world has.
        ids: The kind of ids; None is either.
    """
    from hypothesis import strategies  # noqa: PLC0415 - only who tests needs it

    kinds: tuple[IdKind, ...] = ("string", "int") if ids is None else (ids,)
    return strategies.builds(
        claimed_world,
        strategies.integers(min_value=0, max_value=2**32 - 1),
        records=strategies.just(records),
        ids=strategies.sampled_from(kinds),
    )


def world_of(given: Given, request: Request, records: Iterable[Record] = ()) -> World:
    """Make the world that a request is decided from: both readings, where something is claimed."""
    first, *others = readings(given.known(request.known), request.at)
    by_entry = [(other.policy, other.facts) for other in others]
    return world(
        first.policy,
        first.facts,
        request.known,
        records,
        by_entry=by_entry[0] if by_entry else None,
    )
