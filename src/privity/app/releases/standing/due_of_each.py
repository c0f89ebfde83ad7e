# SPDX-License-Identifier: Apache-2.0
"""What is due of several releases, each by itself: one that cannot be read holds up no other ([REL-110])."""

from __future__ import annotations

from collections.abc import Sequence

from privity.app.releases.standing.due import Due, due_records
from privity.app.releases.standing.usable import held_of
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.parts import Workspace


def due_of(
    workspace: Workspace,
    states: Sequence[ReleaseState],
    failed: Failed,
    *,
    threads: int = 2,
) -> list[tuple[ReleaseState, Due]]:
    """Find what is due of releases.

    Args:
        workspace: Where they are.
        states: The releases, by the register.
        failed: Where is put down why nothing can be said of a release.
        threads: How many files are read at once.

    Raises:
        PrivityError: As `due_records`: of what is no release's own.
    """
    helds = []
    for state in states:
        with by_itself(failed, state.name):
            helds.append(held_of(workspace, state))
    found = {
        one.held.name: one
        for one in due_records(workspace, helds, threads=threads, failed=failed)
    }
    return [(state, found[state.name]) for state in states if state.name in found]
