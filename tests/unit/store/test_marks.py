# SPDX-License-Identifier: Apache-2.0
"""A lock that marks work is of the file that has its name, whoever takes files away meanwhile."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from privity.errors import UnavailableError
from privity.store.marks import left, take, wait_and_take


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "summer.lock"


def test_one_at_a_time_has_it(path: Path) -> None:
    held = take(path)
    assert held is not None
    assert take(path) is None
    os.close(held)
    again = take(path)
    assert again is not None
    os.close(again)


def test_what_is_alive_is_not_left(path: Path) -> None:
    held = wait_and_take(path)
    assert list(left(path.parent)) == []
    os.close(held)
    assert list(left(path.parent)) == [path]


def test_what_is_looked_after_is_held(path: Path) -> None:
    path.touch()
    for one in left(path.parent):
        assert take(one) is None


def test_nothing_is_left_where_nothing_was(tmp_path: Path) -> None:
    assert list(left(tmp_path / "nowhere")) == []


def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        take(tmp_path / "nowhere" / "summer.lock")


def test_who_waited_for_a_file_that_went_takes_its_successor(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its mark would lie beside no lock, and nobody would look after it when it is killed."""
    opened, found = threading.Event(), list[int]()
    flock = fcntl.flock

    def told(lock: int, how: int) -> None:
        opened.set()
        flock(lock, how)

    held = wait_and_take(path)
    monkeypatch.setattr(fcntl, "flock", told)
    waits = threading.Thread(target=lambda: found.append(wait_and_take(path)))
    waits.start()
    assert opened.wait(30)
    path.unlink()
    os.close(held)
    waits.join(30)
    (taken,) = found
    assert os.fstat(taken).st_ino == path.stat().st_ino
    os.close(taken)


def test_who_took_a_file_that_went_is_told_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock

    def gone(lock: int, how: int) -> None:
        path.unlink()
        flock(lock, how)

    monkeypatch.setattr(fcntl, "flock", gone)
    assert take(path) is None
