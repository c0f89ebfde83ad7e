# SPDX-License-Identifier: Apache-2.0
"""Make a workspace, and open one in which everything agrees (docs/workspace.md).

Every opening compares the database with what was published (specs/ledger.md, part 7), and the members' keys with
the database: a copy that was put back, or a second one, is refused before it can sign anything. An erasure that
was cut short is finished before anybody reads.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.keyring import announcing, put_signer, read_keyring
from privity.app.workspace.parts import Workspace, assembled, opened_parts
from privity.app.workspace.places import Places
from privity.app.workspace.recording import check_mended, public_stream, waits_too_long
from privity.canonical.instants import Instant
from privity.config.workspace import WorkspaceSettings, format_settings
from privity.entries.decode import PublicEntry, decode
from privity.entries.genesis import SIMULATED, GenesisEntry
from privity.entries.keys import KeysEntry
from privity.errors import (
    ConflictError,
    InputError,
    PrivityError,
    UnavailableError,
    VerificationError,
)
from privity.ledger.note import SEED_SIZE, Signer
from privity.ledger.recover import check_start
from privity.store.files import make_folder, unreachable
from privity.store.keys import create_keys, open_keys
from privity.store.marks import wait_and_take
from privity.store.private import make_private_folder, put_private
from privity.store.sqlite import SqliteLog, create_log, open_log

__all__ = ["Workspace", "check_agreement", "check_new", "new_workspace", "open_workspace"]

_OURS: Final = frozenset({".privity.toml.new", "anchor", "keys", "public", "state", "vault"})
"""What a workspace has before it has settings."""


def check_new(root: Path, settings: WorkspaceSettings) -> None:
    """Check that a workspace can be made in a folder.

    Raises:
        ConflictError: There is one already, or something else (`workspace/exists`).
        InputError: The log's name does not fit its clock.
        UnavailableError: The folder cannot be read.
    """
    if Places(root).settings.exists():
        raise ConflictError(
            f"`{root}` is a workspace already",
            code="workspace/exists",
            hint="name another folder",
        )
    try:
        taken = root.exists() and (
            not root.is_dir() or {one.name for one in root.iterdir()} - _OURS
        )
    except OSError as error:
        raise unreachable(root, error) from error
    if taken:
        raise ConflictError(
            f"`{root}` is not empty, expected a new folder",
            code="workspace/exists",
            hint="name another folder",
        )
    if "://" in settings.origin:
        # INVARIANT: a log has one name, for good; where it is served is said elsewhere, and may change.
        raise InputError(
            f"the log’s name is `{settings.origin}`, expected a host and a path, without `://` and what is before it",
            code="workspace/origin",
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
        VerificationError: What was begun, was begun with other settings.
        UnavailableError: The disk is full or fails.
    """
    check_new(root, settings)
    places = Places(root)
    try:
        make_folder(root)
    except OSError as error:
        raise unreachable(root, error) from error
    for folder in (places.log.parent, places.keys.parent, places.signer.parent):
        make_private_folder(folder)
    with _alone(places):
        check_new(root, settings)  # somebody else may have made it while this waited
        with _begun_or_new(places, settings, now) as workspace:
            yield workspace
            check_genesis(workspace)
        # INVARIANT: written last. Without it there is no workspace, whatever else is there.
        put_private(places.settings, format_settings(settings).encode())


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Let one process at a time make a workspace: two would sign with a key that is not there any more."""
    held = wait_and_take(places.founding)
    try:
        yield
    finally:
        try:
            places.founding.unlink(missing_ok=True)
        finally:
            os.close(held)


@contextmanager
def _begun_or_new(
    places: Places, settings: WorkspaceSettings, now: Instant | None
) -> Iterator[Workspace]:
    """Give the parts of a workspace: those that were begun, and new ones."""
    if not places.signer.exists():
        seed = secrets.token_bytes(SEED_SIZE)
        put_signer(places.signer, Signer(name=settings.origin, seed=seed))
    made = open_log if _begun(places.log) else create_log
    store = made(places.log, origin=settings.origin)
    try:
        make = open_keys if _begun(places.keys) else create_keys
        keys = make(places.keys, origin=settings.origin)
        try:
            yield assembled(places, settings, store, keys, now)
        finally:
            keys.close()
    finally:
        store.close()


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
        ConflictError: Its database, or that of its keys, is older than what it goes on from, or a copy.
        VerificationError: Something in it was damaged, or the settings or the key are not those of its log.
        UnavailableError: The disk fails, or a part is missing.
    """
    with opened_parts(root, now=now) as workspace:
        check_agreement(workspace)
        if workspace.store.vault.ending():
            # What it loads takes more memory than all that a writer needs.
            from privity.app.workspace.erasing import finish_left  # noqa: PLC0415 - as said

            finish_left(workspace)
        # INVARIANT: nobody's no is refused because somebody else's process was killed before it published.
        if not workspace.simulated and waits_too_long(workspace.store, workspace.now()):
            _publish_left(workspace)
        try:
            yield workspace
        except (UnavailableError, VerificationError):
            # Something failed or does not hold: the next start looks at it first.
            raise
        except BaseException:
            # What a command recorded before it was refused, or interrupted, waits for nobody.
            if not workspace.simulated:
                _publish_left(workspace)
            raise


