# SPDX-License-Identifier: Apache-2.0
"""What lies in the folder of a release and is none of it: a reader could take some of it for the table's ([REL-70]).

Who reads a table by its log reads the files that this names. Who reads its folder takes whatever lies there.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from privity.errors import VerificationError, Where
from privity.release.disclosed import NAME
from privity.release.folder import ReleaseFolder
from privity.release.rewriting import revised_name
from privity.release.table_log import LOG

_PARQUET: Final = ".parquet"
_PASSED_OVER: Final = (".", "_")
"""How names begin that readers of a folder leave out, unless they ask for them by their ending."""


def files_in(folder: Path) -> tuple[str, ...]:
    """Give all that lies in a folder and is no folder, at any depth, by its path in it.

    Raises:
        OSError: Something cannot be listed.
    """
    found = []
    for here, folders, files in os.walk(folder, onerror=_raise):
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        found += [(Path(here) / name).relative_to(folder).as_posix() for name in files + links]
    return tuple(sorted(found))


def check_beside(
    folder: ReleaseFolder,
    lying: Collection[str],
    *,
    live: Collection[str],
    before: Collection[str],
    revision: int,
) -> tuple[str, ...]:
    """Check that nobody who reads the table's folder takes something for the table's that is not.

    Where it was made, files that were replaced wait to be removed, and new ones to be taken ([REL-107]). A copy has neither.

    Args:
        folder: The release's folder.
        lying: What lies in the table's, by `files_in`.
        live: The table's files.
        before: Those that were the table's before, by its log.
        revision: Which revision it is.

    Returns:
        What waits there.

    Raises:
        VerificationError: Something else lies there (`release/file`).
    """
    waiting = {*before, *(revised_name(name, revision + 1) for name in live)}
    copy = (folder.root / NAME).exists()
    found = []
    for path in lying:
        if path in live or path.startswith(f"{LOG}/") or not _may_be_taken(path):
            continue
        if copy or path not in waiting:
            raise VerificationError(
                "the file lies among the table’s, and the manifest does not name it",
                code="release/file",
                hint="a reader of the folder may take it for the table’s: move it away",
                where=Where(file=str(folder.table / path)),
            )
        found.append(path)
    return tuple(found)


def _may_be_taken(path: str) -> bool:
    parts = path.split("/")
    passed_over = any(part.startswith(_PASSED_OVER) for part in parts)
    return not passed_over or path.lower().endswith(_PARQUET)


def _raise(error: OSError) -> None:
    raise error
