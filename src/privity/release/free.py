# SPDX-License-Identifier: Apache-2.0
"""Names that are free: what is made goes over nothing that is there (docs/cli.md).

That keeps inputs safe, too: an input is there, by whichever name it is called.
"""

from __future__ import annotations

from pathlib import Path

from privity.errors import ConflictError, Where


def check_free(out: Path, *, code: str) -> None:
    """Check that nothing has the name of a file that is to be made.

    Args:
        out: The name.
        code: The code of the error.

    Raises:
        ConflictError: Something has it, if only a link that leads nowhere.
    """
    if out.exists() or out.is_symlink():
        raise _taken(out, code, "output", "file")


def check_free_folder(out: Path, *, code: str, what: str = "output") -> None:
    """Check that nothing has the name of a folder that is to be made, or an empty folder has it; as `check_free`."""
    if out.is_dir() and not out.is_symlink() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise _taken(out, code, what, "folder")


def _taken(out: Path, code: str, what: str, kind: str) -> ConflictError:
    return ConflictError(
        f"the {what} exists, expected a name that is free",
        code=code,
        hint=f"choose another {kind}, or remove this one first",
        where=Where(file=str(out)),
    )
