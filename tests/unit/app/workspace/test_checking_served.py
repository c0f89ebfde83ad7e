# SPDX-License-Identifier: Apache-2.0
"""A check compares what is served with what was published last."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import Open
from tests.unit.app.workspace.worlds import put

from privity.app.workspace.checking import check_workspace
from privity.app.workspace.recording import publish_now


@pytest.mark.parametrize("gone", [False, True])
def test_a_checkpoint_older_than_the_anchor_is_told(
    root: Path, opened: Open, *, gone: bool
) -> None:
    checkpoint = root / "public" / "checkpoint"
    with opened() as workspace:
        put(workspace, "ada")
    older = checkpoint.read_bytes()
    with opened() as workspace:
        put(workspace, "eve")
    if gone:
        checkpoint.unlink()
    else:
        checkpoint.write_bytes(older)
    found = check_workspace(root)
    (problem,) = found.problems
    assert (problem.code, problem.exit_code) == ("workspace/public", 3)
    said = 0 if gone else 3
    assert f"is of {said} entries, and 5 were published" in str(problem)
    assert (found.published, found.size) == (said, 5)
    # As the hint says.
    with opened() as workspace:
        publish_now(workspace)
    found = check_workspace(root)
    assert (found.problems, found.published) == ((), 5)
