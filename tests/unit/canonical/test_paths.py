# SPDX-License-Identifier: Apache-2.0
"""Paths reach the libraries that read tables as what they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from privity.canonical.paths import local
from privity.errors import InputError


@pytest.mark.parametrize(
    "path", ["posts", "a/run:1", "./", "/run:1", "1:2", ":x", "grün/x", "a b:c", "/"]
)
def test_a_path_that_is_taken_for_nothing_else_stays_as_it_is(path: str) -> None:
    assert local(Path(path)) == Path(path)


@pytest.mark.parametrize(
    "path", ["run:1", "run:1/posts.parquet", "s3:foo", "FILE:x/y", "a+b.c-d:"]
)
def test_a_path_that_begins_like_an_address_is_given_from_the_root(path: str) -> None:
    assert local(Path(path)) == Path.cwd() / path


def test_bytes_that_are_no_utf_8_are_shown_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for given, shown in (
        (b"gr\xf6", "/gr\\xf6"),
        (b"gr\xf6/posts.parquet", "/gr\\xf6/posts.parquet"),
        (b"/gr\xf6", "/gr\\xf6"),
    ):
        with pytest.raises(InputError) as caught:
            local(Path(os.fsdecode(given)))
        assert caught.value.code == "input/path"
        assert caught.value.where is not None
        assert str(caught.value.where.file).endswith(shown)
    (odd := tmp_path / os.fsdecode(b"gr\xf6")).mkdir()
    monkeypatch.chdir(odd)
    with pytest.raises(InputError, match=r"gr\\xf6/x: the path has bytes that are no UTF-8"):
        local(Path("x"))
