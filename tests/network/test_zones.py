# SPDX-License-Identifier: Apache-2.0
"""Times are those of whoever looks, in what is compiled from the rules as beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.reading import read_notice
from tests.network.test_setting import AI, publish

from privity.canonical.instants import parse_instant
from privity.testing.plain import NOTICE, POLICY, SETTING
from privity.vocabulary.sentences import day, whole_day

if TYPE_CHECKING:
    from django.test import Client

EAST: Final = "Asia/Hong_Kong"
WEST: Final = "America/New_York"


@pytest.mark.parametrize(
    ("at", "zone", "said", "date"),
    [
        ("2024-09-18T12:00:00Z", "UTC", "18 September 2024, 12:00 UTC", "18 September 2024"),
        ("2024-09-18T12:00:00Z", EAST, "18 September 2024, 20:00 HKT", "18 September 2024"),
        ("2024-09-18T20:00:07Z", EAST, "19 September 2024, 04:00:07 HKT", "19 September 2024"),
        ("2024-09-18T02:00:00Z", WEST, "17 September 2024, 22:00 EDT", "17 September 2024"),
        ("2024-09-18T00:00:00Z", "UTC", "18 September 2024", "18 September 2024"),
        ("2024-09-18T00:00:00Z", EAST, "18 September 2024, 08:00 HKT", "18 September 2024"),
        ("2024-09-18T00:00:00Z", WEST, "17 September 2024, 20:00 EDT", "17 September 2024"),
        # The calendar ends there, and has no next day.
        ("9999-12-31T23:59:00Z", EAST, "31 December 9999, 23:59 UTC", "31 December 9999"),
    ],
)
def test_an_instant_is_said_in_the_zone_of_who_looks(
    stranger: Client, at: str, zone: str, said: str, date: str
) -> None:
    del stranger
    from django.utils import timezone  # noqa: PLC0415 - Django is set up by now

    from privity.web.saying import translated  # noqa: PLC0415 - likewise

    with timezone.override(zone):
        assert translated(day(parse_instant(at))) == said
        assert translated(whole_day(parse_instant(at))) == date


@pytest.mark.parametrize(
    ("zone", "begins"),
    [(EAST, "8 October 2024, 01:00 HKT"), (WEST, "7 October 2024, 13:00 EDT")],
)
def test_a_notice_says_one_time_of_one_instant(
    join: Join, network: Path, go_to: GoTo, zone: str, begins: str
) -> None:
    browser = join(zone=zone)
    notices = {NOTICE: {"effective_at": "2024-10-07T17:00:00Z"}}
    publish(network, "2024-10-02T00:00:00Z", notices=notices)
    go_to("2024-10-08T00:00:00+00:00")
    page = browser.get("/notice/").content.decode()
    assert f"in force from {begins}." in page
    assert f"nor before {begins}" in page
    assert "UTC" not in page
    read_notice(browser)
    browser.post(AI, {"setting": SETTING, "choice": "off"})
    off = "8 October 2024" if zone == EAST else "7 October 2024"
    assert f"switched off since {off}." in browser.get("/privacy/").content.decode()


def test_what_everybody_reads_is_in_utc_for_whoever_has_no_zone(
    stranger: Client, join: Join, network: Path, go_to: GoTo
) -> None:
    ana = join(zone=EAST)
    publish(
        network, "2024-09-02T17:00:00Z",
        settings={SETTING: {**POLICY["settings"][SETTING], "live_from": "2024-09-02T20:00:00Z"}},
    )  # fmt: skip
    go_to("2024-09-03T00:00:00+00:00")
    for address in ("/privacy/policy/", "/privacy/questions/"):
        here, there = stranger.get(address), ana.get(address)
        assert "HKT" not in here.content.decode()
        assert "HKT" in there.content.decode()
        assert here.headers["ETag"] != there.headers["ETag"]
    feed = stranger.get("/privacy/policy/changes.atom")
    assert b"2 September 2024, 17:00 UTC" in feed.content
    assert ana.get("/privacy/policy/changes.atom").content == feed.content
