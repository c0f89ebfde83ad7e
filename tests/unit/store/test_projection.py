# SPDX-License-Identifier: Apache-2.0
"""A projection is made once, however many begin at the same moment, and removed when nobody has it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from privity.errors import ConflictError
from privity.store import projection as rooms
from privity.store.lock import wait_for
from privity.store.projection import open_projection, remove_projection
from privity.store.projection_rows import Extent

ORIGIN = "example.com/projection"
AT_ONCE = 8


def test_whoever_opens_at_once_finds_one_that_is_whole(tmp_path: Path) -> None:
    # Each that saw no file once removed the journal of whoever was making it.
    def use(path: Path, ready: Barrier) -> Extent:
        ready.wait()
        projection = open_projection(path, origin=ORIGIN)
        try:
            with projection.writing() as writing:
                writing.set_extent(Extent())
            return projection.extent()
        finally:
            projection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for place in range(20):
            ready = Barrier(AT_ONCE)
            path = tmp_path / f"{place}.db"
            found = list(pool.map(lambda _: use(path, ready), range(AT_ONCE)))  # noqa: B023 - used at once
            assert found == [Extent()] * AT_ONCE


def test_one_that_somebody_has_open_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(path: Path, *, alone: bool) -> int:
        return wait_for(path, alone=alone, seconds=0.01)

    monkeypatch.setattr(rooms, "wait_for", impatient)
    path = tmp_path / "projection.db"
    projection = open_projection(path, origin=ORIGIN)
    with pytest.raises(ConflictError) as refused:
        remove_projection(path)
    assert refused.value.code == "store/busy"
    projection.close()
    remove_projection(path)
    assert not path.exists()
