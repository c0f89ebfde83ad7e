# SPDX-License-Identifier: Apache-2.0
"""The files that went into a clearing are named so that a shell can name them again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from privity.canonical.encode import digest
from privity.entries.clearing import AbandonedClearing, Inputs, parse_clearing
from privity.errors import InputError


def test_the_inputs_are_what_sha256sum_makes_of_them(tmp_path: Path) -> None:
    """[ENT-48]"""
    contents = [b"one", b"two", b""]
    for place, content in enumerate(contents):
        (tmp_path / f"{place}").write_bytes(content)
    done = subprocess.run(
        ["sh", "-c", "sha256sum 0 1 2 | cut -c1-64 | sha256sum | cut -c1-64"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    inputs = Inputs.of(digest(content) for content in contents)
    assert inputs == Inputs(files=3, sha256=done.stdout.strip())


def test_the_order_of_the_files_counts() -> None:
    """[ENT-48]"""
    one, two = digest(b"one"), digest(b"two")
    assert Inputs.of([one, two]) != Inputs.of([two, one])


@pytest.mark.parametrize("digests", [[], ["x"], [digest(b"one").upper()]])
def test_what_is_no_list_of_digests_names_no_inputs(digests: list[str]) -> None:
    """[ENT-48]"""
    with pytest.raises(InputError):
        Inputs.of(digests)


def test_a_step_that_is_none_is_refused() -> None:
    """[ENT-48]"""
    abandoned = AbandonedClearing(clearing="x", why="a test")
    assert parse_clearing(abandoned.to_payload()) == abandoned
    with pytest.raises(InputError, match="expected `prepared`, `committed` or `abandoned`"):
        parse_clearing({"step": ["committed"]})
