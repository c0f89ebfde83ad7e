# SPDX-License-Identifier: Apache-2.0
"""The laws of a release's order: removing moves nobody, files do not matter, and the rest is the rest."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, strategies as st
from tests.unit.train.made_releases import SALT, made_release, text_of, without

from privity.train.batches import Batch, digest_of, root_of
from privity.train.stream import Share, Stream, stream_of

texts = st.text("abcé-:0123456789", min_size=1, max_size=6)
ids = st.lists(texts, min_size=1, max_size=60, unique=True)
sizes = st.integers(1, 12)
SMALL = 1 << 10
"""Bytes in which a few rows are too many already, so that they go through buckets and the disk."""


def read(
    folder: str, records: list[str], *, cuts: int = 1, size: int = 5, memory: int = 1 << 26
) -> Stream:
    """A stream of a release with these records in so many files."""
    step = -(-len(records) // cuts)
    files = [records[at : at + step] for at in range(0, len(records), step)]
    source = made_release(Path(folder), files)
    return stream_of(
        source, columns=["text", "record_id"], batch_size=size, epochs=2, memory=memory
    )


def held(batches: list[Batch]) -> list[tuple[int, list[str]]]:
    """The place of each batch, and its records in order."""
    return [(one.position, one.columns()["record_id"]) for one in batches]


@given(ids, sizes, st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_order_hangs_on_the_records_alone(
    records: list[str], size: int, cuts: int, random: Random
) -> None:
    # REL-82: not on files, their order, or memory
    shuffled = random.sample(records, len(records))
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        first = list(read(one, records, size=size).read())
        second = list(read(two, shuffled, cuts=cuts, size=size, memory=SMALL).read())
    assert held(first) == held(second)
    assert [one.line for one in first] == [one.line for one in second]


@given(ids, sizes)
def test_an_epoch_has_each_record_once_in_the_order_of_slots(
    records: list[str], size: int
) -> None:
    # REL-81
    with TemporaryDirectory() as folder:
        stream = read(folder, records, size=size)
        batches = list(stream.read())
    assert [one.position for one in batches] == list(range(len(stream)))
    assert len(stream) == 2 * -(-len(records) // size)
    for epoch in (0, 1):
        mine = [one for one in batches if one.line.epoch == epoch]
        found = [record for one in mine for record in one.columns()["record_id"]]
        assert sorted(found) == sorted(records)
        order = stream.order
        slots = order.slots([one.encode() for one in found], epoch).tolist()
        assert slots == sorted(slots)
        for one in mine:
            for record in one.columns()["record_id"]:
                (slot,) = order.slots([record.encode()], epoch).tolist()
                assert slot * order.batches >> 64 == one.line.batch
    for one in batches:
        columns = one.columns()
        assert columns["text"] == [text_of(record) for record in columns["record_id"]]
        assert one.line.records == len(columns["text"])
        named = [record.encode() for record in columns["record_id"]]
        assert one.line.digest == digest_of(SALT, named)


@given(ids, sizes, st.data())
def test_what_is_removed_moves_nobody_else(
    records: list[str], size: int, data: st.DataObject
) -> None:
    # REL-82
    removed = set(data.draw(st.lists(st.sampled_from(records), unique=True)))
    with TemporaryDirectory() as folder:
        stream = read(folder, records, cuts=3, size=size)
        before = list(stream.read())
        later = stream_of(
            without(stream.source, removed),
            columns=["text", "record_id"],
            batch_size=size,
            epochs=2,
        )
        after = list(later.read())
    assert held(after) == [
        (position, [one for one in mine if one not in removed])
        for position, mine in held(before)
    ]
    for old, new in zip(before, after, strict=True):
        touched = removed.intersection(old.columns()["record_id"])
        assert (old.line == new.line) == (not touched)


@given(ids, sizes, st.data(), st.sampled_from([SMALL, 1 << 26]))
def test_going_on_from_any_place_gives_the_rest(
    records: list[str], size: int, data: st.DataObject, memory: int
) -> None:
    # REL-87
    with TemporaryDirectory() as folder:
        stream = read(folder, records, size=size, memory=memory)
        whole = list(stream.read())
        start = data.draw(st.integers(0, len(stream)))
        rest = list(stream.read(stream.position_of(stream.state(start))))
        stop = data.draw(st.integers(0, len(stream) + 1))
        middle = list(stream.read(start, stop=stop))
    assert held(rest) == held(whole)[start:]
    assert held(middle) == held(whole)[start:stop]
    assert root_of(one.line for one in rest) == root_of(one.line for one in whole[start:])


@given(ids, sizes, st.integers(1, 5), st.data())
def test_several_readers_share_the_batches_in_turn(
    records: list[str], size: int, readers: int, data: st.DataObject
) -> None:
    # REL-87
    with TemporaryDirectory() as folder:
        stream = read(folder, records, size=size)
        start = data.draw(st.integers(0, len(stream)))
        whole = held(list(stream.read(start)))
        for number in range(readers):
            mine = stream.read(start, Share(number=number, of=readers))
            assert held(list(mine)) == whole[number::readers]


@pytest.mark.parametrize("epochs", [1, 3])
def test_each_epoch_has_another_order(tmp_path: Path, epochs: int) -> None:
    # REL-80
    source = made_release(tmp_path, [[f"r{number}" for number in range(200)]])
    stream = stream_of(source, columns=["record_id"], batch_size=10, epochs=epochs)
    found = {
        tuple(
            record
            for one in stream.read()
            if one.line.epoch == epoch
            for record in one.columns()["record_id"]
        )
        for epoch in range(epochs)
    }
    assert len(found) == epochs
