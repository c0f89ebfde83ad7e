# SPDX-License-Identifier: Apache-2.0
"""The table of a release: a Delta table, made, changed and looked at (specs/release.md, part 1).

The only module that imports deltalake. Its files are Parquet that somebody else wrote; here it is said which of them
are the table's. Of what is in a file the table's log says how many rows it has and nothing else: a text that is
removed must not live on as the smallest or largest of its column. Nor does it name a path of this machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pyarrow as pa

from privity.canonical.encode import digest, encode
from privity.canonical.instants import Instant
from privity.errors import ConflictError, UnavailableError, VerificationError, Where
from privity.release.aside import settle
from privity.release.table_log import CONFIGURATION, LOG, commit_name, statistics

try:
    from deltalake import DeltaTable, Schema
    from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
    from deltalake.transaction import (
        AddAction,
        CommitProperties,
        PostCommitHookProperties,
        RemoveAction,
        create_table_with_add_actions,
    )
except ModuleNotFoundError as _error:
    raise UnavailableError(
        "deltalake is not installed, and a release is a Delta table",
        code="release/no-deltalake",
        hint="pip install 'privity[release]'",
    ) from _error

_MILLISECONDS: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFile:
    """A Parquet file of a table.

    Attributes:
        path: Its name in the table's folder.
        size: Its bytes.
        rows: Its rows.
    """

    path: str
    size: int
    rows: int


def create_table(
    folder: Path, schema: pa.Schema, files: Sequence[TableFile], *, name: str, now: Instant
) -> None:
    """Make a table of files that lie in its folder.

    Args:
        folder: The table's; it has no table yet.
        schema: The columns of every file, as `shape_of` gives them.
        files: The files.
        name: The table's name.
        now: The instant that the files are said to be of.

    Raises:
        ConflictError: There is a table already (`release/table`).
        OSError: The disk is full or fails.
        UnavailableError: As said by the library.
    """
    if (folder / LOG).exists():
        raise _moved(folder)
    try:
        create_table_with_add_actions(
            str(folder.absolute()),
            Schema.from_arrow(schema),
            [_added(one, now) for one in files],
            mode="error",
            name=name,
            configuration=CONFIGURATION,
        )
    except CommitFailedError as error:
        raise _moved(folder) from error
    except DeltaError as error:
        raise _unavailable(folder, error) from error
    _without_path(folder / LOG / commit_name(0))
    settle(folder / LOG)
    settle(folder)


def change_table(
    folder: Path,
    *,
    add: Sequence[TableFile],
    remove: Sequence[TableFile],
    now: Instant,
    version: int,
) -> int:
    """Put files into a table and take others out of it, by one commit.

    Args:
        folder: The table's.
        add: What is in it from now on; each lies in the folder, on the disk.
        remove: What is in it no longer; the files stay until `vacuum`.
        now: The instant that is said.
        version: The table's version that this goes on from.

    Returns:
        The table's new version.

    Raises:
        ConflictError: The table has another version by now (`release/table`).
        OSError: The disk is full or fails.
        UnavailableError: As said by the library.
    """
    table = open_table(folder)
    if table.version() != version:
        raise _moved(folder)
    actions: list[AddAction | RemoveAction] = [_added(one, now) for one in add]
    actions += [
        RemoveAction(
            path=one.path,
            data_change=True,
            deletion_timestamp=now * _MILLISECONDS,
            size=one.size,
            partition_values={},
        )
        for one in remove
    ]
    try:
        table.create_write_transaction(
            actions,
            mode="append",
            schema=table.schema(),
            # INVARIANT: nobody comes between: a commit that was taken meanwhile is not tried again.
            commit_properties=CommitProperties(max_commit_retries=0),
            post_commithook_properties=PostCommitHookProperties(
                create_checkpoint=False, cleanup_expired_logs=False
            ),
        )
    except CommitFailedError as error:
        raise _moved(folder) from error
    except DeltaError as error:
        raise _unavailable(folder, error) from error
    made = version + 1
    settle(folder / LOG / commit_name(made))
    settle(folder / LOG)
    return made


def vacuum(folder: Path) -> tuple[str, ...]:
    """Remove the files that are no longer in a table, whenever they were taken out; whoever calls waited long enough.

    Returns:
        Their names.

    Raises:
        UnavailableError: The disk fails.
    """
    try:
        gone = open_table(folder).vacuum(
            retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True
        )
    except DeltaError as error:
        raise _unavailable(folder, error) from error
    settle(folder)
    settle(folder / LOG)
    return tuple(sorted(unquote(one) for one in gone))


def table_version(folder: Path) -> int:
    """Give a table's newest version; raises as `open_table`."""
    return open_table(folder).version()


