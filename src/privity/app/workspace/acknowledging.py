# SPDX-License-Identifier: Apache-2.0
"""Publish what was recorded, after every command that records; who is at it already does it for all."""

from __future__ import annotations

from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import publish_locked
from privity.errors import ConflictError
from privity.ledger.publish import Published
from privity.store.lock import locked


def publish_if_free(workspace: Workspace, *, seconds: float = 0.0) -> Published | None:
    """Publish everything that is recorded, or give None where another process does.

    Args:
        workspace: What was recorded in.
        seconds: How long to wait for that process, where something is made of what is published.

    Raises:
        ConflictError: Something is not as it must be.
        VerificationError: Something does not hold; nothing was signed.
        UnavailableError: The disk is full or fails: end the process, and start again.
    """
    try:
        with locked(workspace.places.lock, seconds=seconds):
            return publish_locked(workspace)
    except ConflictError as error:
        if error.code == "store/locked":
            return None
        raise
