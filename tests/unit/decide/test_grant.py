# SPDX-License-Identifier: Apache-2.0
"""A grant never reaches back, and what a governing setting asks: specs/decision.md parts 4 and 5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from privity.canonical.instants import parse_instant
from privity.testing.plain import NOTICE, POST, SETTING, ask, fact, policy, said, switch


def again(**keys: Any) -> dict[str, Any]:
    """A second version, published on 1 January 2025."""
    start = "2025-01-01T00:00:00Z"
    return policy(version="2", published_at=start, effective_at=start, **keys)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param({"settings": {}}, id="no-setting"),
        pytest.param({"settings": switch(recipients=["affiliate"])}, id="recipients"),
        pytest.param({"settings": switch(categories=["article"])}, id="categories"),
        pytest.param({"settings": switch(purposes=["safety"])}, id="purposes"),
        pytest.param({"settings": switch(exempt=["US"])}, id="exempt"),
        pytest.param({"settings": switch(default=[])}, id="default"),
        pytest.param({"settings": switch(explicit_only=["content"])}, id="explicit-only"),
        pytest.param({"settings": switch(notice="other")}, id="notice"),
        pytest.param({"forbid": [{"id": "no", "categories": ["post"]}]}, id="forbid"),
    ],
)
def test_what_was_different_before_ends_the_row(first: dict[str, Any]) -> None:
    policies = [policy(**first), again()]
    late = replace(POST, created_at=parse_instant("2025-03-01T00:00:00Z"))
    reasons = ask(late, policies=policies).reasons
    assert "no-notice" in reasons  # [DEC-41], [DEC-44]
    anew = fact("notice", "2025-01-01", NOTICE)
    assert "no-notice" not in ask(late, policies=policies, facts=[anew]).reasons  # [DEC-45]


def test_a_yes_rests_on_less_than_a_default() -> None:  # [DEC-40]
    policies = [policy(settings=switch(default=[], explicit_only=["content"])), again()]
    assert ask(policies=policies, facts=[said("2024-10-01", scope="all")]).permit


def test_when_the_setting_was_live_does_not_end_the_row() -> None:  # [DEC-40], [DEC-42]
    first = policy(settings=switch(live_from="2024-11-01T00:00:00Z"))
    policies = [first, again(settings=switch(live_from="2024-01-01T00:00:00Z"))]
    assert ask(policies=policies).permit
    older = replace(POST, created_at=parse_instant("2024-10-25T00:00:00Z"))
    assert ask(older, policies=policies).reasons == ("before-notice",)


def test_the_longest_window_of_the_row_holds() -> None:  # [DEC-43]
    first = policy(settings=switch(objection_window="P200D"))
    policies = [first, again(settings=switch(objection_window="P0D"))]
    assert ask(policies=policies).reasons == ("before-notice",)


@pytest.mark.parametrize(("days", "permits"), [(0, True), (-1, False)])
def test_a_yes_counts_from_notice_and_live_on(days: int, *, permits: bool) -> None:
    yes = said("2024-09-20", scope="all")
    yes = replace(yes, at=yes.at + days * 86_400)
    found = ask(facts=[yes])
    assert found.permit is permits  # [DEC-46]
    if not permits:
        assert found.reasons == ("uninformed",)  # [DEC-50]


def test_a_yes_for_the_future_covers_from_its_own_instant_on() -> None:  # [DEC-51]
    yes = said("2025-01-01")
    at = parse_instant("2025-01-01T00:00:00Z")
    assert ask(replace(POST, created_at=at), facts=[yes]).permit
    older = ask(replace(POST, created_at=at - 1), facts=[yes])
    assert older.reasons == ("before-consent",)


def test_the_first_matching_line_is_the_default_and_no_line_is_off() -> None:  # [DEC-52]
    def default(*lines: dict[str, Any]) -> bool:
        return ask(policies=[policy(settings=switch(default=list(lines)))]).permit

    assert default({"in": ["US"], "value": "on"}, {"value": "off"})
    assert not default({"value": "off"}, {"in": ["US"], "value": "on"})
    assert not default({"in": ["EU"], "value": "on"})
    assert not default()


def test_without_a_jurisdiction_now_no_default_is_asked() -> None:  # [DEC-52]
    found = ask(without=["jurisdiction", "notice"])
    assert found.reasons == ("unknown-jurisdiction",)


def test_what_wants_an_explicit_yes_is_asked_by_overlap() -> None:  # [DEC-53]
    for term in ("post", "public-content", "content"):
        found = ask(policies=[policy(settings=switch(explicit_only=[term]))])
        assert found.reasons == ("explicit-only",)
    assert ask(policies=[policy(settings=switch(explicit_only=["article"]))]).permit


def test_a_notice_that_the_policy_does_not_have_reached_nobody() -> None:  # [DEC-54]
    assert ask(policies=[policy(notices={})]).reasons == ("no-notice",)
    yes = said("2024-10-01", scope="all")
    assert ask(policies=[policy(notices={})], facts=[yes]).reasons == ("uninformed",)


def test_the_window_ends_at_its_last_second() -> None:  # [DEC-55], [DEC-56]
    start = parse_instant("2024-10-20T00:00:00Z")
    made = replace(POST, created_at=start)
    assert ask(made, at=start).permit
    before = ask(replace(POST, created_at=start - 1), at=start - 1)
    assert before.reasons == ("before-notice", "objection-window")
    assert ask(replace(POST, created_at=start - 1)).reasons == ("before-notice",)


def test_every_governing_setting_is_asked() -> None:  # [DEC-16], [DEC-50]
    second = {**policy()["settings"][SETTING], "label": "Second", "notice": "second"}
    policies = [policy(settings={**switch(), "second": second})]
    found = ask(policies=policies, facts=[said("2024-10-01", scope="all", setting="second")])
    assert found.reasons == ("uninformed",)
