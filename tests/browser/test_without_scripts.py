# SPDX-License-Identifier: Apache-2.0
"""With JavaScript off every form of the network works: all of them, by two people who write to one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

import pytest
from tests.browser.site import PASSWORD, Person

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.browser.lived import Lived

NEW = "battery horse correct"
NUMBERS = count(1)


@pytest.fixture
def people(chromium: Browser, network: Lived) -> Iterator[tuple[Person, Person]]:
    """Kim and Lou, others each time, who joined by the page and read the notice."""
    number = next(NUMBERS)
    kim, lou = (
        Person(
            chromium, network.site, name=f"{name}{number} Plain", country="US", scripts=False
        )
        for name in ("Kim", "Lou")
    )
    for one in (kim, lou):
        one.join_and_read("/")
        assert f"Welcome, {one.name}" in one.text
    yield kim, lou
    for one in (kim, lou):
        one.go_away()


def test_what_somebody_writes(people: tuple[Person, Person]) -> None:
    kim, lou = people
    assert "Your post is on the pages." in kim.submit("/", "Post", text="Without scripts.")
    kim.submit("/articles/write/", "Save", title="On pumps", text="Of some length.")
    kim.type(text="A comment of my own.")
    kim.press("Comment")
    assert "A comment of my own." in kim.text
    kim.follow("Edit")
    kim.type(text="Of another length.")
    kim.press("Save")
    assert "Of another length." in kim.text
    assert "Of some length." not in kim.text
    lou.find(kim.name)
    lou.follow("On pumps")
    lou.follow("Quote")
    lou.type(text="Well said.")
    lou.press("Save")
    assert "Of another length." in lou.text
    kim.find(lou.name)
    assert "Well said." in kim.text
    kim.go("/")
    kim.follow("On pumps")
    kim.press("Take it off the pages")
    assert "Of another length." not in kim.go("/")
    assert "Of another length." not in lou.go("/")


def test_whom_somebody_knows_and_writes_to(people: tuple[Person, Person]) -> None:
    kim, lou = people
    for answer in ("Decline", "Accept"):
        kim.find(lou.name)
        kim.press("Connect")
        lou.go("/people/")
        lou.press(f"{answer} {kim.name}")
    kim.find(lou.name)
    kim.follow("Write")
    kim.type(text="Hello, Lou.")
    kim.press("Send")
    assert "Hello, Lou." in kim.text
    lou.go("/messages/")
    lou.follow(kim.name)
    lou.follow("Forward")
    lou.page.select_option("main [name=to]", label=kim.name)
    lou.type(text="Did you write this?")
    lou.press("Save")
    assert "Did you write this?" in lou.text
    lou.find(kim.name)
    lou.press("End the connection")
    lou.find(kim.name)
    assert lou.page.get_by_role("button", name="Connect").is_visible()


def test_what_somebody_says_of_her_content(people: tuple[Person, Person]) -> None:
    kim, _ = people
    kim.submit("/", "Post", text="May it be used?")
    assert "It covers what you wrote before, too." in kim.choose("On", older=True)
    assert "some" not in uses(kim)
    assert "yes" in uses(kim)
    kim.site.later()
    assert "You said no on" in kim.choose("Off")
    assert "yes" not in uses(kim)
    assert "You objected." in kim.submit("/settings/ai/", "I object")
    kim.site.later()  # in one second the refusal would stand
    assert "You said no on" in kim.submit("/settings/ai/", "Withdraw my objection")
    kim.go("/privacy/receipts/")
    kim.follow("Read the receipt")
    assert "No: your yes is withdrawn" in kim.text


def uses(person: Person) -> str:
    """Give what somebody's page says of what may be used now."""
    person.go("/privacy/")
    return " ".join(person.page.locator("tbody .tag").all_inner_texts())


def test_what_somebody_is(people: tuple[Person, Person]) -> None:
    kim, _ = people
    kim.submit("/profile/", "Save", headline="Plain, and content")
    assert "Plain, and content" in kim.text
    assert "You are Premium now" in kim.submit("/premium/", "Accept the agreement")
    kim.press("End Premium")
    assert kim.page.get_by_role("button", name="Accept the agreement").is_visible()
    kim.submit(
        "/account/password/", "Change it",
        old_password=PASSWORD, new_password1=NEW, new_password2=NEW,
    )  # fmt: skip
    with kim.page.expect_navigation():
        kim.page.get_by_role("button", name="Log out").click()
    assert "Log in" in kim.text
    kim.submit("/log-in/", "Log in", username=kim.email, password=NEW)
    assert f"Welcome, {kim.name}" in kim.text
    kim.submit("/account/close/", "Close my account", password=NEW)
    kim.submit("/log-in/", "Log in", username=kim.email, password=NEW)
    assert "No open account has this e-mail" in kim.text
