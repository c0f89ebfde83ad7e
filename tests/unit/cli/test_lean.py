# SPDX-License-Identifier: Apache-2.0
"""A command imports no library that only others look for; a site that is served finds all that is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SMALL = Path(__file__).resolve().parents[3] / "examples" / "small"
DECIDE = (
    f"decide --policy {SMALL}/policy.yaml --facts {SMALL}/facts.csv --records {SMALL}/records.jsonl "
    "--purpose genai-training --recipient self --at 2025-06-01T00:00:00Z"
)
PROGRAM = """
import atexit, importlib.util, sys
names = sys.argv[1].split()
sys.argv = ["privity", *sys.argv[3:]]
from privity import cli

def tell():
    found = [one for one in names if importlib.util.find_spec(one)]
    print("loaded", *(one for one in names if one in sys.modules), "found", *found, file=sys.stderr)

atexit.register(tell)
"""


def told(call: str, arguments: str) -> str:
    """What a process says at its end: which libraries it loaded, and which can be found in it."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{PROGRAM}{call}",
            "numba pandas pyarrow scipy",
            "--",
            *arguments.split(),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[-1]


def test_a_decision_loads_what_it_needs_and_finds_nothing_else() -> None:
    assert told("cli.run()", DECIDE) == "loaded numba pyarrow found numba pyarrow"


@pytest.mark.parametrize(
    ("call", "arguments"), [("cli.run()", "serve --help"), ("cli.main(sys.argv[1:])", "--help")]
)
def test_somebody_elses_code_finds_all_that_is_installed(call: str, arguments: str) -> None:
    assert told(call, arguments) == "loaded found numba pandas pyarrow scipy"
