# SPDX-License-Identifier: Apache-2.0
"""A run of records that lie in files: opened, and decided in bulk in a working folder of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from privity.decide.many import Compiled
from privity.release.decided import Decided, decide_run
from privity.release.working import working_folder
from privity.sources.binding import load_binding
from privity.sources.native import open_records
from privity.sources.parquet import ParquetRecords

Progress = Callable[[str, int], None]


@contextmanager
def opened(records: Sequence[Path], bindings: Sequence[Path]) -> Iterator[list[ParquetRecords]]:
    """Open files of records; what had to be converted is removed at the end.

    Args:
        records: Files and folders.
        bindings: What their columns mean: none, one for all of them, or one for each.

    Raises:
        InputError: A file, or a binding, cannot be read; or there are as many bindings as neither.
    """
    bound = [load_binding(one) for one in bindings]
    with working_folder() as folder:
        yield open_records(records, binding=bound or None, staging=folder)


@contextmanager
def decided_run(
    compiled: Compiled,
    files: Sequence[ParquetRecords],
    *,
    threads: int = 2,
    progress: Progress = lambda _stage, _rows: None,
) -> Iterator[Decided]:
    """Decide all records of a run in bulk, in a working folder of its own."""
    with (
        working_folder() as folder,
        decide_run(compiled, files, folder, secrets.randbits(64), threads, progress) as decided,
    ):
        yield decided
