# SPDX-License-Identifier: Apache-2.0
"""Where what lies beside a table has other rows than it, nothing is taken out of it: it would be somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import folder_of, release
from tests.integration.revoked import (
    ids_in,
    ids_of,
    manifest_of,
    no,
    opened,
    places_of,
    run,
    state_of,
)
from tests.integration.workspaces import Made, make

from privity.app.releases.standing.usable import check_usable
from privity.app.releases.taking_back.planning import plan_revocations
from privity.app.releases.taking_back.revoking import revoke
from privity.errors import VerificationError

Change = Callable[[pa.Table], pa.Table]


def fewer(table: pa.Table) -> pa.Table:
    return table.slice(1)


def turned(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(1), table.slice(0, 1)])


def change(path: Path, how: Change) -> None:
    table = how(pq.read_table(path))
    path.unlink()
    pq.write_table(table, path)


def in_files(made: Made) -> list[list[str]]:
    """Give the ids in the table's files, whatever its log says of their sizes."""
    table = folder_of(made).table
    return [
        pq.read_table(table / one.path)["record_id"].to_pylist()
        for one in manifest_of(made).lines
    ]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path)
    release(made)
    release(made, name="second")
    return made


@pytest.mark.parametrize("how", [fewer, turned])
@pytest.mark.parametrize("which", ["vault", "table", "sidecar"])
def test_no_record_goes_in_place_of_another(made: Made, which: str, how: Change) -> None:
    """[REL-104], [REL-110]."""
    no(made, "m3")
    due = ids_of(made, {"m3"})
    assert due
    places = places_of(made)
    folder = {
        "vault": places.private, "table": places.folder.table, "sidecar": places.folder.members,
    }[which]  # fmt: skip
    for path in folder.glob("part-*.parquet"):
        change(path, how)
    before = in_files(made)
    with opened(made) as workspace:
        plan = plan_revocations(workspace)
        done = revoke(workspace)
    assert list(plan.failed) == list(done.failed) == ["first"]
    assert done.failed["first"].code == "workspace/release"
    assert [one.release.name for one in done.releases] == ["second"]
    # It is not said to be due either, as what was said is to be done.
    assert state_of(made).revocations == ()
    assert in_files(made) == before
    assert not due & set(ids_in(folder_of(made, "second").root))


def test_of_a_release_whose_rows_are_lost_nobody_says_that_nothing_is_due(made: Made) -> None:
    for path in places_of(made).private.glob("part-*.parquet"):
        change(path, fewer)
    no(made, "m3")
    with opened(made) as workspace, pytest.raises(VerificationError, match="expected") as seen:
        check_usable(workspace, state_of(made))
    assert seen.value.code == "workspace/release"


def test_what_is_whole_is_taken_back(made: Made) -> None:
    no(made, "m3")
    due = ids_of(made, {"m3"})
    assert {one.release.name for one in run(made).releases} == {"first", "second"}
    assert not due & set(ids_in(folder_of(made).root))
