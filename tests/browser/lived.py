# SPDX-License-Identifier: Apache-2.0
"""A network in which every page has something on it, the awkward things too: long words, other scripts, much of one thing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.site import EXAMPLE, Person, Site, operate, run, served, set_clock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RELEASE = "spring-2026"
SETTING = "research-partners"
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswes"
LONG_WORD = (
    "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
)
RIGHT_TO_LEFT = "יעל כהן־אבוטבול"
RIGHT_TO_LEFT_TEXT = "שלום לכולם: היום דיברנו על (AI) ועל פרטיות, בשעה 10:30."


@dataclass(frozen=True)
class Lived:
    """The network, and who is in it.

    Attributes:
        site: It.
        ana: Who has something of everything; her browser runs scripts.
        eve: Who has nothing yet.
        newcomer: Who joined and has not read the notice.
        stranger: Who is not logged in.
    """

    site: Site
    ana: Person
    eve: Person
    newcomer: Person
    stranger: Person


@contextmanager
def lived(root: Path, chromium: Browser) -> Iterator[Lived]:
    """Serve such a network as long as the block lasts."""
    key = root / "lab.pem"
    run(
        root, "init", str(root / "ledger"), "--origin", "network.example/simulated",
        "--clock", "simulated", "--now", "2026-02-01T00:00:00Z",
    )  # fmt: skip
    run(root, "recipient", "keygen", str(key))
    operate(root, "recipient", "add", "network", "--role", "controller")
    operate(root, "recipient", "add", "lab", "--role", "third-party", "--key", f"{key}.pub")
    version = str(EXAMPLE / "as-asked" / "2026-03-01.yaml")
    operate(root, "policy", "publish", version, "--yes", now="2026-02-20T00:00:00Z")
    set_clock(root, "2026-03-02T08:00:00Z")
    with served(root) as site:
        ana = Person(chromium, site, name="Ana Ruiz", country="US", zone="America/New_York")
        eve = Person(chromium, site, name="Eve Empty", country="US")
        newcomer = Person(chromium, site, name="Nia New", country="IN")
        stranger = Person(chromium, site, name="Nobody", country="US")
        _live(chromium, site, ana)
        _use(site, ana, key)
        eve.join_and_read("/")
        newcomer.join()
        yield Lived(site, ana, eve, newcomer, stranger)
        for one in (ana, eve, newcomer, stranger):
            one.go_away()


def _live(chromium: Browser, site: Site, ana: Person) -> None:
    yael = Person(chromium, site, name=RIGHT_TO_LEFT, country="US", scripts=False)
    wolfe = Person(chromium, site, name=LONG_NAME, country="US", scripts=False)
    yael.email = "yael@example.com"
    for one in (ana, yael, wolfe):
        one.join_and_read("/")
        one.choose("On", older=True)
    yael.submit("/", "Post", text=RIGHT_TO_LEFT_TEXT)
    wolfe.submit("/", "Post", text=LONG_WORD)
    ana.submit("/premium/", "Accept the agreement")
    for number in range(21):
        ana.submit("/", "Post", text=f"Post {number + 1}, of many.")
    ana.submit("/articles/write/", "Save", title=LONG_WORD[:200], text=f"{LONG_WORD}\n\nEnd.")
    for other in (yael, wolfe):
        other.find(ana.name)
        other.press("Connect")
        ana.go("/people/")
        ana.press(f"Accept {other.name}")
    ana.find(yael.name)
    ana.follow("Write")
    ana.type(text=f"{LONG_WORD} {RIGHT_TO_LEFT_TEXT}")
    ana.press("Send")
    yael.go("/messages/")
    yael.follow(ana.name)
    yael.type(text=RIGHT_TO_LEFT_TEXT)
    yael.press("Send")
    wolfe.find(ana.name)
    wolfe.follow("0 comments")
    wolfe.type(text=LONG_WORD)
    wolfe.press("Comment")
    asker = Person(chromium, site, name="Dan Roe", country="DE", scripts=False)
    asker.join_and_read("/")
    asker.find(ana.name)
    asker.press("Connect")
    ana.find(asker.name)
    ana.follow("Write")
    ana.type(title="A question across", text="Who are you?")
    ana.press("Send")
    for one in (yael, wolfe, asker):
        one.go_away()


def _use(site: Site, ana: Person, key: Path) -> None:
    """Release what they wrote, hand it over, train on it, and take what is Ana's back."""
    copy, code = site.root / "at-the-lab", str(EXAMPLE / "as-asked" / "2026-03-01.yaml")
    site.go_to("2026-03-10T08:00:00Z")
    site.operate(
        "release", "create", RELEASE, "--source", "examples/network/records.sql.toml",
        "--purpose", "genai-training", "--recipient", "lab", "--text", "body",
        "--pseudonym-key", str(site.root / "pseudonyms.key"), now="2026-03-10T08:00:00Z",
    )  # fmt: skip
    site.operate(
        "release", "hand-over", RELEASE, "lab", "--to", str(copy), "--recipient-key", str(key),
        now="2026-03-10T09:00:00Z",
    )  # fmt: skip
    begun = site.operate(
        "run", "start", RELEASE, "--recipient", "lab", "--code", code, "--config", code,
        "--ticket", str(site.root / "ticket.json"), "--json", now="2026-03-11T08:00:00Z",
    )  # fmt: skip
    site.operate(
        "run",
        "end",
        json.loads(begun)["run"],
        "--model",
        f"ostrich={code}",
        now="2026-03-11T09:00:00Z",
    )
    site.go_to("2026-03-12T08:00:00Z")
    ana.submit("/settings/ai/", "I object")
    site.operate("revoke", "plan", now="2026-03-12T09:00:00Z")
    site.operate("revoke", "run", now="2026-03-12T09:10:00Z")
    site.go_to("2026-03-13T08:00:00Z")
