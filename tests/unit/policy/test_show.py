# SPDX-License-Identifier: Apache-2.0
"""The page of a policy says what its rules say, in words that a member can read (POL-50, POL-51)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.policy.model import Version
from privity.policy.show import Page, data_of, page_of, periods_of, text_of
from privity.policy.versions import History, history
from privity.vocabulary.sentences import day, listed, span

Made = Callable[..., Version]
SETTING = "settings/genai-improvement"
LATER = {
    "version": "2025",
    "published_at": "2025-01-01T00:00:00Z",
    "effective_at": "2025-01-01T00:00:00Z",
}


def flat(page: Page) -> str:
    """The page's text on one line."""
    return " ".join(" ".join(text_of(page)).split())


@pytest.fixture
def said(version: Made) -> Callable[..., str]:
    """The page of the newest of these versions, on one line."""

    def say(*all_changes: dict[str, Any]) -> str:
        return flat(page_of(history(version(changes) for changes in all_changes)))

    return say


def test_the_page_of_the_example(version: Made) -> None:
    """POL-50."""
    text = "\n".join(text_of(page_of(history([version()]))))
    assert text.startswith(
        "What network may do with what its members write: policy genai-training\n"
        "Version 2024-09-18, in force from 18 September 2024.\n"
        "\n"
        "Setting: Data for Generative AI Improvement\n"
        "  What for          training of AI models that create content\n"
    )
    for sentence in (
        "what you publish (posts, articles and comments)",
        "companies of the same group and",
        "Nobody else.",
        "European Union (EU), European Economic Area (EEA),",
        "The switch works from 15 August 2024 on.",
        "Nothing is used before notice genai-2024-09 has reached you",
        "In India: that is a no.",
        "Everywhere else: that is a yes.",
        "had 30 days to object; it covers nothing that was written before.",
        "What you write from then on may be used; what is older only if your yes says",
        "A no does not undo what was done before it.",
        "Nothing of members under 18",
        "No use of private messages (InMail and direct messages) by other companies",
        "No use of passwords and other credentials.",
        "Published on 18 September 2024.",
    ):
        assert sentence in text


def test_no_line_is_wider_than_the_page(version: Made) -> None:
    page = page_of(history([version()]))
    assert max(len(line) for line in text_of(page)) <= 96
    assert max(len(line) for line in text_of(page, width=60)) <= 60


def test_the_page_is_of_the_version_in_force_then(version: Made) -> None:
    """POL-50."""
    both = history([version(), version(LATER)])
    first = page_of(both, parse_instant("2024-12-31T23:59:59Z"))
    assert first.shown is both.versions[0]
    assert "in force from 18 September 2024 until 1 January 2025." in flat(first)
    assert page_of(both, parse_instant("2025-01-01T00:00:00Z")).shown is both.versions[1]
    assert page_of(both).shown is both.versions[1]


def test_before_the_first_version_nothing_may_be_used(version: Made) -> None:
    page = page_of(history([version()]), parse_instant("2024-09-17T12:30:00Z"))
    assert (page.shown, page.sections) == (None, ())
    assert (
        "No version is in force on 17 September 2024, 12:30 UTC: nothing may be used. "
        "Versions of this policy 2024-09-18 In force from 18 September 2024 on."
    ) in flat(page)


def test_a_page_needs_a_version() -> None:
    with pytest.raises(ValueError, match="at least one version"):
        page_of(History(()))


def test_a_setting_says_since_which_version_it_is_there(said: Callable[..., str]) -> None:
    since = "It is in this policy since version 2024-09-18, from 18 September 2024 on."
    newest = {**LATER, "version": "2026", "published_at": "2026-01-01T00:00:00Z"}
    assert since in said({}, LATER)
    assert since in said({}, LATER, newest)
    assert "It is in this policy since" not in said({})
    assert "since version 2025" in said({"settings": {}}, LATER, newest)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({f"{SETTING}/default": []}, "If you say nothing That is a no, everywhere."),
        ({f"{SETTING}/default": [{"in": ["US"], "value": "on"}]}, "In United States: that is a yes. Everywhere else: that is a no."),
        ({f"{SETTING}/default": [{"value": "on"}]}, "If you say nothing Everywhere: that is a yes."),
        ({f"{SETTING}/default": [{"in": ["GB"], "value": "off"}, {"value": "on"}]}, "If you say nothing Everywhere: that is a yes."),
        ({f"{SETTING}/objection_window": "PT12H"}, "once the notice has reached you and you have had 12 hours to object;"),
        ({f"{SETTING}/objection_window": "P0D"}, "it begins once the notice has reached you; it covers nothing"),
        ({f"{SETTING}/explicit_only": []}, "nothing that was written before. If you say yes"),
        ({f"{SETTING}/exempt": []}, "Where not No place is exempt."),
        ({f"{SETTING}/notice": "none"}, "No notice tells of it, so nothing is used."),
        ({"notices/genai-2024-09/url": "https://example.com/n"}, "The notice is at https://example.com/n."),
        ({"notices/genai-2024-09/url": "https://example.com/n", "notices/genai-2024-09/languages": ["en", "de"]}, "The notice is at https://example.com/n (en, de)."),
        ({f"{SETTING}/age_proof": "required"}, "Nothing of members whose birth date is not known."),
        ({"settings": {}}, "There is no setting, so nothing may be used."),
        ({"parties/group-message": "all"}, "Its author and everybody who was in the group to read it are asked."),
        ({}, "Its author alone is asked, not those who read it."),
        ({"agreements/subscription/promises": []}, "subscription It promises nothing about such uses."),
        ({"agreements": {}}, "Nothing of a member who has an agreement that is not listed here is used."),
        ({"agreements/subscription/promises/0/forbid": {}}, "No use of anything that you write or provide. This holds while"),
        ({"forbid/+": {"id": "no-private", "categories": ["private-message"]}}, "Of these, a rule of this policy forbids: private messages (InMail and direct messages)."),
        ({"copies": {"private-message": "refuse"}}, "What has the text of a private message in it that is not used: it is not used either, whoever wrote it."),
        ({"copies": {"private-message": "report", "passages": "report"}}, "What has a longer passage of one in it: it is counted and may be used."),
        ({"obligations/+": {"do": ["expires"]}}, "Anybody: delete the data when the time agreed is over."),
        ({"obligations/+": {"do": ["drop-quotes"], "categories": ["post"], "purposes": ["genai-training"]}}, "Anybody, of posts for training of AI models that create content: leave out"),
    ],
)  # fmt: skip
def test_a_rule_is_said(
    said: Callable[..., str], changes: dict[str, Any], sentence: str
) -> None:
    """POL-50, POL-51."""
    assert sentence in said(changes)


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({f"{SETTING}/minimum_age": None}, "under 18"),
        ({"forbid": []}, "What is never done"),
        ({"obligations": []}, "What whoever gets something must do"),
    ],
)
def test_what_a_version_does_not_say_is_not_on_the_page(
    said: Callable[..., str], gone: object, changes: dict[str, Any], absent: str
) -> None:
    changes = {key: gone if value is None else value for key, value in changes.items()}
    assert absent not in said(changes)


