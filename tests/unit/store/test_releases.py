# SPDX-License-Identifier: Apache-2.0
"""The index says which releases hold a member's records, and forgets whoever is erased ([REL-33])."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from privity.errors import ConflictError
from privity.store.releases import (
    HeldRow,
    IndexedFile,
    IndexedRelease,
    Releases,
    open_releases,
)

ORIGIN = "example.com/log"
FILES = (
    IndexedFile(first=0, rows=5, name="part-000000.parquet"),
    IndexedFile(first=5, rows=7, name="part-000001.parquet"),
)
SPRING = IndexedRelease(name="spring", salt=b"\1" * 32, revision=1, files=FILES)


def held(member: str, *places: int) -> HeldRow:
    return HeldRow(
        member=member,
        tag=sha256(member.encode()).digest(),
        places=np.array(places, "<u4").tobytes(),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "releases.db"


@pytest.fixture
def index(path: Path) -> Iterator[Releases]:
    made = open_releases(path, origin=ORIGIN)
    yield made
    made.close()


def test_what_a_member_has_is_found_in_all_releases(index: Releases) -> None:
    autumn = replace(SPRING, name="autumn", salt=b"\2" * 32)
    index.add(SPRING, [held("tada", 0, 3), held("tbob", 3)])
    index.add(autumn, [held("tada", 4)])
    assert index.names() == ["autumn", "spring"]
    assert (index.get("spring"), index.get("autumn")) == (SPRING, autumn)
    assert index.get("winter") is None
    assert index.of_member("tada") == {"spring": held("tada", 0, 3), "autumn": held("tada", 4)}
    assert index.of_member("tcarol") == {}
    assert index.held("spring", ["tada", "tbob", "tcarol"]) == {
        "tada": held("tada", 0, 3),
        "tbob": held("tbob", 3),
    }
    assert "salt" not in repr(index.get("spring"))
    assert "places" not in repr(held("tada", 0))


def test_a_release_that_is_added_again_replaces_what_there_was(index: Releases) -> None:
    index.add(SPRING, [held("tada", 0), held("tbob", 3)])
    index.add(SPRING, [held("tada", 1)])
    assert index.of_member("tbob") == {}
    assert index.of_member("tada") == {"spring": held("tada", 1)}


def test_a_release_becomes_less_once_however_often_it_is_said(index: Releases) -> None:
    index.add(SPRING, [held("tada", 0, 3, 6), held("tbob", 3)])
    gone = np.array([3], "<u4").tobytes()
    files = (replace(FILES[0], name="part-000000-r2.parquet", gone=gone), FILES[1])
    for _ in range(2):
        index.revise("spring", 2, files, [held("tada", 0, 6), held("tbob")])
        assert index.get("spring") == replace(SPRING, revision=2, files=files)
        assert index.of_member("tada") == {"spring": held("tada", 0, 6)}
        assert index.of_member("tbob") == {}
    index.remove("spring")
    index.remove("spring")
    assert index.get("spring") is None
    assert index.of_member("tada") == {}
    with pytest.raises(ConflictError) as refused:
        index.revise("spring", 3, files, [])
    assert refused.value.code == "store/no-release"


def test_after_erasure_nothing_is_left_in_any_file(path: Path, index: Releases) -> None:
    members = [f"tmember-{number:05}" for number in range(2000)]
    index.add(SPRING, [held(member, 0) for member in members])
    assert index.erase(["tmember-00007", "tmember-01900", "tnobody"]) == 2
    for file in path.parent.glob("releases.db*"):
        data = file.read_bytes()
        for gone in ("tmember-00007", "tmember-01900"):
            assert gone.encode() not in data
            assert sha256(gone.encode()).digest() not in data
    assert index.of_member("tmember-00007") == {}
    assert index.of_member("tmember-00008") == {"spring": held("tmember-00008", 0)}


def test_a_copy_and_the_index_of_another_log_are_refused(path: Path, index: Releases) -> None:
    index.add(SPRING, [held("tada", 0)])
    copy = path.with_name("copy.db")
    index.back_up(copy)
    with pytest.raises(ConflictError) as refused:
        open_releases(copy, origin=ORIGIN)
    assert refused.value.code == "store/copied"
    looked = open_releases(copy, origin=ORIGIN, look=True)
    assert looked.names() == ["spring"]
    looked.close()
    with pytest.raises(ConflictError) as refused:
        open_releases(path, origin="example.com/other")
    assert refused.value.code == "store/other-log"
    index.check_home()
