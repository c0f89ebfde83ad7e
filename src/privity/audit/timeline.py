# SPDX-License-Identifier: Apache-2.0
"""What a log tells of on a time line, and which log it is, as every report has it (specs/audit.md, part 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from privity.audit.acts import acts_of
from privity.audit.evidence import AuditedLog, Said
from privity.audit.report import Event
from privity.canonical.instants import LATEST
from privity.entries.genesis import GenesisEntry
from privity.entries.notice import NoticeEntry
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.ledger.forms import to_base64

_LANES: Final = {"released": "releases", "handed-over": "disclosures", "trained": "runs"}


def events_of(log: AuditedLog) -> tuple[Event, ...]:
    """Give what a log tells of policies, notices, orders, releases, hand-overs and runs, by the time when it holds.

    A policy begins when it is published and takes effect, an order when it says, and ends when it is lifted; a run goes on
    until its end.
    """
    lifted = {
        one.says.id: one.says.at
        for one in log.public
        if isinstance(one.says, OrderEntry) and one.says.action == "lifted"
    }
    found = [event for said in log.public for event in _events(said, lifted)]
    for act in acts_of(log):
        label = act.name if act.kind != "released" else f"{act.name}, revision {act.revision}"
        over = act.until if act.time < act.until < LATEST else None
        lane = _LANES[act.kind]
        found.append(Event(lane=lane, label=label, at=act.time, until=over, entry=act.entry))
    return tuple(sorted(found, key=lambda one: (one.at, one.entry or 0, one.lane, one.label)))


def _events(said: Said, lifted: dict[str, int]) -> Iterator[Event]:
    match said.says:
        case PolicyEntry() as says:
            start = max(says.effective_at, said.time)
            yield Event(lane="policy", label=says.version, at=start, entry=said.entry)
        case NoticeEntry() as says:
            yield Event(lane="notices", label=says.id, at=says.effective_at, entry=said.entry)
        case OrderEntry(action="issued") as says:
            end = lifted.get(says.id)
            until = end if end is not None and end > says.at else None
            yield Event(lane="orders", label=says.id, at=says.at, until=until, entry=said.entry)
        case _:
            pass


def log_of(log: AuditedLog) -> dict[str, Any]:
    """Say which log it is, and by whose word (`Report.log`)."""
    began = log.public[0].says if log.public else None
    return {
        "origin": log.checkpoint.origin,
        "size": log.checkpoint.size,
        "root": to_base64(log.checkpoint.root),
        "signed_by": list(log.signed_by),
        "key_given": log.given,
        "simulated": isinstance(began, GenesisEntry) and began.clock == "simulated",
    }
