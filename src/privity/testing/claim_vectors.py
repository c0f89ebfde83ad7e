# SPDX-License-Identifier: Apache-2.0
"""Vectors of claims: hand-made cases, as JSON that any implementation can run (specs/claims.md part 5).

`facts.json` says which plain facts claims come to by entry; `decisions.json` what is decided where claims
restrict, what where they are accepted, and on whose a permit then rests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privity.canonical.instants import parse_instant
from privity.decide.request import Record, Request
from privity.entries.claims import Claim, ClaimedVersion, Given
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.testing.vectors import record_from
from privity.testing.worlds import facts_of


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsVector:
    """One case of facts by entry.

    Attributes:
        id: Its name, never reused.
        why: What it shows, in one line.
        given: What is given.
        facts: What timelines are made of, by entry; in any order.
    """

    id: str
    why: str
    given: Given
    facts: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionVector:
    """One case of a decision.

    Attributes:
        id: Its name, never reused.
        why: What it shows, in one line.
        given: What is given.
        records: The records of the run; the first is asked for.
        request: What is asked.
        restrict: The reasons where claims restrict, sorted.
        accept: The reasons where they are accepted, sorted.
        rests_on: On whose claims a permit rests where they are accepted, sorted.
    """

    id: str
    why: str
    given: Given
    records: tuple[Record, ...]
    request: Request
    restrict: tuple[str, ...]
    accept: tuple[str, ...]
    rests_on: tuple[str, ...]


def read_facts_vectors(path: Path) -> tuple[FactsVector, ...]:
    """Read cases of facts by entry.

    Raises:
        InputError: A fact does not read.
    """
    return tuple(
        FactsVector(
            id=case["id"],
            why=case["why"],
            given=Given(
                facts=tuple(facts_of(case["input"]["facts"])),
                claims=_claims(case["input"]["claims"]),
            ),
            facts=tuple(facts_of(case["output"]["facts"])),
        )
        for case in json.loads(path.read_text("utf-8"))
    )


def read_decision_vectors(path: Path) -> tuple[DecisionVector, ...]:
    """Read cases of decisions.

    Raises:
        InputError: A policy, a fact or an instant does not read.
    """
    return tuple(map(_decision, json.loads(path.read_text("utf-8"))))


def _decision(case: Mapping[str, Any]) -> DecisionVector:
    given, wanted = case["input"], case["output"]
    request = given["request"]
    return DecisionVector(
        id=case["id"],
        why=case["why"],
        given=Given(
            facts=tuple(facts_of(given["facts"])),
            claims=_claims(given["claims"]),
            versions=tuple(map(version_from, given["policies"])),
            texts=tuple(
                ClaimedVersion(
                    version=version_from(one["policy"]),
                    entered=parse_instant(one["entered"]),
                    by=one["by"],
                )
                for one in given["claimed_policies"]
            ),
        ),
        records=tuple(map(record_from, given["records"])),
        request=Request(
            purpose=request["purpose"],
            recipient=request["recipient"],
            at=parse_instant(request["at"]),
            known=parse_instant(request["known"]),
        ),
        restrict=tuple(wanted["restrict"]),
        accept=tuple(wanted["accept"]),
        rests_on=tuple(wanted["rests_on"]),
    )


def _claims(rows: Sequence[Mapping[str, Any]]) -> tuple[Claim, ...]:
    return tuple(
        Claim(fact=fact, entered=parse_instant(row["entered"]), by=row["by"])
        for row, fact in zip(rows, facts_of(rows), strict=True)
    )
