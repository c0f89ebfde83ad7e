# SPDX-License-Identifier: Apache-2.0
"""Which releases are asked for what is due: those that are live, and ended ones since whose decision somebody was erased.

What an ended release has is to be used by nobody, and stays as it is, but for whoever was erased: nothing of hers stays
anywhere ([REL-157]).
"""

from __future__ import annotations

from collections.abc import Iterable

from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.states import ReleaseState
from privity.app.releases.state.steady import at_work
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import public_entries
from privity.entries.erasure import ErasureBatchEntry


def to_look_at(
    workspace: Workspace, states: Iterable[ReleaseState]
) -> tuple[ReleaseState, ...]:
    """Give the releases of which something may be due.

    Raises:
        ConflictError: As `public_entries`.
        VerificationError: As `public_entries`.
        UnavailableError: As `public_entries`.
    """
    now = workspace.now()
    erased = max(
        (one.index for one in public_entries(workspace, ErasureBatchEntry.STREAM)), default=-1
    )
    return tuple(
        state
        for state in states
        if state.live(now) or (erased >= state.ledger_size and _is_there(workspace, state))
    )


def being_made(workspace: Workspace, state: ReleaseState) -> bool:
    """Tell whether another process is about to give a release its folder, whose entry is in already."""
    return state.name in at_work(workspace) and not _is_there(workspace, state)


def _is_there(workspace: Workspace, state: ReleaseState) -> bool:
    """Tell whether a release lies here: the operator of one that has ended may have deleted it."""
    return ReleasePlaces.of(workspace.places, state.name).folder.manifest.exists()
