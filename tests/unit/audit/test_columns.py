# SPDX-License-Identifier: Apache-2.0
"""Ids and facts in columns are what they are one by one ([AUD-33], [AUD-34])."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from privity.audit import columns
from privity.audit.columns import Distinct, Places, each_once, ids_of, joined
from privity.audit.holders import KINDS, holders_of
from privity.audit.members_of_class import people
from privity.members.facts import Fact
from privity.members.timeline import timelines

numbers = st.lists(st.integers(-50, 400) | st.integers(10**12, 10**12 + 5), max_size=30)
texts = numbers.map(lambda ids: [f"m{one}" for one in ids])


@given(st.one_of(numbers, texts), st.one_of(numbers, texts))
def test_a_place_is_found_for_who_has_one_and_for_nobody_else(
    held: list[Any], asked: list[Any]
) -> None:
    places = Places.of(
        pa.array(held, pa.string() if held and isinstance(held[0], str) else pa.int64())
    )
    names = list(map(str, places.ids.to_pylist()))
    assert sorted(names) == sorted({str(one) for one in held})
    kind = pa.string() if asked and isinstance(asked[0], str) else pa.int64()
    found = places.find(pa.array(asked, kind)).tolist()
    assert found == [names.index(str(one)) if str(one) in names else -1 for one in asked]


@pytest.mark.parametrize("widest", [0, 1 << 27])
@given(held=st.sets(st.integers(0, 300), max_size=40), asked=st.lists(st.integers(-5, 400)))
def test_it_makes_no_difference_whether_there_is_a_table(
    widest: int, held: set[int], asked: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_WIDEST", widest)
        places = Places.of(pa.array(sorted(held), pa.int64()))
    order = sorted(held)
    found = places.find(pa.array(asked, pa.int64())).tolist()
    assert found == [order.index(one) if one in held else -1 for one in asked]


@given(st.lists(st.one_of(numbers, texts), max_size=6))
def test_distinct_ids_are_a_set(batches: list[list[Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_BATCH", 0)
        distinct = Distinct()
        for batch in batches:
            if batch:
                distinct.add(pa.array(batch))
        assert len(distinct) == len({str(one) for batch in batches for one in batch})


@given(st.lists(st.integers(-9, 9)))
def test_each_number_once_ascending(some: list[int]) -> None:
    assert each_once(np.array(some, np.int64)).tolist() == sorted(set(some))


def test_ids_are_whole_numbers_or_texts() -> None:
    assert ids_of(pa.array([1, 2], pa.uint16())).type == pa.int64()
    assert ids_of(pa.chunked_array([["a"], ["b"]])).to_pylist() == ["a", "b"]
    assert ids_of(pa.array(["a", "a"]).dictionary_encode()).type == pa.string()
    assert joined([pa.array([1]), pa.array(["a"])]).to_pylist() == ["1", "a"]


@given(
    st.lists(st.integers(0, 9), unique=True),
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda one: one[0] != one[1])
    ),
)
def test_accounts_that_were_merged_are_one_person(
    accounts: list[int], pairs: list[tuple[int, int]]
) -> None:
    # Of one account the last merge counts: into that the others are followed.
    into = dict(pairs)
    merges = [(source, str(target)) for source, target in pairs]

    def end(one: int) -> frozenset[int]:
        seen = [one]
        while (target := into.get(seen[-1])) is not None:
            if target in seen:
                return frozenset(seen[seen.index(target) :])
            seen.append(target)
        return frozenset((seen[-1],))

    assert people(pa.array(accounts, pa.int64()), merges) == len({end(one) for one in accounts})


instants = st.integers(0, 12)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    at = draw(instants)
    return Fact(
        member=draw(st.integers(1, 4)),
        fact=draw(st.sampled_from(["agreement", "agreement-ended", "joined"])),
        value=draw(st.sampled_from(["gold", "basic"])),
        at=at,
        recorded_at=at + draw(st.sampled_from([0, 0, 1, 3_000_000_000])),
    )


@given(st.lists(facts(), max_size=20), st.lists(st.tuples(st.integers(1, 5), instants)))
def test_an_agreement_is_held_as_a_timeline_says(
    some: list[Fact], asked: list[tuple[int, int]]
) -> None:
    lines = timelines(some, 10**12)
    tables = [
        pa.table(
            {
                "member": [one.member],
                "fact": [one.fact],
                "value": [one.value],
                "at": [one.at],
                "recorded_at": [one.recorded_at],
                "entry": [entry],
                "by": pa.array([None if entry % 2 else f"by-{entry}"], pa.string()),
            }
        )
        for entry, one in enumerate(some)
    ]
    holders = holders_of("gold", tables)
    members = pa.array([member for member, _ in asked], pa.int64())
    found = holders.held(members, np.array([at for _, at in asked], np.int64)).tolist()
    for (member, at), change in zip(asked, found, strict=True):
        line = lines.get(member)
        held = (
            []
            if line is None
            else [one for one in line.at(at).agreements if one.value == "gold"]
        )
        assert (change >= 0) == bool(held)
        if held:
            shown = holders.shown(change)
            told = some[shown["entry"]]
            assert (told.at, told.recorded_at) == held[0].order
            assert shown.get("attested_by") == (
                None if shown["entry"] % 2 else f"by-{shown['entry']}"
            )
    ever = holders.ever(members).tolist()
    began = {one.member for one in some if (one.fact, one.value) == ("agreement", "gold")}
    for (member, _), change in zip(asked, ever, strict=True):
        assert change < 0 or member in began
    assert set(KINDS) >= {one.fact for one in some}
