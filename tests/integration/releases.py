# SPDX-License-Identifier: Apache-2.0
"""Small releases, in the small workspaces of `workspaces`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.integration.workspaces import Made

from privity.app.releases.making.creating import MadeRelease, ReleaseRequest, create_release
from privity.app.releases.state.proofs import put_proof
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import Instant
from privity.release.folder import ReleaseFolder
from privity.sources.native import open_records
from privity.testing.plain import AT

FIRST = ReleaseRequest(name="first", purpose="genai-training", recipient="self")


def release(
    made: Made,
    *,
    now: Instant = AT,
    progress: Callable[[str, int], None] = lambda _stage, _rows: None,
    publish: bool = True,
    **keys: Any,
) -> MadeRelease:
    """Make a release of a workspace's records, to itself for training unless it is said otherwise."""
    with open_workspace(made.root, now=now) as workspace:
        found = create_release(
            workspace,
            open_records(list(made.sources)),
            replace(FIRST, **keys),
            progress=progress,
        )
        if publish:
            publish_now(workspace)
            put_proof(workspace, found.state.name)
    return found


def folder_of(made: Made, name: str = "first") -> ReleaseFolder:
    """Give where a release lies."""
    return ReleaseFolder(made.root / "releases" / name)
