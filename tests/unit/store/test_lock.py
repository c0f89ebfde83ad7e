# SPDX-License-Identifier: Apache-2.0
"""A lock is held by one, goes with its process, and says who holds it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from privity.errors import ConflictError, UnavailableError
from privity.store.lock import locked, wait_for

HOLD = """
import sys
from pathlib import Path
from privity.store.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process hold a lock, until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield holder


def test_a_lock_is_held_by_one_process_and_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.lock"
    with held_by_another(path) as holder:
        with pytest.raises(ConflictError) as refused, locked(path):
            pass
        assert refused.value.code == "store/locked"
        assert f"process {holder.pid} holds" in str(refused.value)
        holder.kill()
    with locked(path):
        assert path.read_text(encoding="ascii").strip() == str(os.getpid())


def test_who_waits_for_a_lock_has_it_as_soon_as_its_holder_ends(tmp_path: Path) -> None:
    """A site that is served publishes each second; a command that meets it goes on after it."""
    path = tmp_path / "ledger.lock"
    with held_by_another(path) as holder:
        with pytest.raises(ConflictError) as refused, locked(path, seconds=0.01):
            pass
        assert refused.value.code == "store/locked"
        assert holder.stdin is not None
        holder.stdin.close()
        with locked(path, seconds=60):
            assert path.read_text(encoding="ascii").strip() == str(os.getpid())


def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as refused, locked(tmp_path / "no" / "lock"):
        pass
    assert refused.value.code == "store/disk"


def test_many_hold_a_lock_together_and_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "projection.lock"
    first, second = (wait_for(path, alone=False) for _ in range(2))
    with pytest.raises(ConflictError) as refused:
        wait_for(path, alone=True, seconds=0.01)
    assert refused.value.code == "store/busy"
    os.close(first)
    os.close(second)
    alone = wait_for(path, alone=True)
    with pytest.raises(ConflictError):
        wait_for(path, alone=False, seconds=0.01)
    os.close(alone)
    os.close(wait_for(path, alone=False))


def test_a_lock_that_is_waited_for_and_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as refused:
        wait_for(tmp_path / "no" / "lock", alone=False)
    assert refused.value.code == "store/disk"
