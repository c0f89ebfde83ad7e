# SPDX-License-Identifier: Apache-2.0
"""A release is handed over: what lies there, what the log says, what refuses it, and that it is acknowledged."""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from tests.integration.handed import DAY, LAB, OTHER, World, tamper, world as make_world
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import MEMBERS, make

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.proving import prove_entry
from privity.app.releases.handing.acknowledging import acknowledge_copy, record_acknowledgement
from privity.app.releases.handing.handing_over import hand_over
from privity.app.releases.state.register import register_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import end_recipient
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import Instant
from privity.entries.disclosure import FailedDisclosure
from privity.entries.order import OrderEntry
from privity.entries.release import EndedRelease
from privity.errors import ConflictError, InputError, PrivityError, VerificationError
from privity.release.acknowledgement import Acknowledgement
from privity.release.disclosed import ACKNOWLEDGEMENT, NAME
from privity.testing.plain import AT, fact, said


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def refused(world: World, code: str, **keys: Any) -> None:
    """Hand over, and look that it is refused and leaves nothing."""
    before = world.says("disclosure")
    with pytest.raises(PrivityError) as caught:
        world.hand_over(**keys)
    assert caught.value.code == code
    assert caught.value.hint
    assert list(world.out.parent.iterdir()) == []
    assert world.says("disclosure") == before


def test_the_copy_is_all_of_the_release_and_says_by_which_entry_it_came(world: World) -> None:
    """REL-60, REL-61, REL-65."""
    made = world.hand_over()
    source = world.source
    theirs = {one.relative_to(world.out): one for one in world.out.rglob("*") if one.is_file()}
    ours = {one.relative_to(source): one for one in source.rglob("*") if one.is_file()}
    assert theirs.keys() - ours.keys() == {Path(NAME)}
    assert ours.keys() <= theirs.keys()
    assert all(theirs[name].read_bytes() == one.read_bytes() for name, one in ours.items())
    (entry,) = world.says("disclosure")
    says = json.loads((world.out / NAME).read_bytes())
    assert says["entry"] == entry
    assert entry["step"] == "handed-over"
    assert entry["recipient"] == "self"
    certificate = (world.out / "certificate.json").read_bytes()
    assert entry["certificate"] == sha256(certificate).hexdigest()
    assert made.disclosed.index == says["index"] == world.made.entries()[-1]["index"]
    assert (world.out / "entry.tlog-proof").exists()
    assert DeltaTable(str(world.out / "table")).to_pyarrow_table().num_rows > 0
    assert [one.name for one in world.out.parent.iterdir()] == ["first"]


def test_a_file_that_is_no_longer_the_tables_does_not_go_along(world: World) -> None:
    """REL-61: it was taken out, and waits in the operator's folder for its retention to end."""
    folder = folder_of(world.made)
    names = [one.name for one in folder.table.glob("*.parquet")]
    for one in (folder.table, folder.members):
        (one / "part-900000.parquet").write_bytes((one / names[0]).read_bytes())
        (one / ".part-900001.parquet.new").write_bytes(b"being written")
    world.hand_over()
    assert sorted(one.name for one in (world.out / "table").glob("*")) == [
        "_delta_log", *sorted(names),
    ]  # fmt: skip
    assert sorted(one.name for one in (world.out / "members").iterdir()) == [
        *sorted(names), "tags.parquet",
    ]  # fmt: skip


def withdraw(world: World) -> None:
    world.made.record(EndedRelease(release="first", why="withdrawn"))


def leave(world: World) -> None:
    with open_workspace(world.root, now=AT) as workspace:
        end_recipient(workspace, "self")


@pytest.mark.parametrize(
    ("code", "act", "at"),
    [
        ("release/ended", withdraw, AT),
        ("release/expired", lambda _world: None, AT + 30 * DAY),
        ("release/recipient-ended", leave, AT + 1),
        (
            "release/stopped",
            lambda world: world.made.record(OrderEntry(action="issued", id="o1", at=AT)),
            AT,
        ),
        (
            "release/due",
            lambda world: world.made.record(
                *(fact("objection", "2025-06-01", member=one) for one in MEMBERS)
            ),
            AT,
        ),
        (
            # A fact of the future is one once it has come.
            "release/due",
            lambda world: world.made.record(*(fact("closed", "2025-06-10", member=one) for one in MEMBERS)),
            AT + 29 * DAY,
        ),
        (
            "release/due",
            lambda world: world.made.record(
                OrderEntry(action="issued", id="o1", at=AT, categories=("post",))
            ),
            AT,
        ),
    ],
    ids=["ended", "expired", "left", "stopped", "due", "due-by-time", "due-by-order"],
)  # fmt: skip
def test_a_release_that_may_not_be_used_is_not_handed_over(
    world: World, code: str, act: Callable[[World], object], at: Instant
) -> None:
    """REL-62, REL-63, REL-68."""
    act(world)
    refused(world, code, at=at)


def test_it_goes_to_whom_it_was_made_for_and_to_nobody_else(world: World) -> None:
    """REL-68."""
    refused(world, "release/other-recipient", to="lab")
    refused(world, "release/unknown-release", name="second")


