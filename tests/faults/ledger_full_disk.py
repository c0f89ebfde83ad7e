# SPDX-License-Identifier: Apache-2.0
"""A log on a disk that runs full, again and again, with a little more room each time.

Run as a program (`python -m tests.faults.ledger_full_disk FOLDER TIMES`), it prints a line of JSON each time.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from tests.faults.ledgers import Place, all_entries, entries, look, put_all, release

from privity.errors import UnavailableError
from privity.ledger.recover import Log


def fill(folder: Path, left: int) -> Path:
    """Leave so many bytes of the disk."""
    ballast = folder / "ballast"
    free = os.statvfs(folder)
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, free.f_bavail * free.f_frsize - left)
    return ballast


def until_full(log: Log) -> UnavailableError:
    """Append and publish until the disk is full."""
    while True:
        try:
            first = log.store.head().size
            put_all(log, f"request {first}", first, 40)
            release(log)
        except UnavailableError as error:
            return error


def one_time(folder: Path, left: int) -> dict[str, object]:
    """Run into the end of the disk, make room, and look over everything."""
    place = Place(folder / f"log{left}")
    place.create()
    with place.opened() as log:
        put_all(log, "before", 0, 3)
        release(log)
    ballast = fill(folder, left)
    with place.opened() as log:
        error = until_full(log)
    # Nothing can be written, and what is there can be read.
    with place.opened() as log:
        there = all_entries(log)
        assert there == entries(0, len(there))
    ballast.unlink()
    with place.opened() as log:
        look(log)
        assert all_entries(log) == there
        put_all(log, "after", len(there), 5)
        assert release(log).checkpoint.size == len(there) + 5
        look(log)
    shutil.rmtree(place.folder)
    return {"code": error.code, "said": str(error), "size": len(there)}


def main(folder: Path, times: int) -> None:
    for number in range(times):
        left = 4096 * (1 + 7 * number)
        print(json.dumps(one_time(folder, left)), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
