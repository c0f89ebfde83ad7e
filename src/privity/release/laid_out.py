# SPDX-License-Identifier: Apache-2.0
"""Lay a cleared set out as a release: its files in their order, the table of them, the manifest (specs/release.md, part 1).

What is laid out is not a release yet, and lies where no reader looks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.instants import Instant
from privity.release.aside import DATA, settle
from privity.release.clear import MANIFEST, SUMMARY
from privity.release.files import Manifest, describe_files
from privity.release.folder import ReleaseFolder
from privity.release.parties import PARTIES
from privity.release.table import TableFile, columns_digest, create_table

SALT_SIZE: Final = 32
"""Bytes of a release's secret."""

_ONLY_OWNER: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


@dataclass(frozen=True, kw_only=True, slots=True)
class LaidOut:
    """A set as a release will have it.

    Attributes:
        manifest: Its files.
        schema: The table's columns.
        columns: The SHA-256 of them.
    """

    manifest: Manifest
    schema: pa.Schema
    columns: str


def file_name(number: int) -> str:
    """Give the name of a file of the first revision, by its place."""
    return f"part-{number:06d}.parquet"


def lay_out(
    cleared: Path,
    described: Mapping[str, Any],
    folder: ReleaseFolder,
    private: Path,
    *,
    name: str,
    now: Instant,
    threads: int,
) -> LaidOut:
    """Move the files of a set to where a release has them, and make the table and the manifest.

    Files without a row are left behind. Everything is on the disk when this is over.

    Args:
        cleared: The set, with what its rows were decided by.
        described: What its manifest says.
        folder: The release's folder, which is made.
        private: The folder of what only the operator has, which is made.
        name: The release's name.
        now: The instant that the files are said to be of.
        threads: How many files are read at once.

    Raises:
        OSError: The disk is full or fails.
        UnavailableError: The table cannot be written.
    """
    folder.table.mkdir(parents=True)
    (private / "clearing").mkdir(parents=True)
    private.chmod(_PRIVATE_FOLDER)
    names = sorted(Path(one["name"]).name for one in described["data"] if one["records"])
    schema = pq.read_schema(cleared / DATA / names[0]).remove_metadata()
    placed = [file_name(number) for number in range(len(names))]
    for old, new in zip(names, placed, strict=True):
        (cleared / DATA / old).rename(folder.table / new)
        (cleared / PARTIES / old).rename(private / new)
    for one in (MANIFEST, SUMMARY):
        (cleared / one).rename(private / "clearing" / one)
    manifest = describe_files(folder.table, placed, threads)
    files = [TableFile(path=one.path, size=one.size, rows=one.rows) for one in manifest.lines]
    create_table(folder.table, schema, files, name=name, now=now)
    put(folder.manifest, manifest.to_bytes())
    for place in (private / "clearing", private, folder.root):
        settle(place)
    return LaidOut(manifest=manifest, schema=schema, columns=columns_digest(folder.table))


def put(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Put a file of a release in its place, over what is there, whole and durably.

    Args:
        path: Where.
        data: Its bytes.
        secret: Whether its owner alone may read it.

    Raises:
        OSError: The disk is full or fails; what was there stays.
    """
    new = path.with_name(f".{path.name}.new")
    mode = _ONLY_OWNER if secret else 0o666
    with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    new.rename(path)
    settle(path.parent)
