# SPDX-License-Identifier: Apache-2.0
"""Record: what is said becomes entries of the log, and is durable when the call is over (specs/entry.md).

One commit holds the entries, their sealed payloads and how far each stream has come. A member's key is kept
before the entry that needs it: a key that nothing uses does no harm, an entry that nothing opens would.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from privity.app.workspace.keyring import finish_exchange, read_keyring, retire
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant
from privity.entries.compose import Composed, compose_private, compose_public
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import parse_event
from privity.entries.fields import KEY_SIZE
from privity.entries.kinds import PrivateKind, PublicKind
from privity.errors import ConflictError, UnavailableError
from privity.ledger.log import append
from privity.ledger.note import Signer
from privity.ledger.ports import VKEY, NotFoundError, Sealed, Transaction
from privity.ledger.publish import Published, publish
from privity.ledger.recover import Log
from privity.members.facts import MemberId
from privity.store.keys import MemberKey
from privity.store.lock import PATIENCE, locked
from privity.store.sqlite import SqliteLog
from privity.store.vault import ENDED

MERGE_DELAY: Final = 60
"""Seconds within which an entry is published; a log that is later takes nothing more ([LED-68])."""
PLATFORM: Final = "p"
"""The name, among the keys, of the platform's private stream; a member's begins otherwise."""
# INVARIANT: a stream keeps its place. New ones are added at the end.
_STREAMS: Final = (
    "genesis", "policy", "notice", "agreement", "order", "recipient", "baseline", "clearing",
    "attested", "keys", "incident", "erasure-batch", "freeze",
    "release", "disclosure", "revocation", "revocation.ack", "run.start", "run.end", "model", "program",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Private:
    """Something said in a private stream.

    Attributes:
        member: Whose stream; None is the platform's own.
        says: What.
    """

    member: MemberId | None
    says: PrivateKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What became of it.

    Attributes:
        first: The index of the first of its entries; enrolments come among them.
        count: How many entries it is.
        time: The instant that they carry.
        again: Whether that was before, and this is a request repeated.
    """

    first: int
    count: int
    time: Instant
    again: bool = False


@dataclass(kw_only=True, slots=True)
class _Batch:
    """Entries on their way into the log."""

    origin: str
    time: Instant
    tx: Transaction
    data: list[bytes] = field(default_factory=list)
    sealed: list[tuple[int, int, int, bytes]] = field(default_factory=list)

    def add_public(self, says: PublicKind) -> None:
        stream = public_stream(says.STREAM)
        number = self._taken(stream)
        self._add(
            compose_public(says, number=number, time=self.time, origin=self.origin),
            stream,
            number,
        )

    def add_private(self, one: Private, key: MemberKey) -> None:
        if one.member is not None and self.tx.next_number(key.stream) == 1:
            self._add_private(EnrolEntry(member=one.member), key)
        self._add_private(one.says, key)

    def _add_private(self, says: PrivateKind, key: MemberKey) -> None:
        number = self._taken(key.stream)
        made = compose_private(
            says, key=key.secret, number=number, time=self.time, origin=self.origin
        )
        self._add(made, key.stream, number)

    def _add(self, made: Composed, stream: int, number: int) -> None:
        if made.sealed is not None:
            self.sealed.append((len(self.data), stream, number, made.sealed))
        self.data.append(made.data)

    def _taken(self, stream: int) -> int:
        number = self.tx.next_number(stream)
        if number == ENDED:
            raise ConflictError(
                "a member was erased while something was being recorded of it; nothing was recorded",
                code="members/erased",
                hint="try again: whoever comes back after an erasure begins anew",
            )
        self.tx.set_next(stream, number + 1)
        return number


def record(
    workspace: Workspace,
    says: Sequence[PublicKind | Private],
    *,
    objects: Sequence[bytes] = (),
    request: str | None = None,
    late: bool = False,
) -> Recorded:
    """Record what is said, all of it or nothing.

    Args:
        workspace: Where.
        says: What is said, in order.
        objects: Public texts that it names by their SHA-256.
        request: A name that the caller chose: whoever repeats it, because no answer came, gets the first
            answer, and nothing is recorded again.
        late: Record though something waits for too long to be published: what ends an erasure or a repair.

    Raises:
        InputError: Something cannot be said so, or is too large.
        ConflictError: The clock is behind the newest entry, or another process writes and does not end.
        UnavailableError: Too much waits to be published (`workspace/backlog`), or the disk is full or fails.
    """
    keys = keys_of(workspace, [one.member for one in says if isinstance(one, Private)])
    with workspace.store.transaction() as tx:
        return record_in(workspace, tx, says, keys, objects=objects, request=request, late=late)


def record_in(
    workspace: Workspace,
    tx: Transaction,
    says: Sequence[PublicKind | Private],
    keys: Mapping[MemberId | None, MemberKey],
    *,
    objects: Sequence[bytes] = (),
    request: str | None = None,
    late: bool = False,
) -> Recorded:
    """Record by a transaction that is open already, so that something else is decided by the same one.

    Raises:
        InputError: As `record`.
        ConflictError: As `record`.
        UnavailableError: Too much waits to be published (`workspace/backlog`).
    """
    if request is not None and (known := tx.request(request)) is not None:
        return recorded_before(workspace, known)
    check_mended(workspace.store)
    now = workspace.now()
    if not (workspace.simulated or late):
        _check_backlog(workspace, now)
    batch = _Batch(origin=workspace.settings.origin, time=now, tx=tx)
    for one in says:
        if isinstance(one, Private):
            batch.add_private(one, keys[one.member])
        else:
            batch.add_public(one)
    for data in objects:
        tx.put_object(sha256(data).hexdigest(), data)
    first = append(tx, batch.data, time=batch.time, request=request)
    tx.put_sealed(
        [
            Sealed(index=first + place, stream=stream, number=number, payload=payload)
            for place, stream, number, payload in batch.sealed
        ]
    )
    return Recorded(first=first, count=len(batch.data), time=batch.time)


