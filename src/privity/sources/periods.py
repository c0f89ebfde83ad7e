# SPDX-License-Identifier: Apache-2.0
"""Where periods end that no other follows (docs/members.md, "Periods").

Whether a period is followed is known only when all rows have been seen, so a table of periods is held:
its keys, times and codes of its words, not its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.errors import InputError
from privity.sources.columns import MisfitError
from privity.sources.told import Told
from privity.sources.told_columns import FOREVER, Micros

Rows = npt.NDArray[np.int64]

# What holds one thing at a time: two at once contradict each other.
SINGLE = frozenset({"setting", "jurisdiction"})


def last_rows(told: Sequence[Told]) -> tuple[Rows, Micros]:
    """Find where a row of periods without a gap ends.

    Args:
        told: All rows of one kind of fact, in batches.

    Returns:
        The rows (counted over all batches) after which nothing is known of their key, and when each
        ends. A row that is open at its end is none of them.

    Raises:
        InputError: Two periods of one key overlap and say different things.
    """
    start = np.concatenate([one.start for one in told])
    end = np.concatenate([one.end for one in told])
    key, value = _keys(told), codes([[one.value for one in told]])
    order = np.lexsort((end, start, key))
    key, start, end, value = key[order], start[order], end[order], value[order]
    reach = running_maximum(key, end)
    follows = np.zeros(len(order), np.bool_)
    follows[:-1] = (key[1:] == key[:-1]) & (start[1:] <= reach[:-1])
    if told[0].of.fact in SINGLE:
        overlaps = follows[:-1] & (start[1:] < reach[:-1]) & (value[1:] != value[:-1])
        if overlaps.any():
            place = int(np.flatnonzero(overlaps)[0])
            raise _contradiction(told, int(order[place]), int(order[place + 1]))
    last = np.flatnonzero(~follows & (reach != FOREVER))
    return order[last], reach[last]


def final_rows(told: Sequence[Told]) -> tuple[Rows, Micros]:
    """Find where the last period of each key ends; otherwise as `last_rows`."""
    end = np.concatenate([one.end for one in told])
    key = _keys(told)
    order = np.lexsort((end, key))
    key, end = key[order], end[order]
    last = np.flatnonzero(np.append(key[1:] != key[:-1], len(key) > 0) & (end != FOREVER))
    return order[last], end[last]


def _keys(told: Sequence[Told]) -> Rows:
    columns = []
    if told[0].member is not None:
        columns.append([one.member for one in told])
    if told[0].of.fact == "jurisdiction":
        columns.append([one.detail for one in told])
    elif told[0].of.fact not in SINGLE:
        columns.append([one.value for one in told])
    columns.append([one.setting for one in told])
    return codes(columns)


def codes(columns: Sequence[Sequence[pa.Array]]) -> Rows:
    """Give each distinct combination of the columns' values a number."""
    count = sum(len(chunk) for chunk in columns[0])
    code = np.zeros(count, np.int64)
    for chunks in columns:
        encoded = pa.chunked_array(chunks).combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            continue  # no rows at all
        encoded = encoded.dictionary_encode()
        code = code * max(1, len(encoded.dictionary)) + encoded.indices.to_numpy()
        # Dense again, so that the product of many columns stays within 64 bits.
        code = np.unique(code, return_inverse=True)[1].astype(np.int64)
    return code


def running_maximum(key: Rows, end: Micros) -> Micros:
    """Give the latest end so far within each key; the keys are in order."""
    distinct, rank = np.unique(end, return_inverse=True)
    # The key counts more than any rank: the maximum never reaches over from one key to the next.
    width = len(distinct) + 1
    highest = np.maximum.accumulate(key * width + rank) - key * width
    return distinct[highest] if len(distinct) else end


def _contradiction(told: Sequence[Told], one: int, other: int) -> InputError:
    (first_batch, first), (batch, row) = _located(told, one), _located(told, other)
    where = first_batch.batch.place(first)
    return batch.batch.error(
        MisfitError(
            f"the period overlaps that of {where} and says something else of `{batch.of.fact}`, "
            "expected one thing at a time",
            code="records/overlap",
            row=row,
        )
    )


def _located(told: Sequence[Told], row: int) -> tuple[Told, int]:
    for one in told:
        if row < len(one.rows):
            return one, int(one.rows[row])
        row -= len(one.rows)
    raise IndexError(row)
