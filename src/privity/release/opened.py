# SPDX-License-Identifier: Apache-2.0
"""Open a release wherever it lies: read what it says of itself, and hold its files to that (specs/release.md, part 4).

All of it follows from the entry that the log has of this revision: the manifest by its SHA-256 and root, the files by
the manifest, what other tools take for the table's by the manifest too. Whether the log has that entry, and says nothing
that ends it, is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.dataset as ds

from privity.canonical.encode import digest
from privity.canonical.instants import Instant
from privity.errors import InputError, UnavailableError, VerificationError, Where
from privity.release.beside import check_beside, files_in
from privity.release.described import Described
from privity.release.exchanged import looking
from privity.release.files import Manifest, check_files
from privity.release.folder import ReleaseFolder
from privity.release.table import TableFile, columns_digest, table_files
from privity.release.table_log import check_log, read_log

By = Literal["workspace", "log", "ticket"]

_ANEW = "do not use it; get the release anew"


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """Who was asked whether a release may still be used.

    Attributes:
        by: The `workspace` that it is of, the public tree of its `log`, or a `ticket` of a run.
        size: How many entries of the log the answer heeds.
        at: For which instant the answer is.
        run: The run of the ticket, or None.
    """

    by: By
    size: int
    at: Instant
    run: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRelease:
    """The folder of a release, whose manifest is the one that its description names; its files were not looked at.

    Attributes:
        folder: The folder.
        described: What it says of itself.
        manifest: Its files.
        live: The files that other tools take for the table's.
        columns: The SHA-256 of the columns that they see.
        log: The table's own log, by the names of its files.
        lying: What lies in the table's folder, by its path there.
    """

    folder: ReleaseFolder
    described: Described
    manifest: Manifest
    live: tuple[TableFile, ...]
    columns: str
    log: Mapping[str, bytes | None]
    lying: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRelease:
    """A release that may be read now.

    Attributes:
        path: Its folder.
        described: What the log says of it.
        manifest: Its files, which were all hashed.
        confirmed: Who was asked, and when.
    """

    path: Path
    described: Described
    manifest: Manifest
    confirmed: Confirmed

    @property
    def name(self) -> str:
        """Its name."""
        return self.described.name

    @property
    def revision(self) -> int:
        """Its revision."""
        return self.described.revision

    @property
    def rows(self) -> int:
        """How many records it has."""
        return self.described.content.rows

    @property
    def purpose(self) -> str:
        """What it may be used for."""
        return self.described.created.purpose

    @property
    def recipient(self) -> str:
        """Who may use it."""
        return self.described.created.recipient

    @property
    def expires_at(self) -> Instant | None:
        """When it ends by itself, in seconds since 1970, or None."""
        return self.described.created.expires_at

    @property
    def folder(self) -> ReleaseFolder:
        """The paths in it."""
        return ReleaseFolder(self.path)

    @property
    def files(self) -> tuple[Path, ...]:
        """Its Parquet files, in the order of their names; what else lies beside them is none of it."""
        return tuple(self.folder.table / line.path for line in self.manifest.lines)

    def dataset(self) -> ds.FileSystemDataset:
        """Give its files for pyarrow, in their order."""
        return ds.dataset([str(path) for path in self.files], format="parquet")


def read_release(path: Path) -> ReadRelease:
    """Read what a folder says that it is, and its manifest, while nobody exchanges them.

    Raises:
        InputError: It is no folder of a release (`release/missing`).
        VerificationError: Its description is none (`release/described`), its manifest another one (`release/manifest`), or
            it has no table (`release/table-damaged`).
        UnavailableError: It cannot be read.
    """
    folder = ReleaseFolder(path)
    if not folder.described.is_file():
        raise InputError(
            f"`{path}` has no `{folder.described.name}`: it is no release",
            code="release/missing",
            hint="name the folder that `privity release create` or a hand-over made",
        )
    try:
        with looking(path):
            described = Described.parse(
                folder.described.read_bytes(), file=str(folder.described)
            )
            data = folder.manifest.read_bytes() if folder.manifest.is_file() else b""
            live, columns = table_files(folder.table), columns_digest(folder.table)
            log, lying = read_log(folder.table), files_in(folder.table)
    except OSError as error:
        raise unreadable(path, error) from error
    content = described.content
    if digest(data) != content.manifest:
        raise _other(
            folder.manifest, "the manifest is not the one that the release’s entry names"
        )
    manifest = Manifest.parse(data, file=str(folder.manifest))
    counts = (len(manifest.lines), manifest.size, manifest.rows, manifest.root)
    if counts != (content.files, content.size, content.rows, content.files_root):
        raise _other(
            folder.manifest, "the manifest has other files than the release’s entry says"
        )
    return ReadRelease(
        folder=folder,
        described=described,
        manifest=manifest,
        live=live,
        columns=columns,
        log=log,
        lying=lying,
    )


def check_release(
    read: ReadRelease, *, threads: int, told: Callable[[int], None] | None = None
) -> tuple[str, ...]:
    """Check that the table is made of the files of the manifest, to the byte, and of no others ([REL-70]).

    Args:
        read: The release.
        threads: How many files are read at once.
        told: Told of the bytes of each file that was hashed.

    Returns:
        What waits among the table's files to be removed or to be taken.

    Raises:
        VerificationError: A file is missing or another, or one more lies there (`release/file`), or the table has others,
            other columns, or a log that says more than is written (`release/table-damaged`).
        UnavailableError: A file cannot be read.
    """
    table, content = read.folder.table, read.described.content
    live = [(one.path, one.size, one.rows) for one in read.live]
    if live != [(one.path, one.size, one.rows) for one in read.manifest.lines]:
        raise _damaged(table, "the table has other files than the manifest")
    if read.columns != content.columns:
        raise _damaged(table, "the table has other columns than the release’s entry says")
    named = {one.path: (one.size, one.rows) for one in read.manifest.lines}
    before = check_log(
        table, read.log, name=read.described.name, columns=content.columns, live=named
    )
    waiting = check_beside(
        read.folder, read.lying, live=named, before=before, revision=read.described.revision
    )
    try:
        check_files(table, read.manifest, threads, told or (lambda _bytes: None))
    except OSError as error:
        raise unreadable(read.folder.root, error) from error
    return waiting


def _other(path: Path, seen: str) -> VerificationError:
    return VerificationError(
        seen, code="release/manifest", hint=_ANEW, where=Where(file=str(path))
    )


def _damaged(path: Path, seen: str) -> VerificationError:
    return VerificationError(
        seen, code="release/table-damaged", hint=_ANEW, where=Where(file=str(path))
    )


def unreadable(path: Path, error: OSError) -> UnavailableError:
    """Make the error for a release of which something cannot be read."""
    return UnavailableError(
        f"the release cannot be read: {error.strerror}",
        code="release/disk",
        where=Where(file=str(path)),
    )
