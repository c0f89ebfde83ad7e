# SPDX-License-Identifier: Apache-2.0
"""What a diff says, one change of the plain policy at a time (ANA-1 to ANA-35)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from privity.canonical.instants import parse_instant
from privity.decide.analysis.changes import Change, Diff, Made, Uses, compare
from privity.decide.analysis.show import lines, mapping
from privity.decide.analysis.space import make_space, settled
from privity.decide.analysis.trials import birth_dates, grown_up
from privity.decide.analysis.words import made, places
from privity.policy.parse import version_from
from privity.policy.versions import History, history
from privity.testing.plain import NOTICE, POLICY, SETTING, day, policy, switch
from privity.vocabulary.places import codes, members

DAY = 86_400
PRIVATE = {"private-message", "inmail", "direct-message"}
ALL_BUT_PRIVATE = {
    "group-message",
    "public-content",
    "post",
    "article",
    "comment",
    "profile",
    "ai-input",
}
EXEMPT = {"AT", "DE", "IS", "CH", "GB"}


def next_version(**keys: Any) -> dict[str, Any]:
    """The plain policy as a later version, with some keys of its own."""
    dated = dict.fromkeys(("published_at", "effective_at"), "2025-03-01T00:00:00Z")
    return policy(version="2025-03-01", **dated, **keys)


def diff(
    new: Mapping[str, Any], old: Mapping[str, Any] = POLICY, *, alone: bool = False
) -> Diff:
    """Compare a policy with the same and a version after it, or two policies as they are."""
    first = version_from(old)
    before = history([first])
    after = history([version_from(new)] if alone else [first, version_from(new)])
    at = settled(before, after)
    return compare(before, after, at=at, known=at)


def categories(change: Change) -> set[str]:
    return {one for uses in change.uses for one in uses.categories}


def roles(change: Change) -> set[str]:
    return {one for uses in change.uses for one in uses.recipients}


def kinds(found: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.kind, change.said) for change in found]


def text(found: Diff) -> str:
    return "\n".join(lines(found))


# Nothing


def test_the_same_text_again_opens_and_closes_nothing() -> None:
    found = diff(next_version())
    assert (found.opens, found.closes, found.burdens) == ((), (), ())
    assert "Opens: nothing" in text(found)


def test_what_lies_before_a_policy_that_opens_nothing_is_no_policy() -> None:
    """[ANA-1] No version at all permits nothing."""
    new = history([version_from(POLICY)])
    at = settled(new)
    found = compare(History(()), new, at=at, known=at)
    assert {change.reasons for change in found.opens} == {("no-policy",)}
    assert kinds(found.opens) == [("ground", "nothing"), ("ground", "yes")]
    assert found.closes == ()
    gone = compare(new, History(()), at=at, known=at)
    assert kinds(gone.closes) == kinds(found.opens)
    assert "From              no policy" in text(found)


def test_a_version_that_is_published_later_does_not_exist() -> None:
    old = history([version_from(POLICY)])
    new = history([version_from(POLICY), version_from(next_version(agreements={}))])
    known = day("2025-02-01")
    assert compare(old, new, at=day("2025-06-01"), known=known).closes == ()
    assert compare(old, new, at=day("2025-06-01"), known=day("2025-03-01")).closes


# One change at a time


def test_a_default_that_is_flipped_opens_silence_once_people_were_told_again() -> None:
    found = diff(next_version(settings=switch(default=[{"value": "on"}])))
    silent = next(change for change in found.opens if change.places == ("IN",))
    assert (silent.kind, silent.name, silent.said) == ("setting", SETTING, "nothing")
    assert silent.reasons == ("not-opted-in",)
    assert categories(silent) == ALL_BUT_PRIVATE
    assert roles(silent) == {"controller", "affiliate", "third-party"}
    # [ANA-31] The grant never reaches back: only a delivery since the new version's publication counts.
    (need,) = silent.needs
    assert (need.setting, need.notice) == (SETTING, NOTICE)
    assert (need.since, need.window) == (day("2025-03-01"), 30 * DAY)
    assert [(one.start, one.until) for one in silent.made] == [(day("2025-03-01"), None)]
    assert "IN" not in {code for one in found.closes for code in one.places or ()}


def test_a_flipped_default_opens_what_was_made_in_the_country_before_by_who_moved() -> None:
    """The default of then is the text of now's: who lived in India then, and elsewhere now."""
    found = diff(next_version(settings=switch(default=[{"value": "on"}])))
    moved = next(change for change in found.opens if change.places != ("IN",))
    assert moved.reasons == ("not-opted-in",)
    facts = [one for one in moved.facts if one.fact == "jurisdiction"]
    assert "IN" in {one.value for one in facts}
    assert "IN" not in (moved.places or ())


