# SPDX-License-Identifier: Apache-2.0
"""Small releases that were handed over, in the small workspaces of `workspaces`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.releases import folder_of, release
from tests.integration.workspaces import Made, make

from privity.app.releases.handing.acknowledging import acknowledge_copy, record_acknowledgement
from privity.app.releases.handing.handing_over import HandOver, hand_over
from privity.app.releases.state.signing import read_signer
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import change_recipient
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import Instant
from privity.entries.dsse import EnvelopeSigner
from privity.entries.key_files import signer_to_pem
from privity.testing.plain import AT

LAB = EnvelopeSigner(seed=bytes(range(32)))
OTHER = EnvelopeSigner(seed=bytes(range(1, 33)))
DAY = 86_400


@dataclass(frozen=True)
class World:
    """A workspace with a release for a recipient whose key is on the register, and where copies go."""

    made: Made
    to: str

    @property
    def root(self) -> Path:
        return self.made.root

    @property
    def log(self) -> str:
        return str(self.root / "public")

    @property
    def vkey(self) -> str:
        return (self.root / "public" / "vkey").read_text().strip()

    @property
    def out(self) -> Path:
        return self.root.parent / "lab" / "first"

    @property
    def source(self) -> Path:
        return folder_of(self.made).root

    def hand_over(
        self,
        *,
        at: Instant = AT,
        name: str = "first",
        to: str | None = None,
        out: Path | None = None,
    ) -> HandOver:
        with open_workspace(self.root, now=at) as workspace:
            made = hand_over(workspace, name, to or self.to, out or self.out)
            publish_now(workspace)
        return made

    def acknowledge(self, at: Instant = AT) -> None:
        """Acknowledge the copy, and enter it."""
        looked = acknowledge_copy(self.out, LAB, at=at)
        with open_workspace(self.root, now=at) as workspace:
            record_acknowledgement(workspace, "first", self.to, looked.path.read_bytes())
            publish_now(workspace)

    def record(self, *says: Any, at: Instant = AT) -> None:
        """Record, and publish, as some other process would."""
        self.made.record(*says, at=at)
        with open_workspace(self.root, now=at) as workspace:
            publish_now(workspace)

    def says(self, stream: str) -> list[dict[str, Any]]:
        """What the log says in a public stream."""
        return [one["p"] for one in self.made.entries() if one["s"] == stream]


def world(folder: Path, *, to: str = "self", count: int = 60) -> World:
    """Make a workspace with a release, for thirty days."""
    made = make(folder, count=count)
    with open_workspace(made.root, now=AT) as workspace:
        change_recipient(workspace, to, key=LAB.public)
    release(made, recipient=to, expires_at=AT + 30 * DAY)
    (folder / "lab").mkdir()
    return World(made, to)


def tamper(place: Path) -> None:
    """Change a bit of a file, or of the first part in a folder."""
    path = next(iter(sorted(place.glob("part-*")))) if place.is_dir() else place
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def put_key(path: Path, signer: EnvelopeSigner = LAB) -> Path:
    """Write a recipient's secret key as it would have it."""
    path.write_bytes(signer_to_pem(signer))
    path.chmod(0o600)
    assert read_signer(path).public == signer.public
    return path
