# SPDX-License-Identifier: Apache-2.0
"""`privity ledger check` with releases: log, table, papers, index, private part and key speak of the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.release_story import SIGNER
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import Made, make

from privity.app.releases.examining.checking import CheckedReleases, check_releases
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.recording import record
from privity.entries.key_files import signer_to_pem
from privity.entries.release import EndedRelease
from privity.store.releases import open_releases
from privity.testing.plain import AT


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace with two releases, which takes some seconds to make."""
    found = make(tmp_path_factory.mktemp("shared"))
    release(found)
    release(found, name="second")
    return found


@pytest.fixture
def made(shared: Made) -> Iterator[Made]:
    """The same, put back as it was after the test; a database stays the same file."""
    before, folders = (
        content(shared.root),
        {path for path in shared.root.rglob("*") if path.is_dir()},
    )
    yield shared
    for path in shared.root.rglob("*.aside"):
        path.rename(path.with_suffix(""))
    for path in sorted(shared.root.rglob("*"), reverse=True):
        if path.is_file() and path not in before:
            path.unlink()
        elif path.is_dir() and path not in folders:
            path.rmdir()
    for path, data in before.items():
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o600)


def content(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def check(made: Made) -> CheckedReleases:
    before = content(made.root)
    found = check_releases(made.root)
    assert content(made.root) == before
    return found


def codes(made: Made) -> list[str]:
    return [one.code for one in check(made).problems]


def test_everything_holds(made: Made) -> None:
    """[REL-154]"""
    found = check(made)
    assert (found.releases, found.busy, found.problems) == (2, (), ())


def test_a_workspace_without_releases_has_nothing_to_check(tmp_path: Path) -> None:
    """[REL-154]"""
    assert check(make(tmp_path)) == CheckedReleases(
        releases=0, looked=0, busy=(), lacking=(), unread=(), problems=()
    )


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def first(folder: Path) -> Path:
    return min(folder.glob("*.parquet"))


def other_paper(made: Made) -> None:
    folder_of(made).certificate.write_bytes(folder_of(made).statement.read_bytes())


def lose_private(made: Made) -> None:
    first(Places(made.root).release_vault / "first").unlink()


def lose_a_private_row(made: Made) -> None:
    path = first(Places(made.root).release_vault / "first")
    pq.write_table(pq.read_table(path).slice(1), path)


def lose_index(made: Made) -> None:
    path = Places(made.root).release_index
    path.rename(path.with_name(f"{path.name}.aside"))


def forget_in_index(made: Made) -> None:
    with open_workspace(made.root) as workspace:
        index = open_releases(workspace.places.release_index, origin=workspace.settings.origin)
        index.remove("first")
        index.close()


def other_key(made: Made) -> None:
    path = Places(made.root).release_signer
    path.write_bytes(signer_to_pem(SIGNER))
    path.chmod(0o600)


BREAKS: dict[str, tuple[Callable[[Made], object], str]] = {
    "a file": (lambda made: flip(first(folder_of(made).table)), "release/file"),
    "the manifest": (lambda made: flip(folder_of(made).manifest), "release/manifest"),
    "a paper": (other_paper, "entry/payload"),
    "the description": (lambda made: flip(folder_of(made).described), "release/described"),
    "the salt": (lambda made: folder_of(made).salt.write_bytes(bytes(32)), "release/sidecar"),
    "no file": (lambda made: first(folder_of(made).table).unlink(), "release/file"),
    "no folder": (lambda made: shutil.rmtree(folder_of(made).root), "workspace/release"),
    "no private part": (lose_private, "workspace/release"),
    "another private part": (lose_a_private_row, "workspace/release"),
    "no index": (lose_index, "workspace/release"),
    "another index": (forget_in_index, "workspace/release"),
    "no key": (lambda made: Places(made.root).release_signer.unlink(), "release/signing-key"),
    "another key": (other_key, "workspace/release"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_does_not_hold_is_found(made: Made, what: str) -> None:
    """[REL-154]"""
    act, code = BREAKS[what]
    act(made)
    assert {*codes(made)} == {code}


def test_one_release_in_the_place_of_another_is_found(made: Made) -> None:
    """[REL-154]"""
    shutil.rmtree(folder_of(made).root)
    shutil.copytree(folder_of(made, "second").root, folder_of(made).root)
    found = check(made).problems
    assert found[0].code == "workspace/release"
    assert "is revision 1 of release `second`" in found[0].message


@pytest.mark.parametrize("place", ["releases/other", "vault/releases/other"])
def test_what_no_entry_speaks_of_is_found(made: Made, place: str) -> None:
    """[REL-154]"""
    (made.root / place).mkdir()
    assert codes(made) == ["workspace/release"]


def test_what_is_being_made_is_left_alone(made: Made, program: Program) -> None:
    """[REL-154]"""
    lose_private(made)
    (made.root / "state" / "releases" / "first.lock").touch()
    found = check(made)
    assert (found.looked, found.busy, found.problems) == (1, ("first",), ())
    told = program("ledger", "check", str(made.root))
    assert "  releases   1, with their files" in told.out
    assert "  busy       first: being made or taken back from, or cut short" in told.out


def test_of_a_release_that_has_ended_nothing_needs_to_be_there(tmp_path: Path) -> None:
    """[REL-154]"""
    made = make(tmp_path)
    release(made)
    with open_workspace(made.root, now=AT) as workspace:
        record(workspace, [EndedRelease(release="first", why="withdrawn")])
    shutil.rmtree(folder_of(made).root)
    assert codes(made) == []


def test_the_command_names_it(made: Made, program: Program) -> None:
    """[REL-154]"""
    done = program("ledger", "check", made.root)
    assert done.code == 0, done.err
    assert "releases   2, with their files" in done.out
    flip(first(folder_of(made).table))
    done = program("ledger", "check", made.root, "--json")
    assert done.code == 3
    found = json.loads(done.out)
    assert found["releases"] == 2
    assert [one["code"] for one in found["problems"]] == ["release/file"]
