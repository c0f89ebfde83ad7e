# SPDX-License-Identifier: Apache-2.0
"""Decide a world twice, by the plain rule and in bulk, and say where the two part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from privity.canonical.encode import encode
from privity.canonical.instants import format_instant
from privity.decide.bits import REASON_MASK, obligations_in, reasons_in
from privity.decide.many import Compiled, compile_request, decide_table
from privity.decide.one import decide
from privity.decide.request import Decision, Record, Request, world
from privity.members.columns import columns_of
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import History, history
from privity.testing.worlds import IdKind, facts_of, to_arrow

Words = npt.NDArray[np.uint64]
Answer = tuple[tuple[str, ...], tuple[str, ...]]

_MOST_SHOWN = 3


@dataclass
class Seen:
    """What was compared so far."""

    decisions: int = 0
    permits: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, decided: Sequence[Decision]) -> None:
        self.decisions += len(decided)
        self.permits += sum(one.permit for one in decided)
        self.reasons.update(reason for one in decided for reason in one.reasons)


def versions(policies: Sequence[Mapping[str, Any]]) -> History:
    """Read versions that are given as mappings."""
    return history(map(version_from, policies))


def answers(words: Words) -> list[Answer]:
    """Give the reasons and obligations of words."""
    return [(reasons_in(word & REASON_MASK), obligations_in(word)) for word in words.tolist()]


def compiled(
    policies: Sequence[Mapping[str, Any]], facts: Sequence[Mapping[str, Any]], request: Request
) -> Compiled:
    """Make a request ready, from plain mappings; ids that are numbers stay numbers."""
    rows = [{**row, "member": None if row["member"] == "" else row["member"]} for row in facts]
    return compile_request(request, versions(policies), columns_of(rows))


def plainly(
    policies: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    request: Request,
) -> list[Decision]:
    """Decide by the executable specification."""
    found = world(versions(policies), facts_of(facts), request.known, records)
    return [decide(record, request, found) for record in records]


def in_bulk(
    policies: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    request: Request,
    ids: IdKind = "string",
) -> list[Answer]:
    """Decide by the bulk path."""
    table = to_arrow(records, ids)
    return answers(decide_table(compiled(policies, facts, request), table))


def agree(
    policies: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    request: Request,
    ids: IdKind = "string",
) -> list[Decision]:
    """Decide both ways, hold both to be equal, and give the decisions.

    Raises:
        AssertionError: They part; the first few records are shown.
    """
    plain = plainly(policies, facts, records, request)
    bulk = in_bulk(policies, facts, records, request, ids)
    parted = [
        f"{record}: plain {one.reasons} {one.obligations}, bulk {other}"
        for record, one, other in zip(records, plain, bulk, strict=True)
        if (one.reasons, one.obligations) != other
    ]
    assert not parted, "\n".join([f"{request}: {len(parted)} part", *parted[:_MOST_SHOWN]])
    return plain


def as_rows(facts: Iterable[Fact]) -> list[Mapping[str, Any]]:
    """Write facts as rows of the facts format."""
    return [
        {
            "member": "" if one.member is None else one.member,
            "fact": one.fact,
            "value": one.value,
            "at": format_instant(one.at),
            "recorded_at": format_instant(one.recorded_at),
            "detail": encode(dict(one.detail)).decode(),
        }
        for one in facts
    ]
