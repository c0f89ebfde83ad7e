# SPDX-License-Identifier: Apache-2.0
"""The case, lived in browsers: three members, their operator, and the days on which things changed.

Ana is in the US, Dora in Germany, Hua in Hong Kong; Hua's browser runs no scripts. What the operator does are commands of
`privity`, started as programs of their own beside the site that is served.
"""

from __future__ import annotations

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
    program,
    served,
    set_clock,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RELEASE = "parent-2024-10"
SETTING = "/settings/ai/"


@dataclass(frozen=True)
class Story:
    """Who is in it, and where.

    Attributes:
        site: The network.
        at_parent: Where the affiliate has its copy.
        key: The affiliate's key.
        ana: In the US.
        dora: In Germany.
        hua: In Hong Kong, without scripts.
    """

    site: Site
    at_parent: Path
    key: Path
    ana: Person
    dora: Person
    hua: Person

    def all(self) -> tuple[Person, ...]:
        return self.ana, self.dora, self.hua


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The network in August 2024: no notice yet, and a setting that nobody was told of."""
    root = tmp_path_factory.mktemp("network")
    ledger = str(root / "ledger")
    program(
        root, "init", ledger, "--origin", "network.example/simulated", "--clock", "simulated",
        "--now", "2024-07-31T00:00:00Z",
    )  # fmt: skip
    operate(root, "recipient", "add", "network", "--role", "controller")
    key = root / "parent.pem"
    program(root, "recipient", "keygen", str(key))
    operate(root, "recipient", "add", "parent", "--role", "affiliate", "--key", f"{key}.pub")
    operate(root, "recipient", "add", "lab", "--role", "third-party")
    publish(root, "2024-07-31", "2024-07-31T12:00:00Z")
    publish(root, "2024-08-15", "2024-08-15T12:00:00Z")
    set_clock(root, "2024-08-20T14:00:00Z")
    with served(root) as running:
        yield running


@pytest.fixture
def story(site: Site, chromium: Browser) -> Iterator[Story]:
    """Three people, each with a browser."""
    people = (
        Person(chromium, site, name="Ana Ruiz", country="US", zone="America/New_York"),
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
    she_closes_her_account(story)


def august_they_join_and_write(story: Story) -> None:
    ana, dora, hua = story.all()
    for one in story.all():
        one.join()
        assert "Welcome" in one.text
        one.say(f"Good morning from {one.country}.")

    assert "nothing is used yet" in hua.see(SETTING) or "no" in hua.text
    assert "exempts everybody" in dora.see(SETTING)

    # Whoever is not connected needs Premium to write, and its agreement promises what it promises.
    find(ana, dora)
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

    # A connection asked for and accepted, and then a message needs no Premium.
    find(hua, ana)
    hua.press("Connect")
    assert "Hua Lam" in ana.see("/people/")
    ana.press("Accept Hua Lam")
    find(hua, ana)
    hua.follow("Write")
    hua.page.fill("main [name=text]", "Thank you, from Hong Kong.")
    hua.press("Send")
    assert "Thank you, from Hong Kong." in hua.text
    assert "Good morning from HK." in ana.see("/")
    assert "Good morning from DE." not in ana.text


def september_they_are_told(story: Story) -> None:
    ana, dora, hua = story.all()
    publish(story.site.root, "2024-09-18", "2024-09-18T12:00:00Z")
    story.site.go_to("2024-09-19T08:00:00Z")
    for one in (ana, hua):
        assert "Please read this first" in one.see("/people/")
        assert "Data for Generative AI Improvement" in one.text
        one.press("I have read it")
        assert (
            "You can object before anything of yours is used: until 3 October 2024" in one.text
        )
        assert one.page.url.endswith("/people/")
        assert "You have not chosen: our default is on." in one.see(SETTING)
    assert "Your connections" in dora.see("/people/")  # nobody has anything to tell her

    publish(story.site.root, "2024-09-20", "2024-09-19T10:00:00Z")
    story.site.go_to("2024-09-25T08:00:00Z")
    assert may_be_used(ana) == set()  # the window is open


def october_they_write_and_it_is_released(story: Story) -> None:
    ana, dora, hua = story.all()
    story.site.go_to("2024-10-05T09:00:00Z")
    assert "posts" in may_be_used(ana)
    for one in story.all():
        one.say(f"October in {one.country}.")
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
    assert texts(story.at_parent) == {"October in US.", "October in HK."}
    if find_spec("torch") is not None:
        story.site.operate(
            "train", "demo", str(story.at_parent), "--model", "small", "--steps", "2",
            "--out", str(story.site.root / "small"), now="2024-10-08T11:00:00Z",
        )  # fmt: skip
    story.site.go_to("2024-10-09T09:00:00Z")
    for one in (ana, hua):
        said = one.see("/privacy/releases/")
        assert RELEASE in said
        assert "parent" in said
    assert RELEASE not in dora.see("/privacy/releases/")

    # Nobody need believe these pages: her own browser verifies what the log has of her.
    assert in_the_release(ana) == "1 record"
    assert in_the_release(dora) == "nothing"


def she_says_no_and_it_is_taken_back(story: Story) -> None:
    ana, _, hua = story.all()
    assert "posts" in may_be_used(ana)
    ana.see(SETTING)
    ana.page.get_by_label("Off", exact=True).check()
    ana.press("Save")
    assert "You said no on" in ana.text
    assert may_be_used(ana) == set()  # in the next request

    story.site.operate("revoke", "plan", now="2024-10-09T12:00:00Z")
    story.site.operate("revoke", "run", now="2024-10-09T12:10:00Z")
    (revocation,) = (
        story.site.ledger / "vault" / "releases" / RELEASE / "revocations"
    ).iterdir()
    sent = shutil.copytree(revocation / "bundle", story.site.root / "sent")
    program(
        story.site.root, "recipient", "apply", str(sent), str(story.at_parent),
        "--key", str(story.key), "--now", "2024-10-09T13:00:00Z",
    )  # fmt: skip
    story.site.operate(
        "revoke", "attest", revocation.name, str(sent / "attestation.json"),
        now="2024-10-09T13:10:00Z",
    )  # fmt: skip
    assert texts(story.at_parent) == {"October in HK."}
    story.site.go_to("2024-10-10T08:00:00Z")
    assert "they signed on 9 October 2024 that they deleted it" in ana.see("/privacy/releases/")
    assert "Taken back" not in hua.see("/privacy/releases/")


def hong_kong_is_exempt(story: Story) -> None:
    hua = story.hua
    assert "exempts everybody" not in hua.see(SETTING)
    publish(story.site.root, "2024-10-11", "2024-10-10T10:00:00Z")
    story.site.go_to("2024-10-12T08:00:00Z")
    assert "exempts everybody" in hua.see(SETTING)
    assert may_be_used(hua) == set()
    # Everybody reads what changed, and whoever did not believe it verifies the log.
    history = hua.see("/privacy/policy/")
    assert [one for one in ("2024-08-15", "2024-09-18", "2024-10-11") if one in history] == [
        "2024-08-15",
        "2024-09-18",
        "2024-10-11",
    ]
    hua.follow("What 2024-10-11 opened and closed")
    assert "Hong Kong" in hua.text
    key = (story.site.ledger / "public" / "vkey").read_text("utf-8").strip()
    log = f"{story.site.address}/ledger/"
    assert "everything holds" in program(
        story.site.root, "ledger", "verify", log, "--vkey", key
    )


def she_closes_her_account(story: Story) -> None:
    dora, ana = story.dora, story.ana
    dora.see("/account/close/")
    dora.page.fill("main [name=password]", PASSWORD)
    dora.press("Close my account")
    dora.log_in()
    assert "No open account has this e-mail" in dora.text
    # What she got and wrote stays with whom she wrote to; nothing more can be written to her.
    assert "Dora Klein" in ana.see("/messages/")
    ana.follow("Dora Klein")
    assert "This account is closed." in ana.text
    assert "To Dora Klein, across." in ana.text


def find(seeker: Person, sought: Person) -> None:
    """Find somebody by her name, and go to her page."""
    seeker.see("/people/")
    seeker.page.fill("[name=name]", sought.name)
    seeker.press("Find")
    seeker.follow(sought.name)


def write_inmail(sender: Person, to: Person, text: str) -> None:
    find(sender, to)
    sender.follow("Write")
    assert "so this is an InMail" in sender.text
    sender.page.fill("main [name=title]", "A question")
    sender.page.fill("main [name=text]", text)
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


def in_the_release(person: Person) -> str:
    """Have somebody's browser verify what the log has of her; gives what the release has."""
    person.see("/privacy/check/")
    person.page.get_by_role("button", name="Check now").click()
    checked = person.page.locator("#checked")
    checked.get_by_text("It holds.").wait_for()
    person.look()
    row = checked.locator("tr", has_text=RELEASE)
    return row.locator("td").nth(1).inner_text().split("\n")[0]


def texts(copy: Path) -> set[str]:
    """Read a recipient's copy as a recipient does."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only here

    found: set[str] = set()
    for file in sorted(copy.rglob("*.parquet")):
        if "body" in pq.read_schema(file).names:
            found.update(pq.read_table(file, columns=["body"])["body"].to_pylist())
    return found
