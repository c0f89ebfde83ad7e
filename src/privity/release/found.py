# SPDX-License-Identifier: Apache-2.0
"""Which records have a private one's text in them, as row numbers only (specs/release.md part 7).

A *needle* is a text that is looked for, by its number. What is refused is asked again and again; texts are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        owners: Shape (owned): rows of private records, ascending.
        owned: Shape (owned): a needle of each.
        refusing: Shape (owned): whether a copy of it is refused; else it is reported.
        needles: Shape (hits): needles that were found, ascending.
        rows: Shape (hits): the row where each was.
    """

    owners: Ints
    owned: Ints
    refusing: Flags
    needles: Ints
    rows: Ints

    def copies(self, private: Ints, *, refusing: bool) -> Ints:
        """Give the rows that have a text of some private records in them, ascending; these may be among them.

        Args:
            private: Their rows, and others.
            refusing: Whether copies that are refused are asked for, or those that are reported.
        """
        places = _places(self.owners, private)
        needles = np.unique(self.owned[places[self.refusing[places] == refusing]])
        found: Ints = np.unique(self.rows[_places(self.needles, needles)])
        return found

    @property
    def private(self) -> Ints:
        """The rows of the private records that have a needle, ascending."""
        found: Ints = np.unique(self.owners)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Copies:
    """The copies in a run.

    Attributes:
        found: What the search found.
        refused: The rows that are refused as copies, ascending.
        reported: The rows that are permitted and reported as copies, ascending.
    """

    found: Found
    refused: Ints
    reported: Ints


def _places(ordered: Ints, wanted: Ints) -> Ints:
    """Give all places of some numbers among ordered ones."""
    first = np.searchsorted(ordered, wanted, side="left")
    counts = np.searchsorted(ordered, wanted, side="right") - first
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    found: Ints = np.repeat(first, counts) + within
    return found
