# SPDX-License-Identifier: Apache-2.0
"""Read a notice as a browser does: get its page, and send its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client


def read_notice(browser: Client, onward: str = "/") -> Any:
    """Have somebody read what she has to, and go on."""
    browser.get("/notice/", {"next": onward})
    return browser.post("/notice/", {"next": onward})
