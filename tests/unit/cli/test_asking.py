# SPDX-License-Identifier: Apache-2.0
"""What cannot be taken back is asked about; where nobody can be asked, the hint says how to go on."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import SMALL, Run

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.setting import ask_fact, set_fact


def test_the_hint_names_the_option_that_says_yes(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "net"
    run("init", root, "--origin", "e.example/simulated", "--clock", "simulated")
    with open_workspace(root) as workspace:
        set_fact(workspace, ask_fact(workspace, "chi", "joined"))
    done = run("members", "erase", "chi", "--workspace", root)
    assert done.code == 2
    assert done.err.splitlines() == [
        "privity: nobody erased: nobody can be asked here, expected `--yes` from who is sure",
        "  hint: give `--yes` if this is to be done: Erase 1 member, for good?",
    ]
    # Followed, it works.
    assert run("members", "erase", "chi", "--workspace", root, "--yes").code == 0


def test_a_policy_that_nobody_was_asked_about_is_published_by_the_hint(
    run: Run, tmp_path: Path
) -> None:
    root = tmp_path / "net"
    publish = ("policy", "publish", SMALL / "policy.yaml", "--workspace", root)
    now = "2024-09-18T00:00:00Z"
    run("init", root, "--origin", "e.example/simulated", "--clock", "simulated", "--now", now)
    done = run(*publish)
    assert (done.code, "  hint: give `--yes` if" in done.err) == (2, True)
    assert run(*publish, "--yes").code == 0