def test_who_cannot_acknowledge_gets_nothing(tmp_path: Path) -> None:
    """REL-68: the register has no key of it."""
    made = make(tmp_path, count=20)
    release(made)
    (tmp_path / "lab").mkdir()
    refused(World(made, "self"), "release/recipient-no-key")


def test_a_folder_that_is_there_is_left_as_it_is(world: World) -> None:
    world.out.mkdir()
    with pytest.raises(ConflictError) as caught:
        world.hand_over()
    assert caught.value.code == "release/exists"
    assert list(world.out.iterdir()) == []
    assert world.says("disclosure") == []


@pytest.mark.parametrize("where", ["copy", "public/copy", "../workspace/public/copy"])
def test_no_copy_lies_where_a_workspace_is_served_from(world: World, where: str) -> None:
    """REL-68."""
    out = world.root / where
    with pytest.raises(InputError) as caught:
        world.hand_over(out=out)
    assert caught.value.code == "release/inside"
    assert not out.exists()
    assert world.says("disclosure") == []


@pytest.mark.parametrize(
    "where", ["table", "members", "files.jsonl", "release.json", "salt.key"]
)
def test_what_was_tampered_with_in_the_workspace_does_not_leave(
    world: World, where: str
) -> None:
    """REL-60: the copy is verified before the log says anything."""
    tamper(world.source / where)
    with pytest.raises(VerificationError):
        world.hand_over()
    assert list(world.out.parent.iterdir()) == []
    assert world.says("disclosure") == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("release/due", [fact("objection", "2025-06-01", member=one) for one in MEMBERS]),
        ("release/stopped", [OrderEntry(action="issued", id="o1", at=AT)]),
        ("release/ended", [EndedRelease(release="first", why="withdrawn")]),
        (None, [said("2025-06-01", member="m8", scope="all")]),
        (None, [OrderEntry(action="issued", id="o1", at=AT, purposes=("safety",))]),
    ],
    ids=["due", "stopped", "ended", "yes", "another-purpose"],
)
def test_whoever_is_acknowledged_before_the_entry_is_heeded(
    world: World, code: str | None, says: list[Any]
) -> None:
    """REL-60: what is recorded while the copy is made is looked at too."""
    done: list[bool] = []

    def told(stage: str, _size: int) -> None:
        if stage == "verify" and not done:
            done.append(True)
            world.made.record(*says)

    with open_workspace(world.root, now=AT) as workspace:
        if code is None:
            hand_over(workspace, "first", "self", world.out, told=told)
            assert world.out.exists()
            return
        with pytest.raises(ConflictError) as caught:
            hand_over(workspace, "first", "self", world.out, told=told)
    assert caught.value.code == code
    assert list(world.out.parent.iterdir()) == []
    assert world.says("disclosure") == []


def acknowledge(world: World, **keys: Any) -> bytes:
    looked = acknowledge_copy(world.out, LAB, at=AT + 5, **keys)
    return looked.path.read_bytes()


def enter(world: World, data: bytes, to: str = "self") -> bool:
    with open_workspace(world.root, now=AT + 9) as workspace:
        recorded, _ = record_acknowledgement(workspace, "first", to, data)
        publish_now(workspace)
    return recorded.again


def test_an_acknowledgement_is_entered_once_and_can_be_read_by_everybody(world: World) -> None:
    """REL-66, REL-67."""
    made = world.hand_over()
    data = acknowledge(world)
    assert enter(world, data) is False
    assert enter(world, data) is True
    handed, entered = world.says("disclosure")
    name = sha256(data).hexdigest()
    assert entered == {
        "acknowledgement": name,
        "disclosure": handed["disclosure"],
        "step": "acknowledged",
    }
    assert (world.root / "public" / "object" / "sha256" / name).read_bytes() == data
    with open_workspace(world.root) as workspace:
        (found,) = register_of(workspace).release("first").disclosures
    assert found.name == made.disclosed.handed.disclosure
    assert found.acknowledged is not None
    # Another envelope of the same says nothing new, and takes the place of nothing.
    other = Acknowledgement.of(made.disclosed.handed, origin=made.disclosed.origin, at=AT + 6)
    with pytest.raises(ConflictError) as caught:
        enter(world, other.signed(LAB))
    assert caught.value.code == "release/acknowledged"


def test_only_the_recipients_own_word_on_this_very_copy_is_entered(world: World) -> None:
    """REL-67."""
    made = world.hand_over()
    good = Acknowledgement.of(made.disclosed.handed, origin=made.disclosed.origin, at=AT)
    wrong = [
        (good.signed(OTHER), "entry/unsigned"),
        (replace(good, disclosure="d0").signed(LAB), "release/acknowledgement"),
        (replace(good, files_root=bytes(32)).signed(LAB), "release/acknowledgement"),
        (replace(good, origin="example.com/other").signed(LAB), "release/acknowledgement"),
        (good.signed(LAB).replace(b'"sig":"', b'"sig":"A'), "entry/payload"),
    ]
    for data, code in wrong:
        with pytest.raises(PrivityError) as caught:
            enter(world, data)
        assert caught.value.code == code
    with pytest.raises(ConflictError) as conflict:
        enter(world, good.signed(LAB), to="lab")
    assert conflict.value.code == "release/recipient-no-key"
    assert len(world.says("disclosure")) == 1


