# SPDX-License-Identifier: Apache-2.0
"""Arrays on disk, one number a record, so that memory does not grow with the run.

Files of the clearing's own working folder, read and written by position from any thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from privity.decide.quotes import Keyed, KeyStore

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

KEYS_IN_MEMORY: Final = 4 << 20
"""Runs of more records than this keep their keys on disk."""
_WORD: Final = 8
_BLOCK: Final = 1 << 20


class WordFile:
    """One 64-bit word a row, in a file.

    Args:
        path: The file, made or emptied.
        rows: How many rows there will be.
    """

    def __init__(self, path: Path, rows: int) -> None:
        self.rows = rows
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

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

    def write(self, first: int, words: Words) -> None:
        """Write the words of the rows from `first` on, whole."""
        view = memoryview(words.tobytes())
        position = first * _WORD
        while view:
            written = os.pwrite(self._file, view, position)
            view, position = view[written:], position + written

    def read(self, first: int, count: int) -> Words:
        """Read the words of `count` rows from `first` on."""
        data = os.pread(self._file, count * _WORD, first * _WORD)
        if len(data) != count * _WORD:
            message = f"read {len(data)} of {count * _WORD} bytes at row {first}"
            raise OSError(message)
        return np.frombuffer(data, np.uint64)

    def at(self, rows: Ints) -> Words:
        """Read the words of rows that ascend."""
        parts = []
        for first in range(0, self.rows, _BLOCK):
            inside = rows[np.searchsorted(rows, first) : np.searchsorted(rows, first + _BLOCK)]
            if len(inside):
                parts.append(self.read(first, min(_BLOCK, self.rows - first))[inside - first])
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def put(self, rows: Ints, words: Words) -> None:
        """Replace the words of rows that ascend."""
        for first in range(0, self.rows, _BLOCK):
            low, high = np.searchsorted(rows, (first, first + _BLOCK))
            if low < high:
                block = self.read(first, min(_BLOCK, self.rows - first)).copy()
                block[rows[low:high] - first] = words[low:high]
                self.write(first, block)


@contextmanager
def key_store(folder: Path, rows: int) -> Iterator[Keyed]:
    """Give a place for the keys of a run: memory, or a file where they are too many."""
    if rows <= KEYS_IN_MEMORY:
        yield KeyStore(rows)
        return
    with WordFile(folder / "keys", rows) as file:
        yield file
