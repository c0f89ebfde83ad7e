# SPDX-License-Identifier: Apache-2.0
"""Why a record is decided as it is: its own causes, its parties', those of what it quotes.

Follows specs/decision.md on a path of its own; `privity.decide.one` decides, and its reasons are held equal
to those of the causes. Pure: the caller brings the world.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from privity.decide.case import Case, is_empty
from privity.decide.explain.causes import (
    Cause,
    Explanation,
    MemberCause,
    MemberExplanation,
    told,
)
from privity.decide.explain.reading import (
    cases_of,
    causes_in_all,
    in_order,
    party_causes_in_all,
)
from privity.decide.explain.words import cause, listed
from privity.decide.grant import Asked
from privity.decide.one import bites, decide
from privity.decide.platform import instructed, role_of
from privity.decide.request import Record, Request, World
from privity.errors import InputError
from privity.members.facts import MemberId
from privity.policy.model import Setting, Version
from privity.vocabulary.reasons import ANOTHER_PARTY
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, Tree


def explain(record: Record, request: Request, world: World) -> Explanation:
    """Say for each reason of a record's refusal which rule, version and fact decided.

    Args:
        record: The record; those that it quotes are looked up in the world.
        request: What is asked.
        world: What is believed at the request's `known`.
    """
    decision = decide(record, request, world)
    causes = tuple(_all_causes(record, request, world))
    named = {one.reason for one in causes}
    # INVARIANT: an explanation names the reasons of the decision, no more and no fewer.
    if named != set(decision.reasons):  # pragma: no cover - a property test holds it
        raise AssertionError(
            f"explained {sorted(named)} where {list(decision.reasons)} was decided"
        )
    return Explanation(
        record_id=record.record_id,
        category=record.category,
        created_at=record.created_at,
        author=record.author,
        parties=in_order(cases_of(record, request, world)),
        request=request,
        decision=decision,
        causes=causes,
    )


def for_member(explanation: Explanation, member: MemberId) -> MemberExplanation:
    """Say of an explanation what one of the record's parties may read.

    Its own causes are told in full. Whatever another party refuses, and whatever comes from a quoted
    record, is one sentence for all of them together.

    Raises:
        InputError: The member is no party of the record: it is not theirs to ask about.
    """
    if member not in explanation.parties:
        raise InputError(
            f"member `{member}` is no party of record `{explanation.record_id}`, expected its "
            "author or, for a message, an addressee",
            code="explain/no-party",
        )
    author = explanation.author
    own = [one for one in explanation.causes if _is_told(one, member, author)]
    heard = told(own)
    if len(own) < len(explanation.causes):
        heard += (MemberCause(reason=None, text=ANOTHER_PARTY),)
    return MemberExplanation(
        record_id=explanation.record_id,
        member=member,
        permit=explanation.decision.permit,
        causes=heard,
        obligations=explanation.decision.obligations,
    )


def _is_told(one: Cause, member: MemberId, author: MemberId | None) -> bool:
    if one.party is not None:
        return one.party == member
    # In which seat it was written is the author's affair.
    return one.via is None and (one.reason != "enterprise-seat" or member == author)


def _all_causes(record: Record, request: Request, world: World) -> Iterator[Cause]:
    """Walk the record and what it quotes, each once, nearest first."""
    waiting, seen = [record], {id(record)}
    for current in waiting:  # grows while it is walked
        cases = cases_of(current, request, world)
        causes = causes_in_all(cases, record_causes)
        for party in in_order(cases):
            causes += party_causes_in_all(cases, party)
        for quoted in current.quotes:
            found = world.records.get(quoted, ()) if quoted is not None else ()
            if not found:
                key = "unknown-quote/lost" if quoted is None else "unknown-quote/not-found"
                causes.append(cause(key, quoted=str(quoted)))
            waiting += [one for one in found if id(one) not in seen]
            seen |= {id(one) for one in found}
        own = current is record
        yield from (one if own else replace(one, via=current.record_id) for one in causes)


def record_causes(case: Case) -> Iterator[Cause]:
    """Find what refuses whoever the record's parties are, without what it quotes."""
    record = case.record
    alike = case.world.records.get(record.record_id, ())
    if len(alike) > 1:
        yield cause(
            "duplicate-record/twice", record=str(record.record_id), times=str(len(alike))
        )
    yield from _places(record)
    if record.created_at is None:
        yield cause("bad-time/missing")
    elif case.then is None:
        yield cause("bad-time/later", created=record.created_at)
    if record.category is None:
        yield cause("unknown-category/missing")
    elif record.category not in CATEGORIES:
        yield cause("unknown-category/term", category=record.category)
    yield from request_causes(case)
    yield from _seat(case)
    yield from ground_causes(case)


