# SPDX-License-Identifier: Apache-2.0
"""Orders and recipients: what is recorded, and what is refused at the door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open

from privity.app.workspace.attesting import Attestation
from privity.app.workspace.orders import issue_order, lift_order, list_orders
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recipients import (
    ListedRecipient,
    add_recipient,
    change_recipient,
    end_recipient,
    list_recipients,
    recipient_keys,
)
from privity.app.workspace.recording import record
from privity.canonical.instants import Instant
from privity.entries.attested import Evidence, attester_of
from privity.entries.recipient import RecipientEntry
from privity.errors import ConflictError, InputError, PrivityError

DAY = 86_400


def standing(workspace: Workspace, at: Instant) -> list[str]:
    return [one.id for one in list_orders(workspace) if one.stands(at)]


def test_an_order_stands_until_it_is_lifted(opened: Open) -> None:
    with opened() as workspace:
        issue_order(
            workspace, "hk", lists={"jurisdictions": ["HK", "EU"], "purposes": ["safety"]}
        )
        [listed] = list_orders(workspace)
        assert listed.lists == {"jurisdictions": ["HK", "EU"], "purposes": ["safety"]}
        assert (listed.since, listed.until) == (NOW, None)
    with opened(LATER) as workspace:
        lift_order(workspace, "hk")
        assert standing(workspace, NOW) == ["hk"]
        assert standing(workspace, LATER - 1) == ["hk"]
        assert standing(workspace, LATER) == []


def test_orders_of_one_name_add_up_and_are_lifted_together(opened: Open) -> None:
    with opened() as workspace:
        issue_order(workspace, "hk", lists={"jurisdictions": ["HK"]})
        issue_order(workspace, "hk", lists={"jurisdictions": ["CN"]}, at=NOW + DAY)
        issue_order(workspace, "all", lists={})
        assert standing(workspace, NOW + DAY) == ["all", "hk", "hk"]
        lift_order(workspace, "hk", at=NOW + 2 * DAY)
        assert standing(workspace, NOW + 2 * DAY) == ["all"]
        issue_order(workspace, "hk", lists={}, at=NOW + 3 * DAY)
        assert standing(workspace, NOW + 3 * DAY) == ["all", "hk"]


@pytest.mark.parametrize(
    ("lists", "what"),
    [
        (
            {"purposes": ["model-trainig"]},
            "unknown purpose `model-trainig`, expected `model-training`",
        ),
        (
            {"recipients": ["third-parties"]},
            "unknown role `third-parties`, expected `third-party`",
        ),
        ({"categories": ["inmails"]}, "unknown category `inmails`, expected `inmail`"),
        ({"jurisdictions": ["UK"]}, "unknown place `UK`, expected `GB`"),
        ({"jurisdictions": ["exempt"]}, "unknown place `exempt`"),
        ({"jurisdictions": []}, "the list of jurisdictions is empty"),
    ],
)
def test_an_order_that_nobody_could_read_is_refused(
    opened: Open, lists: dict[str, list[str]], what: str
) -> None:
    with opened() as workspace:
        with pytest.raises(InputError) as caught:
            issue_order(workspace, "hk", lists=lists)
        assert caught.value.message.startswith(what)
        assert list_orders(workspace) == []


def test_what_does_not_stand_cannot_be_lifted(opened: Open) -> None:
    with opened() as workspace:
        with pytest.raises(
            ConflictError, match=r"no order `hk` stands .*, and no other one does"
        ):
            lift_order(workspace, "hk")
        issue_order(workspace, "hk", lists={}, at=NOW + DAY)
        issue_order(workspace, "de", lists={})
        with pytest.raises(ConflictError, match=r"no order `hk` stands at .*, expected `de`"):
            lift_order(workspace, "hk")
        with pytest.raises(ConflictError, match="the instant at which it is to be lifted"):
            lift_order(workspace, "hk", at=NOW + DAY)
        lift_order(workspace, "hk", at=NOW + 2 * DAY)
        with pytest.raises(ConflictError, match="no order `hk` stands"):
            lift_order(workspace, "hk", at=NOW + 2 * DAY)


def test_a_repeated_lifting_is_answered_though_nothing_stands_any_more(opened: Open) -> None:
    with opened() as workspace:
        issue_order(workspace, "hk", lists={}, request="a")
        first = lift_order(workspace, "hk", at=NOW + DAY, request="b")
        assert lift_order(workspace, "hk", at=NOW + DAY, request="b").first == first.first
        assert issue_order(workspace, "hk", lists={}, request="a").again


def roles(workspace: Workspace, at: Instant) -> dict[str, str | None]:
    return {one.id: one.role for one in list_recipients(workspace, at=at)}


def test_a_recipient_comes_changes_leaves_and_comes_back(opened: Open) -> None:
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party")
        change_recipient(workspace, "lab", role="affiliate", at=NOW + DAY)
        end_recipient(workspace, "lab", at=NOW + 2 * DAY)
        add_recipient(workspace, "lab", role="processor", at=NOW + 3 * DAY)
        add_recipient(workspace, "self", role="controller")
        assert [roles(workspace, NOW + day * DAY)["lab"] for day in range(4)] == [
            "third-party",
            "affiliate",
            None,
            "processor",
        ]
        assert list_recipients(workspace, at=NOW - 1) == []
        assert list_recipients(workspace, at=NOW + 2 * DAY) == [
            ListedRecipient(id="lab", role=None, since=NOW + 2 * DAY),
            ListedRecipient(id="self", role="controller", since=NOW),
        ]


def test_what_would_not_come_to_what_is_meant_is_refused(opened: Open) -> None:
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party")
        acts: tuple[tuple[Callable[[], object], str], ...] = (
            (lambda: add_recipient(workspace, "lab", role="affiliate"), "recipient-there"),
            (lambda: change_recipient(workspace, "lab", role="third-party"), "recipient-there"),
            (lambda: change_recipient(workspace, "lab", role="affiliate"), "recipient-tie"),
            (lambda: change_recipient(workspace, "nobody", role="affiliate"), "no-recipient"),
            (lambda: end_recipient(workspace, "nobody"), "no-recipient"),
            (lambda: end_recipient(workspace, "lab", at=NOW - DAY), "recipient-tie"),
        )
        for act, code in acts:
            with pytest.raises(ConflictError) as caught:
                act()
            assert caught.value.code == f"workspace/{code}"
        with pytest.raises(InputError, match="unknown role `lab`"):
            add_recipient(workspace, "lab2", role="lab")
        assert roles(workspace, NOW) == {"lab": "third-party"}


def test_a_repeated_addition_is_answered_though_it_is_on_the_register(opened: Open) -> None:
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party", request="a")
    with opened(LATER) as workspace:
        assert add_recipient(workspace, "lab", role="third-party", request="a").again


def test_who_is_only_claimed_is_on_the_register_from_the_entry_on(opened: Open) -> None:
    seed = bytes(32)
    attested = Attestation(
        attester=attester_of("A", seed), evidence=Evidence(sha256="0" * 64), seed=seed
    )
    with opened() as workspace:
        says = RecipientEntry(action="added", id="lab", at=NOW - DAY, role="third-party")
        origin = workspace.settings.origin
        record(workspace, [attested.entry(says, claimed_at=NOW - DAY, origin=origin)])
        assert roles(workspace, NOW - 1) == {}
        assert roles(workspace, NOW) == {"lab": "third-party"}
        with pytest.raises(ConflictError, match="is on the register"):
            add_recipient(workspace, "lab", role="third-party")


def test_what_permits_in_retrospect_permits_from_its_entry_on(opened: Open) -> None:
    """CLM-2."""
    with opened() as workspace:
        issue_order(workspace, "hk", lists={}, at=NOW - 9 * DAY)
        lift_order(workspace, "hk", at=NOW - 3 * DAY)
        assert standing(workspace, NOW - 9 * DAY) == ["hk"]
        assert standing(workspace, NOW - 1) == ["hk"]
        assert standing(workspace, NOW) == []
        add_recipient(workspace, "lab", role="affiliate", at=NOW - 3 * DAY)
        assert roles(workspace, NOW - 1) == {}
        end_recipient(workspace, "lab", at=NOW - DAY)
        assert roles(workspace, NOW) == {"lab": None}


def keys(workspace: Workspace) -> dict[str, bytes | None]:
    return {one.id: one.key for one in list_recipients(workspace, at=NOW)}


KEY, OTHER = (attester_of("A", bytes([number]) * 32).key for number in (1, 2))


def test_a_key_stands_until_another_does_or_its_recipient_leaves(opened: Open) -> None:
    """[REL-153]"""
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party", key=KEY)
        add_recipient(workspace, "self", role="controller")
        assert keys(workspace) == {"lab": KEY, "self": None}
        change_recipient(workspace, "self", key=KEY)
        assert keys(workspace) == {"lab": KEY, "self": KEY}
        assert roles(workspace, NOW) == {"lab": "third-party", "self": "controller"}
    with opened(NOW + DAY) as workspace:
        change_recipient(workspace, "lab", role="affiliate")
        assert keys(workspace)["lab"] == KEY
        change_recipient(workspace, "lab", key=OTHER)
        assert keys(workspace)["lab"] == OTHER
        assert roles(workspace, NOW + DAY)["lab"] == "affiliate"
    with opened(NOW + 2 * DAY) as workspace:
        end_recipient(workspace, "lab")
        assert keys(workspace)["lab"] is None
    with opened(NOW + 3 * DAY) as workspace:
        add_recipient(workspace, "lab", role="processor")
        assert recipient_keys(workspace) == {"self": KEY}


def test_a_key_that_changes_nothing_is_refused(opened: Open) -> None:
    """[REL-153]"""
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party", key=KEY)
        acts: tuple[tuple[Callable[[], object], str], ...] = (
            (lambda: change_recipient(workspace, "lab", key=KEY), "recipient-there"),
            (
                lambda: change_recipient(workspace, "lab", role="third-party", key=KEY),
                "recipient-there",
            ),
            (lambda: change_recipient(workspace, "nobody", key=KEY), "no-recipient"),
            (lambda: change_recipient(workspace, "lab"), "no-change"),
            (lambda: change_recipient(workspace, "lab", key=OTHER, at=NOW + DAY), "key-at"),
        )
        for act, code in acts:
            with pytest.raises(PrivityError) as caught:
                act()
            assert caught.value.code == f"workspace/{code}"
        with pytest.raises(InputError, match="that somebody can own"):
            change_recipient(workspace, "lab", key=bytes(32))
        assert keys(workspace) == {"lab": KEY}


def test_a_repeated_change_of_a_key_is_answered(opened: Open) -> None:
    """[REL-153]"""
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party", request="a")
        change_recipient(workspace, "lab", key=KEY, request="b")
        assert change_recipient(workspace, "lab", key=KEY, request="b").again
        with pytest.raises(ConflictError) as caught:
            change_recipient(workspace, "lab", key=OTHER, request="b")
        assert caught.value.code == "workspace/request"


def test_a_key_does_not_undo_what_is_said_of_later(opened: Open) -> None:
    """[REL-153] A change of the key alone says nothing of roles to come."""
    with opened() as workspace:
        add_recipient(workspace, "lab", role="third-party")
        end_recipient(workspace, "lab", at=NOW + 2 * DAY)
    with opened(NOW + DAY) as workspace:
        change_recipient(workspace, "lab", key=KEY)
        assert roles(workspace, NOW + DAY) == {"lab": "third-party"}
        assert roles(workspace, NOW + 2 * DAY) == {"lab": None}
