# SPDX-License-Identifier: Apache-2.0
"""Repair a workspace, or say what a repair would do (specs/ledger.md, part 7).

The log first, by `ledger.repair`; then the vault that belongs to it; then erasures that are due again. What
was lost is said in the log, and everything is published. What a rehearsal tells was done, by the same
code, and taken back. It asks nobody: whoever calls it has asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from privity.app.public_tree.opening import open_tree
from privity.app.workspace.baseline_erasing import settle_baselines, take_back_baselines
from privity.app.workspace.erasing import finish_erasures
from privity.app.workspace.keyring import put_former
from privity.app.workspace.mending import Mended, mend_vault
from privity.app.workspace.opening import check_agreement
from privity.app.workspace.parts import Workspace, assembled, read_settings
from privity.app.workspace.places import Places
from privity.app.workspace.projecting import differing
from privity.app.workspace.recording import publish_locked
from privity.app.workspace.rehearsing import RehearsedNote, RehearsedTree
from privity.app.workspace.release_vault import adopt_index
from privity.app.workspace.vault_reading import Progress
from privity.canonical.instants import Instant
from privity.config.workspace import WorkspaceSettings
from privity.entries.envelope import parse_event
from privity.errors import ConflictError, UnavailableError, VerificationError
from privity.ledger.ports import Reader
from privity.ledger.publish import Published
from privity.ledger.recover import Log, opened, read_served
from privity.ledger.repair import Repaired, repair
from privity.release.working import working_folder
from privity.store.files import Folder
from privity.store.keys import Keys, create_keys, open_keys
from privity.store.lock import PATIENCE, locked
from privity.store.projection import remove_projection
from privity.store.sqlite import SqliteLog, create_log, open_log

Kept = TypeVar("Kept", SqliteLog, Keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """What a repair did, or would do.

    Attributes:
        copies: The databases that are copies, and are taken for the first ones.
        made: The databases that were missing, and were made anew.
        log: What was put right in the log.
        vault: What was put right in the vault.
        unfinished: Whether a repair before this one was cut short.
        projection: Whether the projection is what the log does not come to; looked at only where nothing else is to
            be repaired, since a repair makes it anew in any case.
        published: What is public now; None where nothing was done.
    """

    copies: tuple[Path, ...]
    made: tuple[Path, ...]
    log: Repaired
    vault: Mended
    unfinished: bool = False
    projection: bool = False
    published: Published | None = None

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to repair."""
        log, vault = self.log, self.vault
        done = (
            log.taken_back, log.entries, log.head, log.files, log.notes, vault.unopened,
            vault.lost, vault.counted, vault.linked, vault.erased, vault.texts, vault.former,
            vault.incidents,
        )  # fmt: skip
        return not (any(done) or self.copies or self.made or self.unfinished or self.projection)


def repair_workspace(
    root: Path,
    *,
    source: str | None = None,
    baselines: Path | None = None,
    rehearse: bool = False,
    now: Instant | None = None,
    progress: Progress | None = None,
) -> Repair:
    """Put right whatever can be, or find out what that is.

    Args:
        root: The workspace.
        source: A copy of the public tree to mend from, in place of its own: a folder or an address.
        baselines: A folder with copies of the files of baselines, to take those from that are missing.
        rehearse: Leave everything as it is.
        now: The instant that new entries carry, where the clock is simulated.
        progress: Told of entries that were read.

    Raises:
        InputError: It is no workspace, or its settings cannot be read.
        ConflictError: Another process publishes, or reads or writes and does not end.
        VerificationError: There are two histories, what was signed is nowhere, or the key is another log's.
        UnavailableError: The disk is full or fails, or a database cannot be read: what helps is said.
    """
    places, settings = Places(root), read_settings(root)
    with ExitStack() as stack:
        stack.enter_context(locked(places.erasing, seconds=PATIENCE))
        stack.enter_context(locked(places.lock, seconds=PATIENCE))
        aside = None
        if rehearse:
            aside = stack.enter_context(_aside())
        parts = stack.enter_context(_opened(places, settings, aside))
        workspace = assembled(places, settings, parts.store, parts.keys, now)
        reader = _reader(source, workspace.log)
        if aside is not None:
            stack.enter_context(parts.store.rehearsal())
            stack.enter_context(parts.keys.rehearsal())
            return _mended(
                replace(workspace, log=_rehearsed(workspace.log, aside)), parts, reader
            )
        done = _mended(workspace, parts, reader, progress)
        for vkey in done.vault.former:
            put_former(places, vkey)
        workspace = assembled(places, settings, parts.store, parts.keys, now)
        remove_projection(places.projection)
        if baselines is not None:
            take_back_baselines(workspace, baselines)
        finish_erasures(workspace)
        settle_baselines(workspace)
        check_agreement(workspace)
        return replace(done, published=publish_locked(workspace))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """The databases, and what had to be done to open them."""

    store: SqliteLog
    keys: Keys
    copies: tuple[Path, ...]
    made: tuple[Path, ...]


