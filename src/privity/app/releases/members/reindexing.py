# SPDX-License-Identifier: Apache-2.0
"""Make the index of whose records are in a release again, where it was lost: from the sidecar and what lies beside the table.

Places are counted anew, through the files that are there. It takes some 30 bytes of memory for each record and party.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.app.releases.members.membership import stream_keys
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.members.facts import MemberId
from privity.release.files import Manifest
from privity.release.numbered import Numbered
from privity.release.pairs import Audience, PartiesFile, parties_files, read_parties
from privity.release.sidecar import read_part, read_tags
from privity.release.tags import key_without_stream, release_tag
from privity.store.files import unreachable
from privity.store.releases import HeldRow, IndexedFile, IndexedRelease, Releases

Ints = npt.NDArray[np.int64]

_AT_ONCE: Final = 1 << 16
_EVERYBODY: Final = Audience(asked=(True,))


def index_again(workspace: Workspace, index: Releases, state: ReleaseState) -> IndexedRelease:
    """Put a release into the index again, as it is now.

    A member whose key was destroyed is not found again: nobody can tell whose her tag was.

    Args:
        workspace: Where.
        index: The index, open.
        state: The release.

    Raises:
        ConflictError: Another process writes the index and does not end (`store/busy`).
        VerificationError: The sidecar or a row beside the table is not as it must be.
        UnavailableError: Something cannot be read, or the disk is full.
    """
    places = ReleasePlaces.of(workspace.places, state.name)
    try:
        manifest = Manifest.parse(
            places.folder.manifest.read_bytes(), file=str(places.folder.manifest)
        )
        files = parties_files(places.private, [line.path for line in manifest.lines])
        made = IndexedRelease(
            name=state.name,
            salt=places.folder.salt.read_bytes(),
            revision=state.revision,
            files=tuple(
                IndexedFile(first=one.first, rows=one.rows, name=one.path.name) for one in files
            ),
        )
        index.add(made, _held(workspace, places, files, made))
    except OSError as error:
        raise unreachable(places.private, error) from error
    return made


def _held(
    workspace: Workspace,
    places: ReleasePlaces,
    files: tuple[PartiesFile, ...],
    release: IndexedRelease,
) -> Iterator[HeldRow]:
    tags, numbers = read_tags(places.folder.members)
    known = {tag.tobytes(): rank for rank, tag in enumerate(tags)}
    rows, ranks = _pairs(places, files, numbers)
    order = np.argsort(ranks, kind="stable")
    starts = np.searchsorted(ranks[order], np.arange(len(tags) + 1))
    members = Numbered()
    for file in files:
        for found in read_parties(file, _EVERYBODY):
            members.number(found.authors)
            members.number(found.addressees)
    for _, some in members.in_order(_AT_ONCE):
        for member, key in stream_keys(workspace, some):
            for tag in possible_tags(member, key, release):
                if (rank := known.get(tag)) is not None:
                    mine = np.unique(rows[order[starts[rank] : starts[rank + 1]]])
                    yield HeldRow(
                        member=key_name(member), tag=tag, places=mine.astype("<u4").tobytes()
                    )


def possible_tags(
    member: MemberId, key: bytes | None, release: IndexedRelease
) -> tuple[bytes, ...]:
    """Give the tags that a member can have in a release: one, or two if she has a stream by now."""
    without = release_tag(key_without_stream(release.salt, member), release.name)
    return (without,) if key is None else (release_tag(key, release.name), without)


def _pairs(
    places: ReleasePlaces, files: tuple[PartiesFile, ...], numbers: Ints
) -> tuple[Ints, Ints]:
    """Give the places of all records, and whose each is: where its tag stands."""
    rows, ranks = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for file in files:
        first = file.first
        for ids, offsets, of_rows in read_part(places.folder.members / file.path.name):
            rows.append(np.repeat(np.arange(first, first + len(ids)), np.diff(offsets)))
            ranks.append(np.searchsorted(numbers, of_rows))
            first += len(ids)
    return np.concatenate(rows), np.concatenate(ranks)
