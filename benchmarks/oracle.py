# SPDX-License-Identifier: Apache-2.0
"""The oracle copy: the product's own copying of rows that are known already.

Same reader, same writer, same threads, same files, same forcing to disk. What clearing takes longer
is the price of deciding and of accounting for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.child import Work
from benchmarks.masks import Mask, read
from privity.release.copy import copy_rows
from privity.release.decided import Chunk, chunks_of
from privity.sources.native import open_records


def copy(files: list[str], masks: str, out: str, threads: int) -> Work:
    """Prepare to copy the rows of the masks, which are held in memory."""
    known = dict(zip(files, read(masks, len(files)), strict=True))
    folder = Path(out)
    folder.mkdir()

    def work() -> dict[str, Any]:
        sources = open_records([Path(path) for path in files])
        chunks = chunks_of(sources)
        first = dict.fromkeys(files, 0)
        for chunk in reversed(chunks):
            first[chunk.file.name] = chunk.first

        def permitted(chunk: Chunk) -> Mask:
            start = chunk.first - first[chunk.file.name]
            return known[chunk.file.name][start : start + chunk.rows]

        parts = copy_rows(
            chunks, sources[0].schema, permitted, folder, threads, lambda _stage, _rows: None
        )
        return {"files": [part.path for part in parts]}

    return work
