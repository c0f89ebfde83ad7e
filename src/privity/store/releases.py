# SPDX-License-Identifier: Apache-2.0
"""Whose records are in which release: a private index in the vault (specs/release.md, [REL-33]).

It finds a member's records in all releases without reading any, and says which files have to be written anew when some
are taken back. Rows are counted through the files of a release as it was made, from 0; that number is a record's place,
and stays its own when files are written anew. What is removed is written over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privity.canonical.encode import encode
from privity.errors import ConflictError
from privity.store.opening import Kind, create, open_of_log
from privity.store.own_file import OwnFile

_RELEASE: Final = """
CREATE TABLE release (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    revision INTEGER NOT NULL
) STRICT
"""
_FILE: Final = """
CREATE TABLE file (
    release INTEGER NOT NULL REFERENCES release,
    number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    name TEXT,
    gone BLOB NOT NULL,
    PRIMARY KEY (release, number)
) STRICT, WITHOUT ROWID
"""
# By member first: what one member has in all releases lies together.
_HELD: Final = """
CREATE TABLE held (
    member TEXT NOT NULL,
    release INTEGER NOT NULL REFERENCES release,
    tag BLOB NOT NULL CHECK (length(tag) = 32),
    places BLOB NOT NULL,
    PRIMARY KEY (member, release)
) STRICT, WITHOUT ROWID
"""

KIND: Final = Kind(
    name="index of releases",
    application=0x5052_5652,
    version=1,
    tables=(_RELEASE, _FILE, _HELD),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedFile:
    """A file of a release, as it was made and as it is.

    Attributes:
        first: The place of its first row.
        rows: How many rows it was made with.
        name: Its name now; None where nothing is left of it.
        gone: The places that were taken out of it, each as 4 bytes, the lowest first, ascending.
    """

    first: int
    rows: int
    name: str | None
    gone: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedRelease:
    """A release.

    Attributes:
        name: Its name.
        salt: Its secret.
        revision: Which revision the index is of.
        files: Its files, in the order of their places.
    """

    name: str
    salt: bytes = field(repr=False)
    revision: int
    files: tuple[IndexedFile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRow:
    """What a member has in a release.

    Attributes:
        member: The member's name among the keys.
        tag: Her tag there, 32 bytes.
        places: Of her records: each as 4 bytes, the lowest first, ascending.
    """

    member: str
    tag: bytes
    places: bytes = field(repr=False)


def open_releases(
    path: Path, *, origin: str, adopt: bool = False, look: bool = False
) -> Releases:
    """Open the index of a workspace; where there is none yet, it is made.

    Args:
        path: The file.
        origin: The log that it must be of.
        adopt: Let it be a copy of the file that was made, which from now on belongs here.
        look: Let it be a copy: nothing will be written to it.

    Raises:
        ConflictError: It is a copy (`store/copied`), or of another log (`store/other-log`).
        UnavailableError: It is something else, is damaged, or cannot be opened.
    """
    if not path.exists() or not path.stat().st_size:
        try:
            return Releases(create(path, KIND, about=[("origin", origin)]))
        except ConflictError as error:
            # Another process came first.
            if error.code != "store/exists":
                raise
    return Releases(open_of_log(path, KIND, origin=origin, adopt=adopt, look=look))


class Releases(OwnFile):
    """The index of all releases."""

    def names(self) -> list[str]:
        """Give the names of all releases that are in it."""
        rows = self._database.all("SELECT name FROM release ORDER BY name", kinds=[str])
        return [name for (name,) in rows]

    def get(self, name: str) -> IndexedRelease | None:
        """Give a release, or None where it is not in the index."""
        row = self._database.one(
            "SELECT number, salt, revision FROM release WHERE name = ?",
            (name,),
            kinds=(int, bytes, int),
        )
        if row is None:
            return None
        number, salt, revision = row
        files = self._database.all(
            "SELECT first, rows, name, gone FROM file WHERE release = ? ORDER BY number",
            (number,),
            kinds=(int, int, (str, type(None)), bytes),
        )
        return IndexedRelease(
            name=name,
            salt=salt,
            revision=revision,
            files=tuple(
                IndexedFile(first=first, rows=rows, name=now, gone=gone)
                for first, rows, now, gone in files
            ),
        )

    def of_member(self, member: str) -> dict[str, HeldRow]:
        """Give what a member has in all releases, by the release's name.

        Args:
            member: The member's name among the keys.
        """
        rows = self._database.all(
            "SELECT name, tag, places FROM held JOIN release ON number = release"
            " WHERE member = ? ORDER BY release",
            (member,),
            kinds=(str, bytes, bytes),
        )
        return {
            name: HeldRow(member=member, tag=tag, places=places) for name, tag, places in rows
        }

    def held(self, name: str, members: Collection[str]) -> dict[str, HeldRow]:
        """Give what some members have in a release; those who have nothing are left out."""
        rows = self._database.all(
            "SELECT member, tag, places FROM json_each(?) AS wanted"
            " JOIN held ON member = wanted.value"
            " WHERE release = (SELECT number FROM release WHERE name = ?)",
            (encode(sorted(members)).decode(), name),
            kinds=(str, bytes, bytes),
        )
        return {
            member: HeldRow(member=member, tag=tag, places=places)
            for member, tag, places in rows
        }

    def add(self, release: IndexedRelease, held: Iterable[HeldRow]) -> None:
        """Keep a release that is made, durably, in place of what there is of that name; all of it or nothing.

        Args:
            release: The release.
            held: What each member has in it; fastest in the order of members.
        """
        with self._database.transaction():
            self._remove(release.name)
            self._database.run(
                "INSERT INTO release (name, salt, revision) VALUES (?, ?, ?)",
                (release.name, release.salt, release.revision),
            )
            number = self._number(release.name)
            self._put_files(number, release.files)
            self._database.run_many(
                "INSERT INTO held (member, release, tag, places) VALUES (?, ?, ?, ?)",
                ((one.member, number, one.tag, one.places) for one in held),
            )

    def revise(
        self, name: str, revision: int, files: Sequence[IndexedFile], held: Iterable[HeldRow]
    ) -> None:
        """Keep that a release has become less, durably; said again it changes nothing.

        Args:
            name: The release's name.
            revision: Its new revision.
            files: All its files.
            held: What the members concerned have now; nothing is left of those without a place.

        Raises:
            ConflictError: There is no such release in the index (`store/no-release`).
        """
        with self._database.transaction():
            number = self._number(name)
            self._database.run(
                "UPDATE release SET revision = ? WHERE number = ?", (revision, number)
            )
            self._put_files(number, files)
            for one in held:
                if one.places:
                    self._database.run(
                        "UPDATE held SET places = ? WHERE member = ? AND release = ?",
                        (one.places, one.member, number),
                    )
                else:
                    self._database.run(
                        "DELETE FROM held WHERE member = ? AND release = ?",
                        (one.member, number),
                    )
        self._database.truncate_journal()

    def remove(self, name: str) -> None:
        """Remove a release that was never made, or whose records are gone; it may be gone already."""
        with self._database.transaction():
            self._remove(name)
        self._database.truncate_journal()

    def erase(self, members: Collection[str]) -> int:
        """Remove all that is known of members, for good, and give in how many releases they were.

        The file is written anew: nothing of them is left in it or in its journal.
        """
        with self._database.transaction():
            before = self._count()
            self._database.run_many(
                "DELETE FROM held WHERE member = ?", [(member,) for member in members]
            )
            removed = before - self._count()
        self.rewrite()
        return removed

    def rewrite(self) -> None:
        """Write the file anew: nothing of what was removed is left in it or in its journal.

        Overwritten it is already, but for copies that a page may keep from when its rows were moved.
        """
        self._database.run("VACUUM")
        self._database.truncate_journal()

    def _remove(self, name: str) -> None:
        row = self._database.one(
            "SELECT number FROM release WHERE name = ?", (name,), kinds=[int]
        )
        if row is not None:
            for statement in (
                "DELETE FROM held WHERE release = ?",
                "DELETE FROM file WHERE release = ?",
                "DELETE FROM release WHERE number = ?",
            ):
                self._database.run(statement, row)

    def _put_files(self, number: int, files: Sequence[IndexedFile]) -> None:
        self._database.run("DELETE FROM file WHERE release = ?", (number,))
        self._database.run_many(
            "INSERT INTO file (release, number, first, rows, name, gone) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (number, place, one.first, one.rows, one.name, one.gone)
                for place, one in enumerate(files)
            ],
        )

    def _number(self, name: str) -> int:
        row = self._database.one(
            "SELECT number FROM release WHERE name = ?", (name,), kinds=[int]
        )
        if row is None:
            raise ConflictError(
                f"the index has no release `{name}`",
                code="store/no-release",
                hint="make the index again from the release",
            )
        return int(row[0])

    def _count(self) -> int:
        (count,) = self._database.one("SELECT count(*) FROM held", kinds=[int])
        return int(count)
