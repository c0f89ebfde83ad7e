# SPDX-License-Identifier: Apache-2.0
"""The summary of a clearing is a naive recount: who refused what, and what quotations brought."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.corpora import put_corpus, put_world, with_bodies
from tests.property.comparison import as_rows, plainly, versions
from tests.property.recount import Pair, category_of, recount

import privity
from privity.decide.case import make_case
from privity.decide.one import own_reasons
from privity.decide.request import Record, Request, world
from privity.testing.plain import POST, fact, policy, register, told
from privity.testing.worlds import IdKind, facts_of, random_world, to_arrow

RECORD, QUOTED = "(record)", "(quoted record)"
# Reasons of the record itself that are known only once all records are.
LATE = ("duplicate-record", "unknown-quote")


def cells(path: Path) -> Counter[Pair]:
    """Read a summary; each pair of reason and place stands once."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    keys = [(row["reason"], row["category"], row["jurisdiction"]) for row in rows]
    assert keys == sorted(keys, key=lambda key: key[0])
    assert len(set(keys)) == len(keys)
    return Counter({key: int(row["records"]) for key, row in zip(keys, rows, strict=True)})


def recount_with_quotes(
    policies: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    request: Request,
) -> Counter[Pair]:
    """Count the parties' pairs, and what each record has from beyond its own."""
    counts = recount(policies, facts, records, request)
    lines = world(versions(policies), facts_of(facts), request.known)
    for record, found in zip(records, plainly(policies, facts, records, request), strict=True):
        own = own_reasons(make_case(record, request, lines))
        for reason in set(found.reasons) - own:
            place = RECORD if reason in LATE else QUOTED
            counts[reason, category_of(record), place] += 1
    return counts


@pytest.mark.parametrize("ids", ["string", "int"])
@pytest.mark.parametrize("seed", [1, 7, 12, 15, 38])
def test_the_summary_is_a_naive_recount(tmp_path: Path, ids: IdKind, seed: int) -> None:
    made = random_world(seed, records=150, ids=ids)
    given = put_world(tmp_path, made, parts=3)
    cleared = privity.clear(given.sources, out=tmp_path / "out", **given.asked)
    found = cells(tmp_path / "out" / "summary.csv")
    policies = [{**one, "obligations": []} for one in made.policies]
    request = made.requests[0]
    expected = recount_with_quotes(policies, made.facts, made.records, request)
    assert found == expected
    assert found == Counter(
        {
            (cell.reason, cell.category, cell.jurisdiction): cell.records
            for cell in cleared.summary.cells
        }
    )
    _check_sums(found, cleared.summary)


def _check_sums(found: Counter[Pair], summary: Any) -> None:
    """A record stands once for each pair, so the cells of a reason hold all its records."""
    assert summary.records == summary.permitted + summary.refused
    for reason, records in summary.reasons.items():
        mine = {pair: count for pair, count in found.items() if pair[0] == reason}
        assert max(mine.values()) <= records <= sum(mine.values())
    assert {reason for reason, _, _ in found} == set(summary.reasons)
    for category, (records, permitted) in summary.by_category.items():
        reasons = summary.reasons_by_category.get(category, {})
        assert max(reasons.values(), default=0) <= records - permitted
        assert sum(reasons.values()) >= records - permitted
    assert summary.reasons == {
        reason: sum(one.get(reason, 0) for one in summary.reasons_by_category.values())
        for reason in summary.reasons
    }


# One record, told apart by hand

FACTS = as_rows(
    [
        *register(),
        *(one for name in "abcd" for one in told(name)),
        fact("closed", "2025-05-01", member="b"),
        fact("closed", "2025-05-01", member="c"),
        fact("closed", "2025-05-01", member="d"),
        fact("jurisdiction", "2016-01-01", "IN", member="d", evidence="ip"),
        fact("jurisdiction", "2016-01-01", "CA", member="c"),
    ]
)


def summarised(folder: Path, *records: Record) -> dict[Pair, int]:
    given = put_corpus(
        folder, [with_bodies(to_arrow(list(records)))], FACTS, [policy(obligations=[])]
    )
    privity.clear(given.sources, out=folder / "out", **given.asked)
    return dict(cells(folder / "out" / "summary.csv"))


def test_a_record_counts_once_for_each_place_that_refuses(tmp_path: Path) -> None:
    recipients = ("b", "b", "c", "d", "d", "x", "y")
    found = summarised(tmp_path, replace(POST, category="message", recipients=recipients))
    closed = {
        place: count for (one, _, place), count in found.items() if one.endswith("closed")
    }
    # `d` is in two countries by evidence; `x` and `y` are nobody known.
    assert closed == {"US": 1, "CA": 1, "(several)": 1}
    assert found["unknown-party", "message", "(unknown member)"] == 1


def test_what_a_quotation_brings_is_told_apart(tmp_path: Path) -> None:
    found = summarised(
        tmp_path,
        replace(POST, record_id="1", author="b"),
        replace(POST, record_id="2", quotes=("1",)),
        replace(POST, record_id="3", quotes=("2",), author="b"),
        replace(POST, record_id="4", quotes=("x",), category="comment"),
    )
    assert found == {
        ("account-closed", "post", "US"): 2,
        ("account-closed", "post", QUOTED): 1,
        ("unknown-quote", "comment", RECORD): 1,
    }


def test_a_duplicate_that_is_quoted_is_what_a_quotation_brings(tmp_path: Path) -> None:
    found = summarised(
        tmp_path,
        replace(POST, record_id="1"),
        replace(POST, record_id="1"),
        replace(POST, record_id="2", quotes=("1",)),
        replace(POST, record_id="3", quotes=("x",)),
        replace(POST, record_id="4", quotes=("3",)),
    )
    assert found == {
        ("duplicate-record", "post", RECORD): 2,
        ("duplicate-record", "post", QUOTED): 1,
        ("unknown-quote", "post", RECORD): 1,
        ("unknown-quote", "post", QUOTED): 1,
    }
