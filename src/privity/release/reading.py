# SPDX-License-Identifier: Apache-2.0
"""The port through which records come in; `privity.sources` has what fits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa


class RecordFile(Protocol):
    """Records of one file, readable in chunks from any thread.

    Attributes:
        name: The file as the user named it, for messages and the manifest.
        schema: The columns of design.md part 5, then payload.
        rows: How many records.
        chunks: How many chunks.
    """

    name: str
    schema: pa.Schema
    rows: int
    chunks: int

    def rows_of(self, chunk: int) -> int:
        """Give how many records a chunk has."""
        ...

    def read(self, chunk: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a chunk: the columns named, in that order, or all of the schema."""
        ...

    def read_encoded(
        self, chunk: int, columns: Sequence[str], encoded: Sequence[str]
    ) -> pa.Table:
        """Read a chunk, some columns of text as dictionaries where that saves work."""
        ...

    def digest(self) -> str:
        """Give the SHA-256 of the file's bytes."""
        ...
