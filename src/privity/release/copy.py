# SPDX-License-Identifier: Apache-2.0
"""The second reading of a clearing: copy the rows that are permitted, streaming, to Parquet.

Chunks are dealt to as many parts as there are threads, each part a contiguous share of the rows, so that
the same inputs and threads give the same bytes. What is permitted is told from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from privity.release.aside import settle
from privity.release.decided import Chunk, Progress
from privity.release.parties import QUOTES, parties_of, parties_schema

Mask = npt.NDArray[np.bool_]
Change = Callable[[pa.Table], pa.Table]

ROW_GROUP: Final = 1 << 16
"""Rows of a row group of the output, at the least, but for a part's last."""
COMPRESSION: Final = "zstd"
LEVEL: Final = 3
_REPEATING: Final = ("category", "capacity")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A file of the output.

    Attributes:
        path: Where it lies.
        rows: How many records it has.
    """

    path: Path
    rows: int


def copy_rows(  # noqa: PLR0917 - what is copied, then how
    chunks: Sequence[Chunk],
    schema: pa.Schema,
    permitted: Callable[[Chunk], Mask],
    folder: Path,
    threads: int,
    progress: Progress,
    change: Change | None = None,
    rows_of: Callable[[Chunk, Mask], pa.Table] | None = None,
    beside: Sequence[Callable[[], object]] = (),
    most: int | None = None,
    parties: Path | None = None,
) -> list[Part]:
    """Copy permitted rows into `folder` as Parquet.

    Args:
        chunks: What to copy from, in order.
        schema: The schema of every chunk, after `change`.
        permitted: Gives a chunk's mask, shape (rows).
        folder: An existing folder, empty.
        threads: How many parts are written at once; there are as many parts.
        progress: Told of the stage `copy`.
        change: What is done to the rows that are copied, or None.
        rows_of: Gives a chunk's permitted rows; None reads the chunk.
        beside: What else is to be done, while the disk takes in what was written.
        most: After how many rows a part goes on in another file; None is never.
        parties: An existing folder, empty, for what the rows were decided by, in files of the same names; None
            writes none.

    Raises:
        OSError: The disk is full or fails; what was written is the caller's to remove.
    """
    shares = _deal(chunks, threads)
    folders = [(folder, schema)]
    if parties is not None:
        source = chunks[0].file.schema if chunks else schema
        folders.append((parties, parties_schema(source)))
    with ThreadPoolExecutor(threads) as pool:
        stopping: list[bool] = []
        jobs = [
            pool.submit(
                _copy_part,
                share,
                permitted,
                _Files(folders, number, most),
                progress,
                change,
                rows_of or read_rows,
                stopping,
            )
            for number, share in enumerate(shares)
        ]
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            if not all(job.done() for job in jobs):
                # A failure or an interrupt ends the other parts too, at their next chunk.
                stopping.append(True)
        parts = [part for job in jobs for part in job.result()]
        with ThreadPoolExecutor(threads) as settling:
            settled = [
                settling.submit(settle, one / part.path.name)
                for one, _ in folders
                for part in parts
            ]
            for task in [pool.submit(task) for task in beside]:
                task.result()
            for one in settled:
                one.result()
        return parts


def read_rows(chunk: Chunk, permitted: Mask) -> pa.Table:
    """Read a chunk's permitted rows from its source."""
    return chunk.file.read(chunk.number).filter(pa.array(permitted))


class _Files:
    """The files of one part, written one after another.

    Args:
        folders: Where they lie, and the schema of every table there: the rows, and what they were decided by.
        number: The part's number.
        most: After how many rows the next one begins, or None.
    """

    def __init__(
        self, folders: Sequence[tuple[Path, pa.Schema]], number: int, most: int | None
    ) -> None:
        self._folders = folders
        self._number = number
        self._most = most
        self._rows = 0
        self._writers: list[pq.ParquetWriter] = []
        self.parts: list[Part] = []

    def __enter__(self) -> Self:
        """Give the files themselves."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the last file; a part without a row is a file, too: it has the columns."""
        if not self.parts:
            self._begin()
        if self._writers:
            self._end()

    @property
    def beside(self) -> bool:
        """Whether what rows were decided by is written, too."""
        return len(self._folders) > 1

    def write(self, tables: Sequence[pa.Table]) -> None:
        """Write rows as one row group, and what they were decided by as another beside it."""
        if not self._writers:
            self._begin()
        rows = tables[0].num_rows
        for writer, table in zip(self._writers, tables, strict=True):
            writer.write_table(table, row_group_size=max(1, rows))
        self._rows += rows
        if self._most is not None and self._rows >= self._most:
            self._end()

    def _begin(self) -> None:
        several = "" if self._most is None else f"-{len(self.parts):05d}"
        name = f"part-{self._number:05d}{several}.parquet"
        for place, (folder, schema) in enumerate(self._folders):
            self._writers.append(open_writer(folder / name, schema, QUOTES if place else ()))
        self.parts.append(Part(path=self._folders[0][0] / name, rows=0))

    def _end(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.close()
        self.parts[-1] = replace(self.parts[-1], rows=self._rows)
        self._rows = 0


def open_writer(
    path: Path, schema: pa.Schema, statistics: Sequence[str] = ()
) -> pq.ParquetWriter:
    """Open a file of a set for writing, as all of them are written.

    Args:
        path: The file.
        schema: Its columns.
        statistics: The columns to keep statistics of besides `created_at`: never of a set itself, in which what is
            removed must not live on.
    """
    return pq.ParquetWriter(
        path,
        schema,
        compression=COMPRESSION,
        compression_level=LEVEL,
        use_dictionary=[name for name in _REPEATING if name in schema.names],
        write_statistics=[
            *(["created_at"] if "created_at" in schema.names else []),
            *statistics,
        ]
        or False,
    )


def _copy_part(  # noqa: PLR0917 - as above
    share: Sequence[Chunk],
    permitted: Callable[[Chunk], Mask],
    files: _Files,
    progress: Progress,
    change: Change | None,
    rows_of: Callable[[Chunk, Mask], pa.Table],
    stopping: list[bool],
) -> list[Part]:
    waiting: list[list[pa.Table]] = []
    held = 0
    with files:
        for chunk in share:
            if stopping:
                break
            mask = permitted(chunk)
            if mask.any():
                table = rows_of(chunk, mask)
                beside = [parties_of(table)] if files.beside else []
                waiting.append([table if change is None else change(table), *beside])
                held += table.num_rows
            if held >= ROW_GROUP:
                files.write([pa.concat_tables(some) for some in zip(*waiting, strict=True)])
                held, waiting = 0, []
            progress("copy", chunk.rows)
        if held:
            files.write([pa.concat_tables(some) for some in zip(*waiting, strict=True)])
    return files.parts


def _deal(chunks: Sequence[Chunk], parts: int) -> list[list[Chunk]]:
    """Deal chunks into contiguous shares of about as many rows."""
    total = sum(chunk.rows for chunk in chunks)
    shares: list[list[Chunk]] = [[] for _ in range(parts)]
    before = 0
    for chunk in chunks:
        shares[min(parts - 1, (before + chunk.rows // 2) * parts // max(1, total))].append(
            chunk
        )
        before += chunk.rows
    return shares
