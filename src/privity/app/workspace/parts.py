# SPDX-License-Identifier: Apache-2.0
"""The parts of a workspace: settings, database, keys, public tree, anchor and clock, opened and not compared.

Whoever is to write, or to believe what is there, opens a workspace by `opening`, which compares them. Here is what a
look, a repair and a backup start from.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from privity.app.workspace.keyring import read_keyring
from privity.app.workspace.places import Places
from privity.canonical.instants import Instant, format_instant
from privity.config.workspace import WorkspaceSettings, parse_settings
from privity.errors import InputError, Where
from privity.ledger.note import Signer
from privity.ledger.recover import Log
from privity.store.files import Folder, NoteFile
from privity.store.keys import Keys, open_keys
from privity.store.sqlite import SqliteLog, open_log

Clock = Callable[[], Instant]
"""Gives the instant that an entry made now carries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """An open workspace; it belongs to the thread that opened it.

    Attributes:
        places: Where it keeps what.
        settings: What it is.
        log: The log, with everything that it is kept in.
        store: Its database.
        keys: The members' keys.
        signers: The keys that sign for the log, the newest first.
        now: Its clock.
    """

    places: Places
    settings: WorkspaceSettings
    log: Log
    store: SqliteLog
    keys: Keys
    signers: tuple[Signer, ...]
    now: Clock

    @property
    def simulated(self) -> bool:
        """Whether its instants were set and not witnessed by any clock."""
        return self.settings.clock == "simulated"


@contextmanager
def opened_parts(
    root: Path, *, now: Instant | None = None, look: bool = False
) -> Iterator[Workspace]:
    """Open the parts of a workspace as they are.

    Args:
        root: Its folder.
        now: The instant that new entries carry, where the clock is simulated; None goes on at that of the
            newest entry.
        look: Open copies of databases too: nothing will be written.

    Raises:
        InputError: There is none, its settings cannot be read, or an instant is set and the clock is not
            simulated (`workspace/clock`).
        ConflictError: A database is a copy.
        UnavailableError: The disk fails, or a part is missing.
    """
    places = Places(root)
    settings = read_settings(root)
    store = open_log(places.log, origin=settings.origin, look=look)
    try:
        keys = open_keys(places.keys, origin=settings.origin, look=look)
        try:
            yield assembled(places, settings, store, keys, now)
        finally:
            keys.close()
    finally:
        store.close()


def assembled(
    places: Places,
    settings: WorkspaceSettings,
    store: SqliteLog,
    keys: Keys,
    now: Instant | None = None,
) -> Workspace:
    """Put a workspace together from its open databases.

    Raises:
        InputError: An instant is set and the clock is not simulated, or a key is none.
        UnavailableError: A key is missing, or somebody else may read it.
    """
    keyring = read_keyring(places, store)
    return Workspace(
        places=places,
        settings=settings,
        log=Log(
            origin=settings.origin,
            vkeys=keyring.vkeys,
            store=store,
            tree=Folder(places.public),
            anchor=NoteFile(places.anchor(settings)),
        ),
        store=store,
        keys=keys,
        signers=keyring.signers,
        now=_clock(settings, store, now),
    )


def reread(workspace: Workspace) -> Workspace:
    """Give a workspace with the keys that its log has now: another process may have exchanged them.

    Raises:
        InputError: A key is none.
        UnavailableError: A key is missing, or somebody else may read it.
    """
    keyring = read_keyring(workspace.places, workspace.store)
    return replace(
        workspace,
        log=replace(workspace.log, vkeys=keyring.vkeys),
        signers=keyring.signers,
    )


def read_settings(root: Path) -> WorkspaceSettings:
    """Read the settings of a workspace.

    Raises:
        InputError: There is no workspace, or its settings cannot be read.
    """
    place = Places(root).settings
    try:
        text = place.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"`{root}` is no workspace: it has no `{place.name}`",
            code="workspace/missing",
            hint=f"make one with `privity init {shlex.quote(str(root))} --origin NAME`",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "the settings cannot be read",
            code="workspace/settings",
            where=Where(file=str(place)),
        ) from error
    return parse_settings(text, file=str(place))


def check_clock(settings: WorkspaceSettings, now: Instant | None) -> None:
    """Check that an instant is set nowhere but where the clock is simulated.

    Raises:
        InputError: It is (`workspace/clock`).
    """
    if now is not None and settings.clock != "simulated":
        raise InputError(
            f"the instant {format_instant(now)} is set, and this workspace goes by the system’s clock",
            code="workspace/clock",
            hint="leave it out, or make a workspace with `--clock simulated`",
        )


def _clock(settings: WorkspaceSettings, store: SqliteLog, now: Instant | None) -> Clock:
    check_clock(settings, now)
    if settings.clock == "simulated":
        return lambda: store.head().time if now is None else now
    return lambda: int(time.time())  # noqa: TID251 - the one place where a workspace's clock is read
