# SPDX-License-Identifier: Apache-2.0
"""What any rule tells apart is asked by itself, whichever kind of rule it is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.decide.test_explain_member import AT, SETTING, believed, fact

from privity.decide.explain.alike import seen_by_rules
from privity.decide.explain.member import leaves
from privity.decide.request import World
from privity.policy.versions import Text

USUAL = {("post", "article", "comment"), ("inmail", "direct-message")}
"""Of the policy that the tests have, what is told apart no further, whoever of these asks."""


def alike(
    world: World, categories: Iterable[str] | None = None, role: str | None = "controller"
) -> list[tuple[str, ...]]:
    """Give categories that are seen as the same, each such group in order."""
    seen = seen_by_rules(world, AT)
    found: dict[Hashable, list[str]] = {}
    for one in leaves() if categories is None else categories:
        found.setdefault(seen(one, [role] * len(world.readings)), []).append(one)
    return [tuple(one) for one in found.values()]


def groups(world: World, role: str | None = "controller") -> set[tuple[str, ...]]:
    return {one for one in alike(world, role=role) if len(one) > 1}


def test_what_no_rule_tells_apart_is_alike() -> None:
    assert groups(believed()) == {
        *USUAL,
        ("group-message", "profile", "ai-input", "credentials"),
    }


def test_no_category_is_left_out_and_none_stands_twice() -> None:
    every = [one for group in alike(believed()) for one in group]
    assert sorted(every) == sorted(leaves())


def test_roles_are_told_apart_by_what_a_rule_says_of_them() -> None:
    seen = seen_by_rules(believed(), AT)
    assert seen("post", ["controller"]) == seen("post", ["affiliate"])
    assert seen("post", ["controller"]) != seen("post", ["third-party"])
    never = [{"id": "never", "recipients": ["affiliate"]}]
    forbids = seen_by_rules(believed(forbid=never), AT)
    assert forbids("post", ["controller"]) != forbids("post", ["affiliate"])


def test_a_rule_about_other_categories_does_not_tell_roles_apart() -> None:
    never = [{"id": "never", "recipients": ["affiliate"], "categories": ["article"]}]
    seen = seen_by_rules(believed(forbid=never), AT)
    assert seen("post", ["controller"]) == seen("post", ["affiliate"])
    assert seen("article", ["controller"]) != seen("article", ["affiliate"])


def test_of_who_has_no_role_every_category_is_alike() -> None:
    assert alike(believed(), role=None) == [leaves()]


def test_a_role_of_one_reading_is_not_that_of_the_other() -> None:
    seen = seen_by_rules(replace(believed(), by_entry=believed()), AT)
    assert seen("post", ["controller", None]) != seen("post", ["controller", "controller"])
    assert seen("post", ["controller", None]) != seen("post", [None, "controller"])


@pytest.mark.parametrize(
    "policy",
    [
        {"settings": {"genai": {**SETTING, "explicit_only": ["article"]}}},
        {"settings": {"genai": {**SETTING, "categories": ["article", "private-message"]}}},
        {"settings": {"genai": SETTING, "other": {**SETTING, "categories": ["article"]}}},
        {"forbid": [{"id": "never", "categories": ["article"]}]},
        {
            "agreements": {
                "premium": {"promises": [{"id": "not", "forbid": {"categories": ["article"]}}]}
            }
        },
    ],
    ids=["explicit-only", "setting", "another-setting", "forbid", "promise"],
)
def test_what_a_version_names_is_told_apart(policy: Mapping[str, Any]) -> None:
    assert not any("article" in one for one in groups(believed(**policy)))


def test_what_an_order_names_is_told_apart_while_it_stands() -> None:
    stop = fact("order", "2025-01-01", "stop", member=None)
    stop = replace(stop, detail={"categories": ["article"]})
    lifted = fact("order-lifted", "2025-02-01", "stop", member=None)
    assert not any("article" in one for one in groups(believed(stop)))
    assert groups(believed(stop, lifted)) == groups(believed())


def test_what_the_other_reading_names_is_told_apart() -> None:
    other = believed(forbid=[{"id": "never", "categories": ["article"]}])
    assert not any("article" in one for one in groups(replace(believed(), by_entry=other)))


def test_what_a_text_that_is_claimed_names_is_told_apart() -> None:
    forbids = believed(forbid=[{"id": "never", "categories": ["article"]}]).policy.versions[0]
    text = Text(version=forbids, since=0, until=AT, tells=False)
    policy = replace(believed().policy, texts=(text,))
    assert not any("article" in one for one in groups(replace(believed(), policy=policy)))


def test_a_category_that_nobody_knows_is_like_none_that_is_known() -> None:
    found = alike(believed(settings={}, obligations=[]), ["post", "unheard-of"])
    assert found == [("post",), ("unheard-of",)]
