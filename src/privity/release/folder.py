# SPDX-License-Identifier: Apache-2.0
"""What lies where in the folder of a release, in a workspace and wherever it was handed over to (specs/release.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.release.files import MANIFEST

TABLE: Final = "table"
"""The folder of the table in a release's."""


@dataclass(frozen=True, slots=True)
class ReleaseFolder:
    """The paths of a release.

    Attributes:
        root: Its folder.
    """

    root: Path

    @property
    def table(self) -> Path:
        """The table."""
        return self.root / TABLE

    @property
    def members(self) -> Path:
        """Whose rows lie in which file, by tags: a folder (`release.sidecar`), so that a change rewrites little of it."""
        return self.root / "members"

    @property
    def manifest(self) -> Path:
        """The manifest of the table's files."""
        return self.root / MANIFEST

    @property
    def described(self) -> Path:
        """What the log says of it."""
        return self.root / "release.json"

    @property
    def salt(self) -> Path:
        """The secret of operator and recipient, 32 bytes."""
        return self.root / "salt.key"

    @property
    def certificate(self) -> Path:
        """The signed certificate of clearance."""
        return self.root / "certificate.json"

    @property
    def statement(self) -> Path:
        """The signed statement of inputs and outputs."""
        return self.root / "statement.json"

    @property
    def proof(self) -> Path:
        """The proof that its entry is in the log, once that is published."""
        return self.root / "entry.tlog-proof"
