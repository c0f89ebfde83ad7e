# SPDX-License-Identifier: Apache-2.0
"""Claims, case by case: specs/claims.md."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from privity.canonical.instants import EARLIEST, LATEST
from privity.decide.attested import rests_on
from privity.decide.count_attested import count_attested
from privity.decide.one import decide
from privity.decide.request import World
from privity.entries.claims import Claim, ClaimedVersion, Given, readings
from privity.members.claims import facts_by_entry, restricts
from privity.members.facts import SHAPES, Fact
from privity.policy.model import Version
from privity.policy.parse import version_from
from privity.testing.claim_vectors import (
    DecisionVector,
    FactsVector,
    read_decision_vectors,
    read_facts_vectors,
)
from privity.testing.claims import world_of
from privity.testing.plain import day, fact, policy

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "vectors" / "claims"
FACTS = read_facts_vectors(FOLDER / "facts.json")
DECISIONS = read_decision_vectors(FOLDER / "decisions.json")
ROW = re.compile(r"^\| (CLM-\d+) \| (.+) \|$", re.MULTILINE)


def canonical(facts: tuple[Fact, ...]) -> list[str]:
    return sorted(repr(replace(one, detail=dict(one.detail))) for one in facts)


@pytest.mark.parametrize("case", FACTS, ids=[one.id for one in FACTS])
def test_claims_come_to_these_facts_by_entry(case: FactsVector) -> None:
    # [CLM-1], [CLM-2], [CLM-11] to [CLM-15]: [CLM-13] and [CLM-15] hold nowhere else
    claims = [(one.told, one.entered) for one in case.given.claims]
    assert canonical(facts_by_entry(case.given.facts, claims)) == canonical(case.facts)


@pytest.mark.parametrize("case", DECISIONS, ids=[one.id for one in DECISIONS])
def test_claims_restrict_and_are_accepted(case: DecisionVector) -> None:
    # What refuses in either reading ([CLM-10], [CLM-11]), and what rests on whom ([CLM-21])
    record = case.records[0]

    def believing(given: Given) -> World:
        return world_of(given, case.request, case.records)

    accepted = believing(case.given.accepting(case.given.names))
    witnessed = believing(case.given)
    each = {name: believing(one) for name, one in case.given.doubting_each().items()}
    assert decide(record, case.request, witnessed).reasons == case.restrict
    assert decide(record, case.request, accepted).reasons == case.accept
    assert rests_on(record, case.request, accepted, witnessed, each) == case.rests_on


def test_every_case_pins_a_step_and_every_step_is_pinned_or_says_why_not() -> None:
    text = (ROOT / "specs" / "claims.md").read_text("utf-8")
    rows = dict(ROW.findall(text))
    stated = re.findall(r"^- \*\*\[(CLM-\d+)\]\*\* ", text, re.MULTILINE)
    assert list(rows) == stated
    named = {
        case
        for cell in rows.values()
        if not cell.startswith("none: ")
        for case in re.findall(r"`([^`]+)`", cell)
    }
    assert named == {one.id for one in FACTS} | {one.id for one in DECISIONS}
    assert len(named) == len(FACTS) + len(DECISIONS)


def test_every_kind_of_fact_restricts_or_permits() -> None:  # [CLM-12], [CLM-14]
    permitting = {
        "joined",
        "reopened",
        "jurisdiction",
        "birth_date",
        "agreement-ended",
        "notice",
        "objection-withdrawn",
        "minor-cleared",
        "recipient",
        "order-lifted",
        "seat-instruction",
    }
    kinds = {kind for kind in SHAPES if kind != "setting"}
    assert {kind for kind in kinds if not restricts(fact(kind, "2024-01-01"))} == permitting
    said = {value: restricts(fact("setting", "2024-01-01", value)) for value in ("on", "unset")}
    assert said == {"on": False, "unset": False}
    assert restricts(fact("setting", "2024-01-01", "perhaps", method="migrated"))


def test_where_nothing_is_claimed_there_is_one_reading() -> None:  # [CLM-4]
    known = Given(facts=(fact("joined", "2015-01-01"),), versions=(version_from(policy()),))
    (only,) = readings(known, day("2025-06-01"))
    assert only.facts == known.facts
    assert only.policy.versions == known.versions
    assert only.policy.texts == ()


def version(name: str, on: str) -> Version:
    return version_from(
        policy(version=name, published_at=f"{on}T00:00:00Z", effective_at=f"{on}T00:00:00Z")
    )


def claimed(name: str, on: str, entered: str, by: str = "auditor") -> ClaimedVersion:
    return ClaimedVersion(version=version(name, on), entered=day(entered), by=by)


def test_a_claimed_version_is_a_text_of_then_and_a_ground_from_its_entry() -> None:
    # [CLM-16]: until the next that was seen starts, or the next that is claimed has entered
    known = Given(
        versions=(version("seen", "2024-01-01"),),
        texts=(
            claimed("old", "2020-01-01", "2025-01-01"),
            claimed("between", "2022-01-01", "2025-02-01"),
            claimed("newest", "2024-06-01", "2025-01-01"),
        ),
    )
    as_claimed, by_entry = readings(known, day("2025-06-01"))
    assert [one.version for one in as_claimed.policy.versions] == [
        "old",
        "between",
        "seen",
        "newest",
    ]  # [CLM-10]
    assert as_claimed.policy.texts == ()
    assert [(one.version, one.published_at) for one in by_entry.policy.versions] == [
        ("seen", day("2024-01-01")),
        ("newest", day("2025-01-01")),  # [CLM-17]
    ]
    assert [
        (one.version.version, one.since, one.until, one.tells) for one in by_entry.policy.texts
    ] == [
        (
            "old",
            EARLIEST,
            day("2024-01-01"),
            True,
        ),
        ("between", EARLIEST, day("2024-01-01"), True),
        ("newest", day("2024-06-01"), LATEST, True),
    ]
    before, _ = readings(known, day("2025-01-15"))
    assert [one.version for one in before.policy.versions] == ["old", "seen", "newest"]
    assert [(one.version.version, one.tells) for one in before.policy.texts] == [
        ("between", False)  # [CLM-18]
    ]


def test_a_version_that_two_claim_is_one_version_and_two_texts_of_then() -> None:  # [CLM-17]
    twice = (
        claimed("one", "2020-01-01", "2025-02-01", by="platform"),
        claimed("one", "2020-01-01", "2025-01-01"),
    )
    known = Given(texts=twice)
    as_claimed, by_entry = readings(known, day("2025-06-01"))
    assert [one.version for one in as_claimed.policy.versions] == ["one"]
    assert [one.published_at for one in by_entry.policy.versions] == [day("2025-01-01")]
    assert len(by_entry.policy.texts) == 2
    accepted = known.accepting(known.names)
    assert [one.version for one in accepted.versions] == ["one"]
    assert accepted.names == ("platform",)


def test_a_claim_is_known_by_its_entry_and_accepted_by_its_claimed_time() -> None:  # [CLM-3]
    told = Claim(
        fact=fact("joined", "2015-01-01", recorded="2016-01-01"),
        entered=day("2025-01-01"),
        by="auditor",
    )
    known = Given(claims=(told,))
    assert known.known(day("2024-12-31")).claims == ()
    assert known.known(day("2025-01-01")).claims == (told,)
    accepted = known.accepting(["auditor"])
    assert accepted.known(day("2015-12-31")).facts == ()
    assert accepted.known(day("2016-01-01")).facts == (told.fact,)  # [CLM-20]
    assert known.accepting(["somebody"]) == known


def test_permits_that_rest_on_claims_are_counted_by_name() -> None:  # [CLM-22]
    words = np.array
    counted = count_attested(
        words([0, 0, 0, 1, 0], np.uint64),
        words([0, 2, 2, 0, 2], np.uint64),
        {"b": words([0, 2, 0, 0, 0], np.uint64), "a": words([0, 2, 2, 0, 0], np.uint64)},
    )
    assert counted.permits == 3
    assert counted.by == {"a": 3, "b": 2}
    nobody = count_attested(words([0], np.uint64), words([0], np.uint64), {})
    assert (nobody.permits, nobody.by) == (0, {})
