# SPDX-License-Identifier: Apache-2.0
"""End a release: it is no longer to be used, in any revision ([REL-156]).

What was made of it stays: whoever has a copy, the models, and what is private of it, by which a member can still be shown what
was in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.app.releases.state.register import ReleaseState, register_of
from privity.app.releases.taking_back.revoking import still
from privity.app.workspace.once import record_once
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant, format_instant
from privity.entries.release import EndedRelease
from privity.errors import ConflictError
from privity.vocabulary.terms import quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A release that was ended.

    Attributes:
        state: The release, as the log has it now.
        recorded: The entry.
    """

    state: ReleaseState
    recorded: Recorded


def end_release(workspace: Workspace, name: str) -> Ended:
    """Enter that a release has ended: `expired` where its time is over, else `withdrawn`.

    Raises:
        InputError: There is none of this name (`release/unknown-release`).
        ConflictError: It has ended before (`release/over`), or another process makes, hands over or changes it
            (`release/held`).
        UnavailableError: The disk is full or fails.
    """

    def say(now: Instant) -> list[EndedRelease]:
        state = register_of(workspace).release(name)
        if state.ended is not None:
            raise ConflictError(
                f"release {quoted(name)} ended at {format_instant(state.ended.time)}, as entry "
                f"{state.ended.index}",
                code="release/over",
            )
        why = "expired" if state.expired(now) else "withdrawn"
        return [EndedRelease(release=name, why=why)]

    register_of(workspace).release(name)
    with still(workspace, name):
        recorded = record_once(workspace, say, looks=True)
    return Ended(state=register_of(workspace).release(name), recorded=recorded)
