# SPDX-License-Identifier: Apache-2.0
"""Pages under load: the network as `privity serve` serves it, and members who read, write, and switch (benchmarks/visits.py).

Client and server share this machine. The ledger took the facts of 50,000 members by one baseline before; twenty
others join, become Premium, connect, and say yes. Whoever switches asks the next moment, and so does a process that
has nothing of the site but the ledger: both must say what was said last.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

from benchmarks.child import Measured, run
from benchmarks.report import progress
from benchmarks.visits import SETTING, Answer, Browser

RATE: Final = 50
SECONDS: Final = 60
BARS: Final[Mapping[str, float]] = {
    "p95_ms": 200,
    "errors": 0,
    "switches_not_heeded": 0,
    "memory_slope_mib_a_minute": 2,
}
"""What is asked of a run, at most."""
_MEMBERS: Final = 20
_KNOWN: Final = 50_000
_POSTS: Final = 5
_WARM: Final = 500
_MIB: Final = 1 << 20
_OFFERED: Final = re.compile(r'name="accept" value="([^"]*)"')
_ROOT: Final = Path(__file__).parent.parent
_POLICY: Final = (
    _ROOT / "examples" / "inmail-dispute" / "as-promised" / "policies" / "2025-11-03.yaml"
)
_PROGRAM: Final = Path(sys.executable).parent / "privity"
_PUBLISHED: Final = "2025-09-18T12:00:00Z"
_DAY: Final = "2025-12-01T09:00:00+00:00"


def measure(folder: Path, rate: int, seconds: int) -> dict[str, Any]:
    """Give how long pages take, what they said, and what the process that serves them holds in memory."""
    root = folder / "pages"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    _found(root)
    with _served(root) as (server, address):
        people = _joined(address)
        _asked(root, people, rate, _WARM)
        process = psutil.Process(server.pid)
        busy = sum(process.cpu_times()[:2])
        sizes: list[tuple[float, float]] = []
        ended = threading.Event()
        watching = threading.Thread(target=_watch, args=(process, sizes, ended))
        watching.start()
        asked = _asked(root, people, rate, rate * seconds)
        ended.set()
        watching.join()
        busy = sum(process.cpu_times()[:2]) - busy
    found = {
        **asked.found,
        "seconds": round(asked.wall, 1),
        "server_cpu_s": round(busy, 1),
        "client_cpu_s": round(asked.cpu, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "members_known": _KNOWN,
        "memory_before_mib": round(sizes[0][1], 1),
        "memory_after_mib": round(sizes[-1][1], 1),
        "memory_most_mib": round(max(size for _, size in sizes), 1),
        "memory_slope_mib_a_minute": round(slope(sizes) * 60, 2),
    }
    if found["errors"]:
        progress(f"what the site logged: {root / 'log'}")
    else:
        shutil.rmtree(root)
    missed = [f"{one} over {bar:g}" for one, bar in BARS.items() if found[one] > bar]
    return found | {"missed": ", ".join(missed) or "nothing"}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Give how steeply points rise: the median of the slopes between any two, which a leap or two does not move."""
    return median(
        (y - b) / (x - a) for place, (a, b) in enumerate(points) for x, y in points[place + 1 :]
    )


def _asked(root: Path, people: Sequence[Browser], rate: int, requests: int) -> Measured:
    """Have members ask, and keep what they said last."""
    asked = run(
        "visits:asking",
        browsers=[one.plain() for one in people],
        ledger=root / "ledger",
        rate=rate,
        requests=requests,
    )
    said = asked.found["said"]
    for one, yes in zip(people, said, strict=True):
        one.yes = yes
    return replace(asked, found={key: v for key, v in asked.found.items() if key != "said"})


def _watch(
    process: psutil.Process, sizes: list[tuple[float, float]], ended: threading.Event
) -> None:
    """Keep how much a process holds, in MiB, twice a second."""
    begun = time.perf_counter()
    while True:
        sizes.append((time.perf_counter() - begun, process.memory_info().rss / _MIB))
        if ended.wait(0.5):
            return


def _found(root: Path) -> None:
    """Make a ledger with many members, a policy, its controller, and a third party."""
    ledger, network = str(root / "ledger"), str(root / "made")
    then = ("--workspace", ledger, "--now", _PUBLISHED)
    clock = ("--clock", "simulated", "--now", _PUBLISHED)
    many = ("--members", str(_KNOWN), "--records", "1", "--until", _PUBLISHED)
    facts = f"{network}/facts.parquet"
    commands: list[tuple[str, ...]] = [
        ("synth", *many, "--out", network),
        ("init", ledger, "--origin", "network.example/load/simulated", *clock),
        ("members", "baseline", facts, "--claimed-by", "the platform", *then),
        ("policy", "publish", str(_POLICY), "--yes", *then),
        ("recipient", "add", "self", "--role", "controller", *then),
        ("recipient", "add", "lab", "--role", "third-party", *then),
    ]
    for words in commands:
        done = subprocess.run(
            [str(_PROGRAM), *words], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
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


def _joined(address: str) -> list[Browser]:
    """Have people join, read the notice, become Premium, write, say yes, and connect with who joined before."""
    people: list[Browser] = []
    for number in range(_MEMBERS):
        browser = Browser(address=address, name=f"Member {number}")
        _must(browser.send("/join/"), 200)
        form = {
            "name": browser.name, "email": f"m{number}@example.com", "country": "US",
            "zone": "UTC", "birth_date": "1990-02-03", "password": "correct horse battery",
        }  # fmt: skip
        _must(browser.send("/join/", form), 302)
        _must(browser.send("/notice/"), 200)
        _must(browser.send("/notice/", {"next": "/"}), 302)
        offered = _OFFERED.search(_must(browser.send("/premium/"), 200).text)
        assert offered is not None  # noqa: S101 - the policy of this benchmark promises something
        _must(browser.send("/premium/", {"accept": offered[1]}), 302)
        for one in range(_POSTS):
            text = f"Post {one} of {browser.name}."
            _must(browser.send("/", {"text": text}), 302)
        yes = {"setting": SETTING, "choice": "on", "older": "on"}
        _must(browser.send("/settings/ai/", yes), 302)
        copy = json.loads(_must(browser.send("/account/copy/"), 200).text)
        first = copy["written"][0]
        browser.member, browser.record = copy["account"]["member"], first["record_id"]
        browser.made = first["created_at"]
        home = _must(browser.send("/"), 200).text
        browser.number = int(re.findall(r"/people/(\d+)/", home)[0])
        people.append(browser)
    for each, other in zip(people, [*people[1:], people[0]], strict=True):
        # Who is asked, and asks in turn, accepts by it.
        _must(each.send(f"/people/{other.number}/connect/", {}), 302)
        _must(other.send(f"/people/{each.number}/connect/", {}), 302)
        each.friend = other.number
    return people


def _must(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        raise RuntimeError(f"{answer.status} {answer.onward}: {answer.text[:2000]}")
    return answer
