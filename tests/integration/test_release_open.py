# SPDX-License-Identifier: Apache-2.0
"""A release is opened where it may be used, and each thing that keeps it from that has a name of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program
from tests.integration.handed import DAY, LAB, OTHER, World, tamper, world as make_world
from tests.integration.releases import release
from tests.integration.workspaces import MEMBERS, make, put_policy

import privity
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import change_recipient, end_recipient
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import format_instant
from privity.entries.order import OrderEntry
from privity.entries.release import EndedRelease
from privity.entries.revocation import DueRevocation
from privity.errors import InputError, PrivityError, VerificationError
from privity.release.opened import OpenRelease
from privity.testing.plain import AT, fact

SHA = "ab" * 32
DUE = DueRevocation(
    revocation="v1",
    release="first",
    revision=1,
    ledger_size=50,
    members=1,
    records=1,
    tags_root=bytes(32),
    deadline=AT + 30 * DAY,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path, to="parent")
    made.hand_over()
    return made


def by_log(world: World, **keys: Any) -> OpenRelease:
    return privity.open_release(world.out, log=world.log, **keys)


def by_workspace(world: World, **keys: Any) -> OpenRelease:
    return privity.open_release(world.out, workspace=world.root, **keys)


def by_place(world: World, **keys: Any) -> OpenRelease:
    return privity.open_release(world.source, **keys)


ASKING = {"log": by_log, "workspace": by_workspace, "place": by_place}


@pytest.mark.parametrize("asking", ASKING.values(), ids=ASKING)
def test_a_release_that_may_be_used_is_opened(
    world: World, asking: Callable[[World], OpenRelease]
) -> None:
    """REL-70, REL-73."""
    found = asking(world)
    assert (found.name, found.revision, found.recipient) == ("first", 1, "parent")
    assert found.rows == found.dataset().count_rows() > 0
    assert found.expires_at == AT + 30 * DAY
    with open_workspace(world.root) as workspace:
        assert found.confirmed.size == workspace.store.head().size
    assert found.confirmed.at == AT


def withdraw(world: World) -> None:
    world.record(EndedRelease(release="first", why="withdrawn"))


def leave(world: World) -> None:
    with open_workspace(world.root, now=AT) as workspace:
        end_recipient(workspace, "parent")
        publish_now(workspace)


def stop(world: World) -> None:
    world.record(OrderEntry(action="issued", id="o1", at=AT))


def nothing(world: World) -> None:
    del world


BY_ALL = [
    ("release/ended", withdraw, AT),
    ("release/recipient-ended", leave, AT + 1),
    ("release/stopped", stop, AT),
    ("release/expired", nothing, AT + 30 * DAY),
]


@pytest.mark.parametrize("asking", ASKING.values(), ids=ASKING)
@pytest.mark.parametrize(("code", "act", "now"), BY_ALL, ids=[one[0] for one in BY_ALL])
def test_what_everybody_can_read_refuses_it_whoever_is_asked(
    world: World,
    code: str,
    act: Callable[[World], None],
    now: int,
    asking: Callable[..., OpenRelease],
) -> None:
    """REL-72, REL-73."""
    act(world)
    with pytest.raises(PrivityError) as caught:
        asking(world, now=now)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize("asking", [by_workspace, by_place])
def test_a_no_that_came_since_refuses_it_at_once_where_its_workspace_is_asked(
    world: World, asking: Callable[..., OpenRelease]
) -> None:
    """REL-73."""
    world.record(*(fact("objection", "2025-06-01", member=one) for one in MEMBERS))
    with pytest.raises(PrivityError) as caught:
        asking(world)
    assert caught.value.code == "release/stale"


def test_a_no_that_came_since_shows_in_the_log_once_it_is_entered_as_due(world: World) -> None:
    """REL-72: what a sealed fact says nobody else can read."""
    world.record(*(fact("objection", "2025-06-01", member=one) for one in MEMBERS))
    assert by_log(world).revision == 1
    world.record(DUE)
    with pytest.raises(PrivityError) as caught:
        by_log(world)
    assert caught.value.code == "release/stale"


def test_a_rule_that_changed_since_is_to_be_compared_first(world: World) -> None:
    """REL-72: another hand-over of the revision says that it was."""
    with open_workspace(world.root, now=AT) as workspace:
        put_policy(workspace, version="2025-06", effective_at="2025-06-01T00:00:00Z")
        publish_now(workspace)
    with pytest.raises(PrivityError) as caught:
        by_log(world)
    assert caught.value.code == "release/stale"
    assert by_workspace(world).revision == 1
    world.hand_over(out=world.out.parent / "second")
    assert by_log(world).confirmed.by == "log"


def test_a_version_that_was_published_before_the_release_counts_once_it_begins(
    tmp_path: Path,
) -> None:
    """REL-69: whoever asks the log reads nothing from before the release."""
    made = make(tmp_path, count=20)
    with open_workspace(made.root, now=AT) as workspace:
        put_policy(workspace, version="2025-07", effective_at="2025-06-06T00:00:00Z")
        change_recipient(workspace, "parent", key=LAB.public)
    release(made, recipient="parent", expires_at=AT + 30 * DAY)
    (tmp_path / "lab").mkdir()
    world = World(made, "parent")
    world.hand_over()
    assert by_log(world, now=AT + 5 * DAY - 1).revision == 1
    with pytest.raises(PrivityError) as caught:
        by_log(world, now=AT + 5 * DAY)
    assert caught.value.code == "release/stale"
    world.hand_over(at=AT + 6 * DAY, out=world.out.parent / "second")
    assert by_log(world, now=AT + 7 * DAY).confirmed.by == "log"


TABLE = ["table", "files.jsonl", "release.json"]


@pytest.mark.parametrize("asking", [by_log, by_workspace])
@pytest.mark.parametrize("where", TABLE)
def test_what_was_tampered_with_is_said_to_be_that_whatever_else_is_the_matter(
    world: World, where: str, asking: Callable[..., OpenRelease]
) -> None:
    """REL-70."""
    withdraw(world)
    tamper(world.out / where)
    with pytest.raises(VerificationError):
        asking(world)


def test_a_file_that_other_tools_would_read_beside_the_manifest_is_found(world: World) -> None:
    """REL-70: somebody puts a row of the table's own log back."""
    log = world.out / "table" / "_delta_log" / "00000000000000000000.json"
    lines = log.read_text().splitlines()
    added = next(json.loads(line) for line in lines if '"add"' in line)
    added["add"]["path"] = "part-000099.parquet"
    log.with_name("00000000000000000001.json").write_text(json.dumps(added) + "\n")
    with pytest.raises(VerificationError) as caught:
        by_log(world)
    assert caught.value.code == "release/table-damaged"


