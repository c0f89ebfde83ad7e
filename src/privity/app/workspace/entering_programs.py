# SPDX-License-Identifier: Apache-2.0
"""Enter the programs that members are given to verify with: their bytes are public, and their SHA-256 is in the log."""

from __future__ import annotations

from hashlib import sha256

from privity.app.workspace.once import Request, record_once
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant
from privity.entries.program import ProgramEntry


def enter_program(workspace: Workspace, name: str, data: bytes) -> Recorded:
    """Enter a program; the same one is entered once.

    Args:
        workspace: Where.
        name: The file's name.
        data: Its bytes, at most 1 MiB.

    Raises:
        InputError: It has no such name, or is empty or too large.
        ConflictError: As `record`.
        UnavailableError: As `record`.
    """
    entry = ProgramEntry(name=name, sha256=sha256(data).hexdigest(), size=len(data))

    def say(_now: Instant) -> list[ProgramEntry]:
        return [entry]

    asked = Request(asks={"program": name, "sha256": entry.sha256})
    return record_once(workspace, say, objects=[data], request=asked)
