# SPDX-License-Identifier: Apache-2.0
"""Two verifiers, of Python and of the pages, say the same of what members hold (specs/release.md, [REL-36], [REL-37]).

`check.json` has what an honest platform gave, and what was changed on the way; `check-forged.json` what a platform signs that lies.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.web.forged_checks import cases
from tests.web.made_checks import shown_by_python

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
CHECKS, FORGED = (
    json.loads((VECTORS / name).read_text(encoding="utf-8"))
    for name in ("check.json", "check-forged.json")
)
CASES: list[dict[str, Any]] = CHECKS["cases"]
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="needs Node, which runs the verifier of the pages"
)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_python_says_what_the_cases_say(case: dict[str, Any]) -> None:
    said = {key: case[key] for key in ("code", "events", "lost", "releases") if key in case}
    assert shown_by_python(case["text"], case.get("vkey", CHECKS["vkey"])) == said


def test_python_says_of_what_is_forged_what_the_cases_say() -> None:
    """They are made again, with what Python says of each."""
    made = cases()
    assert [one["id"] for one in made["cases"]] == [one["id"] for one in FORGED["cases"]]
    for one, kept in zip(made["cases"], FORGED["cases"], strict=True):
        assert one == kept, one["id"]
    assert made["vkey"] == FORGED["vkey"]
    assert sum("code" in one for one in FORGED["cases"]) > 150


def test_the_cases_show_both_what_is_in_and_what_is_not() -> None:
    shown: dict[str, Any] = {case["id"]: case.get("releases") for case in CASES}
    assert all(shown["whole"].values())
    assert shown["quiet"] == {"first": [], "second": []}
    assert sum("code" in case for case in CASES) > 30


@needs_node
def test_the_verifier_of_the_pages_says_the_same() -> None:
    ran = by_node("--test", "--test-reporter=tap", str(HERE / "verify.test.mjs"))
    failed = [line for line in ran.stdout.splitlines() if line.startswith("not ok")]
    assert ran.returncode == 0, failed or ran.stderr
    assert "# fail 0" in ran.stdout


@needs_node
@pytest.mark.parametrize(
    "step", [pytest.param(5, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_each_check_of_the_verifier_has_a_case_that_notices_when_it_is_gone(step: int) -> None:
    """Every `if`, every part of an `&&` or `||`, every bound: what is taken out makes a case fail."""
    ran = by_node(str(HERE / "mutants.mjs"), str(step))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert told["mutants"] > 200
    assert told["tried"] > 200 // step
    assert told["survived"] == 0


def by_node(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert NODE is not None
    return subprocess.run(
        [NODE, *arguments], capture_output=True, text=True, check=False, timeout=600
    )
