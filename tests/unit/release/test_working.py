# SPDX-License-Identifier: Apache-2.0
"""Working folders: their owner's alone, removed at the end, and by the next run where one was killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from privity.errors import UnavailableError
from privity.release.working import make_working_folder, working_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_it_lies_where_it_should_and_is_gone_at_the_end(place: Path) -> None:
    with working_folder() as folder:
        (folder / "records").write_text("of somebody")
        assert folder.parent == place
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(place.iterdir()) == []


def test_it_is_gone_when_what_is_done_in_it_fails(place: Path) -> None:
    with pytest.raises(KeyboardInterrupt), working_folder():
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_what_a_living_one_has_is_not(
    place: Path,
) -> None:
    """A process that is killed lets go of its lock, and of nothing else."""
    killed, living = make_working_folder(), make_working_folder()
    (killed.path / "records").write_text("of somebody")
    os.close(killed.lock)
    with working_folder():
        assert not killed.path.exists()
        assert living.path.exists()
    living.remove()
    assert list(place.iterdir()) == []


def test_what_others_have_there_stays(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Folders of other names, files, and links that lead elsewhere."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "mine").touch()
    (place / "privity-mine").mkdir()
    (place / "privity-working-file").touch()
    (place / "privity-working-link").symlink_to(elsewhere)
    with working_folder():
        pass
    assert {one.name for one in place.iterdir()} == {
        "privity-mine", "privity-working-file", "privity-working-link",
    }  # fmt: skip
    assert (elsewhere / "mine").exists()


def test_nothing_is_written_elsewhere_than_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `TMPDIR` that is not there may be an encrypted disk that is not mounted."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    with pytest.raises(UnavailableError) as caught:
        make_working_folder()
    assert caught.value.code == "run/working-folder"
    assert not (tmp_path / "missing").exists()
