# SPDX-License-Identifier: Apache-2.0
"""DuckDB as the yardstick: copying the rows that are already known to be permitted.

It is told the rows by a column of the file itself. Of four ways this cost DuckDB least: a semi join
by row number, one by record id, and a bit string by row number took 2 to 30 per cent longer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.child import Work


def copy(files: list[str], out: str, threads: int, row_group: int) -> Work:
    """Prepare to copy the rows marked `permitted`, zstd-3, in whatever order is fastest."""
    Path(out).parent.mkdir()
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")

    query = (
        f"COPY (SELECT * EXCLUDE permitted FROM read_parquet($files) WHERE permitted) TO '{out}' "  # noqa: S608 - COPY takes no parameter for its target, a path of our own
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, "
        f"ROW_GROUP_SIZE {row_group})"
    )

    def work() -> dict[str, Any]:
        connection.execute(query, {"files": files})
        with Path(out).open("rb") as stream:
            os.fsync(
                stream.fileno()
            )  # clearing and the oracle copy force their files to disk too
        return {"files": [out]}

    return work
