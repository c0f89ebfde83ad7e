# SPDX-License-Identifier: Apache-2.0
"""A backup has all that a restore needs but the signing key; a restore replaces nothing and erases again."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.conftest import BEGAN, LATER, NOW, SETTINGS, Open
from tests.unit.app.workspace.worlds import (
    content,
    keep,
    members_of,
    problems,
    put,
    put_back,
    put_baseline,
    says,
)

from privity.app.workspace import backing_up, repairing, restoring
from privity.app.workspace.backing_up import KEPT, BackedUp, back_up, expire_backups, read_part
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import record
from privity.app.workspace.restoring import restorable, restore_workspace
from privity.app.workspace.rotating import rotate_keys
from privity.config.workspace import WorkspaceSettings
from privity.errors import ConflictError, InputError, UnavailableError, VerificationError
from privity.store.baselines import kept_files
from privity.store.lock import locked


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def backed_up(opened: Open, backups: Path, now: int = NOW, *, tree: bool = True) -> BackedUp:
    with opened(now) as workspace:
        return back_up(workspace, backups, tree=tree)


def only_key(root: Path) -> None:
    """Lose everything but the key, which is kept elsewhere."""
    for path in root.iterdir():
        if path.name != "keys":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_a_backup_lies_in_two_parts_that_nobody_else_reads(
    root: Path, opened: Open, backups: Path, tmp_path: Path
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
        put_baseline(workspace, tmp_path, ["ada"])
    done = backed_up(opened, backups)
    assert done.folder == backups / "20241001T000000Z"
    assert (done.size, done.members, done.baselines, done.tree) == (6, 3, 1, True)
    assert sorted(path.name for path in (done.folder / "log").iterdir()) == [
        "ledger.db", "manifest.json", "privity.toml", "public",
    ]  # fmt: skip
    assert sorted(path.name for path in (done.folder / "vault").iterdir()) == [
        "baseline", "keys.db", "manifest.json",
    ]  # fmt: skip
    assert stat.S_IMODE(done.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((done.folder / "vault" / "keys.db").stat().st_mode) == 0o600
    for name in ("log", "vault"):
        part = read_part(done.folder / name)
        assert (part.origin, part.time, part.size) == (SETTINGS.origin, NOW, 6)
    secret = (root / "keys" / "log.key").read_bytes()[-40:-1]
    assert not any(secret in data for data in content(backups).values())
    assert not any(path.name.startswith(".new") for path in backups.iterdir())


def test_a_backup_changes_nothing_and_several_lie_side_by_side(
    root: Path, opened: Open, backups: Path
) -> None:
    before = content(root)
    names = [backed_up(opened, backups).folder.name for _ in range(3)]
    assert names == ["20241001T000000Z", "20241001T000000Z-2", "20241001T000000Z-3"]
    assert content(root) == before


def test_what_comes_while_it_is_copied_hurts_nothing(
    root: Path, opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member who came between the two copies has a key in the second, and none that lacks one is in the first."""
    with opened() as workspace, opened() as other:
        put(workspace, "ada")
        copy = workspace.keys.back_up

        def late(target: Path) -> None:
            record(other, [says("new")])
            copy(target)

        monkeypatch.setattr(workspace.keys, "back_up", late)
        done = back_up(workspace, backups)
    assert (done.size, done.members) == (3, 2)
    only_key(root)
    restore_workspace(root, done.folder, now=LATER)
    assert problems(root) == []


def test_a_backup_keeps_nobody_from_publishing(root: Path, opened: Open, backups: Path) -> None:
    """What waits for longer than a minute to be published stops a site, and to copy much takes longer."""
    with opened() as workspace, opened() as other:
        put(workspace, "ada")
        with locked(root / "state" / "ledger.lock"):
            done = back_up(workspace, backups, tree=True)
        put(other, "bob")
    assert (done.size, done.tree) == (3, True)


def test_while_somebody_erases_nothing_is_backed_up(
    root: Path, opened: Open, backups: Path
) -> None:
    with (
        opened() as workspace,
        locked(root / "state" / "erasing.lock"),
        pytest.raises(ConflictError) as refused,
    ):
        back_up(workspace, backups)
    assert refused.value.code == "store/locked"


def test_a_backup_does_not_lie_in_the_workspace(root: Path, opened: Open) -> None:
    for place in (root, root / "public", root / "public" / ".." / "backups"):
        with opened() as workspace, pytest.raises(InputError) as refused:
            back_up(workspace, place)
        assert refused.value.code == "workspace/backup-place"


