# SPDX-License-Identifier: Apache-2.0
"""What is entered of releases was looked at after everything that came before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.integration.handed import World, world as make_world
from tests.integration.workspaces import put_policy

from privity.app.releases.standing.usable import Usable, check_usable, enter_looked
from privity.app.releases.state.register import register_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.entries.incident import IncidentEntry
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import ConflictError
from privity.testing.plain import AT, said


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def entered(_found: Sequence[Usable]) -> IncidentEntry:
    return IncidentEntry(incident="a-look", text="It holds.")


@pytest.mark.parametrize("busy", [0, 1, 3, 6, 9])
def test_whoever_records_all_the_time_does_not_keep_it_from_its_entry(
    world: World, busy: int
) -> None:
    """REL-60: it is looked at anew after whatever came, and at last as the only writer."""
    looked: list[int] = []
    with open_workspace(world.root, now=AT) as workspace:
        state = register_of(workspace).release("first")

        def look(still: Workspace) -> list[Usable]:
            found = check_usable(still, state)
            looked.append(found.size)
            # As the only writer nobody else can: what would wait for its end is not begun.
            if len(looked) <= min(busy, 6):
                world.made.record(said("2025-06-01", member="m8", scope="all"))
            return [found]

        made, _ = enter_looked(workspace, look, entered)
    assert len(looked) == min(busy, 6) + 1
    assert looked[-1] == made.first


def order(world: World) -> None:
    world.made.record(OrderEntry(action="issued", id="o1", at=AT))


def register(world: World) -> None:
    world.made.record(RecipientEntry(action="ended", id="self", at=AT))


def policy(world: World) -> None:
    with open_workspace(world.root, now=AT) as workspace:
        put_policy(
            workspace,
            version="2",
            effective_at="2025-01-01T00:00:00Z",
            forbid=[{"id": "nothing-more"}],
        )


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (order, "release/stopped"),
        (register, "release/recipient-ended"),
        (policy, "release/due"),
    ],
)
def test_a_rule_that_changes_while_it_is_looked_at_is_heeded(
    world: World, record: Callable[[World], None], code: str
) -> None:
    """REL-60."""
    looked: list[int] = []
    with open_workspace(world.root, now=AT) as workspace:
        state = register_of(workspace).release("first")

        def look(still: Workspace) -> list[Usable]:
            found = check_usable(still, state)
            looked.append(found.size)
            record(world)
            return [found]

        with pytest.raises(ConflictError) as caught:
            enter_looked(workspace, look, entered)
    assert caught.value.code == code
    assert len(looked) == 1
    assert "incident" not in {one["s"] for one in world.made.entries()}
