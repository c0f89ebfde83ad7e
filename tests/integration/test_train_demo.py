# SPDX-License-Identifier: Apache-2.0
"""A small model is trained on a release: the log has the run, and says what the model was made from."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program
from tests.integration.handed import World, world as make_world
from tests.integration.releases import release
from tests.integration.revoked import ids_of, no, run as take_back
from tests.integration.workspaces import make

import privity
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import Register
from privity.app.releases.using.models import HeldBatches, held_batches, lineage_of
from privity.app.releases.using.trained import TrainedModel
from privity.app.releases.using.training import train_demo
from privity.app.workspace.opening import open_workspace
from privity.cli.counting import counted
from privity.errors import (
    ConflictError,
    InputError,
    PrivityError,
    UnavailableError,
    VerificationError,
)
from privity.ledger.forms import to_base64
from privity.release.ticket import LIFE
from privity.train import dataset
from privity.train.batches import Consumed, read_journal, root_of
from privity.train.card import Lineage
from privity.train.settings import Settings

WITHOUT = "torch is not installed: `make train` installs it"
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason=WITHOUT)
SMALL = Settings(
    columns=("body",),
    steps=12,
    batch_size=8,
    context=32,
    width=32,
    layers=1,
    heads=2,
    threads=1,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def train(world: World, model: str = "small", **keys: Any) -> TrainedModel:
    settings = replace(
        SMALL, **{key: keys.pop(key) for key in ("seed", "steps") if key in keys}
    )
    out = keys.pop("out", world.root.parent / model)
    return train_demo(world.root, world.source, model=model, out=out, settings=settings, **keys)


def register(world: World) -> Register:
    with open_workspace(world.root) as workspace:
        return register_of(workspace)


def lineage(world: World, model: str) -> Lineage:
    with open_workspace(world.root) as workspace:
        return lineage_of(workspace, model)


def held(world: World, model: str, **keys: Any) -> list[HeldBatches]:
    with open_workspace(world.root) as workspace:
        return list(held_batches(workspace, model, **keys))


@needs_torch
def test_the_run_is_entered_before_and_after_and_the_model_with_it(world: World) -> None:
    # REL-90
    trained = train(world)
    (start,) = world.says("run.start")
    (end,) = world.says("run.end")
    (model,) = world.says("model")
    journal = read_journal(trained.out / "batches.jsonl")
    weights = (trained.out / "model.safetensors").read_bytes()
    assert start["releases"] == [{"release": "first", "revision": 1}]
    assert end == {
        "run": trained.run,
        "how": "completed",
        "batches": 12,
        "batches_root": to_base64(root_of(journal)),
        "checkpoints": [trained.sha256],
    }
    assert model == {
        "model": "small",
        "run": trained.run,
        "sha256": sha256(weights).hexdigest(),
    }
    assert len(journal) == 12


@needs_torch
def test_the_loss_goes_down_and_is_shown(world: World) -> None:
    trained = train(world, steps=60)
    assert trained.last_loss < trained.first_loss - 0.5
    described = json.loads((trained.out / "model.json").read_text("utf-8"))
    assert len(described["losses"]) == 60
    assert (trained.out / "loss.svg").read_text("utf-8").startswith("<svg")


@needs_torch
def test_the_same_release_and_seed_give_the_same_weights(world: World) -> None:
    # REL-90
    first, again, other = train(world), train(world, "again"), train(world, "other", seed=2)
    assert first.sha256 == again.sha256
    assert first.batches_root == again.batches_root
    assert first.sha256 != other.sha256
    assert first.run != again.run


@needs_torch
def test_a_member_is_told_which_batches_held_her_records(world: World) -> None:
    # REL-89
    train(world)
    stream = dataset.stream(
        privity.open_release(world.source), columns=["record_id"], batch_size=8, epochs=9
    )
    batches = list(stream.read(stop=12))
    for member in ("m1", "m2"):
        mine = ids_of(world.made, {member})
        (found,) = held(world, "small", member=member)
        assert mine
        assert found.records == len(mine)
        assert found.batches == tuple(
            one.line for one in batches if mine.intersection(one.columns()["record_id"])
        )
    (nobody,) = held(world, "small", member="nobody")
    assert (nobody.records, nobody.batches) == (0, ())


@needs_torch
def test_what_was_taken_back_shows_in_the_model_and_in_what_goes_on_from_it(
    world: World,
) -> None:
    # REL-91: a model keeps what its base read
    base = train(world)
    gone = ids_of(world.made, {"m1"})
    (before,) = held(world, "small", member="m1")
    no(world.made, "m1")
    take_back(world.made)
    tuned = train(world, "tuned", base=base.out)
    assert tuned.revision == 2

    found = lineage(world, "tuned")
    assert [one.model for one in found.generations] == ["tuned", "small"]
    assert [(one.model, read.revision) for one, read in found.tainted] == [("small", 1)]
    (taken,) = found.tainted[0][1].taken_back
    assert taken.records == len(gone)
    assert taken.done is not None
    assert lineage(world, "small").derived == ("tuned",)
    card = (tuned.out / "card.md").read_text("utf-8")
    assert "`tuned` ← `small`" in card
    assert "not undone" in card

    # Nobody here knows any more which records were hers; by their ids the batches are found again.
    by_member = held(world, "tuned", member="m1")
    assert [(one.model, one.records, one.taken_back) for one in by_member] == [
        ("tuned", 0, 0),
        ("small", 0, len(gone)),
    ]
    by_record = held(world, "tuned", records=gone)
    assert by_record[1].batches == before.batches


@needs_torch
def test_without_its_records_a_model_has_other_weights_and_the_same_batches(
    world: World,
) -> None:
    # REL-82
    before = train(world)
    gone = ids_of(world.made, {"m1"})
    no(world.made, "m1")
    take_back(world.made)
    after = train(world, "after")
    assert after.sha256 != before.sha256
    old, new = (read_journal(one.out / "batches.jsonl") for one in (before, after))
    touched = [one for one, two in zip(old, new, strict=True) if one != two]
    (mine,) = held(world, "small", records=gone)
    assert tuple(touched) == mine.batches


@needs_torch
def test_a_run_that_fails_is_entered_with_what_it_consumed(world: World) -> None:
    # REL-90
    class Stopped(Exception):  # noqa: N818 - what a person's interrupt is like
        """Somebody pulls the plug."""

    steps: list[float | None] = []

    def stop(loss: float | None) -> None:
        steps.append(loss)
        if len(steps) == 5:
            raise Stopped

    with pytest.raises(Stopped):
        train(world, progress=stop)
    (end,) = world.says("run.end")
    assert (end["how"], end["batches"]) == ("aborted", 5)
    assert world.says("model") == []
    assert sorted(one.name for one in world.root.parent.iterdir() if "small" in one.name) == []
    kept = world.root / "vault" / "runs" / f"{end['run']}.jsonl"
    assert to_base64(root_of(read_journal(kept))) == end["batches_root"]
    # The name is free: no model was entered.
    assert train(world).model == "small"


@needs_torch
def test_no_run_is_entered_for_what_cannot_be(world: World) -> None:
    trained = train(world)
    other = world.root.parent / "other"
    other.mkdir()
    (other / "model.safetensors").write_bytes(b"no weights")

    def code_of(family: type[PrivityError], **keys: Any) -> str:
        with pytest.raises(family) as caught:
            train(world, **keys)
        return caught.value.code

    assert code_of(ConflictError, out=trained.out) == "train/exists"
    assert code_of(ConflictError, out=trained.out.parent / "new") == "release/model-there"
    assert code_of(InputError, model="Big Model") == "entry/payload"
    assert code_of(InputError, model="b", base=world.root) == "train/base"
    assert code_of(VerificationError, model="b", base=other) == "train/base-unknown"
    assert len(world.says("run.start")) == 1


@needs_torch
def test_a_column_without_text_ends_the_run(world: World) -> None:
    settings = replace(SMALL, columns=("capacity",))
    with pytest.raises(InputError) as caught:
        train_demo(
            world.root,
            world.source,
            model="mute",
            out=world.root.parent / "mute",
            settings=settings,
        )
    assert caught.value.code == "train/no-text"
    (end,) = world.says("run.end")
    assert end["how"] == "aborted"


def test_who_has_no_torch_enters_no_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("learning", "network", "loader"):
        monkeypatch.delitem(sys.modules, f"privity.train.{name}", raising=False)
    monkeypatch.delattr("privity.train.learning", raising=False)
    with pytest.raises(UnavailableError) as caught:
        train(world)
    assert caught.value.code == "train/no-torch"
    assert world.says("run.start") == []


@needs_torch
def test_the_commands_say_what_the_functions_give(world: World, program: Program) -> None:
    # REL-89
    out = world.root.parent / "small"
    given = ("--workspace", world.root)
    trained = program(
        *("train", "demo", world.source, "--model", "small", "--out", out, *given),
        *("--steps", "3", "--batch-size", "8"),
    )
    assert trained.code == 0, trained.err
    assert trained.out.startswith("model small: 2,4")
    assert "3 batches with" in trained.out
    listed = program("model", "list", *given)
    assert listed.out.startswith("small: on first revision 1, by self at ")
    shown = json.loads(
        program("model", "show", "small", "--member", "m1", "--json", *given).out
    )
    assert shown["model"] == "small"
    assert shown["tainted"] is False
    (mine,) = held(world, "small", member="m1")
    assert shown["held"] == [mine.mapping()]
    card = program("model", "show", "small", "--card", *given).out
    assert card.startswith("# small\n")
    said = program("model", "show", "small", "--member", "m1", *given).out
    assert f"{counted(mine.records, 'record')}, in " in said
    unknown = program("model", "show", "large", *given)
    assert (unknown.code, unknown.err.splitlines()[0]) == (
        2,
        "privity: there is no model `large` in this log",
    )


def test_a_journal_of_another_run_is_refused(world: World, tmp_path: Path) -> None:
    # REL-89
    run = privity.start_run(
        world.root, "first", recipient="self", code="a" * 64, config="b" * 64
    )
    stream = dataset.stream(
        privity.open_release(world.source, ticket=run.envelope),
        columns=["body"],
        batch_size=8,
    )
    with Consumed(tmp_path / "mine.jsonl") as mine:
        list(mine.following(stream.read()))
    with Consumed(tmp_path / "other.jsonl") as other:
        list(other.following(stream.read(stop=2)))
    privity.end_run(
        world.root,
        run.name,
        how="completed",
        batches=mine.batches,
        batches_root=mine.root,
        models={"own": "c" * 64},
    )
    (end,) = world.says("run.end")
    assert (end["batches"], end["batches_root"]) == (mine.batches, to_base64(mine.root))
    (unknown,) = held(world, "own", member="m1")
    assert unknown.batches is None
    (found,) = held(world, "own", member="m1", journal=tmp_path / "mine.jsonl")
    assert found.batches
    with pytest.raises(VerificationError) as caught:
        held(world, "own", member="m1", journal=tmp_path / "other.jsonl")
    assert caught.value.code == "train/journal-root"


def test_a_run_is_ended_by_its_journal(world: World, tmp_path: Path, program: Program) -> None:
    # REL-84, REL-89
    run = privity.start_run(
        world.root, "first", recipient="self", code="a" * 64, config="b" * 64
    )
    stream = dataset.stream(
        privity.open_release(world.source, ticket=run.envelope),
        columns=["body"],
        batch_size=8,
    )
    journal = tmp_path / "batches.jsonl"
    with Consumed(journal) as consumed:
        list(consumed.following(stream.read()))
    given = ("run", "end", run.name, "--journal", journal, "--workspace", world.root)
    both = program(*given, "--batches", "3")
    assert (both.code, both.err.splitlines()[0]) == (
        2,
        "privity: `--journal` says how many batches there were, and their root; give it alone",
    )
    done = program(*given, "--model", "own=" + "c" * 64)
    assert done.code == 0, done.err
    (end,) = world.says("run.end")
    assert (end["batches"], end["batches_root"]) == (
        consumed.batches,
        to_base64(consumed.root),
    )
    (found,) = held(world, "own", member="m1")
    assert found.batches


def test_a_release_without_an_end_gives_tickets_for_a_day(tmp_path: Path) -> None:
    # REL-75
    made = make(tmp_path, count=20)
    release(made)
    started = privity.start_run(
        made.root, "first", recipient="self", code="a" * 64, config="b" * 64
    )
    assert started.ticket.until == started.ticket.at + LIFE
