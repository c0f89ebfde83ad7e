# SPDX-License-Identifier: Apache-2.0
"""The record files of a made network: how they are written, and which of them there were earlier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.canonical.instants import Instant
from privity.sources.synthetic.records import BLOCK, SCHEMA


def record_writer(path: Path) -> pq.ParquetWriter:
    """Open a file of records for writing."""
    return pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=["category", "capacity"],
    )


def held_at(paths: Sequence[Path], at: Instant, folder: Path) -> list[Path]:
    """Give the records that the platform held at an instant: those made at or before it.

    Records are in the order of time. Files that end before the instant stay as they are, the one that
    crosses it is cut, later ones are left out.

    Args:
        paths: A made network's record files, in order.
        at: Seconds since 1970 UTC.
        folder: Where the cut file is written.
    """
    limit = pa.scalar(at * 1_000_000, pa.timestamp("us", tz="UTC"))
    held: list[Path] = []
    for path in paths:
        created = pq.read_table(path, columns=["created_at"])["created_at"]
        if pc.greater(created[0], limit).as_py():
            break
        if pc.less_equal(created[-1], limit).as_py():
            held.append(path)
            continue
        folder.mkdir(parents=True, exist_ok=True)
        held.append(folder / path.name)
        with record_writer(held[-1]) as writer:
            table = pq.read_table(path, filters=pc.field("created_at") <= limit)
            writer.write_table(table, row_group_size=BLOCK)
    return held
