# SPDX-License-Identifier: Apache-2.0
"""Write the files of a release anew without some of their rows, under new names (specs/release.md, part 6).

A file of a table is never changed: whoever reads it goes on reading it. The same rows taken out of the same file give the
same bytes with the same library, so that a recipient who does it gets the operator's own files ([REL-105]).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.release.aside import settle
from privity.release.copy import open_writer
from privity.release.decided import whole
from privity.release.files import FileLine, Manifest, describe_file
from privity.release.parties import QUOTES

Ints = npt.NDArray[np.int64]

_NAME: Final = re.compile(r"(part-[0-9]+)(?:-r[0-9]+)?\.parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """A file that is no longer live.

    Attributes:
        old: Its name.
        new: What stands for it now, or None where no row of it is left.
    """

    old: str
    new: FileLine | None


def revised_name(name: str, revision: int) -> str:
    """Give the name of what stands for a file from a revision on.

    Raises:
        ValueError: It is no name of a release's file.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        message = f"`{name}` is no name of a release’s file"
        raise ValueError(message)
    return f"{found[1]}-r{revision}.parquet"


def take_rows_out(
    table: Path, rows: Mapping[str, Ints], revision: int, *, threads: int = 2
) -> tuple[Replaced, ...]:
    """Write files of a table anew, beside the old ones.

    Args:
        table: The table's folder.
        rows: For each file's name the rows that are left out, ascending.
        revision: Which revision the new files are of.
        threads: How many files are written at once.

    Raises:
        OSError: The disk is full or fails.
    """

    def one(item: tuple[str, Ints]) -> Replaced:
        old, out = item
        new = revised_name(old, revision)
        if not write_without(table / old, table / new, out):
            return Replaced(old=old, new=None)
        return Replaced(old=old, new=describe_file(table / new))

    with ThreadPoolExecutor(threads) as pool:
        done = tuple(pool.map(one, sorted(rows.items())))
    settle(table)
    return done


def write_without(
    source: Path, target: Path, rows: Ints, *, statistics: Sequence[str] = ()
) -> bool:
    """Write a file without some rows, row group by row group; what is there of it is written over.

    Args:
        source: The file.
        target: The new file.
        rows: Those that are left out, ascending.
        statistics: As for `open_writer`.

    Returns:
        Whether any row is left; else there is no new file.

    Raises:
        OSError: The disk is full or fails.
    """
    new = target.with_name(f".{target.name}.new")
    left = first = 0
    with (
        pq.ParquetFile(source) as file,
        open_writer(new, file.schema_arrow, statistics) as writer,
    ):
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            low, high = np.searchsorted(rows, (first, first + table.num_rows))
            keep = np.ones(table.num_rows, np.bool_)
            keep[rows[low:high] - first] = False
            first += table.num_rows
            kept = table.filter(pa.array(keep)) if low < high else table
            if kept.num_rows:
                writer.write_table(kept, row_group_size=kept.num_rows)
                left += kept.num_rows
    if not left:
        new.unlink()
        return False
    settle(new)
    new.replace(target)
    return True


def write_parties_without(private: Path, replaced: Replaced, rows: Ints) -> None:
    """Write anew what the rows of a file were decided by.

    Raises:
        OSError: The disk is full or fails.
    """
    if replaced.new is not None:
        old, new = private / replaced.old, private / replaced.new.path
        write_without(old, new, rows, statistics=QUOTES)


def rows_of_ids(path: Path, ids: pa.Array) -> Ints:
    """Give the rows of a file that have one of these ids, ascending.

    Raises:
        OSError: It cannot be read.
    """
    found = whole(pq.read_table(path, columns=["record_id"], use_threads=False).column(0))
    hit = pc.is_in(found, value_set=ids.cast(found.type))
    return np.flatnonzero(np.asarray(hit, np.bool_)).astype(np.int64)


def revised_manifest(manifest: Manifest, replaced: Sequence[Replaced]) -> Manifest:
    """Give the manifest after files were replaced."""
    old = {one.old for one in replaced}
    return Manifest.of(
        (
            *(line for line in manifest.lines if line.path not in old),
            *(one.new for one in replaced if one.new is not None),
        )
    )
