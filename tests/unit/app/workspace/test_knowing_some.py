# SPDX-License-Identifier: Apache-2.0
"""A baseline lies in memory once for all who ask, and no longer than they do."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import Open
from tests.unit.app.workspace.test_baseline_recording import put

from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.knowing_some import KnowsSome, indexed_baseline
from privity.app.workspace.parts import Workspace
from privity.errors import UnavailableError, VerificationError
from privity.store.baselines import kept_files


@pytest.fixture
def workspace(tmp_path: Path, opened: Open) -> Workspace:
    """One that took a baseline; it is closed."""
    with opened() as found:
        record_baseline(found, put(tmp_path / "facts.parquet"), claimed_by="The platform")
        return found


def damage(folder: Path) -> None:
    (kept,) = kept_files(folder)
    data = bytearray(kept.path.read_bytes())
    data[len(data) // 2] ^= 1
    kept.path.write_bytes(data)


def test_all_threads_of_a_process_have_the_same_one(workspace: Workspace, opened: Open) -> None:
    found = []

    def look() -> None:
        with opened() as mine:
            (baseline,) = KnowsSome(mine).rules.baselines
            found.append(indexed_baseline(mine.places, baseline))
            met.wait(60)

    met = threading.Barrier(3)
    threads = [threading.Thread(target=look) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({id(one) for one in found}) == 1
    assert workspace.places.baselines.is_dir()


def test_a_file_that_was_damaged_is_found_by_who_opens_next(
    workspace: Workspace, opened: Open
) -> None:
    with opened() as first:
        (baseline,) = KnowsSome(first).rules.baselines
        (facts,) = indexed_baseline(first.places, baseline).only(["ana"]).batches
        assert facts.num_rows == 2
    damage(workspace.places.baselines)
    with opened() as next_one, pytest.raises((UnavailableError, VerificationError)):
        KnowsSome(next_one).gather(["ana"])


def test_a_copy_elsewhere_is_verified_by_its_own_file(
    workspace: Workspace, opened: Open, tmp_path: Path
) -> None:
    with opened() as first:
        knows = KnowsSome(first)
        (baseline,) = knows.rules.baselines
        kept = indexed_baseline(first.places, baseline)
        root = tmp_path / "copied"
        shutil.copytree(workspace.places.root, root)
        elsewhere = replace(first.places, root=root)
        assert indexed_baseline(elsewhere, baseline) is not kept
        damage(elsewhere.baselines)
        # Nobody has the copy's any more, so it is read again.
        with pytest.raises((UnavailableError, VerificationError)):
            indexed_baseline(elsewhere, baseline)
        assert indexed_baseline(first.places, baseline) is kept
