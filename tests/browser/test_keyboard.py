# SPDX-License-Identifier: Apache-2.0
"""Whoever uses no mouse gets everywhere, sees where she is, and does everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest
from tests.browser.site import PASSWORD, Person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator
    from tests.browser.lived import Lived

PAGES: Final = (
    "/", "/people/", "/messages/", "/settings/ai/", "/premium/", "/account/", "/profile/",
    "/articles/write/", "/privacy/", "/privacy/records/", "/privacy/releases/", "/privacy/receipts/",
    "/privacy/check/", "/privacy/policy/", "/privacy/questions/", "/privacy/log/",
)  # fmt: skip
MOST: Final = 200
"""How often she presses a key before she gives up."""

CONTROLS: Final = """() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
    const shown = all.filter((one) => one.type !== "hidden" && !one.disabled && one.checkVisibility());
    // Of radio buttons of one name one is reached by Tab, and from it the others by arrow keys.
    const first = (one) => one.type !== "radio" || one === (
        one.form.querySelector(`[name="${one.name}"]:checked`) ?? one.form.querySelector(`[name="${one.name}"]`));
    window.controls = shown.filter(first);
    return window.controls.length;
}"""
"""How many controls a page shows that Tab must reach."""
AT: Final = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return {
        index: window.controls.indexOf(one),
        html: one.outerHTML.slice(0, 120),
        ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && inside,
    };
}"""
"""Which control has the focus, and whether that is to be seen."""


@pytest.fixture(scope="module")
def ben(chromium: Browser, network: Lived) -> Iterator[Person]:
    """A member with a mouse that nobody touches."""
    person = Person(chromium, network.site, name="Ben Okafor", country="US")
    person.join_and_read("/")
    yield person
    person.go_away()


def press(person: Person, *keys: str) -> None:
    for key in keys:
        person.page.keyboard.press(key)


def reach(person: Person, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(MOST):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        press(person, "Tab")
    raise AssertionError(f"{person.page.url}: Tab does not lead to {wanted}")


def button(person: Person, name: str) -> None:
    """Go to a button by Tab, and press it."""
    reach(
        person, person.page.locator("main").get_by_role("button", name=name, exact=True).first
    )
    with person.page.expect_navigation():
        press(person, "Enter")


def link(person: Person, name: str) -> None:
    """Go to a link by Tab, and follow it."""
    reach(person, person.page.get_by_role("link", name=name, exact=True).first)
    with person.page.expect_navigation():
        press(person, "Enter")


def write(person: Person, field: str, text: str) -> None:
    """Go to a field by Tab, and type into it."""
    reach(person, person.page.locator(f"main [name={field}]").first)
    person.page.keyboard.type(text)


@pytest.mark.parametrize("path", PAGES)
def test_every_control_is_reached_and_seen(network: Lived, path: str) -> None:
    ana = network.ana
    ana.page.set_viewport_size({"width": 1100, "height": 800})
    ana.go(path)
    wanted = set(range(ana.page.evaluate(CONTROLS)))
    assert len(wanted) > 8
    reached: list[int] = []
    for _ in range(MOST):
        press(ana, "Tab")
        at = ana.page.evaluate(AT)
        if at["index"] in reached[:1]:
            break
        if at["index"] >= 0:
            assert at["ring"], f"{path}: nobody sees that this has the focus: {at['html']}"
            reached.append(at["index"])
    assert set(reached) == wanted, path
    assert reached == sorted(reached), f"{path}: the focus jumps"


@pytest.mark.parametrize("path", ["/", "/settings/ai/", "/privacy/", "/privacy/policy/"])
def test_the_navigation_can_be_skipped(network: Lived, path: str) -> None:
    ana = network.ana
    ana.go(path)
    press(ana, "Tab")
    skip = ana.page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("(one) => one === document.activeElement")
    box = skip.bounding_box()
    assert box
    assert min(box["x"], box["y"]) >= 0
    press(ana, "Enter", "Tab")
    assert ana.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_member_writes_and_says_no_by_keyboard(ben: Person) -> None:
    page = ben.page
    ben.go("/messages/")
    link(ben, "Home")
    write(ben, "text", "Typed, never clicked.")
    button(ben, "Post")
    assert "Typed, never clicked." in ben.text

    # The switch: on, for what is older too, and then off; arrows go from one to the other.
    link(ben, "Account")
    link(ben, "Settings: your content and AI")
    reach(ben, page.get_by_label("On", exact=True))
    press(ben, "Space")
    reach(ben, page.get_by_label("also what I wrote before"))
    press(ben, "Space")
    button(ben, "Save")
    assert "It covers what you wrote before, too." in ben.text
    reach(ben, page.get_by_label("On", exact=True))
    press(ben, "ArrowDown")
    button(ben, "Save")
    assert "You said no on" in ben.text
    reach(ben, page.get_by_text("What it covers, and whom"))
    press(ben, "Enter")
    assert "If you say nothing" in ben.text
    button(ben, "I object")
    assert "You objected." in ben.text


def test_a_member_asks_and_finds_by_keyboard(ben: Person) -> None:
    page = ben.page
    ben.submit("/", "Post", text="Something to ask about.")
    link(ben, "Your data and AI")
    reach(ben, page.get_by_text("Since when, and why").first)
    press(ben, "Space")
    assert page.locator("details").first.get_attribute("open") is not None
    link(ben, "Ask about one thing that you wrote or got")
    reach(ben, page.get_by_role("link", name="Ask about number").first)
    with page.expect_navigation():
        press(ben, "Enter")
    assert "may not use it" in ben.text

    link(ben, "People")
    write(ben, "name", "Dan Roe")
    press(ben, "Enter")
    page.get_by_role("heading", name="Found").wait_for()
    link(ben, "Dan Roe")
    button(ben, "Connect")
    assert "You asked to be connected." in ben.text


def test_a_member_logs_out_and_in_by_keyboard(ben: Person) -> None:
    page = ben.page
    ben.go("/account/")
    reach(ben, page.get_by_role("button", name="Log out"))
    with page.expect_navigation():
        press(ben, "Enter")
    write(ben, "username", ben.email)
    write(ben, "password", PASSWORD)
    with page.expect_navigation():
        press(ben, "Enter")
    assert "Welcome, Ben Okafor" in ben.text