def _mended(
    workspace: Workspace, parts: _Parts, source: Reader | None, progress: Progress | None = None
) -> Repair:
    log, store = workspace.log, workspace.store
    _check_signs(log)
    unfinished = store.vault.mending
    if not unfinished:
        with store.transaction():
            # INVARIANT: from here on nobody writes until numbers that were given are known again.
            store.vault.put_mending(store.lost())
    done = repair(
        log,
        time_of=lambda data: parse_event(data).time,
        source=source,
        objects=Folder(workspace.places.public).objects(),
    )
    vault = mend_vault(workspace, source=source or log.tree, progress=progress)
    found = Repair(
        copies=parts.copies, made=parts.made, log=done, vault=vault, unfinished=unfinished
    )
    if not found.nothing:
        return found
    return replace(found, projection=differing(workspace) is not None)


@contextmanager
def _opened(
    places: Places, settings: WorkspaceSettings, aside: Path | None
) -> Iterator[_Parts]:
    """Open the databases; what is missing is made anew, aside where nothing may change."""
    origin, look = settings.origin, aside is not None
    copies: list[Path] = []
    made: list[Path] = []

    def one(path: Path, opens: Callable[..., Kept], creates: Callable[..., Kept]) -> Kept:
        if not path.exists() or not path.stat().st_size:
            made.append(path)
            return creates(path if aside is None else aside / path.name, origin=origin)
        try:
            return opens(path, origin=origin)
        except ConflictError as error:
            if error.code != "store/copied":
                raise
        except UnavailableError as error:
            raise _beyond(path, error) from error
        copies.append(path)
        return opens(path, origin=origin, look=look, adopt=not look)

    with ExitStack() as stack:
        store = one(places.log, open_log, create_log)
        stack.callback(store.close)
        keys = one(places.keys, open_keys, create_keys)
        stack.callback(keys.close)
        if adopt_index(places, origin=origin, look=look):
            copies.append(places.release_index)
        yield _Parts(store=store, keys=keys, copies=tuple(copies), made=tuple(made))


def _beyond(path: Path, error: UnavailableError) -> UnavailableError:
    """Say what helps where SQLite cannot read a file."""
    return UnavailableError(
        error.message,
        code=error.code,
        hint=f"move `{path}` away, put its backup back with `privity ledger restore`, or, if there is "
        "none, repair without it: what only it had is lost",
    )


def _check_signs(log: Log) -> None:
    """Check that the keys are those that the notes were signed with: without them nothing could be believed."""
    last = log.store.last_signed()
    there = [log.anchor.read(), read_served(log.tree), None if last is None else last[1]]
    notes = [note for note in there if note is not None]
    for note in notes:
        try:
            opened(log, note, what="note")
        except VerificationError:
            continue
        return
    if notes:
        raise VerificationError(
            "no note of the log was signed with the key that is here",
            code="workspace/genesis",
            hint="put back the newest key of this log, and the `former.vkeys` beside it",
        )


def _rehearsed(log: Log, aside: Path) -> Log:
    return replace(
        log,
        tree=RehearsedTree(log.tree, aside / "public"),
        anchor=RehearsedNote(log.anchor.read()),
    )


@contextmanager
def _aside() -> Iterator[Path]:
    """Make a folder for what is tried; it is public, or empty, and may stay where it cannot be removed."""
    with working_folder() as made:
        yield made


def _reader(source: str | None, log: Log) -> Reader | None:
    if source is None:
        return None
    return open_tree(source, tuple(vkey.to_text() for vkey in log.vkeys)).reader
