# SPDX-License-Identifier: Apache-2.0
"""The load on pages finds what it is to find: an answer that is late, wrong, kept, or somebody else's."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from benchmarks import visits
from benchmarks.pages import slope
from benchmarks.visits import Browser

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]

MAY = '<span class="tag yes">may use it</span>'


class Site:
    """A site of one page for everything, which heeds what is said at once, or never.

    Args:
        heeds: Whether it heeds.
        kept: What it says of keeping a page.
        status: With which status it gives one.
    """

    def __init__(
        self, *, heeds: bool = True, kept: str = "no-store", status: int = 200
    ) -> None:
        self.heeds = heeds
        self.kept = kept
        self.status = status
        self.yes: dict[str, bool] = {}

    def page_of(self, who: str) -> str:
        """Give what every page says to somebody."""
        yes = self.yes.get(who, True)
        said = (
            f"You said yes on … what you write now: yes {MAY}"
            if yes
            else "You said no on … may not use it … switched off"
        )
        return f'Welcome, Ana Number 1: of Ana. Your data and AI Your content Messages Found No release {said} name="text" Your content and AI'

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it; gives its address."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = site.page_of(str(self.headers["Cookie"])).encode()
                self.send_response(site.status)
                self.send_header("Cache-Control", site.kept)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if "choice=" in said and site.heeds:
                    site.yes[str(self.headers["Cookie"])] = "choice=on" in said
                self.send_response(302)
                self.send_header("Location", "/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def loaded(
    monkeypatch: pytest.MonkeyPatch, site: Site, *, gate_heeds: bool = True
) -> dict[str, Any]:
    """Load a site for half a second, beside a gate that heeds, or says yes to all."""

    @contextmanager
    def deciding(_ledger: Path) -> Iterator[Any]:
        yield lambda browser: site.yes.get(f"who={browser.member}", True) or not gate_heeds

    monkeypatch.setattr(visits, "_deciding", deciding)
    with site.served() as address:
        people = [
            Browser(
                address=address, cookies={"who": str(one)}, name="Ana", number=1, record=1,
                member=one,
            ).plain()
            for one in range(4)
        ]  # fmt: skip
        found = visits.asking(people, "nowhere", 200, 100)()
    return dict(found)


def test_a_site_that_heeds_at_once_has_no_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(monkeypatch, Site())
    assert (found["errors"], found["switches_not_heeded"]) == (0, 0), found["wrong"]
    assert found["requests"] >= 100
    assert found["switches"] == 4
    assert False in found["said"]


def test_a_page_that_says_what_was_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(monkeypatch, Site(heeds=False))
    assert found["switches_not_heeded"] == found["switches"] > 0
    for page in ("own", "setting", "yours"):
        assert f"{page} says something else" in found["wrong"]


def test_a_gate_that_permits_what_was_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(monkeypatch, Site(), gate_heeds=False)
    assert found["switches_not_heeded"] == found["switches"] > 0
    assert found["wrong"] == f"gate says something else ×{found['switches']}"


@pytest.mark.parametrize(
    ("site", "wrong"),
    [
        (Site(kept="max-age=60"), "home may be kept"),
        (Site(kept=""), "yours may be kept"),
        (Site(status=500), "talk 500"),
    ],
)
def test_a_page_that_may_be_kept_or_fails_is_found(
    monkeypatch: pytest.MonkeyPatch, site: Site, wrong: str
) -> None:
    found = loaded(monkeypatch, site)
    assert found["errors"] > 50
    assert wrong in found["wrong"]


def test_a_site_that_is_gone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site().served() as address:
        pass
    gone = Site()
    monkeypatch.setattr(gone, "served", contextmanager(lambda: iter([address])))
    found = loaded(monkeypatch, gone)
    assert found["errors"] > 50
    assert "ConnectionRefusedError" in found["wrong"]


def test_a_rise_is_told_from_a_leap() -> None:
    assert slope([(one / 2, 100.0) for one in range(100)]) == 0
    assert slope([(one / 2, 100.0 + (one > 90)) for one in range(100)]) == 0
    assert slope([(one / 2, 100 + one / 60) for one in range(100)]) == pytest.approx(1 / 30)


@pytest.mark.slow
def test_the_network_is_loaded_and_heeds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--dir", str(tmp_path), "pages"]
    command += ["--rate", "10", "--seconds", "10", "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["requests"] >= 100
    assert result["switches"] > 3
    assert (result["errors"], result["switches_not_heeded"]) == (0, 0), result["wrong"]
