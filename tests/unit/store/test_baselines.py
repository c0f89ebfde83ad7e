# SPDX-License-Identifier: Apache-2.0
"""Files of facts are kept whole, each with the one secret of its commitment, or not at all."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from privity.errors import ConflictError, InputError, UnavailableError
from privity.store import baselines, private
from privity.store.baselines import keeping, kept_files, read_kept, remove_kept, remove_left

ONE, OTHER = bytes(32), bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault" / "baseline"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    path = tmp_path / "facts.parquet"
    path.write_bytes(b"facts" * 1000)
    return path


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name != ".lock")


def test_a_file_is_kept_under_its_hash_with_its_secret(folder: Path, source: Path) -> None:
    with keeping(folder, source, opening=ONE) as kept:
        assert kept.path.read_bytes() == source.read_bytes()
        assert names(folder) == [kept.path.name]
    digest = sha256(source.read_bytes()).hexdigest()
    assert names(folder) == [f"{digest}.opening", f"{digest}.parquet"]
    [found] = kept_files(folder)
    assert (found.sha256, found.size, found.opening) == (digest, 5000, ONE)
    assert ONE.hex() not in repr(found)
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_is_kept_keeps_its_first_secret(folder: Path, source: Path) -> None:
    for opening in (ONE, OTHER):
        with keeping(folder, source, opening=opening) as kept:
            assert kept.opening == ONE
    [found] = kept_files(folder)
    assert found.opening == ONE


def test_what_is_refused_is_not_kept(folder: Path, source: Path) -> None:
    with pytest.raises(KeyboardInterrupt), keeping(folder, source, opening=ONE):
        raise KeyboardInterrupt
    assert names(folder) == []


def test_what_a_killed_process_left_is_taken_over(folder: Path, source: Path) -> None:
    folder.mkdir()
    digest = sha256(source.read_bytes()).hexdigest()
    (folder / ".new.parquet").write_bytes(b"half a fi")
    (folder / f"{digest}.opening").write_bytes(OTHER)  # its file never came
    assert read_kept(folder, digest) is None
    with keeping(folder, source, opening=ONE):
        pass
    [found] = kept_files(folder)
    assert found.opening == ONE
    assert names(folder) == [f"{digest}.opening", f"{digest}.parquet"]


def test_a_source_that_cannot_be_read_is_said(folder: Path, source: Path) -> None:
    source.unlink()
    with (
        pytest.raises(InputError, match="cannot read the facts: No such file"),
        keeping(folder, source, opening=ONE),
    ):
        pass
    assert names(folder) == []


def test_a_file_without_its_secret_is_no_kept_one(folder: Path, source: Path) -> None:
    with keeping(folder, source, opening=ONE) as kept:
        pass
    (folder / f"{kept.sha256}.opening").unlink()
    with pytest.raises(UnavailableError, match="cannot be read or written"):
        list(kept_files(folder))


def test_a_file_that_is_removed_while_it_is_read_is_no_kept_one(
    folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with keeping(folder, source, opening=ONE) as kept:
        pass
    read = private.read_private

    def meanwhile(path: Path) -> tuple[bytes, os.stat_result] | None:
        remove_kept(folder, kept.sha256)
        return read(path)

    monkeypatch.setattr(baselines, "read_private", meanwhile)
    assert read_kept(folder, kept.sha256) is None


def test_who_looks_over_a_file_keeps_nobody_waiting(folder: Path, source: Path) -> None:
    """To look over a large file takes minutes; an erasure that met it would end in the middle."""
    other = source.with_name("other.parquet")
    other.write_bytes(b"other facts")
    with keeping(folder, other, opening=OTHER) as before:
        pass
    with keeping(folder, source, opening=ONE) as kept:
        remove_kept(folder, before.sha256)
        remove_left(folder)
        with keeping(folder, other, opening=OTHER):
            pass
    assert {one.sha256 for one in kept_files(folder)} == {kept.sha256, before.sha256}
    assert {one.suffix for one in folder.iterdir() if one.name != ".lock"} == {
        ".parquet",
        ".opening",
    }


def test_of_two_who_keep_a_file_at_once_one_is_refused(folder: Path, source: Path) -> None:
    """Each has committed to it with a secret of its own by then, and one alone can be kept."""
    with (
        pytest.raises(ConflictError) as refused,
        keeping(folder, source, opening=ONE),
        keeping(folder, source, opening=OTHER),
    ):
        pass
    assert refused.value.code == "store/kept-meanwhile"
    [found] = kept_files(folder)
    assert found.opening == OTHER
    assert len(names(folder)) == 2


def test_what_killed_processes_left_is_removed(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in (".new-abc.parquet", ".new.parquet", ".without.parquet"):
        (folder / name).write_bytes(b"half a fi")
    remove_left(folder)
    assert names(folder) == []


def test_a_removed_file_takes_its_secret_with_it(folder: Path, source: Path) -> None:
    with keeping(folder, source, opening=ONE) as kept:
        pass
    remove_kept(folder, kept.sha256)
    assert names(folder) == []
    assert list(kept_files(folder)) == []
