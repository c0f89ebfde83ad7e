# SPDX-License-Identifier: Apache-2.0
"""What the first reading keeps of records that may be permitted: all columns but the payload.

So that nothing is decoded twice: the second reading takes these rows from here, and only the payload from
the source. Quotes and duplicates may still refuse some of them; none comes back.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]


class KeptFile:
    """Tables of kept rows, by the first row of their chunk, in a file of the working folder.

    Args:
        path: The file, made or emptied.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._lock = threading.Lock()
        self._end = 0
        self._places: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        """Give the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        os.close(self._file)

    def write(self, first: int, table: pa.Table) -> None:
        """Keep the rows of the chunk that begins at `first`."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        view = memoryview(sink.getvalue())
        with self._lock:
            place, self._end = self._end, self._end + len(view)
            self._places[first] = (place, len(view))
        while view:
            written = os.pwrite(self._file, view, place)
            view, place = view[written:], place + written

    def read(self, first: int) -> pa.Table:
        """Give back the rows of a chunk."""
        place, length = self._places[first]
        data = os.pread(self._file, length, place)
        if len(data) != length:
            message = f"read {len(data)} of {length} bytes that were kept"
            raise OSError(message)
        with pa.ipc.open_stream(pa.py_buffer(data)) as stream:
            return stream.read_all()
