# SPDX-License-Identifier: Apache-2.0
"""An import that is killed loses nothing that it told of, and a repeated one doubles nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.unit.app.workspace.conftest import SETTINGS
from tests.unit.app.workspace.test_importing import many, put, told

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import parse_instant

NOW = parse_instant("2024-10-01T00:00:00Z")
ROOT = Path(__file__).resolve().parents[2]
MEMBERS = 400


def recorded(root: Path) -> Counter[tuple[object, str, object]]:
    with open_workspace(root) as workspace:
        return Counter(told(workspace))


def killed_after(commits: int, root: Path, facts: Path) -> list[str]:
    """Import until so many commits were told of; gives what was told, to the end if it came first."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.import_once", str(root), str(facts)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    lines = []
    for line in child.stdout:
        lines.append(line.strip())
        if len(lines) == commits:
            child.send_signal(signal.SIGKILL)
    child.stdout.close()
    assert child.wait() in {0, -signal.SIGKILL}
    return lines


def test_an_import_that_is_killed_again_and_again_ends_whole(tmp_path: Path) -> None:
    root, facts = tmp_path / "workspace", put(tmp_path / "facts.csv", many(MEMBERS))
    found_workspace(root, SETTINGS, now=NOW)
    longest = 0
    # 31 commits; some kills come while the next commit is on its way, some while it is published.
    for commits in (1, 2, 7, 13, 20, 32, 33, 34):
        lines = killed_after(commits, root, facts)
        acknowledged = sum(int(line) for line in lines if line.isdigit())
        there = recorded(root)
        assert set(there.values()) <= {1}
        # All but the commits that were there already were told of by this attempt or an earlier one.
        assert there.total() >= acknowledged
        assert there.total() >= longest
        longest = there.total()
    assert killed_after(1000, root, facts)[-2:] == [
        f"all {3 * MEMBERS} {3 * MEMBERS}",
        "published",
    ]
    there = recorded(root)
    assert there.total() == 3 * MEMBERS == len(there)
    assert {whose for whose, _, _ in there} == {f"m{number}" for number in range(MEMBERS)}
    tree = open_tree(str(root / "public"), ((root / "public" / "vkey").read_text().strip(),))
    assert verify_tree(tree).contents.private == 4 * MEMBERS
