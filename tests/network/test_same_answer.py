# SPDX-License-Identifier: Apache-2.0
"""What the pages tell a member is what the gate does: for everything that made people wrote, by two ways of deciding it.

The people live at random, in a browser each. Then `privity decide` reads the network's tables and the ledger, and every
party of every record opens its page.
"""

from __future__ import annotations

import html
import json
import os
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner
from tests.network.conftest import PASSWORD, GoTo, Join
from tests.network.reading import accepting
from tests.network.yours import SOURCE, copied
from tests.property.recorded import record_at

from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import format_instant, parse_instant
from privity.cli import program
from privity.entries.recipient import RecipientEntry
from privity.testing.plain import SETTING

if TYPE_CHECKING:
    from django.test import Client

PEOPLE: Final = {"Ana": "US", "Ben": "US", "Chi": "HK", "Dora": "DE", "Eli": "IN", "Fay": "GB"}
RECIPIENTS: Final = {"self": "controller", "lab": "third-party", "sister": "affiliate"}
BEGIN: Final = datetime(2024, 9, 2, 12, tzinfo=UTC)
ACTS: Final = (
    "post", "post", "comment", "quote", "edit", "message", "message", "message", "forward", "take-off", "profile",
    "premium", "end", "on", "older", "off", "object", "withdraw", "signal", "move", "read",
)  # fmt: skip
_TOLD: Final = re.compile(
    r'id="use-\d+">([^<(]+?)(?: \([^)]*\))?\s*<span class="tag (yes|no)">'
)


class Life:
    """What people do, at random.

    Args:
        browsers: A browser of each.
        chance: What decides.
        seen: How often each act came to something.
    """

    def __init__(self, browsers: dict[str, Client], chance: random.Random) -> None:
        self.browsers = browsers
        self.chance = chance
        self.seen: Counter[str] = Counter()

    def act(self) -> None:
        """Have somebody do something."""
        from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
        from network.content.models import PRIVATE, Record  # noqa: PLC0415 - likewise

        who = self.chance.choice(sorted(self.browsers))
        act = self.chance.choice(ACTS)
        browser = self.browsers[who]
        account = Account.objects.get(name=who)
        other = self.chance.choice(list(Account.objects.exclude(pk=account.pk)))
        posts = Record.objects.filter(hidden_at=None, category="post")
        post = self._one(posts)
        own = self._one(posts.filter(author=account))
        message = self._one(Record.objects.filter(category__in=PRIVATE, addressees=account))
        text = {"text": f"{act} {self.chance.random()}", "title": "t"}
        ways: dict[str, tuple[str, dict[str, Any]] | None] = {
            "post": ("/", text),
            "comment": post and (f"/records/{post.pk}/", text),
            "quote": post and (f"/records/{post.pk}/quote/", text),
            "edit": own and (f"/records/{own.pk}/edit/", text),
            "take-off": own and (f"/records/{own.pk}/take-off/", {}),
            "message": (f"/messages/{other.pk}/", text),
            "forward": message and (f"/messages/{message.pk}/forward/", {"to": other.pk}),
            "profile": ("/profile/", self._profile(account, account.country)),
            "move": ("/profile/", self._profile(account, self.chance.choice(["US", "DE", "HK"]))),
            "premium": ("/premium/", {}),
            "end": ("/premium/", {"end": "1"}),
            "on": ("/settings/ai/", {"setting": SETTING, "choice": "on"}),
            "older": ("/settings/ai/", {"setting": SETTING, "choice": "on", "older": "on"}),
            "off": ("/settings/ai/", {"setting": SETTING, "choice": "off"}),
            "object": ("/settings/ai/", {"setting": SETTING, "object": "1"}),
            "withdraw": ("/settings/ai/", {"setting": SETTING, "withdraw": "1"}),
            "read": ("/notice/", {}),
            "signal": ("/notice/", {}),
        }  # fmt: skip
        way = ways[act]
        if way is None:
            return
        if act in {"read", "signal"}:
            browser.get("/notice/", headers={"Sec-GPC": "1"} if act == "signal" else {})
        path, said = way
        if act == "premium":
            said = accepting(browser)
        if browser.post(path, said).status_code == 302:
            self.seen[act] += 1

    def _one(self, found: Any) -> Any:
        some = list(found)
        return self.chance.choice(some) if some else None

    def _profile(self, account: Any, country: str) -> dict[str, str]:
        headline = f"headline {self.chance.random()}"
        return {"name": account.name, "headline": headline, "about": "", "country": country, "zone": "UTC"}  # fmt: skip


