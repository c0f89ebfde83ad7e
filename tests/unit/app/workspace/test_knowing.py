# SPDX-License-Identifier: Apache-2.0
"""What a ledger knows: up to where, and what counts as a no because nobody can read it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.property.recorded import ORIGIN, policy_said, record_at, said_of, workspace_at

from privity.app.inputs import facts_of
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.gathered import Known
from privity.app.workspace.knowing import gather, known
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private
from privity.canonical.encode import digest, encode
from privity.canonical.instants import Instant, parse_instant
from privity.config.workspace import Claims
from privity.decide.one import decide
from privity.decide.request import Decision, Record, Request, world
from privity.entries.attested import Evidence, Statement, attest, attester_of
from privity.entries.fact import FactEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import PrivityError
from privity.members.facts import Fact
from privity.testing.plain import AT, POLICY, POST, fact, register, said, told

TEXT = encode(POLICY)
YES = said("2024-10-01", scope="all")
REQUEST = Request(purpose="genai-training", recipient="self", at=AT, known=AT)


def put(workspace: Workspace, *facts: Fact) -> None:
    """Record facts when they are true."""
    for one in sorted(facts, key=lambda one: one.at):
        record_at(workspace, one.at, [said_of(one)])


def fill(workspace: Workspace, *facts: Fact) -> None:
    """Record the plain world: one member who was told, and said yes to everything."""
    every = [*register(), *told(), YES, *facts]
    published = parse_instant(POLICY["published_at"])
    put(workspace, *(one for one in every if one.at <= published))
    record_at(workspace, published, [policy_said(TEXT)], [TEXT])
    put(workspace, *(one for one in every if one.at > published))


def answer(found: Known, record: Record = POST, request: Request = REQUEST) -> Decision:
    other = None
    if found.by_entry is not None:
        other = (found.by_entry[0], facts_of(found.by_entry[1]))
    lines = world(found.policy, facts_of(found.facts), request.known, [record], by_entry=other)
    return decide(record, request, lines)


def spoil(workspace: Workspace, statement: str) -> None:
    with closing(sqlite3.connect(workspace.places.log)) as database, database:
        database.execute(statement)


def test_what_was_recorded_is_known_since_its_entry(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        found = known(workspace)
    assert answer(found).permit
    assert [one.published_at for one in found.policy.versions] == [
        parse_instant(POLICY["published_at"])
    ]
    assert {one.recorded_at - one.at for one in facts_of(found.facts)} == {0}
    assert (found.size, found.time) == (11, YES.at)
    assert found.source.origin == ORIGIN
    assert found.source.simulated
    assert found.by_entry is None


def test_when_a_version_was_published_its_entry_says(tmp_path: Path) -> None:
    text = encode({key: one for key, one in POLICY.items() if key != "published_at"})
    entry = PolicyEntry(
        policy=POLICY["policy"],
        version=POLICY["version"],
        effective_at=parse_instant(POLICY["effective_at"]),
        sha256=digest(text),
        size=len(text),
    )
    with workspace_at(tmp_path) as workspace:
        record_at(workspace, AT, [entry], [text])
        (version,) = known(workspace).policy.versions
    assert version.published_at == AT


@pytest.mark.parametrize("size", range(12))
def test_a_size_believes_the_entries_before_it(tmp_path: Path, size: int) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        found = known(workspace, size=size)
    facts = len(found.facts.platform) + found.facts.facts + len(found.policy.versions)
    # All but the genesis and the enrolment.
    assert facts == size - min(size, 1) - (size > 1)
    assert found.size == size


def test_an_instant_believes_the_entries_up_to_it(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        no = said("2024-12-01", "off")
        fill(workspace, no)
        for until, permit in ((no.at - 1, True), (no.at, False)):
            found = known(workspace, until=until)
            assert found.time == until
            assert answer(found).permit == permit
        assert known(workspace, until=-1).size == 0
        assert known(workspace, until=0).size == 1


def test_a_size_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace, pytest.raises(PrivityError) as caught:
        known(workspace, size=2)
    assert caught.value.code == "workspace/known"


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("UPDATE sealed SET payload = zeroblob(80) WHERE entry = 10", "damaged"),
        ("DELETE FROM sealed WHERE entry = 10", "lost"),
    ],
)
def test_an_entry_that_nobody_can_read_may_be_a_no(tmp_path: Path, harm: str, why: str) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        # A later yes does not take it back, whatever it was.
        spoil(workspace, harm)
        if why == "lost":
            with workspace.store.transaction() as tx:
                tx.put_lost(10, 11)
        put(workspace, said("2024-11-01", scope="all"))
        found = known(workspace)
    assert answer(found).reasons == ("opted-out", "opted-out-then")
    assert found.source.unread == {why: 1}


def test_what_a_later_version_says_of_a_member_may_be_a_no(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        later = FactEntry(member="a", fact="restricted", at=0)
        record_at(workspace, YES.at, [Private(member="a", says=later)])
        found = known(workspace)
    assert "opted-out" in answer(found).reasons
    assert found.source.unread == {"unknown": 1}


def test_a_no_that_nobody_can_read_goes_with_an_account_that_is_merged(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        later = FactEntry(member="b", fact="restricted", at=0)
        record_at(workspace, YES.at, [Private(member="b", says=later)])
        put(workspace, fact("merged", "2024-12-01", "a", member="b"))
        assert "opted-out" in answer(known(workspace)).reasons


def test_an_instruction_that_nobody_can_read_may_have_ended_any(tmp_path: Path) -> None:
    seat = replace(POST, capacity="seat:acme")
    instruction = fact(
        "seat-instruction",
        "2024-10-02",
        "acme",
        member=None,
        purposes=["genai-training"],
        categories=["content"],
        recipients=["controller"],
    )
    with workspace_at(tmp_path) as workspace:
        fill(workspace, instruction)
        assert answer(known(workspace), seat).permit
        later = FactEntry(member=None, fact="seat-paused", at=0)
        record_at(workspace, instruction.at, [Private(member=None, says=later)])
        found = known(workspace)
    assert answer(found, seat).reasons == ("enterprise-seat",)
    assert answer(found).permit


def test_a_recipient_whose_role_nobody_knows_has_none(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        entry = RecipientEntry(action="changed", id="self", at=YES.at, role="oracle")
        record_at(workspace, YES.at, [entry])
        found = known(workspace)
    assert "unknown-recipient" in answer(found).reasons
    assert found.source.unheeded == 1


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("DELETE FROM object", "workspace/object-missing"),
        ("UPDATE object SET data = zeroblob(length(data))", "workspace/object"),
        ("UPDATE object SET data = CAST(data || x'0a' AS BLOB)", "workspace/object"),
    ],
)
def test_a_text_is_believed_where_it_is_the_one_that_was_published(
    tmp_path: Path, harm: str, code: str
) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        spoil(workspace, harm)
        with pytest.raises(PrivityError) as caught:
            known(workspace)
    assert caught.value.code == code


def test_a_text_that_says_otherwise_than_its_entry_is_refused(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        entry = replace(policy_said(TEXT), version="another")
        record_at(workspace, AT, [entry], [TEXT])
        with pytest.raises(PrivityError, match="expected `another`") as caught:
            known(workspace)
    assert caught.value.code == "workspace/object"


def test_who_is_erased_is_nobody(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        fill(workspace)
        erase_members(workspace, ["a"])
        found = known(workspace)
    assert answer(found).reasons == ("unknown-party",)
    assert found.facts.members == 0


def test_ids_are_numbers_where_all_are(tmp_path: Path) -> None:
    with workspace_at(tmp_path) as workspace:
        record_at(workspace, AT, list(map(said_of, told(7))))
        assert known(workspace).facts.ids.to_pylist() == [7]
        record_at(workspace, AT, list(map(said_of, told("ana"))))
        assert sorted(known(workspace).facts.ids.to_pylist()) == ["7", "ana"]
        record_at(workspace, AT, list(map(said_of, told("7"))))
        with pytest.raises(PrivityError, match="`7` is the id of one member as a number"):
            known(workspace)


# Claims


def put_claim(workspace: Workspace, says: FactEntry, entered: Instant) -> None:
    statement = Statement(
        origin=ORIGIN,
        attester=attester_of("Sam Porter", bytes(32)),
        claimed_at=says.at,
        evidence=Evidence(sha256="00" * 32),
        says=says,
    )
    entry = attest(statement, bytes(32))
    record_at(workspace, entered, [Private(member=says.member, says=entry)])


@pytest.mark.parametrize(
    ("attested", "reasons"), [("restrict", ("unknown-party",)), ("accept", ())]
)
def test_what_is_claimed_counts_as_the_workspace_says(
    tmp_path: Path, attested: Claims, reasons: tuple[str, ...]
) -> None:
    joined, *others = told()
    with workspace_at(tmp_path, attested=attested) as workspace:
        fill_without_joining(workspace, others)
        put_claim(workspace, FactEntry.of(joined), YES.at)
        found = gather(workspace)
        assert found.names == ("Sam Porter",)
        assert found.claims_of("a") == {"Sam Porter": 1}
        assert (
            answer(found.known(at=AT), replace(POST, created_at=YES.at - 1)).reasons == reasons
        )


def fill_without_joining(workspace: Workspace, others: list[Fact]) -> None:
    put(workspace, *register(), *(one for one in others if one.fact != "notice"))
    record_at(workspace, parse_instant(POLICY["published_at"]), [policy_said(TEXT)], [TEXT])
    put(workspace, *(one for one in others if one.fact == "notice"), YES)


def put_baseline(workspace: Workspace, path: Path, facts: list[Fact], now: Instant) -> None:
    stamp = pa.timestamp("us", tz="UTC")
    times = {
        name: pa.array([getattr(one, name) * 1_000_000 for one in facts]).cast(stamp)
        for name in ("at", "recorded_at")
    }
    table = pa.table(
        {
            "member": [one.member for one in facts],
            "fact": [one.fact for one in facts],
            "value": [one.value for one in facts],
            **times,
            "detail": [encode(dict(one.detail)).decode() for one in facts],
        }
    )
    pq.write_table(table, path)
    record_baseline(replace(workspace, now=lambda: now), path, claimed_by="the network")


def test_a_baseline_is_what_its_entry_commits_to(tmp_path: Path) -> None:
    with workspace_at(tmp_path, attested="accept") as workspace:
        record_at(workspace, 0, [policy_said(TEXT)], [TEXT])
        put_baseline(
            workspace, tmp_path / "facts.parquet", [*register(), *told(), YES, *told("b")], AT
        )
        found = gather(workspace)
        assert answer(found.known(at=AT)).permit
        assert found.names == ("the network",)
        # Whoever is erased from it is nobody, also as it was known before.
        size = workspace.store.head().size
        erase_members(replace(workspace, now=lambda: AT), ["b"])
        for again in (gather(workspace), gather(workspace, size=size)):
            assert again.known(at=AT).facts.ids.to_pylist() == ["a"]
            assert answer(again.known(at=AT)).permit
        (kept,) = workspace.places.baselines.glob("*.parquet")
        shutil.copy(kept, aside := tmp_path / "aside")
        kept.write_bytes(kept.read_bytes().replace(b"on", b"no"))
        with pytest.raises(PrivityError) as changed:
            gather(workspace)
        kept.unlink()
        with pytest.raises(PrivityError) as missing:
            gather(workspace)
        shutil.copy(aside, kept)
        assert answer(known(workspace)).permit
    assert changed.value.code == "workspace/baseline"
    assert missing.value.code == "workspace/baseline-missing"
