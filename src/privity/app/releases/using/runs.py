# SPDX-License-Identifier: Apache-2.0
"""Training runs: entered before they read, and when they have ended (specs/release.md, part 4).

A run begins with a look whether its releases may be used, and with an entry; its ticket follows from the entry, and is what
a reader shows. What a run did is what it says at its end: nobody here saw it read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from privity.app.releases.standing.usable import Usable, check_usable, enter_looked
from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import signer_of
from privity.app.releases.state.states import Register, ReleaseState, RunState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded, record_in
from privity.canonical.instants import format_instant
from privity.entries.model import ModelEntry
from privity.entries.run import RunEnd, RunStart
from privity.errors import ConflictError
from privity.ledger.forms import to_base64
from privity.release.ticket import LIFE, RunTicket, TicketRelease
from privity.vocabulary.terms import quoted

_CONTROLLER: Final = "controller"
_NAME: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedRun:
    """A run that may begin to read.

    Attributes:
        name: Its name.
        recorded: Its entry.
        ticket: What the ticket says.
        envelope: The ticket, signed: what a reader is shown.
    """

    name: str
    recorded: Recorded
    ticket: RunTicket
    envelope: bytes


def begin_run(
    workspace: Workspace,
    releases: Sequence[str],
    *,
    recipient: str,
    code: str,
    config: str,
    base: str | None = None,
    threads: int = 2,
) -> StartedRun:
    """Enter that a run begins, if its releases may be used, and make its ticket ([REL-74]).

    Args:
        workspace: Where the releases are.
        releases: Their names; their newest revisions are read.
        recipient: Who runs it.
        code: The SHA-256 of the code, in hexadecimal.
        config: The SHA-256 of the configuration, in hexadecimal.
        base: The model that it goes on from, or None.
        threads: How many parts are read at once.

    Raises:
        InputError: There is no such release or model, or a value is none.
        ConflictError: A release was made for somebody else (`release/other-recipient`), the recipient has not acknowledged
            that it has this revision (`release/unacknowledged`), or as `check_usable`.
        UnavailableError: The disk is full or fails.
    """
    name = f"r{secrets.token_hex(_NAME)}"

    def look(still: Workspace) -> list[Usable]:
        register = register_of(still)
        if base is not None:
            register.model(base)
        states = [register.release(one) for one in releases]
        for state in states:
            if state.recipient != recipient:
                raise ConflictError(
                    f"release {quoted(state.name)} was made for {quoted(state.recipient)}, not for "
                    f"{quoted(recipient)}",
                    code="release/other-recipient",
                    hint="make a release for that recipient with `privity release create`",
                )
        found = [check_usable(still, state, threads=threads) for state in states]
        for one in found:
            if one.role != _CONTROLLER:
                check_has(one.state, recipient)
        return found

    def says(found: Sequence[Usable]) -> RunStart:
        return RunStart(
            run=name,
            recipient=recipient,
            releases=tuple((one.state.name, one.state.revision) for one in found),
            ledger_size=min(one.size for one in found),
            code=code,
            config=config,
            base=base,
        )

    # What cannot be said is refused before anything is looked at.
    pairs = tuple((one, 1) for one in releases)
    RunStart(
        run=name,
        recipient=recipient,
        releases=pairs,
        ledger_size=1,
        code=code,
        config=config,
        base=base,
    )
    recorded, _ = enter_looked(workspace, look, says)
    ticket, envelope = ticket_of(workspace, register_of(workspace), name)
    return StartedRun(name=name, recorded=recorded, ticket=ticket, envelope=envelope)


def check_has(state: ReleaseState, recipient: str) -> None:
    """Check that a recipient says that it has the newest revision: acknowledged, or what is gone since attested ([REL-74]).

    Raises:
        ConflictError: It does not (`release/unacknowledged`).
    """
    has = max(
        (
            one.handed.says.revision
            for one in state.disclosures
            if one.acknowledged is not None and one.handed.says.recipient == recipient
        ),
        default=0,
    )
    attested = {
        one.name
        for one in state.revocations
        if any(ack.says.recipient == recipient for ack in one.acks)
    }
    for revised in state.revised:
        if has == revised.says.revision - 1 and revised.says.revocation in attested:
            has = revised.says.revision
    if has != state.revision:
        seen = f"revision {has}" if has else "nothing"
        raise ConflictError(
            f"{quoted(recipient)} has acknowledged {seen} of release {quoted(state.name)}, and its newest is "
            f"revision {state.revision}",
            code="release/unacknowledged",
            hint="hand it over, and enter the acknowledgement with `privity release hand-over --acknowledgement`",
        )


def ticket_of(workspace: Workspace, register: Register, run: str) -> tuple[RunTicket, bytes]:
    """Make the ticket of a run from what the log says of it, the same each time ([REL-75]).

    Returns:
        What it says, and its envelope.

    Raises:
        InputError: There is no such run.
        ConflictError: The key in the workspace is not the one of a release.
        UnavailableError: The key cannot be read.
    """
    start = register.run(run).start
    states = [register.releases[name] for name, _ in start.says.releases]
    ends = [one.expires_at for one in states if one.expires_at is not None]
    ticket = RunTicket(
        origin=workspace.settings.origin,
        start=start.says,
        index=start.index,
        at=start.time,
        until=min([start.time + LIFE, *ends]),
        releases=tuple(
            TicketRelease(release=name, revision=revision, files_root=_root(state, revision))
            for (name, revision), state in zip(start.says.releases, states, strict=True)
        ),
    )
    signers = {state.created.says.key: signer_of(workspace, state) for state in states}
    return ticket, ticket.signed(*signers.values())


def finish_run(
    workspace: Workspace,
    run: str,
    *,
    how: str,
    batches: int,
    batches_root: bytes,
    checkpoints: Sequence[str] = (),
    models: Mapping[str, str] | None = None,
) -> Recorded:
    """Enter that a run has ended, with the models that it made ([REL-76]).

    Args:
        workspace: Where it began.
        run: Its name.
        how: `completed` or `aborted`.
        batches: How many batches it consumed.
        batches_root: The root over them, 32 bytes.
        checkpoints: The SHA-256 of each checkpoint that it kept, in hexadecimal.
        models: For each model's name the SHA-256 of its file, in hexadecimal.

    Raises:
        InputError: There is no such run, or a value is none.
        ConflictError: It has ended before (`release/run-over`), or a model has the name already (`release/model-there`).
        UnavailableError: The disk is full or fails.
    """
    end = RunEnd(
        run=run,
        how=how,
        batches=batches,
        batches_root=batches_root,
        checkpoints=tuple(checkpoints),
    )
    with workspace.store.transaction() as tx:
        register = register_of(workspace)
        state = register.run(run)
        if state.end is not None:
            raise ConflictError(
                f"run {quoted(run)} ended at {format_instant(state.end.time)}, as entry {state.end.index}",
                code="release/run-over",
                hint="start another run with `privity run start`",
            )
        for name in models or {}:
            if name in register.models:
                raise ConflictError(
                    f"there is a model {quoted(name)} already",
                    code="release/model-there",
                    hint="choose another name: none is used twice",
                )
        made = [
            ModelEntry(model=name, run=run, sha256=sha256, base=state.start.says.base)
            for name, sha256 in (models or {}).items()
        ]
        return record_in(workspace, tx, [end, *made], {})


def run_mapping(register: Register, run: RunState) -> dict[str, Any]:
    """Give what the log says of a run as plain values for JSON."""
    start, end = run.start, run.end
    says = start.says
    return {
        "base": says.base,
        "code": says.code,
        "config": says.config,
        "end": None
        if end is None
        else {
            "at": format_instant(end.time),
            "batches": end.says.batches,
            "batches_root": to_base64(end.says.batches_root),
            "checkpoints": list(end.says.checkpoints),
            "entry": end.index,
            "how": end.says.how,
        },
        "entry": start.index,
        "ledger_size": says.ledger_size,
        "models": [
            {"model": one.name, "sha256": one.entry.says.sha256, "entry": one.entry.index}
            for one in run.models
        ],
        "recipient": says.recipient,
        "releases": [
            {
                "newest": register.releases[name].revision,
                "release": name,
                "revision": revision,
            }
            for name, revision in says.releases
        ],
        "run": run.name,
        "started": format_instant(start.time),
    }


def _root(state: ReleaseState, revision: int) -> bytes:
    """Give the root over the files of a revision; the register holds that there is one."""
    contents = {one.says.revision: one.says.content for one in state.revised}
    first = state.created.says
    return {first.revision: first.content, **contents}[revision].files_root
