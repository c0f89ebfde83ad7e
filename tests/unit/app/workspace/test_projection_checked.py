# SPDX-License-Identifier: Apache-2.0
"""A check makes the projection anew aside: a row that the log does not come to is found, wherever it stands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import Open
from tests.unit.app.workspace.worlds import content, keep, problems, put

from privity.app.workspace.checking import check_workspace
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.places import Places
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.repairing import repair_workspace
from privity.store.projection import remove_projection

CHANGES = {
    "what was said": "UPDATE kind SET value = 'off' WHERE value = 'on'",
    "when it was so": "UPDATE fact SET at = at + 1 WHERE entry = 5",
    "when it was entered": "UPDATE fact SET recorded_at = 5 WHERE entry = 5",
    "whose it is": "UPDATE fact SET stream = 3 WHERE entry = 5",
    "that somebody attests it": "UPDATE fact SET attester = 7 WHERE entry = 5",
    "what led to it": "UPDATE fact SET previous = NULL WHERE entry = 5",
    "that it is there": "DELETE FROM fact WHERE entry = 5",
    "what leads to all of a member": "UPDATE stream SET newest = NULL WHERE stream = 1",
    "how far a stream is": "UPDATE stream SET next = next + 1 WHERE stream = 1",
    "how often it is said": "UPDATE used SET times = times - 1",
    "a public entry": "UPDATE public SET data = x'00' WHERE entry = 0",
    "the stream of a public entry": "UPDATE public SET stream = 'none' WHERE entry = 0",
    "what cannot be read": "INSERT INTO unread VALUES (0, NULL, 5, 'unknown')",
}


@pytest.fixture
def lived(root: Path, opened: Open) -> Path:
    """A workspace whose projection was kept up, and went on after an erasure."""
    with opened() as workspace:
        put(workspace, "ada", "bob", "ada", "cleo")
        catch_up(workspace)
        erase_members(workspace, ["bob"])
        put(workspace, "ada", "dan")
        catch_up(workspace)
    return root


def change(root: Path, statement: str) -> None:
    with closing(sqlite3.connect(Places(root).projection)) as database, database:
        assert database.execute(statement).rowcount


def test_a_projection_that_was_kept_up_holds_and_is_left_as_it_is(lived: Path) -> None:
    before = content(lived)
    assert problems(lived) == []
    assert content(lived) == before


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_row_is_found_and_repaired(lived: Path, what: str) -> None:
    change(lived, CHANGES[what])
    (problem,) = check_workspace(lived).problems
    assert (problem.code, problem.exit_code) == ("workspace/projection", 3)
    assert problem.hint is not None
    assert "projection.db` has other rows than the log comes to" in problem.message
    found = repair_workspace(lived, rehearse=True)
    assert (found.projection, found.nothing) == (True, False)
    repair_workspace(lived)
    assert problems(lived) == []
    assert repair_workspace(lived, rehearse=True).nothing


def test_it_is_found_where_the_log_went_on_since(lived: Path, opened: Open) -> None:
    change(lived, CHANGES["what was said"])
    with opened() as workspace:
        put(workspace, "eve")
    before = content(lived)
    assert problems(lived) == ["workspace/projection"]
    assert content(lived) == before


def test_removing_it_helps_as_the_hint_says(lived: Path) -> None:
    change(lived, CHANGES["what was said"])
    Places(lived).projection.unlink()
    assert problems(lived) == []


def test_what_nobody_would_read_is_not_compared(lived: Path, opened: Open) -> None:
    for statement in (
        "UPDATE extent SET size = 2, peaks = zeroblob(32)",
        "UPDATE extent SET size = 3",
        "UPDATE extent SET lost = 'none'",
        "UPDATE extent SET lost = '1-2'",
    ):
        change(lived, CHANGES["what was said"])
        change(lived, statement)
        assert problems(lived) == []
        with opened() as workspace:
            assert catch_up(workspace).size == workspace.store.head().size
        assert problems(lived) == []
    Places(lived).projection.write_bytes(b"nothing")
    assert problems(lived) == []
    remove_projection(Places(lived).projection)
    assert problems(lived) == []


def test_a_copy_is_looked_at_without_its_projection(lived: Path) -> None:
    change(lived, CHANGES["what was said"])
    assert set(problems(keep(lived))) == {"store/copied"}
