# SPDX-License-Identifier: Apache-2.0
"""A public tree that somebody serves over HTTP, for who verifies it (C2SP tlog-tiles, "APIs").

The server is not trusted: an answer has a limit in bytes and in seconds, and goes to no other scheme. Whether the
bytes are right is for `ledger.verify` to say.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
import zlib
from typing import Final

from privity.errors import InputError, UnavailableError
from privity.ledger.ports import NotFoundError

LARGEST_ANSWER: Final = 32 << 20
"""Bytes: a bundle of 256 entries of the greatest length is half of it."""

_SECONDS: Final = 30.0
_GONE: Final = frozenset({404, 410})
_GZIP: Final = 31
"""What tells zlib to expect the header and the checksum of gzip."""


class WebReader:
    """A `Reader` of an address on the web.

    Args:
        address: Where the tree begins, such as `https://log.example.com/`.
        seconds: How long to wait for the server.
        largest: How many bytes an answer may have, after unpacking.

    Raises:
        InputError: It is no address of the web.
    """

    def __init__(
        self, address: str, *, seconds: float = _SECONDS, largest: int = LARGEST_ANSWER
    ) -> None:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(
                f"`{address}` is no address of a log, expected one such as "
                "`https://log.example.com/`",
                code="store/address",
            )
        self._address = address.rstrip("/")
        self._seconds = seconds
        self._largest = largest
        # Only these: a redirection leads to no file and no other protocol.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPRedirectHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.UnknownHandler(),
        ):
            self._opener.add_handler(handler)

    def read(self, path: str) -> bytes:
        """Give the bytes at a path.

        Raises:
            NotFoundError: The server has nothing there.
            UnavailableError: It cannot be reached, does not answer in time, or answers with too much or
                with something broken.
        """
        address = f"{self._address}/{urllib.parse.quote(path)}"
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
            address, headers={"Accept-Encoding": "gzip, identity", "User-Agent": "privity"}
        )
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                data = self._limited(answer, address)
                packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in _GONE:
                raise NotFoundError(
                    f"there is no `{address}`", code="ledger/not-found"
                ) from error
            raise _unanswered(address, f"it says {error.code}") from error
        except urllib.error.URLError as error:
            raise _unanswered(address, str(error.reason)) from error
        except (OSError, http.client.HTTPException) as error:
            raise _unanswered(address, str(error) or type(error).__name__) from error
        match packed:
            case "identity":
                return data
            case "gzip":
                return self._unpacked(data, address)
            case _:
                raise _unanswered(address, f"it packs its answer as `{packed}`")

    def _limited(self, answer: http.client.HTTPResponse, address: str) -> bytes:
        data = answer.read(self._largest + 1)
        if len(data) > self._largest:
            raise _unanswered(address, f"its answer has more than {self._largest} bytes")
        # What is read up to a limit and ends early is no error to the library.
        if answer.length:
            raise _unanswered(address, f"its answer ends {answer.length} bytes early")
        return data

    def _unpacked(self, data: bytes, address: str) -> bytes:
        unpack = zlib.decompressobj(wbits=_GZIP)
        try:
            found = unpack.decompress(data, self._largest + 1)
        except zlib.error as error:
            raise _unanswered(address, "its answer is no gzip") from error
        if len(found) > self._largest:
            raise _unanswered(address, f"its answer has more than {self._largest} bytes")
        if not unpack.eof or unpack.unused_data:
            raise _unanswered(address, "its gzip ends early, or goes on after its end")
        return found


def _unanswered(address: str, why: str) -> UnavailableError:
    return UnavailableError(
        f"`{address}` cannot be read: {why}",
        code="store/unanswered",
        hint="try again later, or read a copy of the log",
    )
