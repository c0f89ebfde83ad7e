# SPDX-License-Identifier: Apache-2.0
"""*Check it* in Chromium: on the page, and from disk with the one HTML file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.site import Person, Site, operate, run, served, set_clock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

CHECKS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "check.json").read_text("utf-8")
)
CHECK = "/privacy/check/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The network, with nobody in it yet."""
    root = tmp_path_factory.mktemp("checked")
    run(
        root, "init", str(root / "ledger"), "--origin", "network.example/simulated",
        "--clock", "simulated", "--now", "2024-07-31T00:00:00Z",
    )  # fmt: skip
    operate(root, "recipient", "add", "network", "--role", "controller")
    set_clock(root, "2024-08-20T14:00:00Z")
    with served(root) as running:
        yield running


@pytest.fixture(scope="module")
def ana(chromium: Browser, site: Site) -> Iterator[Person]:
    """A member, whose entries are published."""
    person = Person(chromium, site, name="Ana Ruiz", country="US")
    person.join()
    run(site.root, "ledger", "publish", str(site.ledger))
    yield person
    person.go_away()


def checked(page: Page) -> str:
    """Press the button, and give what the verifier says."""
    page.locator("#check button").click()
    page.locator("#checked[data-state]").wait_for()
    return page.locator("#checked").inner_text()


def state(page: Page) -> str | None:
    return page.locator("#checked").get_attribute("data-state")


def test_what_the_platform_has_of_her_holds(ana: Person) -> None:
    assert "What is not shown" in ana.see(CHECK)
    said = checked(ana.page)
    assert state(ana.page) == "holds"
    assert "It holds." in said
    assert "You joined" in said
    assert "signed how many entries the log has" in said
    assert "all are in the log" in said
    ana.look()


def test_what_was_changed_on_the_way_does_not_hold(ana: Person) -> None:
    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("joined", "closed", 1))

    ana.page.route("**/check.json", change)
    ana.see(CHECK)
    said = checked(ana.page)
    ana.page.unroute("**/check.json")
    assert state(ana.page) == "fails"
    assert "It does not hold." in said
    assert "entry/commitment" in said
    assert "It holds." not in said
    ana.look()


def test_another_key_is_not_believed(ana: Person) -> None:
    ana.see(CHECK)
    ana.page.fill("#vkey", CHECKS["vkey"])
    assert "ledger/unsigned" in checked(ana.page)
    assert state(ana.page) == "fails"
    ana.page.fill("#vkey", "no key")
    checked(ana.page)
    ana.page.locator('#checked[data-state="unchecked"]').wait_for()


def status(page: Page) -> str:
    """Give what is read aloud when it changes."""
    return page.locator("#checked [role=status]").inner_text()


def test_what_was_found_is_read_aloud_and_the_tables_are_not(ana: Person) -> None:
    ana.see(CHECK)
    # What is to be read aloud must be there before anything is put in.
    assert status(ana.page) == ""
    checked(ana.page)
    assert status(ana.page).startswith("It holds.")
    assert "You joined" not in status(ana.page)
    assert "You joined" in ana.page.locator("#checked").inner_text()


def test_it_is_checked_by_keyboard_alone(ana: Person) -> None:
    ana.see(CHECK)
    ana.page.locator("#vkey").focus()
    for _ in range(2):
        ana.page.keyboard.press("Tab")
    assert ana.page.evaluate("document.activeElement.textContent") == "Check now"
    ana.page.keyboard.press("Enter")
    ana.page.locator('#checked[data-state="holds"]').wait_for()
    assert ana.page.evaluate("document.activeElement.textContent") == "Check now"
    ana.page.keyboard.press("Tab")
    region = ana.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert region == "Your entries"


def test_it_says_whose_file_it_is_and_when_in_her_zone(chromium: Browser, site: Site) -> None:
    """A platform could give her the file of another, of whom it has nothing."""
    eva = Person(chromium, site, name="Eva Lind", country="US", zone="America/New_York")
    eva.join()
    run(site.root, "ledger", "publish", str(site.ledger))
    eva.see(CHECK)
    said = checked(eva.page)
    member = re.search(
        r"The file is of member (\S+) of the log network.example/simulated", said
    )
    assert member
    with eva.page.expect_download() as begun:
        eva.page.get_by_role("link", name="Your file").click()
    held = json.loads(begun.value.path().read_bytes())
    assert held["receipt"]["member"] == member[1]
    assert re.search(r"20 Aug 2024, 1[01]:00:\d\d GMT-4", said), said
    eva.look()
    eva.go_away()


def test_its_sentences_are_those_of_the_page(ana: Person) -> None:
    """The script has none of its own, so a page in another language has none in English."""

    def translate(route: Route) -> None:
        answer = route.fetch()
        text = (
            answer.text()
            .replace("It holds.", "Es stimmt.")
            .replace("You joined", "Beigetreten")
        )
        route.fulfill(response=answer, body=text.replace('<html lang="en', '<html lang="de'))

    ana.page.route(f"**{CHECK}", translate)
    ana.go(CHECK)
    said = checked(ana.page)
    ana.page.unroute(f"**{CHECK}")
    assert "Es stimmt." in said
    assert "Beigetreten" in said
    assert re.search(r"20\. Aug\. 2024, 1[45]:00:", said), said
    assert "It holds." not in said


