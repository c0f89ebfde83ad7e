# SPDX-License-Identifier: Apache-2.0
"""What is attested in a workspace, or lies in a baseline, decides as the claims that it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from tests.property.recorded import (
    ORIGIN,
    Said,
    policy_said,
    record_at,
    said_of,
    workspace_at,
)

from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.gathered import Known
from privity.app.workspace.knowing import gather
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private
from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.many import compile_request, decide_table
from privity.decide.one import decide
from privity.decide.request import Request
from privity.entries.attested import AttestedEntry, Evidence, Statement, attest, attester_of
from privity.entries.claims import Claim, Given
from privity.members.facts import Fact
from privity.testing.claims import ClaimedWorld, claimed_worlds, world_of
from privity.testing.worlds import to_arrow

KEYS = {"auditor": bytes(32), "platform": bytes(range(32))}


def signed(says: Any, claimed_at: Instant, by: str) -> AttestedEntry:
    return attest(
        Statement(
            origin=ORIGIN,
            attester=attester_of(by, KEYS[by]),
            claimed_at=claimed_at,
            evidence=Evidence(sha256="00" * 32),
            says=says,
        ),
        KEYS[by],
    )


def events(given: Given, texts: dict[str, bytes]) -> list[tuple[Instant, Said, bytes | None]]:
    """What is recorded when, of what is given."""
    found: list[tuple[Instant, Said, bytes | None]] = [
        (fact.recorded_at, said_of(fact), None) for fact in given.facts
    ]
    for claim in given.claims:
        said = said_of(claim.fact)
        if isinstance(said, Private):
            entry = signed(said.says, claim.fact.recorded_at, claim.by)
            found.append((claim.entered, replace(said, says=entry), None))
        else:
            found.append((claim.entered, signed(said, claim.fact.recorded_at, claim.by), None))
    for version in given.versions:
        text = texts[version.version]
        found.append((version.published_at, policy_said(text), text))
    for one in given.texts:
        text = texts[one.version.version]
        entry = signed(policy_said(text), one.version.published_at, one.by)
        found.append((one.entered, entry, text))
    return found


def tell(workspace: Workspace, told: Iterable[tuple[Instant, Said, bytes | None]]) -> None:
    ordered = sorted(told, key=lambda one: one[0])
    for now, some in groupby(ordered, key=lambda one: one[0]):
        together = list(some)
        objects = [text for *_, text in together if text is not None]
        record_at(workspace, now, [said for _, said, _ in together], objects)


def earlier(facts: Iterable[Fact]) -> tuple[tuple[Fact, ...], tuple[Claim, ...]]:
    """Part facts that entered by themselves: what was true before is claimed by the controller."""
    held = list(facts)
    return (
        tuple(one for one in held if one.at >= one.recorded_at),
        tuple(
            Claim(fact=one, entered=one.recorded_at, by="network")
            for one in held
            if one.at < one.recorded_at
        ),
    )


def texts_of(found: ClaimedWorld) -> dict[str, bytes]:
    return {one["version"]: encode(one) for one in found.made.policies}


def by_workspace(found: ClaimedWorld, request: Request, known: Known) -> list[Any]:
    compiled = compile_request(request, known.policy, known.facts, by_entry=known.by_entry)
    words = decide_table(compiled, to_arrow(found.made.records, found.made.ids))
    return [reasons_in(word & REASON_MASK) for word in words.tolist()]


def by_rule(found: ClaimedWorld, request: Request, given: Given) -> list[Any]:
    plain = world_of(given, request, found.made.records)
    return [decide(record, request, plain).reasons for record in found.made.records]


@settings(max_examples=15, deadline=None)
@given(claimed_worlds(records=30))
def test_attested_entries_decide_as_the_claims_that_they_are(found: ClaimedWorld) -> None:
    held, mine = earlier(found.given.facts)
    plain = replace(found.given, facts=held, claims=(*found.given.claims, *mine))
    with workspace_at() as workspace:
        tell(workspace, events(found.given, texts_of(found)))
        for request in found.requests():
            known = gather(workspace, until=request.known)
            assert by_workspace(found, request, known.known(at=request.at)) == by_rule(
                found, request, plain
            )
            # Believed, they hold by their claimed times.
            controller = known.rules.controller
            believed = known.known(at=request.at, believed=["auditor", controller])
            accepted = plain.known(request.known).accepting(["auditor", "network"])
            assert by_workspace(found, request, believed) == by_rule(found, request, accepted)


def put_parquet(path: Path, facts: Iterable[Fact], ids: str) -> Path:
    """Write facts as a file of facts."""
    rows = list(facts)
    stamp = pa.timestamp("us", tz="UTC")
    table = pa.table(
        {
            "member": pa.array(
                [one.member for one in rows], pa.int64() if ids == "int" else pa.string()
            ),
            "fact": pa.array([one.fact for one in rows], pa.string()),
            "value": pa.array([one.value for one in rows], pa.string()),
            "at": pa.array([one.at * 1_000_000 for one in rows], pa.int64()).cast(stamp),
            "recorded_at": pa.array(
                [one.recorded_at * 1_000_000 for one in rows], pa.int64()
            ).cast(stamp),
            "detail": pa.array(
                [encode(dict(one.detail)).decode() for one in rows], pa.string()
            ),
        }
    )
    pq.write_table(table, path)
    return path


@settings(max_examples=15, deadline=None)
@given(claimed_worlds(records=30))
def test_a_baseline_decides_as_the_claims_that_it_is(found: ClaimedWorld) -> None:
    facts = [*found.given.facts, *(one.fact for one in found.given.claims)]
    instants = sorted({one.recorded_at for one in facts})
    entered = instants[len(instants) // 2]
    before = [one for one in facts if one.recorded_at <= entered]
    after = [one for one in facts if one.recorded_at > entered]
    held, mine = earlier(after)
    claims = tuple(Claim(fact=one, entered=entered, by="the platform") for one in before)
    plain = replace(found.given, facts=held, claims=(*claims, *mine), texts=())
    with workspace_at() as workspace:
        told = events(
            replace(found.given, facts=tuple(after), claims=(), texts=()), texts_of(found)
        )
        tell(workspace, [one for one in told if one[0] <= entered])
        path = put_parquet(workspace.places.root / "facts.parquet", before, found.made.ids)
        record_baseline(
            replace(workspace, now=lambda: entered), path, claimed_by="the platform"
        )
        tell(workspace, [one for one in told if one[0] > entered])
        for request in found.requests():
            known = gather(workspace, until=request.known).known(at=request.at)
            assert by_workspace(found, request, known) == by_rule(found, request, plain)
