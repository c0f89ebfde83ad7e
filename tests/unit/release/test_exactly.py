# SPDX-License-Identifier: Apache-2.0
"""What a release's folder says is read to the byte, whoever wrote it: an error of ours for whatever else stands there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from privity.errors import VerificationError
from privity.release.described import Described
from privity.release.disclosed import Disclosed
from privity.release.files import Manifest
from privity.release.papers.making import Making

READERS = [Described.parse, Disclosed.parse, Manifest.parse, Making.parse]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__self__.__name__)
@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"entry":' * 50_000 + b"1" + b"}" * 50_000,
        b"1" * 10_000,
        b"\xff{}",
        b"null\n",
        b"[]\n",
        b'{"entry": 1}\n',
        b'{"a": 1, "a": 1}\n',
        b"NaN\n",
    ],
    ids=["deep", "deep keys", "long", "latin", "null", "list", "entry", "twice", "nan"],
)
def test_what_is_none_is_said_to_be_none(read: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(VerificationError):
        read(data)
