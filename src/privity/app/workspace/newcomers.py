# SPDX-License-Identifier: Apache-2.0
"""Who is new in a workspace: nothing was recorded of her, and no baseline has a fact of hers (docs/workspace.md).

A mistyped id is somebody new, and whoever was meant stays as she was. So who is new is told, and whoever types a
fact of somebody new says that it is meant. What is looked at is indexed, but for the files of baselines.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import SequenceMatcher
from string import ascii_letters
from typing import Final

from privity.app.workspace.baseline_erasing import present_in
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name, member_of
from privity.errors import ConflictError
from privity.members.facts import MemberId
from privity.store.baselines import kept_files
from privity.vocabulary.terms import quoted

_TYPED: Final = f"{ascii_letters}-_.@ "
_LONGEST: Final = 64
"""Ids that are longer are not typed, and have no nearest."""
_NAMED: Final = 3


def is_new(workspace: Workspace, member: MemberId) -> bool:
    """Tell whether nothing is known of a member.

    Raises:
        InputError: The file of a baseline cannot be read.
        UnavailableError: The disk fails.
    """
    return not _known_among(workspace, [member])


def is_entered(workspace: Workspace, member: MemberId) -> bool:
    """Tell whether something was recorded of a member; a baseline records nothing of one."""
    return bool(_entered(workspace, [member]))


def unknown_among(workspace: Workspace, members: Collection[MemberId]) -> frozenset[MemberId]:
    """Give those of some members of whom nothing is known; raises as `is_new`."""
    return frozenset(members) - _known_among(workspace, members)


def in_baselines(workspace: Workspace, members: Collection[MemberId]) -> frozenset[MemberId]:
    """Give those of some members of whom a baseline has facts; raises as `is_new`."""
    if not members:
        return frozenset()
    files = kept_files(workspace.places.baselines)
    return frozenset[MemberId]().union(
        *(present_in(one.path, members).members for one in files)
    )


def known_by_baseline_alone(
    workspace: Workspace, members: Collection[MemberId]
) -> frozenset[MemberId]:
    """Give those of some members of whom a baseline has facts, and nothing was recorded; raises as `is_new`."""
    found = in_baselines(workspace, members)
    return found - _entered(workspace, found)


def nearest(workspace: Workspace, member: MemberId) -> list[str]:
    """Give the known members whose ids a slip of one letter makes into this one, the nearest first; raises as `is_new`.

    Two ids that differ in a digit are two members, and seldom one that was mistyped.
    """
    if isinstance(member, int) or len(member) > _LONGEST:
        return []
    found = [str(one) for one in _known_among(workspace, _slips(member))]
    near = {one: SequenceMatcher(None, one, member).ratio() for one in found}
    return sorted(found, key=lambda one: (-near[one], one))[:_NAMED]


def unknown_member(workspace: Workspace, member: MemberId) -> ConflictError:
    """Give the error that a fact is of a member of whom nothing is known, with those who may be meant."""
    near = " or ".join(quoted(one) for one in nearest(workspace, member))
    expected = near or "one that the workspace knows"
    who = quoted(str(member))
    return ConflictError(
        f"nothing is known of member {who}, expected {expected}",
        code="members/new",
        hint=f"give `--new` if {who} is new here",
    )


def _known_among(workspace: Workspace, members: Collection[MemberId]) -> frozenset[MemberId]:
    found = _entered(workspace, members)
    return found | in_baselines(workspace, frozenset(members) - found)


def _entered(workspace: Workspace, members: Collection[MemberId]) -> frozenset[MemberId]:
    """Give those of whom something was recorded; a key alone may be left of what was not."""
    found = set()
    for stream, name in workspace.keys.streams_of([key_name(one) for one in members]):
        row = workspace.store.vault.stream(stream)
        member = member_of(name)
        if member is not None and row is not None and row.next > 1:
            found.add(member)
    return frozenset(found)


def _slips(member: str) -> frozenset[str]:
    """Give what one slip of a letter makes of an id: one too many, one too few, another one, two exchanged."""
    parts = [(member[:place], member[place:]) for place in range(len(member) + 1)]
    made = {head + tail[1:] for head, tail in parts if tail}
    made |= {head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1}
    made |= {head + one + tail[1:] for head, tail in parts if tail for one in _TYPED}
    made |= {head + one + tail for head, tail in parts for one in _TYPED}
    digits = _digits(member)
    return frozenset(one for one in made if one and one != member and _digits(one) == digits)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())
