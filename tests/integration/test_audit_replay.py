# SPDX-License-Identifier: Apache-2.0
"""A release that was handed over, trained on and taken back from, decided again in all its uses (specs/audit.md, part 3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program
from tests.integration.handed import World, world as make_world
from tests.integration.revoked import DAY, LATER, ids_of, no, run

import privity
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import format_instant
from privity.entries.run import RunStart
from privity.testing.plain import AT

SHA = "ab" * 32
FOUND, UNTOLD = 20, 21


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A release for an affiliate, who has acknowledged its copy and begun a run."""
    made = make_world(tmp_path, to="parent")
    made.hand_over()
    made.acknowledge()
    privity.start_run(made.root, "first", recipient="parent", code=SHA, config=SHA, now=AT)
    publish(made)
    return made


def publish(world: World) -> None:
    with open_workspace(world.root) as workspace:
        publish_now(workspace)


def ask(program: Program, place: Path, *words: str) -> tuple[int, dict[str, Any]]:
    done = program("audit", "replay", "--workspace", place, "--json", *words)
    assert done.code in {0, FOUND, UNTOLD}, done.err
    return done.code, json.loads(done.out)


def places_of(report: dict[str, Any]) -> list[tuple[str, int | None]]:
    return [(one["kind"], one["revision"]) for one in report["findings"]]


def test_what_was_done_as_it_should_be_is_clean(world: World, program: Program) -> None:
    code, report = ask(program, world.root)
    assert (code, report["answer"], report["findings"]) == (0, "clean", [])
    assert report["figures"]["uses"] == 3
    assert report["figures"]["decisions"] == 3 * report["figures"]["records"]
    assert report["figures"]["records"] > 0


def test_the_public_tree_alone_tells_nothing_of_records(world: World, program: Program) -> None:
    """AUD-73."""
    code, report = ask(program, world.root / "public")
    assert (code, report["answer"], report["findings"]) == (UNTOLD, "cannot-be-told", [])
    assert report["figures"]["decided"] == 0
    assert report["figures"]["missing"] > 0


def test_a_no_is_heeded_from_its_entry_on(world: World, program: Program) -> None:
    """AUD-63: a run that began before it was right, and is still; one that begins after it is found."""
    gone = ids_of(world.made, {"m3"})
    assert gone
    no(world.made, "m3")
    publish(world)
    code, report = ask(program, world.root)
    assert (code, report["answer"]) == (0, "clean")
    (before,) = world.says("run.start")
    world.record(RunStart.parse({**before, "run": "after"}), at=LATER)
    code, report = ask(program, world.root)
    assert code == FOUND
    (one,) = report["findings"]
    assert one["kind"] == "use-after-no"
    assert set(one["records"]) == gone
    assert one["reasons"] == ["opted-out"]


def test_what_was_taken_back_in_time_is_no_finding(world: World, program: Program) -> None:
    """AUD-62, AUD-69, AUD-71: but what was deleted can be asked no more."""
    no(world.made, "m3")
    run(world.made)
    publish(world)
    code, report = ask(program, world.root)
    assert (code, report["answer"], report["findings"]) == (UNTOLD, "cannot-be-told", [])
    assert report["figures"]["missing"] > 0
    uses = next(one for one in report["tables"] if one["title"] == "Uses")
    assert len(uses["rows"]) == 4
    # Its recipient never attests: that is overdue once the deadline is over.
    late = format_instant(LATER + 60 * DAY)
    code, report = ask(program, world.root, "--at", late)
    assert (code, places_of(report)) == (FOUND, [("revocation-overdue", 1)])
    assert "`parent` has not attested it" in report["findings"][0]["what"]


def test_what_nobody_takes_back_is_overdue_after_some_days(
    world: World, program: Program
) -> None:
    """AUD-69: while the release is to be used at all."""
    no(world.made, "m3")
    publish(world)
    soon, later = (format_instant(LATER + days * DAY) for days in (10, 20))
    assert ask(program, world.root, "--at", soon, "--overdue", "15")[0] == 0
    code, report = ask(program, world.root, "--at", later, "--overdue", "15")
    assert (code, places_of(report)) == (FOUND, [("revocation-overdue", 1)])
    assert set(report["findings"][0]["records"]) == ids_of(world.made, {"m3"})
    # It has expired by then.
    end = format_instant(LATER + 40 * DAY)
    assert ask(program, world.root, "--at", end, "--overdue", "15")[0] == 0


def test_a_sample_is_the_same_for_whoever_draws_it(world: World, program: Program) -> None:
    """AUD-80, AUD-81."""
    words = ("--sample", "4", "--seed", "11")
    _, first = ask(program, world.root, *words)
    assert ask(program, world.root, *words)[1] == first
    assert first["figures"]["decided"] == 4
    assert first["figures"]["at_least"] == 0
    assert first["figures"]["at_most"] > 0
    assert "sampled" in [one["kind"] for one in first["not_covered"]]


def test_a_release_that_there_is_not_is_an_error(world: World, program: Program) -> None:
    done = program("audit", "replay", "--workspace", world.root, "--release", "nothing")
    assert done.code == 2
    assert "no release `nothing`" in done.err
