# SPDX-License-Identifier: Apache-2.0
"""A workspace with a simulated clock, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant, parse_instant
from privity.config.workspace import WorkspaceSettings

SETTINGS = WorkspaceSettings(origin="example.com/simulated", clock="simulated")
BEGAN = parse_instant("2024-09-01T00:00:00Z")
NOW = parse_instant("2024-10-01T00:00:00Z")
LATER = parse_instant("2024-11-01T00:00:00Z")

Open = Callable[..., AbstractContextManager[Workspace]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a new workspace."""
    found_workspace(tmp_path / "workspace", SETTINGS, now=BEGAN)
    return tmp_path / "workspace"


@pytest.fixture
def opened(root: Path) -> Open:
    """Open it, as a process does that records at an instant."""

    @contextmanager
    def at(now: Instant = NOW) -> Iterator[Workspace]:
        with open_workspace(root, now=now) as workspace:
            yield workspace

    return at


def size(workspace: Workspace) -> int:
    """How many entries its log has."""
    return workspace.store.head().size
