# SPDX-License-Identifier: Apache-2.0
"""Small releases from which something is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import DeltaTable
from tests.integration.releases import folder_of
from tests.integration.workspaces import Made

from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.releases.taking_back.planning import Plan, plan_revocations
from privity.app.releases.taking_back.revoking import RevokedAll, revoke
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant
from privity.entries.kinds import PublicKind
from privity.members.facts import Fact
from privity.release.files import Manifest
from privity.testing.plain import AT, said

DAY = 86_400
LATER = AT + DAY


@contextmanager
def opened(made: Made, now: Instant = LATER) -> Iterator[Workspace]:
    with open_workspace(made.root, now=now) as workspace:
        yield workspace


def no(made: Made, *members: str, at: Instant = LATER) -> None:
    """Members say no to everything."""
    made.record(*(said("2025-06-01", "off", member=one) for one in members), at=at)


def record(made: Made, *says: PublicKind | Fact, at: Instant = LATER) -> None:
    made.record(*says, at=at)


def planned(made: Made, now: Instant = LATER) -> Plan:
    with opened(made, now) as workspace:
        plan = plan_revocations(workspace)
    for error in plan.failed.values():
        raise error
    return plan


def run(made: Made, now: Instant = LATER) -> RevokedAll:
    """Take back what is due; fails as the command does, once all else is done."""
    with opened(made, now) as workspace:
        done = revoke(workspace)
    for error in done.failed.values():
        raise error
    return done


def state_of(made: Made, name: str = "first") -> ReleaseState:
    with opened(made) as workspace:
        return register_of(workspace).release(name)


def places_of(made: Made, name: str = "first") -> ReleasePlaces:
    return ReleasePlaces(root=made.root, name=name)


def manifest_of(made: Made, name: str = "first") -> Manifest:
    return Manifest.parse(folder_of(made, name).manifest.read_bytes())


def ids_in(folder: Path) -> list[str]:
    """Give the ids in a table, as any reader of Delta tables finds them."""
    found = DeltaTable(str(folder / "table")).to_pyarrow_table(columns=["record_id"])
    return sorted(found["record_id"].to_pylist())


def ids_of(made: Made, members: set[str], name: str = "first") -> set[str]:
    """Give the ids of the records of members in a release, by its decision columns."""
    places = places_of(made, name)
    found = set()
    for line in manifest_of(made, name).lines:
        for row in pq.read_table(places.private / line.path).to_pylist():
            if members & {row["author"], *(row["recipients"] or ())}:
                found.add(row["record_id"])
    return found
