# SPDX-License-Identifier: Apache-2.0
"""A run is entered before it reads, on what its recipient has and may use, and ends once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program
from tests.integration.handed import DAY, OTHER, World, put_key, world as make_world
from tests.integration.releases import release
from tests.integration.workspaces import MEMBERS, of

import privity
from privity.app.releases.examining.checking import check_releases
from privity.app.releases.examining.verifying import verify_release
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.taking_back.revoking import revoke
from privity.app.releases.taking_back.taking import Taking
from privity.app.releases.using.runs import StartedRun, check_has, ticket_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now, record
from privity.canonical.instants import format_instant
from privity.entries.order import OrderEntry
from privity.entries.release import Content, EndedRelease, RevisedRelease
from privity.entries.revocation import DoneRevocation, DueRevocation, RevocationAck
from privity.entries.webhook import public_text
from privity.errors import ConflictError, InputError, PrivityError
from privity.ledger.tree import EMPTY_ROOT
from privity.release.revocation import NOTICE, read_notice
from privity.release.ticket import LIFE, read_ticket
from privity.testing.plain import AT, fact

SHA = "ab" * 32


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path, to="parent")
    made.hand_over()
    return made


def start(world: World, **keys: Any) -> StartedRun:
    given: dict[str, Any] = {"recipient": world.to, "code": SHA, "config": SHA, "now": AT}
    return privity.start_run(world.root, "first", **{**given, **keys})


def refused(world: World, expected: str, **keys: Any) -> None:
    before = len(world.made.entries())
    with pytest.raises(PrivityError) as caught:
        start(world, **keys)
    assert caught.value.code == expected
    assert len(world.made.entries()) == before


def test_the_entry_of_a_run_precedes_its_ticket_and_says_what_it_reads(world: World) -> None:
    """REL-74, REL-75."""
    world.acknowledge()
    run = start(world)
    (entry,) = world.says("run.start")
    assert entry == {
        "code": SHA,
        "config": SHA,
        "ledger_size": run.ticket.index,
        "recipient": "parent",
        "releases": [{"release": "first", "revision": 1}],
        "run": run.name,
    }
    with open_workspace(world.root) as workspace:
        register = register_of(workspace)
        state = register.release("first")
        assert read_ticket(run.envelope, state.created.says.key) == run.ticket
        # It follows from the log: whoever lost it gets the same again.
        assert ticket_of(workspace, register, run.name) == (run.ticket, run.envelope)
    assert run.ticket.until == AT + LIFE == AT + DAY
    assert run.ticket.releases[0].files_root == state.content.files_root
    assert [one.name for one in state.runs] == [run.name]


def test_a_ticket_opens_nothing_after_its_releases_end(world: World) -> None:
    """REL-75."""
    world.acknowledge()
    assert start(world, now=AT + 30 * DAY - 9).ticket.until == AT + 30 * DAY


def test_who_did_not_say_that_it_has_a_release_does_not_run_on_it(world: World) -> None:
    """REL-74: it was handed over, and nobody acknowledged it."""
    refused(world, "release/unacknowledged")


def test_who_has_the_workspace_needs_no_copy(tmp_path: Path) -> None:
    """REL-74: a controller reads where the release lies."""
    made = make_world(tmp_path)
    run = start(made)
    assert privity.open_release(made.source, ticket=run.envelope).confirmed.run == run.name


def test_a_run_is_refused_on_what_may_not_be_used(world: World) -> None:
    """REL-74, and X2: permission is looked at when a run begins, not when its release was made."""
    world.acknowledge()
    refused(world, "release/other-recipient", recipient="self")
    refused(world, "release/unknown-model", base="m0")
    refused(world, "release/expired", now=AT + 30 * DAY)
    refused(world, "release/digest", code="no-such-file")
    said: list[tuple[list[Any], str]] = [
        ([fact("objection", "2025-06-01", member=one) for one in MEMBERS], "release/due"),
        ([OrderEntry(action="issued", id="o1", at=AT)], "release/stopped"),
        ([EndedRelease(release="first", why="withdrawn")], "release/ended"),
    ]
    for says, code in said:
        world.record(*says)
        refused(world, code)


def test_after_an_exchange_of_keys_each_release_goes_on_with_its_own(
    tmp_path: Path, program: Program
) -> None:
    """REL-158: a ticket is signed by the keys of all its releases, and what is taken back by the one that its entry names."""
    made = make_world(tmp_path)
    done = program("release", "rotate-key", "--workspace", made.root, "--yes", "--json")
    said = json.loads(done.out)
    assert done.code == 0, done.err
    assert said["key"] != said["previous"]
    release(made.made, name="second", expires_at=AT + 10 * DAY)
    run = privity.start_run(
        made.root, ["first", "second"], recipient="self", code=SHA, config=SHA, now=AT
    )
    for name in ("first", "second"):
        folder = made.root / "releases" / name
        assert privity.open_release(folder, ticket=run.envelope).confirmed.run == run.name
    with open_workspace(made.root, now=AT) as workspace:
        record(workspace, [of(fact("objection", "2025-06-01", member=MEMBERS[3]))])
        revoked = revoke(workspace)
        publish_now(workspace)
    keys = set()
    for one in revoked.releases:
        key = one.release.created.says.key
        places = ReleasePlaces(root=made.root, name=one.release.name)
        bundle = Taking.of(places, one.revocations[0]).bundle
        notice = read_notice((bundle.root / NOTICE).read_bytes(), key)
        assert notice.release == one.release.name
        verify_release(places.folder.root, made.log)
        keys.add(public_text(key))
    assert keys == {said["key"], said["previous"]}
    assert check_releases(made.root).problems == ()
    Path(said["kept"]).unlink()
    (problem,) = check_releases(made.root).problems
    assert "no former one is" in str(problem)


def test_a_run_reads_several_releases_each_once(world: World) -> None:
    world.acknowledge()
    release(world.made, name="second", recipient="parent", expires_at=AT + 10)
    refused_codes = []
    for names in (["first", "first"], [], ["first", "third"]):
        with pytest.raises(InputError) as caught:
            privity.start_run(
                world.root, names, recipient="parent", code=SHA, config=SHA, now=AT
            )
        refused_codes.append(caught.value.code)
    assert refused_codes == ["entry/payload", "entry/payload", "release/unknown-release"]
    with pytest.raises(ConflictError):
        privity.start_run(
            world.root, ["first", "second"], recipient="parent", code=SHA, config=SHA, now=AT
        )


def revise(world: World, revision: int, *, attested: bool) -> None:
    """Enter a taking back, as far as entries go."""
    with open_workspace(world.root) as workspace:
        content: Content = register_of(workspace).release("first").content
    name = f"v{revision}"
    due = DueRevocation(
        revocation=name,
        release="first",
        revision=revision - 1,
        ledger_size=9,
        members=1,
        records=1,
        tags_root=bytes(32),
        deadline=AT + DAY,
    )
    revised = RevisedRelease(
        release="first", revision=revision, ledger_size=9, content=content, revocation=name
    )
    done = DoneRevocation(revocation=name, release="first", revision=revision)
    acks = [RevocationAck(revocation=name, recipient="parent", attestation=SHA)]
    world.record(due, revised, done, *(acks if attested else []))


def test_what_was_taken_back_is_attested_before_a_run_begins(world: World) -> None:
    """REL-74."""
    world.acknowledge()
    revise(world, 2, attested=True)
    revise(world, 3, attested=True)
    with open_workspace(world.root) as workspace:
        check_has(register_of(workspace).release("first"), "parent")
    revise(world, 4, attested=False)
    with open_workspace(world.root) as workspace, pytest.raises(ConflictError) as caught:
        check_has(register_of(workspace).release("first"), "parent")
    assert caught.value.code == "release/unacknowledged"
    # Later ones do not make up for one that is missing.
    revise(world, 5, attested=True)
    with open_workspace(world.root) as workspace, pytest.raises(ConflictError):
        check_has(register_of(workspace).release("first"), "parent")


def test_a_run_ends_once_and_says_which_models_it_made(world: World, tmp_path: Path) -> None:
    """REL-76."""
    world.acknowledge()
    run = start(world)
    weights = tmp_path / "small.pt"
    weights.write_bytes(b"weights")
    privity.end_run(
        world.root,
        run.name,
        how="completed",
        batches=7,
        batches_root=b"\7" * 32,
        checkpoints=[weights],
        models={"small": weights},
        now=AT + 5,
    )
    (end,), (model,) = world.says("run.end"), world.says("model")
    assert end["batches"] == 7
    assert end["checkpoints"] == [model["sha256"]]
    assert model["run"] == run.name
    with pytest.raises(ConflictError) as caught:
        privity.end_run(world.root, run.name, how="aborted", batches=0, now=AT + 6)
    assert caught.value.code == "release/run-over"
    second = start(world, base="small", now=AT + 7)
    with pytest.raises(ConflictError) as caught:
        privity.end_run(
            world.root, second.name, how="completed", batches=0, models={"small": SHA}
        )
    assert caught.value.code == "release/model-there"
    privity.end_run(world.root, second.name, how="completed", batches=0, models={"large": SHA})
    with open_workspace(world.root) as workspace:
        register = register_of(workspace)
    assert register.model("large").entry.says.base == "small"
    assert register.run(second.name).end is not None
    with pytest.raises(InputError):
        privity.end_run(world.root, "r0", how="completed", batches=0)


def test_an_aborted_run_consumed_what_it_says(world: World) -> None:
    world.acknowledge()
    run = start(world)
    privity.end_run(world.root, run.name, how="aborted", batches=0)
    (end,) = world.says("run.end")
    with open_workspace(world.root) as workspace:
        state = register_of(workspace).run(run.name)
    assert end["how"] == "aborted"
    assert state.end is not None
    assert state.end.says.batches_root == EMPTY_ROOT


def test_the_commands_tell_the_same_story(
    tmp_path: Path, program: Program, world: World
) -> None:
    """REL-60, REL-66, REL-74, REL-76: what two parties do, one after the other."""
    root, copy = world.root, tmp_path / "lab" / "copy"
    at = ("--workspace", root, "--now", format_instant(AT))
    key, other = put_key(tmp_path / "lab.key"), put_key(tmp_path / "other.key", OTHER)
    done = program("release", "hand-over", "first", "parent", "--to", copy, *at, "--json")
    assert done.code == 0, done.err
    handed = json.loads(done.out)
    assert handed["to"] == str(copy)
    said = program("recipient", "acknowledge", copy, "--key", key, "--log", world.log)
    assert said.code == 0, said.err
    assert "compared  with the log" in said.out
    wrong = program(
        "recipient", "acknowledge", copy, "--key", other, "--out", tmp_path / "o", "--json"
    )
    assert json.loads(wrong.out)["compared_with"] == "nothing"
    enter = ("release", "hand-over", "first", "parent", "--acknowledgement")
    assert program(*enter, tmp_path / "o", *at).code == 3
    assert program(*enter, copy / "acknowledgement.json", *at).code == 0
    assert "entered before" in program(*enter, copy / "acknowledgement.json", *at).out
    ticket = tmp_path / "ticket.json"
    started = program(
        "run", "start", "first", "--recipient", "parent", "--code", key, "--config", SHA,
        "--ticket", ticket, *at, "--json",
    )  # fmt: skip
    assert started.code == 0, started.err
    name = json.loads(started.out)["run"]
    usable = program("release", "check", copy, "--ticket", ticket, "--json")
    assert json.loads(usable.out)["run"] == name
    again = tmp_path / "again.json"
    shown = program("run", "show", name, "--ticket", again, "--workspace", root, "--json")
    assert json.loads(shown.out)["end"] is None
    assert again.read_bytes() == ticket.read_bytes()
    ended = program("run", "end", name, "--batches", "3", "--model", f"small={key}", *at)
    assert (ended.code, ended.err) == (0, "")
    listed = json.loads(program("run", "list", "--workspace", root, "--json").out)
    assert [one["models"][0]["model"] for one in listed["runs"]] == ["small"]
    assert "completed" in program("run", "show", name, "--workspace", root).out
    at_once = program(
        "release", "hand-over", "first", "parent", "--to", tmp_path / "lab" / "third",
        "--recipient-key", key, *at,
    )  # fmt: skip
    assert "acknowledged by parent" in at_once.out
    # Whoever says nothing of batches has said that there were none.
    started = program(
        "run", "start", "first", "--recipient", "parent", "--code", key, "--config", SHA,
        "--ticket", tmp_path / "second.json", *at, "--json",
    )  # fmt: skip
    ended = program("run", "end", json.loads(started.out)["run"], *at)
    assert "note: that it consumed no batch" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("release", "hand-over", "first", "parent"),
        ("release", "hand-over", "first", "parent", "--to", "a", "--acknowledgement", "b"),
        ("release", "hand-over", "f", "p", "--acknowledgement", "b", "--recipient-key", "k"),
        ("run", "end", "r1", "--batches-root", "AA="),
        ("run", "end", "r1", "--model", "small"),
    ],
    ids=lambda one: " ".join(one[-2:]),
)
def test_what_is_typed_wrongly_is_said_to_be(
    program: Program, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert program(*arguments, "--workspace", tmp_path).code == 2


def test_what_is_made_goes_over_nothing_that_is_there(
    tmp_path: Path, program: Program, world: World
) -> None:
    """A ticket, a proof, an acknowledgement: refused before anything is entered or signed."""
    world.acknowledge()
    key, workspace = put_key(tmp_path / "lab.key"), ("--workspace", world.root)
    commands = [
        ("run", "start", "first", "--recipient", "parent", "--code", key, "--config", SHA,
         *workspace, "--ticket"),
        ("run", "show", start(world).name, *workspace, "--ticket"),
        ("recipient", "acknowledge", world.source, "--key", key, "--out"),
        ("release", "prove", "--member", "m0", *workspace, "--out"),
    ]  # fmt: skip
    before = key.read_bytes(), program("run", "list", *workspace).out
    for command in commands:
        done = program(*command, key)
        assert done.code == 4
        assert f"{key}: the output exists, expected a name that is free" in done.err
    assert (key.read_bytes(), program("run", "list", *workspace).out) == before