@pytest.mark.parametrize(
    "where",
    [
        "table", "members", "files.jsonl", "release.json", "salt.key", "certificate.json",
        "statement.json", "card.md", "croissant.json", NAME,
    ],
)  # fmt: skip
def test_a_copy_that_was_changed_is_not_acknowledged(world: World, where: str) -> None:
    """REL-66: nothing is signed of what was not looked at."""
    world.hand_over()
    tamper(world.out / where)
    with pytest.raises(PrivityError) as caught:
        acknowledge(world)
    assert caught.value.exit_code in {2, 3}
    assert not (world.out / ACKNOWLEDGEMENT).exists()


def test_a_copy_is_compared_with_the_log_or_with_the_proof_beside_it(world: World) -> None:
    """REL-65, REL-66."""
    world.hand_over()
    asked: list[dict[str, Any]] = [
        {},
        {"vkeys": (world.vkey,)},
        {"log": world.log},
        {"log": world.log, "vkeys": (world.vkey,)},
    ]
    out = world.out.parent / "a"
    by = [acknowledge_copy(world.out, LAB, at=AT, out=out, **keys).compared for keys in asked]
    assert by == ["nothing", "the proof of the release’s entry", "the log", "the log"]
    other = make(world.root.parent / "other", count=20)
    with open_workspace(other.root, now=AT) as workspace:
        publish_now(workspace)
    with pytest.raises(VerificationError):
        acknowledge(world, log=str(other.root / "public"))
    foreign = (other.root / "public" / "vkey").read_text().strip()
    with pytest.raises(VerificationError):
        acknowledge(world, vkeys=(foreign,))


def test_what_was_never_handed_over_cannot_be_acknowledged(world: World) -> None:
    with pytest.raises(InputError) as caught:
        acknowledge_copy(folder_of(world.made).root, LAB, at=AT)
    assert caught.value.code == "release/no-copy"


def test_two_hand_overs_are_two_copies_with_names_of_their_own(world: World) -> None:
    first = world.hand_over()
    second = world.hand_over(out=world.out.parent / "second")
    names = {one.disclosed.handed.disclosure for one in (first, second)}
    assert len(names) == 2
    assert [one["step"] for one in world.says("disclosure")] == ["handed-over"] * 2


@pytest.mark.parametrize("number", [0, 3, 9])
def test_a_full_disk_leaves_nothing_of_the_copy(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """REL-60: whichever file it is at."""
    copied, copyfile = itertools.count(), shutil.copyfile

    def full(*arguments: Any, **named: Any) -> Any:
        if next(copied) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return copyfile(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        refused(world, "release/disk")
    assert world.hand_over().out.exists()


def test_a_hand_over_that_failed_cannot_be_acknowledged(world: World) -> None:
    """REL-67."""
    made = world.hand_over()
    data = acknowledge(world)
    world.record(FailedDisclosure(disclosure=made.disclosed.handed.disclosure))
    with pytest.raises(ConflictError) as caught:
        enter(world, data)
    assert caught.value.code == "release/failed"


def test_a_copy_of_another_hand_over_is_not_taken_for_this_one(world: World) -> None:
    """REL-66: a description from elsewhere does not fit the files."""
    world.hand_over()
    text = (world.out / NAME).read_text()
    (world.out / NAME).write_text(text.replace('"revision": 1', '"revision": 2'))
    with pytest.raises(VerificationError) as caught:
        acknowledge(world)
    assert caught.value.code == "release/disclosure"
    (world.out / NAME).write_text("{}")
    with pytest.raises(VerificationError) as caught:
        acknowledge(world)
    assert caught.value.code == "release/disclosure"


def test_without_the_proof_beside_it_a_copy_is_compared_with_the_log_itself(
    world: World,
) -> None:
    """REL-65."""
    world.hand_over()
    proof = world.out / "entry.tlog-proof"
    data = proof.read_bytes()
    vkeys = (world.vkey,)
    proof.unlink()
    with pytest.raises(VerificationError) as caught:
        acknowledge(world, vkeys=vkeys)
    assert caught.value.code == "release/not-in-log"
    # A proof of another entry of the same log shows nothing of this one.
    with open_workspace(world.root) as workspace:
        tree = open_tree(world.log, tuple(one.to_text() for one in workspace.log.vkeys))
    other = prove_entry(tree, 1)
    proof.write_bytes(replace(other.proof, extra=other.entry).to_bytes())
    with pytest.raises(VerificationError) as caught:
        acknowledge(world, vkeys=vkeys)
    assert caught.value.code == "release/not-in-log"
    proof.write_bytes(data)
    assert acknowledge(world, vkeys=vkeys)