def table_files(folder: Path) -> tuple[TableFile, ...]:
    """Give the files that are in a table, by name.

    Raises:
        VerificationError: As `open_table`; or a file lies outside of its folder (`release/table-damaged`).
    """
    rows = pa.table(open_table(folder).get_add_actions(flatten=True)).to_pylist()
    found = [
        TableFile(path=unquote(one["path"]), size=one["size_bytes"], rows=_rows(folder, one))
        for one in rows
    ]
    for one in found:
        if "/" in one.path or one.path.startswith("."):
            raise _damaged(folder, f"the file `{one.path}` is not one of its folder")
    return tuple(sorted(found, key=lambda one: one.path))


def columns_digest(folder: Path) -> str:
    """Give the SHA-256 of a table's columns: of their canonical JSON, as its log has them ([REL-7]).

    Raises:
        VerificationError: As `open_table`.
    """
    return _columns(open_table(folder).schema())


def digest_of_schema(schema: pa.Schema) -> str:
    """Give what `columns_digest` gives of a table of these columns."""
    return _columns(Schema.from_arrow(schema))


def open_table(folder: Path) -> DeltaTable:
    """Open a table.

    Raises:
        VerificationError: There is none, or its log cannot be read (`release/table-damaged`).
    """
    try:
        return DeltaTable(str(folder.absolute()))
    except TableNotFoundError as error:
        raise _damaged(folder, "there is no table") from error
    except (DeltaError, OSError, ValueError) as error:
        raise _damaged(folder, "the log of the table cannot be read") from error


def _columns(schema: Any) -> str:
    return digest(encode(json.loads(schema.to_json())))


def _added(one: TableFile, now: Instant) -> AddAction:
    return AddAction(
        path=one.path,
        size=one.size,
        partition_values={},
        modification_time=now * _MILLISECONDS,
        data_change=True,
        stats=statistics(one.rows),
    )


def _rows(folder: Path, action: Mapping[str, Any]) -> int:
    rows = action["num_records"]
    if rows is None:
        raise _damaged(folder, f"its log does not say how many rows `{action['path']}` has")
    return int(rows)


def _without_path(path: Path) -> None:
    """Take out of a table's first commit what the library says of itself, with the path where it was made."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"].pop("operationParameters", None)
    new = path.with_suffix(".new")
    with new.open("wb") as stream:
        stream.write(b"".join(encode(line) + b"\n" for line in lines))
    settle(new)
    new.replace(path)


def _moved(folder: Path) -> ConflictError:
    return ConflictError(
        "the table is not as it was looked at: somebody else changes it, or there was one already",
        code="release/table",
        hint="let nobody but Privity write to a release's table",
        where=Where(file=str(folder)),
    )


def _damaged(folder: Path, seen: str) -> VerificationError:
    return VerificationError(
        f"{seen}, expected a Delta table",
        code="release/table-damaged",
        where=Where(file=str(folder)),
    )


def _unavailable(folder: Path, error: Exception) -> UnavailableError:
    return UnavailableError(
        f"the table cannot be written: {' '.join(str(error).split())}",
        code="release/disk",
        where=Where(file=str(folder)),
    )
