# SPDX-License-Identifier: Apache-2.0
"""The network on a workspace of its own, with a clock that the test sets."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.clocks import hold
from tests.property.recorded import ORIGIN, Said, policy_said, record_at

from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.config.workspace import WorkspaceSettings
from privity.entries.recipient import RecipientEntry
from privity.testing.plain import POLICY

if TYPE_CHECKING:
    from django.test import Client

FOUNDED = parse_instant("2024-08-01T00:00:00Z")
PUBLISHED = "2024-09-01T00:00:00Z"
PASSWORD = "correct horse battery"  # noqa: S105 - of somebody who does not exist
ANA = {
    "name": "Ana Ruiz",
    "email": "ana@example.com",
    "country": "US",
    "zone": "America/New_York",
    "birth_date": "1990-02-03",
    "password": PASSWORD,
}

GoTo = Callable[[str], None]
Join = Callable[..., "Client"]


@contextmanager
def beside_a_browser() -> Iterator[None]:
    """Let Django's database be asked though a loop runs in this thread.

    A browser that another test of this process drives keeps one running; nothing here is asynchronous. Whatever a test
    starts as a process of its own afterwards must not inherit it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def site() -> Iterator[Path]:
    """Django, set up once for all tests, with an empty database and a workspace with a policy."""
    root = Path(tempfile.mkdtemp(prefix="network-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "network.settings",
        "NETWORK_DATA": str(root),
        "NETWORK_SIMULATED": "1",
        "NETWORK_HOSTS": "testserver",
    }
    import django  # noqa: PLC0415 - what it is set up by is known now
    from django.core.management import call_command  # noqa: PLC0415 - likewise

    django.setup()
    with beside_a_browser():
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
    yield root
    shutil.rmtree(root, ignore_errors=True)


def found_ledger(root: Path) -> None:
    """Make a workspace with the plain policy and its controller."""
    settings = WorkspaceSettings(origin=ORIGIN, clock="simulated", attested="restrict")
    found_workspace(root, settings, now=FOUNDED)
    text = encode({**POLICY, "published_at": PUBLISHED})
    at = parse_instant(PUBLISHED)
    with open_workspace(root) as workspace:
        says: list[Said] = [
            policy_said(text),
            RecipientEntry(action="added", id="self", at=at, role="controller"),
        ]
        record_at(workspace, at, says, [text])


@pytest.fixture
def network(site: Path) -> Iterator[Path]:
    """The network's folder, with a fresh workspace; what the test writes to its database is taken back."""
    from django.db import transaction  # noqa: PLC0415 - Django is set up by now

    from privity.web import desk  # noqa: PLC0415 - likewise

    ledger = site / "ledger"
    shutil.rmtree(ledger, ignore_errors=True)
    found_ledger(ledger)
    with beside_a_browser(), transaction.atomic():
        yield site
        transaction.set_rollback(True)
    desk.close()


@pytest.fixture
def settings(network: Path) -> Iterator[Any]:
    """Django's settings; what a test sets in them is taken back."""
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.test.utils import override_settings  # noqa: PLC0415 - likewise

    del network
    with override_settings():
        yield settings


@pytest.fixture
def go_to(network: Path) -> GoTo:
    """Set the network's clock, which stands still then: no second passes between two requests by chance."""
    from network import clock  # noqa: PLC0415 - Django is set up by now

    def go(text: str) -> None:
        clock.set_to(datetime.fromisoformat(text))
        hold(network / clock.FILE)

    return go


@pytest.fixture
def stranger(go_to: GoTo) -> Client:
    """A browser of somebody who is not logged in, in September 2024."""
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    go_to("2024-09-02T12:00:00+00:00")
    return Client()


@pytest.fixture
def join(stranger: Client) -> Join:
    """Have somebody join; gives the browser that is logged in."""

    def run(**others: str) -> Client:
        browser = type(stranger)()
        answer = browser.post("/join/", {**ANA, **others})
        assert answer.status_code == 302, answer.content.decode()
        return browser

    return run
