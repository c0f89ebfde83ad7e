# SPDX-License-Identifier: Apache-2.0
"""Serve a site of Django's with Privity's pages in it: one process, and everything that has to run beside it.

Waitress answers the requests by threads; another thread publishes what was recorded, so that a proof of it can be had
within a second or two. What the process logs are lines of JSON; it ends when everybody who asked before has an answer.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import django
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError

from privity.errors import ConflictError, InputError, PrivityError, UnavailableError
from privity.web import desk
from privity.web.configured import configured
from privity.web.operating import logs
from privity.web.operating.figures import PUBLISHED
from privity.web.operating.front import Front, Metrics
from privity.web.operating.listening import listening, parts_of

PUBLISH_EVERY: Final = 1.0
"""Seconds between two publications."""
GRACE: Final = 20.0
"""Seconds that requests have to be answered once the process is told to end."""
_LOOK: Final = 0.02
"""Seconds between two looks whether they are."""
_FORWARDED: Final = frozenset({"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"})
SETTINGS: Final = "DJANGO_SETTINGS_MODULE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """What is served.

    Attributes:
        address: Where, as a browser takes it.
    """

    address: str


def serve(
    settings: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    threads: int = 3,
    proxy: str | None = None,
    metrics: Metrics = "loopback",
    began: Callable[[Served], None] = lambda _served: None,
    troubled: Callable[[PrivityError], None] = lambda _error: None,
) -> None:
    """Serve a site until somebody ends the process by SIGINT or SIGTERM.

    Args:
        settings: The module of its settings, as `network.settings`.
        host: The address to listen at.
        port: The port; 0 takes one that is free.
        threads: How many requests are answered at once.
        proxy: The address of a proxy that is believed about where a request came from and whether by HTTPS.
        metrics: Who may collect the figures at `/metrics`.
        began: Told once requests are answered.
        troubled: Told where something could not be published, once for each trouble; it is tried again.

    Raises:
        InputError: There are no such settings, or its `PRIVITY` says something else than it must (`serve/settings`), or
            there is no such workspace (`workspace/missing`).
        UnavailableError: Nobody can listen there (`serve/port`), or the site's tables cannot be reached (`serve/tables`).
    """
    front = Front(_prepared(settings), metrics=metrics)
    logs.configure()
    trusted = (
        {} if proxy is None else {"trusted_proxy": proxy, "trusted_proxy_headers": _FORWARDED}
    )
    try:
        server = listening(front, host=host, port=port, threads=threads, **trusted)
    except OSError as error:
        raise UnavailableError(
            f"nobody can listen at {host}:{port}: {error.strerror}",
            code="serve/port",
            hint="name another with --port",
        ) from error
    with _ended_by_signals(server, front), _publishing(troubled, front):
        try:
            began(Served(address=f"http://{_shown(host)}:{_port_of(server)}/"))
            server.run()
        finally:
            server.close()
            desk.close()


def check(settings: str) -> tuple[str, ...]:
    """Look at a site's settings, and say what a site that is served to everybody had better not have.

    Args:
        settings: The module of its settings.

    Returns:
        What was found, by Django's own checks of deployments and by ours, a line each.

    Raises:
        InputError: There are no such settings (`serve/settings`), or its `PRIVITY` says something else than it must.
    """
    _set_up(settings)
    return tuple(
        sorted(
            f"{one.id}: {' '.join(str(one.msg).split())}"
            for one in run_checks(include_deployment_checks=True)
        )
    )


def _prepared(settings: str) -> Any:
    """Set Django up, and bring the site's tables and files to what its code asks for."""
    _set_up(settings)
    # A site without its ledger would answer every page with an error; one that is written to right now is waited for.
    with suppress(ConflictError, UnavailableError):
        desk.ask(lambda _workspace: None)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise UnavailableError(
            f"the site's tables cannot be reached: {error}",
            code="serve/tables",
            hint=f"look at `DATABASES` of {settings}; the folder of a file must exist",
        ) from error
    call_command("collectstatic", interactive=False, verbosity=0)
    return get_wsgi_application()


def _set_up(settings: str) -> None:
    os.environ[SETTINGS] = settings
    try:
        import_module(settings)
    except ModuleNotFoundError as error:
        raise InputError(
            f"there is no module `{error.name}`, expected the settings of a site",
            code="serve/settings",
            hint="name them as Python does: network.settings",
        ) from error
    django.setup()
    try:
        configured()
    except ImproperlyConfigured as error:
        raise InputError(str(error), code="serve/settings") from error


@contextmanager
def _ended_by_signals(server: Any, front: Front) -> Iterator[None]:
    """End by a signal: the first lets requests that came before it be answered, another ends at once."""

    def end(_number: int, _frame: object) -> None:
        if front.ending.is_set():
            raise SystemExit(0)
        front.ending.set()
        threading.Thread(
            target=_end_when_answered, args=(server,), name="ending", daemon=True
        ).start()

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except SystemExit:
        server.close()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end_when_answered(server: Any) -> None:
    """Send the signal again once nobody waits for an answer, or no longer may."""
    until = time.monotonic() + GRACE
    while time.monotonic() < until and any(
        one.requests or one.total_outbufs_len
        for part in parts_of(server)
        for one in list(part.active_channels.values())
    ):
        time.sleep(_LOOK)
    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, signal.SIGTERM)


def _port_of(server: Any) -> int:
    return int(parts_of(server)[0].effective_port)


@contextmanager
def _publishing(troubled: Callable[[PrivityError], None], front: Front) -> Iterator[None]:
    """Publish what was recorded, again and again, until the block ends."""
    ended = threading.Event()

    def work() -> None:
        told = ""
        while not ended.wait(PUBLISH_EVERY):
            try:
                desk.ask(lambda workspace: workspace.publish())
            except PrivityError as error:
                # Whatever it is, it may be mended while the site runs: nothing ends this but the site's own end.
                PUBLISHED.labels("failed").inc()
                if told != str(error):
                    told = str(error)
                    troubled(error)
            else:
                told = ""
                PUBLISHED.labels("done").inc()
                front.published()

    thread = threading.Thread(target=work, name="publishing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "::1"} else host
