# SPDX-License-Identifier: Apache-2.0
"""What a check finds in a version and between versions, and where (POL-40 to POL-43)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.errors import Where
from privity.policy.check import Report, check_policies, check_readings
from privity.policy.findings import Finding, Level
from privity.policy.parse import inspect_policy
from privity.vocabulary.places import codes

Check = Callable[..., Report]
Edit = Callable[..., dict[str, Any]]
SETTING = "settings/genai-improvement"
LATER = {
    "version": "2",
    "published_at": "2025-01-01T00:00:00Z",
    "effective_at": "2025-01-01T00:00:00Z",
}
# What the example itself is told: its switch was early, and its forbid rule guards.
OWN = ["policy-check/idle-rule", "policy-check/live-before-published"]


def told(report: Report) -> list[str]:
    """The codes that the example itself does not give, in order."""
    found = sorted(finding.code for finding in report.findings)
    for code in OWN:
        if code in found:
            found.remove(code)
    return found


def one(report: Report, code: str) -> Finding:
    [found] = [finding for finding in report.findings if finding.code == code]
    return found


def test_the_example_has_nothing_to_mend(report: Check) -> None:
    found = report({})
    assert sorted(finding.code for finding in found.findings) == OWN
    assert {finding.level for finding in found.findings} == {Level.NOTE}


def test_a_finding_stands_where_its_value_stands(spec_text: str) -> None:
    """POL-40."""
    text = spec_text.replace(
        "effective_at: 2024-09-18T00:00:00Z\n", "effective_at: 2024-01-01T00:00:00Z\n"
    )
    found = check_readings([inspect_policy(text, file="p.yaml")])
    assert found.findings[0].where == Where(file="p.yaml", line=5, column=1)
    assert str(found.findings[0]).startswith("p.yaml:5:1: alarm: version `2024-09-18` says")
    assert str(found.findings[0]).endswith("[policy-check/back-dated]")


def test_a_back_dated_version_raises_an_alarm(report: Check) -> None:
    """POL-41."""
    found = report({"effective_at": "2024-08-01T12:00:00Z"})
    alarm = one(found, "policy-check/back-dated")
    assert alarm.level is Level.ALARM
    assert alarm.message == (
        "version `2024-09-18` says that it takes effect at 2024-08-01T12:00:00Z, 47 days before "
        "its publication at 2024-09-18T00:00:00Z; it starts with its publication"
    )
    assert found.findings[0] is alarm


@pytest.mark.parametrize(
    ("effective", "span"),
    [
        ("2024-09-17T23:59:59Z", "1 second"),
        ("2024-09-17T23:00:00Z", "1 hour"),
        ("2024-09-17T23:01:01Z", "58 minutes"),
    ],
)
def test_an_alarm_says_how_far_back(report: Check, effective: str, span: str) -> None:
    assert f", {span} before its" in report({"effective_at": effective}).findings[0].message


def test_a_version_that_takes_effect_later_raises_none(report: Check) -> None:
    """POL-41."""
    assert told(report({"effective_at": "2024-10-01T00:00:00Z"})) == []


@pytest.mark.parametrize(
    ("changes", "codes_told", "words"),
    [
        ({f"{SETTING}/notice": "genai-2024-9"}, ["policy-check/unknown-notice", "policy-check/unused-notice"], "expected `genai-2024-09`"),
        ({"notices/other": {"effective_at": "2024-01-01T00:00:00Z"}}, ["policy-check/unused-notice"], "notice `other` tells of no setting"),
        ({"groups/spare": ["US"]}, ["policy-check/unused-group"], "group `spare` can never matter"),
        ({"forbid/+": {"id": "all"}}, ["policy-check/covered-rule", "policy-check/idle-obligation", "policy-check/idle-rule", "policy-check/setting-forbidden"], "forbid rules bite all that it governs"),
        ({"forbid/+": {"id": "again", "categories": ["credentials"]}}, ["policy-check/covered-rule"], "forbid rule `again` can never matter: `no-credentials` bites wherever it does"),
        ({"forbid/+": {"id": "no-credentials", "purposes": ["genai-training"], "categories": ["post"]}}, ["policy-check/rule-repeated"], "has the id of an earlier one"),
        ({"forbid/+": {"id": "no-posts", "categories": ["profile"]}}, ["policy-check/category-forbidden"], "`profile` of setting `genai-improvement` is never permitted"),
        ({"agreements/subscription/promises/+": {"id": "inmail", "forbid": {"categories": ["inmail"], "recipients": ["third-party"], "purposes": ["genai-training"]}}}, ["policy-check/covered-rule"], "promise `inmail` of agreement `subscription` can never matter"),
        ({"agreements/subscription/promises/+": {"id": "safe", "forbid": {"purposes": ["safety"]}}}, ["policy-check/idle-rule"], "promise `safe` of agreement `subscription` bites nothing"),
        ({f"{SETTING}/default/+": {"in": ["US"], "value": "off"}}, ["policy-check/idle-default"], "line 3 of the default of setting `genai-improvement` can never matter: earlier lines match"),
        ({f"{SETTING}/default": [{"in": ["EEA"], "value": "off"}, {"in": ["EU"], "value": "on"}, {"value": "on"}]}, ["policy-check/idle-default", "policy-check/idle-default"], "earlier lines match every place"),
        ({f"{SETTING}/default/0/in": ["CH", "GB"]}, ["policy-check/idle-default"], "line 1 of the default of setting `genai-improvement` can never matter: every place that it is for is exempt"),
        ({f"{SETTING}/default": []}, ["policy-check/idle-explicit-only", "policy-check/idle-window"], "silence is a yes nowhere"),
        ({f"{SETTING}/explicit_only/+": "credentials"}, ["policy-check/idle-explicit-only"], "`credentials` in `explicit_only` of setting `genai-improvement` can never matter: the setting does not govern it"),
        ({f"{SETTING}/categories/+": "inmail"}, ["policy-check/repeated-term"], "`inmail` adds nothing to `settings.genai-improvement.categories`: `private-message` contains it"),
        ({f"{SETTING}/purposes/+": "genai-training"}, ["policy-check/repeated-term"], "`genai-training` contains it"),
        ({f"{SETTING}/exempt": sorted(codes())}, ["policy-check/idle-default", "policy-check/idle-default", "policy-check/idle-explicit-only", "policy-check/idle-window", "policy-check/setting-exempt", "policy-check/unused-group"], "every place is exempt"),
        ({"obligations/+": {"do": ["expires"], "purposes": ["safety"]}}, ["policy-check/idle-obligation"], "obligation 2 can never matter: nothing that it is for is permitted"),
        ({"obligations/+": {"do": ["pseudonymise"], "recipients": ["affiliate"]}}, ["policy-check/covered-obligation"], "obligation 2 can never matter: another asks the same"),
        ({"obligations/+": {"do": ["redact-contact", "pseudonymise"], "recipients": ["third-party", "affiliate"]}}, ["policy-check/covered-obligation"], "obligation 2"),
    ],
)  # fmt: skip
def test_what_can_never_matter_is_named(
    report: Check, changes: dict[str, Any], codes_told: list[str], words: str
) -> None:
    """POL-42."""
    found = report(changes)
    assert told(found) == codes_told
    assert any(words in finding.message for finding in found.findings)


def test_a_setting_without_a_notice_permits_nothing(report: Check, gone: object) -> None:
    """POL-13, POL-42."""
    found = report({f"{SETTING}/notice": gone})
    assert told(found) == [
        "policy-check/idle-window",
        "policy-check/setting-without-notice",
        "policy-check/unused-notice",
    ]
    assert "there is no notice that opens it" in one(found, "policy-check/idle-window").message


def test_a_proof_of_age_without_an_age_is_named(report: Check, gone: object) -> None:
    changes = {f"{SETTING}/age_proof": "required", f"{SETTING}/minimum_age": gone}
    assert told(report(changes)) == ["policy-check/idle-age-proof"]
    assert told(report({f"{SETTING}/age_proof": "required"})) == []


def test_a_version_without_settings_permits_nothing(report: Check) -> None:
    found = report({"settings": {}, "obligations/0/do": ["expires"]})
    assert told(found) == ["policy-check/idle-rule", "policy-check/no-settings", "policy-check/unused-group",
                           "policy-check/unused-notice"]  # fmt: skip


def test_an_audience_that_no_setting_governs_is_named(report: Check) -> None:
    asked = {"parties/group-message": "all"}
    others = {f"{SETTING}/categories": ["public-content", "private-message"]}
    assert told(report(asked)) == []
    assert told(report(asked | others)) == ["policy-check/idle-parties"]
    assert told(report(asked | {f"{SETTING}/categories": ["message"]})) == []


def test_an_explicit_yes_for_what_is_forbidden_is_a_guard(report: Check) -> None:
    found = report({"forbid/+": {"id": "no-private", "categories": ["private-message"]}})
    guard = next(one for one in found.findings if "explicit_only" in one.message)
    assert (guard.level, guard.code) == (Level.NOTE, "policy-check/idle-rule")


def test_a_setting_with_no_explicit_term_or_line_is_fine(report: Check) -> None:
    changes = {f"{SETTING}/explicit_only": [], f"{SETTING}/exempt": ["exempt", "US"]}
    assert told(report(changes)) == []


# --- between versions


def test_a_history_of_two_versions_has_nothing_to_mend(report: Check) -> None:
    assert told(report({}, LATER)) == ["policy-check/idle-rule"]


def test_a_switch_that_was_live_early_is_named_once(report: Check) -> None:
    """POL-43."""
    found = report({}, LATER)
    early = one(found, "policy-check/live-before-published")
    assert early.message.startswith(
        "setting `genai-improvement` was live 34 days before the first"
    )
    assert early.where == Where(file="0")


def test_of_equal_starts_one_is_never_in_force(report: Check) -> None:
    """POL-43."""
    same = {"version": "2", "published_at": "2024-09-17T00:00:00Z"}
    found = one(report({}, same), "policy-check/never-in-force")
    assert found.message == (
        "version `2` is never in force: `2024-09-18` starts at the same instant and comes after it"
    )


def test_an_older_text_that_returns_is_named(report: Check) -> None:
    """POL-43."""
    pending = {**LATER, "published_at": "2024-09-01T00:00:00Z"}
    found = one(report({}, pending), "policy-check/older-text-returns")
    assert found.message == (
        "version `2` was published before `2024-09-18` and replaces it at 2025-01-01T00:00:00Z"
    )


def test_what_a_later_version_no_longer_has_is_named(report: Check) -> None:
    """POL-43."""
    found = report({}, {**LATER, "agreements": {}, "settings": {}, "obligations": []})
    agreement = one(found, "policy-check/agreement-gone")
    assert (agreement.level, agreement.where) == (Level.WARNING, Where(file="1"))
    assert "does not describe agreement `subscription`" in agreement.message
    assert one(found, "policy-check/setting-gone").level is Level.NOTE


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"private-message": "refuse"}, None, ["nothing of copies (`private-message`)"]),
        ({"private-message": "refuse"}, {"private-message": "report"}, ["`report` of copies"]),
        (
            {"private-message": "refuse", "passages": "report"},
            {"private-message": "refuse"},
            ["nothing of copies (`passages`)"],
        ),
        ({"private-message": "report"}, {"private-message": "refuse"}, []),
        (
            {"private-message": "report"},
            {"private-message": "report", "passages": "report"},
            [],
        ),
    ],
)
def test_copies_that_are_no_longer_refused_are_named(
    report: Check, gone: object, before: object, after: object, said: list[str]
) -> None:
    """POL-43."""
    found = report({"copies": before}, {**LATER, "copies": gone if after is None else after})
    named = [one for one in found.findings if one.code == "policy-check/fewer-copies"]
    assert len(named) == len(said)
    for finding, part in zip(named, said, strict=True):
        assert finding.level is Level.WARNING
        assert part in finding.message


def test_a_switch_that_is_never_live_is_named(report: Check) -> None:
    """POL-43."""
    found = report({f"{SETTING}/live_from": "2025-01-01T00:00:00Z"}, LATER)
    assert told(found) == ["policy-check/idle-rule", "policy-check/never-live"]


def test_versions_that_do_not_belong_together_are_an_error(report: Check) -> None:
    """POL-33."""
    mixed = report({}, {**LATER, "policy": "another"})
    assert (mixed.history, told(mixed)) == (None, ["policy-check/idle-rule", "policy/mixed"])
    assert one(mixed, "policy/mixed").level is Level.ERROR
    reused = report({}, {})
    assert one(reused, "policy/version-reused").where is None
    assert str(one(reused, "policy/version-reused")).startswith("error: version `2024-09-18`")


# --- files


def test_files_are_checked_with_every_problem_and_the_sound_ones_as_a_history(
    tmp_path: Path, edited: Edit
) -> None:
    """POL-4, POL-40."""
    (texts := tmp_path / "all").mkdir()
    (texts / "a.json").write_text(json.dumps(edited()), encoding="utf-8")
    (texts / "b.json").write_text(json.dumps(edited(LATER)), encoding="utf-8")
    (texts / "c.yaml").write_text("policy: 1\nversion: 2\n", encoding="utf-8")
    (texts / "d.yaml").write_bytes(b"\xff")
    (tmp_path / "empty").mkdir()
    found = check_policies([texts, texts / "a.json", tmp_path / "empty", tmp_path / "none"])
    errors = [(one.code, Path(one.where.file or "").name) for one in found.findings
              if one.level is Level.ERROR and one.where is not None]  # fmt: skip
    assert errors == [
        ("policy/missing-key", "c.yaml"),
        ("policy/missing-key", "c.yaml"),
        ("policy/missing-key", "c.yaml"),
        ("policy/type", "c.yaml"),
        ("policy/type", "c.yaml"),
        ("policy/encoding", "d.yaml"),
        ("policy/no-file", "empty"),
        ("policy/no-file", "none"),
    ]
    assert found.history is not None
    assert [one.version for one in found.history.versions] == ["2024-09-18", "2"]
    assert (found.count(Level.ERROR), found.count(Level.ALARM)) == (8, 0)


def test_nothing_at_all_is_an_empty_history() -> None:
    found = check_policies([])
    assert found.findings == ()
    assert found.history is not None
    assert found.history.versions == ()
