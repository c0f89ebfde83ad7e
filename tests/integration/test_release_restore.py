# SPDX-License-Identifier: Apache-2.0
"""What was taken back from a release stays so, also where an older copy of what is private of it is put back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import SETTINGS, Made, make

from privity.app.releases.examining.checking import check_releases
from privity.app.workspace.places import Places
from privity.canonical.instants import format_instant
from privity.store.releases import open_releases
from privity.testing.plain import AT, fact

DAY = 86400


@pytest.fixture
def made(tmp_path: Path) -> Made:
    found = make(tmp_path)
    release(found)
    return found


def at(day: int) -> str:
    return format_instant(AT + day * DAY)


def problems(made: Made) -> list[str]:
    return [str(one) for one in check_releases(made.root).problems]


def parties_of(made: Made) -> set[str]:
    """Whom the private part of the release names."""
    found: set[str] = set()
    for path in (Places(made.root).release_vault / "first").glob("part-*.parquet"):
        table = pq.read_table(path)
        found |= set(table["author"].to_pylist())
        found |= {one for some in table["recipients"].to_pylist() for one in some or ()}
    return found


def indexed(made: Made) -> dict[str, int]:
    """The revision of each release in the index."""
    index = open_releases(Places(made.root).release_index, origin=SETTINGS.origin)
    try:
        found = {name: index.get(name) for name in index.names()}
        return {name: one.revision for name, one in found.items() if one is not None}
    finally:
        index.close()


def take_back(made: Made, program: Program, member: str, day: int) -> None:
    done = program(
        "members", "erase", member, "--workspace", made.root, "--yes", "--now", at(day)
    )
    assert done.code == 0, done.err
    done = program("revoke", "run", "--workspace", made.root, "--now", at(day))
    assert done.code == 0, done.err


def backed_up(made: Made, program: Program) -> Path:
    folder = made.root.parent / "backups"
    assert program("ledger", "backup", made.root, folder, "--now", at(0)).code == 0
    (found,) = folder.iterdir()
    return found


def lose_vault(made: Made) -> None:
    places = Places(made.root)
    shutil.rmtree(places.release_vault)
    places.release_index.rename(made.root.parent / "lost.db")


def test_what_was_taken_back_is_taken_out_of_an_older_copy(
    made: Made, program: Program
) -> None:
    """[REL-155]"""
    backup = backed_up(made, program)
    assert "m3" in parties_of(made)
    take_back(made, program, "m3", 1)
    lose_vault(made)
    done = program("ledger", "restore", made.root, backup, "--yes", "--now", at(2))
    assert done.code == 0, done.err
    assert "release first: its private part is brought to what the log says" in done.out
    assert "m3" not in parties_of(made)
    assert problems(made) == []
    assert indexed(made) == {"first": 2}
    # All that hangs together was made again: the next taking back goes on from it.
    made.record(fact("objection", "2025-06-04", member="m4"), at=AT + 3 * DAY)
    take_back(made, program, "m5", 4)
    assert not {"m3", "m4", "m5"} & parties_of(made)
    assert problems(made) == []
    assert indexed(made) == {"first": 3}


def test_what_cannot_be_made_again_is_told_and_nothing_of_it_is_left(
    made: Made, program: Program
) -> None:
    """[REL-155]"""
    take_back(made, program, "m3", 1)
    folder = Places(made.root).release_vault / "first"
    lost = min(folder.glob("part-*.parquet"))
    other = folder / "part-000099.parquet"
    lost.rename(other)
    done = program("ledger", "repair", made.root, "--dry-run")
    assert "brought to what the log says: first" in done.out
    assert other.exists()
    done = program("ledger", "repair", made.root, "--yes", "--now", at(2))
    assert done.code == 0, done.err
    assert f"lost: what stood beside {lost.name}" in done.out
    assert not other.exists()
    assert indexed(made) == {}
    assert problems(made) == [
        f"`{lost}` is not there",
        f"the index `{Places(made.root).release_index}` lacks release `first`",
    ]


def test_a_private_file_that_is_missing_is_put_back_as_the_hint_says(
    made: Made, program: Program
) -> None:
    """[REL-154] The release's private folder is put back as a whole."""
    backup = backed_up(made, program)
    folder = Places(made.root).release_vault / "first"
    lost = min(folder.glob("part-*.parquet"))
    lost.unlink()
    done = program("ledger", "check", made.root)
    assert done.code == 3
    assert f"workspace/release: `{lost}` is not there" in done.out
    assert f"hint: move `{folder}` away, and put back the vault's backup" in done.out
    folder.rename(made.root.parent / "away")
    done = program("ledger", "restore", made.root, backup, "--yes", "--now", at(1))
    assert done.code == 0, done.err
    assert program("ledger", "check", made.root).code == 0


def test_leaves_that_were_changed_are_made_again(made: Made, program: Program) -> None:
    """[REL-155] To the last of them: the file's own head may be as it was."""
    leaves = Places(made.root).release_vault / "first" / "members.leaves"
    before = leaves.read_bytes()
    leaves.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    assert len(problems(made)) == 1
    assert program("ledger", "repair", made.root, "--yes", "--now", at(1)).code == 0
    assert leaves.read_bytes() == before
    assert problems(made) == []


@pytest.mark.parametrize("what", ["index", "leaves"])
def test_an_index_and_leaves_that_are_lost_are_made_again(
    made: Made, program: Program, what: str
) -> None:
    """[REL-155]"""
    places = Places(made.root)
    leaves = places.release_vault / "first" / "members.leaves"
    before = leaves.read_bytes()
    if what == "index":
        places.release_index.rename(made.root.parent / "lost.db")
    else:
        leaves.unlink()
    done = program("ledger", "repair", made.root, "--yes", "--json", "--now", at(1))
    assert json.loads(done.out)["releases"] == ["first"]
    assert leaves.read_bytes() == before
    assert indexed(made) == {"first": 1}
    assert problems(made) == []
    done = program("ledger", "repair", made.root, "--dry-run", "--json")
    found = json.loads(done.out)
    assert (found["nothing"], found["releases"]) == (True, [])
    take_back(made, program, "m3", 2)
    assert problems(made) == []


def test_a_damaged_release_keeps_nobody_from_repairing_the_rest(
    made: Made, program: Program
) -> None:
    """[REL-155]"""
    folder_of(made).manifest.write_bytes(b"{}\n")
    done = program("ledger", "repair", made.root, "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert "nothing to repair" in done.out
    assert len(problems(made)) == 1