def check_mended(store: SqliteLog) -> None:
    """Check that no repair is on its way: until it ends nobody knows which numbers of streams are taken.

    Raises:
        ConflictError: One is, or was cut short (`workspace/unmended`).
    """
    if store.vault.mending:
        raise ConflictError(
            "a repair is on its way, or was cut short",
            code="workspace/unmended",
            hint="run `privity ledger repair DIR`",
        )


def waits_too_long(store: SqliteLog, now: Instant) -> tuple[int, int] | None:
    """Give the first entry that is not published, and for how many seconds, where that is longer than `MERGE_DELAY`."""
    signed = store.last_signed()
    size = 0 if signed is None else signed[0]
    for entry in store.entries(size, size + 1):
        waited = now - parse_event(entry.data).time
        if waited > MERGE_DELAY:
            return entry.place, waited
    return None


def _check_backlog(workspace: Workspace, now: Instant) -> None:
    """Check that what was recorded is published in time: what waits for ever may as well not be there.

    Raises:
        UnavailableError: An entry has waited for longer than `MERGE_DELAY` (`workspace/backlog`).
    """
    if (late := waits_too_long(workspace.store, now)) is not None:
        place, waited = late
        raise UnavailableError(
            f"entry {place} has waited for {waited:,} seconds to be published, and may for "
            f"{MERGE_DELAY}: nothing more is recorded",
            code="workspace/backlog",
            hint=f"run `privity ledger publish {shlex.quote(str(workspace.places.root))}`, and see why nobody did",
        )


def publish_now(workspace: Workspace) -> Published:
    """Publish everything that is recorded.

    Raises:
        ConflictError: Another process publishes (`store/locked`), or something is not as it must be.
        VerificationError: Something does not hold; nothing was signed.
        UnavailableError: The disk is full or fails: end the process, and start again.
    """
    with locked(workspace.places.lock, seconds=PATIENCE):
        return publish_locked(workspace)


def publish_locked(workspace: Workspace) -> Published:
    """Publish everything that is recorded, by whoever holds the lock already.

    The keys are read anew: since the workspace was opened another process may have exchanged them.

    Raises:
        ConflictError: Something is not as it must be.
        VerificationError: Something does not hold; nothing was signed.
        UnavailableError: The disk is full or fails: end the process, and start again.
    """
    places, store = workspace.places, workspace.store
    finish_exchange(places, store)
    keyring = read_keyring(places, store)
    log = replace(workspace.log, vkeys=keyring.vkeys)
    # Before anything that a new key signed is there, its key is; after the last that an old key signed, it goes.
    _serve_vkeys(log, keyring.signers)
    published = publish(log, keyring.signers)
    if retire(places, store, workspace.now()):
        _serve_vkeys(log, keyring.signers[:1])
    return published


def _serve_vkeys(log: Log, signers: Sequence[Signer]) -> None:
    text = "".join(f"{signer.vkey.to_text()}\n" for signer in signers).encode()
    try:
        if log.tree.read(VKEY) == text:
            return
    except NotFoundError:
        pass
    log.tree.replace(VKEY, text)


def key_name(member: MemberId | None) -> str:
    """Give the name of a member among the keys: text and numbers are kept apart."""
    if member is None:
        return PLATFORM
    return f"n{member}" if isinstance(member, int) else f"t{member}"


def member_of(name: str) -> MemberId | None:
    """Give the member of a name among the keys; None is the platform."""
    if name == PLATFORM:
        return None
    return int(name[1:]) if name[0] == "n" else name[1:]


def public_stream(name: str) -> int:
    """Give the number of a public stream in the database: below zero, so that it is no member's."""
    return -1 - _STREAMS.index(name)


def recorded_before(workspace: Workspace, known: tuple[int, int]) -> Recorded:
    """Say what became of a request that was made before: its first entry, and how many it made."""
    first, count = known
    return Recorded(first=first, count=count, time=_time_of(workspace, first), again=True)


def keys_of(
    workspace: Workspace, members: Iterable[MemberId | None]
) -> dict[MemberId | None, MemberKey]:
    """Give the keys of members; who has none gets one, for good; None is the platform.

    Raises:
        ConflictError: One has none, and a repair is on its way (`workspace/unmended`).
        UnavailableError: The disk is full or fails.
    """
    found: dict[MemberId | None, MemberKey] = {}
    wanted = dict.fromkeys(members)
    while True:
        for member in wanted:
            if (key := workspace.keys.get(key_name(member))) is not None:
                found[member] = key
        missing = [member for member in wanted if member not in found]
        if not missing:
            return found
        check_mended(workspace.store)
        try:
            workspace.keys.add(
                [(key_name(member), secrets.token_bytes(KEY_SIZE)) for member in missing]
            )
        except ConflictError as error:
            # Another process came first with one of them; it is that key that is the member's.
            if error.code != "store/key-there":
                raise


def _time_of(workspace: Workspace, index: int) -> Instant:
    (entry,) = workspace.store.entries(index, index + 1)
    return parse_event(entry.data).time
