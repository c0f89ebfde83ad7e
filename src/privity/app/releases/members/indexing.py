# SPDX-License-Identifier: Apache-2.0
"""Ask the index of releases where members' records are, and let it follow a taking back ([REL-33], [REL-104])."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.releases.members.membership import release_index
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.members.facts import MemberId, as_number
from privity.release.decided import whole
from privity.store.releases import IndexedFile, IndexedRelease, Releases

Ints = npt.NDArray[np.int64]

_PLACE: Final = "<u4"


def files_of(
    workspace: Workspace, release: str, revision: int, members: Collection[MemberId]
) -> frozenset[str] | None:
    """Give the files of a revision that have records of members, or more; None where the index does not say.

    The index of another revision names other files: by it, records of members would seem to be in none.

    Raises:
        ConflictError: The index is a copy, or of another log.
        UnavailableError: It is damaged, or the disk fails.
    """
    if not workspace.places.release_index.exists():
        return None
    with release_index(workspace) as index:
        known = index.get(release)
        if known is None or known.revision != revision:
            return None
        held = index.held(release, _names(members))
    return _files_at(known, [one.places for one in held.values()])


def files_beside(
    workspace: Workspace,
    release: str,
    revision: int,
    *,
    private: Path,
    rows: Mapping[str, Ints],
    tags: Collection[bytes],
) -> frozenset[str] | None:
    """Give the files that have all records of whose some rows are, or more; None where the index does not say.

    Args:
        workspace: Where.
        release: The release's name.
        revision: Which revision is asked about.
        private: The folder of its decision columns.
        rows: For each file's name the rows.
        tags: Of whose they are.

    Raises:
        ConflictError: The index is a copy, or of another log.
        OSError: A file cannot be read.
        UnavailableError: The index is damaged, or the disk fails.
    """
    if not workspace.places.release_index.exists():
        return None
    members = set[MemberId]().union(*(_members(private / name, rows[name]) for name in rows))
    with release_index(workspace) as index:
        known = index.get(release)
        if known is None or known.revision != revision:
            return None
        found = {one.tag: one.places for one in index.held(release, _names(members)).values()}
    if not set(tags) <= found.keys():
        return None
    return _files_at(known, [found[tag] for tag in tags])


def _files_at(release: IndexedRelease, places: Sequence[bytes]) -> frozenset[str]:
    """Give the files that places lie in."""
    if not places:
        return frozenset()
    firsts = np.array([one.first for one in release.files], np.int64)
    every = np.frombuffer(b"".join(places), _PLACE)
    which = np.unique(np.searchsorted(firsts, every, side="right") - 1)
    names = (release.files[one].name for one in which.tolist())
    return frozenset(name for name in names if name is not None)


def index_without(
    workspace: Workspace,
    release: str,
    revision: int,
    *,
    private: Path,
    rows: Mapping[str, Ints],
    live: Mapping[str, str],
) -> None:
    """Let the index say what is left of a release; said again it changes nothing.

    Args:
        workspace: Where.
        release: The release's name.
        revision: Its new revision.
        private: The folder of its decision columns, where the files are as they were.
        rows: For each file's name the rows that go, ascending.
        live: For each of these files the name of what stands for it, where anything does.

    Raises:
        ConflictError: The index is a copy, or another process writes it and does not end.
        OSError: A file cannot be read.
        UnavailableError: The disk is full or fails.
    """
    if not workspace.places.release_index.exists():
        return
    with release_index(workspace) as index:
        known = index.get(release)
        if known is None or known.revision >= revision:
            return
        left = _revise(index, known, revision, private, rows, live)
        # Whoever was erased has no key any more, and is not to be found in any byte.
        if workspace.keys.erasures and any(workspace.keys.get(one) is None for one in left):
            index.rewrite()


def _revise(  # noqa: PLR0917 - what is known, and what becomes of it
    index: Releases,
    known: IndexedRelease,
    revision: int,
    private: Path,
    rows: Mapping[str, Ints],
    live: Mapping[str, str],
) -> list[str]:
    """Say what is left; gives the names of the members of whom nothing is."""
    gone: list[Ints] = []
    members: set[MemberId] = set()
    files: list[IndexedFile] = []
    for file in known.files:
        if file.name is None or file.name not in rows:
            files.append(file)
            continue
        before = np.frombuffer(file.gone, _PLACE).astype(np.int64)
        there = np.setdiff1d(np.arange(file.first, file.first + file.rows), before)
        out = there[rows[file.name]]
        gone.append(out)
        members |= _members(private / file.name, rows[file.name])
        now = np.union1d(before, out).astype(_PLACE).tobytes()
        files.append(replace(file, name=live.get(file.name), gone=now))
    every = np.concatenate(gone) if gone else np.empty(0, np.int64)
    held = [
        replace(one, places=_without(one.places, every))
        for one in index.held(known.name, _names(members)).values()
    ]
    index.revise(known.name, revision, files, held)
    return [one.member for one in held if not one.places]


def _without(places: bytes, gone: Ints) -> bytes:
    mine = np.frombuffer(places, _PLACE)
    return mine[~np.isin(mine, gone)].tobytes()


def _members(path: Path, rows: Ints) -> set[MemberId]:
    """Give whose some rows are, or may be."""
    table = pq.read_table(path, columns=["author", "recipients"], use_threads=False)
    some = table.take(pa.array(rows))
    found = whole(some.column("author")).to_pylist()
    found += pc.list_flatten(whole(some.column("recipients"))).to_pylist()
    return {one for one in found if one is not None}


def _names(members: Collection[MemberId]) -> frozenset[str]:
    """Give the names of members among the keys: a number may be written as text elsewhere."""
    found = {key_name(one) for one in members}
    for one in members:
        number = as_number(one)
        if number is not None:
            found |= {key_name(number), key_name(str(one))}
    return frozenset(found)
