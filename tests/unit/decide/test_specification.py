# SPDX-License-Identifier: Apache-2.0
"""The specifications and the hand-made cases belong together: every step, every reason, every case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from privity.testing.vectors import read_vectors
from privity.vocabulary.terms import DECIDED, OBLIGATIONS

ROOT = Path(__file__).resolve().parents[3]
CASES = {
    case.id: case
    for name in ("decide.json", "decide-more.json")
    for case in read_vectors(ROOT / "tests" / "vectors" / name)
}
STATED = re.compile(
    r"^- \*\*\[((?:DEC|TIM)-\d+)\]\*\* (.+?)(?=^- \*\*\[|^#|\Z)", re.MULTILINE | re.DOTALL
)
ROW = re.compile(r"^\| ((?:DEC|TIM)-\d+) \| (.+) \|$", re.MULTILINE)
REASON = re.compile(r"^ *`([a-z-]+)`: ", re.MULTILINE)


def text(spec: str) -> str:
    return (ROOT / "specs" / f"{spec}.md").read_text(encoding="utf-8")


def stated(spec: str) -> dict[str, str]:
    """Each step with what it says."""
    return dict(STATED.findall(text(spec)))


def pinned(spec: str) -> dict[str, str]:
    """Each step of the table with what stands beside it."""
    return dict(ROW.findall(text(spec)))


def ids(cell: str) -> set[str]:
    return set() if cell.startswith("none: ") else set(re.findall(r"`([^`]+)`", cell))


@pytest.mark.parametrize("spec", ["decision", "timeline"])
def test_every_step_is_pinned_or_says_why_not(spec: str) -> None:
    assert list(pinned(spec)) == list(stated(spec))
    assert len(stated(spec)) == len(STATED.findall(text(spec)))
    for step, cell in pinned(spec).items():
        assert ids(cell) or cell.startswith("none: "), step
        assert ids(cell) <= CASES.keys(), step


def test_every_case_pins_a_step_of_the_decision_rule() -> None:
    found = set().union(*map(ids, pinned("decision").values()))
    assert found == CASES.keys()


def test_every_reason_has_one_step_and_every_step_reasons_that_are_known() -> None:
    steps: dict[str, str] = {}
    for step, said in stated("decision").items():
        for reason in REASON.findall(said):
            assert reason not in steps
            steps[reason] = step
    assert sorted(steps) == sorted(DECIDED)
    for case in CASES.values():
        for reason in {reason for found in case.expect.values() for reason in found}:
            assert case.id in ids(pinned("decision")[steps[reason]]), reason


def test_every_obligation_is_carried_by_some_case_of_its_step() -> None:
    carried = {
        name
        for case in ids(pinned("decision")["DEC-90"])
        for found in CASES[case].obligations.values()
        for name in found
    }
    assert carried
    assert carried <= set(OBLIGATIONS)


def test_the_worked_example_ends_with_what_its_case_expects() -> None:
    (ending,) = re.findall(r"^Refused: (.+)\.", text("decision"), re.MULTILINE)
    assert CASES["worked-example"].expect == {"r1": tuple(re.findall(r"`([^`]+)`", ending))}
