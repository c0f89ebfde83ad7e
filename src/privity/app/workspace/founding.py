# SPDX-License-Identifier: Apache-2.0
"""Found a workspace: what `privity init` does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privity.app.workspace.opening import new_workspace
from privity.app.workspace.parts import check_clock
from privity.app.workspace.recording import publish_now, record
from privity.canonical.instants import Instant
from privity.config.workspace import WorkspaceSettings, format_settings
from privity.entries.genesis import GenesisEntry
from privity.ledger.note import SEED_SIZE, Signer
from privity.vocabulary.terms import vocabulary

_REQUEST = "genesis"


@dataclass(frozen=True, kw_only=True, slots=True)
class Founded:
    """A new workspace.

    Attributes:
        root: Its folder.
        settings: What it is.
        vkey: The key that verifies its log: what members and auditors should be told by another way.
        time: When its log began.
    """

    root: Path
    settings: WorkspaceSettings
    vkey: str
    time: Instant


def found_workspace(
    root: Path, settings: WorkspaceSettings, *, now: Instant | None = None
) -> Founded:
    """Make a workspace, record the beginning of its log and publish it.

    Args:
        root: A folder that is not there, or empty.
        settings: What it is to be.
        now: The instant at which its log begins, where the clock is simulated; 1970 unless said.

    Raises:
        ConflictError: There is something already (`workspace/exists`).
        InputError: The settings do not fit each other, or a value cannot be.
        UnavailableError: The disk is full or fails; the same call goes on with what was begun.
    """
    # Before anything is there: what cannot be would leave a folder behind that is no workspace.
    check_clock(settings, now)
    format_settings(settings)
    Signer(name=settings.origin, seed=bytes(SEED_SIZE))
    with new_workspace(root, settings, now=now) as workspace:
        vkey = workspace.signers[0].vkey.to_text()
        began = record(
            workspace,
            [
                GenesisEntry(
                    origin=settings.origin,
                    vkey=vkey,
                    clock=settings.clock,
                    attested=settings.attested,
                    vocabulary=vocabulary()["version"],
                )
            ],
            request=_REQUEST,
        )
        publish_now(workspace)
    return Founded(root=root, settings=settings, vkey=vkey, time=began.time)
