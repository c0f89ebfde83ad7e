# SPDX-License-Identifier: Apache-2.0
"""What a check finds in parts of a version that stand beside each other (POL-42, POL-43, POL-44)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from privity.policy.check import Report
from privity.policy.findings import Finding, Level
from privity.vocabulary.places import codes

Check = Callable[..., Report]
Edit = Callable[..., dict[str, Any]]
SETTING = "settings/genai-improvement"
LATER = {
    "version": "2",
    "published_at": "2025-01-01T00:00:00Z",
    "effective_at": "2025-01-01T00:00:00Z",
}


def found(report: Report, code: str) -> list[Finding]:
    return [one for one in report.findings if one.code == f"policy-check/{code}"]


def one(report: Report, code: str) -> Finding:
    [finding] = found(report, code)
    return finding


@pytest.fixture
def other(edited: Edit) -> Callable[..., dict[str, Any]]:
    """The example's setting once more, with keys of its own."""

    def make(**keys: Any) -> dict[str, Any]:
        setting: dict[str, Any] = deepcopy(edited()["settings"]["genai-improvement"])
        return {**setting, **keys}

    return make


# Contradictions


def test_a_setting_that_another_keeps_shut_is_named(report: Check, other: Edit) -> None:
    told = report({"settings/untold": other(notice="none-such")})
    finding = one(told, "setting-blocked")
    assert finding.level is Level.WARNING
    assert finding.message == (
        "setting `genai-improvement` can never permit anything: setting `untold` governs it too, "
        "and has reached nobody"
    )


def test_a_setting_that_goes_live_later_shuts_nothing_before(
    report: Check, other: Edit
) -> None:
    later = other(notice="none-such", live_from="2030-01-01T00:00:00Z")
    assert found(report({"settings/untold": later}), "setting-blocked") == []


def test_exemptions_that_leave_no_place_between_them_are_named(
    report: Check, other: Edit
) -> None:
    half = sorted(codes())[:125]
    rest = sorted(codes())[125:]
    told = report({f"{SETTING}/exempt": half, "settings/rest": other(exempt=rest)})
    assert {finding.message for finding in found(told, "setting-blocked")} == {
        f"setting `{name}` can never permit anything: every place is exempt, here or in settings "
        "that bite on it"
        for name in ("genai-improvement", "rest")
    }


def test_what_shuts_itself_is_said_once(report: Check) -> None:
    assert found(report({"forbid/+": {"id": "all"}}), "setting-blocked") == []
    untold = report({f"{SETTING}/notice": "none-such"})
    assert found(untold, "setting-blocked") == []


def test_silence_that_is_never_a_yes_is_named(report: Check, other: Edit) -> None:
    explicit = report({f"{SETTING}/explicit_only": ["content"]})
    assert one(explicit, "idle-silence").message == (
        "silence under setting `genai-improvement` can never be a yes: `explicit_only` wants an "
        "explicit yes for all that it governs"
    )
    american = {f"{SETTING}/default": [{"in": ["US"], "value": "on"}]}
    beside = report({**american, "settings/elsewhere": other(exempt=["US"])})
    assert one(beside, "idle-silence").message == (
        "silence under setting `genai-improvement` can never be a yes: every place where it would be "
        "is exempt in settings that bite on the same"
    )


def test_silence_beside_a_setting_that_wants_a_yes_is_a_yes(report: Check, other: Edit) -> None:
    strict = other(default=[], explicit_only=[], objection_window="P0D")
    assert found(report({"settings/strict": strict}), "idle-silence") == []


def test_silence_that_one_place_or_category_leaves_open_is_none(
    report: Check, other: Edit
) -> None:
    american = other(default=[{"in": ["US"], "value": "on"}], explicit_only=[])
    assert found(report({"settings/american": american}), "idle-silence") == []
    posts = other(default=[], categories=["post"], explicit_only=[], objection_window="P0D")
    assert found(report({"settings/posts": posts}), "idle-silence") == []


