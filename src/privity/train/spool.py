# SPDX-License-Identifier: Apache-2.0
"""Rows sorted into buckets in bounded memory: those that are too many go to a file that has no name.

A release is read in the order of slots, which is not that of its files. So its rows are dealt to buckets of neighbouring
batches, and a bucket is small enough to be sorted in memory. The file is unlinked as it is made: whatever becomes of the
process, no copy of a record is left behind.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.errors import UnavailableError


class Spool:
    """Buckets of rows.

    Args:
        buckets: How many.
        schema: The columns of all rows.
        memory: How many bytes of rows may wait in memory.
        folder: Where the file without a name is made; None is the system's place for such.
    """

    def __init__(
        self, buckets: int, schema: pa.Schema, *, memory: int, folder: Path | None = None
    ) -> None:
        self._schema = schema
        self._memory = memory
        self._folder = folder
        self._waiting: list[list[pa.RecordBatch]] = [[] for _ in range(buckets)]
        self._held = 0
        self._file: BinaryIO | None = None
        # Where each piece of a bucket lies: offset and length, one after the other.
        self._pieces = [array("Q") for _ in range(buckets)]

    def __enter__(self) -> Self:
        """Give the spool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the rows, and of the file with them."""
        self._waiting.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def on_disk(self) -> bool:
        """Whether rows went to the file."""
        return self._file is not None

    def add(self, buckets: npt.NDArray[np.int64], rows: pa.RecordBatch) -> None:
        """Deal rows to buckets.

        Args:
            buckets: The bucket of each row.
            rows: In the schema of the spool.

        Raises:
            UnavailableError: The disk is full or fails (`train/disk`).
        """
        if not rows.num_rows:
            return
        order = np.argsort(buckets, kind="stable")
        sorted_rows = rows.take(pa.array(order))
        there, starts = np.unique(buckets[order], return_index=True)
        ends = [*starts[1:].tolist(), rows.num_rows]
        for bucket, start, end in zip(there.tolist(), starts.tolist(), ends, strict=True):
            self._waiting[bucket].append(sorted_rows.slice(start, end - start))
        self._held += sorted_rows.nbytes
        if self._held > self._memory:
            self._flush()

    def take(self, bucket: int) -> pa.Table:
        """Give the rows of a bucket in the order in which they were added, and let go of those in memory.

        Raises:
            UnavailableError: The disk fails (`train/disk`).
        """
        waiting, self._waiting[bucket] = self._waiting[bucket], []
        return pa.Table.from_batches([*self._stored(bucket), *waiting], schema=self._schema)

    def _stored(self, bucket: int) -> Sequence[pa.RecordBatch]:
        if self._file is None:
            return []
        pieces = self._pieces[bucket]
        found = []
        try:
            for at in range(0, len(pieces), 2):
                offset, length = pieces[at], pieces[at + 1]
                data = os.pread(self._file.fileno(), length, offset)
                found.append(pa.ipc.read_record_batch(pa.py_buffer(data), self._schema))
        except OSError as error:
            raise _disk(error) from error
        return found

    def _flush(self) -> None:
        """Write what waits to the file."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - held until the spool ends
            for pieces, waiting in zip(self._pieces, self._waiting, strict=True):
                if waiting:
                    rows = pa.Table.from_batches(waiting).combine_chunks().to_batches()
                    for one in rows:
                        data = one.serialize()
                        pieces.extend((self._file.tell(), data.size))
                        self._file.write(data)
                    waiting.clear()
            self._file.flush()
        except OSError as error:
            raise _disk(error) from error
        self._held = 0


def _disk(error: OSError) -> UnavailableError:
    return UnavailableError(
        f"records cannot be sorted on the disk: {error.strerror or error}; nothing was left behind",
        code="train/disk",
        hint="name a folder with room, or allow more memory",
    )