@pytest.fixture
def life(join: Join, go_to: GoTo, network: Path, settings: Any, request: Any) -> Life:
    """Six people, of whom some are connected, after a year that nobody planned."""
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.people.circle import ask_for  # noqa: PLC0415 - likewise

    settings.PRIVITY_POSTS_A_MINUTE = settings.PRIVITY_REQUESTS_A_MINUTE = 1_000_000
    at = parse_instant("2024-09-02T11:00:00Z")
    with open_workspace(network / "ledger", now=at) as workspace:
        more = [
            RecipientEntry(action="added", id=name, at=at, role=role)
            for name, role in RECIPIENTS.items()
            if name != "self"
        ]
        record_at(workspace, at, more, [])
    chance = random.Random(request.param)
    browsers = {
        name: join(name=name, email=f"{name.lower()}@example.com", country=country)
        for name, country in PEOPLE.items()
    }
    accounts = {one.name: one for one in Account.objects.all()}
    for one, other in (("Ana", "Ben"), ("Ana", "Chi"), ("Ben", "Dora"), ("Eli", "Fay")):
        ask_for(accounts[one], accounts[other])
        ask_for(accounts[other], accounts[one])
    made = Life(browsers, chance)
    now = BEGIN
    for _ in range(160):
        now += timedelta(hours=chance.choice([1, 24, 72, 120]))
        go_to(now.isoformat())
        made.act()
    for name in chance.sample(sorted(browsers), 4):
        # At the end some are sure, so that something is permitted at all.
        for said in ({"withdraw": "1"}, {"choice": "on", "older": "on"}):
            now += timedelta(hours=1)
            go_to(now.isoformat())
            browsers[name].get("/notice/")
            browsers[name].post("/notice/")
            browsers[name].post("/settings/ai/", {"setting": SETTING, **said})
    gone = chance.choice(sorted(browsers))
    browsers.pop(gone).post("/account/close/", {"password": PASSWORD})
    return made


def decided(network: Path, recipient: str, engine: str) -> Mapping[str, bool]:
    """What `privity decide` says of every record that there is, now."""
    from network import clock  # noqa: PLC0415 - Django is set up by now

    os.environ["NETWORK_DATABASE"] = str(copied(network))
    asked = ["decide", "--workspace", str(network / "ledger"), "--records", str(SOURCE),
             "--purpose", "genai-training", "--recipient", recipient, "--engine", engine,
             "--at", format_instant(clock.now())]  # fmt: skip
    done = CliRunner().invoke(program, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    lines = [json.loads(one) for one in done.stdout.splitlines() if one.startswith("{")]
    return {str(one["record_id"]): one["permit"] for one in lines}


def told(browser: Client, record: int) -> Mapping[str, bool]:
    """What a record's page says to one of its parties."""
    page = browser.get(f"/privacy/records/{record}/")
    assert page.status_code == 200, record
    found = _TOLD.findall(html.unescape(page.content.decode()))
    assert len(found) == len(RECIPIENTS)
    return {who: tag == "yes" for who, tag in found}


@pytest.mark.parametrize("life", [1, 2, 3], indirect=True)
def test_every_party_reads_what_the_gate_does(life: Life, network: Path) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.content.mine import ids_of  # noqa: PLC0415 - likewise

    for browser in life.browsers.values():
        # Whoever has something to read first reads it: the page behind is what is asked about.
        browser.get("/notice/")
        browser.post("/notice/")
    ways = {
        (recipient, engine): decided(network, recipient, engine)
        for recipient in RECIPIENTS
        for engine in ("arrow", "one")
    }
    looked: Counter[bool] = Counter()
    for name, browser in life.browsers.items():
        request: Any = type("Asked", (), {"user": Account.objects.get(name=name)})()
        mine: Sequence[str] = ids_of(request)
        for record in mine:
            says = told(browser, int(record))
            for (recipient, engine), answers in ways.items():
                assert says[recipient] == answers[record], (name, record, recipient, engine)
            looked.update(says.values())
    # What is compared is something of everything.
    assert looked[True] > 5
    assert looked[False] > 50
    assert len(life.seen) > 12
