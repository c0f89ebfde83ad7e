# SPDX-License-Identifier: Apache-2.0
"""What stands before a site: it answers load balancers and Prometheus, and takes no new request once the process ends.

`/healthz` says whether requests can be answered, to everybody, in three words. `/metrics` is for this machine alone
unless the operator says otherwise.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final, Literal

from django.db import DatabaseError, connections

from privity.canonical.encode import encode
from privity.errors import PrivityError
from privity.web import desk
from privity.web.operating.figures import MEDIA_TYPE, collected

Metrics = Literal["loopback", "everybody", "nobody"]
"""Who may collect the figures."""
PATIENCE: Final = 2.0
"""Seconds that the ledger has to answer whoever asks how it is."""
LATE: Final = 60.0
"""Seconds without a publication after which something is wrong with it."""
_HERE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PLAIN: Final = "text/plain; charset=utf-8"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A WSGI application."""


class Front:
    """Stands before a site.

    Args:
        application: The site.
        metrics: Who may collect the figures.
        clock: Gives seconds that only grow.

    Attributes:
        ending: Set once the process ends: what came before is answered, what comes now is sent away.
    """

    def __init__(
        self,
        application: Application,
        *,
        metrics: Metrics = "loopback",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ending = threading.Event()
        self._application = application
        self._metrics = metrics
        self._clock = clock
        self._published_at = clock()

    def published(self) -> None:
        """Hear that what was recorded is published."""
        self._published_at = self._clock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        match environ.get("PATH_INFO"):
            case "/healthz":
                return self._health(environ, start_response)
            case "/metrics":
                return self._figures(environ, start_response)
            case _ if self.ending.is_set():
                said = b"This server is ending; another one answers.\n"
                return _answer(environ, start_response, 503, said, _PLAIN, ("Retry-After", "1"))
            case _:
                return self._application(environ, start_response)

    def health(self) -> dict[str, str]:
        """Say of each part how it is."""
        late = self._clock() - self._published_at > LATE
        return {
            "database": _database(),
            "ledger": _ledger(),
            "publishing": "late" if late else "ok",
            "server": "ending" if self.ending.is_set() else "ok",
        }

    def _health(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            return _answer(environ, start_response, 405, b"", _PLAIN, ("Allow", "GET, HEAD"))
        found = self.health()
        well = all(one == "ok" for one in found.values())
        return _answer(
            environ,
            start_response,
            200 if well else 503,
            encode(found) + b"\n",
            "application/json",
        )

    def _figures(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not self._may_collect(environ):
            return _answer(environ, start_response, 404, b"There is nothing here.\n", _PLAIN)
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            return _answer(environ, start_response, 405, b"", _PLAIN, ("Allow", "GET, HEAD"))
        return _answer(environ, start_response, 200, collected(patience=PATIENCE), MEDIA_TYPE)

    def _may_collect(self, environ: dict[str, Any]) -> bool:
        """Tell whether figures are for whoever asks.

        A request of this machine comes from it and is to it by name: a page of another site that a browser here is
        tricked into by a name of its own is not.
        """
        if self._metrics != "loopback":
            return self._metrics == "everybody"
        host = environ.get("HTTP_HOST", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        try:
            here = ipaddress.ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
        except ValueError:
            return False
        return here and name in _HERE


def _answer(
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    status: int,
    body: bytes,
    media_type: str,
    *more: tuple[str, str],
) -> Iterable[bytes]:
    start_response(
        f"{status} {HTTPStatus(status).phrase}",
        [
            ("Content-Type", media_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *more,
        ],
    )
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def _ledger() -> str:
    try:
        desk.ask(lambda workspace: workspace.now(), patience=PATIENCE)
    except (PrivityError, TimeoutError):
        return "does not answer"
    return "ok"


def _database() -> str:
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    finally:
        if not connection.in_atomic_block:
            connection.close()
    return "ok"
