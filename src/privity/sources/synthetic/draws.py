# SPDX-License-Identifier: Apache-2.0
"""Seeded chance of two kinds: by member number (random access) and by block (streams).

Both depend on nothing but the seed, a name and a number, so the order in which things are made never
shows in them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.str_]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_TO_UNIT: Final = 2.0**-53


@dataclass(frozen=True, kw_only=True, slots=True)
class Draws:
    """The chance of one network.

    Attributes:
        seed: Any integer from 0 on.
    """

    seed: int

    def unit(self, name: str, numbers: Integers) -> Floats:
        """Give one draw in [0, 1) for each number: the same for the same seed, name and number.

        Args:
            name: What is drawn; another name is another, independent draw.
            numbers: Shape (n,).
        """
        mixed = numbers.astype(np.uint64) * _GOLDEN + np.uint64(self._key(name))
        # The finaliser of SplitMix64: every bit of the number moves every bit of the draw.
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        mixed ^= mixed >> np.uint64(31)
        return (mixed >> np.uint64(11)).astype(np.float64) * _TO_UNIT

    def happens(self, name: str, numbers: Integers, share: float) -> Flags:
        """Tell for each number whether something of this share happens to it."""
        return self.unit(name, numbers) < share

    def waiting(self, name: str, numbers: Integers, mean_days: float) -> Integers:
        """Give an exponential waiting time in whole seconds, at least one, for each number."""
        return 1 + (-np.log1p(-self.unit(name, numbers)) * mean_days * 86_400).astype(np.int64)

    def between(self, name: str, numbers: Integers, low: Integers, high: Integers) -> Integers:
        """Give an instant in [low, high) for each number; `low` where there is no room."""
        room: Integers = np.maximum(high - low, 0)
        drawn: Integers = (self.unit(name, numbers) * room).astype(np.int64)
        return low + drawn

    def stream(self, name: str, block: int) -> np.random.Generator:
        """Give the generator of one block of one stream."""
        entropy = [self.seed, self._key(name), block]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))

    def _key(self, name: str) -> int:
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return int.from_bytes(digest[:8], "big")
