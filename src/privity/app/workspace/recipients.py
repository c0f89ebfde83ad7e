# SPDX-License-Identifier: Apache-2.0
"""The register of recipients: who comes onto it, changes, leaves it, and who is on it (docs/workspace.md).

Whatever would change nothing, or leave somebody with two roles at one instant and so with none, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from privity.app.workspace.once import Request, named, record_once
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import platform_facts
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant, format_instant
from privity.decide.platform import role_of
from privity.entries.recipient import FACTS, RecipientEntry
from privity.errors import ConflictError
from privity.members.facts import Fact
from privity.members.timeline import Timeline, sort_key
from privity.vocabulary.terms import ROLES, quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRecipient:
    """A recipient as it is at an instant.

    Attributes:
        id: Its name.
        role: Its role; None if it has left the register, or has two roles and so none.
        since: Since when.
    """

    id: str
    role: str | None
    since: Instant

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {"id": self.id, "role": self.role, "since": format_instant(self.since)}


def add_recipient(
    workspace: Workspace,
    recipient: str,
    *,
    role: str,
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that a recipient comes onto the register.

    Raises:
        InputError: The role is unknown.
        ConflictError: It is on the register (`workspace/recipient-there`), or another entry speaks of the same
            instant (`workspace/recipient-tie`); or as `record_once`.
        UnavailableError: As `record_once`.
    """
    ROLES.require(role)

    def check(held: ListedRecipient | None) -> None:
        if held is not None and held.role is not None:
            raise ConflictError(
                f"recipient {quoted(recipient)} is on the register as {quoted(held.role)} since "
                f"{format_instant(held.since)}",
                code="workspace/recipient-there",
                hint="change its role with `privity recipient change`",
            )

    asked = named(request, recipient="add", id=recipient, role=role, at=at)
    return _record(
        workspace,
        recipient,
        action="added",
        role=role,
        at=at,
        check=check,
        asked=asked,
    )


def change_recipient(
    workspace: Workspace,
    recipient: str,
    *,
    role: str,
    at: Instant | None = None,
    request: str | None = None,
) -> Recorded:
    """Record that a recipient has another role.

    Raises:
        InputError: The role is unknown.
        ConflictError: It is not on the register (`workspace/no-recipient`), has this role
            (`workspace/recipient-there`), or another entry speaks of the same instant
            (`workspace/recipient-tie`); or as `record_once`.
        UnavailableError: As `record_once`.
    """
    ROLES.require(role)

    def check(held: ListedRecipient | None) -> None:
        if _on_register(recipient, held).role == role:
            raise ConflictError(
                f"recipient {quoted(recipient)} is on the register as {quoted(role)} already",
                code="workspace/recipient-there",
            )

    asked = named(request, recipient="change", id=recipient, role=role, at=at)
    return _record(
        workspace,
        recipient,
        action="changed",
        role=role,
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
        at=at,
        check=check,
        asked=asked,
    )


def list_recipients(workspace: Workspace, *, at: Instant) -> list[ListedRecipient]:
    """Give every recipient that was ever on the register by an instant, as it is then, by name."""
    facts = platform_facts(workspace)
    names = sorted({fact.value for fact in facts if fact.fact in FACTS.values()})
    found = (_listed(facts, name, at) for name in names)
    return [one for one in found if one is not None]


def _record(
    workspace: Workspace,
    recipient: str,
    *,
    action: str,
    role: str | None,
    at: Instant | None,
    check: Callable[[ListedRecipient | None], None],
    asked: Request | None,
) -> Recorded:
    """Record what happens to a recipient, if it may and if it comes to what is meant."""

    def say(now: Instant) -> list[RecipientEntry]:
        since = now if at is None else at
        entry = RecipientEntry(action=action, id=recipient, at=since, role=role)
        # What is said of the time before permits from its entry on.
        when = max(since, now)
        check(_listed(platform_facts(workspace), recipient, when))
        after = _listed(platform_facts(workspace, entry.to_fact(now)), recipient, when)
        if after is None or after.role != role:
            raise ConflictError(
                f"the register says something else of recipient {quoted(recipient)} at "
                f"{format_instant(since)} or later, and of two things of one instant none counts",
                code="workspace/recipient-tie",
                hint="say it of a later instant",
            )
        return [entry]

    return record_once(workspace, say, request=asked, looks=True)


def _listed(facts: Sequence[Fact], recipient: str, at: Instant) -> ListedRecipient | None:
    """Give what a recipient is at an instant; None if it was never on the register."""
    mine = [fact for fact in facts if fact.fact in FACTS.values() and fact.value == recipient]
    state = Timeline(tuple(sorted(mine, key=sort_key))).at(at)
    if not state.facts:
        return None
    return ListedRecipient(
        id=recipient, role=role_of(recipient, state), since=state.facts[-1].at
    )


def _on_register(recipient: str, held: ListedRecipient | None) -> ListedRecipient:
    if held is None or held.role is None:
        raise ConflictError(
            f"recipient {quoted(recipient)} is not on the register",
            code="workspace/no-recipient",
            hint="put it there with `privity recipient add`",
        )
    return held
