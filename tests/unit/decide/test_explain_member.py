# SPDX-License-Identifier: Apache-2.0
"""A member reads what of theirs may be used, by whom, made since when, and why not the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from privity.canonical.instants import Instant, parse_instant
from privity.decide.explain.member import MemberView, Use, explain_member, leaves, registered
from privity.decide.explain.show import view_lines, view_mapping
from privity.decide.request import World, world
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.vocabulary.terms import CATEGORIES

AT = parse_instant("2025-06-01T00:00:00Z")
SETTING: Mapping[str, Any] = {
    "label": "Data for AI",
    "purposes": ["genai-training"],
    "categories": ["public-content", "private-message"],
    "recipients": ["controller", "affiliate"],
    "live_from": "2024-01-01T00:00:00Z",
    "default": [{"value": "on"}],
    "explicit_only": ["private-message"],
    "exempt": ["EU"],
    "minimum_age": 18,
    "notice": "genai",
}
POLICY: Mapping[str, Any] = {
    "policy": "genai-training",
    "version": "1",
    "controller": "network",
    "published_at": "2024-01-01T00:00:00Z",
    "effective_at": "2024-01-01T00:00:00Z",
    "notices": {"genai": {"effective_at": "2024-01-01T00:00:00Z"}},
    "obligations": [{"recipients": ["affiliate"], "do": ["pseudonymise"]}],
    "settings": {"genai": SETTING},
}


def instant(day: str) -> Instant:
    return parse_instant(f"{day}T00:00:00Z")


def fact(
    kind: str, day: str, value: str = "", *, member: str | None = "a", **detail: str
) -> Fact:
    at = instant(day)
    return Fact(member=member, fact=kind, value=value, at=at, recorded_at=at, detail=detail)


STANDING = (
    fact("recipient", "2020-01-01", "self", member=None, role="controller"),
    fact("joined", "2020-01-01"),
    fact("jurisdiction", "2020-01-01", "US"),
)
NOTICE = fact("notice", "2024-02-01", "genai")


def believed(*facts: Fact, **policy: Any) -> World:
    versions = history([version_from({**POLICY, **policy})])
    return world(versions, [*STANDING, *facts], AT)


def view(*facts: Fact, categories: tuple[str, ...] = ("post",), **policy: Any) -> MemberView:
    return explain_member(
        "a",
        purpose="genai-training",
        at=AT,
        known=AT,
        world=believed(*facts, **policy),
        categories=categories,
    )


def only(found: MemberView) -> Use:
    (use,) = found.uses
    return use


def test_silence_covers_what_was_made_since_the_notice() -> None:
    use = only(view(NOTICE))
    assert use.permitted == ((instant("2024-02-01"), None),)
    assert [(one.start, one.end) for one in use.stretches] == [
        (None, instant("2020-01-01")),
        (instant("2020-01-01"), instant("2024-02-01")),
        (instant("2024-02-01"), None),
    ]
    assert [[cause.reason for cause in one.causes] for one in use.stretches] == [
        ["unknown-party"],
        ["before-notice"],
        [],
    ]


def test_what_was_written_under_a_no_stays_out_between_what_may_be_used() -> None:
    off = fact("setting", "2024-05-01", "off", setting="genai")
    unset = fact("setting", "2024-06-01", "unset", setting="genai")
    assert only(view(NOTICE, off, unset)).permitted == (
        (instant("2024-02-01"), instant("2024-05-01")),
        (instant("2024-06-01"), None),
    )


def test_what_was_written_before_a_birthday_stays_out() -> None:
    told = fact("notice", "2024-02-01", "genai")
    born = fact("birth_date", "2020-01-01", "2006-09-15")
    assert only(view(told, born)).permitted == ((instant("2024-09-15"), None),)


def test_what_was_written_in_a_group_before_it_was_left_stays_out() -> None:
    home = fact("jurisdiction", "2020-01-01", "GB", evidence="ip")
    notice = fact("notice", "2020-02-01", "genai")
    found = view(
        home,
        notice,
        notices={"genai": {"effective_at": "2020-01-01T00:00:00Z"}},
        settings={"genai": {**SETTING, "live_from": "2020-01-01T00:00:00Z"}},
    )
    assert only(found).permitted == ((instant("2021-01-01"), None),)


def test_every_recipient_on_the_register_is_answered_for() -> None:
    facts = (
        fact("recipient", "2020-01-01", "parent", member=None, role="affiliate"),
        fact("recipient", "2020-01-01", "gone", member=None, role="affiliate"),
        fact("recipient-ended", "2021-01-01", "gone", member=None),
        fact("recipient", "2020-01-01", "torn", member=None, role="affiliate"),
        fact("recipient", "2020-01-01", "torn", member=None, role="processor"),
    )
    found = view(NOTICE, *facts)
    assert {use.recipient: (use.role, use.obligations) for use in found.uses} == {
        "parent": ("affiliate", ("pseudonymise",)),
        "torn": (None, ()),
        "self": ("controller", ()),
    }
    assert set(registered(believed(*facts).platform.at(AT))) == {"self", "parent", "torn"}


def test_every_category_without_one_below_it_is_answered_for() -> None:
    assert set(leaves()) == {
        "inmail",
        "direct-message",
        "group-message",
        "post",
        "article",
        "comment",
        "profile",
        "ai-input",
        "credentials",
    }
    everything = explain_member(
        "a", purpose="genai-training", at=AT, known=AT, world=believed(NOTICE)
    )
    assert {use.category for use in everything.uses} == set(leaves())
    assert all(term in CATEGORIES for term in leaves())


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ((), "  “Data for AI”: no choice made"),
        (
            (fact("setting", "2024-05-01", "on", setting="genai", scope="all"),),
            "  “Data for AI”: on since 1 May 2024, for older content too",
        ),
        (
            (fact("setting", "2024-05-01", "off", setting="genai"),),
            "  “Data for AI”: off since 1 May 2024",
        ),
        (
            (fact("setting", "2024-05-01", "unset", setting="genai"),),
            "  “Data for AI”: no choice: taken back on 1 May 2024",
        ),
        (
            (fact("objection", "2024-05-01", setting="genai"),),
            "  “Data for AI”: no choice made; objected to on 1 May 2024",
        ),
        ((fact("objection", "2024-05-01"),), "  objected to every use on 1 May 2024"),
        (
            (
                fact("setting", "2024-05-01", "off", setting="old"),
                fact("setting", "2024-06-01", "on", setting="old"),
            ),
            "  “old” (no longer offered): off since 1 May 2024",
        ),
        ((fact("agreement", "2024-05-01", "plus"),), "  has agreement plus since 1 May 2024"),
        ((fact("notice", "2024-05-01", "genai"),), "  was told by notice genai on 1 May 2024"),
        ((fact("closed", "2024-05-01"),), "  account closed since 1 May 2024"),
        (
            (fact("jurisdiction", "2024-05-01", "GB", evidence="ip"),),
            "  lives in US (declared) and GB (ip)",
        ),
    ],
)
def test_lines_say_where_a_member_stands(facts: tuple[Fact, ...], line: str) -> None:
    assert line in view_lines(view(*facts))


def test_a_member_of_whom_nothing_is_known_may_not_be_used() -> None:
    found = explain_member(
        "nobody",
        purpose="genai-training",
        at=AT,
        known=AT,
        world=believed(),
        categories=["post"],
    )
    assert not only(found).permitted
    told = view_lines(found)
    assert "  no account is known" in told
    assert "  lives nowhere that is known" in told
    assert told[-4:-2] == [
        "    nothing may be used",
        "      We do not know of any account of yours, so nothing can have been agreed.",
    ]


def test_without_a_policy_in_force_nothing_may_be_used() -> None:
    found = view(NOTICE, effective_at="2026-01-01T00:00:00Z")
    assert found.version is None
    assert view_lines(found)[1] == "no policy yet"
    assert not only(found).permitted


def test_lines_give_the_stretches_of_what_may_be_used_and_why_not_the_rest() -> None:
    off = fact("setting", "2024-05-01", "off", setting="genai")
    unset = fact("setting", "2024-06-01", "unset", setting="genai")
    parent = fact("recipient", "2020-01-01", "parent", member=None, role="affiliate")
    host = fact("recipient", "2020-01-01", "sister", member=None, role="affiliate")
    found = view(NOTICE, off, unset, parent, host, categories=("post", "article", "inmail"))
    told = view_lines(found)
    assert told[0] == (
        "member a: training of AI models that create content, at 2025-06-01T00:00:00Z"
    )
    start = told.index(
        "parent (companies of the same group) and sister (companies of the same group)"
    )
    assert told[start + 1 : start + 12] == [
        "  posts and articles",
        "    made before 1 February 2024: may not be used",
        (
            "      This was written before 1 February 2024, from when on silence counts as a yes "
            "after what we told you on 1 February 2024."
        ),
        "        → Say yes to older content too, if you want that; otherwise it stays out.",
        "    made from 1 February 2024 until 1 May 2024: may be used, with pseudonymise",
        "    made from 1 May 2024 until 1 June 2024: may not be used",
        ("      You had “Data for AI” switched off, since 1 May 2024, when this was written."),
        "        → Say yes to older content too, if you want that; otherwise it stays out.",
        "    made from 1 June 2024 on: may be used, with pseudonymise",
        "  InMail messages",
        "    nothing may be used",
    ]
    assert "      made from 1 May 2024 until 1 June 2024, besides" in told
    assert told[-1] == "What other people are party to needs their permission besides."


def test_plain_values_have_every_stretch() -> None:
    off = fact("setting", "2024-05-01", "off", setting="genai")
    objection = fact("objection", "2024-05-02")
    named = fact("objection", "2024-05-03", setting="old")
    found = view_mapping(view(NOTICE, off, objection, named))
    assert found["settings"][0]["choice"]["value"] == "off"
    assert [one["at"] for one in found["objections"]] == [
        "2024-05-02T00:00:00Z",
        "2024-05-03T00:00:00Z",
    ]
    (use,) = found["uses"]
    assert [(one["start"], one["end"], one["permit"]) for one in use["stretches"]][-1] == (
        "2024-05-03T00:00:00Z",
        None,
        False,
    )
    assert use["stretches"][-1]["causes"][0]["member_remedy"] is not None
