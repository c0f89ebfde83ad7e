# SPDX-License-Identifier: Apache-2.0
"""The keys that sign a workspace's log: which they are, also in the middle of a rotation (specs/entry.md, [ENT-49]).

`log.key` signs. While a rotation is on its way the one that follows lies in `next.key`; it signs from the
moment that an entry announces it. For 30 days `previous.key` signs besides. Whoever was killed in between left one
of these states, and the next who publishes goes on from it. Nothing here prints a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privity.app.workspace.places import Places
from privity.canonical.instants import Instant
from privity.entries.decode import PublicEntry, decode
from privity.entries.keys import KeysEntry
from privity.errors import UnavailableError
from privity.ledger.note import Signer, Vkey
from privity.store.private import destroy, put_private, read_private
from privity.store.sqlite import SqliteLog


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """An entry that announced a key.

    Attributes:
        number: Which one of all such entries, from 1.
        says: What it says.
    """

    number: int
    says: KeysEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyring:
    """The keys of a log.

    Attributes:
        signers: Those that sign, the newest first.
        vkeys: Those that verify its notes: of the signers, and of all that signed before.
    """

    signers: tuple[Signer, ...]
    vkeys: tuple[Vkey, ...]


def read_keyring(places: Places, store: SqliteLog) -> Keyring:
    """Read the keys of a log.

    Raises:
        InputError: One of them is none.
        UnavailableError: The key is missing, or somebody else may read it (`workspace/key`).
    """
    signers = [read_signer(places.signer)]
    if (following := _announced(places, store)) is not None:
        signers.insert(0, following)
    if (previous := _signer_at(places.previous_signer)) is not None:
        signers.append(previous)
    former = [Vkey.parse(line) for line in former_vkeys(places)]
    return Keyring(
        signers=tuple(dict.fromkeys(signers)),
        vkeys=tuple(dict.fromkeys([*(signer.vkey for signer in signers), *former])),
    )


def read_signer(path: Path) -> Signer:
    """Read a key that signs.

    Raises:
        InputError: It is none.
        UnavailableError: It is missing, or somebody else may read it (`workspace/key`).
    """
    signer = _signer_at(path)
    if signer is None:
        raise _unreadable(path)
    return signer


def put_signer(path: Path, signer: Signer) -> None:
    """Put a key that signs in its place.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    put_private(path, f"{signer.to_text()}\n".encode())


def former_vkeys(places: Places) -> list[str]:
    """Give the verifier keys that signed before a rotation, as text."""
    path = places.former_vkeys
    return path.read_text(encoding="ascii").splitlines() if path.exists() else []


def put_former(places: Places, vkey: str) -> None:
    """Keep a verifier key for the notes that it verifies.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    lines = dict.fromkeys([*former_vkeys(places), vkey])
    put_private(places.former_vkeys, "".join(f"{line}\n" for line in lines).encode())


def request_of(vkey: str) -> str:
    """Give the name of the request that announces a key."""
    return f"keys {vkey}"


def announcing(store: SqliteLog, vkey: str) -> Announced | None:
    """Give the entry that announced a key, or None: it is the log's first, or none of its keys."""
    made = store.request(request_of(vkey))
    if made is None:
        return None
    for entry in store.entries(made[0], made[0] + 1):
        found = decode(entry.data, origin=Vkey.parse(vkey).name)
        if isinstance(found, PublicEntry) and isinstance(found.says, KeysEntry):
            return Announced(number=found.event.number, says=found.says)
    return None


def both_sign_until(places: Places, store: SqliteLog) -> Instant | None:
    """Give until when the key before signs besides, or None where none does.

    Raises:
        UnavailableError: A key is missing, or somebody else may read it.
    """
    if not places.previous_signer.exists():
        return None
    announced = announcing(store, read_signer(places.signer).vkey.to_text())
    return None if announced is None else announced.says.both_until


def finish_exchange(places: Places, store: SqliteLog) -> None:
    """Put a key that was announced in its place, and the one before it aside; the lock is held.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    if not places.next_signer.exists():
        # A process that was killed may have left it half destroyed.
        destroy(places.next_signer)
    following = _announced(places, store)
    if following is None:
        return
    if not places.previous_signer.exists():
        put_signer(places.previous_signer, read_signer(places.signer))
    # The old one lies beside it by now: whoever is killed here or before comes here again.
    put_signer(places.signer, following)
    destroy(places.next_signer)


def retire(places: Places, store: SqliteLog, now: Instant) -> bool:
    """Destroy the key before, once both have signed for long enough, and tell whether that was so.

    Raises:
        UnavailableError: The disk fails.
    """
    until = both_sign_until(places, store)
    due = until is not None and until < now
    if due or not places.previous_signer.exists():
        # A process that was killed may have left it half destroyed.
        destroy(places.previous_signer)
    return due


def _announced(places: Places, store: SqliteLog) -> Signer | None:
    """Give the key that follows, if there is one and an entry says so."""
    following = _signer_at(places.next_signer)
    if following is None or announcing(store, following.vkey.to_text()) is None:
        return None
    return following


def _signer_at(path: Path) -> Signer | None:
    try:
        if (read := read_private(path)) is None:
            return None
        data, about = read
        text = data.decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    if about.st_mode & 0o077:
        raise UnavailableError(
            f"others may read `{path}`, expected its owner alone",
            code="workspace/key",
            hint=f"run `chmod 600 {path}`, and rotate the key if somebody did",
        )
    return Signer.parse(text.strip())


def _unreadable(path: Path) -> UnavailableError:
    return UnavailableError(
        f"the key `{path}` cannot be read",
        code="workspace/key",
        hint="put it back from where keys are kept",
    )