def test_a_release_that_another_log_made_is_not_this_one(world: World, tmp_path: Path) -> None:
    """REL-70."""
    other = make(tmp_path / "other", count=20)
    with open_workspace(other.root, now=AT) as workspace:
        publish_now(workspace)
    asked: list[dict[str, Any]] = [
        {"log": str(other.root / "public")},
        {"workspace": other.root},
    ]
    for keys in asked:
        with pytest.raises(VerificationError):
            privity.open_release(world.out, **keys)


def test_a_description_that_says_more_than_the_log_is_refused(world: World) -> None:
    """REL-70: who prolongs a release changes what its entry says."""
    path = world.out / "release.json"
    path.write_bytes(
        path.read_bytes().replace(
            f'"expires_at": {AT + 30 * DAY}'.encode(), f'"expires_at": {AT + 90 * DAY}'.encode()
        )
    )
    for asking in (by_log, by_workspace):
        with pytest.raises(VerificationError) as caught:
            asking(world)
        assert caught.value.code in {"release/not-in-log", "release/not-entered"}


def test_where_nobody_is_asked_nothing_is_opened(world: World) -> None:
    """REL-73."""
    with pytest.raises(InputError) as caught:
        privity.open_release(world.out)
    assert caught.value.code == "release/unconfirmed"
    with pytest.raises(InputError) as caught:
        privity.open_release(world.root)
    assert caught.value.code == "release/missing"


def start(world: World, **keys: Any) -> Any:
    return privity.start_run(
        world.root, "first", recipient=world.to, code=SHA, config=SHA, **{"now": AT, **keys}
    )


