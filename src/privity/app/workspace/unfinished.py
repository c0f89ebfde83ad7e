# SPDX-License-Identifier: Apache-2.0
"""Clearings that are not finished: each has a mark, which tells the next process what to do with it.

A mark is held by its process (`store.marks`). One that nobody holds is finished if the ledger speaks of the set, and
abandoned else.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.opening import Workspace
from privity.app.workspace.recording import record
from privity.canonical.encode import digest_file, encode
from privity.entries.clearing import (
    AbandonedClearing,
    CommittedClearing,
    PreparedClearing,
)
from privity.entries.decode import PublicEntry, decode
from privity.entries.incident import IncidentEntry
from privity.release.aside import DATA, give_name, remove_left, settle, unmark
from privity.release.clear import MANIFEST
from privity.release.parties import PARTIES, QUOTES
from privity.release.takeout import take_out
from privity.store.files import unreachable
from privity.store.marks import SUFFIX, left, wait_and_take

OUT_OF: Final = "taken-out.parquet"
_WORK: Final = "work"
_ONLY_OWNER: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a clearing.

    Attributes:
        path: Where it lies.
        name: The clearing's name.
        size: The log's size before it was prepared.
        out: The folder that it is to become.
    """

    path: Path
    name: str
    size: int
    out: Path

    def put(self, folder: Path, ids: Mapping[str, pa.Array]) -> None:
        """Say where the set lies, and what is to be taken out of it, durably.

        Raises:
            OSError: The disk is full or fails.
        """
        taken = folder / OUT_OF
        table = pa.table(
            {
                "file": pa.array(
                    np.repeat(np.array([*ids], np.str_), [len(some) for some in ids.values()]),
                    pa.string(),
                ),
                "record_id": pa.concat_arrays(list(ids.values()))
                if ids
                else pa.array([], pa.string()),
            }
        )
        pq.write_table(table, taken)
        settle(taken)
        self._write(folder)

    def forget(self) -> None:
        """Take the mark away: there is nothing left to do."""
        self.path.unlink(missing_ok=True)

    def _write(self, folder: Path | None) -> None:
        said = {
            "size": self.size,
            "out": str(self.out),
            "folder": None if folder is None else str(folder),
        }
        new = self.path.with_suffix(".new")
        with open(new, "wb", opener=_private) as stream:
            stream.write(encode(said))
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.path)
        settle(self.path.parent)


@contextmanager
def mark(workspace: Workspace, name: str, out: Path) -> Iterator[Mark]:
    """Mark a clearing as this process's, as long as the block lasts.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    folder = workspace.places.clearings
    made = Mark(
        path=folder / f"{name}.json",
        name=name,
        size=workspace.store.head().size,
        out=out.absolute(),
    )
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise unreachable(folder, error) from error
    lock_path = folder / f"{name}{SUFFIX}"
    lock = wait_and_take(lock_path)
    try:
        made._write(None)  # noqa: SLF001 - its own maker
        yield made
    except OSError as error:
        raise unreachable(made.path, error) from error
    finally:
        if not made.path.exists():
            for one in (made.path.with_suffix(".new"), lock_path):
                one.unlink(missing_ok=True)
        os.close(lock)


def finish(marked: Mark, folder: Path, threads: int) -> None:
    """Take out of a set what its mark says; it may have been done in part.

    Raises:
        OSError: The disk is full or fails.
    """
    del marked
    taken = folder / OUT_OF
    if not taken.exists():
        return
    table = pq.read_table(taken)
    names, ids = (
        table.column("file").combine_chunks(),
        table.column("record_id").combine_chunks(),
    )
    out = {
        name: ids.filter(pa.compute.equal(names, name)) for name in names.unique().to_pylist()
    }
    take_out(folder / DATA, out, threads)
    if (folder / PARTIES).is_dir():
        take_out(folder / PARTIES, out, threads, QUOTES)
    taken.unlink()


def recover(
    workspace: Workspace, *, threads: int = 2, failed: Failed | None = None
) -> tuple[str, ...]:
    """Finish or abandon the clearings that killed processes left.

    Args:
        workspace: Where.
        threads: How many files are rewritten at once.
        failed: Where is put down why one cannot be finished, which stays; None: it is raised.

    Returns:
        The names of those that were finished or abandoned.

    Raises:
        ConflictError: The name of a set is taken meanwhile.
        UnavailableError: The disk is full or fails.
    """
    done = []
    for lock_path in left(workspace.places.clearings):
        path = lock_path.with_suffix(".json")
        with by_itself(failed, path.stem, what="clearing"):
            try:
                if path.exists():
                    _recover(workspace, path, threads)
                    done.append(path.stem)
                for one in (path, path.with_suffix(".new"), lock_path):
                    one.unlink(missing_ok=True)
            except OSError as error:
                raise unreachable(path, error) from error
    return tuple(done)


def _recover(workspace: Workspace, path: Path, threads: int) -> None:
    said = json.loads(path.read_bytes())
    out, name = Path(said["out"]), path.stem
    prepared, committed = _found(workspace, name, said["size"])
    if committed is not None:
        _complete(workspace, committed, Path(said["folder"]), out, threads)
    else:
        if said["folder"] is not None and Path(said["folder"]).exists():
            unmark(Path(said["folder"]))
        remove_left(out.parent, out.name)
        if prepared:
            record(workspace, [AbandonedClearing(clearing=name, why="stopped")])


def _complete(
    workspace: Workspace, committed: CommittedClearing, folder: Path, out: Path, threads: int
) -> None:
    """Give a set its name, of which the ledger speaks already."""
    if _is(out, committed):
        unmark(out)
    elif _is(folder, committed):
        mine = Mark(path=folder, name=committed.clearing, size=0, out=out)
        finish(mine, folder, threads)
        shutil.rmtree(folder / _WORK, ignore_errors=True)
        give_name(folder, out)
    else:
        record(
            workspace,
            [
                IncidentEntry(
                    incident="set-lost",
                    text=f"the set of clearing {committed.clearing} was committed and is not there",
                )
            ],
        )


def _is(folder: Path, committed: CommittedClearing) -> bool:
    described = folder / MANIFEST
    return described.exists() and digest_file(described) == committed.manifest


def _found(
    workspace: Workspace, name: str, first: int
) -> tuple[bool, CommittedClearing | None]:
    """Look for what the ledger says of a clearing; it said nothing before it was prepared."""
    prepared = False
    origin = workspace.settings.origin
    for entry in workspace.store.entries(first, workspace.store.head().size):
        if b'"s":"clearing"' not in entry.data:
            continue
        found = decode(entry.data, origin=origin)
        if not isinstance(found, PublicEntry):
            continue
        if isinstance(found.says, PreparedClearing) and found.says.clearing == name:
            prepared = True
        if isinstance(found.says, CommittedClearing) and found.says.clearing == name:
            return True, found.says
    return prepared, None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _ONLY_OWNER)
