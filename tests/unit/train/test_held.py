# SPDX-License-Identifier: Apache-2.0
"""The batches that held records follow from ids, salt and journal alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, strategies as st
from tests.unit.train.made_releases import SALT, made_release

from privity.train.batches import Line
from privity.train.held import holding
from privity.train.slots import order_of
from privity.train.stream import stream_of


def test_they_are_those_in_which_the_records_were(tmp_path: Path) -> None:
    # REL-89
    source = made_release(tmp_path, [range(100)])
    stream = stream_of(source, columns=["record_id"], batch_size=7, epochs=3)
    batches = list(stream.read(4, stop=40))
    lines = [one.line for one in batches]
    for wanted in ({3}, {3, 50, 99}, set()):
        found = holding(
            lines, release="feed", salt=SALT, ids=[str(one).encode() for one in wanted]
        )
        assert list(found) == [
            one.line for one in batches if wanted.intersection(one.columns()["record_id"])
        ]
    others = [replace(one, release="other") for one in lines]
    assert holding(others, release="feed", salt=SALT, ids=[b"3"]) == []


@given(st.integers(1, 10_000), st.binary(max_size=10), st.integers(0, 5))
def test_each_record_is_in_one_batch_of_an_epoch(of: int, record: bytes, epoch: int) -> None:
    # REL-81, REL-89
    order = order_of(SALT, rows=of, batch_size=1)
    (number,) = order.numbers(order.slots([record], epoch)).tolist()
    lines = [
        Line(release="feed", epoch=epoch, batch=one, of=of, records=1, digest="")
        for one in {0, number, of - 1}
    ]
    found = holding(lines, release="feed", salt=SALT, ids=[record])
    assert [one.batch for one in found] == [number]
