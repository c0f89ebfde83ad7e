# SPDX-License-Identifier: Apache-2.0
"""Serve a site of Django's with Privity's pages in it: one process, and everything that has to run beside it.

Waitress answers the requests by threads; another thread publishes what was recorded, so that a proof of it can be had
within a second or two.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import django
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from waitress.server import create_server

from privity.errors import ConflictError, InputError, PrivityError, UnavailableError
from privity.web import desk
from privity.web.configured import configured

PUBLISH_EVERY: Final = 1.0
"""Seconds between two publications."""
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
    threads: int = 8,
    began: Callable[[Served], None] = lambda _served: None,
    troubled: Callable[[PrivityError], None] = lambda _error: None,
) -> None:
    """Serve a site until somebody ends the process by SIGINT or SIGTERM.

    Args:
        settings: The module of its settings, as `network.settings`.
        host: The address to listen at.
        port: The port; 0 takes one that is free.
        threads: How many requests are answered at once.
        began: Told once requests are answered.
        troubled: Told where something could not be published; it is tried again.

    Raises:
        InputError: There are no such settings (`serve/settings`).
        UnavailableError: Nobody can listen there (`serve/port`).
    """
    application = _prepared(settings)
    try:
        server: Any = create_server(
            application,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        raise UnavailableError(
            f"nobody can listen at {host}:{port}: {error.strerror}",
            code="serve/port",
            hint="name another with --port",
        ) from error
    with _ended_by_signals(server), _publishing(troubled):
        try:
            began(Served(address=f"http://{_shown(host)}:{server.effective_port}/"))
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
    try:
        configured()
    except ImproperlyConfigured as error:
        raise InputError(str(error), code="serve/settings") from error
    return tuple(
        sorted(
            f"{one.id}: {' '.join(str(one.msg).split())}"
            for one in run_checks(include_deployment_checks=True)
        )
    )


def _prepared(settings: str) -> Any:
    """Set Django up, and bring the site's tables and files to what its code asks for."""
    _set_up(settings)
    call_command("migrate", interactive=False, verbosity=0)
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


@contextmanager
def _ended_by_signals(server: Any) -> Iterator[None]:
    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except SystemExit:
        server.close()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _publishing(troubled: Callable[[PrivityError], None]) -> Iterator[None]:
    """Publish what was recorded, again and again, until the block ends."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(PUBLISH_EVERY):
            try:
                desk.ask(lambda workspace: workspace.publish())
            except (ConflictError, UnavailableError) as error:
                troubled(error)

    thread = threading.Thread(target=work, name="publishing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "::1"} else host