def test_a_browser_without_ed25519_says_so_and_nothing_of_the_file(ana: Person) -> None:
    page = ana.context.new_page()
    page.add_init_script("""
        const found = SubtleCrypto.prototype.importKey;
        SubtleCrypto.prototype.importKey = function (form, key, algorithm, ...rest) {
            if (algorithm.name === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
            return found.call(this, form, key, algorithm, ...rest);
        };
    """)
    page.goto(CHECK)
    said = checked(page)
    assert state(page) == "unchecked"
    assert "It could not be checked." in said
    assert "Take a newer browser, or the command." in said
    page.close()


def test_who_was_logged_out_is_told_so(ana: Person) -> None:
    assert ana.context.browser is not None
    other = ana.context.browser.new_context(
        base_url=ana.site.address, storage_state=ana.context.storage_state()
    )
    page = other.new_page()
    page.goto(CHECK)
    other.clear_cookies()
    assert "You are no longer logged in." in checked(page)
    assert state(page) == "unchecked"
    other.close()


@pytest.mark.parametrize(
    ("remembered", "said", "kind"),
    [
        ({"root": "another"}, "You were shown another log of", "error"),
        ({"keys": ["network.example/simulated+0123abcd+AQ=="]}, "Another key signed this log", "warning"),
        ({"size": "3"}, "Nothing shows that this log of", "error"),
    ],
)  # fmt: skip
def test_what_does_not_fit_what_was_checked_before_is_noticed(
    ana: Person, remembered: dict[str, Any], said: str, kind: str
) -> None:
    ana.see(CHECK)
    # What the page entered of its own programs is published first, so that the log is as large both times.
    run(ana.site.root, "ledger", "publish", str(ana.site.ledger))
    checked(ana.page)
    name = "privity-checked network.example/simulated"
    kept = ana.page.evaluate("(name) => localStorage.getItem(name)", name)
    changed = json.dumps(json.loads(kept) | remembered)
    ana.page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [name, changed])
    shown = checked(ana.page)
    ana.page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [name, kept])
    assert said in shown
    assert said in ana.page.locator(f"#checked .note.{kind}").inner_text()


def test_a_log_that_grew_and_an_older_one_are_told_apart(ana: Person, tmp_path: Path) -> None:
    ana.see(CHECK)
    checked(ana.page)
    with ana.page.expect_download() as begun:
        ana.page.get_by_role("link", name="Your file").click()
    kept = tmp_path / "kept.json"
    begun.value.save_as(kept)
    set_clock(ana.site.root, "2024-08-20T15:00:00Z")
    later = "2024-08-20T14:30:00Z"
    operate(ana.site.root, "recipient", "add", "lab", "--role", "third-party", now=later)
    run(ana.site.root, "ledger", "publish", str(ana.site.ledger))
    ana.see(CHECK)
    said = checked(ana.page)
    assert "older" not in said
    assert "It begins with the log that you checked here before" in said
    ana.see(CHECK)
    ana.page.set_input_files("#file", kept)
    assert "This log is older than one that you checked here before" in checked(ana.page)


def test_the_one_file_verifies_from_disk(ana: Person, tmp_path: Path) -> None:
    """It needs no server, and asks none."""
    ana.see(CHECK)
    vkey = ana.page.input_value("#vkey")
    saved = {}
    for name in ("The verifier as one HTML file", "Your file"):
        with ana.page.expect_download() as begun:
            ana.page.get_by_role("link", name=name).click()
        saved[name] = tmp_path / begun.value.suggested_filename
        begun.value.save_as(saved[name])
    page = ana.context.browser.new_page() if ana.context.browser else ana.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "verifier.html").as_uri())
    page.fill("#vkey", vkey)
    page.set_input_files("#file", tmp_path / "check.json")
    assert "all are in the log" in checked(page)
    for case in CHECKS["cases"]:
        if case["id"] not in {
            "whole", "quiet", "record-gone", "late", "payloads-gone", "proof-gone", "unsigned",
        }:  # fmt: skip
            continue
        file = tmp_path / "case.json"
        file.write_text(case["text"], "utf-8")
        page.reload()
        page.fill("#vkey", CHECKS["vkey"])
        page.set_input_files("#file", file)
        said = checked(page)
        # Of somebody who is new nothing may be published yet: that is no fault of the file.
        refused = "unchecked" if case["id"] == "unsigned" else "fails"
        assert state(page) == (refused if "code" in case else "holds"), said
        assert case.get("code", "") in said
        if case["id"] == "quiet":
            assert said.count("\tnothing\t") == 2
        if case["id"] == "unsigned":
            assert "The log’s key signed nothing in the file" in said
        lost = "Entries of which the file does not show what they say: 5."
        assert (lost in said) == (case["id"] == "payloads-gone")
        if case["id"] == "late":
            assert "Entries not shown to be in the log yet: 1." in said
            assert "If these are still not in the log tomorrow" in said
    assert {url.split(":")[0] for url in asked} == {"file"}
    page.close()


def test_without_scripts_the_page_says_what_to_do(chromium: Browser, site: Site) -> None:
    ben = Person(chromium, site, name="Ben Low", country="US", scripts=False)
    ben.join()
    text = ben.see(CHECK)
    assert "JavaScript, which is off here" in text
    assert "privity release check-proof" in text
    assert not ben.page.locator("#check").is_visible()
    ben.go_away()
