# SPDX-License-Identifier: Apache-2.0
"""A workspace opens where everything in it agrees, and says which part does not where it does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import BEGAN, LATER, NOW, SETTINGS, Open
from tests.unit.app.workspace.worlds import DATABASES, content, keep, put, put_back, says

from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import record
from privity.config.workspace import WorkspaceSettings
from privity.errors import ConflictError, InputError, PrivityError


def refused(root: Path) -> PrivityError:
    """What an opening is refused with; nothing has changed after it."""
    before = content(root)
    with pytest.raises(PrivityError) as error, open_workspace(root, now=LATER):
        pass
    assert content(root) == before
    return error.value


def test_what_was_recorded_is_there_when_it_is_opened_again(opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        size = workspace.store.head().size
    with opened() as workspace:
        assert workspace.store.head().size == size
        assert [key.member for key in workspace.keys.all()] == ["tada"]
        assert workspace.simulated


def test_a_set_clock_goes_on_at_the_newest_entry(root: Path, opened: Open) -> None:
    with opened(LATER) as workspace:
        put(workspace, "ada")
    with open_workspace(root) as workspace:
        assert workspace.now() == LATER
        put(workspace, "bob")
    with opened(NOW) as workspace, pytest.raises(ConflictError) as error:
        put(workspace, "cleo")
    assert error.value.code == "ledger/clock-behind"


def test_only_a_simulated_clock_is_set(tmp_path: Path) -> None:
    found_workspace(tmp_path / "w", WorkspaceSettings(origin="example.com/log"))
    with pytest.raises(InputError) as error, open_workspace(tmp_path / "w", now=LATER):
        pass
    assert error.value.code == "workspace/clock"
    with open_workspace(tmp_path / "w") as workspace:
        assert workspace.now() > BEGAN
        assert not workspace.simulated


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("privity.toml", "workspace/missing"),
        ("keys/log.key", "workspace/key"),
        ("state/ledger.db", "store/missing"),
        ("vault/keys.db", "store/missing"),
        ("anchor/checkpoint", "ledger/anchor-missing"),
        ("public/tile/0/000.p/1", "ledger/tree-damaged"),
    ],
)
def test_a_part_that_is_missing_is_named(root: Path, name: str, code: str) -> None:
    (root / name).unlink()
    assert refused(root).code == code


def change_settings(root: Path) -> None:
    path = root / "privity.toml"
    path.write_text(path.read_text("utf-8").replace("restrict", "accept"), encoding="utf-8")


def open_key_to_others(root: Path) -> None:
    (root / "keys" / "log.key").chmod(0o640)


def take_another_key(root: Path) -> None:
    found_workspace(root.with_name("other"), SETTINGS, now=BEGAN)
    shutil.copyfile(root.with_name("other") / "keys" / "log.key", root / "keys" / "log.key")


def take_keys_of_another_log(root: Path) -> None:
    other = WorkspaceSettings(origin="example.org/simulated", clock="simulated")
    found_workspace(root.with_name("other"), other, now=BEGAN)
    put_back(root, root.with_name("other"), "vault/keys.db")


def spoil_key(root: Path) -> None:
    (root / "keys" / "log.key").write_text("nothing\n", encoding="ascii")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (change_settings, "workspace/genesis"),
        (open_key_to_others, "workspace/key"),
        (spoil_key, "ledger/key"),
        (take_another_key, "workspace/genesis"),
        (take_keys_of_another_log, "store/copied"),
    ],
)
def test_a_part_that_is_another_is_named(
    root: Path, change: Callable[[Path], None], code: str
) -> None:
    change(root)
    assert refused(root).code == code


def test_no_message_shows_a_key(root: Path) -> None:
    path = root / "keys" / "log.key"
    secret = path.read_text("ascii").strip()
    path.write_text(secret[:-1] + "\n", encoding="ascii")
    path.chmod(0o600)
    error = refused(root)
    assert secret[-20:-1] not in f"{error} {error.hint}"


# Older and second copies


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("state/ledger.db",), "ledger/rolled-back"),
        (("vault/keys.db",), "workspace/keys-older"),
        (DATABASES, "ledger/rolled-back"),
        ((*DATABASES, "public/checkpoint"), "ledger/rolled-back"),
    ],
)
def test_an_older_copy_is_refused(
    root: Path, opened: Open, names: tuple[str, ...], code: str
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada", "bob")
    put_back(root, kept, *names)
    assert refused(root).code == code


def test_keys_from_before_an_erasure_are_refused(root: Path, opened: Open) -> None:
    """Also where no new member came since."""
    with opened() as workspace:
        put(workspace, "ada", "bob")
    kept = keep(root)
    with opened() as workspace:
        erase_members(workspace, ["ada"])
    put_back(root, kept, "vault/keys.db")
    assert refused(root).code == "workspace/keys-older"


def test_an_older_anchor_is_refused(root: Path, opened: Open) -> None:
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada")
    put_back(root, kept, "anchor/checkpoint")
    assert refused(root).code == "ledger/anchor-behind"


def test_a_copied_folder_is_refused_and_a_moved_one_is_not(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    copied = keep(root)
    assert refused(copied).code == "store/copied"
    moved = root.rename(root.with_name("moved"))
    with open_workspace(moved, now=LATER) as workspace:
        put(workspace, "bob")
    assert refused(copied).code == "store/copied"


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_that_was_copied_into_its_place_is_refused(root: Path, name: str) -> None:
    copied = root / f"{name}.copy"
    shutil.copyfile(root / name, copied)
    copied.rename(root / name)
    assert refused(root).code == "store/copied"


def test_no_repair_that_was_cut_short_is_gone_on_from(root: Path, opened: Open) -> None:
    with opened() as workspace:
        with workspace.store.transaction():
            workspace.store.vault.put_mending([])
        with pytest.raises(ConflictError) as error:
            record(workspace, [says("ada")])
        assert error.value.code == "workspace/unmended"
    assert refused(root).code == "workspace/unmended"
