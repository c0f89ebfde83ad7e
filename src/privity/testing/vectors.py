# SPDX-License-Identifier: Apache-2.0
"""Vectors: hand-made cases of the decision rule, as JSON that any implementation can run.

A file is a list of cases with `id`, `why`, `policies`, `facts`, `records`, `request`, and for each
record that is asked for, `expect` (its reasons, sorted) and `obligations` (sorted; what a permit
carries). specs/decision.md says which case pins which step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privity.canonical.instants import parse_instant
from privity.decide.request import Record, RecordId, Request, World, world
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import History, history
from privity.testing.worlds import facts_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Vector:
    """One case.

    Attributes:
        id: Its name, never reused.
        why: What it shows, in one line.
        policy: The versions.
        facts: The facts, whenever they were recorded.
        records: The records of the run.
        request: What is asked.
        expect: For each record asked for, its reasons, sorted.
        obligations: For each of these, what a permit carries, sorted.
    """

    id: str
    why: str
    policy: History
    facts: tuple[Fact, ...]
    records: tuple[Record, ...]
    request: Request
    expect: Mapping[str, tuple[str, ...]]
    obligations: Mapping[str, tuple[str, ...]]

    @property
    def world(self) -> World:
        """What the case is decided from."""
        return world(self.policy, self.facts, self.request.known, self.records)

    @property
    def asked_for(self) -> tuple[Record, ...]:
        """The records of which the case says something."""
        return tuple(one for one in self.records if one.record_id in self.expect)


def read_vectors(path: Path) -> tuple[Vector, ...]:
    """Read the cases of a file.

    Raises:
        InputError: A policy, a fact or an instant does not read.
    """
    return tuple(map(vector_from, json.loads(path.read_text("utf-8"))))


def vector_from(case: Mapping[str, Any]) -> Vector:
    """Read one case.

    Raises:
        InputError: A policy, a fact or an instant does not read.
    """
    request = case["request"]
    return Vector(
        id=case["id"],
        why=case["why"],
        policy=history(version_from(one) for one in case["policies"]),
        facts=tuple(facts_of(case["facts"])),
        records=tuple(map(record_from, case["records"])),
        request=Request(
            purpose=request["purpose"],
            recipient=request["recipient"],
            at=parse_instant(request["at"]),
            known=parse_instant(request["known"]),
        ),
        expect={name: tuple(found) for name, found in case["expect"].items()},
        obligations={name: tuple(found) for name, found in case["obligations"].items()},
    )


def record_from(row: Mapping[str, Any]) -> Record:
    """Read a record; what a row leaves out has the value that a record has by itself.

    Raises:
        InputError: `created_at` is no instant.
    """
    created_at: str | None = row["created_at"]
    quotes: Sequence[RecordId | None] = row.get("quotes", ())
    return Record(
        record_id=row["record_id"],
        category=row["category"],
        created_at=None if created_at is None else parse_instant(created_at),
        author=row["author"],
        recipients=tuple(row.get("recipients", ())),
        capacity=row.get("capacity", "personal"),
        quotes=tuple(quotes),
    )
