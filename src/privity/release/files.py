# SPDX-License-Identifier: Apache-2.0
"""The files of a release: a line for each, and the root that stands for all of them (specs/release.md, part 1).

Hashed are the bytes of files, never decoded values: `sha256sum` is enough to check one. A row group has a hash of its
own, so that whoever reads a part of a file can check that part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.decode import decode
from privity.canonical.encode import digest, digest_file, encode
from privity.errors import VerificationError, Where
from privity.ledger.tree import NO_PEAKS, leaf_hashes

MANIFEST: Final = "files.jsonl"
"""The manifest's name in a release's folder."""

_CHUNK: Final = 1 << 20
_HEX: Final = frozenset("0123456789abcdef")
_DIGITS: Final = 64
_KEYS: Final = {"bytes", "path", "row_groups", "rows", "sha256"}


@dataclass(frozen=True, kw_only=True, slots=True)
class RowGroup:
    """A row group of a file.

    Attributes:
        rows: Its rows.
        sha256: Of its bytes, from its first page to its last, in lower-case hexadecimal.
    """

    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLine:
    """What the manifest says of a file.

    Attributes:
        path: Its name in the table's folder.
        size: Its bytes.
        rows: Its rows.
        sha256: Of its bytes, in lower-case hexadecimal.
        row_groups: Its row groups, in their order.
    """

    path: str
    size: int
    rows: int
    sha256: str
    row_groups: tuple[RowGroup, ...]

    def to_bytes(self) -> bytes:
        """Give the line, without its newline."""
        return encode(
            {
                "bytes": self.size,
                "path": self.path,
                "row_groups": [
                    {"rows": one.rows, "sha256": one.sha256} for one in self.row_groups
                ],
                "rows": self.rows,
                "sha256": self.sha256,
            }
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """The live files of a table, by name.

    Attributes:
        lines: One for each.
    """

    lines: tuple[FileLine, ...]

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(one.rows for one in self.lines)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(one.size for one in self.lines)

    @property
    def root(self) -> bytes:
        """The root over the lines: the tree of RFC 6962 that the log has too."""
        return NO_PEAKS.extended(leaf_hashes(one.to_bytes() for one in self.lines)).root()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the manifest's bytes, in lower-case hexadecimal."""
        return digest(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Give the bytes of `files.jsonl`."""
        return b"".join(one.to_bytes() + b"\n" for one in self.lines)

    @classmethod
    def of(cls, lines: Iterable[FileLine]) -> Manifest:
        """Put lines in their order."""
        return cls(tuple(sorted(lines, key=lambda one: one.path)))

    @classmethod
    def parse(cls, data: bytes, *, file: str = MANIFEST) -> Manifest:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is none, to the byte (`release/manifest`).
        """
        lines = []
        for number, text in enumerate(data.splitlines(keepends=True), 1):
            try:
                lines.append(_line(decode(text.decode())))
            except (ValueError, TypeError, KeyError) as error:
                raise _wrong(file, number) from error
        made = cls(tuple(lines))
        names = [one.path for one in lines]
        if made.to_bytes() != data or names != sorted(set(names)):
            raise _wrong(file, None)
        return made


def describe_file(path: Path) -> FileLine:
    """Read a file once, and give what the manifest says of it.

    Raises:
        VerificationError: It is no Parquet file (`release/file`).
        OSError: It cannot be read.
    """
    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError) as error:
        # What pyarrow cannot make sense of has no number of the system's.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise VerificationError(
            "the file is no Parquet file", code="release/file", where=Where(file=str(path))
        ) from error
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    spans = [_span(one) for one in groups]
    whole, each = _hashes(path, spans)
    return FileLine(
        path=path.name,
        size=path.stat().st_size,
        rows=metadata.num_rows,
        sha256=whole,
        row_groups=tuple(
            RowGroup(rows=one.num_rows, sha256=sha256)
            for one, sha256 in zip(groups, each, strict=True)
        ),
    )


def describe_files(folder: Path, names: Sequence[str], threads: int) -> Manifest:
    """Read files, and give the manifest of them; raises as `describe_file`."""
    with ThreadPoolExecutor(threads) as pool:
        return Manifest.of(pool.map(lambda name: describe_file(folder / name), names))


def check_files(
    folder: Path,
    manifest: Manifest,
    threads: int,
    told: Callable[[int], None] = lambda _bytes: None,
) -> None:
    """Check that the files of a table are those of a manifest, to the byte.

    Args:
        folder: The table's.
        manifest: The manifest.
        threads: How many files are read at once.
        told: Told of the bytes of each file that was read, from any thread.

    Raises:
        VerificationError: One is missing or another (`release/file`).
        OSError: One cannot be read.
    """

    def check(line: FileLine) -> None:
        path = folder / line.path
        if not path.is_file():
            raise VerificationError(
                "the file is not there, and the manifest names it",
                code="release/file",
                where=Where(file=str(path)),
            )
        # INVARIANT: bytes that nobody vouches for are not parsed. A changed one can end the whole process in there.
        same = path.stat().st_size == line.size and digest_file(path) == line.sha256
        if not same or describe_file(path) != line:
            raise VerificationError(
                "the file is not the one that the manifest names",
                code="release/file",
                hint="get the release anew",
                where=Where(file=str(path)),
            )
        told(line.size)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(check, manifest.lines))


def _span(group: pq.RowGroupMetaData) -> tuple[int, int]:
    """Give where the bytes of a row group begin and end."""
    begins, ends = [], []
    for number in range(group.num_columns):
        column = group.column(number)
        first = column.data_page_offset
        if column.has_dictionary_page:
            first = min(first, column.dictionary_page_offset)
        begins.append(first)
        ends.append(first + column.total_compressed_size)
    return (min(begins), max(ends)) if begins else (0, 0)


def _hashes(path: Path, spans: Sequence[tuple[int, int]]) -> tuple[str, list[str]]:
    """Give the SHA-256 of a file and of spans of it, which ascend and do not overlap."""
    whole = hashlib.sha256()
    each = [hashlib.sha256() for _ in spans]
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    place = 0
    with path.open("rb") as stream:
        while count := stream.readinto(buffer):
            whole.update(view[:count])
            for (begin, end), one in zip(spans, each, strict=True):
                low, high = max(begin, place), min(end, place + count)
                if low < high:
                    one.update(view[low - place : high - place])
            place += count
    return whole.hexdigest(), [one.hexdigest() for one in each]


def _line(found: Any) -> FileLine:
    if not isinstance(found, dict) or set(found) != _KEYS:
        raise ValueError
    path = found["path"]
    if not isinstance(path, str) or not path or "/" in path or path.startswith("."):
        raise ValueError
    groups = tuple(
        RowGroup(rows=_whole(one["rows"]), sha256=_sha256(one["sha256"]))
        for one in found["row_groups"]
    )
    rows = _whole(found["rows"])
    if sum(one.rows for one in groups) != rows:
        raise ValueError
    return FileLine(
        path=path,
        size=_whole(found["bytes"]),
        rows=rows,
        sha256=_sha256(found["sha256"]),
        row_groups=groups,
    )


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError
    return value


def _sha256(value: object) -> str:
    if not isinstance(value, str) or len(value) != _DIGITS or not set(value) <= _HEX:
        raise ValueError
    return value


def _wrong(file: str, line: int | None) -> VerificationError:
    return VerificationError(
        "it is no manifest of a release, expected canonical lines, by path, each once",
        code="release/manifest",
        where=Where(file=file, line=line),
    )
