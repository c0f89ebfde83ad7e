# SPDX-License-Identifier: Apache-2.0
"""Which rows of the sources came out of a cleared set: what the two copies are told beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.child import Work

Mask = npt.NDArray[np.bool_]


def write(files: list[str], cleared: list[str], out: str) -> Work:
    """Prepare to find the rows of `files` whose ids are in `cleared`, kept as one file of bits."""

    def work() -> dict[str, Any]:
        permitted = pa.concat_tables(
            pq.read_table(path, columns=["record_id"]) for path in cleared
        )["record_id"].combine_chunks()
        masks = {}
        for number, path in enumerate(files):
            column = pq.read_table(path, columns=["record_id"])["record_id"]
            mask = pa.compute.is_in(column, permitted).to_numpy()
            masks[f"rows{number}"] = np.array(len(mask))
            masks[f"bits{number}"] = np.packbits(mask)
        np.savez(out, allow_pickle=False, **masks)
        kept = sum(
            int(np.bitwise_count(bits).sum()) for name, bits in masks.items() if "bits" in name
        )
        rows = sum(int(count) for name, count in masks.items() if "rows" in name)
        if kept != len(permitted):
            message = f"{len(permitted)} records were cleared, but {kept} rows have their ids"
            raise ValueError(message)
        return {"rows": rows, "permitted": kept}

    return work


def read(path: str | Path, files: int) -> list[Mask]:
    """Give one mask for each file: true where the row was permitted."""
    with np.load(path) as stored:
        return [
            np.unpackbits(stored[f"bits{number}"], count=int(stored[f"rows{number}"])).view(
                bool
            )
            for number in range(files)
        ]


def append(files: Sequence[str], masks: str, out: str) -> Work:
    """Prepare to write the files again with the mask as a column, which DuckDB filters fastest by."""

    def work() -> dict[str, Any]:
        written = []
        for number, (path, mask) in enumerate(zip(files, read(masks, len(files)), strict=True)):
            source = pq.ParquetFile(path)
            schema = source.schema_arrow.append(pa.field("permitted", pa.bool_()))
            target = Path(out) / f"part-{number}.parquet"
            with pq.ParquetWriter(
                target,
                schema,
                compression="zstd",
                compression_level=3,
                use_dictionary=["category", "capacity"],
            ) as writer:
                start = 0
                for group in range(source.num_row_groups):
                    table = source.read_row_group(group)
                    rows = pa.array(mask[start : start + len(table)])
                    writer.write_table(table.append_column("permitted", rows))
                    start += len(table)
            written.append(target)
        return {"files": written}

    return work
