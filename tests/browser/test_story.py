# SPDX-License-Identifier: Apache-2.0
"""The case, lived in browsers: four members at once, their operator, and the days on which things changed.

Ana and Ben are in the US, Dora in Germany, Hua in Hong Kong; Hua's browser runs no scripts. What the operator does are commands
of `privity`, started as programs of their own beside the site that is served.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.site import (
    PASSWORD,
    POLICIES,
    Person,
    Site,
    operate,
    run,
    served,
    set_clock,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RELEASE = "parent-2024-10"
MODEL = "small"
SETTING = "/settings/ai/"


@dataclass(frozen=True)
class Story:
    """Who is in it, and where.

    Attributes:
        site: The network.
        at_parent: Where the affiliate has its copy.
        key: The affiliate's key.
        ana: In the US; she says no.
        ben: In the US; he says nothing, and leaves.
        dora: In Germany.
        hua: In Hong Kong, without scripts.
    """

    site: Site
    at_parent: Path
    key: Path
    ana: Person
    ben: Person
    dora: Person
    hua: Person

    def all(self) -> tuple[Person, ...]:
        return self.ana, self.ben, self.dora, self.hua


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The network in August 2024: no notice yet, and a setting that nobody was told of."""
    root = tmp_path_factory.mktemp("network")
    ledger = str(root / "ledger")
    run(
        root, "init", ledger, "--origin", "network.example/simulated", "--clock", "simulated",
        "--now", "2024-07-31T00:00:00Z",
    )  # fmt: skip
    operate(root, "recipient", "add", "network", "--role", "controller")
    key = root / "parent.pem"
    run(root, "recipient", "keygen", str(key))
    operate(root, "recipient", "add", "parent", "--role", "affiliate", "--key", f"{key}.pub")
    operate(root, "recipient", "add", "lab", "--role", "third-party")
    publish(root, "2024-07-31", "2024-07-31T12:00:00Z")
    publish(root, "2024-08-15", "2024-08-15T12:00:00Z")
    set_clock(root, "2024-08-20T14:00:00Z")
    with served(root) as running:
        yield running


@pytest.fixture
def story(site: Site, chromium: Browser) -> Iterator[Story]:
    """Four people, each with a browser."""
    people = (
        Person(chromium, site, name="Ana Ruiz", country="US", zone="America/New_York"),
        Person(chromium, site, name="Ben Okafor", country="US", zone="America/Chicago"),
        Person(chromium, site, name="Dora Klein", country="DE", zone="Europe/Berlin"),
        Person(
            chromium, site, name="Hua Lam", country="HK", zone="Asia/Hong_Kong", scripts=False
        ),
    )
    yield Story(site, site.root / "at-parent", site.root / "parent.pem", *people)
    for one in people:
        one.go_away()


def publish(root: Path, version: str, now: str) -> None:
    operate(root, "policy", "publish", str(POLICIES / f"{version}.yaml"), "--yes", now=now)


def test_the_case_is_lived_in_browsers(story: Story) -> None:
    august_they_join_and_write(story)
    september_they_are_told(story)
    october_they_write_and_it_is_released(story)
    she_says_no_and_it_is_taken_back(story)
    hong_kong_is_exempt(story)
    the_terms_change_and_he_leaves(story)


def august_they_join_and_write(story: Story) -> None:
    ana, ben, dora, hua = story.all()
    for one in story.all():
        one.join()
        assert "Welcome" in one.text
    say_at_once(story.all(), "Good morning")
    assert "nothing is used yet" in hua.see(SETTING)
    assert "exempts everybody" in dora.see(SETTING)

    # Whoever is not connected needs Premium to write, and its agreement promises what it promises.
    ana.find(dora.name)
    ana.follow("Write")
    assert "to others with Premium" in ana.text
    assert "other companies" in ana.see("/premium/")
    ana.press("Accept the agreement")
    assert "You are Premium now" in ana.text
    for one in (dora, hua):
        write_inmail(ana, one, f"To {one.name}, across.")
        assert "Ana Ruiz" in one.see("/messages/")
        one.follow("Ana Ruiz")
        assert f"To {one.name}, across." in one.text
    assert "You have 3 InMails left this month." in ana.see("/premium/")

    # A connection asked for and accepted, and then a message needs no Premium.
    hua.find(ana.name)
    hua.press("Connect")
    assert "Hua Lam" in ana.see("/people/")
    ana.press("Accept Hua Lam")
    hua.find(ana.name)
    hua.follow("Write")
    hua.type(text="Thank you, from Hong Kong.")
    hua.press("Send")
    assert "Thank you, from Hong Kong." in hua.text
    assert "Good morning, Hua Lam." in ana.see("/")
    for other in (ben, dora):
        assert f"Good morning, {other.name}." not in ana.text


