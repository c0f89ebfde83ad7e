# SPDX-License-Identifier: Apache-2.0
"""Which files the records of a run lie in (docs/sources.md).

A folder stands for its files. A table that keeps a log of its own is refused: its files have rows that it has no more, deleted ones among
them, and only its log says which. Looks at names alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from privity.canonical.paths import local
from privity.errors import InputError, Where

# What lies in the folder of such a table, by who makes them.
_LOGS: Final = {
    "Delta": "_delta_log",
    "Hudi": ".hoodie",
    "Iceberg": "metadata/*.metadata.json*",
}


def files_of(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Give each file of a run with its name as the user would write it.

    Args:
        paths: Files, or folders whose files are taken in the order of their names. A folder's files
            that begin with `.` or `_` are passed over.

    Raises:
        InputError: A folder has no files, a file is given twice, has a name that is no UTF-8, or lies in a table that
            keeps a log.
    """
    return [file for files in files_of_each(paths) for file in files]


def files_of_each(paths: Iterable[Path]) -> list[list[tuple[Path, str]]]:
    """Give the files of each path of a run; otherwise as `files_of`."""
    each = [[(local(path), name) for path, name in _files([one])] for one in paths]
    files = [file for some in each for file in some]
    _refuse_twice(files)
    _refuse_tables(files)
    return each


def ways_to(path: Path) -> tuple[Path, ...]:
    """Give a path as it was given, from the root, and without links: whoever looks at its parts sees all of them."""
    return path, path.absolute(), Path(os.path.realpath(path))


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if not path.is_dir():
            yield path, str(path)
            continue
        inside = sorted(
            one
            for one in path.rglob("*")
            if one.is_file()
            and not any(part.startswith((".", "_")) for part in one.relative_to(path).parts)
        )
        if not inside:
            raise InputError(
                "the folder has no files, expected Parquet, JSON lines or CSV",
                code="records/empty-folder",
                where=Where(file=str(path)),
            )
        yield from ((one, str(one)) for one in inside)


def _refuse_twice(files: Sequence[tuple[Path, str]]) -> None:
    seen: dict[Path, str] = {}
    for path, name in files:
        real = Path(
            os.path.realpath(path)
        )  # other than `resolve`, it lets whoever opens a ring of links say so
        if real in seen:
            raise InputError(
                f"the file is given twice, first as `{seen[real]}`, expected each once",
                code="records/file-twice",
                where=Where(file=name),
            )
        seen[real] = name


def _refuse_tables(files: Sequence[tuple[Path, str]]) -> None:
    """Check that no file lies in such a table, at any depth; one that is named is no better than its folder."""
    seen: set[Path] = set()
    for path, name in files:
        for folder in (one for way in ways_to(path) for one in way.parents):
            if folder in seen:
                continue
            seen.add(folder)
            for maker, log in _LOGS.items():
                if any(folder.glob(log)):
                    raise InputError(
                        f"the file lies in `{folder}`, a table of {maker} whose files have rows that it has no "
                        "more, expected files of rows that are all meant",
                        code="records/table-with-log",
                        hint="write the rows that the table has now into Parquet files outside of it, and give "
                        "those",
                        where=Where(file=name),
                    )
