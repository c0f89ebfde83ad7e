# SPDX-License-Identifier: Apache-2.0
"""Weights are safetensors, the same bytes for the same numbers, and nothing else is read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from privity.errors import InputError
from privity.train.weights import read_weights, write_weights

WEIGHTS = {
    "b": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a": np.array([1.5], np.float32),
}
SHAPES = {"a": (1,), "b": (2, 3)}


def parts(data: bytes) -> tuple[dict[str, object], bytes]:
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def joined(header: object, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def test_a_file_has_a_header_and_the_numbers_by_name() -> None:
    data = write_weights(WEIGHTS)
    header, body = parts(data)
    assert header == {
        "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        "b": {"dtype": "F32", "shape": [2, 3], "data_offsets": [4, 28]},
    }
    assert body == WEIGHTS["a"].tobytes() + WEIGHTS["b"].tobytes()
    # The numbers begin at a multiple of eight bytes.
    assert (len(data) - len(body)) % 8 == 0


def test_the_same_numbers_are_the_same_bytes_and_come_back() -> None:
    data = write_weights(WEIGHTS)
    assert write_weights(dict(reversed(WEIGHTS.items()))) == data
    found = read_weights(data, SHAPES)
    assert {name: one.tolist() for name, one in found.items()} == {
        name: one.tolist() for name, one in WEIGHTS.items()
    }


@pytest.mark.parametrize(
    "change",
    [
        {"a": None},
        {"c": {}},
        {"a": {"dtype": "F16", "shape": [1], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}},
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [100, 104]}},
        {"a": {"dtype": "F32", "shape": [1]}},
        {"a": []},
    ],
    ids=str,
)
def test_other_weights_are_refused(change: dict[str, object]) -> None:
    header, body = parts(write_weights(WEIGHTS))
    with pytest.raises(InputError) as caught:
        read_weights(joined({**header, **change}, body), SHAPES)
    assert caught.value.code == "train/weights"


@pytest.mark.parametrize("data", [b"", b"x" * 20, b"\xff" * 40, write_weights(WEIGHTS)[:-1]])
def test_what_is_no_file_of_weights_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_weights(data, SHAPES)
    assert caught.value.code == "train/weights"
