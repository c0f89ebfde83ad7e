# SPDX-License-Identifier: Apache-2.0
"""A release as training reads it: its salt, its first rows and its files, each checked before a row of it is used.

Whether the release may be used at all is not decided here: `privity.open_release` does, and gives what this reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.errors import ConflictError, InputError, UnavailableError, VerificationError, Where
from privity.release.files import FileLine
from privity.release.opened import OpenRelease

ID: Final = "record_id"
_READ: Final = 1 << 20
_SALT: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A release in one revision.

    Attributes:
        release: Its name.
        revision: Which, from 1.
        salt: The release's salt, 32 bytes, the same in all revisions.
        first_rows: How many records its first revision had.
        table: The folder of its files.
        files: What the manifest says of the files of this revision, by name.
    """

    release: str
    revision: int
    salt: bytes
    first_rows: int
    table: Path
    files: Sequence[FileLine]

    def schema(self) -> pa.Schema:
        """Give the columns of the table.

        Raises:
            InputError: There is no file, so no columns (`train/empty`).
            VerificationError: As `opened`.
        """
        if not self.files:
            raise InputError(
                f"release `{self.release}` has no files, expected records to train on",
                code="train/empty",
            )
        with opened(self.table, self.files[0]) as table:
            return table.schema_arrow

    def bytes_of(self, columns: Collection[str]) -> int:
        """Give about how many bytes some columns take, uncompressed as in their files.

        Raises:
            VerificationError: A file is no Parquet (`train/file`).
            ConflictError: As `opened`.
            UnavailableError: As `opened`.
        """
        return sum(_bytes_of(self.table / one.path, columns) for one in self.files)


def source_of(release: OpenRelease) -> Source:
    """Give what training reads of a release that may be used.

    Args:
        release: What `privity.open_release` gives.

    Raises:
        VerificationError: Its salt is no salt (`train/salt`).
        ConflictError: As `opened`.
        UnavailableError: It cannot be read (`train/disk`).
    """
    path = release.folder.salt
    with _reading(path):
        salt = path.read_bytes()
    if len(salt) != _SALT:
        raise VerificationError(
            f"the salt has {len(salt)} bytes, expected {_SALT}",
            code="train/salt",
            hint="get the release anew",
            where=Where(file=str(path)),
        )
    return Source(
        release=release.name,
        revision=release.revision,
        salt=salt,
        first_rows=release.described.created.content.rows,
        table=release.folder.table,
        files=release.manifest.lines,
    )


@contextmanager
def opened(folder: Path, file: FileLine) -> Iterator[pq.ParquetFile]:
    """Open a file once its bytes are what the manifest says; it is those bytes that are read ([REL-86]).

    Raises:
        VerificationError: They are not (`train/file`).
        ConflictError: The file is gone: the release was revised meanwhile (`train/revised`).
        UnavailableError: It cannot be read (`train/disk`).
    """
    path = folder / file.path
    with _reading(path), path.open("rb") as stream:
        found = _digest(stream)
        if found != file.sha256:
            raise VerificationError(
                f"the file has SHA-256 {found}, and the manifest says {file.sha256}",
                code="train/file",
                hint="do not train on it; ask for the release again",
                where=Where(file=str(path)),
            )
        stream.seek(0)
        with pq.ParquetFile(stream, pre_buffer=False, buffer_size=_READ) as table:
            yield table


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Give what goes wrong in reading a file as errors of ours."""
    where = Where(file=str(path))
    try:
        yield
    except FileNotFoundError as error:
        raise ConflictError(
            "a file of the release is gone, as it is after a taking back",
            code="train/revised",
            hint="open the release again, and go on from where you were",
            where=where,
        ) from error
    except OSError as error:
        raise UnavailableError(
            error.strerror or str(error), code="train/disk", where=where
        ) from error
    except pa.ArrowInvalid as error:
        raise VerificationError(
            "the file is no Parquet, expected a file of the release",
            code="train/file",
            hint="do not train on it; ask for the release again",
            where=where,
        ) from error


def _bytes_of(path: Path, columns: Collection[str]) -> int:
    with _reading(path):
        found = pq.read_metadata(path)
    wanted = [
        at
        for at in range(found.num_columns)
        if found.schema.column(at).path.split(".")[0] in columns
    ]
    return sum(
        found.row_group(group).column(at).total_uncompressed_size
        for group in range(found.num_row_groups)
        for at in wanted
    )


def _digest(stream: BinaryIO) -> str:
    hasher = hashlib.sha256()
    while chunk := stream.read(_READ):
        hasher.update(chunk)
    return hasher.hexdigest()
