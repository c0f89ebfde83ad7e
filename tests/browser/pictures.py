# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of docs/images, of the demo's network (`make demo`, `make serve`):

    python -m tests.browser.pictures http://localhost:8000 docs/images

Nobody on them is real. Whoever takes them anew looks at them, too.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from network.demo.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTH: Final = 960


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture.

    Attributes:
        name: Its file's name.
        path: The page.
        who: The first name of whoever looks; empty where nobody is logged in.
        dark: Whether she likes it dark.
        width: How wide her window is.
        height: How much of the page is on it.
        press: A button to press first, or nothing.
    """

    name: str
    path: str
    who: str = ""
    dark: bool = False
    width: int = WIDTH
    height: int = 1000
    press: str = ""


PICTURES: Final = (
    Picture(name="home", path="/", who="maya"),
    Picture(name="home-narrow", path="/", who="maya", width=390, height=844, dark=True),
    Picture(name="messages", path="/messages/", who="maya", height=640),
    Picture(name="notice", path="/people/", who="tom"),
    Picture(name="setting", path="/settings/ai/", who="maya"),
    Picture(name="your-data", path="/privacy/", who="maya"),
    Picture(name="your-data-dark", path="/privacy/", who="maya", dark=True),
    Picture(name="releases", path="/privacy/releases/", who="robin"),
    Picture(name="check", path="/privacy/check/", who="robin", press="Check now", height=1100),
    Picture(name="policy", path="/privacy/policy/"),
    Picture(name="log", path="/privacy/log/"),
)


def take(browser: Browser, address: str, picture: Picture, out: Path) -> None:
    """Take one picture."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
    )
    page = context.new_page()
    if picture.who:
        page.goto("/log-in/")
        page.fill("[name=username]", f"{picture.who}@demo.example")
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name="Log in").click()
    answer = page.goto(picture.path)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{picture.path}: {answer and answer.status}")
    page.wait_for_load_state("networkidle")
    if picture.press:
        page.get_by_role("button", name=picture.press).click()
        page.get_by_text("It holds.").wait_for()
    page.screenshot(path=out / f"{picture.name}.png")
    context.close()


def main(address: str, out: Path) -> None:
    """Take all of them."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        for picture in PICTURES:
            take(browser, address, picture, out)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
