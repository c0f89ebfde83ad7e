# SPDX-License-Identifier: Apache-2.0
"""How it stands between a member and a setting is what the rule would look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from privity.canonical.instants import Instant, parse_instant
from privity.decide.explain.standing import SettingStanding, standings
from privity.decide.request import world
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import NOTICE, POLICY, SETTING, fact

ANA = (
    fact("joined", "2020-01-01"),
    fact("jurisdiction", "2020-01-01", "US", evidence="declared"),
    fact("birth_date", "2020-01-01", "1990-01-01"),
)


def stands(
    facts: Iterable[Fact] = (), *, at: str = "2025-01-01T00:00:00Z", **policy: Any
) -> SettingStanding:
    now: Instant = parse_instant(at)
    versions = history([version_from({**POLICY, **policy})])
    known = world(versions, [*ANA, *facts], now)
    (found,) = standings(ANA[0].member or "", purpose="genai-training", at=now, world=known)
    return found


def test_silence_means_what_the_policy_says_where_the_member_lives() -> None:
    assert (stands().silence, stands().choice) == ("on", None)
    india = stands([fact("jurisdiction", "2021-01-01", "IN", evidence="declared")])
    assert india.silence == "off"


def test_a_member_who_was_not_told_waits_for_the_notice() -> None:
    found = stands()
    assert (found.notice, found.told, found.window_ends) == (NOTICE, None, None)
    assert found.waits


def test_who_was_told_may_object_for_the_length_of_the_window() -> None:
    found = stands([fact("notice", "2024-12-01", NOTICE)])
    assert not found.waits
    assert found.window_ends == parse_instant("2024-12-31T00:00:00Z")


def test_a_notice_that_comes_early_counts_from_when_it_holds() -> None:
    found = stands([fact("notice", "2024-09-01", NOTICE)])
    assert found.window_ends == parse_instant("2024-10-01T00:00:00Z")


def test_what_the_member_said_is_told_with_how_far_it_reaches() -> None:
    told = fact("notice", "2024-12-01", NOTICE)
    yes = fact("setting", "2024-12-02", "on", setting=SETTING, scope="all")
    no = fact("setting", "2024-12-03", "off", setting=SETTING)
    assert stands([told, yes]).covers_older
    later = stands([told, yes, no])
    assert later.choice is not None
    assert (later.choice.value, later.covers_older) == ("off", False)


def test_an_objection_is_told_until_it_is_withdrawn() -> None:
    objection = fact("objection", "2024-12-01", setting=SETTING)
    assert stands([objection]).objection is not None
    assert stands([objection, fact("objection-withdrawn", "2024-12-02")]).objection is None


def test_who_lives_where_it_may_not_be_used_is_told_where() -> None:
    moved = fact("jurisdiction", "2024-01-01", "DE", evidence="declared")
    assert stands([moved]).exempt == ("DE",)
    assert stands().exempt == ()


def test_who_is_too_young_is_told() -> None:
    born = fact("birth_date", "2020-01-01", "2008-06-01")
    assert stands([born]).young
    assert not stands([born], at="2026-07-01T00:00:00Z").young


def test_a_switch_that_does_not_work_yet_says_so() -> None:
    version = {**POLICY["settings"][SETTING], "live_from": "2025-02-01T00:00:00Z"}
    assert not stands(settings={SETTING: version}).live