def september_they_are_told(story: Story) -> None:
    ana, ben, dora, hua = story.all()
    publish(story.site.root, "2024-09-18", "2024-09-18T12:00:00Z")
    story.site.go_to("2024-09-19T08:00:00Z")
    for one in (ana, ben, hua):
        assert "Please read this first" in one.see("/people/")
        assert "Data for Generative AI Improvement" in one.text
        one.press("I have read it")
        assert (
            "You can object before anything of yours is used: until 3 October 2024" in one.text
        )
        assert one.page.url.endswith("/people/")
        assert "You have not chosen: our default is on." in one.see(SETTING)
        assert "Notice genai-2024-09 reached you on 19 September 2024" in one.see("/privacy/")
    assert "Your connections" in dora.see("/people/")  # nobody has anything to tell her

    publish(story.site.root, "2024-09-20", "2024-09-19T10:00:00Z")
    for day in ("2024-09-25T08:00:00Z", "2024-10-03T07:59:59Z"):
        story.site.stand_at(day)
        for one in story.all():
            assert may_be_used(one) == set(), day  # the window is open


def october_they_write_and_it_is_released(story: Story) -> None:
    ana, ben, dora, hua = story.all()
    story.site.go_to("2024-10-05T09:00:00Z")
    for one in (ana, ben, hua):
        assert "posts" in may_be_used(one)
    assert may_be_used(dora) == set()
    say_at_once(story.all(), "October")
    write_inmail(ana, dora, "What do you think of the release?")

    story.site.go_to("2024-10-08T09:00:00Z")
    story.site.operate(
        "release", "create", RELEASE, "--source", "examples/network/records.sql.toml",
        "--purpose", "genai-training", "--recipient", "parent", "--text", "body",
        "--pseudonym-key", str(story.site.root / "pseudonyms.key"), now="2024-10-08T10:00:00Z",
    )  # fmt: skip
    story.site.operate(
        "release", "hand-over", RELEASE, "parent", "--to", str(story.at_parent),
        "--recipient-key", str(story.key), now="2024-10-08T10:30:00Z",
    )  # fmt: skip
    assert texts(story.at_parent) == {f"October, {one.name}." for one in (ana, ben, hua)}
    train(story)
    story.site.go_to("2024-10-09T09:00:00Z")
    for one in (ana, ben, hua):
        said = one.see("/privacy/releases/")
        assert RELEASE in said
        assert "parent" in said
        assert f"It made model {MODEL}." in said
    assert RELEASE not in dora.see("/privacy/releases/")

    # Nobody need believe these pages: her own browser verifies what the log has of her.
    assert in_the_release(ana) == 1
    assert in_the_release(dora) == 0


def she_says_no_and_it_is_taken_back(story: Story) -> None:
    ana, ben, _, hua = story.all()
    assert "posts" in may_be_used(ana)
    assert "You said no on" in ana.choose("Off")
    assert may_be_used(ana) == set()  # in the next request
    for one in (ben, hua):
        assert "posts" in may_be_used(one)

    take_back(story, "2024-10-09")
    assert texts(story.at_parent) == {f"October, {one.name}." for one in (ben, hua)}
    story.site.go_to("2024-10-10T08:00:00Z")
    said = ana.see("/privacy/releases/")
    assert "they signed on 9 October 2024 that they deleted it" in said
    assert "not undone" in said  # what was trained before
    assert "Taken back" not in hua.see("/privacy/releases/")
    assert in_the_release(ana) == 0
    assert in_the_release(ben) == 1


def hong_kong_is_exempt(story: Story) -> None:
    ben, hua = story.ben, story.hua
    assert "exempts everybody" not in hua.see(SETTING)
    publish(story.site.root, "2024-10-11", "2024-10-10T10:00:00Z")
    story.site.go_to("2024-10-12T08:00:00Z")
    assert "exempts everybody" in hua.see(SETTING)
    assert may_be_used(hua) == set()
    take_back(story, "2024-10-12")
    assert texts(story.at_parent) == {f"October, {ben.name}."}
    story.site.go_to("2024-10-13T08:00:00Z")
    assert "they signed on 12 October 2024" in hua.see("/privacy/releases/")
    # Everybody reads what changed, and whoever did not believe it verifies the log.
    history = hua.see("/privacy/policy/")
    assert all(one in history for one in ("2024-08-15", "2024-09-18", "2024-10-11"))
    hua.follow("What 2024-10-11 opened and closed")
    assert "Hong Kong" in hua.text
    key = (story.site.ledger / "public" / "vkey").read_text("utf-8").strip()
    log = f"{story.site.address}/ledger/"
    assert "everything holds" in run(story.site.root, "ledger", "verify", log, "--vkey", key)


