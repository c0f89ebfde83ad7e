# SPDX-License-Identifier: Apache-2.0
"""Whose records are in a release, in a workspace: the commitment at its making, and the index (specs/release.md, part 2).

Who makes a release calls `commit_release` before the entry that takes its root; the index has the release from then on, and
`forget_release` takes it out again where it came to nothing. Who takes records back calls `looked_at` and then `revise`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.app.workspace.ids import IdKind, id_kind
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.members.facts import MemberId, as_number
from privity.release.decided import Progress
from privity.release.members import commit_members
from privity.release.pairs import Audience
from privity.store.files import unreachable
from privity.store.releases import (
    HeldRow,
    IndexedFile,
    IndexedRelease,
    Releases,
    open_releases,
)

LEAVES: Final = "members.leaves"
"""The file of a release's leaves, beside what its rows were decided by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CommittedRelease:
    """What the entry says of the members.

    Attributes:
        root: `members_root`.
        count: `members`.
    """

    root: bytes
    count: int


@contextmanager
def release_index(workspace: Workspace) -> Iterator[Releases]:
    """Open the index of whose records are in which release.

    Raises:
        ConflictError: It is a copy, or of another log.
        UnavailableError: It is damaged, or the disk fails.
    """
    index = open_releases(workspace.places.release_index, origin=workspace.settings.origin)
    try:
        yield index
    finally:
        index.close()


def commit_release(
    workspace: Workspace,
    *,
    name: str,
    salt: bytes,
    private: Path,
    sidecar: Path,
    work: Path,
    audience: Audience,
    progress: Progress = lambda _stage, _rows: None,
) -> CommittedRelease:
    """Commit to the members of a release that is being made, and keep in the index whose it is.

    It may be done again; what an earlier time kept is replaced.

    Args:
        workspace: Where.
        name: The release's name.
        salt: Its secret, 32 bytes.
        private: The folder of the files that its rows were decided by, where the leaves are put too.
        sidecar: The folder `members` to make, of the release's own folder.
        work: A folder to make and to be removed by the caller, for what does not fit in memory: some 40 bytes a row.
        audience: When the addressees of a group message were asked: `LedgerClearing.audience`.
        progress: Told of the stage `members`, each row twice.

    Raises:
        VerificationError: A row has a party that is nobody (`release/parties`).
        ConflictError: Another process writes the index and does not end (`store/busy`).
        UnavailableError: The disk is full or fails.
    """
    kind = id_kind(workspace)
    try:
        work.mkdir()
        made = commit_members(
            private,
            sidecar,
            private / LEAVES,
            work,
            name=name,
            salt=salt,
            keys=lambda members: stream_keys(workspace, members),
            audience=audience,
            progress=progress,
        )
        files = tuple(
            IndexedFile(first=one.first, rows=one.rows, name=one.path.name)
            for one in made.files
        )
        with release_index(workspace) as index:
            index.add(
                IndexedRelease(name=name, salt=salt, revision=1, files=files),
                (
                    HeldRow(
                        member=key_name(known_as(one.member, kind)),
                        tag=one.tag,
                        places=one.places,
                    )
                    for one in made.held()
                ),
            )
    except OSError as error:
        raise unreachable(work, error) from error
    return CommittedRelease(root=made.root, count=made.count)


def forget_release(workspace: Workspace, name: str) -> None:
    """Take a release that came to nothing out of the index; it may not be there.

    Raises:
        ConflictError: Another process writes the index and does not end (`store/busy`).
        UnavailableError: The disk is full or fails.
    """
    if not workspace.places.release_index.exists():
        return
    with release_index(workspace) as index:
        if name in index.names():
            index.remove(name)


def stream_keys(
    workspace: Workspace, ids: Sequence[MemberId]
) -> list[tuple[MemberId, bytes | None]]:
    """Give of ids, as records have them, the members' ids, and the keys of their streams or None."""
    kind = id_kind(workspace)
    members = [known_as(one, kind) for one in ids]
    names = [key_name(one) for one in members]
    known = workspace.keys.secrets(names)
    return [(member, known.get(name)) for member, name in zip(members, names, strict=True)]


def known_as(member: MemberId, kind: IdKind | None) -> MemberId:
    """Give the id of a member as a workspace has it: a record may have a number as text, or a text's number."""
    match kind:
        case IdKind.NUMBER:
            number = as_number(member)
            return member if number is None else number
        case IdKind.TEXT:
            return str(member)
        case None:
            return member
