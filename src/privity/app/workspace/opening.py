# SPDX-License-Identifier: Apache-2.0
"""Make a workspace, and open one: settings, keys, database, public tree, anchor, clock (docs/workspace.md).

Every opening that may write compares the database with what was published (specs/ledger.md part 7): a copy
that was put back, or a second one, is refused before it can sign anything.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.app.workspace.places import Places
from privity.canonical.instants import Instant, format_instant
from privity.config.workspace import WorkspaceSettings, format_settings, parse_settings
from privity.entries.decode import PublicEntry, decode
from privity.entries.genesis import SIMULATED, GenesisEntry
from privity.errors import ConflictError, InputError, UnavailableError, VerificationError, Where
from privity.ledger.note import Signer, Vkey
from privity.ledger.recover import Log, check_start
from privity.store.files import Folder, NoteFile, unreachable
from privity.store.keys import Keys, create_keys, open_keys
from privity.store.sqlite import SqliteLog, create_log, open_log

_SEED: Final = 32
_ONLY_OWNER: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700

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


def check_new(root: Path, settings: WorkspaceSettings) -> None:
    """Check that a workspace can be made in a folder.

    Raises:
        ConflictError: There is one already, or something else (`workspace/exists`).
        InputError: The log's name does not fit its clock.
    """
    places = Places(root)
    if places.settings.exists():
        raise ConflictError(
            f"`{root}` is a workspace already",
            code="workspace/exists",
            hint="name another folder",
        )
    ours = {"anchor", "keys", "public", "state", "vault"}
    if root.exists() and (not root.is_dir() or {one.name for one in root.iterdir()} - ours):
        raise ConflictError(
            f"`{root}` is not empty, expected a new folder",
            code="workspace/exists",
            hint="name another folder",
        )
    if settings.origin.endswith(SIMULATED) != (settings.clock == "simulated"):
        raise InputError(
            f"the log’s name is `{settings.origin}`, expected one that ends in `{SIMULATED}` where the "
            "clock is simulated, and nowhere else",
            code="workspace/origin",
        )


@contextmanager
def new_workspace(
    root: Path, settings: WorkspaceSettings, *, now: Instant | None = None
) -> Iterator[Workspace]:
    """Make a workspace in a folder and open it; one that was begun and not finished is gone on with.

    It is one once `privity.toml` is written, when the block ends; the caller records the log's first entry.

    Raises:
        ConflictError: There is one already, or something else.
        InputError: The log's name does not fit its clock, or an instant is set and the clock is not simulated.
        UnavailableError: The disk is full or fails.
    """
    check_new(root, settings)
    places = Places(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        for folder in (places.log.parent, places.keys.parent, places.signer.parent):
            folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        _make_signer(places.signer, settings.origin)
    except OSError as error:
        raise unreachable(root, error) from error
    store = (
        open_log(places.log, origin=settings.origin)
        if places.log.exists() and places.log.stat().st_size
        else create_log(places.log, origin=settings.origin)
    )
    keys = (
        open_keys(places.keys)
        if places.keys.exists() and places.keys.stat().st_size
        else create_keys(places.keys)
    )
    try:
        yield _assembled(places, settings, store, keys, now)
    finally:
        keys.close()
        store.close()
    # INVARIANT: written last. Without it there is no workspace, whatever else is there.
    _write_once(places.settings, format_settings(settings).encode())


@contextmanager
def open_workspace(root: Path, *, now: Instant | None = None) -> Iterator[Workspace]:
    """Open a workspace, once everything in it agrees.

    Args:
        root: Its folder.
        now: The instant that new entries carry, where the clock is simulated; None goes on at that of the
            newest entry.

    Raises:
        InputError: There is none, its settings cannot be read, or an instant is set and the clock is not
            simulated (`workspace/clock`).
        ConflictError: Its database is older than what was published, or a copy; or a lock is held.
        VerificationError: Something in it was damaged, or the settings are not those of its log.
        UnavailableError: The disk fails, or a part is missing.
    """
    places = Places(root)
    settings = read_settings(root)
    store = open_log(places.log, origin=settings.origin)
    try:
        keys = open_keys(places.keys)
        try:
            workspace = _assembled(places, settings, store, keys, now)
            _check_genesis(workspace)
            check_start(workspace.log)
            yield workspace
        finally:
            keys.close()
    finally:
        store.close()


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
            hint=f"make one with `privity init {root}`",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "the settings cannot be read",
            code="workspace/settings",
            where=Where(file=str(place)),
        ) from error
    return parse_settings(text, file=str(place))


def read_signer(path: Path) -> Signer:
    """Read the key that signs the log.

    Raises:
        UnavailableError: It is missing, or somebody else may read it (`workspace/key`).
    """
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise UnavailableError(
                    f"others may read `{path}`, expected its owner alone",
                    code="workspace/key",
                    hint=f"run `chmod 600 {path}`, and rotate the key if somebody did",
                )
            return Signer.parse(file.read().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise UnavailableError(
            f"the key `{path}` cannot be read",
            code="workspace/key",
            hint="put it back from where keys are kept",
        ) from error


def _assembled(
    places: Places,
    settings: WorkspaceSettings,
    store: SqliteLog,
    keys: Keys,
    now: Instant | None,
) -> Workspace:
    signer = read_signer(places.signer)
    former = [Vkey.parse(line) for line in _lines(places.former_vkeys)]
    return Workspace(
        places=places,
        settings=settings,
        log=Log(
            origin=settings.origin,
            vkeys=(signer.vkey, *former),
            store=store,
            tree=Folder(places.public),
            anchor=NoteFile(places.anchor(settings)),
        ),
        store=store,
        keys=keys,
        signers=(signer,),
        now=_clock(settings, store, now),
    )


def _clock(settings: WorkspaceSettings, store: SqliteLog, now: Instant | None) -> Clock:
    if settings.clock == "simulated":
        return lambda: store.head().time if now is None else now
    if now is not None:
        raise InputError(
            f"the instant {format_instant(now)} is set, and this workspace goes by the system’s clock",
            code="workspace/clock",
            hint="leave it out, or make a workspace with `--clock simulated`",
        )
    return lambda: int(time.time())  # noqa: TID251 - the one place where a workspace's clock is read


def _check_genesis(workspace: Workspace) -> None:
    """Compare the settings with what the log's first entry says of them for good."""
    settings = workspace.settings
    for entry in workspace.store.entries(0, 1):
        found = decode(entry.data, origin=settings.origin)
        if isinstance(found, PublicEntry) and isinstance(found.says, GenesisEntry):
            said = found.says
            if (said.clock, said.attested) == (settings.clock, settings.attested):
                return
            raise VerificationError(
                f"the settings say clock `{settings.clock}` and attested `{settings.attested}`, and the "
                f"log began with `{said.clock}` and `{said.attested}`",
                code="workspace/genesis",
                hint="put the settings back: what a log began with stays",
            )
    raise VerificationError(
        "the log does not begin with its genesis",
        code="workspace/genesis",
        hint="make the workspace anew",
    )


def _make_signer(path: Path, origin: str) -> None:
    if not path.exists():
        signer = Signer(name=origin, seed=secrets.token_bytes(_SEED))
        _write_once(path, f"{signer.to_text()}\n".encode())


def _write_once(path: Path, data: bytes) -> None:
    """Put a file in its place, whole and durably, readable by its owner alone."""
    aside = path.with_name(f".{path.name}.new")
    try:
        file = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _ONLY_OWNER)
        try:
            os.write(file, data)
            os.fsync(file)
        finally:
            os.close(file)
        aside.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise unreachable(path, error) from error


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").split("\n")[:-1] if path.exists() else []
