# SPDX-License-Identifier: Apache-2.0
"""Records put in order by whose they are, against sorting them plainly, whatever their ids are made of ([REL-28])."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, strategies as st

from privity.decide.kernel.grouping import pair_rows
from privity.release.numbered import Numbered
from privity.release.shares import Shares

# Ids that share much of their beginning, or are beginnings of one another, or have zeros in them.
TEXTS = st.one_of(
    st.text("ab\0", max_size=12),
    st.text("0123456789", min_size=1, max_size=3).map(lambda text: f"urn:li:message:{text}"),
    st.text(max_size=20),
    st.integers(-(10**20), 10**20).map(str),
    st.binary(max_size=9).map(lambda some: some.decode("latin-1")),
)
MEMBERS = 5


def packed(ids: set[str]) -> bytes:
    texts = sorted(one.encode() for one in ids)
    return b"".join(len(text).to_bytes(4, "big") + text for text in texts)


@given(
    st.lists(
        st.lists(
            st.tuples(TEXTS, st.sets(st.integers(0, MEMBERS - 1), min_size=1)), max_size=25
        ),
        max_size=3,
    )
)
def test_each_members_records_are_in_the_order_of_their_bytes(
    batches: list[list[tuple[str, set[int]]]],
) -> None:
    pairs = sum(len(whose) for batch in batches for _, whose in batch)
    records: list[set[str]] = [set() for _ in range(MEMBERS)]
    places: list[list[int]] = [[] for _ in range(MEMBERS)]
    with (
        tempfile.TemporaryDirectory() as folder,
        Shares(Path(folder), MEMBERS, pairs) as shares,
    ):
        first = 0
        for batch in batches:
            both = [(row, one) for row, (_, whose) in enumerate(batch) for one in sorted(whose)]
            shares.add(
                np.array([one for _, one in both], np.uint32),
                np.cumsum([0, *(len(whose) for _, whose in batch)]),
                pa.array([text for text, _ in batch], pa.string()),
                first,
            )
            for row, one in both:
                records[one].add(batch[row][0])
                places[one].append(first + row)
            first += len(batch)
        (group,) = shares.groups()
    assert [bytes(one) for one in group.lists] == [packed(one) for one in records]
    assert group.counts.tolist() == [len(one) for one in records]
    edges = [0, *group.place_ends.tolist()]
    assert [group.places[low:high].tolist() for low, high in pairwise(edges)] == places


@given(st.lists(st.tuples(st.integers(0, 60), st.lists(st.integers(0, 60), max_size=80))))
def test_nobody_stands_twice_in_a_row(rows: list[tuple[int, list[int]]]) -> None:
    """[REL-29]: also where somebody writes to herself, and where very many are addressed."""
    others = [one for _, some in rows for one in some]
    ends, numbers = (
        np.zeros(size, np.uint32) for size in (len(rows) + 1, len(rows) + len(others))
    )
    pair_rows(
        np.array([author for author, _ in rows], np.int32),
        np.array([len(some) for _, some in rows], np.int64),
        np.array(others, np.int32),
        ends,
        numbers,
    )
    found = [numbers[low:high].tolist() for low, high in pairwise(ends.tolist())]
    assert [sorted(one) for one in found] == [sorted({author, *some}) for author, some in rows]


@given(st.lists(st.lists(st.one_of(TEXTS, st.text(min_size=30, max_size=40))), max_size=4))
def test_a_number_stands_for_one_id(batches: list[list[str]]) -> None:
    members, known = Numbered(), dict[str, int]()
    for batch in batches:
        found = members.number(pa.array(batch, pa.string())).tolist()
        assert found == [known.setdefault(one, len(known)) for one in batch]
    assert members.count == len(known)
    given_back = {
        one: number
        for numbers, some in members.in_order(3)
        for number, one in zip(numbers.tolist(), some, strict=True)
    }
    assert given_back == known
    texts = [str(one).encode() for one in given_back]
    assert texts == sorted(texts)