def the_terms_change_and_he_leaves(story: Story) -> None:
    ana, ben, dora, _ = story.all()
    publish(story.site.root, "2024-11-20", "2024-11-20T12:00:00Z")
    story.site.go_to("2024-11-21T08:00:00Z")
    assert "Version 2024-11-20 is in force" in dora.see("/privacy/policy/")
    assert "nothing is due" in story.site.operate("revoke", "plan", now="2024-11-21T08:00:00Z")
    for one in (ben, dora):
        one.see("/account/close/")
        one.type(password=PASSWORD)
        one.press("Close my account")
        one.log_in()
        assert "No open account has this e-mail" in one.text
    # From then on nothing of his may be used; what was handed over is taken back.
    take_back(story, "2024-11-21")
    assert texts(story.at_parent) == set()
    # What somebody wrote and got stays with the other; nothing more can be written to her.
    assert "Dora Klein" in ana.see("/messages/")
    ana.follow("Dora Klein")
    assert "This account is closed." in ana.text
    assert "To Dora Klein, across." in ana.text


def say_at_once(people: tuple[Person, ...], what: str) -> None:
    """Have everybody write a post, all of them in the same moment."""
    for one in people:
        one.go("/")
        one.type(text=f"{what}, {one.name}.")
    for one in people:
        one.page.get_by_role("button", name="Post", exact=True).click(no_wait_after=True)
    for one in people:
        one.page.get_by_text("Your post is on the pages.").wait_for()
        assert f"{what}, {one.name}." in one.text


def train(story: Story) -> None:
    """Have a model trained on the copy: a small one, or only entered where there is nothing to train with."""
    site = story.site
    if find_spec("torch") is not None:
        site.operate(
            "train", "demo", str(story.at_parent), "--model", MODEL, "--steps", "2",
            "--out", str(site.root / MODEL), now="2024-10-08T11:00:00Z",
        )  # fmt: skip
        return
    code = str(POLICIES / "2024-09-20.yaml")
    begun = site.operate(
        "run", "start", RELEASE, "--recipient", "parent", "--code", code, "--config", code,
        "--ticket", str(site.root / "ticket.json"), "--json", now="2024-10-08T11:00:00Z",
    )  # fmt: skip
    run = json.loads(begun)["run"]
    site.operate("run", "end", run, "--model", f"{MODEL}={code}", now="2024-10-08T11:10:00Z")


def take_back(story: Story, day: str) -> None:
    """Take back what is due, here and at the affiliate, which signs that it deleted it."""
    site = story.site
    kept = site.ledger / "vault" / "releases" / RELEASE / "revocations"
    before = set(kept.iterdir()) if kept.is_dir() else set()
    site.operate("revoke", "plan", now=f"{day}T12:00:00Z")
    site.operate("revoke", "run", now=f"{day}T12:10:00Z")
    (revocation,) = set(kept.iterdir()) - before
    sent = shutil.copytree(revocation / "bundle", site.root / "sent" / day)
    run(
        site.root, "recipient", "apply", str(sent), str(story.at_parent),
        "--key", str(story.key), "--now", f"{day}T13:00:00Z",
    )  # fmt: skip
    site.operate(
        "revoke", "attest", revocation.name, str(sent / "attestation.json"),
        now=f"{day}T13:10:00Z",
    )  # fmt: skip


def write_inmail(sender: Person, to: Person, text: str) -> None:
    sender.find(to.name)
    sender.follow("Write")
    assert "so this is an InMail" in sender.text
    sender.type(title="A question", text=text)
    sender.press("Send")
    assert text in sender.text


def may_be_used(person: Person) -> set[str]:
    """Read on somebody's own page what of hers may be used now, by the affiliate."""
    person.see("/privacy/")
    section = person.page.locator(
        "section", has=person.page.get_by_role("heading", name="parent")
    )
    rows = section.locator("tbody tr").all()
    assert rows, person.text
    told = [(row.locator("th").inner_text(), row.locator(".tag").first) for row in rows]
    return {
        what for named, tag in told if tag.inner_text() != "no" for what in named.split("; ")
    }


def in_the_release(person: Person) -> int:
    """Have somebody's browser verify what the log has of her; gives how many of her records the release has."""
    person.see("/privacy/check/")
    person.page.get_by_role("button", name="Check now").click()
    checked = person.page.locator("#checked")
    checked.get_by_text("It holds.").wait_for()
    person.look()
    has = checked.locator("tr", has_text=RELEASE).locator("td").nth(1)
    return has.locator("li").count()


def texts(copy: Path) -> set[str]:
    """Read a recipient's copy as a recipient does."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only here

    found: set[str] = set()
    for file in sorted(copy.rglob("*.parquet")):
        if "body" in pq.read_schema(file).names:
            found.update(pq.read_table(file, columns=["body"])["body"].to_pylist())
    return found
