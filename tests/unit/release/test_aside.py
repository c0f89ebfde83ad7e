# SPDX-License-Identifier: Apache-2.0
"""The folder beside the output: whose it is, when it goes, and what becomes of it at the end."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from privity.errors import ConflictError, UnavailableError
from privity.release.aside import DATA, aside, remove_left


@contextmanager
def living(folder: Path) -> Iterator[None]:
    """Hold a folder as a clearing that runs does."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def left_by(name: str, folder: Path, *, of: str = "abc") -> Path:
    """Make what a killed clearing of that name leaves."""
    left = folder / f".{name}.clearing-{of}"
    (left / "work").mkdir(parents=True)
    (left / "work" / "words").write_bytes(b"12345678")
    return left


def fill(folder: Path) -> None:
    (folder / DATA).mkdir()
    (folder / DATA / "part").write_text("rows")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_aside_becomes_the_output(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with aside(out) as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith(".out.clearing-")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not out.exists()
        fill(folder)
    assert names(tmp_path) == ["out"]
    assert (out / DATA / "part").read_text() == "rows"


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), SystemExit(143), MemoryError()]
)
def test_whatever_stops_it_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def stop() -> None:
        with aside(tmp_path / "out") as folder:
            fill(folder)
            raise error

    with pytest.raises(type(error)):
        stop()
    assert not names(tmp_path)


def test_folders_made_for_the_output_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    out = tmp_path / "kept" / "deep" / "deeper" / "out"

    def stop() -> None:
        with aside(out):
            assert out.parent.is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert names(tmp_path / "kept") == []


def test_folders_that_somebody_else_uses_by_then_stay(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "deeper" / "out"

    def stop() -> None:
        with aside(out):
            (tmp_path / "deep" / "other").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert names(tmp_path / "deep") == ["other"]


# What others left


def test_what_a_killed_clearing_left_is_removed(tmp_path: Path) -> None:
    left_by("out", tmp_path)
    left_by("out", tmp_path, of="xyz")
    with aside(tmp_path / "out") as folder:
        assert names(tmp_path) == [folder.name]
        fill(folder)
    assert names(tmp_path) == ["out"]


def test_what_a_living_clearing_uses_is_left_alone(tmp_path: Path) -> None:
    left_by("out", tmp_path)
    used = left_by("out", tmp_path, of="xyz")
    with living(used), aside(tmp_path / "out") as folder:
        assert names(tmp_path) == sorted([folder.name, used.name])
        assert (used / "work" / "words").exists()
        fill(folder)
    assert names(tmp_path) == sorted(["out", used.name])


def test_two_clearings_of_one_name_do_not_touch_each_other(tmp_path: Path) -> None:
    """Both run; the one that ends first has the name, the other has a conflict."""
    out = tmp_path / "out"

    def second() -> None:
        with aside(out) as folder:
            fill(folder)
            with aside(out) as other:
                assert other != folder
                fill(other)
            assert folder.is_dir()

    with pytest.raises(ConflictError, match="the output exists"):
        second()
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("name", ["out", "o*", "[ou]ut", "?"])
def test_what_others_of_another_name_left_is_left_alone(tmp_path: Path, name: str) -> None:
    others = [left_by(other, tmp_path) for other in ("out2", "ou", "outt", "u", "uut")]
    left_by(name, tmp_path)
    with aside(tmp_path / name) as folder:
        fill(folder)
    assert names(tmp_path) == sorted([name, *(other.name for other in others)])


def test_what_cannot_be_opened_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".out.clearing-link").symlink_to("nowhere")
    with aside(tmp_path / "out") as folder:
        fill(folder)
    assert names(tmp_path) == [".out.clearing-link", "out"]


# The name


def test_a_name_that_is_taken_at_the_last_moment_is_a_conflict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        out.mkdir()
        (out / "mine").write_text("keep")
        return rename(self, target)

    def clear() -> None:
        with aside(out) as folder:
            fill(folder)
            monkeypatch.setattr(Path, "rename", late)

    with pytest.raises(ConflictError, match="the output exists"):
        clear()
    assert names(tmp_path) == ["out"]
    assert names(out) == ["mine"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(122, "Disk quota exceeded"),
        pa.ArrowInvalid("Error writing: No space left on device"),
    ],
    ids=["full", "quota", "Arrow"],
)
def test_a_full_disk_is_said_in_one_line(tmp_path: Path, error: Exception) -> None:
    def clear() -> None:
        with aside(tmp_path / "out"):
            raise error

    with pytest.raises(UnavailableError, match="the disk is full; nothing was left") as caught:
        clear()
    assert (caught.value.code, caught.value.exit_code) == ("clear/disk", 5)
    assert not names(tmp_path)


def test_other_errors_of_the_disk_are_said_as_they_are(tmp_path: Path) -> None:
    def clear() -> None:
        with aside(tmp_path / "out"):
            raise OSError(5, "Input/output\nerror")

    with pytest.raises(UnavailableError, match="Input/output error; nothing was left"):
        clear()


def test_errors_that_are_none_of_the_disk_stay_what_they_are(tmp_path: Path) -> None:
    def clear() -> None:
        with aside(tmp_path / "out"):
            raise pa.ArrowInvalid("a bug")

    with pytest.raises(pa.ArrowInvalid, match="a bug"):
        clear()
    assert not names(tmp_path)


@pytest.mark.parametrize("before", ["open", "flock"])
def test_a_folder_that_another_clearing_takes_for_one_that_was_left_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    module = fcntl if before == "flock" else os
    real, removed = getattr(module, before), list[str]()

    def meanwhile(*given: Any, **named: Any) -> Any:
        if not removed and (found := names(tmp_path)):
            removed.extend(found)
            remove_left(tmp_path, "out")
            assert names(tmp_path) == []
        return real(*given, **named)

    monkeypatch.setattr(module, before, meanwhile)
    with aside(tmp_path / "out") as folder:
        fill(folder)
    assert len(removed) == 1
    assert names(tmp_path) == ["out"]
