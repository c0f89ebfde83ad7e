# SPDX-License-Identifier: Apache-2.0
"""The members' keys: which member, which stream, which secret (specs/ledger.md, part 9; ADR 0022).

It is the only file that says whose a stream is, and the only one that opens what is sealed: who removes a row
has erased the member. Its backups are therefore kept for a short time. A key is committed here before the
first entry that uses it; a key that no entry uses does no harm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from privity.canonical.encode import encode
from privity.errors import ConflictError
from privity.store.opening import Kind, create, open_of_log
from privity.store.own_file import OwnFile

# A stream's number is never given again, not even when its member was erased.
_KEY: Final = """
CREATE TABLE key (
    stream INTEGER PRIMARY KEY AUTOINCREMENT,
    member TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT
"""

KIND: Final = Kind(name="database of keys", application=0x5052_564B, version=1, tables=(_KEY,))

_AT_ONCE: Final = 4096
_AT_ONCE_BARE: Final = 1 << 16
_ERASURES: Final = "erasures"
_KINDS: Final = (str, int, bytes)


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberKey:
    """What belongs to a member.

    Attributes:
        member: The member's id, as text.
        stream: The number of its stream, from 1.
        secret: The 32 random bytes that open it.
    """

    member: str
    stream: int
    secret: bytes = field(repr=False)


def create_keys(path: Path, *, origin: str) -> Keys:
    """Make the file of a new workspace.

    Args:
        path: The file.
        origin: The log whose streams the keys are of.

    Raises:
        ConflictError: There is something already (`store/exists`).
        UnavailableError: The disk is full or fails.
    """
    return Keys(create(path, KIND, about=[("origin", origin), (_ERASURES, "0")]))


def open_keys(path: Path, *, origin: str, adopt: bool = False, look: bool = False) -> Keys:
    """Open the file.

    Args:
        path: The file.
        origin: The log that it must be of.
        adopt: Let it be a copy of the file that was made, which from now on belongs here.
        look: Let it be a copy: nothing will be written to it.

    Raises:
        ConflictError: It is a copy (`store/copied`), or of another log (`store/other-log`).
        UnavailableError: It is not there, is something else, is damaged, or cannot be opened.
    """
    return Keys(open_of_log(path, KIND, origin=origin, adopt=adopt, look=look))


class Keys(OwnFile):
    """The keys of all members."""

    def get(self, member: str) -> MemberKey | None:
        """Give a member's key, or None: the member is unknown, or was erased."""
        row = self._database.one(
            "SELECT member, stream, secret FROM key WHERE member = ?", (member,), kinds=_KINDS
        )
        return None if row is None else _key(row)

    def of_stream(self, stream: int) -> MemberKey | None:
        """Give the key of a stream, or None: there is no such stream, or its member was erased."""
        row = self._database.one(
            "SELECT member, stream, secret FROM key WHERE stream = ?", (stream,), kinds=_KINDS
        )
        return None if row is None else _key(row)

    def of_streams(self, streams: Collection[int]) -> dict[int, MemberKey]:
        """Give the keys of many streams, by stream; those that have none are left out."""
        rows = self._database.all(
            "SELECT member, stream, secret FROM key"
            " WHERE stream IN (SELECT value FROM json_each(?))",
            (encode(sorted(streams)).decode(),),
            kinds=_KINDS,
        )
        return {row[1]: _key(row) for row in rows}

    def secrets(self, members: Collection[str]) -> dict[str, bytes]:
        """Give the secrets of many members; those who have none are left out."""
        rows = self._database.all(
            "SELECT member, secret FROM json_each(?) AS wanted JOIN key ON member = wanted.value",
            (encode(list(members)).decode(),),
            kinds=(str, bytes),
        )
        return dict(rows)

    def members(self) -> Iterator[list[tuple[int, str]]]:
        """Give all streams, each with its member's name, some at a time, without the keys."""
        newest = 0
        while rows := self._database.all(
            "SELECT stream, member FROM key WHERE stream > ? ORDER BY stream LIMIT ?",
            (newest, _AT_ONCE_BARE),
            kinds=(int, str),
        ):
            newest = rows[-1][0]
            yield rows

    def streams_of(self, members: Collection[str]) -> list[tuple[int, str]]:
        """Give the streams of some, each with its member's name, without the keys; those that have none are left out."""
        return self._database.all(
            "SELECT stream, member FROM key WHERE member IN (SELECT value FROM json_each(?))"
            " ORDER BY stream",
            (encode(sorted(members)).decode(),),
            kinds=(int, str),
        )

    def has_any(self, first: str, end: str) -> bool:
        """Tell whether the name of any member lies between two texts, the second not included."""
        row = self._database.one(
            "SELECT EXISTS (SELECT 1 FROM key WHERE member >= ? AND member < ?)",
            (first, end),
            kinds=[int],
        )
        return bool(row[0])

    def all(self) -> Iterator[MemberKey]:
        """Give all keys, in the order of their streams."""
        newest = 0
        while rows := self._database.all(
            "SELECT member, stream, secret FROM key WHERE stream > ? ORDER BY stream LIMIT ?",
            (newest, _AT_ONCE),
            kinds=_KINDS,
        ):
            yield from map(_key, rows)
            newest = rows[-1][1]

    def add(self, secrets: Iterable[tuple[str, bytes]]) -> None:
        """Keep the keys of new members, durably: all of them or none.

        Args:
            secrets: Members, and 32 random bytes for each.

        Raises:
            ConflictError: One of them has a key already (`store/key-there`).
        """
        try:
            with self._database.transaction():
                self._database.run_many(
                    "INSERT INTO key (member, secret) VALUES (?, ?)", secrets
                )
        except sqlite3.IntegrityError as error:
            raise ConflictError(
                "a member has a key already, or a key is not of 32 bytes",
                code="store/key-there",
                hint="ask for the key first, and make one only where there is none",
            ) from error

    @property
    def last_stream(self) -> int:
        """The largest number that a stream was ever given, 0 where there was none."""
        row = self._database.one(
            "SELECT seq FROM sqlite_sequence WHERE name = 'key'", kinds=[int]
        )
        return 0 if row is None else int(row[0])

    @property
    def erasures(self) -> int:
        """How many times keys were removed: an older copy knows of fewer."""
        return self._database.count_about(_ERASURES)

    def begin_after(self, stream: int) -> None:
        """Give no stream a number up to this one, durably: some key that was lost may have had it."""
        if stream > self.last_stream:
            with self._database.transaction():
                self._database.run("DELETE FROM sqlite_sequence WHERE name = 'key'")
                self._database.run(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES ('key', ?)", (stream,)
                )

    def erase(self, members: Collection[str], *, erasures: int) -> int:
        """Remove the keys of members for good, and give how many there were.

        The file is written anew: nothing of them is left in it or in its journal, also not of those whom a
        call that was cut short removed before.

        Args:
            members: Whose.
            erasures: The number of this erasure; it never becomes less.
        """
        with self._database.transaction():
            before = self._count()
            self._database.run_many(
                "DELETE FROM key WHERE member = ?", [(member,) for member in members]
            )
            removed = before - self._count()
            self._database.put_about(_ERASURES, str(max(erasures, self.erasures)))
        # Overwritten already, but for copies that a page may keep from when its rows were moved.
        self._database.run("VACUUM")
        self._database.truncate_journal()
        return removed

    def _count(self) -> int:
        (count,) = self._database.one("SELECT count(*) FROM key", kinds=[int])
        return int(count)


def _key(row: tuple[str, int, bytes]) -> MemberKey:
    member, stream, secret = row
    return MemberKey(member=member, stream=stream, secret=secret)
