# SPDX-License-Identifier: Apache-2.0
"""Whether a release may be handed over, or read by a run, now: asked of the workspace, which knows all (specs/release.md, part 4).

What it was decided by may have changed since. So nothing is believed that was found before: the register, the orders,
the end of the release and the facts of every member in it are looked at as they are.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from privity.app.releases.standing.due import Held, due_records
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import platform_facts
from privity.app.workspace.recipients import recipient_keys
from privity.app.workspace.recording import Recorded, record_in
from privity.canonical.instants import Instant
from privity.decide.platform import role_of
from privity.entries.envelope import PublicEvent, parse_event
from privity.entries.erasure import ErasureBatchEntry
from privity.entries.kinds import WITHOUT_EFFECT, PublicKind
from privity.entries.recipient import FACTS
from privity.entries.release import STREAM as RELEASE
from privity.entries.revocation import STREAM as REVOCATION, RevocationAck
from privity.errors import ConflictError
from privity.members.facts import Fact
from privity.members.timeline import Timeline, sort_key
from privity.release.files import Manifest
from privity.release.standing import check_lasting, check_orders
from privity.store.files import unreachable
from privity.vocabulary.terms import quoted

_ROUNDS: Final = 6
_OF_NOTHING: Final = WITHOUT_EFFECT - {
    # What ends a release, is due of it or revises it.
    RELEASE, REVOCATION, RevocationAck.STREAM, ErasureBatchEntry.STREAM,
}  # fmt: skip
"""Public streams that change nothing of what a release may be used for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usable:
    """A release that may be used.

    Attributes:
        state: The release.
        role: What its recipient is to the platform.
        size: How many entries of the log were looked at.
    """

    state: ReleaseState
    role: str
    size: int


def check_usable(workspace: Workspace, state: ReleaseState, *, threads: int = 2) -> Usable:
    """Check that a release may be used now.

    Args:
        workspace: Where it is.
        state: The release, by the register.
        threads: How many parts are read at once.

    Raises:
        ConflictError: It has expired (`release/expired`) or was withdrawn (`release/ended`), its recipient was never on
            the register (`release/recipient-unregistered`) or has left it (`release/recipient-ended`), an order stops
            it (`release/stopped`), or records of it are due (`release/due`).
        VerificationError: The workspace does not agree with itself.
        UnavailableError: Something cannot be read.
    """
    now = workspace.now()
    check_lasting(state.created.says, None if state.ended is None else state.ended.says, now)
    facts = platform_facts(workspace)
    role = role_on_register(facts, state.recipient, now)
    check_orders(state.created.says, facts, role, now)
    held = held_of(workspace, state)
    (due,) = due_records(workspace, [held], threads=threads)
    if due.records:
        reasons = ", ".join(due.reasons)
        raise ConflictError(
            f"release {quoted(state.name)} has records that are due to be taken back, {due.records:,} of them: {reasons}",
            code="release/due",
            hint="see `privity revoke plan`, and take them back with `privity revoke run`",
        )
    return Usable(state=state, role=role, size=due.size)


def held_of(workspace: Workspace, state: ReleaseState) -> Held:
    """Give what a release holds, for whoever looks what of it is due."""
    places = ReleasePlaces.of(workspace.places, state.name)
    return Held(
        name=state.name,
        revision=state.revision,
        purpose=state.purpose,
        recipient=state.recipient,
        size=state.ledger_size,
        at=state.decided_at,
        folder=places.private,
        files=_files(places.folder.manifest),
        ended=not state.live(workspace.now()),
    )


def enter_looked(
    workspace: Workspace,
    look: Callable[[Workspace], Sequence[Usable]],
    says: Callable[[Sequence[Usable]], PublicKind],
) -> tuple[Recorded, PublicKind]:
    """Enter what holds only as long as releases may be used, as of the instant at which that was looked at ([REL-60]).

    Others may record while this looks. What they record is looked at too, before the entry.

    Args:
        workspace: Where.
        look: Looks whether the releases may be used, and raises where one may not. Its workspace has a clock that stands.
        says: Gives what is entered, from what was found.

    Raises:
        PrivityError: What `look` raises.
        UnavailableError: The disk is full or fails.
    """
    store = workspace.store
    for _round in range(_ROUNDS):
        still = _standing_still(workspace)
        found = look(still)
        with store.transaction() as tx:
            if _nothing_new(still, min(one.size for one in found)):
                said = says(found)
                return record_in(still, tx, [said], {}), said
    # Somebody records all the time: looked at as the only one.
    with store.transaction() as tx:
        still = _standing_still(workspace)
        said = says(look(still))
        return record_in(still, tx, [said], {}), said


def _standing_still(workspace: Workspace) -> Workspace:
    now = workspace.now()
    return replace(workspace, now=lambda: now)


def _nothing_new(workspace: Workspace, size: int) -> bool:
    """Tell whether the log has grown by nothing that could change what was found, and has no later time."""
    head = workspace.store.head()
    if head.time > workspace.now():
        return False
    for entry in workspace.store.entries(size, head.size):
        event = parse_event(entry.data)
        if not isinstance(event, PublicEvent) or event.stream not in _OF_NOTHING:
            return False
    return True


def recipient_key(workspace: Workspace, recipient: str) -> bytes:
    """Give the key that verifies what a recipient signs, as the register has it.

    Raises:
        ConflictError: It has none (`release/recipient-no-key`).
    """
    key = recipient_keys(workspace).get(recipient)
    if key is None:
        raise ConflictError(
            f"the register has no key of recipient {quoted(recipient)}: nobody could acknowledge",
            code="release/recipient-no-key",
            hint=f"run `privity recipient change {shlex.quote(recipient)} --key FILE`",
        )
    return key


def role_on_register(facts: tuple[Fact, ...], recipient: str, at: Instant) -> str:
    """Give what a recipient is to the platform at an instant.

    Args:
        facts: What is known of the platform.
        recipient: Who.
        at: The instant.

    Raises:
        ConflictError: It was never on the register (`release/recipient-unregistered`), or has no role on it then
            (`release/recipient-ended`).
    """
    mine = [one for one in facts if one.fact in FACTS.values() and one.value == recipient]
    if not mine:
        raise ConflictError(
            f"{quoted(recipient)} was never on the register of recipients",
            code="release/recipient-unregistered",
            hint="put it there with `privity recipient add`",
        )
    role = role_of(recipient, Timeline(tuple(sorted(mine, key=sort_key))).at(at))
    if role is None:
        raise ConflictError(
            f"recipient {quoted(recipient)} has left the register, or has two roles and so none",
            code="release/recipient-ended",
            hint="see `privity recipient list`",
        )
    return role


def _files(manifest: Path) -> dict[str, int]:
    try:
        found = Manifest.parse(manifest.read_bytes(), file=str(manifest))
    except OSError as error:
        raise unreachable(manifest, error) from error
    return {one.path: one.rows for one in found.lines}
