# SPDX-License-Identifier: Apache-2.0
"""Clearing: read twice, write aside, rename at the end (docs/clearing.md).

(1) decide every record, (2) count, (3) prepare the obligations, (4) copy what is permitted, (5) name what
was refused, if asked, (6) write the manifest, (7) rename. Whatever stops it before (7) leaves nothing.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.encode import encode_pretty
from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.many import Compiled
from privity.errors import ConflictError, InputError, UnavailableError, Where
from privity.release.copy import COMPRESSION, LEVEL, copy_rows
from privity.release.decided import Chunk, Decided, Progress, decide_run
from privity.release.digests import Digests
from privity.release.job import Job
from privity.release.manifest import manifest
from privity.release.obligations import performance
from privity.release.reading import RecordFile
from privity.release.summary import Summary, summarise

DATA: Final = "data"
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
    schema = _one_schema(files)
    digests = Digests(files)
    with _aside(job.out) as folder:
        work = folder / "work"
        work.mkdir()
        with decide_run(
            compiled, files, work, job.seed, job.threads, progress, digests.beside
        ) as decided:
            with digests.beside():
                summary = summarise(compiled, decided)
            performed = performance(summary.obligations, schema, key=job.key, text=job.text)
            data = folder / DATA
            data.mkdir()
            parts = copy_rows(
                decided.chunks,
                performed.schema(schema),
                decided.permitted,
                data,
                job.threads,
                progress,
                performed.change if performed.names else None,
                decided.rows_of,
                digests.rest(),
            )
            if job.refused:
                kind = schema.field("record_id").type
                _write_refused(decided, folder / REFUSED, kind)
        shutil.rmtree(work)
        described = manifest(
            compiled,
            files,
            digests.all(),
            parts,
            summary,
            sorted(performed.names),
            job,
            folder,
        )
        _write(folder / SUMMARY, summary.table())
        _write(folder / MANIFEST, encode_pretty(described))
    return Clearing(out=job.out, summary=summary, manifest=described)


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` that becomes it at the end, or is removed."""
    _refuse_existing(out)
    parent = out.absolute().parent
    above = [one for one in (parent, *parent.parents) if not one.exists()]
    # Named before it is made, so that no moment is left in which it is and nobody removes it.
    folder = parent / f".{out.name}.clearing-{secrets.token_hex(8)}"
    lock = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_left(parent, out.name)
        folder.mkdir(mode=0o700)
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
        _publish(folder, out)
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, OSError) or "No space left" in str(error):
            raise _unavailable(error, out) from error
        raise
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)
        if not out.exists():
            _remove_empty(above)


def _publish(folder: Path, out: Path) -> None:
    """Give a folder its name, once all in it is on the disk; it may be read as its data may."""
    folder.chmod(stat.S_IMODE((folder / DATA).stat().st_mode))
    for one in (folder / DATA, folder):
        _settle(one)
    _refuse_existing(out)
    try:
        folder.rename(out)
        _settle(folder.parent)
    except OSError:
        if folder.exists():
            _refuse_existing(out)  # somebody made it this very moment
        else:
            out.rename(folder)  # it has its name, and perhaps not for good
        raise


def _remove_left(parent: Path, name: str) -> None:
    """Remove what killed clearings of the same name left; a living one holds its lock."""
    for left in parent.glob(f".{glob.escape(name)}.clearing-*"):
        try:
            lock = os.open(left, os.O_RDONLY)
        except OSError:
            continue  # somebody else's, or gone meanwhile
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(lock)


def _remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made for the output, the deepest first, unless others use them."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _refuse_existing(out: Path) -> None:
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise ConflictError(
            "the output exists, expected a name that is free",
            code="clear/exists",
            hint="Choose another folder, or remove this one first.",
            where=Where(file=str(out)),
        )


def _unavailable(error: BaseException, out: Path) -> UnavailableError:
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space" in str(
        error
    )
    said = "the disk is full" if full else " ".join(str(error).split())
    return UnavailableError(
        f"cannot write the set: {said}; nothing was left behind",
        code="clear/disk",
        where=Where(file=str(out)),
    )


def _one_schema(files: Sequence[RecordFile]) -> pa.Schema:
    if not files:
        raise InputError("no source, expected at least one", code="clear/no-source")
    first = files[0].schema
    for file in files[1:]:
        if not file.schema.equals(first):
            other = next(
                (one for one in file.schema if one not in first),
                next((one for one in first if one not in file.schema), file.schema.field(0)),
            )
            raise InputError(
                f"column `{other.name}` ({other.type}) is not as in `{files[0].name}`, expected all "
                "sources of a run to have the same columns in the same order",
                code="clear/schema",
                where=Where(file=file.name),
            )
    return first


def _write_refused(decided: Decided, path: Path, kind: pa.DataType) -> None:
    """Write the ids that were refused, with their reasons, in the order of the sources."""
    schema = pa.schema([("record_id", kind), ("reasons", pa.list_(pa.string()))])
    with pq.ParquetWriter(
        path, schema, compression=COMPRESSION, compression_level=LEVEL
    ) as writer:
        for chunk in decided.chunks:
            writer.write_table(_refused_of(decided, chunk, schema))
    _settle(path)


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


def _settle(path: Path) -> None:
    """Force a file, or what a folder lists, to the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