def test_an_exemption_that_is_lifted_opens_a_place_now_and_then() -> None:
    found = diff(next_version(groups={"exempt": ["EU", "EEA", "CH"]}))
    now, then = found.opens
    assert (now.kind, then.kind) == ("place", "place-then")
    assert now.places == then.places == ("GB",)
    assert now.needs[0].since == day("2025-03-01")
    assert "members who are in United Kingdom" in text(found)
    closed = diff(POLICY, policy(groups={"exempt": ["EU", "EEA", "CH"]}), alone=True)
    assert kinds(closed.closes) == [("place", ""), ("place-then", "")]
    assert closed.opens == ()


def test_a_promise_that_is_dropped_opens_what_its_holders_wrote() -> None:
    found = diff(next_version(agreements={"subscription": {"promises": []}}))
    assert [(one.kind, one.name, one.said) for one in found.opens] == [
        ("agreement", "subscription", "now"),
        ("agreement", "subscription", "then"),
    ]
    assert all(categories(one) == PRIVATE for one in found.opens)
    assert all(roles(one) == {"third-party"} for one in found.opens)
    # What was written before the new version was promised by the text of then.
    assert [one.made for one in found.opens][1][0].start == day("2025-03-01")
    assert found.opens[0].made == ()


def test_a_promise_that_is_made_closes() -> None:
    promises = {"promises": [{"id": "all", "forbid": {"categories": ["post"]}}]}
    found = diff(next_version(agreements={"subscription": promises}))
    assert {one.kind for one in found.closes} == {"agreement"}
    assert categories(found.closes[0]) == {"public-content", "post"}


def test_a_new_recipient_is_a_new_ground_for_silence_and_for_a_yes() -> None:
    recipients = ["controller", "affiliate", "third-party", "processor"]
    found = diff(next_version(settings=switch(recipients=recipients)))
    assert {one.reasons for one in found.opens} == {("no-ground",)}
    assert {role for one in found.opens for role in roles(one)} == {"processor"}
    silent = [one for one in found.opens if one.said == "nothing"]
    assert all(not PRIVATE & categories(one) for one in silent)
    spoken = [one for one in found.opens if one.said == "yes"]
    assert {category for one in spoken for category in categories(one)} >= PRIVATE
    assert all(one.places and not EXEMPT & set(one.places) for one in found.opens)


def test_a_rule_that_forbids_closes_the_ground() -> None:
    """[ANA-23] And nothing else is said: where there is no ground, that covers all."""
    found = diff(next_version(forbid=[{"id": "all", "categories": ["ai-input"]}]))
    assert {one.reasons for one in found.closes} == {("forbidden",)}
    assert {category for one in found.closes for category in categories(one)} == {"ai-input"}
    assert "from now on  forbidden: a forbid rule of the version" in text(found)


def test_a_lower_minimum_age_opens_those_between() -> None:
    found = diff(next_version(settings=switch(minimum_age=16)))
    minors = [one for one in found.opens if one.kind == "age"]
    assert minors
    assert {one.reasons for one in minors} == {("minor",)}
    assert found.ages == (16, 18)
    assert all(
        one.now is not None and one.now >= 1 and not one.suspected
        for change in minors
        for one in change.ages
    )
    assert "who are 16 or older and under 18" in text(found)
    # Whoever said yes at 17 is heard as well.
    yeses = [one for one in found.opens if one.kind == "setting"]
    assert {one.reasons for one in yeses} <= {("uninformed",), ("before-consent",)}


