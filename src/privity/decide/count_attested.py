# SPDX-License-Identifier: Apache-2.0
"""How many permits rest on claims, in bulk: what `privity.decide.attested` says of each ([CLM-22])."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.decide.bits import REASON_MASK

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_REASONS: Final = np.uint64(REASON_MASK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attested:
    """How many permits rest on claims.

    Attributes:
        permits: Records that are permitted, and would not be if no claim were accepted.
        by: For each attester: those that rest on what it attests. One may rest on several.
    """

    permits: int
    by: Mapping[str, int]


def count_attested(accepted: Words, witnessed: Words, each: Mapping[str, Words]) -> Attested:
    """Count the permits that rest on claims, from final words: those of `rests_on` in bulk.

    Args:
        accepted: Shape (records): the words where every claim is accepted.
        witnessed: Shape (records): the words where none is.
        each: For each attester the words where all but its own are.
    """
    resting = _permits(accepted) & ~_permits(witnessed)
    alone = {name: resting & ~_permits(words) for name, words in each.items()}
    together = resting & ~np.logical_or.reduce([np.zeros_like(resting), *alone.values()])
    return Attested(
        permits=int(resting.sum()),
        by={name: int((mine | together).sum()) for name, mine in sorted(alone.items())},
    )


def _permits(words: Words) -> Flags:
    permits: Flags = (words & _REASONS) == 0
    return permits
