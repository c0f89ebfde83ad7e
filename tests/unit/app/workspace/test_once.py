# SPDX-License-Identifier: Apache-2.0
"""A request that is repeated is answered, and nothing is recorded twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, SETTINGS, Open, size

from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.once import Request, named, record_once, was_recorded
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Private
from privity.canonical.instants import Instant
from privity.entries.fact import FactEntry
from privity.entries.incident import IncidentEntry
from privity.errors import ConflictError, InputError


def said(now: Instant) -> list[Private]:
    return [Private(member="ana", says=FactEntry(member="ana", fact="joined", at=now))]


def asked(name: str | None = "one", **asks: object) -> Request:
    return Request(asks=asks or {"member": "ana"}, name=name)


def test_a_repeated_request_gets_the_first_answer(opened: Open) -> None:
    with opened() as workspace:
        first = record_once(workspace, said, members=["ana"], request=asked())
    with opened(LATER) as workspace:
        before = size(workspace)
        again = record_once(workspace, said, members=["ana"], request=asked())
        assert size(workspace) == before
    assert (again.first, again.count, again.time) == (first.first, first.count, NOW)
    assert (first.again, again.again) == (False, True)


def test_who_gives_no_request_records_every_time(opened: Open) -> None:
    with opened() as workspace:
        first = record_once(workspace, said, members=["ana"])
        second = record_once(workspace, said, members=["ana"])
    assert (first.count, second.count) == (2, 1)  # the first has the enrolment besides
    assert second.first == first.first + first.count


def test_a_request_without_a_name_is_known_by_what_it_asks(opened: Open) -> None:
    with opened() as workspace:
        record_once(workspace, said, members=["ana"], request=asked(None))
        assert record_once(workspace, said, members=["ana"], request=asked(None)).again
        other = asked(None, member="ben")
        assert not record_once(workspace, said, members=["ana"], request=other).again
        assert not record_once(workspace, said, members=["ana"], request=asked("named")).again


def test_another_thing_under_the_same_name_is_refused(opened: Open) -> None:
    with opened() as workspace:
        record_once(workspace, said, members=["ana"], request=asked())
        before = size(workspace)
        with pytest.raises(ConflictError, match="request `one` was made before") as caught:
            record_once(workspace, said, members=["ana"], request=asked(member="ben"))
        assert caught.value.code == "workspace/request"
        assert size(workspace) == before


def test_a_name_of_somebodys_own_is_none_of_the_programs(opened: Open) -> None:
    """The first entry of the log was a request named `genesis`."""
    with opened() as workspace:
        made = record_once(workspace, said, members=["ana"], request=asked("genesis"))
        assert not made.again


def test_what_is_refused_leaves_nothing_behind(opened: Open) -> None:
    def refused(now: Instant) -> list[IncidentEntry]:
        raise InputError(f"not at {now}", code="workspace/request")

    with opened() as workspace:
        before = size(workspace)
        with pytest.raises(InputError, match="not at"):
            record_once(workspace, refused, request=asked())
        assert size(workspace) == before
        assert was_recorded(workspace, asked()) is None
        assert not record_once(workspace, said, members=["ana"], request=asked()).again


def kept(root: Path) -> set[bytes]:
    rows = sqlite3.connect(root / "state" / "ledger.db").execute(
        "SELECT name_sha256 FROM request"
    )
    return {name for (name,) in rows}


@pytest.mark.parametrize(("name", "rows"), [(None, 1), ("setting-ana-off", 2)])
def test_what_was_asked_is_not_to_be_guessed_from_what_is_kept(
    tmp_path: Path, name: str | None, rows: int
) -> None:
    """It is hashed with a key of the vault: two workspaces keep other hashes of the same."""
    found = []
    for folder in ("one", "other"):
        root = tmp_path / folder
        found_workspace(root, SETTINGS, now=NOW)
        before = kept(root)
        with open_workspace(root) as workspace:
            record_once(workspace, said, members=["ana"], request=asked(name))
        found.append(kept(root) - before)
    assert [len(names) for names in found] == [rows, rows]
    assert found[0].isdisjoint(found[1])


def test_a_named_request_that_is_only_repeated_brings_nobody_back(opened: Open) -> None:
    with opened() as workspace:
        record_once(workspace, said, members=["ana"], request=asked("hers"))
        erase_members(workspace, ["ana"])
        before = size(workspace)
        assert record_once(workspace, said, members=["ana"], request=asked("hers")).again
        assert size(workspace) == before


def test_nothing_to_say_was_said_before(opened: Open) -> None:
    with opened() as workspace:
        before = size(workspace)
        made = record_once(workspace, lambda _now: [], members=["ana"])
        assert (made.count, made.again, size(workspace)) == (0, True, before)


def test_a_request_needs_a_name_to_be_one() -> None:
    assert named(None, member="ana") is None
    assert named("one", member="ana") == Request(asks={"member": "ana"}, name="one")
