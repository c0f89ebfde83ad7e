# SPDX-License-Identifier: Apache-2.0
"""The canonical subset: one value, one spelling, and nothing that two readers take differently."""

from __future__ import annotations

from typing import Any

import pytest

from privity.canonical.decode import decode_canonical
from privity.canonical.encode import (
    DEEPEST,
    LARGEST_INTEGER,
    NotCanonicalError,
    encode,
    encode_canonical,
)

SPELLED = {
    b'{"a":1,"b":[true,false,null]}': {"b": [True, False, None], "a": 1},
    b"[]": (),
    b'"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f\x7f/"': '\b\t\n\f\r"\\\0\x1f\x7f/',
    '"é€😀"'.encode(): "é€😀",
    b"9007199254740991": LARGEST_INTEGER,
    b"-9007199254740991": -LARGEST_INTEGER,
    b'{"A":1,"_":2,"a":3,"aa":4}': {"aa": 4, "a": 3, "_": 2, "A": 1},
}


@pytest.mark.parametrize(("data", "value"), SPELLED.items())
def test_a_value_has_one_spelling(data: bytes, value: object) -> None:
    """[ENT-1]"""
    assert encode_canonical(value) == data
    assert encode_canonical(decode_canonical(data)) == data
    assert encode(value) == data


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (1.0, "float is no value"),
        ({"a": [float("nan")]}, "float is no value"),
        (LARGEST_INTEGER + 1, "beyond 9007199254740991"),
        (-LARGEST_INTEGER - 1, "beyond 9007199254740991"),
        ({"é": 1}, "no ASCII text"),
        ({1: 1}, "no ASCII text"),
        ({None: 1}, "no ASCII text"),
        (b"bytes", "bytes is no value"),
        ({"a": {1}}, "set is no value"),
        ("\ud800", "half of a surrogate pair"),
    ],
)
def test_what_encoders_disagree_on_is_refused(value: Any, why: str) -> None:
    """[ENT-1]"""
    with pytest.raises(NotCanonicalError, match=why):
        encode_canonical(value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "expecting value"),
        (b" 1", "blanks"),
        (b"1\n", "blanks"),
        (b'{"a": 1}', "blanks"),
        (b'{"b":1,"a":2}', "keys out of order"),
        (b'{"a":1,"a":1}', "key `a` stands twice"),
        (b'{"a":1,"a":2}', "key `a` stands twice"),
        (b"1 2", "extra data"),
        (b"-0", "another spelling"),
        (b"1.0", "float"),
        (b"1e2", "float"),
        (b"1e999", "float"),
        (b"NaN", "float"),
        (b"01", "extra data"),
        (b"+1", "expecting value"),
        (b"1_0", "extra data"),
        (b"9007199254740992", "beyond"),
        (b"1" * 5000, "too many digits"),
        (b'"\\u0041"', "another spelling"),
        (b'"\\/"', "another spelling"),
        (b'"\\u001F"', "another spelling"),
        (b'"\\ud800"', "surrogate"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"\xef\xbb\xbf1", "expecting value"),
        ('{"é":1}'.encode(), "no ASCII text"),
        (b"[" * 100_000, "nested too deep"),
        (b"{", "expecting property name"),
    ],
)
def test_bytes_that_say_it_otherwise_are_refused(data: bytes, why: str) -> None:
    """[ENT-2]"""
    with pytest.raises(NotCanonicalError, match=why):
        decode_canonical(data)


def test_values_nest_as_deep_as_is_said_and_no_deeper() -> None:
    """[ENT-1]"""
    deep = b"[" * DEEPEST + b"]" * DEEPEST
    assert encode_canonical(decode_canonical(deep)) == deep
    with pytest.raises(NotCanonicalError, match="more than 16"):
        decode_canonical(b"[" + deep + b"]")
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(NotCanonicalError, match="more than 16"):
        encode_canonical(circle)


def test_the_bytes_of_an_example_do_not_change() -> None:
    """[ENT-1]"""
    data = encode_canonical({"text": "Zoë\n", "none": None, "numbers": [0, -1, 1726617600]})
    assert data == '{"none":null,"numbers":[0,-1,1726617600],"text":"Zoë\\n"}'.encode()