def test_an_age_may_be_a_proof_alone(said: Callable[..., str], gone: object) -> None:
    page = said({f"{SETTING}/age_proof": "required", f"{SETTING}/minimum_age": gone})
    assert "Age Nothing of members whose birth date is not known. Who is asked" in page


def test_where_settings_meet_all_must_be_a_yes(said: Callable[..., str]) -> None:
    other = {"settings/second": {"label": "Second", "purposes": ["processing"],
             "categories": ["content"], "recipients": ["processor"],
             "live_from": "2024-09-18T00:00:00Z"}}  # fmt: skip
    assert "each of them must be a yes" in said(other)
    assert "each of them must be a yes" not in said({})


def test_a_back_dated_version_is_said_to_count_from_its_publication(
    said: Callable[..., str],
) -> None:
    assert (
        "Published on 18 September 2024, although it says that it takes effect on 1 January 2024: "
        "it counts from its publication."
    ) in said({"effective_at": "2024-01-01T00:00:00Z"})


def test_a_version_that_is_never_in_force_is_said_to_be(said: Callable[..., str]) -> None:
    page = said({}, {"version": "0", "published_at": "2024-09-17T00:00:00Z"})
    assert "0 Never in force: another version starts with it on 18 September 2024." in page


def test_the_page_as_data_has_every_version_and_section(version: Made) -> None:
    """POL-50."""
    both = history([version(), version(LATER)])
    data = data_of(page_of(both, parse_instant("2024-12-01T00:00:00Z")))
    assert encode(data)
    assert (data["version"], data["at"]) == ("2024-09-18", "2024-12-01T00:00:00Z")
    assert data["versions"] == [
        {
            "version": "2024-09-18",
            "published_at": "2024-09-18T00:00:00Z",
            "effective_at": "2024-09-18T00:00:00Z",
            "back_dated": False,
            "start": "2024-09-18T00:00:00Z",
            "until": "2025-01-01T00:00:00Z",
        },
        {
            "version": "2025",
            "published_at": "2025-01-01T00:00:00Z",
            "effective_at": "2025-01-01T00:00:00Z",
            "back_dated": False,
            "start": "2025-01-01T00:00:00Z",
            "until": None,
        },
    ]
    sections = data["sections"]
    assert isinstance(sections, list)
    assert sections[0]["heading"] == "Setting: Data for Generative AI Improvement"
    assert sections[0]["lines"][0] == {
        "label": "What for",
        "sentences": ["training of AI models that create content"],
    }
    nothing = data_of(page_of(both, parse_instant("2020-01-01T00:00:00Z")))
    assert (nothing["version"], nothing["sections"]) == (None, [])
    assert data_of(page_of(both))["at"] is None


def test_periods_follow_each_other(version: Made) -> None:
    first, second = periods_of(history([version(), version(LATER)]))
    assert first.until == second.start
    assert second.until is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-09-18T00:00:00Z", "18 September 2024"),
        ("2024-09-18T09:05:00Z", "18 September 2024, 09:05 UTC"),
        ("2024-09-18T09:05:07Z", "18 September 2024, 09:05:07 UTC"),
        ("1969-12-31T00:00:00Z", "31 December 1969"),
    ],
)
def test_an_instant_is_a_day_unless_it_is_not_midnight(text: str, expected: str) -> None:
    assert day(parse_instant(text)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (86_400, "1 day"),
        (30 * 86_400, "30 days"),
        (7200, "2 hours"),
        (60, "1 minute"),
        (61, "61 seconds"),
    ],
)
def test_a_duration_is_said_in_its_largest_whole_unit(seconds: int, expected: str) -> None:
    assert span(seconds) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a and b", "c"], "a and b; c"),
    ],
)
def test_a_list_is_written_as_people_do(words: list[str], expected: str) -> None:
    assert listed(words) == expected
