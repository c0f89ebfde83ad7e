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
    resting = permits(accepted) & ~permits(witnessed)
    flags = flag_attested(
        permits(accepted),
        permits(witnessed),
        {name: permits(words) for name, words in each.items()},
    )
    return Attested(
        permits=int(resting.sum()),
        by={name: int(mine.sum()) for name, mine in sorted(flags.items())},
    )


def flag_attested(
    accepted: Flags, witnessed: Flags, each: Mapping[str, Flags]
) -> dict[str, Flags]:
    """Tell which permits rest on whose claims, from what is permitted; all are of shape (records).

    Args:
        accepted: Whether each record is permitted where every claim is accepted.
        witnessed: Whether it is where none is.
        each: For each attester, whether it is where all but its own are.
    """
    resting = accepted & ~witnessed
    alone = {name: resting & ~mine for name, mine in each.items()}
    # Where each alone could be done without, it rests on all of them together.
    together = resting & ~np.logical_or.reduce([np.zeros_like(resting), *alone.values()])
    return {name: mine | together for name, mine in alone.items()}


def permits(words: Words) -> Flags:
    """Tell of each word whether it permits."""
    permitted: Flags = (words & _REASONS) == 0
    return permitted
