# SPDX-License-Identifier: Apache-2.0
"""Names that something is being made for: held by one, and left by who was killed (specs/release.md, [REL-11])."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from privity.app.releases.state.marks import any_left, forget, held, left
from privity.errors import ConflictError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def test_a_name_is_held_by_one(root: Path) -> None:
    """REL-11."""
    with held(root, "first"), held(root, "second"):
        assert any_left(root)
        assert list(left(root)) == []
        with pytest.raises(ConflictError) as caught, held(root, "first"):
            pass
        assert caught.value.code == "release/held"
        forget(root, "second")
    assert list(left(root)) == ["first"]


def test_what_is_forgotten_leaves_nothing(root: Path) -> None:
    with held(root, "first"):
        forget(root, "first")
        forget(root, "first")
    assert not any_left(root)
    with held(root, "first"):
        pass


def test_what_a_killed_process_held_is_left(root: Path) -> None:
    """REL-11."""
    child = os.fork()
    if not child:
        with held(root, "first"):
            os._exit(9)
    os.waitpid(child, 0)
    found = []
    for name in left(root):
        # It is held while it is looked at.
        with pytest.raises(ConflictError), held(root, name):
            pass
        found.append(name)
        forget(root, name)
    assert found == ["first"]
    assert list(left(root)) == []


def test_a_lock_of_no_name_holds_nothing(root: Path) -> None:
    """REL-11: whoever waited for a file that was taken away meanwhile has not got the name."""
    with held(root, "first"):
        forget(root, "first")
        with held(root, "first"):
            assert list(left(root)) == []
    assert list(left(root)) == ["first"]


def test_where_nothing_was_ever_made_nothing_is_left(tmp_path: Path) -> None:
    assert not any_left(tmp_path)
    assert list(left(tmp_path)) == []
