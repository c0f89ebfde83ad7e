# SPDX-License-Identifier: Apache-2.0
"""Orders and recipients of baselines: listed with who claims them, ended and lifted by public entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.property.recorded import record_world, workspace_at

from privity.app.inputs import facts_of
from privity.app.releases.standing.usable import role_on_register
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.batches import batch_of_facts
from privity.app.workspace.knowing import known
from privity.app.workspace.orders import issue_order, lift_order, list_orders
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import platform_facts, public_entries
from privity.app.workspace.recipients import (
    add_recipient,
    change_recipient,
    end_recipient,
    list_recipients,
    recipient_keys,
)
from privity.canonical.instants import Instant
from privity.config.workspace import Claims
from privity.decide.one import decide
from privity.decide.request import Request, world
from privity.entries.attested import attester_of
from privity.entries.recipient import RecipientEntry
from privity.errors import ConflictError, UnavailableError
from privity.members.facts import Fact
from privity.testing.plain import AT, POLICY, POST, day, fact, register, told

DAY = 86_400
BY = "the network"
ENTERED = day("2025-03-01")
KEY = attester_of("A", bytes(32)).key
ORDER = fact("order", "2024-02-01", "hk", member=None, purposes=["model-training"])
LIFTED = fact("order-lifted", "2024-03-01", "old", member=None)
OLD = fact("order", "2024-02-01", "old", member=None)


@pytest.fixture(params=["restrict", "accept"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """A plain world, in which recipients and orders are known by a baseline alone."""
    attested: Claims = request.param
    with workspace_at(tmp_path, attested=attested) as found:
        record_world(found, [*told()], [POLICY])
        take_in(found, tmp_path / "facts.parquet", *register(), ORDER, OLD, LIFTED)
        yield at(found, AT)


def take_in(workspace: Workspace, path: Path, *facts: Fact) -> None:
    pq.write_table(pa.Table.from_batches([batch_of_facts(facts, numbers=False)]), path)
    record_baseline(at(workspace, ENTERED), path, claimed_by=BY)


def at(workspace: Workspace, now: Instant) -> Workspace:
    return replace(workspace, now=lambda: now)


def reasons(workspace: Workspace, recipient: str = "self", when: Instant = AT) -> set[str]:
    """Why the plain post is refused to somebody."""
    asked = Request(purpose="genai-training", recipient=recipient, at=when, known=when)
    found = known(workspace, at=when)
    other = None
    if found.by_entry is not None:
        other = (found.by_entry[0], facts_of(found.by_entry[1]))
    lines = world(found.policy, facts_of(found.facts), when, [POST], by_entry=other)
    return set(decide(POST, asked, lines).reasons)


def listed(
    workspace: Workspace, when: Instant = AT
) -> dict[str, tuple[str | None, str | None]]:
    return {one.id: (one.role, one.claimed_by) for one in list_recipients(workspace, at=when)}


def orders(workspace: Workspace, when: Instant = AT) -> dict[str, tuple[bool, str | None]]:
    return {one.id: (one.stands(when), one.claimed_by) for one in list_orders(workspace)}


def test_what_a_baseline_claims_is_listed_with_who_claims_it(workspace: Workspace) -> None:
    assert listed(workspace)["lab"] == ("third-party", BY)
    assert listed(workspace)["self"] == ("controller", BY)
    assert orders(workspace) == {"hk": (True, BY), "old": (False, BY)}
    [lab] = [one for one in list_recipients(workspace, at=AT) if one.id == "lab"]
    assert lab.mapping()["claimed_by"] == BY
    assert {one.mapping()["claimed_by"] for one in list_orders(workspace)} == {BY}


def test_an_order_of_a_baseline_is_lifted(workspace: Workspace) -> None:
    assert "order" in reasons(workspace)
    lift_order(workspace, "hk")
    assert "order" not in reasons(workspace)
    assert orders(workspace)["hk"] == (False, BY)
    with pytest.raises(ConflictError, match="no order `hk` stands"):
        lift_order(workspace, "hk")


def test_an_order_of_a_baseline_is_lifted_at_the_instant_of_its_entry(
    workspace: Workspace,
) -> None:
    now = at(workspace, ENTERED)
    lift_order(now, "hk")
    assert "order" not in reasons(workspace, when=ENTERED)


def test_an_order_that_is_issued_again_is_public_and_adds_up(workspace: Workspace) -> None:
    issue_order(workspace, "hk", lists={})
    assert [one.claimed_by for one in list_orders(workspace) if one.id == "hk"] == [BY, None]
    lift_order(workspace, "hk", at=AT + DAY)
    assert "order" not in reasons(workspace, when=AT + DAY)


def test_a_recipient_of_a_baseline_leaves(workspace: Workspace) -> None:
    lift_order(workspace, "hk")
    assert reasons(workspace) == set()
    end_recipient(workspace, "self")
    assert "unknown-recipient" in reasons(workspace)
    assert listed(workspace)["self"] == (None, None)
    with pytest.raises(ConflictError, match="is not on the register"):
        end_recipient(workspace, "self")
    # The next one is public from the start.
    add_recipient(at(workspace, AT + DAY), "self", role="controller")
    assert reasons(workspace, when=AT + DAY) == set()


def test_a_recipient_of_a_baseline_gets_another_role_and_a_key(workspace: Workspace) -> None:
    lift_order(workspace, "hk")
    before = known(workspace).facts.platform
    change_recipient(workspace, "lab", key=KEY)
    assert recipient_keys(workspace) == {"lab": KEY}
    assert listed(workspace)["lab"] == ("third-party", None)
    change_recipient(at(workspace, AT + DAY), "lab", role="affiliate")
    assert listed(workspace, AT + DAY)["lab"] == ("affiliate", None)
    assert len(known(workspace).facts.platform) > len(before)
    assert reasons(workspace, "lab", AT + DAY) == set()


def test_adding_a_recipient_of_a_baseline_makes_it_public_and_changes_nothing(
    workspace: Workspace,
) -> None:
    lift_order(workspace, "hk")
    with pytest.raises(ConflictError, match=f"claimed in a baseline by `{BY}`") as caught:
        add_recipient(workspace, "lab", role="affiliate")
    assert caught.value.code == "workspace/recipient-there"
    before = reasons(workspace, "lab")
    add_recipient(workspace, "lab", role="third-party")
    assert reasons(workspace, "lab") == before == set()
    [said] = [one.says for one in public_entries(workspace, RecipientEntry.STREAM)]
    assert isinstance(said, RecipientEntry)
    assert (said.action, said.id, said.role) == ("added", "lab", "third-party")
    assert listed(workspace)["lab"] == ("third-party", None)
    with pytest.raises(ConflictError, match="is on the register as `third-party`"):
        add_recipient(workspace, "lab", role="third-party")


def test_a_recipient_of_a_baseline_is_made_public_at_the_instant_of_its_entry(
    workspace: Workspace,
) -> None:
    now = at(workspace, ENTERED)
    add_recipient(now, "lab", role="third-party")
    assert listed(now, ENTERED)["lab"] == ("third-party", None)


def test_a_release_for_a_recipient_of_a_baseline_may_be_used(workspace: Workspace) -> None:
    assert role_on_register(platform_facts(workspace), "self", AT) == "controller"


def test_the_file_is_read_once_and_must_be_there(workspace: Workspace) -> None:
    for path in workspace.places.baselines.glob("*.parquet"):
        path.unlink()
    with pytest.raises(UnavailableError) as caught:
        list_orders(workspace)
    assert caught.value.code == "workspace/baseline-missing"
