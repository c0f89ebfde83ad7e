# SPDX-License-Identifier: Apache-2.0
"""Where in a workspace a release lies: what is handed over, what is the operator's alone, what is being made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privity.app.workspace.places import Places
from privity.release.folder import ReleaseFolder


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasePlaces:
    """The places of a release in a workspace.

    Attributes:
        root: The workspace's folder.
        name: The release's name.
    """

    root: Path
    name: str

    @classmethod
    def of(cls, places: Places, name: str) -> ReleasePlaces:
        """Give those of a release of this name, whether there is one or not."""
        return cls(root=places.root, name=name)

    @property
    def folder(self) -> ReleaseFolder:
        """What a hand-over copies, all of it."""
        return ReleaseFolder(self.root / "releases" / self.name)

    @property
    def private(self) -> Path:
        """What only the operator has: the decision columns of each file of the table, in a file of the same name."""
        return self.root / "vault" / "releases" / self.name

    @property
    def leaves(self) -> Path:
        """The leaves of the tree of its members."""
        return self.private / "members.leaves"

    @property
    def cleared(self) -> Path:
        """The manifest and the summary of the clearing that it was made by."""
        return self.private / "clearing"

    @property
    def attestations(self) -> Path:
        """What recipients signed of what they deleted, a file for each taking back."""
        return self.private / "attestations"

    @property
    def revocations(self) -> Path:
        """What takings back are made in, a folder for each."""
        return self.private / "revocations"

    @property
    def work(self) -> Path:
        """What is being made, in a folder that no reader looks into."""
        return making(self.root) / self.name


def making(root: Path) -> Path:
    """Give the folder of what is being made, of all releases of a workspace."""
    return root / "state" / "releases"
