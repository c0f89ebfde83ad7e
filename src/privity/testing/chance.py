# SPDX-License-Identifier: Apache-2.0
"""Chance from a seed, and the few instants that a random world is made of.

A world takes nearly all its instants from one small pool, so that versions, notices, choices, birthdays,
records and requests meet at the same second again and again: what a rule says of a tie is where two
implementations of it part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

from privity.canonical.instants import Instant, parse_instant

Item = TypeVar("Item")

DAY: Final = 86_400

# Country groups change on the first three; a leap day comes of age on the next two.
_EARLY: Final = (
    "2013-07-01T00:00:00Z",
    "2020-12-31T23:59:59Z",
    "2021-01-01T00:00:00Z",
    "2022-02-28T00:00:00Z",
    "2022-03-01T00:00:00Z",
    "2023-05-05T00:00:00Z",
)
_LATE: Final = (
    "2024-08-15T00:00:00Z",
    "2024-09-18T00:00:00Z",
    "2024-10-18T00:00:00Z",
    "2024-11-20T00:00:00Z",
    "2025-01-01T00:00:00Z",
    "2025-02-01T00:00:00Z",
    "2025-03-03T00:00:00Z",
    "2025-04-01T12:00:00Z",
    "2025-06-01T00:00:00Z",
)
EARLY: Final = tuple(map(parse_instant, _EARLY))
LATE: Final = tuple(map(parse_instant, _LATE))
LONG_AGO: Final = parse_instant("2012-01-01T00:00:00Z")
FUTURE: Final = parse_instant("2031-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True)
class Chance:
    """A source of chance, and one world's instants.

    Attributes:
        random: Where every choice comes from.
        early: The world's instants before its policy, usually.
        late: The world's instants during its policy, usually.
        trouble: From 0 to 1, how much of what can go wrong does.
        calm: From 0 to 1, how often a policy or a member is the usual one.
    """

    random: Random
    early: tuple[Instant, ...] = field(default=())
    late: tuple[Instant, ...] = field(default=())
    trouble: float = 0.5
    calm: float = 0.5

    @staticmethod
    def of(seed: int) -> Chance:
        """Make the chance of one world."""
        random = Random(seed)  # noqa: S311 - worlds are made again from their seed, not kept secret
        return Chance(
            random,
            early=tuple(sorted(random.sample(EARLY, random.randint(2, 4)))),
            late=tuple(sorted(random.sample(LATE, random.randint(4, 7)))),
            trouble=random.choice((0.03, 0.1, 0.2, 0.4, 0.8)),
            calm=random.choice((0.4, 0.75, 0.9)),
        )

    def often(self, share: float) -> bool:
        """Tell whether something happens that does so in this share of cases."""
        return self.random.random() < share

    def wrong(self, share: float) -> bool:
        """Tell whether something goes wrong that does so in this share of the worst world's cases."""
        return self.random.random() < share * self.trouble

    def one(self, pool: Sequence[Item]) -> Item:
        """Choose one."""
        return self.random.choice(pool)

    def usual(self, pool: Sequence[Item]) -> Item:
        """Choose one, in a calm world mostly the first."""
        return pool[0] if self.often(self.calm) else self.one(pool)

    def some(self, pool: Sequence[Item], least: int = 1, most: int | None = None) -> list[Item]:
        """Choose several different ones."""
        bound = len(pool) if most is None else min(most, len(pool))
        return self.random.sample(pool, self.random.randint(min(least, bound), bound))

    def count(self, least: int, most: int) -> int:
        """Choose a number."""
        return self.random.randint(least, most)

    def moment(self) -> Instant:
        """Choose any of the world's instants, or a neighbour of it."""
        pool = self.late if self.often(0.75) else self.early
        return self.near(self.one(pool))

    def near(self, instant: Instant) -> Instant:
        """Choose the instant itself, mostly, or a second or some days beside it."""
        if self.often(0.8):
            return instant
        return instant + self.one((-1, 1, 1, DAY, 30 * DAY, 30 * DAY - 1))
