# SPDX-License-Identifier: Apache-2.0
"""`privity release end`: from its entry on nobody gets or opens the release, and what is there stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import Made, make

from privity.app.releases.examining.checking import check_releases
from privity.app.releases.state.marks import held
from privity.canonical.instants import format_instant
from privity.testing.plain import AT

DAY = 86400


@pytest.fixture
def made(tmp_path: Path) -> Made:
    found = make(tmp_path)
    release(found, expires_at=AT + 5 * DAY)
    return found


def end(made: Made, program: Program, day: int = 1, *more: str) -> tuple[int, str, str]:
    now = format_instant(AT + day * DAY)
    done = program(
        "release", "end", "first", "--workspace", made.root, "--now", now, "--json", *more
    )
    return done.code, done.out, done.err


@pytest.mark.parametrize(("day", "why"), [(1, "withdrawn"), (5, "expired")])
def test_a_release_ends_by_an_entry(made: Made, program: Program, day: int, why: str) -> None:
    """[REL-156]"""
    before = {path: path.read_bytes() for path in folder_of(made).root.rglob("*.parquet")}
    code, out, err = end(made, program, day, "--yes")
    assert code == 0, err
    assert json.loads(out)["why"] == why
    entry = made.entries()[-1]
    assert (entry["s"], entry["p"]) == (
        "release",
        {"action": "ended", "release": "first", "why": why},
    )
    assert {path: path.read_bytes() for path in before} == before
    assert check_releases(made.root).problems == ()
    now = format_instant(AT + (day + 1) * DAY)
    asked = program(
        "release", "check", folder_of(made).root, "--workspace", made.root, "--now", now
    )
    assert asked.code in {10, 11}, asked.err


def test_it_ends_once(made: Made, program: Program) -> None:
    """[REL-156]"""
    assert end(made, program, 1, "--yes")[0] == 0
    entries = made.entries()
    code, _, err = end(made, program, 2, "--yes")
    assert code == 4
    assert "ended at 2025-06-02T00:00:00Z, as entry" in err
    assert made.entries() == entries


def test_nobody_ends_what_is_being_changed(made: Made, program: Program) -> None:
    """[REL-156]"""
    with held(made.root, "first"):
        code, _, err = end(made, program, 1, "--yes")
    assert code == 4
    assert "another process makes or changes" in err
    assert made.entries()[-1]["s"] != "release" or "why" not in made.entries()[-1]["p"]


def test_what_is_not_there_cannot_end(made: Made, program: Program) -> None:
    """[REL-156]"""
    done = program("release", "end", "other", "--workspace", made.root, "--yes")
    assert done.code == 2
    assert "there is no release `other` in this log" in done.err
