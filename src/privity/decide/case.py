# SPDX-License-Identifier: Apache-2.0
"""What a record is decided by: its instants, its versions, its parties (specs/decision.md part 2).

Looked up once, before anything is asked. Part of the executable specification.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.canonical.instants import Instant
from privity.decide.grant import Asked
from privity.decide.platform import role_of
from privity.decide.request import Record, Request, World
from privity.members.facts import MemberId
from privity.policy.model import Setting, Version
from privity.vocabulary.terms import CATEGORIES, PURPOSES


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One record under one request, with what can be looked up before its parties are asked.

    Attributes:
        then: The instant of the record's making, or None where it is bad.
        version: The version in force at `at`, or None.
        of_then: The version of then, or None where there is no then.
        claimed: The versions that somebody claims to have been in force then, besides.
        asked: Purpose, category, role and `at`; None where a term, the recipient or the policy is
            unknown.
    """

    record: Record
    request: Request
    world: World
    then: Instant | None
    version: Version | None
    of_then: Version | None
    claimed: tuple[Version, ...] = ()
    asked: Asked | None

    @property
    def texts_of_then(self) -> tuple[Version, ...]:
        """The version of then, and those that somebody claims to have been in force then."""
        return (*(() if self.of_then is None else (self.of_then,)), *self.claimed)


def make_case(record: Record, request: Request, world: World) -> Case:
    """Look up what a record is decided by ([DEC-10] to [DEC-14])."""
    created_at = record.created_at
    then = created_at if created_at is not None and created_at <= request.at else None
    version = world.policy.in_force(request.at)
    role = role_of(request.recipient, world.platform.at(request.at))
    asked = None
    if request.purpose in PURPOSES and record.category in CATEGORIES and role and version:
        asked = Asked(
            purpose=request.purpose, category=str(record.category), role=role, at=request.at
        )
    return Case(
        record=record,
        request=request,
        world=world,
        then=then,
        version=version,
        of_then=world.version_of_then(then) if then is not None else None,
        claimed=world.policy.claimed_of_then(then) if then is not None else (),
        asked=asked,
    )


def parties(case: Case) -> set[MemberId]:
    """Give the members who have a say: the author, and for messages the addressees ([DEC-15])."""
    record = case.record
    named = [record.author]
    if _asks_addressees(case):
        named += record.recipients
    return {one for one in named if one is not None and not is_empty(one)}


def is_empty(member: MemberId | None) -> bool:
    """Tell whether a place among author and recipients is empty."""
    return member is None or member == ""


def _asks_addressees(case: Case) -> bool:
    category = case.record.category
    if category == "group-message":
        return any(
            one.group_audience for one in (case.version, *case.texts_of_then) if one is not None
        )
    return (
        category is None
        or category not in CATEGORIES
        or CATEGORIES.overlaps("message", category)
    )


def governing(case: Case) -> tuple[Setting, ...]:
    """Give the settings that govern the record's request; all must agree."""
    asked, version = case.asked, case.version
    if asked is None or version is None:
        return ()
    return version.governing(asked.purpose, asked.category, asked.role, asked.at)
