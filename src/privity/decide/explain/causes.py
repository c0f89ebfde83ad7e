# SPDX-License-Identifier: Apache-2.0
"""What an explanation consists of (docs/explain.md); how it is found is `privity.decide.explain.record`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.canonical.instants import Instant
from privity.decide.request import Decision, RecordId, Request
from privity.members.facts import Fact, MemberId


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One thing that refuses: the rule, the version and the fact that decided, in words.

    Attributes:
        reason: A reason of the vocabulary.
        party: Of whom it was asked, or None where it is the record's own.
        setting: The setting by which it refuses, or None.
        version: The name of the policy version whose rule it is, or None.
        rule: Where the rule stands: a path into that version such as `forbid.no-credentials`, or
            `order.` and the id of an order; None where it is the decision rule itself.
        fact: The fact that decided, or None where it is one that is missing.
        via: The quoted record that it comes from, or None where it is the record's own.
        by_entry: Whether it refuses only because a claim permits from its entry on.
        text: What holds, for who runs the gate.
        remedy: Which fact or change would supply what is missing. It names nobody, so that causes
            with one remedy can be counted together.
        member_text: The same as `text`, said to the party.
        member_remedy: What the party could do, or None where there is nothing.
    """

    reason: str
    party: MemberId | None = None
    setting: str | None = None
    version: str | None = None
    rule: str | None = None
    fact: Fact | None = None
    via: RecordId | None = None
    by_entry: bool = False
    text: str
    remedy: str
    member_text: str
    member_remedy: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why a record was decided as it was.

    Attributes:
        record_id: Whose explanation it is.
        category: The record's category, as it was given.
        created_at: When the record was made, or None.
        author: Who wrote it, or None.
        parties: The record's own parties, the author first.
        request: What was asked.
        decision: The answer; its reasons are those of the causes.
        causes: What refuses: the record's own, then each party's in the order of the parties, then
            those of the records that it quotes.
    """

    record_id: RecordId
    category: str | None
    created_at: Instant | None
    author: MemberId | None
    parties: tuple[MemberId, ...]
    request: Request
    decision: Decision
    causes: tuple[Cause, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberCause:
    """A cause as one member reads it.

    Attributes:
        reason: The reason, or None where it is another party's.
        text: What holds.
        remedy: Which fact or change would supply what is missing, or None where it is another's.
        member_remedy: What the member could do, or None where there is nothing.
        since: When what decided was true, or None where something is missing.
    """

    reason: str | None
    text: str
    remedy: str | None = None
    member_remedy: str | None = None
    since: Instant | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberExplanation:
    """An explanation as one of the record's parties reads it: no other party is named or counted.

    Attributes:
        record_id: Whose explanation it is.
        member: Who reads it.
        permit: Whether the record may be used.
        causes: The member's own, the record's own, and at most one for everybody else together.
        obligations: What a permit carries.
    """

    record_id: RecordId
    member: MemberId
    permit: bool
    causes: tuple[MemberCause, ...]
    obligations: tuple[str, ...]


def told(causes: Iterable[Cause]) -> tuple[MemberCause, ...]:
    """Put causes as the member reads them, each sentence once."""
    found: list[MemberCause] = []
    for one in causes:
        fact = one.fact
        # A birth date holds at all times: since when it was given says nothing.
        since = None if fact is None or fact.fact == "birth_date" else fact.at
        heard = MemberCause(
            reason=one.reason,
            text=one.member_text,
            remedy=one.remedy,
            member_remedy=one.member_remedy,
            since=since,
        )
        if heard not in found:
            found.append(heard)
    return tuple(found)
