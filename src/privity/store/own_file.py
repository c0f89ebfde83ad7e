# SPDX-License-Identifier: Apache-2.0
"""What every file of a workspace does as a file, whatever is in it: ledger, keys, index of releases."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from privity.store.database import Database


class OwnFile:
    """A file of a workspace.

    Args:
        database: The open file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def rehearsal(self) -> AbstractContextManager[None]:
        """Let everything be tried, and taken back at the end; see `Database.rehearsal`."""
        return self._database.rehearsal()

    def reading(self) -> AbstractContextManager[None]:
        """Read one state of the file; whoever writes waits, so it is to be short; see `Database.reading`."""
        return self._database.reading()

    def check_home(self) -> None:
        """Check that the file is no copy; see `Database.check_home`."""
        self._database.check_home()

    def back_up(self, target: Path) -> None:
        """Copy it to a new file; see `Database.back_up`."""
        self._database.back_up(target)

    def close(self) -> None:
        """Close it."""
        self._database.close()
