# SPDX-License-Identifier: Apache-2.0
"""A public tree and an anchor in files that are whole or not there, also after a loss of power.

A file is written aside, forced to the disk, given its name, and its folder is forced to the disk (specs/ledger.md,
part 7). What has its name is never written to again. It needs a local disk that keeps the order of POSIX:
no network share, no folder that stands for an object store.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from privity.errors import ConflictError, InputError, UnavailableError
from privity.ledger.ports import NotFoundError

MEND: Final = "free space or mend the disk, and start again; what was acknowledged is not lost"
LET_WRITE: Final = "let this user write there, or use a copy on a disk that can be written: a workspace is written even to be read"
_HINTS: Final = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), LET_WRITE),
    **dict.fromkeys(
        (errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR),
        "what has that name, or a part of it, is none of the kind that is needed: name another place, or move it away",
    ),
    errno.ENOENT: "put it back from a backup, or make the folder that it goes into",
}
_READABLE: Final = 0o644
_ASIDE: Final = ".new-"
_AT_ONCE: Final = 8
"""Files forced to the disk at once: it takes them in by one commit of its journal."""


def unreachable(path: Path, error: OSError) -> UnavailableError:
    """Say that a file cannot be read or written, and why."""
    return UnavailableError(
        f"`{path}` cannot be read or written: {error.strerror}",
        code="store/disk",
        hint=_HINTS.get(error.errno or 0, MEND),
    )


class Folder:
    """A public tree in a folder: a `Reader`, and a `TileStore` for the process that holds the lock.

    Args:
        root: The folder; it is made at the first write.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tidied = False

    def read(self, path: str) -> bytes:
        """Give the bytes at a path.

        Raises:
            NotFoundError: There is nothing at the path.
            UnavailableError: The disk fails.
        """
        place = self._place(path)
        try:
            return place.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NotFoundError(
                f"there is no `{path}` in `{self._root}`", code="ledger/not-found"
            ) from error
        except OSError as error:
            raise unreachable(place, error) from error

    def write_new(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put bytes at paths for good; the same bytes may be there already.

        Raises:
            ConflictError: Other bytes are there (`ledger/other-bytes`); they stay.
            UnavailableError: The disk is full, or fails.
        """
        places = [(self._place(path), data) for path, data in files]
        try:
            self._tidy()
            for folder in {place.parent for place, _ in places}:
                make_folder(folder)
            # Whoever has a few files to force to the disk waits hardly longer than for one.
            with ThreadPoolExecutor(min(len(places), _AT_ONCE) or 1) as pool:
                for _ in pool.map(self._put, places):
                    pass
                for _ in pool.map(force_folder, {place.parent for place, _ in places}):
                    pass
        except OSError as error:
            raise unreachable(self._root, error) from error

    def _put(self, file: tuple[Path, bytes]) -> None:
        place, data = file
        if not place.exists():
            aside = _written_aside(self._root, data)
            try:
                # Unlike a rename, a link never takes the place of a file that came in between.
                with suppress(FileExistsError):
                    os.link(aside, place)
            finally:
                aside.unlink()
        if place.read_bytes() != data:
            raise ConflictError(
                f"`{place}` is there with other bytes, and what was published never changes",
                code="ledger/other-bytes",
                hint="run `privity ledger check DIR`, then `privity ledger repair DIR`",
            )

    def replace(self, path: str, data: bytes) -> None:
        """Put bytes in the place of what is there, whole and durably.

        Raises:
            UnavailableError: The disk is full, or fails.
        """
        place = self._place(path)
        try:
            self._tidy()
            make_folder(place.parent)
            _replace(place, data, aside=self._root)
        except OSError as error:
            raise unreachable(place, error) from error

    def remove_partial(self, path: str) -> None:
        """Remove the partial tiles of a tile that is there in full.

        Raises:
            UnavailableError: The disk fails.
        """
        place = self._place(path)
        partial = place.with_name(f"{place.name}.p")
        try:
            if place.exists() and partial.exists():
                for file in partial.iterdir():
                    file.unlink()
                partial.rmdir()
        except OSError as error:
            raise unreachable(partial, error) from error

    def objects(self) -> Iterator[tuple[str, bytes]]:
        """Give the public objects that are there, by the SHA-256 that they are named by."""
        folder = self._root / "object" / "sha256"
        try:
            names = sorted(place.name for place in folder.iterdir()) if folder.exists() else []
        except OSError as error:
            raise unreachable(folder, error) from error
        for name in names:
            yield name, self.read(f"object/sha256/{name}")

    def _place(self, path: str) -> Path:
        parts = path.split("/")
        if any(part in {"", ".", ".."} or "\0" in part for part in parts):
            raise InputError(f"`{path}` is no path in a public tree", code="store/path")
        return self._root.joinpath(*parts)

    def _tidy(self) -> None:
        """Before the first write, remove what processes that were killed had written aside."""
        if not self._tidied:
            make_folder(self._root)
            _remove_leftovers(self._root, _ASIDE)
            self._tidied = True


class NoteFile:
    """A note in a file: a `NoteStore`, for the anchor.

    Args:
        path: The file; its folder is made at the first write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        """Give the note, or None if there has been none.

        Raises:
            UnavailableError: It cannot be reached.
        """
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreachable(self._path, error) from error

    def swap(self, old: bytes | None, new: bytes) -> None:
        """Put a note in the place of the old one, whole and durably; two who do so take turns.

        Raises:
            ConflictError: Another note is there (`ledger/anchor-moved`).
            UnavailableError: The disk is full, or fails.
        """
        folder, name = self._path.parent, self._path.name
        try:
            make_folder(folder)
            with _turn(folder / f".{name}.lock"):
                if self.read() != old:
                    raise ConflictError(
                        f"`{self._path}` was written while this was being published",
                        code="ledger/anchor-moved",
                        hint="end whatever else publishes this log, a copy of it too",
                    )
                _remove_leftovers(folder, f".{name}{_ASIDE}")
                _replace(self._path, new, aside=folder, prefix=f".{name}")
        except OSError as error:
            raise unreachable(self._path, error) from error


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Wait for the lock of a file, and hold it."""
    opened = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _READABLE)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _replace(place: Path, data: bytes, *, aside: Path, prefix: str = "") -> None:
    written = _written_aside(aside, data, prefix)
    try:
        written.rename(place)
    except OSError:
        written.unlink()
        raise
    force_folder(place.parent)


def _written_aside(folder: Path, data: bytes, prefix: str = "") -> Path:
    """Write a file under a name that nobody asks for, and force it to the disk."""
    opened, name = tempfile.mkstemp(prefix=prefix + _ASIDE, dir=folder)
    try:
        with open(opened, "wb") as stream:  # noqa: PTH123 - it is a file descriptor
            stream.write(data)
            stream.flush()
            os.fchmod(opened, _READABLE)
            # INVARIANT: no name is given before this has succeeded. If it fails nobody tries again: the
            # system may since have forgotten what it did not write.
            os.fsync(opened)
    except OSError:
        Path(name).unlink()
        raise
    return Path(name)


def _remove_leftovers(folder: Path, prefix: str) -> None:
    """Remove what processes that were killed had written aside."""
    for file in folder.glob(f"{prefix}*"):
        file.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those that it lies in, durably."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        force_folder(folder.parent)


def force_folder(folder: Path) -> None:
    """Force what a folder lists to the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
