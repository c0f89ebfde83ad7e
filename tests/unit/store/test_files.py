# SPDX-License-Identifier: Apache-2.0
"""A file of the public tree is whole or not there, and never becomes another one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from privity.errors import ConflictError, InputError, UnavailableError
from privity.ledger.ports import NotFoundError
from privity.store.files import Folder, NoteFile, unreachable


def listed(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    tree = Folder(tmp_path / "public")
    tree.write_new([("tile/0/000.p/1", b"one"), ("tile/entries/000.p/1", b"two")])
    tree.write_new([("tile/0/000.p/1", b"one"), ("tile/0/x001/000", b"three")])
    tree.write_new([])
    assert tree.read("tile/0/000.p/1") == b"one"
    assert listed(tmp_path / "public") == [
        "tile/0/000.p/1",
        "tile/0/x001/000",
        "tile/entries/000.p/1",
    ]


def test_anybody_may_read_them(tmp_path: Path) -> None:
    Folder(tmp_path).write_new([("tile/0/000", b"one")])
    assert (tmp_path / "tile/0/000").stat().st_mode & 0o777 == 0o644


def test_other_bytes_are_never_written_over(tmp_path: Path) -> None:
    """[LED-64] Not even by who may write there."""
    tree = Folder(tmp_path)
    tree.write_new([("tile/0/000", b"one")])
    with pytest.raises(ConflictError) as refused:
        tree.write_new([("tile/0/001", b"new"), ("tile/0/000", b"two")])
    assert refused.value.code == "ledger/other-bytes"
    assert tree.read("tile/0/000") == b"one"
    assert not [name for name in listed(tmp_path) if ".new-" in name]


def test_a_file_that_came_in_between_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another publisher put the same name after this one had looked."""
    tree = Folder(tmp_path)
    whole = os.link

    def late(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"theirs")
        whole(source, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(ConflictError):
        tree.write_new([("tile/0/000", b"mine")])
    assert tree.read("tile/0/000") == b"theirs"


def test_what_is_replaced_is_replaced_whole(tmp_path: Path) -> None:
    tree = Folder(tmp_path)
    tree.replace("checkpoint", b"old")
    with (tmp_path / "checkpoint").open("rb") as held:
        tree.replace("checkpoint", b"new")
        # Who has the old one open reads it to its end.
        assert held.read() == b"old"
    assert tree.read("checkpoint") == b"new"
    assert listed(tmp_path) == ["checkpoint"]


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    tree = Folder(tmp_path)
    tree.write_new([("tile/0/000.p/1", b"one")])
    for path in ("checkpoint", "tile/0/000", "tile/0", "tile/0/000.p/1/2"):
        with pytest.raises(NotFoundError) as refused:
            tree.read(path)
        assert refused.value.code == "ledger/not-found"


@pytest.mark.parametrize("path", ["", "../x", "/etc/passwd", "a//b", "a/./b", "a/\0b"])
def test_a_path_leads_nowhere_else(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError) as refused:
        Folder(tmp_path).read(path)
    assert refused.value.code == "store/path"


def test_partial_tiles_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    tree = Folder(tmp_path)
    tree.write_new([("tile/0/000.p/1", b"a"), ("tile/0/000.p/2", b"ab")])
    tree.remove_partial("tile/0/000")
    assert len(listed(tmp_path)) == 2
    tree.write_new([("tile/0/000", b"abc")])
    tree.remove_partial("tile/0/000")
    tree.remove_partial("tile/0/000")
    assert listed(tmp_path) == ["tile/0/000"]
    assert not (tmp_path / "tile/0/000.p").exists()


def test_what_a_killed_process_had_begun_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".new-abc").write_bytes(b"half")
    (tmp_path / "kept").write_bytes(b"not ours")
    Folder(tmp_path).write_new([("tile/0/000", b"one")])
    assert listed(tmp_path) == ["kept", "tile/0/000"]


def test_objects_are_listed_by_their_hash(tmp_path: Path) -> None:
    tree = Folder(tmp_path)
    assert list(tree.objects()) == []
    tree.write_new([("object/sha256/bb", b"two"), ("object/sha256/aa", b"one")])
    assert list(tree.objects()) == [("aa", b"one"), ("bb", b"two")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError) as refused:
        Folder(tmp_path / "public").write_new([("tile/0/000", b"one")])
    tmp_path.chmod(0o700)
    assert refused.value.code == "store/disk"


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "public").write_bytes(b"a file")
    tree = Folder(tmp_path / "public")
    with pytest.raises(UnavailableError) as refused:
        tree.write_new([("tile/0/000", b"one")])
    assert refused.value.code == "store/disk"
    with pytest.raises(UnavailableError):
        tree.replace("checkpoint", b"one")


@pytest.mark.parametrize("failing", ["fsync", "fchmod"])
def test_what_was_not_forced_to_the_disk_gets_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    tree = Folder(tmp_path)
    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(UnavailableError) as refused:
        tree.write_new([("000", b"one")])
    assert refused.value.code == "store/disk"
    with pytest.raises(UnavailableError):
        tree.replace("checkpoint", b"one")
    assert listed(tmp_path) == []


def test_a_note_is_swapped_only_for_the_one_that_is_there(tmp_path: Path) -> None:
    anchor = NoteFile(tmp_path / "elsewhere" / "checkpoint")
    assert anchor.read() is None
    anchor.swap(None, b"first")
    anchor.swap(b"first", b"second")
    for old in (None, b"first"):
        with pytest.raises(ConflictError) as refused:
            anchor.swap(old, b"third")
        assert refused.value.code == "ledger/anchor-moved"
    assert anchor.read() == b"second"


def test_leftovers_beside_a_note_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".checkpoint.new-abc").write_bytes(b"half")
    (tmp_path / ".other.new-abc").write_bytes(b"of another note")
    NoteFile(tmp_path / "checkpoint").swap(None, b"first")
    assert listed(tmp_path) == [".checkpoint.lock", ".other.new-abc", "checkpoint"]


def test_a_note_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    anchor = NoteFile(tmp_path / "checkpoint")
    with pytest.raises(UnavailableError) as refused:
        anchor.read()
    assert refused.value.code == "store/disk"
    with pytest.raises(UnavailableError):
        anchor.swap(None, b"first")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EROFS, "let this user write there, or use a copy"),
        (errno.EACCES, "let this user write there, or use a copy"),
        (errno.ENOSPC, "free space or mend the disk"),
        (errno.EIO, "free space or mend the disk"),
        (errno.EEXIST, "what has that name, or a part of it, is none of the kind"),
        (errno.ELOOP, "what has that name, or a part of it, is none of the kind"),
        (errno.ENOENT, "put it back from a backup, or make the folder"),
    ],
)
def test_the_hint_is_about_what_the_system_said(number: int, hint: str) -> None:
    error = unreachable(Path("w"), OSError(number, os.strerror(number)))
    assert os.strerror(number) in error.message
    assert str(error.hint).startswith(hint)
