# SPDX-License-Identifier: Apache-2.0
"""What a run consumed: a batch, the line that stands for it, and the root over all lines (specs/release.md, part 5).

The lines name no record: their digests are keyed by the release's salt, which operator and recipient alone have. Whoever
has it and the release makes every line anew.
"""

from __future__ import annotations

import errno
import hmac
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa

from privity.canonical.decode import decode_canonical
from privity.canonical.encode import NotCanonicalError, encode_canonical
from privity.errors import ConflictError, InputError, UnavailableError, Where
from privity.ledger.tree import NO_PEAKS, Peaks, leaf_hash

BATCH: Final = b"privity/batch/v1"
_LENGTH: Final = 4
_KEYS: Final = ("batch", "digest", "epoch", "of", "records", "release")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What stands for a batch in a run's journal.

    Attributes:
        release: The release.
        epoch: Which reading of it, from 0.
        batch: Its number in the epoch, from 0.
        of: How many batches every epoch has.
        records: How many records it has; 0 where all were removed.
        digest: Over their ids, in their order; hexadecimal ([REL-83]).
    """

    release: str
    epoch: int
    batch: int
    of: int
    records: int
    digest: str

    def to_bytes(self) -> bytes:
        """Give it as canonical JSON, without a newline: a leaf of the tree ([REL-84])."""
        return encode_canonical({key: getattr(self, key) for key in _KEYS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """A batch as a model gets it.

    Attributes:
        line: What stands for it.
        position: Its place in the whole of all epochs, from 0.
        table: The columns that were asked for, a row for each record, in the order of their slots.
    """

    line: Line
    position: int
    table: pa.Table

    def columns(self) -> dict[str, list[Any]]:
        """Give the columns as plain values."""
        found: dict[str, list[Any]] = self.table.to_pydict()
        return found


def digest_of(salt: bytes, ids: Iterable[bytes]) -> str:
    """Give the digest of a batch's records, in their order ([REL-83])."""
    keyed = hmac.new(hmac.digest(salt, BATCH, "sha256"), digestmod="sha256")
    for one in ids:
        keyed.update(len(one).to_bytes(_LENGTH, "big"))
        keyed.update(one)
    return keyed.hexdigest()


class Consumed:
    """The batches that a run has consumed: their count, their root, and the journal if there is one.

    Memory is some hashes, whatever the run's length.

    Args:
        journal: A new file for the lines, readable by its owner alone; None keeps none.

    Raises:
        ConflictError: The file is there already (`train/journal`).
        UnavailableError: It cannot be made (`train/disk`).
    """

    def __init__(self, journal: Path | str | None = None) -> None:
        self._peaks: Peaks = NO_PEAKS
        self._journal = None if journal is None else Path(journal)
        self._file = None if self._journal is None else _new_file(self._journal)

    def __enter__(self) -> Self:
        """Give it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the journal."""
        self.close()

    @property
    def batches(self) -> int:
        """How many batches were consumed."""
        return self._peaks.size

    @property
    def root(self) -> bytes:
        """The RFC 6962 root over their lines ([REL-84])."""
        return self._peaks.root()

    def add(self, line: Line) -> None:
        """Take a batch up; its line is in the journal before this returns.

        Raises:
            UnavailableError: The disk is full or fails (`train/disk`).
        """
        data = line.to_bytes()
        if self._file is not None and self._journal is not None:
            try:
                _write(self._file, data + b"\n")
            except OSError as error:
                raise _disk(self._journal, error) from error
        self._peaks = self._peaks.extended([leaf_hash(data)])

    def following(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Give batches on, each once it is taken up ([REL-85]).

        Raises:
            UnavailableError: The disk is full or fails (`train/disk`).
        """
        for batch in batches:
            self.add(batch.line)
            yield batch

    def close(self) -> None:
        """Force the journal to the disk, and close it; a second time does nothing.

        Raises:
            UnavailableError: The disk fails (`train/disk`).
        """
        if self._file is None or self._journal is None:
            return
        file, self._file = self._file, None
        try:
            os.fsync(file)
        except OSError as error:
            raise _disk(self._journal, error) from error
        finally:
            os.close(file)


def read_journal(journal: Path | str) -> Sequence[Line]:
    """Read the lines of a journal; a last one that was cut short is left out, for it was not consumed.

    Raises:
        InputError: A line is none (`train/journal-line`).
        UnavailableError: The file cannot be read (`train/disk`).
    """
    path = Path(journal)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _disk(path, error) from error
    whole = data.split(b"\n")[:-1]
    return [_parsed(line, path, number) for number, line in enumerate(whole, 1)]


def root_of(lines: Iterable[Line]) -> bytes:
    """Give the root over lines."""
    return NO_PEAKS.extended([leaf_hash(line.to_bytes()) for line in lines]).root()


def _parsed(data: bytes, path: Path, number: int) -> Line:
    where = Where(file=str(path), line=number)
    try:
        value = decode_canonical(data)
    except NotCanonicalError as error:
        raise InputError(
            f"no canonical JSON: {error.message}", code="train/journal-line", where=where
        ) from error
    counts = ("batch", "epoch", "of", "records")
    if not (
        isinstance(value, dict)
        and tuple(sorted(value)) == _KEYS
        and all(type(value[key]) is int and value[key] >= 0 for key in counts)
        and all(isinstance(value[key], str) for key in ("digest", "release"))
        and value["batch"] < value["of"]
    ):
        raise InputError(
            f"this is no line of a batch, expected {', '.join(f'`{key}`' for key in _KEYS)}",
            code="train/journal-line",
            where=where,
        )
    return Line(**value)


def _write(file: int, data: bytes) -> None:
    if os.write(file, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _new_file(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except FileExistsError as error:
        raise ConflictError(
            "the journal of a run is there already, expected a name that is free",
            code="train/journal",
            where=Where(file=str(path)),
        ) from error
    except OSError as error:
        raise _disk(path, error) from error


def _disk(path: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        error.strerror or str(error), code="train/disk", where=Where(file=str(path))
    )