def test_no_minimum_age_any_more_opens_whoever_may_be_under_it() -> None:
    without = deepcopy(switch())
    del without[SETTING]["minimum_age"]
    found = diff(next_version(settings=without))
    assert {one.reasons for one in found.opens if one.kind == "age"} == {("minor",)}
    said = text(found)
    assert "who are under 18" in said
    assert "or who may be under age" in said


def test_a_proof_of_age_closes_whoever_has_given_none() -> None:
    found = diff(next_version(settings=switch(age_proof="required")))
    (change,) = found.closes
    assert (change.kind, change.reasons) == ("age", ("age-unknown",))
    said = text(found)
    assert "whose birth date is not known" in said
    assert "whose birth date was not known yet" in said


def test_readers_who_are_no_longer_asked_open_messages_in_groups() -> None:
    asked = policy(parties={"group-message": "all"})
    found = diff(next_version(), asked, alone=True)
    (change,) = found.opens
    assert (change.kind, categories(change)) == ("readers", {"group-message"})
    assert "readers are no longer asked" in text(found)
    closed = diff(asked, alone=True)
    assert [one.kind for one in closed.closes] == ["readers"]
    assert "readers are asked from now on" in text(closed)


def test_what_a_silent_setting_wanted_a_yes_for_opens() -> None:
    found = diff(next_version(settings=switch(explicit_only=[])))
    (change,) = found.opens
    assert (change.kind, change.said, change.reasons) == (
        "setting",
        "nothing",
        ("explicit-only",),
    )
    assert categories(change) == PRIVATE


def test_a_setting_that_is_renamed_lets_no_silence_through_unheard() -> None:
    """An off of the old name goes on to stand; a yes under the new one opens nothing by itself."""
    renamed = {"renamed": switch()[SETTING]}
    found = diff(next_version(settings=renamed))
    assert {one.kind for one in found.opens} == {"setting", "deceased", "no"}
    assert all(one.needs[0].since == day("2025-03-01") for one in found.opens)
    assert {one.name for one in found.closes if one.kind == "setting"} == {"renamed"}


def test_an_off_of_a_setting_that_only_one_policy_knows_opens_or_closes() -> None:
    two = {**switch(), "posts": {**switch()[SETTING], "purposes": ["safety"]}}
    found = diff(policy(settings=two), alone=True)
    noes = [one for one in found.opens if one.kind == "no"]
    # Nobody knew `posts`: whatever was said against it stood against everything.
    assert {one.name for one in noes} == {"posts"}
    assert {reason for one in noes for reason in one.reasons} == {"opted-out", "opted-out-then"}
    assert "whose no in `posts` stands" in text(found)


def test_a_window_that_is_shortened_opens_nothing_that_was_told_before() -> None:
    found = diff(next_version(settings=switch(objection_window="P1D")))
    assert (found.opens, found.closes) == ((), ())
    alone = diff(next_version(settings=switch(objection_window="P1D")), alone=True)
    assert alone.opens


def test_a_dead_member_is_closed_where_no_yes_outlives_it() -> None:
    two = {**switch(), "posts": {**switch()[SETTING], "explicit_only": []}}
    found = diff(policy(settings=two), alone=True)
    dead = [one for one in found.closes if one.kind == "deceased"]
    assert dead
    assert "members who have died" in text(found)


def test_a_yes_that_does_not_count_outlives_nobody_and_takes_no_no_back() -> None:
    """[ANA-23] So neither is said beside it."""
    second = {"second": {"effective_at": "2025-01-01T00:00:00Z"}}
    found = diff(next_version(settings=switch(notice="second"), notices=second))
    assert {one.kind for one in found.opens} == {"setting"}
    assert "no" not in {one.kind for one in found.closes}


# Obligations


