# SPDX-License-Identifier: Apache-2.0
"""What is to be taken back, before anybody does it: `privity revoke plan` (docs/revoking.md).

Nothing is recorded and nothing is changed by asking. Of members no more is told than how many.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from privity.app.releases.standing.due import Due
from privity.app.releases.standing.due_of_each import due_of
from privity.app.releases.state.looking import being_made, to_look_at
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import DisclosureState, ReleaseState, RevocationState
from privity.app.releases.state.steady import steady_each
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant, format_instant
from privity.errors import PrivityError
from privity.release.files import Manifest
from privity.release.laid_out import SALT_SIZE
from privity.release.same_records import check_same_records
from privity.release.without import taken_out
from privity.store.files import unreachable


def failures(failed: Mapping[str, PrivityError]) -> list[dict[str, str]]:
    """Give what failed of which release as plain values for JSON."""
    return [
        {"code": error.code, "message": str(error), "release": name}
        for name, error in failed.items()
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What is to be taken back from a release.

    Attributes:
        release: The release.
        due: The records that are due.
        members: How many members' records these are.
        live: How many files the release has now.
        deadline: By when its recipient would have to delete them, if it were said now.
        unfinished: What was said to be due and is not done: a run ends it first.
    """

    release: ReleaseState
    due: Due
    members: int
    live: int
    deadline: Instant
    unfinished: tuple[RevocationState, ...]

    @property
    def copies(self) -> tuple[DisclosureState, ...]:
        """The copies that went out."""
        return tuple(one for one in self.release.disclosures if one.out)

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "release": self.release.name,
            "revision": self.release.revision,
            "recipient": self.release.recipient,
            "records": self.due.records,
            "of": self.release.content.rows,
            "members": self.members,
            "reasons": self.due.reasons,
            "everything_asked": self.due.everything,
            "files": len(self.due.files),
            "of_files": self.live,
            "deadline": format_instant(self.deadline),
            "copies": [one.name for one in self.copies],
            "runs": [one.name for one in self.release.runs],
            "models": [one.name for one in self.release.models],
            "unfinished": [
                {
                    "revocation": one.name,
                    "records": one.due.says.records,
                    "deadline": format_instant(one.due.says.deadline),
                }
                for one in self.unfinished
            ],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be taken back.

    Attributes:
        releases: The releases of which something is due, or was and is not done.
        looked: How many live releases were looked at.
        size: How many entries of the log are heeded.
        at: The instant.
        failed: Why nothing can be said of a release.
    """

    releases: tuple[Planned, ...]
    looked: int
    size: int
    at: Instant
    failed: Mapping[str, PrivityError]

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "at": format_instant(self.at),
            "failed": failures(self.failed),
            "looked_at": self.looked,
            "ledger_size": self.size,
            "releases": [one.mapping() for one in self.releases],
        }


def plan_revocations(
    workspace: Workspace, releases: Collection[str] | None = None, *, threads: int = 2
) -> Plan:
    """Say what is to be taken back from all live releases, or some; of ended ones what whoever was erased has there.

    Args:
        workspace: Where they are.
        releases: Their names; None is all.
        threads: How many files are read at once.

    Raises:
        InputError: There is no such release.
        VerificationError: As `register_of`.
        UnavailableError: The same.
    """
    register, now = register_of(workspace), workspace.now()
    wanted = register.releases if releases is None else [*dict.fromkeys(releases)]
    names = [register.release(name).name for name in wanted]

    def look(failed: Failed) -> list[Planned]:
        register = register_of(workspace)
        there = to_look_at(workspace, [register.release(name) for name in names])
        # What is made at the moment heeds all that was said when its entry was made; the next look has it too.
        asked = [one for one in there if not being_made(workspace, one)]
        found = []
        for one, due in due_of(workspace, asked, failed, threads=threads):
            with by_itself(failed, one.name):
                found.append(_planned(workspace, one, due))
        return found

    planned, failed = steady_each(workspace, look)
    return Plan(
        releases=tuple(one for one in planned if one.due.records or one.unfinished),
        looked=sum(one.release.live(now) for one in planned),
        size=max((one.due.size for one in planned), default=register.size),
        at=now,
        failed=failed,
    )


def _planned(workspace: Workspace, state: ReleaseState, due: Due) -> Planned:
    folder = ReleasePlaces.of(workspace.places, state.name).folder
    try:
        salt = folder.salt.read_bytes()[:SALT_SIZE]
        lines = Manifest.parse(folder.manifest.read_bytes(), file=str(folder.manifest)).lines
        check_same_records(due.files, folder.table, folder.members)
        rows = {one.name: one.rows for one in due.files}
        members = len(taken_out(folder.members, salt, rows).records) if rows else 0
    except OSError as error:
        raise unreachable(folder.root, error) from error
    return Planned(
        release=state,
        due=due,
        members=members,
        live=len(lines),
        deadline=workspace.now() + workspace.settings.deadline,
        unfinished=tuple(one for one in state.revocations if one.done is None),
    )
