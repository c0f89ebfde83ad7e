# SPDX-License-Identifier: Apache-2.0
"""What the made network's members are: pure functions of a member's number.

The facts (`facts.py`) write these down; the records (`records.py`) look them up to choose authors who
had joined and InMail senders who were paying. Members are numbered from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np

from privity.sources.synthetic.countries import CODES, CUTS
from privity.sources.synthetic.draws import Draws, Flags, Floats, Integers, Strings
from privity.sources.synthetic.history import FIRST_RECORD, FOUNDED, LAST_FACT

NEVER: Final = 1 << 62
"""The instant of what does not happen."""

_PREMIUM_SHARE: Final = 0.12
_SECOND_PREMIUM_SHARE: Final = 0.30
MERGED_SHARE: Final = 0.006
"""Of accounts that were merged into another, before those are left out whose target was merged too."""

_HEAVY_TAIL: Final = 2.5
"""A member's activity falls as its rank to the power of 1 - 1 / 2.5, a Zipf of 0.6."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Premium:
    """Two subscription periods for each of n members, half-open, in seconds; NEVER if none."""

    starts: tuple[Integers, Integers]
    ends: tuple[Integers, Integers]

    def covers(self, at: Integers) -> Flags:
        """Tell for each member whether a period covers its instant."""
        first = (self.starts[0] <= at) & (at < self.ends[0])
        return first | ((self.starts[1] <= at) & (at < self.ends[1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """The members of one network.

    Attributes:
        draws: Where the chance comes from.
        count: How many; their numbers are 1 to `count`.
    """

    draws: Draws
    count: int

    def by_activity(self, unit: Floats) -> Integers:
        """Turn draws in [0, 1) into members, the active ones often."""
        rank = np.minimum((unit**_HEAVY_TAIL * self.count).astype(np.int64), self.count - 1)
        return (rank * self._stride() + 1) % self.count + 1

    def joined(self, members: Integers) -> Integers:
        """Give when each joined: more of them late than early."""
        unit = self.draws.unit("joined", members) ** 0.6
        return FOUNDED + (unit * (LAST_FACT - 30 * 86_400 - FOUNDED)).astype(np.int64)

    def home(self, members: Integers) -> Strings:
        """Give the country that each declared on joining."""
        return country(self.draws.unit("home", members))

    def premium(self, members: Integers) -> Premium:
        """Give each member's subscription periods."""
        draws = self.draws
        paying = draws.happens("premium", members, _PREMIUM_SHARE)
        earliest = np.maximum(self.joined(members), FIRST_RECORD)
        first = draws.between(
            "premium-from", members, earliest, np.full_like(members, LAST_FACT)
        )
        first_end = first + draws.waiting("premium-days", members, 700)
        second = first_end + draws.waiting("premium-pause", members, 200)
        second_end = second + draws.waiting("premium-days-2", members, 700)
        again = paying & draws.happens("premium-again", members, _SECOND_PREMIUM_SHARE)
        return Premium(
            starts=(np.where(paying, first, NEVER), np.where(again, second, NEVER)),
            ends=(np.where(paying, first_end, NEVER), np.where(again, second_end, NEVER)),
        )

    def merged_into(self, members: Integers) -> Integers:
        """Give the account that each account went into, or 0; accounts merge once, never in chains."""
        target = members % self.count + 1
        merged = self._merges(members) & ~self._merges(target)
        return np.where(merged, target, 0)

    def _merges(self, members: Integers) -> Flags:
        return self.draws.happens("merged", members, MERGED_SHARE)

    def _stride(self) -> int:
        """Give a step that visits every member once, so that rank and number look unrelated."""
        stride = max(1, int(self.count * 0.618_033_988_749_895))
        while gcd(stride, self.count) != 1:
            stride += 1
        return stride


def country(unit: Floats) -> Strings:
    """Turn draws in [0, 1) into ISO codes by share."""
    places = np.minimum(np.searchsorted(CUTS, unit, side="right"), len(CODES) - 1)
    return CODES[places]
