# SPDX-License-Identifier: Apache-2.0
"""The register of recipients: who comes onto it, changes, leaves it, and who is on it (docs/workspace.md).

Whatever would change nothing, or leave somebody with two roles at one instant and so with none, is refused. A key
verifies what a recipient signs from its entry on, whatever instant the entry speaks of ([REL-153]).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from privity.app.workspace.once import Request, named, record_once
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import Platform, platform_of, public_entries
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant, format_instant
from privity.decide.platform import role_of
from privity.entries.recipient import FACTS, RecipientEntry
from privity.errors import ConflictError, InputError
from privity.ledger.forms import to_base64
from privity.members.timeline import Timeline, sort_key
from privity.vocabulary.terms import ROLES, quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRecipient:
    """A recipient as it is at an instant.

    Attributes:
        id: Its name.
        role: Its role; None if it has left the register, or has two roles and so none.
        since: Since when.
        key: The Ed25519 key that verifies what it signs, 32 bytes, or None.
        claimed_by: Who claims it in a baseline; None, it has an entry of its own.
    """

    id: str
    role: str | None
    since: Instant
    key: bytes | None = None
    claimed_by: str | None = None

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "id": self.id,
            "key": None if self.key is None else to_base64(self.key),
            "role": self.role,
            "since": format_instant(self.since),
            **({} if self.claimed_by is None else {"claimed_by": self.claimed_by}),
        }


def add_recipient(
    workspace: Workspace,
    recipient: str,
    *,
    role: str,
    key: bytes | None = None,
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that a recipient comes onto the register; one that a baseline claims becomes public as it is.

    Args:
        workspace: Where.
        recipient: Its name.
        role: What it is to the platform.
        key: The Ed25519 key that verifies what it signs, 32 bytes; one that it had before it left counts no more.
        at: From when on; None is now.
        request: A name of the caller's own.

    Raises:
        InputError: The role is unknown, or nobody can own the key.
        ConflictError: It is on the register (`workspace/recipient-there`), or another entry speaks of the same
            instant (`workspace/recipient-tie`); or as `record_once`.
        UnavailableError: As `record_once`.
    """
    ROLES.require(role)

    def check(held: ListedRecipient | None) -> None:
        if held is None or held.role is None:
            return
        if held.claimed_by is None or held.role != role:
            claimed = "" if held.claimed_by is None else _claimed(held.claimed_by)
            raise ConflictError(
                f"recipient {quoted(recipient)} is on the register as {quoted(held.role)} since "
                f"{format_instant(held.since)}{claimed}",
                code="workspace/recipient-there",
                hint="change its role with `privity recipient change`",
            )

    asked = named(request, recipient="add", id=recipient, role=role, at=at, **_key(key))
    return _record(
        workspace,
        recipient,
        action="added",
        role=role,
        key=key,
        at=at,
        check=check,
        asked=asked,
    )