def test_a_notice_that_takes_effect_too_late_is_named(report: Check) -> None:
    """POL-43."""
    late = {"notices/genai-2024-09/effective_at": "2025-01-01T00:00:00Z"}
    finding = one(report(late, LATER), "notice-too-late")
    assert finding.level is Level.WARNING
    assert "`2` starts before notice `genai-2024-09` takes effect" in finding.message
    assert found(report(late), "notice-too-late") == []
    never_live = {**late, f"{SETTING}/live_from": "2026-01-01T00:00:00Z"}
    assert found(report(never_live, LATER), "notice-too-late") == []


# Shadows


def test_a_rule_that_others_cover_together_is_named(report: Check) -> None:
    told = report(
        {
            "forbid": [
                {"id": "affiliates", "recipients": ["affiliate"]},
                {"id": "others", "recipients": ["controller", "processor", "third-party"]},
                {"id": "posts", "categories": ["post"]},
            ],
        }
    )
    finding = one(told, "covered-rule")
    assert finding.message == (
        "forbid rule `posts` can never matter: others together bite wherever it does"
    )


def test_an_obligation_that_others_ask_for_together_is_named(report: Check) -> None:
    told = report(
        {
            "obligations": [
                {"recipients": ["affiliate"], "do": ["pseudonymise", "expires"]},
                {"recipients": ["third-party"], "do": ["pseudonymise", "redact-contact"]},
                {"recipients": ["affiliate", "third-party"], "do": ["pseudonymise"]},
            ]
        }
    )
    assert one(told, "covered-obligation").message == (
        "obligation 3 can never matter: others together ask the same wherever anything is permitted"
    )


def test_a_promise_that_a_forbid_rule_keeps_anyway_is_named(report: Check) -> None:
    told = report({"forbid/+": {"id": "no-messages", "categories": ["private-message"]}})
    messages = {finding.message for finding in found(told, "idle-rule")}
    assert (
        "promise `confidentiality` of agreement `subscription` guards only what forbid rules "
        "forbid anyway"
    ) in messages


# Gaps


def test_a_term_of_a_setting_that_is_never_permitted_is_named(
    report: Check, other: Edit
) -> None:
    told = report({"forbid/+": {"id": "no-affiliates", "recipients": ["affiliate"]}})
    finding = one(told, "never-permitted")
    assert finding.level is Level.NOTE
    assert finding.message == (
        "`affiliate` of setting `genai-improvement` is never permitted: forbid rules bite all of it"
    )
    beside = other(notice="none-such", categories=["profile"], exempt=[])
    told = report({"settings/profiles": beside})
    assert one(told, "never-permitted").message == (
        "`profile` of setting `genai-improvement` is never permitted: setting `profiles` governs it "
        "too, and has reached nobody"
    )


def test_a_category_that_rules_forbid_is_said_once(report: Check) -> None:
    told = report({"forbid/+": {"id": "no-profiles", "categories": ["profile"]}})
    assert found(told, "never-permitted") == []
    assert found(told, "category-forbidden")


def test_an_agreement_that_leaves_nothing_of_a_setting_is_named(report: Check) -> None:
    promise = {"id": "nothing", "forbid": {"purposes": ["genai-training"]}}
    told = report({"agreements/subscription/promises/+": promise})
    finding = one(told, "setting-promised")
    assert finding.level is Level.NOTE
    assert finding.message == (
        "agreement `subscription` promises not to do anything that setting `genai-improvement` "
        "governs: nothing of whoever has it is used"
    )


def test_places_that_no_line_of_a_default_is_for_are_counted(report: Check) -> None:
    told = report({f"{SETTING}/default": [{"in": ["US", "IN"], "value": "on"}]})
    finding = one(told, "default-gap")
    assert finding.level is Level.NOTE
    assert "is for 215 places that are not exempt, such as `AD`" in finding.message
    assert found(report({}), "default-gap") == []
    assert found(report({f"{SETTING}/default": []}), "default-gap") == []


def test_one_place_that_no_line_is_for_is_named(report: Check) -> None:
    lines = [{"in": sorted(codes() - {"US"}), "value": "off"}]
    finding = one(report({f"{SETTING}/default": lines}), "default-gap")
    assert "is for one place that is not exempt, such as `US`" in finding.message