def test_keys_are_kept_for_30_days(opened: Open, backups: Path) -> None:
    old = backed_up(opened, backups)
    assert expire_backups(backups, now=NOW + KEPT) == ()
    late = backed_up(opened, backups, NOW + KEPT + 1)
    assert late.due == (old.folder / "vault",)
    with opened(NOW + KEPT + 1) as workspace:
        done = back_up(workspace, backups, expire=True)
    assert (done.expired, done.due) == ((old.folder / "vault",), ())
    assert not (old.folder / "vault").exists()
    assert (old.folder / "log" / "ledger.db").exists()
    assert (late.folder / "vault" / "keys.db").exists()


def test_an_expiry_that_was_cut_short_is_finished(
    opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = backed_up(opened, backups)

    def stop(_folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backing_up, "_destroy", stop)
        with pytest.raises(KeyboardInterrupt):
            expire_backups(backups, now=NOW + KEPT + 1)
    expire_backups(backups, now=NOW + KEPT + 1)
    assert [path.name for path in done.folder.iterdir()] == ["log"]


def test_a_backup_that_was_cut_short_is_none_and_goes_with_the_next(
    opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backing_up, "_write_manifest", stop)
        with pytest.raises(KeyboardInterrupt):
            backed_up(opened, backups)
    (left,) = backups.iterdir()
    assert left.name.startswith(".new")
    done = backed_up(opened, backups)
    assert list(backups.iterdir()) == [done.folder]


# Restoring


def test_everything_but_the_key_is_restored(
    root: Path, opened: Open, backups: Path, tmp_path: Path
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
        put_baseline(workspace, tmp_path, ["ada", "cleo"])
        rotate_keys(workspace)
    done = backed_up(opened, backups)
    only_key(root)
    restored = restore_workspace(root, done.folder, now=LATER)
    assert restored.log.taken_back == 0
    assert problems(root) == []
    with open_workspace(root, now=LATER) as workspace:
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["ada", "cleo"]
        assert len(list(workspace.store.sealed(0, 9))) == 4
        put(workspace, "ada")
    assert problems(root) == []


def test_what_was_published_since_comes_from_the_tree(
    root: Path, opened: Open, backups: Path, tmp_path: Path
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
        put_baseline(workspace, tmp_path, ["ada", "cleo", "dan"])
    done = backed_up(opened, backups, tree=False)
    with opened() as workspace:
        put(workspace, "ada", "eve")
        erase_members(workspace, ["bob", "cleo"])
    for name in ("state", "vault"):
        shutil.rmtree(root / name)
    restored = restore_workspace(root, done.folder, now=LATER)
    assert (restored.log.taken_back, restored.vault.erased) == (8, 1)
    assert problems(root) == []
    with open_workspace(root) as workspace:
        assert sorted(key.member for key in workspace.keys.all()) == ["p", "tada"]
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["ada", "dan"]


def test_one_database_alone_is_restored(root: Path, opened: Open, backups: Path) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    done = backed_up(opened, backups)
    with opened() as workspace:
        put(workspace, "bob")
    (root / "vault" / "keys.db").unlink()
    found = restorable(root, done.folder)
    assert [place.name for place, _ in found.files] == ["keys.db"]
    restored = restore_workspace(root, done.folder, now=LATER)
    assert restored.vault.unopened == 2
    assert problems(root) == []


def test_nothing_that_is_there_is_replaced(root: Path, opened: Open, backups: Path) -> None:
    done = backed_up(opened, backups)
    with opened() as workspace:
        put(workspace, "ada")
    before = content(root)
    with pytest.raises(ConflictError) as refused:
        restore_workspace(root, done.folder, now=LATER)
    assert refused.value.code == "workspace/nothing-missing"
    assert content(root) == before


def test_beside_something_newer_that_the_tree_lacks_nothing_is_restored(
    root: Path, opened: Open, backups: Path
) -> None:
    """The anchor knows of more than the backup and the tree have: to sign would be to fork."""
    done = backed_up(opened, backups)
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada")
    shutil.rmtree(root / "public")
    shutil.copytree(kept / "public", root / "public")
    for name in ("state/ledger.db", "vault/keys.db"):
        (root / name).unlink()
    anchor = (root / "anchor" / "checkpoint").read_bytes()
    with pytest.raises(VerificationError) as refused:
        restore_workspace(root, done.folder, now=LATER)
    assert refused.value.code == "ledger/unrepairable"
    assert not (root / "state" / "ledger.db").exists()
    assert not (root / "vault" / "keys.db").exists()
    assert (root / "anchor" / "checkpoint").read_bytes() == anchor


def test_what_was_put_back_and_not_brought_on_is_refused(
    root: Path, opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    done = backed_up(opened, backups)
    with opened() as workspace:
        erase_members(workspace, ["ada"])
    for name in ("state", "vault"):
        shutil.rmtree(root / name)

    real = repairing.repair_workspace

    def stop(*given: Any, **named: Any) -> object:
        if not named.get("rehearse"):
            raise KeyboardInterrupt
        return real(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "repair_workspace", stop)
        with pytest.raises(KeyboardInterrupt):
            restore_workspace(root, done.folder, now=LATER)
    with pytest.raises(ConflictError) as refused, open_workspace(root):
        pass
    assert refused.value.code == "store/copied"
    # The next step is named: there is nothing left to put back.
    with pytest.raises(ConflictError) as refused:
        restore_workspace(root, done.folder, now=LATER)
    assert refused.value.hint is not None
    assert "repair" in refused.value.hint


def test_who_is_interrupted_while_it_is_tried_has_put_nothing_back(
    root: Path, opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = backed_up(opened, backups)
    only_key(root)

    def stop(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "repair_workspace", stop)
        with pytest.raises(KeyboardInterrupt):
            restore_workspace(root, done.folder, now=LATER)
    assert set(content(root)) == {"keys/log.key"}
    restore_workspace(root, done.folder, now=LATER)
    assert problems(root) == []


def test_the_signing_key_must_be_there(root: Path, opened: Open, backups: Path) -> None:
    done = backed_up(opened, backups)
    shutil.rmtree(root)
    with pytest.raises(UnavailableError) as refused:
        restore_workspace(root, done.folder)
    assert refused.value.code == "workspace/key"
    assert not root.exists()


def change_part(folder: Path) -> None:
    path = folder / "log" / "ledger.db"
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lose_part(folder: Path) -> None:
    (folder / "vault" / "keys.db").unlink()


def lose_manifest(folder: Path) -> None:
    (folder / "log" / "manifest.json").unlink()


def spoil_manifest(folder: Path) -> None:
    (folder / "log" / "manifest.json").write_text('{"files": []}', encoding="ascii")


def lose_all(folder: Path) -> None:
    for part in folder.iterdir():
        shutil.rmtree(part)


@pytest.mark.parametrize(
    "change", [change_part, lose_part, lose_manifest, spoil_manifest, lose_all]
)
def test_a_backup_that_was_damaged_is_none(
    root: Path, opened: Open, backups: Path, change: Callable[[Path], None]
) -> None:
    done = backed_up(opened, backups)
    change(done.folder)
    only_key(root)
    with pytest.raises(InputError) as refused:
        restore_workspace(root, done.folder, now=LATER)
    assert refused.value.code == "workspace/backup"
    assert [path.name for path in root.iterdir()] == ["keys"]


def test_a_backup_of_another_log_is_refused(root: Path, opened: Open, backups: Path) -> None:
    done = backed_up(opened, backups)
    other = root.with_name("other")
    found_workspace(
        other, WorkspaceSettings(origin="example.org/simulated", clock="simulated"), now=BEGAN
    )
    (other / "state" / "ledger.db").unlink()
    with pytest.raises(ConflictError) as refused:
        restore_workspace(other, done.folder)
    assert refused.value.code == "store/other-log"


def test_a_journal_of_the_lost_database_is_not_played_into_the_restored(
    root: Path, opened: Open, backups: Path
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    done = backed_up(opened, backups)
    (root / "state" / "ledger.db").unlink()
    (root / "state" / "ledger.db-journal").write_bytes(
        b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 600
    )
    restore_workspace(root, done.folder, now=LATER)
    assert problems(root) == []


def test_a_whole_older_copy_beside_its_own_anchor_is_the_one_thing_not_seen(
    root: Path, opened: Open
) -> None:
    """An anchor that is put back with the rest protects from nothing: why it belongs on another disk."""
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada")
    names = [name for name, data in content(kept).items() if (root / name).exists() and data]
    put_back(root, kept, *names)
    for name in content(root):
        if name not in content(kept):
            (root / name).unlink()
    with open_workspace(root, now=LATER) as workspace:
        assert workspace.store.head().size == 1