def change_recipient(
    workspace: Workspace,
    recipient: str,
    *,
    role: str | None = None,
    key: bytes | None = None,
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that a recipient has another role, or another key.

    Args:
        workspace: Where.
        recipient: Its name.
        role: Its new role; None leaves it as it is.
        key: The Ed25519 key that verifies what it signs from now on, 32 bytes; None leaves it as it is.
        at: From when on the role counts; None is now. A key alone counts from now on.
        request: A name of the caller's own.

    Raises:
        InputError: The role is unknown, nobody can own the key, neither is given (`workspace/no-change`), or an
            instant for a key alone (`workspace/key-at`).
        ConflictError: It is not on the register (`workspace/no-recipient`), has this role and this key
            (`workspace/recipient-there`), or another entry speaks of the same instant
            (`workspace/recipient-tie`); or as `record_once`.
        UnavailableError: As `record_once`.
    """
    if role is not None:
        ROLES.require(role)
    elif key is None:
        raise InputError(
            "neither another role nor another key is given, expected one of them",
            code="workspace/no-change",
        )
    elif at is not None:
        raise InputError(
            f"a key is said to count from {format_instant(at)}, expected no instant: it counts from its entry on",
            code="workspace/key-at",
        )

    def check(held: ListedRecipient | None) -> None:
        listed = _on_register(recipient, held)
        if role in {None, listed.role} and key in {None, listed.key}:
            raise ConflictError(
                f"recipient {quoted(recipient)} is on the register as {quoted(listed.role or '')}"
                f"{'' if key is None else ' with this key'} already",
                code="workspace/recipient-there",
            )

    asked = named(request, recipient="change", id=recipient, role=role, at=at, **_key(key))
    return _record(
        workspace,
        recipient,
        action="changed",
        role=role,
        key=key,
        at=at,
        check=check,
        asked=asked,
    )


def end_recipient(
    workspace: Workspace,
    recipient: str,
    *,
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that a recipient leaves the register.

    Raises:
        ConflictError: It is not on the register (`workspace/no-recipient`); or as `record_once`.
        UnavailableError: As `record_once`.
    """

    def check(held: ListedRecipient | None) -> None:
        _on_register(recipient, held)

    asked = named(request, recipient="end", id=recipient, at=at)
    return _record(
        workspace,
        recipient,
        action="ended",
        role=None,
        key=None,
        at=at,
        check=check,
        asked=asked,
    )


def list_recipients(workspace: Workspace, *, at: Instant) -> list[ListedRecipient]:
    """Give every recipient that was ever on the register by an instant, as it is then, by name.

    Raises:
        ConflictError: As `platform_of`.
        InputError: As `platform_of`.
        VerificationError: As `platform_of`.
        UnavailableError: As `platform_of`.
    """
    platform, keys = platform_of(workspace), recipient_keys(workspace)
    names = sorted({fact.value for fact in platform.facts if fact.fact in FACTS.values()})
    found = (_listed(platform, keys, name, at) for name in names)
    return [one for one in found if one is not None]


def recipient_keys(workspace: Workspace) -> dict[str, bytes]:
    """Give the keys that verify what recipients sign, by their names; raises as `public_entries` ([REL-153])."""
    keys: dict[str, bytes] = {}
    for one in public_entries(workspace, RecipientEntry.STREAM):
        if not isinstance(one.says, RecipientEntry):
            continue
        if one.says.action != "changed":
            keys.pop(one.says.id, None)
        if one.says.key is not None:
            keys[one.says.id] = one.says.key
    return keys


def _record(
    workspace: Workspace,
    recipient: str,
    *,
    action: str,
    role: str | None,
    key: bytes | None,
    at: Instant | None,
    check: Callable[[ListedRecipient | None], None],
    asked: Request | None,
) -> Recorded:
    """Record what happens to a recipient, if it may and if it comes to what is meant."""

    def say(now: Instant) -> list[RecipientEntry]:
        since = now if at is None else at
        # What is said of the time before permits from its entry on.
        when, keys = max(since, now), recipient_keys(workspace)
        held = _listed(platform_of(workspace), keys, recipient, when)
        check(held)
        meant = held.role if role is None and key is not None and held is not None else role
        entry = RecipientEntry(action=action, id=recipient, at=since, role=meant, key=key)
        after = _listed(platform_of(workspace, entry.to_fact(now)), keys, recipient, when)
        if after is None or after.role != meant:
            raise ConflictError(
                f"the register says something else of recipient {quoted(recipient)} at "
                f"{format_instant(since)} or later, and of two things of one instant none counts",
                code="workspace/recipient-tie",
                hint="say it of a later instant",
            )
        return [entry]

    # The files of baselines are read before others have to wait.
    platform_of(workspace)
    return record_once(workspace, say, request=asked, looks=True)


def _listed(
    platform: Platform, keys: Mapping[str, bytes], recipient: str, at: Instant
) -> ListedRecipient | None:
    """Give what a recipient is at an instant; None if it was never on the register."""
    mine = [
        fact
        for fact in platform.facts
        if fact.fact in FACTS.values() and fact.value == recipient
    ]
    state = Timeline(tuple(sorted(mine, key=sort_key))).at(at)
    if not state.facts:
        return None
    since = state.facts[-1].at
    # What an entry of its own says of the same instant is no mere claim.
    by = [platform.claimed_by(fact) for fact in state.facts if fact.at == since]
    return ListedRecipient(
        id=recipient,
        role=role_of(recipient, state),
        since=since,
        key=keys.get(recipient),
        claimed_by=None if None in by else by[-1],
    )


def _claimed(by: str) -> str:
    return f", as claimed in a baseline by {quoted(by)}"


def _key(key: bytes | None) -> dict[str, str]:
    """Give a key as a part of what is asked; none is no part, as it was before there were keys."""
    return {} if key is None else {"key": key.hex()}


def _on_register(recipient: str, held: ListedRecipient | None) -> ListedRecipient:
    if held is None or held.role is None:
        raise ConflictError(
            f"recipient {quoted(recipient)} is not on the register",
            code="workspace/no-recipient",
            hint="put it there with `privity recipient add`",
        )
    return held
