# SPDX-License-Identifier: Apache-2.0
"""A platform that shows a member which releases have records of hers, who got them, and what was taken back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.integration.handed import World, world as make_world
from tests.integration.revoked import LATER, no, opened
from tests.integration.workspaces import MEMBERS

import privity
from privity.app.releases.standing.due import due_records
from privity.app.releases.standing.usable import held_of
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.taking_back.revoking import revoke, say_due
from privity.app.releases.taking_back.taking import Taking
from privity.app.releases.using.of_member import ReleaseWithHers
from privity.canonical.instants import Instant
from privity.testing.plain import AT

SHA = "ab" * 32
DAY = 86_400


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A release of which a copy went out, and a run read it."""
    made = make_world(tmp_path, to="parent")
    made.hand_over()
    made.acknowledge()
    privity.start_run(made.root, "first", recipient="parent", code=SHA, config=SHA, now=AT)
    return made


def rows(world: World) -> list[dict[str, Any]]:
    private = world.root / "vault" / "releases" / "first"
    return [
        row
        for path in sorted(private.glob("part-*.parquet"))
        for row in pq.read_table(
            path, columns=["record_id", "author", "recipients"]
        ).to_pylist()
    ]


def ids_of(found: list[dict[str, Any]], member: str) -> set[str]:
    return {one["record_id"] for one in found if member in {one["author"], *one["recipients"]}}


def asked(
    world: World, member: str, records: Iterable[str] = (), *, now: Instant = LATER
) -> tuple[ReleaseWithHers, ...]:
    with privity.open_workspace(world.root, now=now) as live:
        return live.releases(member, records=records)


def test_every_member_sees_what_releases_have_of_hers_and_where_it_went(world: World) -> None:
    found = rows(world)
    for member in (*MEMBERS, "nobody"):
        hers = ids_of(found, member)
        releases = asked(world, member, hers, now=AT)
        assert [one.records for one in releases] == ([len(hers)] if hers else [])
        for one in releases:
            assert one.live
            assert not one.taken
            assert [copy.records for copy in one.copies] == [len(hers)]
            assert [run.records for run in one.runs] == [len(hers)]
            assert one.copies[0].disclosure.handed.says.recipient == "parent"


def test_what_was_taken_back_stays_with_who_got_it_and_what_was_trained_on_it(
    world: World,
) -> None:
    found = rows(world)
    author = next(one["author"] for one in found if one["recipients"])
    message = next(one for one in found if one["author"] == author and one["recipients"])
    other = message["recipients"][0]
    before, others = ids_of(found, author), ids_of(found, other)
    no(world.made, author)
    with opened(world.made) as workspace:
        revoke(workspace)
    (hers,) = asked(world, author, before)
    assert hers.records == 0
    assert hers.taken_records == len(before)
    assert [one.records for one in hers.copies] == [len(before)]
    assert hers.copies[0].open == hers.taken
    assert [one.records for one in hers.runs] == [len(before)]
    assert hers.runs[0].taken == hers.taken
    # The other end of her message sees that it went, too.
    left = ids_of(rows(world), other)
    (theirs,) = asked(world, other, others)
    assert theirs.records == len(left)
    assert theirs.taken_records == len(others - left) > 0


def test_what_is_due_and_still_in_the_table_is_not_counted_twice(world: World) -> None:
    found = rows(world)
    author = found[0]["author"]
    hers = ids_of(found, author)
    no(world.made, author)
    with opened(world.made) as workspace:
        state = register_of(workspace).release("first")
        (due,) = due_records(workspace, [held_of(workspace, state)], threads=1)
        say_due(workspace, state, due)
    (shown,) = asked(world, author, hers)
    assert shown.records + shown.taken_records == len(hers)
    assert shown.taken_records == len(hers)
    assert [one.records for one in shown.copies] == [len(hers)]


def test_who_names_no_records_is_told_of_what_is_there_alone(world: World) -> None:
    author = rows(world)[0]["author"]
    no(world.made, author)
    with opened(world.made) as workspace:
        revoke(workspace)
    assert asked(world, author) == ()


def test_a_file_of_what_went_that_cannot_be_read_is_said(world: World) -> None:
    found = rows(world)
    author = found[0]["author"]
    no(world.made, author)
    with opened(world.made) as workspace:
        revoke(workspace)
        (one,) = register_of(workspace).release("first").revocations
        path = Taking.of(ReleasePlaces.of(workspace.places, "first"), one.name).bundle.root
    (path / "records.parquet").write_bytes(b"nothing")
    with pytest.raises(privity.errors.UnavailableError):
        asked(world, author, ids_of(found, author))


def test_an_expired_release_says_since_when(world: World) -> None:
    found = rows(world)
    author = found[0]["author"]
    (one,) = asked(world, author, now=AT + 40 * DAY)
    assert not one.live
    assert one.over == AT + 30 * DAY
