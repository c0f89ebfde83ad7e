# SPDX-License-Identifier: Apache-2.0
"""Releases made in a folder for the tests of training: files of text by id, and what is taken out of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from privity.release.files import describe_files
from privity.train.source import Source

SALT = bytes(range(32))


def text_of(record: str | int) -> str:
    """The text of a record, which says which it is."""
    return f"what record {record} says, and a little more"


def made_release(
    folder: Path,
    files: Sequence[Sequence[str | int]],
    *,
    salt: bytes = SALT,
    columns: Mapping[str, pa.Array] | None = None,
) -> Source:
    """Write a release with these ids in each of its files."""
    table = folder / "table"
    table.mkdir(parents=True)
    names = []
    for number, ids in enumerate(files):
        kind = pa.string() if any(isinstance(one, str) for one in ids) else pa.int64()
        rows = pa.table(
            {
                "record_id": pa.array(ids, kind),
                "text": pa.array([text_of(one) for one in ids], pa.string()),
                "length": pa.array([len(text_of(one)) for one in ids], pa.int32()),
                **(columns or {}),
            }
        )
        names.append(f"part-{number:06d}.parquet")
        pq.write_table(rows, table / names[-1], row_group_size=16)
    manifest = describe_files(table, names, 1)
    return Source(
        release="feed",
        revision=1,
        salt=salt,
        first_rows=manifest.rows,
        table=table,
        files=manifest.lines,
    )


def without(source: Source, removed: Collection[str | int]) -> Source:
    """Give the next revision, in which some records are not; files that held them have new names."""
    names = []
    for file in source.files:
        path = source.table / file.path
        rows = pq.read_table(path)
        keep = [one not in removed for one in rows["record_id"].to_pylist()]
        names.append(file.path)
        if not all(keep):
            names[-1] = f"{path.stem}-r{source.revision + 1}.parquet"
            pq.write_table(rows.filter(pa.array(keep)), source.table / names[-1])
    manifest = describe_files(source.table, sorted(names), 1)
    return replace(source, revision=source.revision + 1, files=manifest.lines)
