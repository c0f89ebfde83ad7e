# SPDX-License-Identifier: Apache-2.0
"""Open sets that were cleared on a ledger and became no release, held to their entries ([CLR-12])."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.auditing.opening.rows import read_rows
from privity.audit.evidence import COLUMNS, AuditedLog, Gap, Rows
from privity.audit.sets import SET
from privity.canonical.encode import digest, digest_file
from privity.entries.clearing import CommittedClearing
from privity.errors import InputError, UnavailableError, VerificationError

SETS: Final = "sets"
"""The folder of a bundle that has them, of each what decisions rest on."""
MANIFEST: Final = "manifest.json"
_PSEUDONYMISE: Final = "pseudonymise"
_NEEDED: Final = frozenset(COLUMNS)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSet:
    """A set whose manifest an entry commits to.

    Attributes:
        clearing: The name of its clearing.
        entry: The index of the entry.
        folder: Where it lies.
        held: The SHA-256 of each of its files, by its path in the folder, as it was when it was opened.
    """

    clearing: str
    entry: int
    folder: Path
    held: Mapping[str, str]

    def read(self, columns: Collection[str] = COLUMNS) -> Iterator[Rows]:
        """Read its rows, file by file.

        Raises:
            UnavailableError: A file cannot be read (`audit/rows`).
            VerificationError: It was changed since it was opened (`audit/rows-differ`).
        """
        for name, sha256 in sorted(self.held.items()):
            table, found = read_rows(self.folder / name, columns)
            if found != sha256:
                raise VerificationError(
                    f"`{name}` of the set of clearing `{self.clearing}` was changed meanwhile",
                    code="audit/rows-differ",
                )
            yield Rows(
                release=f"{SET}{self.clearing}",
                revision=1,
                file=name,
                sha256=sha256,
                table=table,
            )


def open_sets(
    folders: Sequence[Path], log: AuditedLog, *, whole: bool = True
) -> tuple[dict[str, ShownSet], list[Gap]]:
    """Open sets, by the names of their clearings; raises as `open_set`."""
    opened = [open_set(one, log, whole=whole) for one in folders]
    shown = {one.clearing: one for one, _ in opened if one is not None}
    return shown, [gap for _, gap in opened]


def open_set(
    folder: Path, log: AuditedLog, *, whole: bool = True
) -> tuple[ShownSet | None, Gap]:
    """Open a set.

    Args:
        folder: The set, as `privity clear --workspace` made it.
        log: The log, one entry of which commits to its manifest.
        whole: Whether it is the set itself; in a bundle are only the columns that decisions rest on.

    Returns:
        The set, and what nothing holds of it; no set where its members are pseudonyms, of whom nothing is known.

    Raises:
        InputError: It is no set (`audit/no-set`).
        VerificationError: No entry commits to its manifest, or its files are others than that names (`audit/set`).
    """
    try:
        data = (folder / MANIFEST).read_bytes()
        described: Any = json.loads(data)
        files = {str(one["name"]): one for one in described["data"]}
        obligations = [*described["obligations"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"`{folder}` is no set, expected what `privity clear --workspace` made",
            code="audit/no-set",
        ) from error
    entry, says = _committed(log, digest(data))
    if _PSEUDONYMISE in obligations:
        return None, Gap(
            kind="not-shown",
            what=f"whose the rows of the set of clearing `{says.clearing}` are: they have pseudonyms",
            entries=(entry,),
            records=says.permitted,
        )
    shown = ShownSet(
        clearing=says.clearing,
        entry=entry,
        folder=folder,
        held={name: _held(folder, name, one, whole=whole) for name, one in files.items()},
    )
    rows = sum(pq.read_metadata(folder / name).num_rows for name in files)
    if rows != says.permitted:
        raise _other(f"it has {rows:,} rows, and its entry says {says.permitted:,}")
    return shown, Gap(
        kind="not-bound",
        what=f"rows of the set of clearing `{says.clearing}`: its manifest has names, sizes and counts of files, "
        "and no hash",
        entries=(entry,),
        records=says.permitted,
    )


def put_set(shown: ShownSet, folder: Path) -> None:
    """Copy of a set what decisions rest on.

    Raises:
        OSError: The disk is full or fails.
    """
    (folder / MANIFEST).parent.mkdir(parents=True)
    (folder / MANIFEST).write_bytes((shown.folder / MANIFEST).read_bytes())
    for name in shown.held:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        there = pq.read_schema(shown.folder / name).names
        columns = [one for one in COLUMNS if one in there]
        pq.write_table(
            pq.read_table(shown.folder / name, columns=columns, partitioning=None),
            folder / name,
        )


def _committed(log: AuditedLog, manifest: str) -> tuple[int, CommittedClearing]:
    for one in log.public:
        if isinstance(one.says, CommittedClearing) and one.says.manifest == manifest:
            return one.entry, one.says
    raise _other("no entry of the log commits to its manifest")


def _held(folder: Path, name: str, described: Mapping[str, Any], *, whole: bool) -> str:
    path = folder / name
    parts = name.split("/")
    if any(one in {"", ".", ".."} for one in parts):
        raise _other("its manifest names a file outside of it")
    try:
        columns = {*pq.read_schema(path).names}
        if whole and "bytes" in described and path.stat().st_size != described["bytes"]:
            raise _other(f"`{name}` is not as long as its manifest says")
        if "bytes" in described and pq.read_metadata(path).num_rows != described["records"]:
            raise _other(f"`{name}` has not as many rows as its manifest says")
        if not columns >= _NEEDED:
            raise _other(f"`{name}` lacks a column that decisions rest on")
        # Whether they are of such types shows where they are read.
        read_rows(path)
        return digest_file(path)
    except (OSError, pa.ArrowException, KeyError, TypeError, UnavailableError) as error:
        raise _other(f"`{name}` is not there, or nothing that can be read") from error


def _other(why: str) -> VerificationError:
    return VerificationError(
        f"this is not the set that was cleared: {why}",
        code="audit/set",
        hint="do not use it; make a set with `privity clear --workspace`",
    )
