# SPDX-License-Identifier: Apache-2.0
"""Say how a workspace is, for people and for monitoring (docs/workspace.md).

Nothing is changed, no lock is taken, and a copy is looked at too. What keeps the workspace from being written to is
told and not raised: a monitor asks because something may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privity.app.workspace.keyring import both_sign_until
from privity.app.workspace.opening import check_agreement
from privity.app.workspace.parts import Workspace, opened_parts
from privity.app.workspace.recording import MERGE_DELAY
from privity.canonical.instants import Instant, format_instant
from privity.entries.envelope import parse_event
from privity.errors import ConflictError, PrivityError, VerificationError
from privity.ledger.note import Note, verify
from privity.ledger.recover import opened, read_served

LATEST: Final = MERGE_DELAY
"""Seconds after which an entry that is not published is late."""

_OLDER: Final = frozenset({"ledger/rolled-back", "workspace/keys-older"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Covered:
    """What a checkpoint speaks for.

    Attributes:
        size: The number of entries.
        newest: The time of the newest of them, or None: there is none, or the database does not have it.
    """

    size: int
    newest: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How a workspace is.

    Attributes:
        root: Its folder.
        origin: The name of its log.
        simulated: Whether its clock is.
        now: What its clock says.
        size: How many entries the database has.
        newest: The time of the newest, or None in an empty log.
        published: What the public tree's checkpoint speaks for, or None: nothing is published.
        signed_by: The verifier keys that signed it, the newest first.
        both_until: Until when the key before signs besides; None where none does.
        anchor: Where the anchor is.
        anchored: What it speaks for, or None: it is not there, or no note of this log.
        same_disk: Whether the anchor is on the disk of the database: then whoever puts an older copy of that disk back
            puts back both.
        backlog: How many entries are not published.
        backlog_age: How old the oldest of them is, in seconds, or None: there is none.
        ending: How many erasures are not over.
        lost: How many entries have lost their private payloads, as far as is marked.
        trouble: What keeps the workspace from being written to, or None.
    """

    root: Path
    origin: str
    simulated: bool
    now: Instant
    size: int
    newest: Instant | None
    published: Covered | None
    signed_by: tuple[str, ...]
    both_until: Instant | None
    anchor: Path
    anchored: Covered | None
    same_disk: bool
    backlog: int
    backlog_age: int | None
    ending: int
    lost: int
    trouble: PrivityError | None

    @property
    def late(self) -> bool:
        """Whether something waits for too long to be published."""
        return self.backlog_age is not None and self.backlog_age > LATEST

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return self.trouble is None and not self.late

    def mapping(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "anchor": {
                "path": str(self.anchor),
                "same_disk": self.same_disk,
                **_covered(self.anchored, self.now),
            },
            "backlog": self.backlog,
            "backlog_seconds": self.backlog_age,
            "erasures_not_over": self.ending,
            "independently_witnessed": False,
            "late": self.late,
            "newest_at": _text(self.newest),
            "now": format_instant(self.now),
            "origin": self.origin,
            "payloads_lost": self.lost,
            "published": _covered(self.published, self.now),
            "rolled_back": self.trouble is not None and self.trouble.code in _OLDER,
            "rotation": None
            if self.both_until is None
            else {"both_until": _text(self.both_until)},
            "signed_by": list(self.signed_by),
            "simulated_clock": self.simulated,
            "size": self.size,
            "trouble": None
            if self.trouble is None
            else {
                "code": self.trouble.code,
                "hint": self.trouble.hint,
                "message": str(self.trouble),
            },
            "well": self.well,
            "workspace": str(self.root),
        }


def status_of(root: Path) -> Status:
    """Look how a workspace is.

    Raises:
        InputError: It is none, or its settings cannot be read.
        UnavailableError: A part is missing or cannot be read, so that nothing can be said.
    """
    with opened_parts(root, look=True) as workspace:
        return look_at(workspace)


def look_at(workspace: Workspace) -> Status:
    """Look how a workspace is that is open.

    Raises:
        UnavailableError: A part is missing or cannot be read, so that nothing can be said.
    """
    store, places = workspace.store, workspace.places
    published, signed_by = _published(workspace)
    anchor = places.anchor(workspace.settings)
    head = store.head()
    done = 0 if published is None else min(published.size, head.size)
    oldest = _time_at(workspace, done)
    return Status(
        root=places.root,
        origin=workspace.settings.origin,
        simulated=workspace.simulated,
        now=workspace.now(),
        size=head.size,
        newest=_time_at(workspace, head.size - 1),
        published=published,
        signed_by=signed_by,
        both_until=both_sign_until(places, store),
        anchor=anchor,
        anchored=_covers(workspace, workspace.log.anchor.read()),
        same_disk=_disk(anchor) == _disk(places.log),
        backlog=head.size - done,
        backlog_age=None if oldest is None else max(workspace.now() - oldest, 0),
        ending=len(store.vault.ending()),
        lost=sum(end - first for first, end in store.lost()),
        trouble=_trouble(workspace),
    )


def _trouble(workspace: Workspace) -> PrivityError | None:
    try:
        for database in (workspace.store, workspace.keys):
            database.check_home()
        check_agreement(workspace)
        newest = workspace.store.head().time
        if workspace.now() < newest:
            raise ConflictError(
                f"the clock says {format_instant(workspace.now())}, and the newest entry is of "
                f"{format_instant(newest)}",
                code="ledger/clock-behind",
                hint="set the clock right, or wait",
            )
    except PrivityError as error:
        return error
    return None


def _published(workspace: Workspace) -> tuple[Covered | None, tuple[str, ...]]:
    served = read_served(workspace.log.tree)
    covered = _covers(workspace, served)
    if served is None or covered is None:
        return None, ()
    signed = verify(Note.parse(served), workspace.log.vkeys)
    return covered, tuple(vkey.to_text() for vkey in signed)


def _covers(workspace: Workspace, note: bytes | None) -> Covered | None:
    try:
        signed = opened(workspace.log, note, what="note")
    except VerificationError:
        # That it is damaged is said by what compares everything.
        return None
    if signed is None:
        return None
    return Covered(size=signed.size, newest=_time_at(workspace, signed.size - 1))


def _time_at(workspace: Workspace, index: int) -> Instant | None:
    for entry in workspace.store.entries(max(index, 0), index + 1):
        return parse_event(entry.data).time
    return None


def _disk(path: Path) -> int | None:
    """Give the disk that a file is on, or would be."""
    for place in (path, *path.parents):
        if place.exists():
            return place.stat().st_dev
    return None


def _covered(covered: Covered | None, now: Instant) -> dict[str, Any]:
    if covered is None:
        return {"newest_at": None, "newest_seconds": None, "size": None}
    age = None if covered.newest is None else max(now - covered.newest, 0)
    return {"newest_at": _text(covered.newest), "newest_seconds": age, "size": covered.size}


def _text(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)
