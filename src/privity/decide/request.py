# SPDX-License-Identifier: Apache-2.0
"""What is asked and what is answered: requests, records, decisions (specs/decision.md part 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from privity.canonical.instants import Instant
from privity.members.facts import Fact, MemberId
from privity.members.timeline import Timeline, timelines
from privity.policy.model import Version
from privity.policy.versions import History

RecordId = str | int


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One question: may this recipient use records for this purpose at this instant?

    Attributes:
        purpose: A term of the vocabulary; an unknown one refuses.
        recipient: An id of the platform's register; an unknown one refuses.
        at: When the data would be used.
        known: Up to which `recorded_at` anything is believed.
    """

    purpose: str
    recipient: str
    at: Instant
    known: Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One content item, without its payload.

    Attributes:
        record_id: Its id within the run's sources.
        category: A term of the vocabulary; an unknown one, or None, refuses.
        created_at: Its first making, or None.
        author: The member that wrote it, or None.
        recipients: The addressees; None is an empty place.
        capacity: `personal`, or `seat:` and the customer.
        quotes: The ids of the records that it quotes; None is one that is lost.
    """

    record_id: RecordId
    category: str | None
    created_at: Instant | None
    author: MemberId | None
    recipients: tuple[MemberId | None, ...] = ()
    capacity: str = "personal"
    quotes: tuple[RecordId | None, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The answer for one record.

    Attributes:
        record_id: Whose answer it is.
        permit: True only where no reason is left.
        reasons: Every reason, sorted.
        obligations: What a permit carries, sorted; empty where refused.
        attested: On whose claims the permit rests, which nobody witnessed, sorted; the rule itself does not say.
    """

    record_id: RecordId
    permit: bool
    reasons: tuple[str, ...]
    obligations: tuple[str, ...]
    attested: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Everything that a request is decided from, as believed at `known`.

    Attributes:
        policy: The known versions.
        members: A timeline for each member.
        platform: The platform's own timeline: recipients, orders, instructions.
        records: The records of the run by id, where quotes are looked up; an id that stands for
            several records is a duplicate.
        by_entry: The other reading of the same, in which what is only claimed permits from its entry on
            (specs/claims.md); None where nothing is claimed.
    """

    policy: History
    members: Mapping[MemberId, Timeline]
    platform: Timeline
    records: Mapping[RecordId, Sequence[Record]] = field(default_factory=dict)
    by_entry: World | None = None

    @property
    def readings(self) -> tuple[World, ...]:
        """Every reading: what any of them refuses is refused ([DEC-7])."""
        return (self,) if self.by_entry is None else (self, self.by_entry)

    def version_of_then(self, created_at: Instant) -> Version | None:
        """Give the version in force when a record was made, or the first for older records."""
        return self.policy.of_then(created_at)


def world(
    policy: History,
    facts: Iterable[Fact],
    known: Instant,
    records: Iterable[Record] = (),
    *,
    by_entry: tuple[History, Iterable[Fact]] | None = None,
) -> World:
    """Make a world of what is believed at `known`.

    Args:
        policy: The versions.
        facts: The facts, in any order.
        known: Up to when anything is believed.
        records: The records of the run.
        by_entry: The versions and facts of the other reading, where something is only claimed.
    """
    believed = policy.known(known)
    lines = timelines(facts, known, believed.setting_names)
    records = tuple(records)
    by_id: dict[RecordId, list[Record]] = {}
    for record in records:
        by_id.setdefault(record.record_id, []).append(record)
    return World(
        policy=believed,
        members={member: line for member, line in lines.items() if member is not None},
        platform=lines.get(None, Timeline()),
        records=by_id,
        by_entry=None if by_entry is None else world(*by_entry, known, records),
    )
