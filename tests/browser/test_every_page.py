# SPDX-License-Identifier: Apache-2.0
"""Every page that one can name is looked at by axe, light and dark, wide and narrow, and is small."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from tests.browser.site import (
    EXAMPLE,
    Person,
    Site,
    environment,
    operate,
    program,
    served,
    set_clock,
)

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser

LARGEST = 100_000
# What is no page: it sends somebody on, wants a form's post, or is a file.
NO_PAGE = {"log-out", "your-copy"}

WALK = """
import django
django.setup()
from django.urls import URLPattern, get_resolver
def walk(patterns, before):
    for one in patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLPattern):
            if "<" not in path and "^" not in path:
                print(one.name or "", "/" + path)
        else:
            walk(one.url_patterns, path)
walk(get_resolver().url_patterns, "")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A network whose policy asks."""
    root = tmp_path_factory.mktemp("network")
    program(
        root, "init", str(root / "ledger"), "--origin", "network.example/simulated",
        "--clock", "simulated", "--now", "2026-02-01T00:00:00Z",
    )  # fmt: skip
    operate(root, "recipient", "add", "network", "--role", "controller")
    operate(root, "recipient", "add", "lab", "--role", "third-party")
    version = str(EXAMPLE / "as-asked" / "2026-03-01.yaml")
    operate(root, "policy", "publish", version, "--yes", now="2026-02-20T00:00:00Z")
    set_clock(root, "2026-03-02T08:00:00Z")
    with served(root) as running:
        yield running


def pages(root: Path) -> list[str]:
    """Every address without a number in it."""
    done = subprocess.run(
        [sys.executable, "-c", WALK],
        env=environment(root),
        capture_output=True,
        text=True,
        check=True,
    )
    named = [line.split(" ", maxsplit=1) for line in done.stdout.splitlines()]
    return [path for name, path in named if name not in NO_PAGE]


def is_page(answer: APIResponse) -> bool:
    """Tell pages from files and from what is posted only."""
    said = answer.headers
    is_file = said.get("content-disposition", "").startswith("attachment")
    return "text/html" in said.get("content-type", "") and not is_file and answer.status != 405


def look(someone: Person, path: str, scheme: Literal["light", "dark"], width: int) -> None:
    """Have axe look at a page, in a window in which nothing stands over its edge."""
    someone.page.emulate_media(color_scheme=scheme)
    someone.page.set_viewport_size({"width": width, "height": 800})
    someone.see(path)
    wide = someone.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{path} is {wide} wide in a window of {width}"


def test_every_page_is_accessible_and_small(site: Site, chromium: Browser) -> None:
    someone = Person(chromium, site, name="Ana Ruiz", country="US", zone="America/New_York")
    someone.join_and_read("/")
    someone.say("A post, so that there is something to see.")
    looked_at = set()
    for path in pages(site.root):
        answer = someone.context.request.get(path)
        if not is_page(answer):
            continue
        assert answer.status == 200, f"{path}: {answer.status}"
        assert len(answer.body()) < LARGEST, path
        look(someone, path, "light", 1100)
        look(someone, path, "dark", 390)
        looked_at.add(path)
    assert {
        "/",
        "/people/",
        "/messages/",
        "/settings/ai/",
        "/premium/",
        "/privacy/",
    } <= looked_at
    someone.go_away()
