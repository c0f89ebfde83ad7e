# SPDX-License-Identifier: Apache-2.0
"""One record, told to one of its parties: who may use it now, and why others may not (docs/web.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from privity.canonical.instants import Instant
from privity.decide.explain.causes import MemberExplanation
from privity.decide.explain.member import registered
from privity.decide.explain.reading import cases_of, in_order, without_the_same
from privity.decide.explain.record import explain, for_member
from privity.decide.platform import role_of
from privity.decide.remembered import remembered
from privity.decide.request import Record, RecordId, Request, World
from privity.errors import InputError
from privity.members.facts import MemberId


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnUse:
    """What is so for one recipient.

    Attributes:
        recipient: An id of the register.
        role: Its role, or None where it has two.
        told: The answer, as the member reads it.
    """

    recipient: str
    role: str | None
    told: MemberExplanation


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRecord:
    """A record, as one of its parties reads it.

    Attributes:
        record_id: Its id.
        category: Its category, as it was given.
        created_at: When it was made, or None.
        is_author: Whether she wrote it.
        parties: How many parties it has; what it quotes has others.
        quotes: Whether something of other records stands in it.
        others: How many are asked besides her, in it and in what it quotes.
        at: When it would be used.
        uses: For each recipient of the register, the answer.
    """

    record_id: RecordId
    category: str | None
    created_at: Instant | None
    is_author: bool
    parties: int
    quotes: bool
    others: int
    at: Instant
    uses: tuple[OwnUse, ...]

    @property
    def another_refuses(self) -> bool:
        """Whether something refuses that is not hers to read."""
        return any(cause.reason is None for one in self.uses for cause in one.told.causes)

    @property
    def tells_of_the_other(self) -> bool:
        """Whether what is not hers can only be the other party's, so that it cannot be hidden whose it is."""
        return self.another_refuses and self.others == 1 and not self.quotes

    @property
    def may_tell_of_the_other(self) -> bool:
        """Whether what is not hers is one other's, or else is about what is quoted: whose it is cannot be hidden well."""
        return self.another_refuses and self.others == 1 and self.quotes


def explain_own(record: Record, member: MemberId, request: Request, world: World) -> OwnRecord:
    """Say to a party of a record who may use it, for every recipient on the register.

    Args:
        record: The record; those that it quotes are looked up in the world.
        member: Who reads it, whether as text or as a number.
        request: What is asked; its recipient does not matter.
        world: What is believed at the request's `known`.

    Raises:
        InputError: The member is no party of the record.
    """
    named = [one for one in (record.author, *record.recipients) if one is not None]
    mine = next((one for one in named if str(one) == str(member)), None)
    if mine is None:
        raise InputError(
            f"member `{member}` is no party of record `{record.record_id}`, expected its author or, for a message, "
            "an addressee",
            code="explain/no-party",
        )
    world = remembered(without_the_same(world, request.at))
    platform = world.platform.at(request.at)
    parties = 1
    uses = []
    by_roles: dict[tuple[str | None, ...], MemberExplanation] = {}
    for recipient in registered(platform):
        roles = tuple(role_of(recipient, one.platform.at(request.at)) for one in world.readings)
        # The rule knows a recipient by its role alone; one that has none is named in the answer.
        if roles not in by_roles or None in roles:
            found = explain(record, replace(request, recipient=recipient), world)
            parties = len(found.parties)
            by_roles[roles] = for_member(found, mine)
        uses.append(OwnUse(recipient=recipient, role=roles[0], told=by_roles[roles]))
    return OwnRecord(
        record_id=record.record_id,
        category=record.category,
        created_at=record.created_at,
        is_author=mine == record.author,
        parties=parties,
        quotes=bool(record.quotes),
        others=len({str(one) for one in _asked(record, request, world)} - {str(mine)}),
        at=request.at,
        uses=tuple(uses),
    )


def _asked(record: Record, request: Request, world: World) -> Iterator[MemberId]:
    """Give who is asked about a record: its parties, and those of what it quotes, to any depth."""
    waiting, seen = [record], {id(record)}
    for current in waiting:  # grows while it is walked
        yield from in_order(cases_of(current, request, world))
        for quoted in current.quotes:
            found = world.records.get(quoted, ()) if quoted is not None else ()
            waiting += [one for one in found if id(one) not in seen]
            seen |= {id(one) for one in found}
