# SPDX-License-Identifier: Apache-2.0
"""Say which releases hold a member's records, and which models were made from them, without reading any ([REL-33])."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from privity.app.releases.members.membership import release_index
from privity.app.releases.members.reindexing import index_again
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.ids import member_named
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name

_PLACE: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A release that holds records of a member.

    Attributes:
        release: The release.
        records: How many of hers it has now.
        models: The models that were made from it, from whichever revision.
    """

    release: ReleaseState
    records: int
    models: tuple[str, ...]


def holdings(workspace: Workspace, member: str) -> tuple[Holding, ...]:
    """Give the releases that hold a member's records now, in the order of the log; the ended ones too.

    Args:
        workspace: Whose releases.
        member: Her id, as text.

    Raises:
        InputError: The id is none.
        ConflictError: The index is a copy, or another process writes it and does not end.
        VerificationError: The log, or a release whose place in the index was lost, does not hold.
        UnavailableError: Something cannot be read.
    """
    name = key_name(member_named(workspace, member))
    releases = register_of(workspace).releases
    if not releases:
        return ()
    with release_index(workspace) as index:
        known = set(index.names())
        for missing in releases.keys() - known:
            index_again(workspace, index, releases[missing])
        held = index.of_member(name)
    return tuple(
        Holding(
            release=state,
            records=len(held[state.name].places) // _PLACE,
            models=tuple(one.name for one in state.models),
        )
        for state in releases.values()
        if state.name in held
    )
