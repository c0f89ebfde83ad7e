# SPDX-License-Identifier: Apache-2.0
"""A file of facts goes into the vault, and one entry binds it."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size

from privity.app.workspace import baseline_recording, once
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.checking import check_workspace
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.knowing import gather
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import public_entries
from privity.app.workspace.recording import Recorded, publish_now
from privity.app.workspace.setting import ask_fact, set_fact
from privity.entries.baseline import BaselineEntry
from privity.errors import ConflictError, InputError, PrivityError
from privity.members.files import COLUMNS
from privity.store.baselines import keeping, kept_files, remove_kept
from privity.store.lock import locked

INSTANT = pa.timestamp("us", tz="UTC")
DAY = 86_400


def put(path: Path, *, member: str | int = "ana", recorded_at: int = NOW - DAY) -> Path:
    values = {
        "member": pa.array([member, member, None]),
        "fact": ["joined", "setting", "recipient"],
        "value": ["", "off", "lab"],
        "at": pa.array([0, NOW - DAY, 0], pa.timestamp("s", tz="UTC")).cast(INSTANT),
        "recorded_at": pa.array([0, 0, recorded_at], pa.timestamp("s", tz="UTC")).cast(INSTANT),
        "detail": ["", '{"setting":"s"}', '{"role":"third-party"}'],
    }
    pq.write_table(pa.table({name: values[name] for name in COLUMNS}), path)
    return path


def test_a_file_is_bound_by_one_entry_that_does_not_show_it(
    tmp_path: Path, opened: Open
) -> None:
    facts = put(tmp_path / "facts.parquet")
    name = sha256(facts.read_bytes()).hexdigest()
    with opened() as workspace:
        made = record_baseline(workspace, facts, claimed_by="The platform")
        assert (made.recorded.count, made.file.rows, made.file.sha256) == (1, 3, name)
        [entry] = public_entries(workspace, BaselineEntry.STREAM)
        [kept] = kept_files(workspace.places.baselines)
        assert isinstance(entry.says, BaselineEntry)
        entry.says.check_file(made.file, opening=kept.opening)
        assert kept.path.read_bytes() == facts.read_bytes()
        for file in (kept.path, kept.path.with_suffix(".opening")):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        [stored] = workspace.store.entries(entry.index, entry.index + 1)
        assert name.encode() not in stored.data
        assert kept.opening.hex().encode() not in stored.data
        assert gather(workspace).source.claims == {"The platform": 3}


def test_the_same_file_is_taken_in_once(tmp_path: Path, opened: Open) -> None:
    facts = put(tmp_path / "facts.parquet")
    with opened() as workspace:
        first = record_baseline(workspace, facts, claimed_by="The platform")
    with opened(LATER) as workspace:
        before = size(workspace)
        again = record_baseline(workspace, facts, claimed_by="The platform")
        assert (again.recorded.first, again.recorded.again) == (first.recorded.first, True)
        with pytest.raises(ConflictError, match="is a baseline already, by entry 1") as caught:
            record_baseline(workspace, facts, claimed_by="Somebody else")
        assert caught.value.code == "workspace/baseline-there"
        assert size(workspace) == before
        assert len(list(kept_files(workspace.places.baselines))) == 1


def two(path: Path) -> Path:
    """A file of two members."""
    parts = [put(path.with_name(f"{name}.parquet"), member=name) for name in ("ana", "ben")]
    pq.write_table(pa.concat_tables([pq.read_table(one) for one in parts]), path)
    return path


def test_the_same_file_is_another_baseline_once_a_member_was_erased_from_it(
    tmp_path: Path, opened: Open
) -> None:
    facts = two(tmp_path / "facts.parquet")
    with opened() as workspace:
        record_baseline(workspace, facts, claimed_by="The platform")
        erase_members(workspace, ["ana"])
        assert not record_baseline(workspace, facts, claimed_by="The platform").recorded.again
        assert sorted(gather(workspace).known(at=NOW).facts.ids.to_pylist()) == ["ana", "ben"]
        again = record_baseline(workspace, facts, claimed_by="The platform")
        assert again.recorded.again


def test_a_name_that_is_taken_keeps_no_file(tmp_path: Path, opened: Open) -> None:
    facts = two(tmp_path / "facts.parquet")
    other = put(tmp_path / "other.parquet")
    with opened() as workspace:
        record_baseline(workspace, facts, claimed_by="The platform", request="mine")
        assert record_baseline(
            workspace, facts, claimed_by="The platform", request="mine"
        ).recorded.again
        erase_members(workspace, ["ana"])
        there = left(workspace.places.baselines)
        for file in (facts, other):
            with pytest.raises(ConflictError, match="request `mine` was made before"):
                record_baseline(workspace, file, claimed_by="The platform", request="mine")
        assert left(workspace.places.baselines) == there


def test_a_file_that_was_kept_and_not_recorded_is_recorded_with_its_secret(
    tmp_path: Path, opened: Open
) -> None:
    """A process that was killed between the two leaves a file that no entry names."""
    facts = put(tmp_path / "facts.parquet")
    with opened() as workspace:
        with keeping(workspace.places.baselines, facts, opening=bytes(32)):
            pass
        [before] = kept_files(workspace.places.baselines)
        record_baseline(workspace, facts, claimed_by="The platform")
        assert list(kept_files(workspace.places.baselines)) == [before]
        assert gather(workspace).source.claims == {"The platform": 3}


def left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("csv", "is no Parquet file"),
        ("missing", "cannot read the facts: No such file"),
        ("damaged", "the file is cut short or damaged"),
        ("later", "row 2: a fact was recorded at 2024-10-01T00:00:01Z"),
        ("columns", "column `member` is missing"),
    ],
)
def test_what_is_no_baseline_leaves_nothing_behind(
    tmp_path: Path, opened: Open, case: str, what: str
) -> None:
    facts = tmp_path / ("facts.csv" if case == "csv" else "facts.parquet")
    match case:
        case "damaged":
            put(facts)
            facts.write_bytes(facts.read_bytes()[:-9])
        case "later":
            put(facts, recorded_at=NOW + 1)
        case "columns":
            pq.write_table(pa.table({"user": [1]}), facts)
        case _:
            pass
    with opened() as workspace:
        before = size(workspace)
        with pytest.raises(InputError) as caught:
            record_baseline(workspace, facts, claimed_by="The platform")
        assert what in str(caught.value)
        assert str(facts) in str(caught.value)
        assert size(workspace) == before
        assert set(left(workspace.places.baselines)) <= {".lock"}


def test_ids_of_a_baseline_are_of_the_kind_that_the_workspace_has(
    tmp_path: Path, opened: Open
) -> None:
    with opened() as workspace:
        record_baseline(workspace, put(tmp_path / "f.parquet", member=7), claimed_by="A")
        with pytest.raises(InputError, match="the ids of members are text, and whole numbers"):
            record_baseline(workspace, put(tmp_path / "g.parquet", member="7"), claimed_by="A")
        assert set_fact(workspace, ask_fact(workspace, "7", "closed")).recorded.count == 2
        with pytest.raises(InputError, match="member `ana` is text"):
            set_fact(workspace, ask_fact(workspace, "ana", "closed"))


def test_two_do_not_keep_a_file_at_once(tmp_path: Path, opened: Open) -> None:
    """Each would make a secret, and one of the two entries could never be opened."""
    facts = put(tmp_path / "facts.parquet")
    with opened() as workspace:
        record_baseline(workspace, facts, claimed_by="A")
        with (
            locked(workspace.places.baselines / ".lock"),
            pytest.raises(PrivityError) as caught,
        ):
            record_baseline(workspace, put(facts, member="ben"), claimed_by="A")
        assert caught.value.code == "store/locked"


def test_while_a_file_is_looked_over_members_are_erased(tmp_path: Path, opened: Open) -> None:
    with opened() as workspace, opened() as another:
        record_baseline(workspace, put(tmp_path / "old.parquet"), claimed_by="A")

        def erase(rows: int) -> None:
            del rows
            erase_members(another, ["ana"])

        facts = put(tmp_path / "facts.parquet", member="ben")
        # Nobody can tell any more whether who was erased is in it.
        with pytest.raises(ConflictError) as refused:
            record_baseline(workspace, facts, claimed_by="A", progress=erase)
        assert refused.value.code == "workspace/baseline-gone"
        [left] = kept_files(workspace.places.baselines)
        assert pq.read_table(left.path)["member"].to_pylist() == [None]
        record_baseline(workspace, facts, claimed_by="A")
        members = {
            member
            for kept in kept_files(workspace.places.baselines)
            for member in pq.read_table(kept.path)["member"].to_pylist()
        }
        assert members == {"ben", None}
        publish_now(workspace)
    assert check_workspace(workspace.places.root).problems == ()


def test_a_file_that_is_kept_with_another_secret_meanwhile_is_none_of_the_entry(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = put(tmp_path / "facts.parquet")
    real = once.record_once

    def meanwhile(workspace: Workspace, *given: Any, **named: Any) -> Recorded:
        folder = workspace.places.baselines
        [kept] = kept_files(folder)
        remove_kept(folder, kept.sha256)
        with keeping(folder, facts, opening=bytes(32)):
            pass
        return real(workspace, *given, **named)

    monkeypatch.setattr(baseline_recording, "record_once", meanwhile)
    with opened() as workspace:
        before = size(workspace)
        with pytest.raises(ConflictError) as refused:
            record_baseline(workspace, facts, claimed_by="A")
        assert (refused.value.code, size(workspace)) == ("workspace/baseline-gone", before)


def test_who_asks_is_told_how_far_it_came(tmp_path: Path, opened: Open) -> None:
    told: list[int] = []
    with opened() as workspace:
        facts = put(tmp_path / "facts.parquet")
        record_baseline(workspace, facts, claimed_by="A", progress=told.append)
    assert told == [3]
