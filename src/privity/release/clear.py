# SPDX-License-Identifier: Apache-2.0
"""Clearing: read twice, write aside, rename at the end (docs/clearing.md).

(1) decide every record, (2) count, (3) prepare the obligations, (4) copy what is permitted, (5) name what
was refused, if asked, (6) write the manifest, (7) rename. Whatever stops it before (7) leaves nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.encode import encode_pretty
from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.many import Compiled
from privity.release.aside import DATA, aside, settle
from privity.release.copies import comparing
from privity.release.copy import COMPRESSION, LEVEL, Change, copy_rows
from privity.release.decided import Chunk, Decided, Progress, decide_run
from privity.release.digests import Digests
from privity.release.job import Job
from privity.release.manifest import manifest
from privity.release.obligations import performance
from privity.release.one_schema import in_one_schema, one_schema
from privity.release.parties import PARTIES
from privity.release.reading import RecordFile
from privity.release.shape import Shape, shape_of
from privity.release.staged import Staged
from privity.release.summary import Summary, summarise

MANIFEST: Final = "manifest.json"
SUMMARY: Final = "summary.csv"
REFUSED: Final = "refused.parquet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clearing:
    """A cleared set.

    Attributes:
        out: Its folder, with `data/`, `manifest.json`, `summary.csv` and, if asked, `refused.parquet`.
        summary: It in numbers.
        manifest: What `manifest.json` says.
    """

    out: Path
    summary: Summary
    manifest: Mapping[str, Any]


def clear(
    compiled: Compiled, files: Sequence[RecordFile], job: Job, progress: Progress
) -> Clearing:
    """Clear the records of a run.

    Raises:
        InputError: The sources cannot be read, or an obligation cannot be performed.
        ConflictError: The folder exists, or a source changed meanwhile.
        UnavailableError: The disk is full or fails.
    """
    with staged(compiled, files, job, progress) as made:
        described = manifest(compiled, files, made, job)
        write_account(made.folder, made.summary, encode_pretty(described))
    return Clearing(out=job.out, summary=made.summary, manifest=described)


@contextmanager
def staged(
    compiled: Compiled, files: Sequence[RecordFile], job: Job, progress: Progress
) -> Iterator[Staged]:
    """Make a set aside; it gets its name when the block ends without an exception.

    Raises:
        InputError: As `clear`.
        ConflictError: As `clear`.
        UnavailableError: As `clear`.
    """
    schema = one_schema(files)
    files = in_one_schema(files, schema)
    compare = comparing(compiled, schema, job, progress)
    digests = Digests(files)
    with aside(job.out) as folder:
        work = folder / "work"
        work.mkdir()
        with decide_run(
            compiled, files, work, job.seed, job.threads, progress, digests.beside, compare
        ) as decided:
            with digests.beside():
                summary = summarise(compiled, decided)
            performed = performance(summary.obligations, schema, key=job.key, text=job.text)
            data = folder / DATA
            data.mkdir()
            written = performed.schema(schema)
            change: Change | None = performed.change if performed.names else None
            if job.table:
                shape = shape_of(written)
                written, change = shape.schema, _after(change, shape)
                (folder / PARTIES).mkdir()
            parts = copy_rows(
                decided.chunks,
                written,
                decided.permitted,
                data,
                job.threads,
                progress,
                change,
                decided.rows_of,
                digests.rest(),
                job.most,
                folder / PARTIES if job.table else None,
            )
            if job.table:
                settle(folder / PARTIES)
            if job.refused:
                kind = schema.field("record_id").type
                _write_refused(decided, folder / REFUSED, kind)
            yield Staged(
                folder=folder,
                decided=decided,
                summary=summary,
                parts=tuple(parts),
                digests=tuple(digests.all()),
                obligations=tuple(sorted(performed.names)),
            )
        shutil.rmtree(work)


def write_account(folder: Path, summary: Summary, described: str) -> None:
    """Write what a set is and comes to, durably, into its folder.

    Raises:
        OSError: The disk is full or fails.
    """
    _write(folder / SUMMARY, summary.table())
    _write(folder / MANIFEST, described)


def _after(change: Change | None, shape: Shape) -> Change:
    """Give what is done to rows, and then gives them the columns of a table."""
    if change is None:
        return shape.change
    return lambda table: shape.change(change(table))


def _write_refused(decided: Decided, path: Path, kind: pa.DataType) -> None:
    """Write the ids that were refused, with their reasons, in the order of the sources."""
    schema = pa.schema([("record_id", kind), ("reasons", pa.list_(pa.string()))])
    with pq.ParquetWriter(
        path, schema, compression=COMPRESSION, compression_level=LEVEL
    ) as writer:
        for chunk in decided.chunks:
            writer.write_table(_refused_of(decided, chunk, schema))
    settle(path)


def _refused_of(decided: Decided, chunk: Chunk, schema: pa.Schema) -> pa.Table:
    words = decided.words_of(chunk) & np.uint64(REASON_MASK)
    refused = np.flatnonzero(words)
    distinct, inverse = np.unique(words[refused], return_inverse=True)
    lists = pa.array([reasons_in(word) for word in distinct.tolist()], pa.list_(pa.string()))
    ids = (
        chunk.file.read(chunk.number, ["record_id"]).column("record_id").take(pa.array(refused))
    )
    return pa.table([ids, lists.take(pa.array(inverse))], schema=schema)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
