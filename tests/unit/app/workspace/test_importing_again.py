# SPDX-License-Identifier: Apache-2.0
"""A file that grew is imported again: what came to it is recorded, and nothing twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size
from tests.unit.app.workspace.test_importing import ATTESTED, many, put, told, with_times
from tests.unit.app.workspace.worlds import put_baseline

from privity.app.workspace import importing
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.importing import Imported, record_import
from privity.app.workspace.knowing import gather
from privity.app.workspace.looking_over import look_over
from privity.app.workspace.parts import Workspace
from privity.app.workspace.setting import ask_fact, set_fact
from privity.canonical.instants import format_instant

DAY = 86_400
OFF = '{"setting":"s"}'


def row(member: str, fact: str, value: str = "", detail: str = "", at: int = NOW - DAY) -> Any:
    return {
        "member": member,
        "fact": fact,
        "value": value,
        "detail": detail,
        "at": format_instant(at),
    }


def taken_in(
    workspace: Workspace, path: Path, rows: list[dict[str, Any]], **how: Any
) -> Imported:
    request = how.pop("request", None)
    return record_import(
        workspace, look_over(workspace, put(path, rows), **how), request=request
    )


def test_a_file_that_grew_is_recorded_where_it_did(tmp_path: Path, opened: Open) -> None:
    rows = with_times()
    with opened() as workspace:
        first = taken_in(workspace, tmp_path / "f.csv", rows)
        before = size(workspace)
    assert (first.facts, first.before, first.newcomers) == (7, 0, 2)
    grown = [*rows, row("cleo", "joined"), row("ana", "closed")]
    with opened(LATER) as workspace:
        done = taken_in(workspace, tmp_path / "g.csv", grown)
        assert (done.facts, done.before, done.newcomers) == (9, 7, 1)
        # The two facts, and an enrolment.
        assert size(workspace) == before + 3
        again = taken_in(workspace, tmp_path / "h.csv", [*grown, row("dora", "joined")])
        assert (again.facts, again.before, again.newcomers) == (10, 9, 1)
        found = Counter(map(str, told(workspace)))
    assert found.total() == len(found) == 10


def test_a_file_that_shrank_says_nothing_new(tmp_path: Path, opened: Open) -> None:
    rows = with_times()
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", rows)
        before = size(workspace)
        done = taken_in(workspace, tmp_path / "g.csv", rows[:4])
        assert (done.facts, done.before, done.entries, size(workspace)) == (4, 4, 4, before)


@pytest.mark.parametrize("kept", [1, 7, 12])
def test_a_killed_import_of_a_file_that_grew_then_ends_whole(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 5)
    rows, grown = many(10), many(14)
    told_of: list[int] = []

    def stop(count: int) -> None:
        told_of.append(count)
        if sum(told_of) >= kept:
            raise KeyboardInterrupt

    with opened() as workspace:
        looked = look_over(workspace, put(tmp_path / "f.csv", rows))
        with pytest.raises(KeyboardInterrupt):
            record_import(workspace, looked, progress=stop)
        done = taken_in(workspace, tmp_path / "g.csv", grown)
        assert (done.facts, done.before) == (42, sum(told_of))
        assert taken_in(workspace, tmp_path / "g.csv", grown).before == 42
        found = told(workspace)
    assert len(found) == len(set(found)) == 42


def test_what_was_set_by_hand_is_not_imported_again(tmp_path: Path, opened: Open) -> None:
    with opened() as workspace:
        set_fact(
            workspace,
            ask_fact(workspace, "ana", "setting", "off", detail={"setting": "s"}, at=NOW - DAY),
        )
        done = taken_in(workspace, tmp_path / "f.csv", [row("ana", "setting", "off", OFF)])
        assert (done.before, len(told(workspace))) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        row("ana", "setting", "on", OFF),
        row("ana", "setting", "off", '{"setting":"t"}'),
        row("ana", "setting", "off", OFF, at=NOW - 2 * DAY),
        row("ben", "setting", "off", OFF),
        row("ana", "objection"),
    ],
)
def test_what_differs_in_anything_is_recorded(tmp_path: Path, opened: Open, other: Any) -> None:
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", [row("ana", "setting", "off", OFF)])
        assert taken_in(workspace, tmp_path / "g.csv", [other]).before == 0


def test_a_no_that_was_contradicted_for_its_instant_is_said_again(
    tmp_path: Path, opened: Open
) -> None:
    no, yes = row("ana", "setting", "off", OFF), row("ana", "setting", "on", OFF)
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", [no])
    with opened(LATER) as workspace:
        taken_in(workspace, tmp_path / "g.csv", [yes])
    with opened(LATER + 1) as workspace:
        done = taken_in(workspace, tmp_path / "h.csv", [no, row("ben", "joined")])
        assert (done.facts, done.before) == (2, 0)


def test_the_same_file_again_says_a_no_that_was_contradicted(
    tmp_path: Path, opened: Open
) -> None:
    no, yes = row("ana", "setting", "off", OFF), row("ana", "setting", "on", OFF)
    for number, (said, before) in enumerate([(no, 0), (yes, 0), (no, 0), (no, 1), (yes, 0)]):
        with opened(LATER + number) as workspace:
            done = taken_in(workspace, tmp_path / "f.csv", [said])
            assert (done.facts, done.before) == (1, before)
            [*_, (whose, _, value)] = told(workspace)
            assert (whose, value) == ("ana", said["value"])


def test_an_order_is_issued_again_by_the_same_file(tmp_path: Path, opened: Open) -> None:
    order, lifted = row("", "order", "hk"), row("", "order-lifted", "hk")
    for number, said in enumerate([order, lifted, order]):
        with opened(LATER + number) as workspace:
            assert taken_in(workspace, tmp_path / "f.csv", [said]).before == 0


def test_a_claim_of_before_does_not_hide_a_yes_that_came_since(
    tmp_path: Path, opened: Open
) -> None:
    no, yes = row("ana", "setting", "off", OFF), row("ana", "setting", "on", OFF)
    claimed = {**yes, "recorded_at": format_instant(NOW - DAY)}
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", [claimed], attested=ATTESTED)
    for number, said in enumerate([no, yes, no], start=1):
        with opened(NOW + number) as workspace:
            assert taken_in(workspace, tmp_path / "g.csv", [said]).before == 0


def test_a_no_is_said_again_after_a_baseline_that_has_the_member(
    tmp_path: Path, opened: Open
) -> None:
    rows = [row(one, "setting", "off", OFF) for one in ("ana", "ben")]
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", [*rows, row("", "order", "hk")])
    with opened(LATER) as workspace:
        put_baseline(workspace, tmp_path, ["ana"])
        # What a baseline says of the platform may contradict the order.
        for before in (1, 3):
            done = taken_in(workspace, tmp_path / "f.csv", [*rows, row("", "order", "hk")])
            assert (done.facts, done.before) == (3, before)


def test_what_others_record_meanwhile_is_not_recorded_twice(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_AT_ONCE", 5)
    path = put(tmp_path / "f.csv", many(10))
    with opened() as workspace:
        nested: list[Imported] = []

        def also(_count: int) -> None:
            if not nested:
                nested.append(record_import(workspace, look_over(workspace, path)))

        done = record_import(workspace, look_over(workspace, path), progress=also)
        assert (done.facts, nested[0].facts) == (30, 30)
        assert done.before + nested[0].before == 30
        found = told(workspace)
    assert len(found) == len(set(found)) == 30


def test_what_somebody_attests_is_another_thing(tmp_path: Path, opened: Open) -> None:
    plain = [row("ana", "joined"), row("", "order", "hk"), row("ben", "joined")]
    claimed = [{**one, "recorded_at": format_instant(NOW - DAY)} for one in plain]
    with opened() as workspace:
        assert taken_in(workspace, tmp_path / "f.csv", plain[:2]).before == 0
    with opened(NOW + 1) as workspace:
        done = taken_in(workspace, tmp_path / "g.csv", claimed[:2], attested=ATTESTED)
        assert done.before == 0
        done = taken_in(workspace, tmp_path / "h.csv", claimed, attested=ATTESTED)
        assert (done.facts, done.before) == (3, 2)
        done = taken_in(workspace, tmp_path / "i.csv", [*plain, row("cleo", "joined")])
        assert (done.facts, done.before) == (4, 2)


def test_who_was_erased_begins_anew(tmp_path: Path, opened: Open) -> None:
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", [row("ana", "joined"), row("ben", "joined")])
        erase_members(workspace, ["ana"])
        grown = [row("ana", "joined"), row("ben", "joined"), row("cleo", "joined")]
        done = taken_in(workspace, tmp_path / "g.csv", grown)
        assert (done.before, done.newcomers) == (1, 2)


def test_who_was_erased_begins_anew_by_the_same_file(tmp_path: Path, opened: Open) -> None:
    rows = [row("ana", "joined"), row("ana", "setting", "off", OFF), row("ben", "joined")]
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", rows)
        erase_members(workspace, ["ana"])
        # She came back by another way: what she says is new all the same.
        set_fact(workspace, ask_fact(workspace, "ana", "joined", at=NOW))
        done = taken_in(workspace, tmp_path / "f.csv", rows)
        assert (done.facts, done.before, done.newcomers) == (3, 1, 0)


def test_whom_a_baseline_knows_is_not_new(tmp_path: Path, opened: Open) -> None:
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ana", "ben"])
        rows = [row("ana", "joined"), row("ben", "joined"), row("cleo", "joined")]
        assert taken_in(workspace, tmp_path / "f.csv", rows[:1]).newcomers == 0
        done = taken_in(workspace, tmp_path / "g.csv", rows)
        assert (done.before, done.newcomers) == (1, 1)


def test_what_a_file_says_of_one_instant_stays_a_tie(tmp_path: Path, opened: Open) -> None:
    """[TIM-11] Of two answers of one instant the no counts: a yes that came to the file is not later by its entry."""
    no, yes = row("ana", "setting", "off", OFF), row("ana", "setting", "on", OFF)
    order, lifted = row("", "order", "hk"), row("", "order-lifted", "hk")
    joined = row("ana", "joined")
    with opened() as workspace:
        taken_in(workspace, tmp_path / "f.csv", [joined, no, order])
    with opened(LATER) as workspace:
        done = taken_in(workspace, tmp_path / "g.csv", [joined, no, yes, order, lifted])
        assert (done.facts, done.before) == (5, 1)
    with opened(LATER + 1) as workspace:
        known = gather(workspace).known(at=LATER + 1).facts
        [*_, last] = known.of_member(0)
        assert (last.fact, last.value) == ("setting", "off")
        again = [joined, no, yes, order, lifted, row("ben", "joined")]
        assert taken_in(workspace, tmp_path / "h.csv", again).before == 5
