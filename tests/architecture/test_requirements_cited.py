# SPDX-License-Identifier: Apache-2.0
"""Every numbered requirement of a spec is held by a test that names it, and no test names another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPECS = sorted((ROOT / "specs").glob("*.md"))

# A requirement is stated as **[DEC-7]** or [DEC-7] in its spec, and cited the same way in a test.
REQUIREMENT = re.compile(r"\[([A-Z]{2,8}-[0-9]+[a-z]?)\]")
CITATION = re.compile(r"\b([A-Z]{2,8}-[0-9]+[a-z]?)\b")


def requirements(path: Path) -> set[str]:
    return set(REQUIREMENT.findall(path.read_text(encoding="utf-8")))


def citations() -> set[str]:
    """What the tests and the vectors beside them name."""
    here = Path(__file__).resolve()
    cited: set[str] = set()
    for path in (ROOT / "tests").rglob("*"):
        if path.suffix in {".py", ".json", ".jsonl", ".yaml", ".md"} and path != here:
            cited.update(CITATION.findall(path.read_text(encoding="utf-8")))
    return cited


@pytest.fixture(scope="module")
def cited() -> set[str]:
    return citations()


@pytest.mark.parametrize("spec", SPECS, ids=[path.stem for path in SPECS])
def test_every_requirement_is_cited_by_a_test(spec: Path, cited: set[str]) -> None:
    assert sorted(requirements(spec) - cited) == []


@pytest.mark.parametrize("spec", SPECS, ids=[path.stem for path in SPECS])
def test_a_spec_numbers_its_requirements(spec: Path) -> None:
    if spec.stem != "README":
        assert requirements(spec)


def test_no_citation_is_left_behind(cited: set[str]) -> None:
    known = set[str]().union(*(requirements(spec) for spec in SPECS))
    prefixes = {name.partition("-")[0] for name in known}
    stale = {name for name in cited if name.partition("-")[0] in prefixes} - known
    assert sorted(stale) == []
