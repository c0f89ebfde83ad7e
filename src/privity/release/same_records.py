# SPDX-License-Identifier: Apache-2.0
"""Whether the rows that are due are the same records in all that stands beside a table, before any is taken out ([REL-104]).

What a row was decided by, the row itself and whose it is lie in three files, row by row. Where one of them has lost a
row, the records that would go are others than those that are due.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.errors import VerificationError, Where
from privity.release.decided import whole
from privity.release.due import DueFile, Ints


def check_same_records(files: Sequence[DueFile], *others: Path) -> None:
    """Check that rows have the same ids in other folders.

    Args:
        files: The rows that are due, with the ids that they were decided by.
        others: Folders with files of the same names, row by row: the table, its sidecar.

    Raises:
        VerificationError: A row is another record there, or is not there (`workspace/release`).
        OSError: A file cannot be read.
    """
    for one in files:
        for folder in others:
            path = folder / one.name
            found = _ids(path, one.rows)
            if len(found) != len(one.rows) or not found.cast(one.ids.type).equals(one.ids):
                raise VerificationError(
                    "its rows are other records than those that were decided",
                    code="workspace/release",
                    hint="see `privity ledger check`, and put the files back from a backup",
                    where=Where(file=str(path)),
                )


def _ids(path: Path, rows: Ints) -> pa.Array:
    """Give the ids of rows of a file; of those that it has."""
    parts, first = [], 0
    with pq.ParquetFile(path) as file:
        kind = file.schema_arrow.field("record_id").type
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            low, high = np.searchsorted(rows, (first, first + count))
            if low < high:
                table = file.read_row_group(group, columns=["record_id"], use_threads=False)
                ids = whole(table.column("record_id"))
                parts.append(ids.take(pa.array(rows[low:high] - first)))
            first += count
    return pa.concat_arrays(parts) if parts else pa.nulls(0, kind)