def test_a_ticket_opens_its_release_for_a_day_and_nothing_else(world: World) -> None:
    """REL-73, REL-75."""
    world.acknowledge()
    run = start(world)
    found = privity.open_release(world.out, ticket=run.envelope)
    assert (found.confirmed.by, found.confirmed.run) == ("ticket", run.name)
    last = run.ticket.until - 1
    vkeys = (world.vkey,)
    found = privity.open_release(world.out, ticket=run.envelope, now=last, vkeys=vkeys)
    assert found.confirmed.at == last
    assert by_log(world, ticket=run.envelope).confirmed.run == run.name
    with pytest.raises(PrivityError) as caught:
        privity.open_release(world.out, ticket=run.envelope, now=last + 1)
    assert caught.value.code == "release/ticket-over"
    wrong = [
        replace(run.ticket, releases=(replace(run.ticket.releases[0], files_root=bytes(32)),)),
        replace(run.ticket, origin="example.com/other/simulated"),
    ]
    for one in wrong:
        with pytest.raises(PrivityError):
            privity.open_release(world.out, ticket=one.signed(OTHER))
    with pytest.raises(PrivityError):
        privity.open_release(world.out, ticket=run.envelope, vkeys=(by_other_log(world),))


def by_other_log(world: World) -> str:
    other = make(world.root.parent / "other", count=20)
    with open_workspace(other.root, now=AT) as workspace:
        publish_now(workspace)
    return (other.root / "public" / "vkey").read_text().strip()


def test_a_ticket_does_not_outweigh_what_the_log_says(world: World) -> None:
    """REL-73: all who are asked must agree."""
    world.acknowledge()
    run = start(world)
    withdraw(world)
    assert privity.open_release(world.out, ticket=run.envelope).revision == 1
    with pytest.raises(PrivityError) as caught:
        by_log(world, ticket=run.envelope)
    assert caught.value.code == "release/ended"


def test_a_clock_that_is_set_is_taken_where_the_log_is_simulated_alone(world: World) -> None:
    assert by_log(world, now=format_instant(AT + DAY)).confirmed.at == AT + DAY
    # A clock behind the log's makes nothing younger.
    assert by_log(world, now=AT - 99 * DAY).confirmed.at == AT


EXITS: dict[str, tuple[int, Callable[[World], None], int]] = {
    "usable": (0, nothing, AT),
    "expired": (10, nothing, AT + 30 * DAY),
    "withdrawn": (11, withdraw, AT),
    "stale": (13, lambda world: world.record(DUE), AT),
    "stopped": (14, stop, AT),
    "recipient-ended": (15, leave, AT + 1),
    "tampered": (3, lambda world: tamper(world.out / "table"), AT),
}


@pytest.mark.parametrize("state", EXITS)
def test_the_command_says_which_by_word_and_by_exit_code(
    world: World, program: Program, state: str
) -> None:
    """REL-77."""
    code, act, now = EXITS[state]
    act(world)
    asked = ("release", "check", world.out, "--log", world.log, "--now", format_instant(now))
    done = program(*asked, "--json")
    assert done.code == code
    assert json.loads(done.out)["state"] == state
    plain = program(*asked)
    assert plain.code == code
    assert state in plain.out or state == "tampered"


def test_a_log_on_the_web_is_asked_by_its_address(world: World) -> None:
    """REL-72, REL-73: this process has no sockets, so others serve and ask."""
    serve = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    ask = [
        sys.executable,
        "-m",
        "privity",
        "release",
        "check",
        str(world.out),
        "--json",
        "--log",
    ]
    with subprocess.Popen(
        serve, cwd=world.log, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        found = re.search(r"\(http://\S+\)", server.stdout.readline())
        assert found is not None
        address = found[0].strip("()")
        usable = subprocess.run([*ask, address], capture_output=True, text=True, check=False)
        withdraw(world)
        ended = subprocess.run([*ask, address], capture_output=True, text=True, check=False)
        server.terminate()
    assert json.loads(usable.stdout)["asked"] == "log"
    assert (ended.returncode, json.loads(ended.stdout)["state"]) == (11, "withdrawn")
