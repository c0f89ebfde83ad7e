# SPDX-License-Identifier: Apache-2.0
"""The payloads of a bundle are read in their one spelling, and sealed as a vault has them."""

from __future__ import annotations

import pytest

from privity.app.auditing.bundling.bundled_payloads import BundledPayloads
from privity.canonical.encode import encode_canonical
from privity.entries.fields import in_base64
from privity.entries.seal import unseal
from privity.errors import VerificationError

KEY = bytes(range(32))
EVENT = {"entry": 7, "number": 2, "payload": "{}"}
LINE = {"events": [EVENT], "key": in_base64(KEY), "stream": "tana"}


def written(*lines: object) -> bytes:
    return b"".join(encode_canonical(line) + b"\n" for line in lines)


def test_payloads_are_found_as_in_a_vault() -> None:
    """[AUD-162] By entry, with the key that opens them."""
    other = {**LINE, "stream": "tben", "events": [{**EVENT, "entry": 3, "number": 1}]}
    found = BundledPayloads.read(written(LINE, other))
    assert [one.index for one in found.sealed(0, 10)] == [3, 7]
    assert [one.index for one in found.sealed(4, 7)] == []
    sealed = next(found.sealed(7, 8))
    assert unseal(KEY, sealed.number, sealed.payload) == b"{}"
    assert found.secrets() == {"ana": KEY, "ben": KEY}
    assert {*found.of_streams({1, 5})} == {1}
    assert [name for names in found.members() for _, name in names] == ["tana", "tben"]


def test_a_bundle_of_nobody_has_no_line() -> None:
    assert list(BundledPayloads.read(b"").sealed(0, 9)) == []


@pytest.mark.parametrize(
    "data",
    [
        written(LINE)[:-1],
        written(LINE, LINE),
        b" " + written(LINE),
        written({**LINE, "more": 1}),
        written({**LINE, "key": in_base64(KEY[:-1])}),
        written({**LINE, "stream": 5}),
        written({**LINE, "stream": ""}),
        written({**LINE, "stream": "ana"}),
        written({**LINE, "stream": "n07"}),
        written({**LINE, "events": [{**EVENT, "entry": -1}]}),
        written({**LINE, "events": [{**EVENT, "number": "2"}]}),
        written({**LINE, "events": [{**EVENT, "payload": None}]}),
        written({**LINE, "events": {"a": 1}}),
    ],
)
def test_what_is_no_line_is_refused(data: bytes) -> None:
    """[AUD-162] One spelling, each stream once."""
    with pytest.raises(VerificationError) as caught:
        BundledPayloads.read(data)
    assert caught.value.code == "audit/payloads"
