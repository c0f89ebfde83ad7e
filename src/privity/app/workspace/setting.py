# SPDX-License-Identifier: Apache-2.0
"""Set a fact of one member: what it said, what it was told, where it lives (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from privity.app.workspace.attesting import Attestation
from privity.app.workspace.ids import member_named
from privity.app.workspace.looking_over import asks_for_more
from privity.app.workspace.newcomers import unknown_member
from privity.app.workspace.once import named, record_once, was_recorded
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import names_of
from privity.app.workspace.recording import Private, Recorded
from privity.canonical.instants import Instant, format_instant
from privity.entries.fact import FactEntry
from privity.errors import InputError
from privity.members.check import check_facts
from privity.members.facts import Fact, check_shape
from privity.members.findings import Finding

_JOINED: Final = "joined"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """That a fact was known before its entry.

    Attributes:
        since: Since when.
        attested: Who attests it.
    """

    since: Instant
    attested: Attestation


@dataclass(frozen=True, kw_only=True, slots=True)
class SetFact:
    """What became of it.

    Attributes:
        recorded: Its entry.
        fact: The fact, as recorded.
    """

    recorded: Recorded
    fact: Fact


def set_fact(
    workspace: Workspace,
    member: str,
    fact: str,
    value: str = "",
    *,
    at: Instant | None = None,
    detail: Mapping[str, Any] | None = None,
    claim: Claim | None = None,
    request: str | None = None,
    doubted: bool = False,
) -> SetFact:
    """Record a fact of a member.

    Args:
        workspace: Where.
        member: Whose, as its id is written.
        fact: Its kind.
        value: Its value, empty where the kind has none.
        at: When it was true; None is the entry's time.
        detail: Further strings by key.
        claim: Who attests that it was known before, and since when; None is known from the entry on.
        request: A name of the caller's own, for who repeats it.
        doubted: Whether nothing is known of the member, and nobody said that it is new: then only that it joined is
            recorded.

    Raises:
        InputError: It is no fact of a member, or the id is none of this workspace; it is said to have been
            known after now (`workspace/claims-the-future`).
        ConflictError: The member is doubted (`members/new`); or as `record_once`.
        UnavailableError: As `record_once`.
    """
    details = dict(detail or {})
    check_shape(fact, value, details, platform=False)
    now, whose = workspace.now(), member_named(workspace, member)
    if claim is not None and claim.since > now:
        raise InputError(
            f"the fact is said to have been known since {format_instant(claim.since)}, and now is "
            f"{format_instant(now)}",
            code="workspace/claims-the-future",
        )
    told = Fact(member=whose, fact=fact, value=value, at=0, recorded_at=now, detail=details)

    def say(entered: Instant) -> list[Private]:
        says = FactEntry.of(replace(told, at=entered if at is None else at))
        if claim is None:
            return [Private(member=whose, says=says)]
        origin = workspace.settings.origin
        entry = claim.attested.entry(says, claimed_at=claim.since, origin=origin)
        return [Private(member=whose, says=entry)]

    asked = named(
        request,
        member=member,
        fact=fact,
        value=value,
        at=at,
        detail=details,
        claim=None if claim is None else [claim.since, claim.attested.mapping()],
    )
    if doubted and fact != _JOINED and not (asked and was_recorded(workspace, asked)):
        raise unknown_member(workspace, whose)
    recorded = record_once(workspace, say, members=[whose], request=asked)
    entered = replace(told, recorded_at=recorded.time, at=recorded.time if at is None else at)
    return SetFact(recorded=recorded, fact=entered)


def look_at(workspace: Workspace, fact: Fact) -> tuple[Finding, ...]:
    """Say what is odd about a fact, beside the versions that the log has.

    Not before it is recorded: a no does not wait for somebody to read the whole log.

    Raises:
        ConflictError: As `rules_of`.
        VerificationError: As `rules_of`.
        UnavailableError: As `rules_of`.
    """
    found = check_facts([fact], now=workspace.now(), **names_of(workspace))
    return tuple(one for one in found if not asks_for_more(one))
