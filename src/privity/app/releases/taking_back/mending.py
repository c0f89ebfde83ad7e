# SPDX-License-Identifier: Apache-2.0
"""Bring what is private of releases to what the log says of them, after an older copy was put back (docs/keeping.md).

What a taking back removed is in older copies still. So the rows beside each file are made anew of the older ones, without
the records that the file no longer has; what belongs to no file goes; the leaves of the members' tree and the index are
written again. What cannot be made again is told, and nothing of it is left.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq

from privity.app.releases.members.membership import release_index
from privity.app.releases.members.reindexing import index_again
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import ReleaseState, releases_of
from privity.app.releases.taking_back.revoking import still
from privity.app.workspace.parts import Workspace
from privity.errors import InputError, PrivityError, VerificationError
from privity.release.aside import settle
from privity.release.branches import leaves_hold
from privity.release.decided import whole
from privity.release.files import Manifest
from privity.release.leaves import read_leaves
from privity.release.members_again import leaves_of_sidecar
from privity.release.opened import read_release
from privity.release.parties import QUOTES
from privity.release.rewriting import rows_of_ids, write_without
from privity.store.files import unreachable
from privity.store.private import make_private_folder
from privity.store.releases import IndexedRelease

_NAME: Final = re.compile(r"(part-[0-9]+)(?:-r([0-9]+))?\.parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class MendedRelease:
    """What was done for a release.

    Attributes:
        name: Its name.
        made: The files that were made again of older ones.
        removed: The files that belonged to none any more.
        lost: The files of its table beside which there is nothing, and nothing to make it of.
        leaves: Whether the leaves were written again.
        indexed: Whether it was put into the index again, or taken out.
    """

    name: str
    made: tuple[str, ...]
    removed: tuple[str, ...]
    lost: tuple[str, ...]
    leaves: bool
    indexed: bool

    @property
    def nothing(self) -> bool:
        """Whether nothing had to be done."""
        return not (self.made or self.removed or self.lost or self.leaves or self.indexed)


def to_mend(workspace: Workspace) -> tuple[str, ...]:
    """Give the releases of which something would be done, and do nothing; raises as `mend_releases`."""
    found = []
    for state, places in _whole(workspace):
        read = read_release(places.folder.root)
        names = [line.path for line in read.manifest.lines]
        there = sorted(path.name for path in places.private.glob("part-*.parquet"))
        with release_index(workspace) as index:
            known = index.get(state.name)
        if (
            there != names
            or not _are_leaves_of(places, state)
            or known is None
            or not _is_of(known, state, read.manifest)
        ):
            found.append(state.name)
    return tuple(found)


def mend_releases(workspace: Workspace) -> tuple[MendedRelease, ...]:
    """Bring what is private of releases to what the log says; gives what was done.

    A release whose folder is not there, or is not at its newest revision, is left alone: `ledger check` names it.

    Raises:
        ConflictError: Another process makes or changes a release (`release/held`).
        VerificationError: A file is not what it must be.
        UnavailableError: The disk is full or fails.
    """
    found = []
    for state, places in _whole(workspace):
        with still(workspace, state.name):
            one = _mended(workspace, state, places)
        if not one.nothing:
            found.append(one)
    return tuple(found)


def _whole(workspace: Workspace) -> Iterator[tuple[ReleaseState, ReleasePlaces]]:
    """Give the releases whose folders are at their newest revisions, and of which nothing is being taken back."""
    for state in releases_of(workspace):
        places = ReleasePlaces.of(workspace.places, state.name)
        if not places.folder.described.exists() or any(
            one.done is None for one in state.revocations
        ):
            continue
        try:
            described = read_release(places.folder.root).described
        except (InputError, VerificationError):
            continue  # `ledger check` says what is wrong with it
        if described.index == state.newest.index:
            yield state, places


def _mended(workspace: Workspace, state: ReleaseState, places: ReleasePlaces) -> MendedRelease:
    manifest = read_release(places.folder.root).manifest
    try:
        made, lost = _rows_again(places, manifest)
        removed = _remove_strangers(places, manifest)
        leaves = not _are_leaves_of(places, state) and _leaves_again(places, state, manifest)
    except OSError as error:
        raise unreachable(places.private, error) from error
    return MendedRelease(
        name=state.name,
        made=tuple(made),
        removed=tuple(removed),
        lost=tuple(lost),
        leaves=leaves,
        indexed=_indexed_again(workspace, state, manifest, lost=bool(lost)),
    )


def _rows_again(places: ReleasePlaces, manifest: Manifest) -> tuple[list[str], list[str]]:
    """Make what is missing beside the files; gives what was made, and what could not be."""
    made, lost = [], []
    for line in manifest.lines:
        if (places.private / line.path).exists():
            continue
        older = _older(places.private, line.path)
        if older is not None and _row_again(places, older, line.path):
            made.append(line.path)
        else:
            lost.append(line.path)
    return made, lost


def _older(private: Path, name: str) -> Path | None:
    """Give the newest file that one was made of, before something was taken out."""
    wanted = _NAME.fullmatch(name)
    if wanted is None:
        return None
    found: dict[int, Path] = {}
    for path in private.glob("part-*.parquet"):
        one = _NAME.fullmatch(path.name)
        if one is not None and one[1] == wanted[1] and _revision(one) < _revision(wanted):
            found[_revision(one)] = path
    return found[max(found)] if found else None


def _row_again(places: ReleasePlaces, older: Path, name: str) -> bool:
    """Make the rows beside a file of older ones, and tell whether they are those of its records, in their order."""
    ids = whole(pq.read_table(places.folder.table / name, columns=["record_id"]).column(0))
    rows = rows_of_ids(older, ids)
    count = pq.read_metadata(older).num_rows
    out = np.setdiff1d(np.arange(count, dtype=np.int64), rows, assume_unique=True)
    target = places.private / name
    if not write_without(older, target, out, statistics=QUOTES):
        return False
    there = whole(pq.read_table(target, columns=["record_id"]).column(0))
    if there.cast(ids.type).equals(ids):
        return True
    target.unlink()
    return False


def _remove_strangers(places: ReleasePlaces, manifest: Manifest) -> list[str]:
    """Remove what stands beside no file: it may have records that were taken back."""
    named = {line.path for line in manifest.lines}
    removed = []
    for path in sorted(places.private.glob("part-*.parquet")):
        if path.name not in named:
            path.unlink()
            removed.append(path.name)
    if removed:
        settle(places.private)
    return removed


def _are_leaves_of(places: ReleasePlaces, state: ReleaseState) -> bool:
    """Tell whether the leaves are those of the newest revision; they may be missing, or none."""
    try:
        return leaves_hold(read_leaves(places.leaves), state.content.members_root)
    except (PrivityError, OSError, ValueError):
        return False


def _leaves_again(places: ReleasePlaces, state: ReleaseState, manifest: Manifest) -> bool:
    """Write the leaves again; gives whether they are those that the entry commits to."""
    folder = places.folder
    make_private_folder(places.private)
    with tempfile.TemporaryDirectory(prefix=".mending-", dir=places.private) as work:
        aside = Path(work) / places.leaves.name
        made = leaves_of_sidecar(
            folder.members,
            [line.path for line in manifest.lines],
            aside,
            Path(work),
            salt=folder.salt.read_bytes(),
        )
        if made.root() != state.content.members_root:
            return False
        settle(aside)
        aside.replace(places.leaves)
    settle(places.private)
    return True


def _indexed_again(
    workspace: Workspace, state: ReleaseState, manifest: Manifest, *, lost: bool
) -> bool:
    """Put a release into the index again where that is of another revision; take it out where its rows are lost."""
    with release_index(workspace) as index:
        known = index.get(state.name)
        if lost:
            if known is not None:
                index.remove(state.name)
            return known is not None
        if known is not None and _is_of(known, state, manifest):
            return False
        index_again(workspace, index, state)
        return True


def _is_of(known: IndexedRelease, state: ReleaseState, manifest: Manifest) -> bool:
    named = sorted(line.path for line in manifest.lines)
    files = sorted(one.name for one in known.files if one.name is not None)
    return known.revision == state.revision and files == named


def _revision(found: re.Match[str]) -> int:
    return int(found[2] or 1)