def _places(record: Record) -> Iterator[Cause]:
    if is_empty(record.author):
        yield cause("no-parties/no-author")
    if any(is_empty(one) for one in record.recipients):
        yield cause("no-parties/empty-place")
    category = record.category or ""
    if (
        not record.recipients
        and category != "group-message"
        and CATEGORIES.contains("message", category)
    ):
        yield cause("no-parties/no-addressee", category=category)


def request_causes(case: Case) -> Iterator[Cause]:
    """Find what refuses every record of a request: its purpose, its recipient, no policy."""
    request = case.request
    if request.purpose not in PURPOSES:
        yield cause("unknown-purpose/term", purpose=request.purpose)
    platform = case.world.platform.at(request.at)
    if role_of(request.recipient, platform) is None:
        facts = [
            one
            for one in platform.all("recipient", "recipient-ended")
            if one.value == request.recipient
        ]
        if not facts:
            yield cause("unknown-recipient/never", recipient=request.recipient)
        elif facts[-1].fact == "recipient-ended":
            yield cause("unknown-recipient/ended", fact=facts[-1], recipient=request.recipient)
        else:
            roles = {str(one.detail.get("role")) for one in facts if one.at == facts[-1].at}
            yield cause(
                "unknown-recipient/two-roles",
                fact=facts[-1],
                recipient=request.recipient,
                roles=listed(sorted(roles)),
            )
    if case.version is None:
        versions = case.world.policy.versions
        if versions:
            yield cause("no-policy/later", version=versions[0], start=versions[0].start)
        else:
            yield cause("no-policy/none", known=request.known)


def _seat(case: Case) -> Iterator[Cause]:
    record, request = case.record, case.request
    platform = case.world.platform.at(request.at)
    role = role_of(request.recipient, platform)
    if record.capacity == "personal" or instructed(
        record.capacity, record.category, request.purpose, role, platform
    ):
        return
    kind, _, customer = record.capacity.partition(":")
    facts = [
        one
        for one in platform.all("seat-instruction", "seat-instruction-withdrawn")
        if one.value == customer
    ]
    if kind != "seat" or not customer:
        yield cause("enterprise-seat/capacity", capacity=record.capacity)
    elif not facts:
        yield cause("enterprise-seat/none", customer=customer)
    elif facts[-1].fact == "seat-instruction-withdrawn":
        yield cause("enterprise-seat/withdrawn", fact=facts[-1], customer=customer)
    else:
        yield cause("enterprise-seat/too-narrow", fact=facts[-1], customer=customer)


def ground_causes(case: Case) -> Iterator[Cause]:
    """Find what the version in force has against the request: no setting for it, or a rule."""
    asked, version = case.asked, case.version
    if asked is None or version is None:
        return
    if not version.governing(asked.purpose, asked.category, asked.role, asked.at):
        nearest = version.biting(asked.purpose, asked.category, asked.role)
        for setting in nearest:
            yield _not_governing(asked, version, setting)
        if not nearest:
            yield cause(
                "no-ground/none",
                version=version,
                purpose=asked.purpose,
                category=asked.category,
                role=asked.role,
            )
    for rule in version.forbid:
        if bites(rule.scope, asked):
            yield cause(
                "forbidden/rule",
                version=version,
                rule=f"forbid.{rule.id}",
                forbids=rule.id,
            )


def _not_governing(asked: Asked, version: Version, setting: Setting) -> Cause:
    """Say of a setting that overlaps the request why it does not govern it."""
    lists: tuple[tuple[Tree, tuple[str, ...] | None, str], ...] = (
        (PURPOSES, setting.scope.purposes, asked.purpose),
        (CATEGORIES, setting.scope.categories, asked.category),
        (ROLES, setting.scope.recipients, asked.role),
    )
    lacked = [term for tree, own, term in lists if not tree.any_contains(own or (), term)]
    if not lacked:
        return cause(
            "no-ground/not-live",
            setting=setting,
            version=version,
            rule=f"settings.{setting.id}.live_from",
            live=setting.live_from,
        )
    has = [own for tree, own, term in lists if not tree.any_contains(own or (), term)]
    return cause(
        "no-ground/too-narrow",
        setting=setting,
        version=version,
        rule=f"settings.{setting.id}",
        lacks="; ".join(
            f"{listed(own or ()).operator or 'nothing'}, not `{term}`"
            for own, term in zip(has, lacked, strict=True)
        ),
        lacked=listed(lacked),
    )
