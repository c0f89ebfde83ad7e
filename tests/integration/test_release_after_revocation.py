# SPDX-License-Identifier: Apache-2.0
"""After something was taken back: what may still be opened, handed over and trained on, and what may not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program
from tests.integration.handed import World, put_key, world as make_world
from tests.integration.revoked import (
    DAY,
    LATER,
    ids_in,
    ids_of,
    no,
    places_of,
    run,
    state_of,
)
from tests.integration.workspaces import put_policy

import privity
from privity.app.releases.standing.due import due_records
from privity.app.releases.standing.usable import held_of
from privity.app.releases.state.register import register_of
from privity.app.releases.taking_back.applying import apply_revocation
from privity.app.releases.taking_back.attesting_deletion import attest_revocation
from privity.app.releases.taking_back.revoking import revoke, say_due
from privity.app.releases.taking_back.taking import Taking
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import format_instant
from privity.errors import PrivityError
from privity.testing.plain import AT

SHA = "ab" * 32


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A release was handed over and acknowledged, and a run began; then a member said no."""
    made = make_world(tmp_path, to="parent")
    made.hand_over()
    made.acknowledge()
    (tmp_path / "ticket").write_bytes(start(made, AT).envelope)
    no(made.made, "m3")
    return made


def taken_back(world: World) -> None:
    run(world.made)
    publish(world)


def publish(world: World) -> None:
    with open_workspace(world.root) as workspace:
        publish_now(workspace)


def start(world: World, at: int = LATER) -> Any:
    return privity.start_run(
        world.root, "first", recipient=world.to, code=SHA, config=SHA, now=at
    )


def code_of(act: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(PrivityError) as caught:
        act(*arguments, **named)
    return caught.value.code


def test_until_it_is_taken_back_nobody_gets_it_or_begins_to_read(world: World) -> None:
    """REL-62, REL-68, REL-73, REL-74, and X2."""
    assert code_of(world.hand_over, at=LATER, out=world.out.parent / "second") == "release/due"
    assert code_of(start, world) == "release/due"
    assert code_of(privity.open_release, world.source, now=LATER) == "release/stale"


def test_a_copy_of_before_is_revoked_whoever_is_asked(world: World, program: Program) -> None:
    """REL-71, REL-77."""
    taken_back(world)
    for keys in ({"log": world.log}, {"workspace": world.root}):
        named: dict[str, Any] = {**keys, "now": LATER}
        assert code_of(privity.open_release, world.out, **named) == "release/revoked"
    done = program(
        "release",
        "check",
        world.out,
        "--log",
        world.log,
        "--now",
        format_instant(LATER),
        "--json",
    )
    assert (done.code, json.loads(done.out)["state"]) == (12, "revoked")
    # The ticket of a run that began before is an answer for its day; with the log besides it is not.
    before = world.root.parent / "ticket"
    assert privity.open_release(world.out, ticket=before).revision == 1
    assert code_of(privity.open_release, world.out, ticket=before, log=world.log) == (
        "release/revoked"
    )
    # What lies in the workspace is the newest revision.
    assert privity.open_release(world.source, now=LATER).revision == 2


def test_what_begins_while_a_taking_back_is_written_is_to_be_compared_first(
    world: World,
) -> None:
    """REL-69: by the log a revision is as old as its decision, and not as the entry that has it."""
    begins = LATER + DAY
    with open_workspace(world.root, now=LATER) as workspace:
        put_policy(workspace, version="2025-07", effective_at=format_instant(begins))
        state = register_of(workspace).release("first")
        (due,) = due_records(workspace, [held_of(workspace, state)])
    # It takes long to write it: two days.
    with open_workspace(world.root, now=begins + DAY) as workspace:
        say_due(workspace, state, due)
        revoke(workspace, threads=1)
        publish_now(workspace)
    entry = state_of(world.made).revocations[-1].due.says
    assert (entry.at, entry.scheduled) == (LATER, (begins,))
    assert state_of(world.made).revised[-1].time > begins
    named: dict[str, Any] = {"log": world.log, "now": begins + DAY}
    assert code_of(privity.open_release, world.source, **named) == "release/stale"
    found = privity.open_release(world.source, workspace=world.root, now=begins + DAY)
    assert found.revision == 2
    world.hand_over(at=begins + DAY, out=world.out.parent / "second")
    assert privity.open_release(world.out.parent / "second", **named).revision == 2


def test_the_next_hand_over_has_nothing_of_what_is_gone(world: World) -> None:
    """REL-61: the old files wait in the workspace for their retention to end, and stay there."""
    gone = ids_of(world.made, {"m3"})
    taken_back(world)
    second = world.out.parent / "second"
    world.hand_over(at=LATER, out=second)
    assert gone
    assert not gone & {*ids_in(second)}
    ours = {one.name for one in (world.source / "table").glob("*.parquet")}
    theirs = {one.name for one in (second / "table").glob("*.parquet")}
    assert theirs < ours
    assert {one.name for one in (second / "members").iterdir()} == {*theirs, "tags.parquet"}
    assert privity.open_release(second, log=world.log, now=LATER).revision == 2


def test_a_run_begins_again_once_the_recipient_has_attested(world: World) -> None:
    """REL-74: a copy that was brought up to the newest revision is as good as a new one."""
    taken_back(world)
    assert code_of(start, world) == "release/unacknowledged"
    name = state_of(world.made).revocations[-1].name
    bundle = world.out.parent / "bundle"
    shutil.copytree(Taking.of(places_of(world.made), name).bundle.root, bundle)
    done = apply_revocation(bundle, world.out, put_key(world.out.parent / "lab.key"), now=LATER)
    assert privity.open_release(world.out, log=world.log, now=LATER).revision == 2
    assert code_of(start, world) == "release/unacknowledged"
    with open_workspace(world.root, now=LATER) as workspace:
        attest_revocation(workspace, name, done.attestation)
    ticket = start(world)
    found = privity.open_release(world.out, ticket=ticket.envelope, now=LATER)
    assert (found.revision, found.confirmed.run) == (2, ticket.name)
