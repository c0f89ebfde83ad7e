# SPDX-License-Identifier: Apache-2.0
"""`decide.one` gives what each hand-made case says, whatever the order of its facts and versions."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tests.property.comparison import answers, as_rows

from privity.decide.many import compile_request, decide_table
from privity.decide.one import decide
from privity.decide.request import world
from privity.members.columns import columns_of
from privity.policy.versions import history
from privity.testing.vectors import Vector, read_vectors
from privity.testing.worlds import to_arrow
from privity.vocabulary.terms import DECIDED

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
CASES = [*read_vectors(FOLDER / "decide.json"), *read_vectors(FOLDER / "decide-more.json")]

every_case = pytest.mark.parametrize("case", CASES, ids=[one.id for one in CASES])


def test_no_two_cases_share_an_id() -> None:
    assert len({one.id for one in CASES}) == len(CASES)


def test_every_reason_stands_in_some_case() -> None:
    seen = {reason for one in CASES for found in one.expect.values() for reason in found}
    assert seen == set(DECIDED)


@every_case
def test_every_reason_is_given_and_no_other(case: Vector) -> None:
    found = case.world
    assert case.asked_for
    for record in case.asked_for:
        decision = decide(record, case.request, found)
        name = str(record.record_id)
        assert decision.reasons == case.expect[name]
        assert decision.permit is not bool(case.expect[name])
        if decision.permit:
            assert decision.obligations == case.obligations[name]
        else:
            assert decision.obligations == ()


@every_case
def test_the_bulk_path_gives_the_same(case: Vector) -> None:
    rows = [{**row, "member": row["member"] or None} for row in as_rows(case.facts)]
    compiled = compile_request(case.request, case.policy, columns_of(rows))
    found = answers(decide_table(compiled, to_arrow(case.records, "string")))
    for record, got in zip(case.records, found, strict=True):
        plain = decide(record, case.request, case.world)
        assert got == (plain.reasons, plain.obligations)


@every_case
def test_the_order_of_the_input_never_matters(case: Vector) -> None:
    random = Random(case.id)
    facts, versions = list(case.facts), list(case.policy.versions)
    random.shuffle(facts)
    random.shuffle(versions)
    shuffled = world(history(versions), facts, case.request.known, reversed(case.records))
    for record in case.asked_for:
        assert decide(record, case.request, shuffled) == decide(
            record, case.request, case.world
        )
