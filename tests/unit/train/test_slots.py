# SPDX-License-Identifier: Apache-2.0
"""Slots are a keyed hash of the id; batches are equal ranges of them."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import pyarrow as pa
import pytest

from privity.errors import InputError
from privity.train.slots import MOST_BATCHES, id_bytes, order_of

SALT = bytes(range(32))


def naive_slot(record: bytes, epoch: int) -> int:
    """REL-80, said once more."""
    key = hmac.new(SALT, b"privity/order/v1", "sha256").digest()
    keyed = hashlib.blake2b(record, digest_size=8, key=key, salt=epoch.to_bytes(16, "big"))
    return int.from_bytes(keyed.digest(), "big")


def test_a_slot_is_the_keyed_hash_of_the_id_and_the_epoch() -> None:
    order = order_of(SALT, rows=100, batch_size=10)
    for epoch in (0, 1, 70_000):
        found = order.slots([b"a", b"12", b""], epoch)
        assert found.tolist() == [naive_slot(one, epoch) for one in (b"a", b"12", b"")]


def test_slots_have_the_values_that_the_spec_has() -> None:
    # REL-80: these numbers stand in specs/release.md and never change.
    order = order_of(SALT, rows=100, batch_size=10)
    assert order.slots([b"1", b"post-17"], 0).tolist() == [
        6319406632524077410,
        17395310321594733404,
    ]


@pytest.mark.parametrize("batches", [1, 2, 3, 10, 1000, 4_294_967, MOST_BATCHES])
def test_a_batch_is_an_equal_range_of_slots(batches: int) -> None:
    # REL-81
    order = order_of(SALT, rows=batches, batch_size=1)
    edges = [0, 1, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
    borders = [-(-(number << 64) // batches) for number in (1, batches // 2, batches - 1)]
    slots = [
        one
        for edge in (*edges, *borders)
        for one in (edge - 1, edge, edge + 1)
        if 0 <= one < 1 << 64
    ]
    found = order.numbers(np.array(slots, np.uint64))
    assert found.tolist() == [slot * batches >> 64 for slot in slots]
    assert found.max() < batches


def test_the_batches_are_those_that_the_first_rows_need() -> None:
    # REL-81
    assert [order_of(SALT, rows=rows, batch_size=10).batches for rows in (0, 1, 10, 11)] == [
        0,
        1,
        1,
        2,
    ]


@pytest.mark.parametrize(("rows", "size"), [(10, 0), (10, -1), (MOST_BATCHES + 1, 1)])
def test_a_batch_size_that_makes_no_batches_is_refused(rows: int, size: int) -> None:
    with pytest.raises(InputError) as caught:
        order_of(SALT, rows=rows, batch_size=size)
    assert caught.value.code == "train/batch-size"


def test_ids_are_text_or_digits() -> None:
    # REL-80
    assert id_bytes(pa.array(["a", "é", "007"])) == [b"a", "é".encode(), b"007"]
    assert id_bytes(pa.array([7, -1, 1 << 62])) == [b"7", b"-1", str(1 << 62).encode()]
    assert id_bytes(pa.array([7, 1], pa.decimal128(20, 0))) == [b"7", b"1"]
    assert id_bytes(pa.chunked_array([["a"], ["b"]])) == [b"a", b"b"]


def test_a_record_without_an_id_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        id_bytes(pa.array(["a", None]))
    assert caught.value.code == "train/no-id"
