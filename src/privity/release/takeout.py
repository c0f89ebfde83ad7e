# SPDX-License-Identifier: Apache-2.0
"""Take records out of a set that is made aside, by rewriting the files that hold them.

It may be done again after it was stopped: what is gone is not there, and each file is whole before or after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.release.aside import settle
from privity.release.copy import Part, open_writer
from privity.release.late import Late


def shares(
    parts: Sequence[Part], late: Late
) -> tuple[tuple[Part, ...], Mapping[str, pa.Array]]:
    """Say which records are to be taken out of which file.

    Returns:
        The files as they will be, and the ids by the name of the file.
    """
    ends = np.cumsum([part.rows for part in parts])
    file_of = np.searchsorted(ends, late.places(), side="right")
    ids = late.ids()
    out = {
        parts[number].path.name: ids.filter(pa.array(file_of == number))
        for number in np.unique(file_of).tolist()
    }
    after = (replace(one, rows=one.rows - len(out.get(one.path.name, ()))) for one in parts)
    return tuple(after), out


def take_out(
    data: Path, ids: Mapping[str, pa.Array], threads: int, statistics: Sequence[str] = ()
) -> None:
    """Rewrite files without the records of these ids.

    Args:
        data: The folder of the files.
        ids: For each file's name, the ids.
        threads: How many files are rewritten at once.
        statistics: As for `open_writer`.

    Raises:
        OSError: The disk is full or fails.
    """
    with ThreadPoolExecutor(threads) as pool:
        jobs = [
            pool.submit(_rewrite, data / name, some, statistics) for name, some in ids.items()
        ]
        for job in jobs:
            job.result()
    settle(data)


def _rewrite(path: Path, ids: pa.Array, statistics: Sequence[str]) -> None:
    new = path.with_name(f".{path.name}.new")
    with (
        pq.ParquetFile(path) as file,
        open_writer(new, file.schema_arrow, statistics) as writer,
    ):
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            kept = table.filter(pc.invert(pc.is_in(table.column("record_id"), ids)))
            if kept.num_rows:
                writer.write_table(kept, row_group_size=kept.num_rows)
    settle(new)
    new.replace(path)