def test_obligations_that_change_are_named() -> None:
    """[ANA-32] Where both policies give a ground."""
    found = diff(next_version(obligations=[{"recipients": ["affiliate"], "do": ["expires"]}]))
    assert {(one.added, one.dropped) for one in found.burdens} == {
        (("expires",), ("pseudonymise", "redact-contact")),
        ((), ("pseudonymise", "redact-contact")),
    }
    assert all(
        "credentials" not in uses.categories for one in found.burdens for uses in one.uses
    )
    said = text(found)
    assert "Other obligations: 2" in said
    assert "dropped      pseudonymise, redact-contact" in said


# What is said


def test_uses_are_said_together_and_none_is_lost() -> None:
    """[ANA-30] Groups are rectangles that hold each use once."""
    found = diff(next_version(settings=switch(purposes=["model-training"])))
    (uses,) = {one.uses for one in found.opens if one.said == "yes" and one.kind == "ground"}
    (rectangle,) = uses
    assert isinstance(rectangle, Uses)
    assert rectangle.purposes == ("model-training",)
    assert "private-message (all kinds)" in text(found)


def test_openings_come_first_and_the_widest_exposure_first_of_all() -> None:
    found = diff(
        next_version(
            settings=switch(
                recipients=["controller", "affiliate", "third-party", "processor"],
                default=[{"value": "on"}],
            ),
            agreements={"subscription": {"promises": []}},
        )
    )
    order = [one.kind for one in found.opens]
    assert order == sorted(order, key=["ground", "setting", "agreement"].index)
    assert text(found).index("Opens:") < text(found).index("Closes:")


def test_the_place_of_an_opening_is_every_code_of_it() -> None:
    found = diff(next_version(settings=switch(explicit_only=[])))
    (change,) = found.opens
    left_out = codes() - set(change.places or ())
    assert {"DE", "IS", "CH", "GB", "IN"} <= left_out
    assert len(left_out) == 33
    assert "any place but EEA, Switzerland, United Kingdom and India" in text(found)


def test_who_is_in_several_places_is_named_where_nobody_else_is_meant() -> None:
    (change,) = diff(next_version(settings=switch(explicit_only=[]))).opens
    at = day("2025-06-01")
    assert places(replace(change, places=("IN", "US"), several=True), at) == (
        "India and United States"
    )
    assert places(replace(change, places=(), several=True), at) == "several places at once"
    assert places(replace(change, places=()), at) == "no place"
    assert places(replace(change, places=tuple(codes())), at) == "any place"
    union = [code for code, held in members()["EU"].items() if at in held]
    assert places(replace(change, places=tuple(union)), at) == "EU"
    many = tuple(sorted(codes()))[:9]
    assert places(replace(change, places=many), at) == "AD, AE, AF, AG, AI, AL, AM, AO and AQ"


def test_spans_of_making_are_said_with_both_ends() -> None:
    (change,) = diff(next_version(settings=switch(explicit_only=[]))).opens
    spans = (
        Made(start=None, until=day("2025-01-01")),
        Made(start=day("2025-02-01"), until=day("2025-03-01")),
    )
    assert made(replace(change, made=spans)) == (
        "before 1 January 2025 or since 1 February 2025, before 1 March 2025"
    )


def test_a_diff_is_plain_data_with_an_example_of_each_group() -> None:
    found = diff(next_version(settings=switch(explicit_only=[])))
    plain = mapping(found)
    assert (plain["old"], plain["new"]) == (["2024-09-18"], ["2024-09-18", "2025-03-01"])
    (change,) = plain["opens"]
    assert change["reasons"] == ["explicit-only"]
    assert change["notices"] == [
        {
            "setting": SETTING,
            "notice": NOTICE,
            "delivered_from": "2025-03-01T00:00:00Z",
            "live": "2025-03-01T00:00:00Z",
            "window_seconds": 30 * DAY,
        }
    ]
    assert change["example"]["record"]["author"] == "m"
    assert {row["fact"] for row in change["example"]["facts"]} >= {"joined", "notice"}
    assert change["made"] == [{"from": "2025-03-01T00:00:00Z", "until": None}]


def test_ages_are_plain_data_with_their_bounds() -> None:
    plain = mapping(diff(next_version(settings=switch(minimum_age=16))))
    ages = [one for change in plain["opens"] for one in change["ages"]]
    assert {
        "now_at_least": 16,
        "now_under": 18,
        "then_at_least": 16,
        "then_under": 18,
        "birth_date_known": True,
        "proved": True,
        "suspected": False,
    } in ages


