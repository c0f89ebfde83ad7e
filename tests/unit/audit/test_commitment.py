# SPDX-License-Identifier: Apache-2.0
"""A manifest is what an entry commits to, and whoever wrote the entry may have committed to anything ([REL-5])."""

from __future__ import annotations

from hashlib import sha256

import pytest

from privity.audit.commitment import files_root, manifest_lines
from privity.entries.release import Content
from privity.errors import VerificationError

LINE = b'{"bytes":5,"path":"part-0.parquet","row_groups":[],"rows":2,"sha256":"%s"}' % (
    b"0" * 64
)


def content_of(data: bytes) -> Content:
    """What an entry says of a manifest, whatever it is."""
    return Content(
        files=1,
        size=5,
        rows=2,
        files_root=files_root(data.split(b"\n")[:-1]),
        members=1,
        members_root=bytes(32),
        manifest=sha256(data).hexdigest(),
        columns="0" * 64,
    )


def test_a_line_is_read() -> None:
    (line,) = manifest_lines(LINE + b"\n", content_of(LINE + b"\n"))
    assert (line.path, line.size, line.rows) == ("part-0.parquet", 5, 2)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"path":' * 50_000 + b"1" + b"}" * 50_000,
        b"5",
        b"\xff",
        LINE.replace(b'"rows":2', b'"rows":2.0'),
        LINE.replace(b'"rows":2', b'"rows": 2'),
        LINE.replace(b'"rows":2', b'"rows":2,"rows":2'),
        LINE.replace(b'"rows"', b'"rowz"'),
        LINE.replace(b'"rows":2', b'"rows":true'),
        LINE.replace(b"part-0", b"../part-0"),
    ],
    ids=["deep", "deep keys", "number", "latin", "float", "blank", "twice", "key", "true", "out"],
)  # fmt: skip
def test_what_is_no_line_is_said_to_be_none(line: bytes) -> None:
    data = line + b"\n"
    with pytest.raises(VerificationError) as caught:
        manifest_lines(data, content_of(data))
    assert caught.value.code == "audit/manifest"
