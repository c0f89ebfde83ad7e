# SPDX-License-Identifier: Apache-2.0
"""The network, served by `privity serve` as its operator does, and browsers of the people who use it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.clocks import hold
from tests.loaded import INSTALLED, program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PASSWORD = "correct horse battery"  # noqa: S105 - of somebody who does not exist
EXAMPLE = Path("examples/inmail-dispute")
POLICIES = EXAMPLE / "as-promised" / "policies"
SECONDS = 20_000
"""Milliseconds that a page may take; two cores may have other work."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site that is served.

    Attributes:
        root: The network's folder; its ledger is in it.
        address: Where it is served.
    """

    root: Path
    address: str

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    def go_to(self, instant: str) -> None:
        """Set the network's clock."""
        set_clock(self.root, instant)

    def stand_at(self, instant: str) -> None:
        """Set the network's clock, and let it stand: whatever is looked at, no second passes."""
        self.go_to(instant)
        hold(self.root / "clock")

    def later(self) -> None:
        """Let an hour pass on the network's clock."""
        said = datetime.fromisoformat((self.root / "clock").read_text("ascii"))
        self.go_to((said + timedelta(hours=1)).isoformat())

    def operate(self, *words: str, now: str | None = None, ends: tuple[int, ...] = (0,)) -> str:
        """Run a command of the operator's on the ledger; gives what it printed."""
        return operate(self.root, *words, now=now, ends=ends)


def environment(root: Path) -> Mapping[str, str]:
    """Give what the network and its operator's commands are told."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "network.settings",
        "NETWORK_DATA": str(root),
        "PRIVITY_WORKSPACE": str(root / "ledger"),
        "NETWORK_SIMULATED": "1",
        "NETWORK_HOSTS": "localhost,127.0.0.1",
        "NETWORK_DATABASE": str(root / "network.db"),
    }


def set_clock(root: Path, instant: str) -> None:
    aside = root / "clock.new"
    aside.write_text(instant, "ascii")
    aside.replace(root / "clock")


def operate(
    root: Path, *words: str, now: str | None = None, ends: tuple[int, ...] = (0,)
) -> str:
    place = ("--workspace", str(root / "ledger"))
    done = subprocess.run(
        [program(), *words, *place, *(("--now", now) if now else ())],
        env=environment(root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in ends, f"privity {' '.join(words)}: {done.stderr}{done.stdout}"
    return done.stdout


def run(root: Path, *words: str) -> str:
    """Run a command that needs no workspace, such as a recipient's."""
    done = subprocess.run(
        [program(), *words], env=environment(root), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"privity {' '.join(words)}: {done.stderr}{done.stdout}"
    return done.stdout


@contextmanager
def served(root: Path) -> Iterator[Site]:
    """Serve the network of a folder as long as the block lasts."""
    with (root / "served.log").open("w", encoding="utf-8") as errors:
        server = subprocess.Popen(
            [INSTALLED, "serve", "--settings", "network.settings", "--port", "0"],
            env=environment(root),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            found = re.match(r"(http://\S+/)", line)
            assert found, f"{line}{(root / 'served.log').read_text('utf-8')}"
            yield Site(root=root, address=found[1].rstrip("/"))
        finally:
            server.terminate()
            server.wait(timeout=30)
            if server.stdout is not None:
                server.stdout.close()


class Person:
    """Somebody with a browser of her own.

    Args:
        browser: Chromium.
        site: Where she goes.
        name: Her name.
        country: Where she lives.
        zone: The zone that she wants times in.
        scripts: Whether her browser runs JavaScript.
    """

    def __init__(
        self,
        browser: Browser,
        site: Site,
        *,
        name: str,
        country: str,
        zone: str = "UTC",
        scripts: bool = True,
    ) -> None:
        self.name, self.country, self.zone = name, country, zone
        self.scripts = scripts
        self.site = site
        self.email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
        self.context = browser.new_context(
            base_url=site.address,
            java_script_enabled=scripts,
            viewport={"width": 1100, "height": 800},
        )
        self.context.set_default_timeout(SECONDS)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.troubles.append(said.text) if said.type == "error" else None,
        )

    def join(self) -> None:
        """Sign up by the page."""
        self.see("/join/")
        self.page.fill("[name=name]", self.name)
        self.page.fill("[name=email]", self.email)
        self.page.select_option("[name=country]", self.country)
        self.page.select_option("[name=zone]", self.zone)
        self.page.fill("[name=birth_date]", "1990-02-03")
        self.page.fill("[name=password]", PASSWORD)
        self.press("Join")

    def join_and_read(self, path: str) -> None:
        """Sign up where a notice waits, read it, and go on."""
        self.join()
        assert "Please read this first" in self.see(path)
        self.press("I have read it")

    def log_in(self) -> None:
        """Log in by the page."""
        self.see("/log-in/")
        self.page.fill("[name=username]", self.email)
        self.page.fill("[name=password]", PASSWORD)
        self.press("Log in")

    def go(self, path: str) -> str:
        """Go to a page, and give its text."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.text

    def see(self, path: str) -> str:
        """Go to a page, have axe look at it, and give its text."""
        self.go(path)
        self.look()
        return self.text

    def submit(self, path: str, button: str, **typed: str) -> str:
        """Type into a page's fields, press its button, and give what the next one says."""
        self.go(path)
        self.type(**typed)
        self.press(button)
        return self.text

    def type(self, **typed: str) -> None:
        """Type into fields of the page's content."""
        for name, text in typed.items():
            self._within.locator(f"[name={name}]").fill(text)

    def choose(self, choice: str, *, older: bool = False) -> str:
        """Flip the switch of the setting, and give what its page says then."""
        self.go("/settings/ai/")
        self.page.get_by_label(choice, exact=True).check()
        if older:
            self.page.get_by_label("also what I wrote before").check()
        self.press("Save")
        return self.text

    def find(self, name: str) -> None:
        """Find somebody by name, and go to that page."""
        self.submit("/people/", "Find", name=name)
        self.follow(name)

    def look(self) -> None:
        """Have axe look at the page that is shown, where scripts run."""
        if not self.scripts:
            return
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(f"() => {{ {_axe()} }}")
        found = self.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        said = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        assert not said, f"{self.page.url}: {said}"

    def press(self, name: str) -> None:
        """Press a button of the page's content, and wait for what comes."""
        with self.page.expect_navigation():
            self._within.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        """Follow a link of the page's content, and look at what comes."""
        with self.page.expect_navigation():
            self._within.get_by_role("link", name=name).first.click()
        self.look()

    @property
    def _within(self) -> Locator:
        return self.page.locator("main")

    def say(self, text: str) -> None:
        """Write a post."""
        self.see("/")
        self.page.fill("main [name=text]", text)
        self.press("Post")
        assert text in self.text

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.inner_text("main")

    def go_away(self) -> None:
        """Close the browser; nothing went wrong in it."""
        assert not self.troubles, self.troubles
        self.context.close()


@cache
def _axe() -> str:
    found = find_spec("axe_playwright_python")
    assert found is not None
    place = (found.submodule_search_locations or [""])[0]
    return (Path(place) / "axe.min.js").read_text("utf-8")
