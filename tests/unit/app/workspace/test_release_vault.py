# SPDX-License-Identifier: Apache-2.0
"""What is private of releases: in the part of a backup that is kept for 30 days, and put back whole or not at all."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, SETTINGS, Open
from tests.unit.app.workspace.test_backing_up import only_key
from tests.unit.app.workspace.worlds import content, problems, put

from privity.app.releases.taking_back.outbox import Outbox, Waiting
from privity.app.workspace import release_vault
from privity.app.workspace.backing_up import KEPT, BackedUp, back_up, expire_backups
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.repairing import repair_workspace
from privity.app.workspace.restoring import restorable, restore_workspace
from privity.errors import ConflictError
from privity.store.private import destroy, put_private
from privity.store.releases import HeldRow, IndexedRelease, open_releases


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def put_vault(root: Path, *names: str) -> None:
    """Put what looks like the private part of releases, and the key."""
    places = Places(root)
    places.release_signer.write_bytes(b"secret of releases")
    places.release_signer.chmod(0o600)
    put_private(places.former_release_signer("ab" * 32), b"former secret of releases")
    Outbox(places).set_address("lab", "https://lab.example/in?secret=yes")
    Outbox(places).put_waiting("msg_1", Waiting(attempts=2, next_at=NOW))
    for name in names:
        for path in (f"{name}/part-000000.parquet", f"{name}/clearing/summary.csv"):
            place = places.release_vault / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.encode())
    (places.release_vault / names[0] / ".part-000001.parquet.new").write_bytes(b"half")
    index = open_releases(places.release_index, origin=SETTINGS.origin)
    for name in names:
        release = IndexedRelease(name=name, salt=bytes(32), revision=1, files=())
        index.add(release, [HeldRow(member="tada", tag=bytes(32), places=bytes(4))])
    index.close()


def backed_up(opened: Open, backups: Path, now: int = NOW) -> BackedUp:
    with opened(now) as workspace:
        put(workspace, "ada")
        return back_up(workspace, backups, tree=True)


def test_it_goes_into_the_part_that_is_kept_for_a_short_time(
    root: Path, opened: Open, backups: Path
) -> None:
    put_vault(root, "a", "b")
    done = backed_up(opened, backups)
    assert done.releases == 2
    vault = done.folder / "vault"
    assert sorted(path for path in content(vault) if "release" in path) == [
        f"release-{'ab' * 32}.key",
        "release.key",
        "releases.db",
        "releases/a/clearing/summary.csv",
        "releases/a/part-000000.parquet",
        "releases/b/clearing/summary.csv",
        "releases/b/part-000000.parquet",
    ]
    assert {"outbox.json", "webhooks.json"} < {*content(vault)}
    assert not any("secret" in str(one) for one in content(done.folder / "log").values())
    for path in vault.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_key_is_written_over_when_it_has_been_kept_for_long_enough(
    root: Path, opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_vault(root, "a")
    done = backed_up(opened, backups)
    gone: list[str] = []

    def note(path: Path) -> None:
        gone.append(path.name)
        destroy(path)

    monkeypatch.setattr("privity.app.workspace.backing_up.destroy", note)
    assert expire_backups(backups, now=NOW + KEPT + 1) == (done.folder / "vault",)
    assert sorted(gone) == [
        "keys.db",
        f"release-{'ab' * 32}.key",
        "release.key",
        "releases.db",
        "webhooks.json",
    ]
    assert not (done.folder / "vault").exists()


def test_what_is_lost_is_put_back(root: Path, opened: Open, backups: Path) -> None:
    put_vault(root, "a", "b")
    before = content(root / "vault" / "releases")
    done = backed_up(opened, backups)
    only_key(root)
    places = Places(root)
    former = places.former_release_signer("ab" * 32)
    for path in (places.release_signer, former, places.webhooks, places.outbox):
        path.unlink(missing_ok=True)
    restored = restore_workspace(root, done.folder, now=LATER)
    assert Places(root).release_index in restored.copies
    index = open_releases(Places(root).release_index, origin=SETTINGS.origin)
    assert sorted(index.of_member("tada")) == ["a", "b"]
    index.close()
    after = content(root / "vault" / "releases")
    assert after == {path: data for path, data in before.items() if "/." not in path}
    assert (root / "keys" / "release.key").read_bytes() == b"secret of releases"
    assert stat.S_IMODE((root / "keys" / "release.key").stat().st_mode) == 0o600
    assert former.read_bytes() == b"former secret of releases"
    outbox = Outbox(places)
    assert outbox.addresses() == {"lab": "https://lab.example/in?secret=yes"}
    assert outbox.waiting() == {"msg_1": Waiting(attempts=2, next_at=NOW)}
    for path in (former, places.webhooks, places.outbox):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert problems(root) == []
    with open_workspace(root, now=LATER) as workspace:
        put(workspace, "bob")


def test_a_file_that_was_taken_back_does_not_come_back(
    root: Path, opened: Open, backups: Path
) -> None:
    """Of a release whose folder is there, nothing is put back: what it lacks may have been taken out of it."""
    put_vault(root, "a", "b")
    done = backed_up(opened, backups)
    places = Places(root)
    (places.release_vault / "a" / "part-000000.parquet").unlink()
    shutil.rmtree(places.release_vault / "b")
    found = [place for place, _ in restorable(root, done.folder).files]
    assert found == [
        places.release_vault / "b" / "clearing" / "summary.csv",
        places.release_vault / "b" / "part-000000.parquet",
    ]


def test_a_copied_index_is_taken_for_the_first_by_a_repair_alone(
    root: Path, opened: Open, backups: Path
) -> None:
    put_vault(root, "a")
    done = backed_up(opened, backups)
    place = Places(root).release_index
    place.rename(place.with_name("first.db"))
    shutil.copy(done.folder / "vault" / "releases.db", place)
    with pytest.raises(ConflictError) as refused:
        open_releases(place, origin=SETTINGS.origin)
    assert refused.value.code == "store/copied"
    assert repair_workspace(root, rehearse=True).copies == (place,)
    with pytest.raises(ConflictError):
        open_releases(place, origin=SETTINGS.origin)
    assert repair_workspace(root).copies == (place,)
    open_releases(place, origin=SETTINGS.origin).close()
    assert repair_workspace(root).nothing


def test_what_comes_and_goes_meanwhile_is_copied_as_it_is_in_the_end(
    root: Path, opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A taking back rewrites a file while it is copied: the copy has the new one, and not the old one."""
    put_vault(root, "a")
    folder = Places(root).release_vault / "a"
    real, turns = release_vault._copy, iter(range(3))

    def copy(source: Path, target: Path, path: Path) -> None:
        real(source, target, path)
        turn = next(turns, None)
        if turn is not None:
            (folder / f"part-{turn}.parquet").write_bytes(b"new")
            (folder / f"part-{turn - 1}.parquet").unlink(missing_ok=True)

    monkeypatch.setattr(release_vault, "_copy", copy)
    done = backed_up(opened, backups)
    assert sorted(path.name for path in (done.folder / "vault" / "releases" / "a").iterdir()) == [
        "clearing", "part-000000.parquet", "part-2.parquet",
    ]  # fmt: skip


def test_what_never_stands_still_is_no_backup(
    root: Path, opened: Open, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_vault(root, "a")
    folder = Places(root).release_vault / "a"
    real, turns = release_vault._copy, iter(range(1000))

    def copy(source: Path, target: Path, path: Path) -> None:
        real(source, target, path)
        (folder / f"part-{next(turns)}.parquet").write_bytes(b"new")

    monkeypatch.setattr(release_vault, "_copy", copy)
    with pytest.raises(ConflictError) as refused:
        backed_up(opened, backups)
    assert refused.value.code == "workspace/releases-moved"
    assert [path.name[0] for path in backups.iterdir()] == ["."]


def test_the_journals_of_runs_are_kept_and_put_back(
    root: Path, opened: Open, backups: Path
) -> None:
    put_vault(root, "a")
    journal = Places(root).run_journals / "r1.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(b"lines")
    done = backed_up(opened, backups)
    assert (done.folder / "vault" / "runs" / "r1.jsonl").read_bytes() == b"lines"
    shutil.rmtree(journal.parent)
    restore_workspace(root, done.folder, now=LATER)
    assert journal.read_bytes() == b"lines"
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700
