# SPDX-License-Identifier: Apache-2.0
"""The bulk path decides every record as the plain rule does, with all reasons and obligations.

Every test here states one difference that must not be seen: of the engine, of the order, of the batches,
of the width of the tables, of members who are almost alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies
from tests.property.comparison import Seen, agree, answers, compiled, in_bulk, plainly

from privity.canonical.instants import format_instant, parse_instant
from privity.decide import states
from privity.decide.many import decide_table
from privity.decide.request import Record
from privity.testing.worlds import IdKind, RandomWorld, random_world, to_arrow, worlds

# Fixed worlds: 10 blocks × 20 worlds × 100 records, each asked twice.
BLOCKS = [(ids, first) for ids in ("string", "int") for first in range(0, 100, 20)]
WORLDS, RECORDS, REQUESTS = 20, 100, 2
DAY = 86_400

some = worlds(records=40)
which = strategies.integers(min_value=0, max_value=3)
seeds = strategies.integers(min_value=0, max_value=2**32 - 1).map(Random)


def test_twenty_thousand_random_records_are_compared() -> None:
    assert len(BLOCKS) * WORLDS * RECORDS >= 20_000


@pytest.mark.parametrize(("ids", "first"), BLOCKS, ids=[f"{i}-{n}" for i, n in BLOCKS])
def test_many_is_one_on_fixed_worlds(ids: IdKind, first: int) -> None:
    seen, records = Seen(), 0
    kind = pa.int64() if ids == "int" else pa.string()
    for seed in range(first, first + WORLDS):
        made = random_world(seed, records=RECORDS, ids=ids)
        records += len(made.records)
        for request in made.requests[:REQUESTS]:
            seen.add(agree(made.policies, made.facts, made.records, request, made.ids))
        assert compiled(made.policies, made.facts, made.requests[0]).index.ids.type == kind
    assert records == WORLDS * RECORDS
    assert seen.decisions == records * REQUESTS
    # The worlds would prove little if nearly everything were refused, or for the same few reasons.
    assert seen.permits >= seen.decisions // 50
    assert len(seen.reasons) >= 20


@given(worlds(records=60), which)
def test_many_is_one_on_random_worlds(made: RandomWorld, number: int) -> None:
    agree(made.policies, made.facts, made.records, made.requests[number], made.ids)


# Members who are almost alike: the bulk path folds those whose facts have one shape together.

TWINS = 5


def twins(made: RandomWorld, random: Random) -> list[Mapping[str, Any]]:
    """Give each member some twins, each of which differs from it in one fact."""
    of_member: dict[str, list[Mapping[str, Any]]] = {}
    for row in made.facts:
        if row["member"]:
            of_member.setdefault(row["member"], []).append(row)
    facts = list(made.facts)
    for member, mine in of_member.items():
        for number in range(TWINS):
            facts += [{**row, "member": f"{member}~{number}"} for row in _changed(mine, random)]
    random.shuffle(facts)
    return facts


def _changed(rows: list[Mapping[str, Any]], random: Random) -> list[Mapping[str, Any]]:
    place = random.randrange(len(rows))
    before, row, after = rows[:place], rows[place], rows[place + 1 :]
    if random.random() < 0.4:
        return before + after
    if random.random() < 0.2:
        other = random.choice(rows)
        return [*before, {**row, **{key: other[key] for key in ("at", "recorded_at")}}, *after]
    shift = random.choice((-30 * DAY, -DAY, -1, 1, DAY, 30 * DAY))
    keys = random.choice((("at", "recorded_at"), ("at",), ("recorded_at",)))
    moved = {key: format_instant(parse_instant(row[key]) + shift) for key in keys}
    return [*before, {**row, **moved}, *after]


def among_twins(records: Iterable[Record], random: Random) -> list[Record]:
    """Give each record twice more, between twins of its parties."""

    def twin(member: Any) -> Any:
        known = isinstance(member, str) and member.startswith("m")
        return f"{member}~{random.randrange(TWINS)}" if known else member

    return [
        replace(
            one,
            record_id=f"{one.record_id}~{number}",
            author=twin(one.author),
            recipients=tuple(map(twin, one.recipients)),
            quotes=(),
        )
        for one in records
        for number in range(2)
    ]


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_members_who_are_almost_alike_are_told_apart(first: int) -> None:
    for seed in range(first, first + 20):
        random = Random(seed)
        made = random_world(seed, records=50, ids="string")
        facts = twins(made, random)
        records = among_twins(made.records, random)
        for request in made.requests[:REQUESTS]:
            agree(made.policies, facts, records, request)


# What must not matter


@given(some, which, seeds)
def test_the_order_of_facts_versions_and_records_never_matters(
    made: RandomWorld, number: int, random: Random
) -> None:
    def shuffled(items: Iterable[Any]) -> list[Any]:
        found = list(items)
        random.shuffle(found)
        return found

    request = made.requests[number]
    places = shuffled(range(len(made.records)))
    records = [made.records[place] for place in places]
    found = in_bulk(shuffled(made.policies), shuffled(made.facts), records, request, made.ids)
    plain = in_bulk(made.policies, made.facts, made.records, request, made.ids)
    assert found == [plain[place] for place in places]  # [DEC-5]


@given(some, which, seeds)
def test_how_records_are_cut_into_batches_never_matters(
    made: RandomWorld, number: int, random: Random
) -> None:
    table = to_arrow(made.records, made.ids)
    ready = compiled(made.policies, made.facts, made.requests[number])
    whole = ready.decide(table)
    cuts = sorted({0, len(made.records), *random.choices(range(len(made.records)), k=4)})
    pieces = [table.slice(low, high - low) for low, high in pairwise(cuts)]
    for piece in pieces:
        (batch,) = piece.combine_chunks().to_batches()
        assert ready.decide(piece).tolist() == ready.decide(batch).tolist()
    assert np.concatenate([ready.decide(one) for one in pieces]).tolist() == whole.tolist()
    chunked = pa.concat_tables(pieces)
    assert chunked["category"].num_chunks == len(pieces)
    assert decide_table(ready, chunked).tolist() == decide_table(ready, table).tolist()


@pytest.mark.parametrize(("constant", "value"), [("_NARROW_INSTANTS", -1), ("_NARROW_ROWS", 0)])
@pytest.mark.parametrize("ids", ["string", "int"])
def test_wide_tables_decide_as_narrow_ones(
    monkeypatch: pytest.MonkeyPatch, constant: str, value: int, ids: IdKind
) -> None:
    for seed in range(12):
        made = random_world(seed, records=60, ids=ids)
        narrow = _words(made, np.uint32)
        with monkeypatch.context() as patch:
            patch.setattr(states, constant, value)
            assert _words(made, np.int64) == narrow


def _words(made: RandomWorld, dtype: type) -> list[list[int]]:
    found = []
    for request in made.requests[:REQUESTS]:
        ready = compiled(made.policies, made.facts, request)
        assert ready.states.members.dtype == dtype
        assert ready.states.cuts.dtype == dtype
        found.append(decide_table(ready, to_arrow(made.records, made.ids)).tolist())
    return found


@given(some, which)
def test_instants_more_than_136_years_apart_are_told_apart(
    made: RandomWorld, number: int
) -> None:
    """32 bits of seconds are 136 years: somebody joined before that, and something was used after."""
    long_ago, late = (
        parse_instant("1801-01-01T00:00:00Z"),
        parse_instant("2199-01-01T00:00:00Z"),
    )
    pair = [made.records[0].author, made.records[-1].author]
    early = [
        {**row, "fact": fact, "value": value, "detail": "", "member": member}
        for member in pair
        if member not in {None, ""}
        for fact, value in (("joined", ""), ("jurisdiction", "US"))
        for row in [dict.fromkeys(("at", "recorded_at"), format_instant(long_ago))]
    ]
    old = [replace(one, created_at=long_ago + place) for place, one in enumerate(made.records)]
    records = [*made.records[::2], *old[1::2]]
    request = replace(made.requests[number], at=late, known=late)
    agree(made.policies, [*made.facts, *early], records, request, made.ids)
    if early:
        ready = compiled(made.policies, [*made.facts, *early], request)
        assert ready.states.members.dtype == np.int64


@given(some, which)
def test_text_that_stands_in_a_dictionary_is_the_same_text(
    made: RandomWorld, number: int
) -> None:
    table = to_arrow(made.records, made.ids)
    ready = compiled(made.policies, made.facts, made.requests[number])
    plain = answers(decide_table(ready, table))
    for name in ("category", "capacity"):
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].dictionary_encode())
    assert answers(decide_table(ready, table)) == plain


@given(some, which, seeds)
def test_facts_that_come_in_several_batches_are_the_same_facts(
    made: RandomWorld, number: int, random: Random
) -> None:
    """Facts about nobody in the records change nothing either."""
    request = made.requests[number]
    plain = plainly(made.policies, made.facts, made.records, request)
    strangers: Sequence[Mapping[str, Any]] = [
        {
            **row,
            "member": f"far-{row['member']}" if made.ids == "string" else -row["member"] - 9,
        }
        for row in made.facts
        if row["member"] and row["fact"] != "merged"
    ]
    facts = [*made.facts, *strangers]
    random.shuffle(facts)
    found = in_bulk(made.policies, facts, made.records, request, made.ids)
    assert found == [(one.reasons, one.obligations) for one in plain]
