# SPDX-License-Identifier: Apache-2.0
"""A private file is its owner's alone, whole or not there, and what is destroyed is written over."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from privity.errors import UnavailableError
from privity.store.private import destroy, make_private_folder, put_private, read_private


def test_a_file_is_its_owners_alone_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"a longer text than the next one")
    path.chmod(0o644)
    put_private(path, b"secret")
    assert path.read_bytes() == b"secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_what_a_killed_process_wrote_aside_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".key.new").write_bytes(b"half of another secret")
    put_private(tmp_path / "key", b"secret")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"secret"]


def test_what_was_there_stays_where_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    put_private(path, b"old")

    def full(_file: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError) as refused:
        put_private(path, b"new")
    assert refused.value.code == "store/disk"
    assert path.read_bytes() == b"old"


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    for _ in range(2):
        make_private_folder(tmp_path / "keys")
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    with pytest.raises(UnavailableError):
        make_private_folder(tmp_path / "missing" / "keys")


def test_a_destroyed_file_is_written_over_before_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    put_private(path, b"secret")
    seen: list[bytes] = []
    unlink = Path.unlink

    def look(self: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - as pathlib has it
        seen.append(self.read_bytes())
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", look)
    destroy(path)
    assert seen == [bytes(6)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("after", [None, b"another secret"])
def test_nobody_reads_what_a_file_is_written_over_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bytes | None
) -> None:
    """Another process destroys it, and may put another in its place, while it is open."""
    path = tmp_path / "key"
    put_private(path, b"secret")
    fstat = os.fstat
    opened: list[int] = []

    def meanwhile(file: int) -> os.stat_result:
        if not opened:
            opened.append(file)
            destroy(path)
            if after is not None:
                put_private(path, after)
        return fstat(file)

    monkeypatch.setattr(os, "fstat", meanwhile)
    read = read_private(path)
    assert opened
    assert (None if read is None else read[0]) == after


def test_a_private_file_is_read_with_what_the_system_says_of_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert read_private(path) is None
    put_private(path, b"secret")
    read = read_private(path)
    assert read is not None
    assert (read[0], stat.S_IMODE(read[1].st_mode)) == (b"secret", 0o600)
    with pytest.raises(IsADirectoryError):
        read_private(tmp_path)


def test_a_file_that_was_half_destroyed_goes(tmp_path: Path) -> None:
    (tmp_path / ".key.gone").write_bytes(b"secret")
    destroy(tmp_path / "key")
    assert list(tmp_path.iterdir()) == []
    destroy(tmp_path / "key")
