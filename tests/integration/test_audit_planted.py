# SPDX-License-Identifier: Apache-2.0
"""What an unfaithful platform did is found, all of it, and nothing is invented (specs/audit.md, part 3)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.integration.conftest import Program
from tests.integration.planted import VIOLATIONS, Expected, Planting
from tests.integration.planter import SMALL, Size, plant

from privity.config.workspace import Claims

FINDINGS = 20
MILLION = Size(
    releases=40,
    records=25_000,
    crowd=20_000,
    violations=6 * len(VIOLATIONS),
    honest=80,
    each=20,
    damaged=40,
    rows_a_file=10_000,
)


@pytest.fixture(scope="module", params=get_args(Claims))
def planting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Planting:
    return plant(tmp_path_factory.mktemp("planted") / "workspace", attested=request.param)


def replay(program: Program, planting: Planting, *words: str) -> dict[str, Any]:
    """Have everything decided again, and give the report."""
    done = program("audit", "replay", "--workspace", planting.root, "--json", *words)
    assert done.code == FINDINGS, done.err
    report: dict[str, Any] = json.loads(done.out)
    return report


def found(report: dict[str, Any]) -> list[Expected]:
    """Give what was found; of a folder that no entry speaks of, its name is no release's."""
    return [
        Expected(
            kind=one["kind"],
            entry=one["entry"],
            release=None if one["entry"] is None else one["release"],
            records=tuple(one["records"]),
            reasons=tuple(one["reasons"]) if one["records"] else (),
        )
        for one in report["findings"]
    ]


def differences(
    report: dict[str, Any], planting: Planting
) -> tuple[Counter[Any], Counter[Any]]:
    """Give what was missed and what was invented."""
    seen, planted = Counter(found(report)), Counter(planting.expected())
    return planted - seen, seen - planted


def test_everything_that_was_planted_is_found_and_nothing_else(
    program: Program, planting: Planting
) -> None:
    """[AUD-180] Whether claims are accepted or can only restrict."""
    report = replay(program, planting)
    assert differences(report, planting) == (Counter(), Counter())


def test_no_gap_hides_anything_but_what_was_taken_away(
    program: Program, planting: Planting
) -> None:
    report = replay(program, planting)
    gone = {one.release for one in planting.alone if one.kind == "entry-without-bytes"}
    assert len(gone) >= SMALL.damaged // 3
    kinds = {one["kind"] for one in report["not_covered"]}
    assert "private-facts" not in kinds
    assert "sampled" not in kinds


def test_one_release_is_asked_alone(program: Program, planting: Planting) -> None:
    name = "r01"
    report = replay(program, planting, "--release", name)
    planted = {one for one in planting.expected() if one.release == name}
    assert planted
    assert {one for one in found(report) if one.release == name} == planted


@pytest.mark.slow
def test_two_hundred_among_a_million(program: Program, tmp_path: Path) -> None:
    """[AUD-180] In forty releases, of each of the eleven kinds."""
    planting = plant(tmp_path / "workspace", MILLION)
    assert planting.rows >= 1_000_000
    assert len(planting.strangers) == MILLION.releases
    assert planting.violations >= 200
    report = replay(program, planting)
    assert differences(report, planting) == (Counter(), Counter())
    kinds = Counter(one["kind"] for one in report["findings"])
    assert min(kinds[one] for one in kinds_of(planting.expected())) >= 1


def kinds_of(expected: Iterable[Expected]) -> set[str]:
    return {one.kind for one in expected}
