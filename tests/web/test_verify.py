# SPDX-License-Identifier: Apache-2.0
"""Two verifiers, of Python and of the pages, say the same of what members hold (specs/release.md, [REL-36], [REL-37])."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.web.made_checks import shown_by_python

FILE = Path(__file__).resolve().parents[1] / "vectors" / "check.json"
CHECKS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = CHECKS["cases"]
NODE = shutil.which("node")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_python_says_what_the_cases_say(case: dict[str, Any]) -> None:
    said = {key: case[key] for key in ("code", "events", "releases") if key in case}
    assert shown_by_python(case["text"], case.get("vkey", CHECKS["vkey"])) == said


def test_the_cases_show_both_what_is_in_and_what_is_not() -> None:
    shown: dict[str, Any] = {case["id"]: case.get("releases") for case in CASES}
    assert all(shown["whole"].values())
    assert shown["quiet"] == {"first": [], "second": []}
    assert sum("code" in case for case in CASES) > 30


@pytest.mark.skipif(NODE is None, reason="needs Node, which runs the verifier of the pages")
def test_the_verifier_of_the_pages_says_the_same() -> None:
    assert NODE is not None
    ran = subprocess.run(
        [
            NODE,
            "--test",
            "--test-reporter=tap",
            str(Path(__file__).with_name("verify.test.mjs")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    failed = [line for line in ran.stdout.splitlines() if line.startswith("not ok")]
    assert ran.returncode == 0, failed or ran.stderr
    assert "# fail 0" in ran.stdout
