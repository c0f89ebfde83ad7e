# SPDX-License-Identifier: Apache-2.0
"""Tell recipients that something was taken back from what they have (specs/release.md, [REL-120], [REL-121]).

Who is to be told follows from the log: whoever has a copy with records that were taken back, and was not told. A message
names the taking back and its deadline, and no record. It is sent again by a schedule, under the same name, until it is
taken or given up; either is entered.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import release_signer, signer_of
from privity.app.releases.state.states import ReleaseState, RevocationState
from privity.app.releases.taking_back.outbox import Outbox, Waiting, next_attempt
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recipients import list_recipients
from privity.app.workspace.recording import record
from privity.canonical.encode import encode
from privity.canonical.instants import Instant, format_instant
from privity.entries.revocation import NotifiedRevocation
from privity.entries.webhook import Message, public_text, sign_asymmetric
from privity.errors import ConflictError
from privity.store.posting import Answer, check_address, post
from privity.vocabulary.terms import unknown

EVENT: Final = "release.revoked"
Post = Callable[[str, Mapping[str, str], bytes], Answer]
Became = Literal["told", "waits", "given-up", "no-address"]

_GONE: Final = 410
_DIGITS: Final = 32
_PARTS: Final = 1 << 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What became of a message.

    Attributes:
        release: The release.
        revocation: The taking back.
        recipient: Who is to be told.
        message: The message's name.
        became: `told`; `waits` until `next_at`; `given-up`; or `no-address`: tell it by another way.
        next_at: When it is sent again, or None.
    """

    release: str
    revocation: str
    recipient: str
    message: str
    became: Became
    next_at: Instant | None = None

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "message": self.message,
            "next_at": None if self.next_at is None else format_instant(self.next_at),
            "became": self.became,
            "recipient": self.recipient,
            "release": self.release,
            "revocation": self.revocation,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Notified:
    """What became of all messages.

    Attributes:
        told: Of each that is to be told.
        failed: Why nobody could be told of a release: the others were.
    """

    told: tuple[Told, ...]
    failed: Failed


def set_address(workspace: Workspace, recipient: str, address: str | None) -> str:
    """Say where a recipient gets messages, or, by None, nowhere; gives the key that it verifies them by.

    Raises:
        InputError: It is no address that messages can be posted to.
        ConflictError: Nobody of this name was ever on the register (`workspace/no-recipient`).
        UnavailableError: The disk is full or fails.
    """
    if address is not None:
        check_address(address)
    outbox = Outbox(workspace.places)
    # Who has left it may have a copy still.
    names = [one.id for one in list_recipients(workspace, at=workspace.now())]
    if recipient not in {*names, *outbox.addresses()}:
        raise ConflictError(
            unknown("recipient", recipient, names).message,
            code="workspace/no-recipient",
            hint="put it on the register with `privity recipient add`, or name one that is there",
        )
    outbox.set_address(recipient, address)
    return public_text(release_signer(workspace).public)


def notify(workspace: Workspace, *, again: bool = False, send: Post = post) -> Notified:
    """Tell everybody who is to be told, and whose turn it is; where that cannot be of a release, of the others.

    Args:
        workspace: Where.
        again: Whether those are told, too, who were given up, or whose turn it is not yet.
        send: Posts a message.

    Raises:
        ConflictError: As `record`.
        UnavailableError: The disk is full or fails.
    """
    outbox = Outbox(workspace.places)
    addresses, waiting = outbox.addresses(), outbox.waiting()
    found: list[Told] = []
    failed: Failed = {}
    for release, revocation in untold(
        tuple(register_of(workspace).releases.values()), again=again
    ):
        id_ = message_id(workspace.settings.origin, revocation.name, release.recipient)
        address, before = addresses.get(release.recipient), waiting.get(id_)
        if address is None:
            found.append(_told(release, revocation, id_, "no-address", None))
            continue
        now = workspace.now()
        if before is not None and before.next_at > now and not again:
            found.append(_told(release, revocation, id_, "waits", before.next_at))
            continue
        # What is entered below is of the workspace, and fails for all.
        with by_itself(failed, release.name):
            answer = _send(workspace, release, revocation, id_, address, send)
        if release.name in failed:
            continue
        attempts = 1 + (0 if before is None else before.attempts)
        waits = None if answer.taken or answer.status == _GONE else _next(attempts, now, answer)
        # Kept before it is entered: a message that was taken may be sent once more, and is never forgotten.
        outbox.put_waiting(id_, waits)
        if answer.status == _GONE:
            outbox.remove_address(release.recipient, address)
            addresses.pop(release.recipient)
        if waits is None:
            record(
                workspace,
                [
                    NotifiedRevocation(
                        revocation=revocation.name,
                        recipient=release.recipient,
                        message=id_,
                        ok=answer.taken,
                    )
                ],
            )
        became: Became = "told" if answer.taken else "given-up" if waits is None else "waits"
        next_at = None if waits is None else waits.next_at
        found.append(_told(release, revocation, id_, became, next_at))
    return Notified(told=tuple(found), failed=failed)


def untold(
    releases: tuple[ReleaseState, ...], *, again: bool = False
) -> Iterator[tuple[ReleaseState, RevocationState]]:
    """Give what was taken back from copies whose recipient was not told and has not attested.

    Args:
        releases: The releases.
        again: Whether to give, too, what was given up.
    """
    for release in releases:
        for one in release.revocations:
            over = one.acks or any(said.says.ok for said in one.notified)
            given_up = bool(one.notified) and not again
            if one.done is not None and not over and not given_up and has_copies(release, one):
                yield release, one


def has_copies(release: ReleaseState, revocation: RevocationState) -> bool:
    """Tell whether a copy went out that has, or had, the records."""
    revision = revocation.due.says.revision
    return any(one.out and one.handed.says.revision <= revision for one in release.disclosures)


def message_id(origin: str, revocation: str, recipient: str) -> str:
    """Give the name of the message about a taking back: what is sent again has the same."""
    said = encode({"origin": origin, "recipient": recipient, "revocation": revocation})
    return f"msg_{sha256(said).hexdigest()[:_DIGITS]}"


def body_of(origin: str, release: ReleaseState, revocation: RevocationState) -> bytes:
    """Give what a message says: it names no record and no member."""
    said, done = revocation.due, revocation.done
    time = said.time if done is None else done.time
    return encode(
        {
            "data": {
                "deadline": format_instant(said.says.deadline),
                "entry": said.index,
                "origin": origin,
                "records": said.says.records,
                "release": release.name,
                "revision": said.says.revision,
                "revocation": revocation.name,
            },
            "timestamp": format_instant(time),
            "type": EVENT,
        }
    )


def _send(  # noqa: PLR0917 - what is said, to whom, and how
    workspace: Workspace,
    release: ReleaseState,
    revocation: RevocationState,
    id_: str,
    address: str,
    send: Post,
) -> Answer:
    body = body_of(workspace.settings.origin, release, revocation)
    message = Message(id=id_, time=workspace.now(), body=body)
    signature = sign_asymmetric(message, signer_of(workspace, release))
    return send(address, message.headers(signature), body)


def _next(attempts: int, now: Instant, answer: Answer) -> Waiting | None:
    return next_attempt(attempts, now, answer.after, secrets.randbelow(_PARTS) / _PARTS)


def _told(
    release: ReleaseState,
    revocation: RevocationState,
    message: str,
    became: Became,
    next_at: Instant | None,
) -> Told:
    return Told(
        release=release.name,
        revocation=revocation.name,
        recipient=release.recipient,
        message=message,
        became=became,
        next_at=next_at,
    )
