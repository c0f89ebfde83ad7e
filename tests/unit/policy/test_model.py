# SPDX-License-Identifier: Apache-2.0
"""What a version's rules come to for a request (POL-12, POL-20 to POL-22, POL-30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from privity.canonical.instants import parse_instant
from privity.policy.model import Scope, Version, any_in

Made = Callable[..., Version]
SETTING = "settings/genai-improvement"
AT = parse_instant("2025-01-01T00:00:00Z")
PRIVATE = Scope(
    purposes=("genai-training",), categories=("private-message",), recipients=("affiliate",)
)


@pytest.mark.parametrize(
    ("purpose", "category", "role", "bites", "contains"),
    [
        ("genai-training", "private-message", "affiliate", True, True),
        ("genai-training", "inmail", "affiliate", True, True),
        ("genai-training", "message", "affiliate", True, False),
        ("model-training", "inmail", "affiliate", True, False),
        ("genai-training", "post", "affiliate", False, False),
        ("safety", "inmail", "affiliate", False, False),
        ("genai-training", "inmail", "controller", False, False),
    ],
)
def test_refusals_overlap_and_grants_contain(
    *, purpose: str, category: str, role: str, bites: bool, contains: bool
) -> None:
    """POL-20, POL-21."""
    assert PRIVATE.bites(purpose, category, role) is bites
    assert PRIVATE.contains(purpose, category, role) is contains


def test_a_list_left_out_bites_all_and_contains_nothing() -> None:
    """POL-20, POL-21."""
    assert Scope().bites("safety", "post", "processor")
    assert not Scope().contains("safety", "post", "processor")
    assert not Scope(purposes=("safety",)).contains("safety", "post", "processor")
    assert not Scope(purposes=("safety",), categories=("post",)).contains(
        "safety", "post", "processor"
    )


def test_silence_means_the_first_line_that_matches(version: Made) -> None:
    """POL-12."""
    lines = [{"in": ["EU"], "value": "off"}, {"in": ["DE", "US"], "value": "on"}]
    setting = version({f"{SETTING}/default": lines}).settings["genai-improvement"]
    said = {code: setting.default_on(code, AT) for code in ("DE", "US", "IN")}
    assert said == {"DE": False, "US": True, "IN": False}


def test_silence_looks_at_the_groups_of_its_time(version: Made) -> None:
    """POL-12, VOC-21."""
    lines = [{"in": ["EU"], "value": "off"}, {"value": "on"}]
    setting = version({f"{SETTING}/default": lines}).settings["genai-improvement"]
    assert not setting.default_on("GB", parse_instant("2020-12-31T23:59:59Z"))
    assert setting.default_on("GB", parse_instant("2021-01-01T00:00:00Z"))


def test_a_setting_governs_once_it_is_live_and_bites_before(version: Made) -> None:
    """POL-22."""
    found = version()
    live = found.settings["genai-improvement"].live_from
    request = ("genai-training", "post", "controller")
    assert found.governing(*request, live) == tuple(found.settings.values())
    assert found.governing(*request, live - 1) == ()
    assert found.biting(*request) == tuple(found.settings.values())
    assert found.biting("safety", "post", "controller") == ()


def test_a_category_that_overlaps_an_explicit_one_wants_an_explicit_yes(version: Made) -> None:
    setting = version().settings["genai-improvement"]
    assert setting.wants_explicit("inmail")
    assert setting.wants_explicit("message")
    assert not setting.wants_explicit("group-message")


def test_a_forbid_rule_bites_whatever_it_overlaps(version: Made) -> None:
    """POL-20."""
    assert version().forbids("safety", "content", "processor")
    assert not version().forbids("safety", "post", "processor")


@pytest.mark.parametrize(
    ("published", "effective", "start", "back_dated"),
    [
        ("2025-02-01", "2025-03-01", "2025-03-01", False),
        ("2025-03-01", "2025-02-01", "2025-03-01", True),
    ],
)
def test_a_version_starts_no_earlier_than_its_publication(
    *, version: Made, published: str, effective: str, start: str, back_dated: bool
) -> None:
    """POL-30."""
    found = version(
        {
            "published_at": f"{published}T00:00:00Z",
            "effective_at": f"{effective}T00:00:00Z",
        }
    )
    assert found.start == parse_instant(f"{start}T00:00:00Z")
    assert found.back_dated is back_dated


def test_no_place_holds_nobody() -> None:
    assert not any_in((), ("DE",), AT)
    assert not any_in(("DE",), (), AT)
    assert any_in(("FR", "DE"), ("US", "EU"), AT)
