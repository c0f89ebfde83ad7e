# SPDX-License-Identifier: Apache-2.0
"""`make demo` makes the network where `--out` puts the demo, and `make serve` opens that one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def recipe(target: str, arguments: str) -> str:
    """Give what make would run."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    done = subprocess.run(
        [make, "--dry-run", target, f"DEMO_ARGUMENTS={arguments}", "PORT=8001"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        ("", "build/demo"),
        ("--members 500 --records 5000", "build/demo"),
        ("--out made", "made"),
        ("--members 500  --out   made/here --seed 2", "made/here"),
        ("--out=made", "made"),
        ("--out first --out=last", "last"),
    ],
)
def test_the_network_stands_where_the_demo_was_put(arguments: str, folder: str) -> None:
    site = f"NETWORK_DATA={folder}/site PRIVITY_WORKSPACE={folder}/ledger "
    assert f"{site}NETWORK_SIMULATED=1 NETWORK_DEMO=1" in recipe("serve", arguments)
    making = recipe("demo", arguments)
    assert f"if [ -d {folder}/asked ]; then {site}" in making
    assert f"network demo --of {folder} --port 8001" in making
