# SPDX-License-Identifier: Apache-2.0
"""Try on a log what would be done to it, and leave it as it was.

The database takes everything back by itself (`store.database`, `rehearsal`); here are a public tree and an anchor that
take what is written to them elsewhere. What is tried this way runs through the very code that does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from privity.errors import ConflictError
from privity.ledger.ports import NotFoundError, Reader
from privity.store.files import Folder


class RehearsedTree:
    """A public tree whose writes go to a folder that is thrown away.

    Args:
        tree: The tree as it is.
        aside: An empty folder.
    """

    def __init__(self, tree: Reader, aside: Path) -> None:
        self._tree = tree
        self._aside = aside
        self._written = Folder(aside)

    def read(self, path: str) -> bytes:
        """Give the bytes at a path, as they would be there.

        Raises:
            NotFoundError: There would be nothing at the path.
            UnavailableError: The tree cannot be read.
        """
        try:
            return self._written.read(path)
        except NotFoundError:
            return self._tree.read(path)

    def write_new(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put bytes at paths, aside.

        Raises:
            ConflictError: Other bytes are there.
        """
        for path, data in files:
            try:
                there = self.read(path)
            except NotFoundError:
                self.replace(path, data)
                continue
            if there != data:
                raise ConflictError(
                    f"`{path}` is there with other bytes, and what was published never changes",
                    code="ledger/other-bytes",
                    hint="run `privity ledger check DIR`, then `privity ledger repair DIR`",
                )

    def replace(self, path: str, data: bytes) -> None:
        """Put bytes in the place of what is there, aside."""
        place = self._aside.joinpath(*path.split("/"))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def remove_partial(self, path: str) -> None:
        """Leave partial tiles as they are: whether they are there changes nothing."""


class RehearsedNote:
    """An anchor that is written in memory only.

    Args:
        note: What is there.
    """

    def __init__(self, note: bytes | None) -> None:
        self._note = note

    def read(self) -> bytes | None:
        """Give the note as it would be there."""
        return self._note

    def swap(self, old: bytes | None, new: bytes) -> None:
        """Put a note in the place of the old one.

        Raises:
            ConflictError: Another note is there.
        """
        if self._note != old:
            raise ConflictError("another note is there", code="ledger/anchor-moved")
        self._note = new
