# SPDX-License-Identifier: Apache-2.0
"""Merges that lead nowhere: into accounts of which nothing is known, or back to where they began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.members.findings import Finding, Level, Sought, example
from privity.members.rows import Places, Rows

UNKNOWN: Final = Sought(
    level=Level.WARNING,
    code="merged-into-unknown",
    message="merge into an account of which there are no facts; every no of the merged one is lost",
)
RING: Final = Sought(
    level=Level.WARNING,
    code="merge-ring",
    message="account that was merged, by however many steps, into itself",
)
_MOST_DIGITS: Final = 19


def merge_findings(rows: Rows) -> list[Finding]:
    """Find merges into unknown accounts, and rings of merges."""
    places = rows.where(lambda kind: kind.fact == "merged")
    targets = _targets(rows, places)
    unknown = places[targets < 0]
    edges: dict[int, set[int]] = {}
    for source, target in zip(rows.member[places].tolist(), targets.tolist(), strict=True):
        if target >= 0:
            edges.setdefault(source, set()).add(target)
    ring = [account for account in edges if _returns(edges, account)]
    return [
        *UNKNOWN.found(len(unknown), lambda: map(example, rows.facts(unknown))),
        *RING.found(
            len(ring), (f"member `{rows.columns.ids[account].as_py()}`" for account in ring)
        ),
    ]


def _targets(rows: Rows, places: Places) -> npt.NDArray[np.int64]:
    """Give each merge's target as its place among the ids, or -1."""
    ids = rows.columns.ids
    named = [kind.value for kind in rows.kinds_of(places)]
    wanted = (
        pa.array([_number(one) for one in named], ids.type)
        if pa.types.is_integer(ids.type)
        else pa.array(named, ids.type)
    )
    found = pc.fill_null(pc.index_in(wanted, value_set=ids, skip_nulls=True), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def _number(text: str) -> int | None:
    """Read an integer id as a member column writes it; None where it is none."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _MOST_DIGITS:
        return None
    number = int(text)
    fits = -(1 << 63) <= number < 1 << 63
    return number if fits and str(number) == text else None


def _returns(edges: Mapping[int, set[int]], account: int) -> bool:
    """Tell whether an account's merges lead back to it."""
    seen: set[int] = set()
    waiting = [*edges[account]]
    while waiting:
        one = waiting.pop()
        if one == account:
            return True
        if one not in seen:
            seen.add(one)
            waiting += edges.get(one, ())
    return False
