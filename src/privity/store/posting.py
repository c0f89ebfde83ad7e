# SPDX-License-Identifier: Apache-2.0
"""Post a message to an address of the web, once (Standard Webhooks, "Operational considerations").

Only by HTTPS, but for this machine's own address; a redirection is not followed, and of the answer nothing is read but its
status and when to come again. What was not answered with 2xx was not taken.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from privity.errors import InputError

SECONDS: Final = 20.0
_OWN: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_TAKEN: Final = range(200, 300)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: The status, or None where nobody answered in time.
        after: Seconds to wait before it is sent again, as the answer asks; None where it does not.
    """

    status: int | None
    after: int | None = None

    @property
    def taken(self) -> bool:
        """Whether the message was taken."""
        return self.status in _TAKEN


def check_address(address: str) -> None:
    """Check an address that messages are posted to.

    Raises:
        InputError: It is none of the web, or not HTTPS and not this machine's own, or has a name and a password in it
            (`webhook/address`).
    """
    try:
        parts = urllib.parse.urlsplit(address)
        host, named = parts.hostname, parts.username is not None or parts.password is not None
    except ValueError:
        host, named, parts = None, False, urllib.parse.urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _OWN)
    if not (safe and host and not named and address.isprintable() and " " not in address):
        raise InputError(
            "this is no address that messages can be posted to, expected one such as "
            "`https://lab.example.com/privity`",
            code="webhook/address",
            hint="leave names and passwords out: messages are signed",
        )


def post(address: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Post a message; whatever goes wrong on the way is an answer, too.

    Raises:
        InputError: It is no address for it.
    """
    check_address(address)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
        address, data=body, headers={**headers, "user-agent": "privity"}, method="POST"
    )
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return Answer(
                status=answer.status, after=_seconds(answer.headers.get("retry-after"))
            )
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return Answer(status=None)


def _seconds(text: str | None) -> int | None:
    """Read `retry-after` as seconds; a date is not heeded."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 8):  # noqa: PLR2004 - some weeks
        return None
    return int(text)
