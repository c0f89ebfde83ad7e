# SPDX-License-Identifier: Apache-2.0
"""Set a fact of one member: what it said, what it was told, where it lives (docs/workspace.md).

What is asked is looked at first, and then recorded, or rehearsed: what was entered stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from privity.app.workspace.attesting import Attestation
from privity.app.workspace.ids import member_named
from privity.app.workspace.looking_over import asks_for_more
from privity.app.workspace.newcomers import is_entered, unknown_member
from privity.app.workspace.once import Request, named, record_once, was_recorded
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import names_of
from privity.app.workspace.recording import Private, Recorded
from privity.canonical.encode import LARGEST_INTEGER
from privity.canonical.instants import Instant, format_instant
from privity.entries.compose import compose_private
from privity.entries.fact import FactEntry
from privity.entries.fields import KEY_SIZE
from privity.errors import InputError
from privity.members.check import check_facts
from privity.members.facts import Fact, MemberId, check_shape
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
class Asked:
    """A fact that somebody wants recorded, looked at as far as it can be before.

    Attributes:
        member: Whose, as the workspace has ids.
        fact: The fact, as if it was recorded now.
        at: When it was true; None is the entry's time.
        claim: Who attests that it was known before; None is known from the entry on.
        request: What is asked, where the caller has a name for it.
    """

    member: MemberId
    fact: Fact
    at: Instant | None
    claim: Claim | None
    request: Request | None

    def says(self, entered: Instant, *, origin: str) -> Private:
        """Give what its entry says, if it is made then."""
        entry = FactEntry.of(replace(self.fact, at=entered if self.at is None else self.at))
        if self.claim is None:
            return Private(member=self.member, says=entry)
        attested = self.claim.attested
        claimed = attested.entry(entry, claimed_at=self.claim.since, origin=origin)
        return Private(member=self.member, says=claimed)


@dataclass(frozen=True, kw_only=True, slots=True)
class SetFact:
    """What became of it.

    Attributes:
        recorded: Its entry.
        fact: The fact, as recorded.
    """

    recorded: Recorded
    fact: Fact


def ask_fact(
    workspace: Workspace,
    member: str,
    fact: str,
    value: str = "",
    *,
    at: Instant | None = None,
    detail: Mapping[str, Any] | None = None,
    claim: Claim | None = None,
    request: str | None = None,
) -> Asked:
    """Look at a fact that somebody wants recorded; nothing is recorded.

    Args:
        workspace: Where.
        member: Whose, as its id is written.
        fact: Its kind.
        value: Its value, empty where the kind has none.
        at: When it was true; None is the entry's time.
        detail: Further strings by key.
        claim: Who attests that it was known before, and since when; None is known from the entry on.
        request: A name of the caller's own, for who repeats it.

    Raises:
        InputError: It is no fact of a member, or the id is none of this workspace; it is said to have been
            known after now (`workspace/claims-the-future`).
        UnavailableError: The disk fails.
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
    return Asked(
        member=whose,
        fact=Fact(
            member=whose,
            fact=fact,
            value=value,
            at=now if at is None else at,
            recorded_at=now,
            detail=details,
        ),
        at=at,
        claim=claim,
        request=named(
            request,
            member=member,
            fact=fact,
            value=value,
            at=at,
            detail=details,
            claim=None if claim is None else [claim.since, claim.attested.mapping()],
        ),
    )


def set_fact(workspace: Workspace, asked: Asked, *, doubted: bool = False) -> SetFact:
    """Record a fact of a member.

    Args:
        workspace: Where.
        asked: The fact.
        doubted: Whether nothing is known of the member, and nobody said that it is new: then only that it joined is
            recorded.

    Raises:
        ConflictError: The member is doubted (`members/new`); or as `record_once`.
        InputError: As `record_once`.
        UnavailableError: As `record_once`.
    """
    if doubted and not _was_recorded(workspace, asked):
        _refuse_newcomer(workspace, asked)
    origin = workspace.settings.origin
    recorded = record_once(
        workspace,
        lambda entered: [asked.says(entered, origin=origin)],
        members=[asked.member],
        request=asked.request,
    )
    at = recorded.time if asked.at is None else asked.at
    return SetFact(
        recorded=recorded, fact=replace(asked.fact, recorded_at=recorded.time, at=at)
    )


def rehearse_fact(workspace: Workspace, asked: Asked, *, doubted: bool = False) -> int:
    """Give how many entries a fact would be, with the member's enrolment; none if its request was made before.

    Nothing is recorded, and errors are as `set_fact`'s.
    """
    if _was_recorded(workspace, asked):
        return 0
    if doubted:
        _refuse_newcomer(workspace, asked)
    now, origin = workspace.now(), workspace.settings.origin
    says = asked.says(now, origin=origin).says
    compose_private(says, key=bytes(KEY_SIZE), number=LARGEST_INTEGER, time=now, origin=origin)
    return 1 if is_entered(workspace, asked.member) else 2


def _was_recorded(workspace: Workspace, asked: Asked) -> bool:
    return asked.request is not None and was_recorded(workspace, asked.request) is not None


def _refuse_newcomer(workspace: Workspace, asked: Asked) -> None:
    """Refuse what is asked of a member of whom nothing is known, but that it joined."""
    if asked.fact.fact != _JOINED:
        raise unknown_member(workspace, asked.member)


def look_at(workspace: Workspace, fact: Fact) -> tuple[Finding, ...]:
    """Say what is odd about a fact, beside the versions that the log has.

    A no does not wait for that, which reads the whole log: whoever wants to know before it is recorded rehearses it.

    Raises:
        ConflictError: As `rules_of`.
        VerificationError: As `rules_of`.
        UnavailableError: As `rules_of`.
    """
    found = check_facts([fact], now=workspace.now(), **names_of(workspace))
    return tuple(one for one in found if not asks_for_more(one))
