# SPDX-License-Identifier: Apache-2.0
"""The log of a release's table, held to what this program writes ([REL-70]).

A reader of the table heeds more of its log than the names of files: how it is partitioned, which rows a file has no
longer, which of its columns are called otherwise. A table of ours has none of that. So each action is compared with the
one that is written of the same file, and whatever else stands in the log, or lies beside it, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from privity.canonical.decode import decode
from privity.canonical.encode import digest, encode
from privity.errors import VerificationError, Where

LOG: Final = "_delta_log"
"""The folder of a table's log in the table's."""
STATISTICS: Final = "category"
"""The column that other writers may keep statistics of: it has words of the vocabulary, and nothing of anybody."""
CONFIGURATION: Final = {
    "delta.dataSkippingNumIndexedCols": "0",
    "delta.dataSkippingStatsColumns": STATISTICS,
}
"""What a table tells those who write to it."""

_PROTOCOL: Final = {"minReaderVersion": 1, "minWriterVersion": 2}
_FORMAT: Final = {"options": {}, "provider": "parquet"}
_ONCE: Final = ("commitInfo", "protocol", "metaData")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CUT_SHORT: Final = re.compile(r"[0-9]{20}\.json#[0-9]+|_commit_[0-9a-f-]+\.json\.tmp")
"""What the library leaves of a commit while which it was killed; no reader takes it for one."""

Action = Mapping[str, Any]


def commit_name(version: int) -> str:
    """Give the name of the file of a version's commit."""
    return f"{version:020}.json"


def read_log(table: Path) -> dict[str, bytes | None]:
    """Read the log of a table as it lies there: each file by its name, and None for what is no file.

    Raises:
        OSError: It is not there, or cannot be read.
    """
    found: dict[str, bytes | None] = {}
    for path in sorted((table / LOG).iterdir()):
        if not _CUT_SHORT.fullmatch(path.name):
            found[path.name] = path.read_bytes() if path.is_file() else None
    return found


def check_log(
    table: Path,
    log: Mapping[str, bytes | None],
    *,
    name: str,
    columns: str,
    live: Mapping[str, tuple[int, int]],
) -> frozenset[str]:
    """Check that a table's log says what this program writes of these files, and nothing else.

    Args:
        table: The table's folder.
        log: What `read_log` gave.
        name: The release's name.
        columns: The SHA-256 of the table's columns ([REL-7]).
        live: For each file of the table its bytes and its rows.

    Returns:
        The files that were the table's before, and are no longer.

    Raises:
        VerificationError: It says something else (`release/table-damaged`).
    """
    there: dict[str, tuple[int, int]] = {}
    before: set[str] = set()
    for version, (found, data) in enumerate(sorted(log.items())):
        where = Where(file=str(table / LOG / found))
        if found != commit_name(version) or data is None:
            raise _other(f"there is no place for `{found}` in it", where)
        said = list(_actions(data, where))
        kinds = [kind for kind, _ in said]
        once = _ONCE if version == 0 else _ONCE[:1]
        if sorted(kind for kind in kinds if kind not in {"add", "remove"}) != sorted(once):
            raise _other(f"it has {_listed(kinds)}", where)
        for kind, action in said:
            if kind in {"add", "remove"}:
                _follow(kind, action, there, before, where)
            elif kind == "metaData":
                _hold(kind, action, _table(action, name, columns, where), where)
            elif kind == "protocol":
                _hold(kind, action, _PROTOCOL, where)
    if there != live:
        raise _other(
            "it has other files than the manifest, or other sizes or rows of them",
            Where(file=str(table / LOG)),
        )
    return frozenset(before)


def _follow(
    kind: str, action: Action, there: dict[str, tuple[int, int]], before: set[str], where: Where
) -> None:
    """Put a file into the table, or take it out."""
    path = _path(action, where)
    if kind == "add":
        if path in there or path in before:
            raise _other(f"`{path}` was in the table before", where)
        _hold(kind, action, _added(action), where)
        there[path] = (action["size"], _rows(action))
    else:
        if path not in there:
            raise _other(f"`{path}` was not in the table", where)
        _hold(kind, action, _removed(action, there.pop(path)[0]), where)
        before.add(path)


def _actions(data: bytes, where: Where) -> Iterator[tuple[str, Action]]:
    try:
        for line in data.decode().removesuffix("\n").split("\n"):
            ((kind, action),) = decode(line).items()
            yield kind, {key: value for key, value in action.items() if value is not None}
    except (ValueError, AttributeError, TypeError) as error:
        raise _other("a line of it is no action of a table", where) from error


def _hold(kind: str, action: Action, wanted: Action, where: Where) -> None:
    """Compare an action with the one that is written: as bytes, in which 1, 1.0 and true differ from one another."""
    for key in sorted({*action, *wanted}):
        if key not in action or key not in wanted or encode(action[key]) != encode(wanted[key]):
            raise _other(f"`{kind}` has another `{key}` than is written", where)


def _added(action: Action) -> dict[str, Any]:
    """Give what is written of a file; of what may be any number, the number is taken over."""
    return {
        "dataChange": True,
        "modificationTime": _whole(action.get("modificationTime")),
        "partitionValues": {},
        "path": action["path"],
        "size": _whole(action.get("size")),
        "stats": statistics(_rows(action)),
    }


def _removed(action: Action, size: int) -> dict[str, Any]:
    return {
        "dataChange": True,
        "deletionTimestamp": _whole(action.get("deletionTimestamp")),
        "extendedFileMetadata": True,
        "partitionValues": {},
        "path": action["path"],
        "size": size,
    }


def statistics(rows: int) -> str:
    """Give what is said of the rows of a file: how many there are, and nothing else ([REL-3])."""
    return encode({"numRecords": rows}).decode()


def _table(action: Action, name: str, columns: str, where: Where) -> dict[str, Any]:
    """Give what is written of a table; its own id and when it was made are taken over."""
    text, own = action.get("schemaString"), action.get("id")
    try:
        same = isinstance(text, str) and digest(encode(decode(text))) == columns
    except ValueError as error:
        raise _other("its columns are none", where) from error
    if not same:
        raise _other("it has other columns than the release’s entry says", where)
    if not isinstance(own, str) or not _ID.fullmatch(own):
        raise _other("its table has no id", where)
    return {
        "configuration": CONFIGURATION,
        "createdTime": _whole(action.get("createdTime")),
        "format": _FORMAT,
        "id": own,
        "name": name,
        "partitionColumns": [],
        "schemaString": text,
    }


def _path(action: Action, where: Where) -> str:
    path = action.get("path")
    if (
        not isinstance(path, str)
        or unquote(path) != path
        or "/" in path
        or path.startswith(".")
    ):
        raise _other("it names a file that is none of the table’s folder", where)
    return path


def _rows(action: Action) -> int:
    """Give how many rows the statistics say; 0 where they say none, which is then another text."""
    try:
        found = _whole(decode(action["stats"])["numRecords"])
    except (ValueError, TypeError, KeyError):
        return 0
    return 0 if found is None else found


def _whole(found: object) -> int | None:
    """Give a whole number; None, which nothing equals, for another value."""
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        return None
    return found


def _listed(kinds: list[str]) -> str:
    return ", ".join(f"{kinds.count(one)} `{one}`" for one in sorted(set(kinds))) or "nothing"


def _other(seen: str, where: Where) -> VerificationError:
    return VerificationError(
        f"the table’s own log is not what Privity writes: {seen}",
        code="release/table-damaged",
        hint="do not use it; get the release anew",
        where=where,
    )
