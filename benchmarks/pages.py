# SPDX-License-Identifier: Apache-2.0
"""Pages under load: the network as `privity serve` serves it, and members who read, write, and flip the switch.

Requests come by the clock, whether those before are answered or not, and a request counts from the moment it was due:
a server that stalls is not spared by a client that waits. Client and server share this machine.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import psutil

from benchmarks.child import Work, run

RATE: Final = 50
SECONDS: Final = 60
MEMBERS: Final = 20
P95_MS: Final = 200
_POSTS: Final = 5
_THREADS: Final = 24
_WARM: Final = 200
_ROOT: Final = Path(__file__).parent.parent
_POLICY: Final = (
    _ROOT / "examples" / "inmail-dispute" / "as-promised" / "policies" / "2025-11-03.yaml"
)
_PROGRAM: Final = Path(sys.executable).parent / "privity"
_PUBLISHED: Final = "2025-09-18T12:00:00Z"
_DAY: Final = "2025-12-01T09:00:00+00:00"
_SETTING: Final = "genai-improvement"
_MIX: Final = (
    "home", "record", "home", "talk", "yours", "home", "person", "write", "home", "people",
    "setting", "record", "inbox", "home", "flip", "person", "talk", "record", "yours", "people",
)  # fmt: skip
"""What is asked for, in turns."""


@dataclass(kw_only=True)
class Browser:
    """A member's browser: what it keeps, and what of the site it knows.

    Attributes:
        address: The site's host and port.
        cookies: What the site gave it.
        number: The number of its account.
        record: The number of something that it wrote.
    """

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    number: int = 0
    record: int = 0

    def send(
        self,
        path: str,
        said: dict[str, Any] | None = None,
        line: http.client.HTTPConnection | None = None,
    ) -> tuple[int, str, bytes]:
        """Get a page, or post a form; gives the status, where to go on, and the body."""
        line = line or http.client.HTTPConnection(self.address, timeout=30)
        headers = {"Cookie": "; ".join(f"{one}={value}" for one, value in self.cookies.items())}
        if said is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        line.request(
            "GET" if said is None else "POST",
            path,
            None if said is None else urlencode(said),
            headers,
        )
        answer = line.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), body


def measure(folder: Path, rate: int, seconds: int) -> dict[str, Any]:
    """Give how long pages take, and what the process that serves them holds in memory."""
    root = folder / "pages"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    _found(root)
    with _served(root) as (server, address):
        people = [_joined(address, number) for number in range(MEMBERS)]
        plain = [vars(one) for one in people]
        run("pages:asking", browsers=plain, rate=rate, requests=_WARM)
        process = psutil.Process(server.pid)
        before, busy = process.memory_info().rss, sum(process.cpu_times()[:2])
        sizes: list[int] = []
        ended = threading.Event()
        watching = threading.Thread(target=_watch, args=(process, sizes, ended))
        watching.start()
        asked = run("pages:asking", browsers=plain, rate=rate, requests=rate * seconds)
        ended.set()
        watching.join()
        busy = sum(process.cpu_times()[:2]) - busy
    shutil.rmtree(root)
    mib = 1 << 20
    return {
        **asked.found,
        "seconds": round(asked.wall, 1),
        "server_cpu_s": round(busy, 1),
        "client_cpu_s": round(asked.cpu, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "memory_before_mib": round(before / mib),
        "memory_most_mib": round(max(sizes) / mib),
        "memory_grown_mib": round((sizes[-1] - before) / mib, 1),
    }


def asking(browsers: list[dict[str, Any]], rate: int, requests: int) -> Work:
    """Prepare to ask at a rate; the clock starts with the work."""
    people = [Browser(**one) for one in browsers]

    def work() -> dict[str, Any]:
        begun = time.perf_counter() + 0.1
        turn = iter(range(requests))
        lock = threading.Lock()
        took: list[float] = []
        by_page: dict[str, list[float]] = {}
        wrong: Counter[str] = Counter()

        def ask() -> None:
            line = http.client.HTTPConnection(people[0].address, timeout=30)
            while True:
                with lock:
                    number = next(turn, None)
                if number is None:
                    break
                due = begun + number / rate
                time.sleep(max(0.0, due - time.perf_counter()))
                page = _MIX[number % len(_MIX)]
                # Each turn of the mix is another member's.
                browser = people[(number // len(_MIX) + number) % len(people)]
                path, said = _request(page, browser, people, number)
                try:
                    status, where, _ = browser.send(path, said, line)
                    well = status == (200 if said is None else 302) and "notice" not in where
                    outcome = "" if well else f"{page} {status}"
                except OSError as error:
                    line.close()
                    outcome = f"{page} {type(error).__name__}"
                late = time.perf_counter() - due
                with lock:
                    took.append(late)
                    by_page.setdefault(page, []).append(late)
                    if outcome:
                        wrong[outcome] += 1

        threads = [threading.Thread(target=ask) for _ in range(_THREADS)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        took.sort()
        slowest = max(by_page, key=lambda one: _at(sorted(by_page[one]), 0.95))
        return {
            "requests": len(took),
            "rate": rate,
            "errors": sum(wrong.values()),
            "wrong": ", ".join(f"{one} ×{count}" for one, count in wrong.items()) or "nothing",
            "p50_ms": round(_at(took, 0.5) * 1000, 1),
            "p95_ms": round(_at(took, 0.95) * 1000, 1),
            "p99_ms": round(_at(took, 0.99) * 1000, 1),
            "most_ms": round(took[-1] * 1000, 1),
            "slowest_page": slowest,
            "slowest_page_p95_ms": round(_at(sorted(by_page[slowest]), 0.95) * 1000, 1),
        }

    return work


def _request(
    page: str, browser: Browser, people: list[Browser], number: int
) -> tuple[str, dict[str, Any] | None]:
    other = people[(number * 7 + 1) % len(people)]
    if other is browser:
        other = people[(number * 7 + 2) % len(people)]
    asked: dict[str, Callable[[], tuple[str, dict[str, Any] | None]]] = {
        "home": lambda: ("/", None),
        "record": lambda: (f"/records/{other.record}/", None),
        "talk": lambda: (f"/messages/{other.number}/", None),
        "yours": lambda: ("/privacy/", None),
        "person": lambda: (f"/people/{other.number}/", None),
        "people": lambda: ("/people/?name=Member", None),
        "setting": lambda: ("/settings/ai/", None),
        "inbox": lambda: ("/messages/", None),
        "write": lambda: ("/", {"text": f"Post {number}: what I learned this week."}),
        "flip": lambda: (
            "/settings/ai/",
            {"setting": _SETTING, "choice": "off" if number % 40 < 20 else "on"},
        ),
    }
    return asked[page]()


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _watch(process: psutil.Process, sizes: list[int], ended: threading.Event) -> None:
    while True:
        sizes.append(process.memory_info().rss)
        if ended.wait(1):
            sizes.append(process.memory_info().rss)
            return


def _found(root: Path) -> None:
    """Make a ledger with a policy, its controller, and a third party."""
    ledger = str(root / "ledger")
    then = ("--workspace", ledger, "--now", _PUBLISHED)
    clock = ("--clock", "simulated", "--now", _PUBLISHED)
    commands: list[tuple[str, ...]] = [
        ("init", ledger, "--origin", "network.example/load/simulated", *clock),
        ("policy", "publish", str(_POLICY), "--yes", *then),
        ("recipient", "add", "self", "--role", "controller", *then),
        ("recipient", "add", "lab", "--role", "third-party", *then),
    ]
    for words in commands:
        subprocess.run([str(_PROGRAM), *words], check=True, stdout=subprocess.DEVNULL)
    (root / "clock").write_text(_DAY, "ascii")


@contextmanager
def _served(root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environ = {one: value for one, value in os.environ.items() if "NETWORK" not in one}
    environ |= {
        "NETWORK_DATA": str(root),
        "NETWORK_HOSTS": "localhost",
        "NETWORK_SIMULATED": "1",
        "PRIVITY_WORKSPACE": str(root / "ledger"),
    }
    command = [
        str(_PROGRAM),
        "serve",
        "--settings",
        "network.settings",
        "--port",
        "0",
    ]
    with (
        (root / "log").open("w") as log,
        subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            said = server.stdout.readline() if server.stdout else ""
            if not said:
                raise RuntimeError((root / "log").read_text())
            yield server, urlsplit(said.split()[0]).netloc
        finally:
            server.terminate()


def _joined(address: str, number: int) -> Browser:
    """Have somebody join, read the notice, become Premium, write posts and an InMail."""
    browser = Browser(address=address)
    browser.send("/join/")
    form = {
        "name": f"Member {number}", "email": f"m{number}@example.com", "country": "US",
        "zone": "UTC", "birth_date": "1990-02-03", "password": "correct horse battery",
    }  # fmt: skip
    _must(browser.send("/join/", form), 302)
    browser.send("/notice/")
    _must(browser.send("/notice/", {"next": "/"}), 302)
    _must(browser.send("/premium/", {"accept": "1"}), 302)
    for one in range(_POSTS):
        _must(browser.send("/", {"text": f"Post {one} of member {number}."}), 302)
    _, _, home = browser.send("/")
    records = re.findall(rb"/records/(\d+)/", home)
    me = re.findall(rb"/people/(\d+)/", home)
    browser.record, browser.number = int(records[0]), int(me[0])
    return browser


def _must(answer: tuple[int, str, bytes], status: int) -> None:
    if answer[0] != status:
        raise RuntimeError(f"{answer[0]} {answer[1]}: {answer[2][:2000].decode()}")
