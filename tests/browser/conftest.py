# SPDX-License-Identifier: Apache-2.0
"""Chromium, as Debian has it; where there is none, these tests say so and are left out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.browser.lived import Lived, lived

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it starts its driver

    with sync_playwright() as driver:
        # Nothing is opened here but our own pages, and what runs the tests in CI has no other user to be.
        browser = driver.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Lived]:
    """A network with something on every page; what a test does there leaves these pages as they are."""
    with lived(tmp_path_factory.mktemp("network"), chromium) as made:
        yield made
