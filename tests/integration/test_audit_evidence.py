# SPDX-License-Identifier: Apache-2.0
"""Evidence of a workspace: an audit is told what its gate was told, and nothing from what the gate made for itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import release
from tests.integration.workspaces import FOUNDED, MEMBERS, SETTINGS, Made, make, records

from privity.app.auditing.opening.opening import OpenedEvidence, open_evidence
from privity.app.inputs import facts_of
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.knowing import gather
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Private, publish_now, record
from privity.audit.evidence import Evidence
from privity.canonical.instants import Instant, parse_instant
from privity.config.workspace import Claims
from privity.decide.one import decide
from privity.decide.request import Decision, Record, Request, world
from privity.entries.attested import Evidence as Shown, Statement, attest, attester_of
from privity.entries.claims import readings
from privity.entries.fact import FactEntry
from privity.members.facts import Fact
from privity.testing.plain import AT, fact, said

DAY = 86_400


def publish(made: Made, at: Instant = AT) -> None:
    with open_workspace(made.root, now=at) as workspace:
        publish_now(workspace)


def opened(made: Made) -> OpenedEvidence:
    publish(made)
    return open_evidence(made.root)


def baseline(made: Made, path: Path, facts: list[Fact], at: Instant = AT) -> None:
    """Record a baseline, as some other process would."""
    stamp = pa.timestamp("us", tz="UTC")
    table = pa.table(
        {
            "member": [one.member for one in facts],
            "fact": [one.fact for one in facts],
            "value": [one.value for one in facts],
            "at": pa.array([one.at * 1_000_000 for one in facts]).cast(stamp),
            "recorded_at": pa.array([one.recorded_at * 1_000_000 for one in facts]).cast(stamp),
            "detail": [
                '{"setting":"genai-improvement"}' if one.fact == "setting" else ""
                for one in facts
            ],
        }
    )
    pq.write_table(table, path)
    with open_workspace(made.root, now=at) as workspace:
        record_baseline(workspace, path, claimed_by="platform")


def attest_fact(made: Made, one: Fact) -> None:
    """Record what an auditor attests, as some other process would."""
    seed = bytes(range(32))
    statement = Statement(
        origin=SETTINGS.origin,
        attester=attester_of("auditor", seed),
        claimed_at=one.recorded_at,
        evidence=Shown(sha256="0" * 64),
        says=FactEntry.of(one),
    )
    with open_workspace(made.root, now=AT) as workspace:
        record(workspace, [Private(member=one.member, says=attest(statement, seed))])


def by_gate(made: Made, size: int, request: Request, asked: list[Record]) -> list[Decision]:
    """Decide by what the workspace gathers for itself, by the plain rule."""
    with open_workspace(made.root) as workspace:
        known = gather(workspace, size=size).known(at=request.at)
    by_entry = known.by_entry
    lines = world(
        known.policy,
        facts_of(known.facts),
        request.known,
        asked,
        by_entry=None if by_entry is None else (by_entry[0], facts_of(by_entry[1])),
    )
    return [decide(one, request, lines) for one in asked]


def by_audit(
    evidence: Evidence, size: int, request: Request, asked: list[Record]
) -> list[Decision]:
    people = {one for row in asked for one in (row.author, *row.recipients) if one is not None}
    first, *others = readings(evidence.given(people, size), request.at)
    by_entry = [(one.policy, one.facts) for one in others]
    lines = world(
        first.policy,
        first.facts,
        request.known,
        asked,
        by_entry=by_entry[0] if by_entry else None,
    )
    return [decide(one, request, lines) for one in asked]


@pytest.mark.parametrize("attested", ["restrict", "accept"])
def test_what_an_audit_is_told_decides_as_the_gate_did(
    tmp_path: Path, attested: Claims
) -> None:  # AUD-7, AUD-8
    made = make(tmp_path, count=60, attested=attested)
    before = FOUNDED - 400 * DAY
    told = [
        Fact(member=one, fact="joined", at=before, recorded_at=before)
        for one in (*MEMBERS[:5], "old", "older")
    ]
    told += [
        Fact(member="old", fact="jurisdiction", value="US", at=before, recorded_at=before),
        Fact(
            member="older",
            fact="setting",
            value="off",
            at=before,
            recorded_at=before,
            detail={"setting": "genai-improvement"},
        ),
    ]
    baseline(made, tmp_path / "told.parquet", told)
    made.record(
        said("2025-01-05", "off", member="m3"),
        fact("merged", "2025-06-01", "m4", member="m3"),
        fact("merged", "2025-06-01", "m5", member="older"),
        fact(
            "seat-instruction",
            "2025-06-01",
            "acme",
            member=None,
            purposes=["genai-training"],
            categories=["content"],
            recipients=["controller"],
        ),
        fact("seat-instruction", "2025-05-01", "globex", member=None, purposes=["safety"]),
    )
    attest_fact(made, said("2025-01-07", "off", member="m6"))
    attest_fact(made, fact("joined", "2014-01-01", member="late"))
    attest_fact(made, fact("seat-instruction-withdrawn", "2025-01-01", "acme", member=None))
    evidence = opened(made)
    size = evidence.log.checkpoint.size
    asked = [
        replace(one, capacity=("personal", "seat:acme", "seat:globex")[number % 3])
        for number, one in enumerate(records(Random(5), 120))
    ]
    seen = set()
    for upto in sorted({1, 30, size // 2, *range(size - 9, size + 1)}):
        with open_workspace(made.root) as workspace:
            time = gather(workspace, size=upto).source.time
        for at in (time, time + 30 * DAY):
            request = Request(purpose="genai-training", recipient="self", at=at, known=time)
            theirs = by_gate(made, upto, request, asked)
            assert by_audit(evidence, upto, request, asked) == theirs
            seats = (
                (record.capacity, one.permit) for record, one in zip(asked, theirs, strict=True)
            )
            seen |= set(seats)
    assert seen == {
        ("personal", True),
        ("personal", False),
        ("seat:acme", True),
        ("seat:acme", False),
        ("seat:globex", False),
    }


def test_rows_of_a_release_are_those_that_were_decided(tmp_path: Path) -> None:
    made = make(tmp_path)
    release(made)
    evidence = opened(made)
    assert evidence.revisions("first") == (1,)
    (entry,) = (one for one in evidence.log.public if one.says.STREAM == "release")  # type: ignore[union-attr]  # all are known
    found = pa.concat_tables(one.table for one in evidence.rows("first", 1))
    assert found.num_rows == entry.says.content.rows  # type: ignore[union-attr]  # as said
    given = {
        row["record_id"]: row
        for path in made.sources
        for row in pq.read_table(path).to_pylist()
    }
    for row in found.to_pylist():
        source = given[row["record_id"]]
        assert row["author"] == source["author"]
        assert row["created_at"] == int(source["created_at"].timestamp())
        assert row["capacity"] == source["capacity"] or "personal"
    assert evidence.gaps == ()


def test_anybody_is_shown_the_public_entries_and_told_what_is_not(
    tmp_path: Path,
) -> None:  # AUD-15
    made = make(tmp_path)
    release(made)
    whole = opened(made)
    public = open_evidence(made.root / "public")
    assert public.log == whole.log
    assert list(public.told(None, 10**9)) == []
    assert public.revisions("first") == ()
    assert [one.kind for one in public.gaps] == ["private-facts", "not-shown"]


def test_what_is_not_published_is_not_believed_and_said(tmp_path: Path) -> None:  # AUD-2
    made = make(tmp_path)
    publish(made)
    made.record(
        said("2025-06-01", "off", member="m1"), at=parse_instant("2026-01-01T00:00:00Z")
    )
    evidence = open_evidence(made.root)
    assert [one.kind for one in evidence.gaps] == ["not-bound"]
    last = list(evidence.told(["m1"], 10**9))[-1]
    assert last.fact.value == "on"
