# SPDX-License-Identifier: Apache-2.0
"""Every address that shows a page is looked at: by axe, light and dark, wide and narrow, and for what it weighs.

The addresses are read from the site itself, and their pages are found by following links from the first one. So a new page is
looked at here on the day that it comes, and one that no link leads to is noticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import pytest
from tests.browser.addresses import Found, crawl, routes
from tests.browser.lived import LONG_NAME, RIGHT_TO_LEFT, Lived
from tests.browser.site import PASSWORD

if TYPE_CHECKING:
    from tests.browser.site import Person

LARGEST: Final = 100_000
"""Bytes that a page may have with all that it loads, none of it compressed and none of it kept from before."""
WIDE: Final = 1100
NARROW: Final = 320
"""What remains of a usual window at four times its size (WCAG 2.1, 1.4.10)."""
NO_PAGE: Final = frozenset(
    {
        # they are posted to
        "log-out", "take-off", "connect", "disconnect", "accept",
        # they are files
        "your-copy", "privity:ledger-receipt", "privity:receipt-file", "privity:check-file",
        "privity:verifier", "privity:feed",
        # it leads to the platform's own page
        "privity:take-back",
    }
)  # fmt: skip
LOOKS: Final[tuple[tuple[Literal["light", "dark"], int], ...]] = (
    ("light", WIDE),
    ("dark", WIDE),
    ("light", NARROW),
    ("dark", NARROW),
)
LOADED: Final = """() => [
    ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
].map((one) => one.name)"""
"""The addresses of a page and of all that it loads."""


@pytest.fixture(scope="module")
def named(network: Lived) -> Mapping[str, re.Pattern[str]]:
    """Every address of the site."""
    return routes(network.site.root)


@pytest.fixture(scope="module")
def found(network: Lived, named: Mapping[str, re.Pattern[str]]) -> list[tuple[Person, Found]]:
    """Every page, by whom it is found."""
    return [
        (someone, page)
        for someone, begins in (
            (network.ana, ["/", "/people/?name=dan"]),
            (network.eve, ["/", "/people/?name=nobody"]),
            (network.newcomer, ["/notice/"]),
            (network.stranger, ["/log-in/"]),
        )
        for page in crawl(someone, named, begins, each=2)
    ]


def test_every_address_shows_a_page_that_links_lead_to(
    named: Mapping[str, re.Pattern[str]], found: list[tuple[Person, Found]]
) -> None:
    assert {page.name for _, page in found} == named.keys() - NO_PAGE


def look(someone: Person) -> None:
    """Look at the page that is shown: all of it, light and dark, wide and narrow; nothing stands over the window's edge."""
    someone.page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
    )
    for scheme, width in LOOKS:
        someone.page.emulate_media(color_scheme=scheme)
        someone.page.set_viewport_size({"width": width, "height": 800})
        someone.look()
        wide = someone.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{someone.page.url} is {wide} wide in a window of {width}"


def test_every_page_is_accessible(found: list[tuple[Person, Found]]) -> None:
    for someone, page in found:
        someone.go(page.path)
        look(someone)


def test_what_went_wrong_is_accessible_too(network: Lived) -> None:
    eve, stranger = network.eve, network.stranger
    for someone, path, status in (
        (eve, "/nothing/", 404),
        (eve, "/records/900404/", 404),
        (stranger, "/%00/", 404),
        (eve, "/people/1/connect/", 405),
    ):
        answer = someone.page.goto(path)
        assert answer
        assert answer.status == status
        look(someone)
    stranger.submit("/log-in/", "Log in", username="who@example.com", password=PASSWORD)
    look(stranger)
    stranger.submit("/join/", "Join", name="x" * 80, email="no address", password=PASSWORD[:5])
    assert stranger.page.locator("[aria-invalid=true]").count() >= 3
    look(stranger)
    stranger.troubles.clear()  # its console says that pages were not found
    eve.troubles.clear()


def test_every_page_is_small(found: list[tuple[Person, Found]]) -> None:
    known: dict[str, int] = {}

    def weight(someone: Person, address: str) -> int:
        if "/static/" not in address or address not in known:
            known[address] = len(someone.context.request.get(address).body())
        return known[address]

    for someone, page in found:
        someone.go(page.path)
        weights = {one: weight(someone, one) for one in someone.page.evaluate(LOADED)}
        assert any(one.endswith(".css") for one in weights), page.path
        assert min(weights.values()) > 0, weights
        assert sum(weights.values()) <= LARGEST, weights


def test_awkward_content_is_on_these_pages(
    network: Lived, found: list[tuple[Person, Found]]
) -> None:
    """Were it not, the tests above would hold of any style."""
    del found
    ana = network.ana
    shown = ana.go("/people/")
    assert LONG_NAME in shown
    assert RIGHT_TO_LEFT in shown
    assert "Taken back" in ana.go("/privacy/releases/")
    assert "ostrich" in ana.text
    assert "You objected" in ana.go("/settings/ai/")


def test_a_table_stays_one_where_its_rows_stand_below_one_another(network: Lived) -> None:
    ana = network.ana
    ana.page.set_viewport_size({"width": NARROW, "height": 800})
    ana.go("/privacy/records/")
    row = ana.page.locator("tbody tr").first
    tops = [one.bounding_box() for one in row.locator("th, td").all()]
    assert len({one["y"] for one in tops if one}) == len(tops) == 4
    said = ana.page.locator("main").aria_snapshot()
    assert "- table" in said
    assert "- row" in said
    assert 'columnheader "Made"' in said
    assert "- rowheader" in said


def test_a_name_from_right_to_left_turns_nothing_around_it(network: Lived) -> None:
    ana = network.ana
    ana.page.set_viewport_size({"width": WIDE, "height": 800})
    ana.go("/people/")
    link = ana.page.get_by_role("link", name=RIGHT_TO_LEFT)
    box, item = link.bounding_box(), link.locator("xpath=..").bounding_box()
    assert box
    assert item
    assert box["x"] - item["x"] < 1  # the line begins where all lines of the list do
    ana.follow(RIGHT_TO_LEFT)
    heading = ana.page.get_by_role("heading", level=1)
    box, whole = heading.locator("bdi").bounding_box(), heading.bounding_box()
    assert box
    assert whole
    assert box["x"] - whole["x"] < 1
