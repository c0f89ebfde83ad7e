# SPDX-License-Identifier: Apache-2.0
"""A workspace in place of policy and facts, in Python; and on whose claims a permit rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.property.recorded import ORIGIN, policy_said, record_at, said_of, workspace_at

import privity
from privity.app.api import compiled
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private
from privity.canonical.encode import encode
from privity.canonical.instants import format_instant
from privity.decide.bits import REASON_MASK
from privity.entries.attested import Evidence, Statement, attest, attester_of
from privity.entries.fact import FactEntry
from privity.errors import InputError
from privity.members.facts import Fact
from privity.testing.plain import AT, POLICY, POST, fact, register, said, told
from privity.testing.worlds import to_arrow

ASKED: Mapping[str, Any] = {"purpose": "genai-training", "recipient": "self", "at": AT}
ROW = {
    "record_id": POST.record_id,
    "category": POST.category,
    "created_at": POST.created_at,
    "author": POST.author,
}
YES = said("2024-10-01", scope="all")


def put_claim(workspace: Workspace, says: Fact, by: str) -> None:
    statement = Statement(
        origin=ORIGIN,
        attester=attester_of(by, bytes(32)),
        claimed_at=says.at,
        evidence=Evidence(sha256="00" * 32),
        says=FactEntry.of(says),
    )
    entry = attest(statement, bytes(32))
    record_at(workspace, AT, [Private(member=says.member, says=entry)])


@pytest.fixture
def claimed(tmp_path: Path) -> Iterator[Path]:
    """A workspace in which two say that a member joined, one that the notice reached it, and it was so."""
    joined, *others = told()
    text = encode(POLICY)
    before = [*register(), *(one for one in others if one.fact != "notice")]
    with workspace_at(tmp_path, attested="accept") as workspace:
        for one in sorted(before, key=lambda one: one.at):
            record_at(workspace, one.at, [said_of(one)])
        record_at(workspace, YES.at, [policy_said(text)], [text])
        record_at(workspace, YES.at, [said_of(YES)])
        put_claim(workspace, joined, "Ann")
        put_claim(workspace, joined, "Bob")
        put_claim(workspace, next(one for one in others if one.fact == "notice"), "Cy")
        yield tmp_path / "workspace"


def test_a_folder_and_what_was_loaded_of_it_are_the_same(claimed: Path) -> None:
    loaded = privity.load_workspace(claimed)
    assert loaded.source.origin == ORIGIN
    assert privity.decide(ROW, workspace=claimed, **ASKED) == privity.decide(
        ROW, workspace=loaded, **ASKED
    )


def test_a_permit_names_those_it_rests_on(claimed: Path) -> None:
    decision = privity.decide(ROW, workspace=claimed, **ASKED)
    # Ann alone could be done without, and so could Bob; nobody but Cy says that a notice came.
    assert decision.permit
    assert decision.attested == ("Cy",)


@pytest.mark.parametrize("engine", ["arrow", "one"])
def test_a_batch_has_a_column_of_those_it_rests_on(claimed: Path, engine: Any) -> None:
    table = privity.decide_batch(to_arrow([POST]), workspace=claimed, engine=engine, **ASKED)
    assert table["attested"].to_pylist() == [["Cy"]]


def test_where_each_could_be_done_without_it_rests_on_all(tmp_path: Path) -> None:
    joined, *others = told()
    text = encode(POLICY)
    with workspace_at(tmp_path, attested="accept") as workspace:
        for one in sorted([*register(), *others[:-1]], key=lambda one: one.at):
            record_at(workspace, one.at, [said_of(one)])
        record_at(workspace, others[-1].at, [policy_said(text), said_of(others[-1])], [text])
        record_at(workspace, YES.at, [said_of(YES)])
        put_claim(workspace, joined, "Ann")
        put_claim(workspace, joined, "Bob")
    decision = privity.decide(ROW, workspace=tmp_path / "workspace", **ASKED)
    assert (decision.permit, decision.attested) == (True, ("Ann", "Bob"))


def test_a_size_and_an_instant_say_up_to_where(claimed: Path) -> None:
    early = privity.load_workspace(claimed, known=format_instant(YES.at))
    assert early.source.claims == {}
    refused = privity.decide(ROW, workspace=early, **ASKED)
    assert "unknown-party" in refused.reasons
    assert refused.attested == ()
    by_size = privity.load_workspace(claimed, size=early.source.size)
    assert privity.decide(ROW, workspace=by_size, **ASKED) == refused
    by_path = privity.decide(ROW, workspace=claimed, known=YES.at, **ASKED)
    assert by_path == refused


def test_a_request_is_made_ready_from_a_workspace(claimed: Path) -> None:
    words = compiled(workspace=claimed, **ASKED).decide(to_arrow([POST]))
    assert words.tolist()[0] & REASON_MASK == 0


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, "`policy` and `facts`, or `workspace`, are not given"),
        ({"policy": POLICY}, "`policy` and `facts`, or `workspace`, are not given"),
        ({"workspace": "w", "policy": POLICY}, "both `workspace` and `policy` or `facts`"),
        ({"workspace": "w", "facts": []}, "both `workspace` and `policy` or `facts`"),
    ],
)
def test_one_form_is_given(given: dict[str, Any], seen: str) -> None:
    with pytest.raises(InputError) as caught:
        privity.decide(ROW, **ASKED, **given)
    assert caught.value.code == "input/basis"
    assert seen in caught.value.message


def test_what_was_known_is_said_once(claimed: Path) -> None:
    loaded = privity.load_workspace(claimed)
    with pytest.raises(InputError, match="`load_workspace` gave"):
        privity.decide(ROW, workspace=loaded, known=AT, **ASKED)
    with pytest.raises(InputError, match="both `known` and `size`"):
        privity.load_workspace(claimed, known=AT, size=3)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        privity.decide(ROW, workspace=tmp_path / "nowhere", **ASKED)
    assert caught.value.code == "workspace/missing"


def test_of_loose_files_nothing_rests_on_anybody() -> None:
    facts = [*register(), *told(), YES, fact("joined", "2015-01-01", member="b")]
    rows = [
        {
            "member": one.member,
            "fact": one.fact,
            "value": one.value,
            "at": one.at,
            "recorded_at": one.recorded_at,
            "detail": dict(one.detail),
        }
        for one in facts
    ]
    table = privity.decide_batch(to_arrow([POST]), policy=POLICY, facts=rows, **ASKED)
    assert "attested" not in table.column_names
    assert privity.decide(ROW, policy=POLICY, facts=rows, **ASKED).attested == ()