def _publish_left(workspace: Workspace) -> None:
    """Publish what was recorded; where that fails, whoever records next is told why."""
    with suppress(PrivityError, OSError):
        publish_if_free(workspace)


def check_agreement(workspace: Workspace) -> None:
    """Compare everything in a workspace that has to be compared before it is gone on from.

    Raises:
        ConflictError: A database is older than what it goes on from.
        VerificationError: Something was damaged, or the settings or the key are not those of the log.
        UnavailableError: Something cannot be read.
    """
    check_mended(workspace.store)
    first = check_genesis(workspace)
    try:
        check_start(workspace.log)
    except VerificationError as error:
        if error.code == "ledger/note-damaged":
            # It may be whole, and signed with a key that is not here.
            _check_signer(workspace, first)
        raise
    _check_signer(workspace, first)
    check_keys(workspace)


def check_genesis(workspace: Workspace) -> str:
    """Compare the settings with what the log's first entry says of them for good; gives its first key.

    Raises:
        VerificationError: They are others, or the log does not begin with its genesis.
    """
    settings = workspace.settings
    for entry in workspace.store.entries(0, 1):
        found = decode(entry.data, origin=settings.origin)
        if isinstance(found, PublicEntry) and isinstance(found.says, GenesisEntry):
            said = found.says
            if (said.clock, said.attested) != (settings.clock, settings.attested):
                raise VerificationError(
                    f"the settings say clock `{settings.clock}` and attested `{settings.attested}`, and the "
                    f"log began with `{said.clock}` and `{said.attested}`",
                    code="workspace/genesis",
                    hint="put the settings back: what a log began with stays",
                )
            return said.vkey
    raise VerificationError(
        "the log does not begin with its genesis",
        code="workspace/genesis",
        hint="make the workspace anew",
    )


def _check_signer(workspace: Workspace, first: str) -> None:
    """Check that the key that signs is the newest of those that the log names."""
    places, store = workspace.places, workspace.store
    while True:
        # Read anew: another process may have exchanged the keys since this was opened, or do so now.
        rotations = _rotations(store)
        keyring = read_keyring(places, store)
        vkey = keyring.signers[0].vkey.to_text()
        known = announcing(store, vkey)
        number = known.number if known is not None else 0 if vkey == first else -1
        if number == rotations and first in {one.to_text() for one in keyring.vkeys}:
            return
        # The files change places after the entry: they may just have, between reading one and the next.
        same = read_keyring(places, store).signers[0].vkey.to_text() == vkey
        if same and _rotations(store) == rotations:
            raise VerificationError(
                f"`{places.signer}` has the key `{vkey}`, which is not the newest of this log",
                code="workspace/genesis",
                hint="put back the newest key of this log, and, if it was ever rotated, "
                f"`{places.former_vkeys.name}` beside it",
            )


def _rotations(store: SqliteLog) -> int:
    row = store.vault.stream(public_stream(KeysEntry.STREAM))
    return 0 if row is None else row.next - 1


def check_keys(workspace: Workspace) -> None:
    """Compare the members' keys with the database that goes on from them.

    Raises:
        ConflictError: They are older: members who were erased may be among them, and new ones are not
            (`workspace/keys-older`).
    """
    keys, vault = workspace.keys, workspace.store.vault
    # INVARIANT: a key is kept before its first entry, and removed before the log says that it is gone. The log is
    # looked at first: what another process adds in between is in the keys, too.
    streams, erasures = vault.last_stream, vault.erasures
    if keys.last_stream < streams or keys.erasures < erasures:
        raise ConflictError(
            f"`{workspace.places.keys}` is older than the log: members may be in it who were erased, and new "
            "ones are not",
            code="workspace/keys-older",
            hint="put back the newest one, or run `privity ledger repair DIR`",
        )


def _begun(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
