# SPDX-License-Identifier: Apache-2.0
"""Read a notice, or an agreement, as a browser does: get its page, and send its form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client


def read_notice(browser: Client, onward: str = "/") -> Any:
    """Have somebody read what she has to, and go on."""
    browser.get("/notice/", {"next": onward})
    return browser.post("/notice/", {"next": onward})


def accepting(browser: Client) -> dict[str, str]:
    """Give the form by which somebody becomes Premium, as the page that she reads has it."""
    page = browser.get("/premium/").content.decode()
    found = re.search(r'name="accept" value="([^"]*)"', page)
    return {"accept": found[1] if found else "nothing is offered"}


def become_premium(browser: Client) -> Any:
    """Have somebody read what Premium promises, and accept it."""
    return browser.post("/premium/", accepting(browser))
