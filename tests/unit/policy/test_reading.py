# SPDX-License-Identifier: Apache-2.0
"""A policy's keys and values are read strictly (POL-5 to POL-14)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from privity.canonical.instants import parse_instant
from privity.policy.model import (
    CopyRule,
    DefaultLine,
    Notice,
    ObligationRule,
    Rule,
    Scope,
    Version,
)
from privity.policy.parse import inspect_policy, parse_policy, version_from

Edit = Callable[..., dict[str, Any]]
Made = Callable[..., Version]
SETTING = "settings/genai-improvement"


def problems(made: dict[str, Any]) -> list[tuple[str, str]]:
    found = inspect_policy(json.dumps(made), file="f").problems
    return [(error.code, error.message) for error in found]


def test_the_example_is_read_whole(spec_text: str) -> None:
    """POL-5."""
    version = parse_policy(spec_text, file="policy.yaml")
    setting = version.settings["genai-improvement"]
    start = parse_instant("2024-09-18T00:00:00Z")
    assert (version.policy, version.version, version.controller) == (
        "genai-training",
        "2024-09-18",
        "network",
    )
    assert (version.published_at, version.effective_at, version.source) == (
        start,
        start,
        "policy.yaml",
    )
    assert version.groups == {"exempt": ("EU", "EEA", "CH", "GB")}
    assert (setting.id, setting.label) == (
        "genai-improvement",
        "Data for Generative AI Improvement",
    )
    assert setting.scope == Scope(
        purposes=("genai-training",),
        categories=(
            "profile",
            "public-content",
            "group-message",
            "private-message",
            "ai-input",
        ),
        recipients=("controller", "affiliate", "third-party"),
    )
    assert setting.live_from == parse_instant("2024-08-15T00:00:00Z")
    assert setting.exempt == ("EU", "EEA", "CH", "GB")
    assert setting.default == (
        DefaultLine(places=("IN",), on=False),
        DefaultLine(places=None, on=True),
    )
    assert (setting.explicit_only, setting.notice) == (("private-message",), "genai-2024-09")
    assert (setting.objection_window, setting.minimum_age) == (30 * 86_400, 18)
    assert not setting.age_proof
    assert version.notices == {"genai-2024-09": Notice(id="genai-2024-09", effective_at=start)}
    promise = Scope(
        purposes=("model-training",),
        categories=("private-message",),
        recipients=("third-party",),
    )
    assert version.agreements["subscription"].promises == (
        Rule(id="confidentiality", scope=promise),
    )
    assert version.forbid == (
        Rule(id="no-credentials", scope=Scope(categories=("credentials",))),
    )
    assert version.obligations == (
        ObligationRule(
            scope=Scope(recipients=("affiliate", "third-party")),
            do=("pseudonymise", "redact-contact"),
        ),
    )
    assert not version.group_audience
    assert version.copies == CopyRule(whole="refuse")


def test_what_may_be_left_out_means_none(edited: Edit, gone: object) -> None:
    """POL-6."""
    optional = [
        "exempt",
        "default",
        "explicit_only",
        "notice",
        "objection_window",
        "minimum_age",
    ]
    top = ["groups", "notices", "agreements", "forbid", "obligations", "parties", "copies"]
    made = edited({f"{SETTING}/{key}": gone for key in optional} | dict.fromkeys(top, gone))
    version = version_from(made)
    setting = version.settings["genai-improvement"]
    assert (setting.exempt, setting.default, setting.explicit_only) == ((), (), ())
    assert (setting.notice, setting.objection_window, setting.minimum_age) == (None, 0, None)
    assert (version.notices, version.agreements) == ({}, {})
    assert (version.forbid, version.obligations, version.copies) == ((), (), None)
    assert version_from(edited({"settings": gone})).settings == {}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("policy", "the policy has no key `policy`"),
        ("version", "the policy has no key `version`"),
        ("controller", "the policy has no key `controller`"),
        ("published_at", "the policy has no key `published_at`"),
        ("effective_at", "the policy has no key `effective_at`"),
        (f"{SETTING}/label", "`settings.genai-improvement` has no key `label`"),
        (f"{SETTING}/purposes", "`settings.genai-improvement` has no key `purposes`"),
        (f"{SETTING}/categories", "`settings.genai-improvement` has no key `categories`"),
        (f"{SETTING}/recipients", "`settings.genai-improvement` has no key `recipients`"),
        (f"{SETTING}/live_from", "`settings.genai-improvement` has no key `live_from`"),
        (f"{SETTING}/default/0/value", "`settings.genai-improvement.default[0]` has no key"),
        ("notices/genai-2024-09/effective_at", "`notices.genai-2024-09` has no key"),
        ("agreements/subscription/promises", "`agreements.subscription` has no key"),
        ("agreements/subscription/promises/0/id", "`agreements.subscription.promises[0]` has"),
        ("agreements/subscription/promises/0/forbid", "has no key `forbid`"),
        ("forbid/0/id", "`forbid[0]` has no key `id`"),
        ("obligations/0/do", "`obligations[0]` has no key `do`"),
    ],
)
def test_what_must_be_written_is_missed(
    edited: Edit, gone: object, path: str, what: str
) -> None:
    """POL-6."""
    [(code, message)] = problems(edited({path: gone}))
    assert code == "policy/missing-key"
    assert what in message


def test_in_a_ledger_the_entry_says_when_a_version_was_published(
    spec_text: str, edited: Edit, gone: object
) -> None:
    """POL-34."""
    entered = parse_instant("2024-09-20T00:00:00Z")
    stated = inspect_policy(spec_text, file="f", published_at=entered)
    assert stated.version is not None
    assert stated.version.published_at == entered
    assert stated.stated == parse_instant("2024-09-18T00:00:00Z")
    left_out = json.dumps(edited({"published_at": gone}))
    silent = inspect_policy(left_out, file="f", published_at=entered)
    assert silent.version is not None
    assert (silent.version.published_at, silent.stated) == (entered, None)
    assert parse_policy(left_out, file="f", published_at=0).published_at == 0
    assert [code for code, _ in problems(json.loads(left_out))] == ["policy/missing-key"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("policyy", "unknown key `policyy` in the policy, expected `policy`"),
        (f"{SETTING}/purpose", "unknown key `purpose` in `settings.genai-improvement`, expected `purposes`"),
        (f"{SETTING}/default/0/where", "in `settings.genai-improvement.default[0]`, expected one of"),
        ("notices/genai-2024-09/link", "in `notices.genai-2024-09`, expected"),
        ("agreements/subscription/promise", "expected `promises`"),
        ("agreements/subscription/promises/0/forbids", "expected `forbid`"),
        ("agreements/subscription/promises/0/forbid/recipient", "expected `recipients`"),
        ("forbid/0/name", "unknown key `name` in `forbid[0]`"),
        ("obligations/0/must", "unknown key `must` in `obligations[0]`"),
        ("parties/group-messages", "unknown key `group-messages` in `parties`, expected `group-message`"),
    ],
)  # fmt: skip
def test_an_unknown_key_names_the_nearest_known(edited: Edit, path: str, expected: str) -> None:
    """POL-5."""
    [(code, message)] = problems(edited({path: "x"}))
    assert code == "policy/unknown-key"
    assert expected in message


@pytest.mark.parametrize(
    ("path", "value", "code", "expected"),
    [
        ("policy", 7, "policy/type", "`policy` is `7`, expected text"),
        ("policy", "", "policy/name", "`policy` is ``, expected printable text"),
        ("policy", " x", "policy/name", "without blanks at its ends"),
        ("policy", "a\nb", "policy/name", "`policy` is `a�b`, expected printable text"),
        ("policy", "x" * 201, "policy/name", "expected at most 200 characters"),
        ("controller", None, "policy/type", "`controller` is empty, expected text"),
        ("published_at", "2024-09-18", "policy/type", "expected an instant such as"),
        ("published_at", "2024-09-18T00:00:00", "policy/type", "expected an instant such as"),
        ("published_at", "2024-09-18T00:00:00.5Z", "policy/type", "expected an instant such as"),
        ("published_at", "9999-12-31T23:59:59-01:00", "policy/type", "of the years 1 to 9999 in UTC"),
        ("published_at", "0001-01-01T00:00:00+01:00", "policy/type", "of the years 1 to 9999 in UTC"),
        ("published_at", 1726617600, "policy/type", "is `1726617600`, expected an instant"),
        ("settings", ["a"], "policy/type", "`settings` is a list, expected a mapping"),
        (SETTING, "on", "policy/type", "`settings.genai-improvement` is `on`, expected a mapping"),
        (f"{SETTING}/label", True, "policy/type", ".label` is `true`, expected text"),
        (f"{SETTING}/purposes", "genai-training", "policy/type", "expected a list"),
        (f"{SETTING}/purposes", {}, "policy/type", ".purposes` is a mapping, expected a list"),
        (f"{SETTING}/purposes", [1], "policy/type", ".purposes[0]` is `1`, expected the name of a"),
        (f"{SETTING}/purposes", ["x"], "vocabulary/unknown-purpose", "unknown purpose `x`"),
        (f"{SETTING}/categories", ["in-mail"], "vocabulary/unknown-category", "expected `inmail`"),
        (f"{SETTING}/recipients", ["partner"], "vocabulary/unknown-role", "unknown role `partner`"),
        (f"{SETTING}/explicit_only", ["x"], "vocabulary/unknown-category", "explicit_only[0]"),
        (f"{SETTING}/purposes", [], "policy/empty-list", ".purposes` is an empty list"),
        (f"{SETTING}/categories", [], "policy/empty-list", ".categories` is an empty list"),
        (f"{SETTING}/recipients", [], "policy/empty-list", ".recipients` is an empty list"),
        (f"{SETTING}/default/0/in", [], "policy/empty-list", "default[0].in` is an empty list"),
        (f"{SETTING}/default", "on", "policy/type", ".default` is `on`, expected a list"),
        (f"{SETTING}/default/0/value", True, "policy/type", "is `true`, expected `on` or `off`"),
        (f"{SETTING}/default/0/value", "unset", "policy/type", "expected `on` or `off`"),
        (f"{SETTING}/notice", [], "policy/type", ".notice` is an empty list, expected text"),
        (f"{SETTING}/objection_window", "P1M", "policy/type", "expected a duration such as `P30D`"),
        (f"{SETTING}/objection_window", 30, "policy/type", "expected a duration such as `P30D`"),
        (f"{SETTING}/objection_window", "P36501D", "policy/type", "expected at most `P36500D`"),
        (f"{SETTING}/minimum_age", 0, "policy/type", "from 1 to 150"),
        (f"{SETTING}/minimum_age", 151, "policy/type", "from 1 to 150"),
        (f"{SETTING}/minimum_age", 18.0, "policy/type", "is `18.0`, expected a whole number"),
        (f"{SETTING}/minimum_age", "18", "policy/type", "expected a whole number of years"),
        (f"{SETTING}/minimum_age", None, "policy/type", "is empty, expected a whole number"),
        (f"{SETTING}/age_proof", "optional", "policy/type", "expected `required`"),
        ("notices/genai-2024-09/url", "example.com", "policy/type", "expected an address"),
        ("notices/genai-2024-09/sha256", "AB", "policy/type", "64 lower-case hexadecimal digits"),
        ("notices/genai-2024-09/languages", [], "policy/empty-list", "languages` is an empty"),
        ("notices/genai-2024-09/languages", ["english language"], "policy/type", "language tag"),
        ("agreements/subscription/promises/0/forbid", "x", "policy/type", "expected a mapping"),
        ("agreements/subscription/promises/0/forbid/purposes", [], "policy/empty-list", "purposes"),
        ("forbid", {}, "policy/type", "`forbid` is a mapping, expected a list"),
        ("forbid/0/categories", [], "policy/empty-list", "`forbid[0].categories` is an empty"),
        ("obligations/0/do", [], "policy/empty-list", "`obligations[0].do` is an empty list"),
        ("obligations/0/do", ["anonymise"], "vocabulary/unknown-obligation", "`pseudonymise`"),
        ("parties", "all", "policy/type", "`parties` is `all`, expected a mapping"),
        ("parties/group-message", "everyone", "policy/type", "expected `author` or `all`"),
        ("copies", "refuse", "policy/type", "`copies` is `refuse`, expected a mapping"),
        ("copies", {}, "policy/missing-key", "`copies` has no key `private-message`"),
        ("copies/private-message", "drop", "policy/type", "expected `report` or `refuse`"),
        ("copies/private-message", "", "policy/type", "expected `report` or `refuse`"),
        ("copies/passages", None, "policy/type", "expected `report` or `refuse`"),
        ("copies/inmail", "refuse", "policy/unknown-key", "`private-message`"),
        ("notices", [], "policy/type", "`notices` is an empty list, expected a mapping"),
        ("groups/exempt", [], "policy/empty-list", "`groups.exempt` is an empty list"),
        ("groups/exempt", "EU", "policy/type", "`groups.exempt` is `EU`, expected a list"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_was_expected(
    edited: Edit, path: str, value: object, code: str, expected: str
) -> None:
    """POL-7, POL-8, POL-9, POL-10."""
    found = problems(edited({path: value}))
    assert (code, True) in [(one, expected in message) for one, message in found]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("UK", "`GB`"),
        ("EL", "`GR`"),
        ("us", "`US`"),
        ("USA", "`US`"),
        ("Germany", "`DE`"),
        ("eu", "`EU`"),
        ("exemptt", "`exempt`"),
        ("XK", "an ISO 3166-1 code such as `GB`, or `exempt` or `EU` or `EEA`"),
    ],
)
def test_an_unknown_place_names_the_one_meant(edited: Edit, seen: str, expected: str) -> None:
    """POL-11, VOC-20."""
    [(code, message)] = problems(edited({f"{SETTING}/exempt": ["exempt", seen]}))
    assert code == "vocabulary/unknown-place"
    assert message == (
        f"in `settings.genai-improvement.exempt[1]`: unknown place `{seen}`, expected {expected}"
    )


def test_the_code_of_norway_is_a_place(spec_text: str) -> None:
    """POL-2: `NO` is no boolean."""
    text = spec_text.replace("exempt: [exempt]", "exempt: [exempt, NO]")
    setting = parse_policy(text, file="f").settings["genai-improvement"]
    assert setting.exempt == ("EU", "EEA", "CH", "GB", "NO")


@pytest.mark.parametrize("key", ["exempt", "explicit_only", "default"])
def test_an_empty_list_may_say_that_there_is_none(version: Made, key: str) -> None:
    """POL-10."""
    found = version({f"{SETTING}/{key}": []}).settings["genai-improvement"]
    assert getattr(found, key) == ()


def test_an_agreement_may_promise_nothing(version: Made) -> None:
    """POL-10."""
    found = version({"agreements/subscription/promises": []})
    assert found.agreements["subscription"].promises == ()


def test_groups_name_other_groups_in_any_order_and_repeat_nothing(version: Made) -> None:
    """POL-11."""
    groups = {"a": ["c", "DE", "b"], "b": ["FR", "EU"], "c": ["b", "US"]}
    found = version({"groups": groups, f"{SETTING}/exempt": ["a", "US"]})
    assert found.groups == {
        "a": ("FR", "EU", "US", "DE"),
        "b": ("FR", "EU"),
        "c": ("FR", "EU", "US"),
    }
    assert found.settings["genai-improvement"].exempt == ("FR", "EU", "US", "DE")


def test_a_long_chain_of_groups_is_read_without_recursion(version: Made) -> None:
    groups = {f"g{index}": [f"g{index + 1}"] for index in range(3000)} | {"g3000": ["SE"]}
    found = version({"groups": groups, f"{SETTING}/exempt": ["g0"]})
    assert found.groups["g0"] == ("SE",)


@pytest.mark.parametrize("groups", [{"a": ["a"]}, {"a": ["b", "DE"], "b": ["c"], "c": ["a"]}])
def test_a_group_that_contains_itself_is_an_error(edited: Edit, groups: object) -> None:
    """POL-11."""
    found = problems(edited({"groups": groups, f"{SETTING}/exempt": []}))
    assert [code for code, _ in found] == ["policy/group-cycle"]


@pytest.mark.parametrize("name", ["EU", "EEA", "DE"])
def test_a_group_has_a_name_of_its_own(edited: Edit, name: str) -> None:
    """POL-11."""
    found = problems(edited({"groups": {name: ["FR"]}, f"{SETTING}/exempt": []}))
    assert [code for code, _ in found] == ["policy/group-name"]


@pytest.mark.parametrize("written", ["2024-09-18", "2024-09-18T00:00:00Z"])
def test_a_version_that_looks_like_a_date_is_in_quotes(spec_text: str, written: str) -> None:
    """POL-7: readers of YAML 1.1 would see a date."""
    text = spec_text.replace('"2024-09-18" ', written + " ")
    [error] = inspect_policy(text, file="f").problems
    assert error.hint == f'write `"{written}"`'


@pytest.mark.parametrize("written", ["3", "1.10", "0x10"])
def test_a_version_that_looks_like_a_number_is_in_quotes(spec_text: str, written: str) -> None:
    """POL-7."""
    text = spec_text.replace('"2024-09-18" ', written + " ")
    [error] = inspect_policy(text, file="f").problems
    assert error.hint == "put it in quotes"


def test_a_version_with_letters_needs_no_quotes(spec_text: str) -> None:
    text = spec_text.replace('"2024-09-18" ', "v1-draft ")
    assert parse_policy(text, file="f").version == "v1-draft"


def test_a_setting_may_name_no_notice_or_one_that_is_not_there(
    version: Made, gone: object
) -> None:
    """POL-13."""
    assert version({f"{SETTING}/notice": "none"}).settings["genai-improvement"].notice == "none"
    assert version({f"{SETTING}/notice": gone}).settings["genai-improvement"].notice is None


@pytest.mark.parametrize(("written", "asked"), [("all", True), ("author", False)])
def test_parties_say_whether_the_audience_is_asked(
    *, version: Made, gone: object, written: str, asked: bool
) -> None:
    """POL-14."""
    assert version({"parties/group-message": written}).group_audience is asked
    assert not version({"parties/group-message": gone}).group_audience


def test_copies_say_what_follows_them(version: Made, gone: object) -> None:
    """POL-15."""
    for written, made in (
        ({"private-message": "refuse"}, CopyRule(whole="refuse")),
        ({"private-message": "report"}, CopyRule(whole="report")),
        (
            {"private-message": "report", "passages": "refuse"},
            CopyRule(whole="report", passages="refuse"),
        ),
    ):
        assert version({"copies": written}).copies == made
    assert version({"copies": gone}).copies is None


def test_a_notice_says_where_it_is_and_in_which_languages(version: Made) -> None:
    found = version(
        {
            "notices/genai-2024-09/url": "https://example.com/n",
            "notices/genai-2024-09/sha256": "0" * 64,
            "notices/genai-2024-09/languages": ["en", "pt-BR"],
            f"{SETTING}/age_proof": "required",
        }
    )
    notice = found.notices["genai-2024-09"]
    assert (notice.url, notice.sha256, notice.languages) == (
        "https://example.com/n",
        "0" * 64,
        ("en", "pt-BR"),
    )
    assert found.settings["genai-improvement"].age_proof


def test_a_name_that_does_not_show_is_refused_where_it_stands(edited: Edit) -> None:
    """POL-7."""
    found = problems(edited({"agreements": {"a\u200bb": {"promises": []}}}))
    assert found == [
        (
            "policy/name",
            "a name in `agreements` is `a�b`, expected printable text without blanks at its ends",
        )
    ]


@pytest.mark.parametrize(
    ("value", "hint"), [("18", "leave the quotes out: they make it text"), ("old", None)]
)
def test_an_age_in_quotes_is_text(edited: Edit, value: str, hint: str | None) -> None:
    """POL-7."""
    made = edited({f"{SETTING}/minimum_age": value})
    [error] = inspect_policy(json.dumps(made), file="f").problems
    assert error.hint == hint