def test_a_setting_without_a_notice_opens_nothing_whatever_it_says() -> None:
    without = deepcopy(switch(explicit_only=[]))
    del without[SETTING]["notice"]
    assert diff(next_version(settings=without)).opens == ()


# The space


def test_all_that_is_said_has_begun_where_no_instant_is_given() -> None:
    """[ANA-33]"""
    new = history([version_from(next_version(settings=switch(objection_window="P10D")))])
    assert settled(new) == day("2025-03-01") + 10 * DAY + DAY
    assert settled() == DAY


def test_uses_that_nothing_tells_apart_are_one_situation() -> None:
    """[ANA-2]"""
    plain = history([version_from(POLICY)])
    space = make_space(plain, plain, day("2025-06-01"), day("2025-06-01"))
    of_post = next(
        one for one in space.situations if ("genai-training", "post", "controller") in one.uses
    )
    assert ("genai-training", "comment", "controller") in of_post.uses
    assert ("genai-training", "inmail", "controller") not in of_post.uses
    everything = [use for one in space.situations for use in one.uses]
    assert len(everything) == len(set(everything)) == 5 * 13 * 4


def test_spans_begin_where_a_text_of_then_changes() -> None:
    """[ANA-3]"""
    old = history([version_from(POLICY)])
    new = history([version_from(POLICY), version_from(next_version())])
    space = make_space(old, new, day("2025-06-01"), day("2025-06-01"))
    before, since = space.spans
    assert before.end == since.start == day("2025-03-01")
    assert space.span_of(day("2025-06-01")) is since
    assert space.span_of(parse_instant("1999-01-01T00:00:00Z")) is before


def test_codes_that_no_place_tells_apart_are_alike() -> None:
    """[ANA-12]"""
    plain = history([version_from(POLICY)])
    space = make_space(plain, plain, day("2025-06-01"), day("2025-06-01"))
    assert space.alike["US"] == space.alike["CA"]
    assert space.alike["IN"] != space.alike["US"]
    assert space.alike["GB"] != space.alike["US"]


def test_a_made_member_is_of_every_age_before_anything_happens() -> None:
    plain = history([version_from(POLICY)])
    space = make_space(plain, plain, day("2025-06-01"), day("2025-06-01"))
    assert space.reached(grown_up(space), space.low) == (1, 1)
    assert space.reached(None, space.low) == (None, None)


def test_birth_dates_lie_on_both_sides_of_an_instant() -> None:
    """Of a leap day, the next day comes of age; a year that the calendar lacks has no birthday."""
    assert birth_dates([day("2025-06-01")], [18]) == ["2007-05-31", "2007-06-01", "2007-06-02"]
    assert "2006-03-01" in birth_dates([day("2024-02-29")], [18])
    assert birth_dates([-62_135_596_800], [18]) == []


@pytest.mark.parametrize("version", [POLICY, next_version()])
def test_a_policy_compared_with_itself_changes_nothing(version: Mapping[str, Any]) -> None:
    """[ANA-35]: see the tests of the command for counts."""
    found = diff(version, version, alone=True)
    assert (found.opens, found.closes, found.burdens) == ((), (), ())


def test_what_follows_copies_is_said_besides() -> None:
    """ANA-36: no cell opens for it, and yet more may come through."""
    strict = {"private-message": "refuse", "passages": "report"}
    old = policy(copies=strict)
    found = diff(next_version(), old)
    assert (found.opens, found.closes) == ((), ())
    assert mapping(found)["copies"] == {
        "old": {"whole texts": "refuse", "passages": "report"},
        "new": {},
    }
    said = [" ".join(line.split()) for line in lines(found)]
    assert said[-3:] == [
        "Copies of refused private messages",
        "passages report, and now not looked for",
        "whole texts refuse, and now not looked for",
    ]
    assert "Copies" not in "".join(lines(diff(next_version(copies=strict), old)))
