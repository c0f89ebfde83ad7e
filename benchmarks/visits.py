# SPDX-License-Identifier: Apache-2.0
"""Visits: what members ask of the network, and what each answer must say.

Requests come by the clock, whether those before are answered or not, and a request counts from the moment it was due:
a server that stalls is not spared by a client that waits. Who switches asks again at once: that request is due when
the answer to the switch has come. Nothing is taken for well because of its status alone: every page is looked at.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, takewhile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.child import Work
from privity.app.live import LiveWorkspace, open_workspace

SETTING: Final = "genai-improvement"
PURPOSE: Final = "genai-training"
RECIPIENT: Final = "self"
_MIX: Final = (
    "home", "record", "home", "talk", "yours", "home", "person", "write", "home", "switch",
    "setting", "record", "inbox", "home", "message", "person", "talk", "own", "releases", "people",
)  # fmt: skip
"""What is done, in turns."""
_THREADS: Final = 24
_TICK: Final = 1.05
"""Of two words of one second the no stands, so nobody switches twice in one."""
_PATIENCE: Final = 30
_LOOKS: Final = 3
_MAY: Final = '<span class="tag yes">may use it</span>'
_NOW: Final = "what you write now: yes"


@dataclass(kw_only=True)
class Browser:
    """A member's browser: what it keeps, and what of the site it knows.

    Attributes:
        address: The site's host and port.
        cookies: What the site gave it.
        name: What its owner is called.
        number: The number of its account.
        member: Its owner's id on the ledger.
        record: The number of something that she wrote.
        made: When that was made.
        friend: The number of somebody whom she may write to.
        yes: What she said last.
        switched: When she did.
        switching: Held while she does.
    """

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    name: str = ""
    number: int = 0
    member: int = 0
    record: int = 0
    made: str = ""
    friend: int = 0
    yes: bool = True
    switched: float = 0.0
    switching: threading.Lock = field(default_factory=threading.Lock)

    def plain(self) -> dict[str, Any]:
        """Give what another process needs of it."""
        left = {"switched", "switching"}
        return {key: value for key, value in vars(self).items() if key not in left}

    def send(
        self,
        path: str,
        said: Mapping[str, Any] | None = None,
        line: http.client.HTTPConnection | None = None,
    ) -> Answer:
        """Get a page, or post a form."""
        line = line or http.client.HTTPConnection(self.address, timeout=_PATIENCE)
        kept = dict(self.cookies)
        headers = {"Cookie": "; ".join(f"{one}={value}" for one, value in kept.items())}
        if said is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = kept.get("csrftoken", "")
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
        return Answer(
            status=answer.status,
            onward=answer.headers.get("Location", ""),
            kept=answer.headers.get("Cache-Control", ""),
            text=body.decode(),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Act:
    """What somebody does.

    Attributes:
        slot: Which request of the run is its first.
        page: What is asked for, in a word.
        browser: Whose act it is.
        other: Somebody else.
    """

    slot: int
    page: str
    browser: Browser
    other: Browser


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the site answered.

    Attributes:
        status: The status.
        onward: Where to go on, or nothing.
        kept: What it says of keeping it.
        text: The page.
    """

    status: int
    onward: str
    kept: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One request, and what its answer must be.

    Attributes:
        page: What is asked for, in a word.
        path: Its address.
        said: What is posted, or None.
        has: What stands on the page.
        lacks: What does not.
    """

    page: str
    path: str
    said: Mapping[str, Any] | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    def wrong(self, answer: Answer) -> str:
        """Say what is wrong with an answer; nothing, where all is well."""
        if self.said is not None:
            led = answer.status == 302 and not answer.onward.startswith(("/notice", "/log-in"))
            return "" if led else f"{self.page} {answer.status} {answer.onward}".strip()
        if answer.status != 200:
            return f"{self.page} {answer.status}"
        if "no-store" not in answer.kept:
            return f"{self.page} may be kept"
        well = all(one in answer.text for one in self.has)
        well = well and not any(one in answer.text for one in self.lacks)
        return "" if well else f"{self.page} says something else"


@dataclass(kw_only=True)
class _Load:
    """A run of requests, as far as it has come.

    Attributes:
        people: Who asks.
        rate: How many requests are due in a second.
        acts: What is still to be done.
        decide: Decides something of a member's by the ledger alone.
        begun: When the clock started.
    """

    people: Sequence[Browser]
    rate: int
    acts: Iterator[_Act]
    decide: Callable[[Browser], bool]
    begun: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    took: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    switches: int = 0
    late: int = 0

    def work(self) -> None:
        """Do what is due, act by act, over one connection."""
        line = http.client.HTTPConnection(self.people[0].address, timeout=_PATIENCE)
        while True:
            with self.lock:
                act = next(self.acts, None)
            if act is None:
                line.close()
                return
            due = self.begun + act.slot / self.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            if act.page == "switch":
                with act.browser.switching:
                    self._switch(act, due, line)
            else:
                self._ask(act.browser, _step(act), due, line)

    def _switch(self, act: _Act, due: float, line: http.client.HTTPConnection) -> None:
        """Say the contrary of what was said last, and look at once what page and gate say now."""
        browser = act.browser
        waited = browser.switched + _TICK - time.perf_counter()
        if waited > 0:
            time.sleep(waited)
            due += waited
        told, *looks = _switching(browser, act.slot, yes=not browser.yes)
        if not self._ask(browser, told, due, line):
            return
        browser.yes, browser.switched = not browser.yes, time.perf_counter()
        wrong = 0
        for place, look in enumerate(looks):
            # By turns the gate is asked first, so that both are asked at once.
            if place == act.slot % 2 and self.decide(browser) != browser.yes:
                self._note_wrong("gate says something else")
                wrong += 1
            wrong += not self._ask(browser, look, time.perf_counter(), line)
        with self.lock:
            self.switches += 1
            self.late += bool(wrong)

    def _ask(
        self, browser: Browser, step: Step, due: float, line: http.client.HTTPConnection
    ) -> bool:
        """Ask, and keep how long it took since it was due; tell whether the answer is well."""
        try:
            outcome = step.wrong(browser.send(step.path, step.said, line))
        except (OSError, http.client.HTTPException) as error:
            line.close()
            outcome = f"{step.page} {type(error).__name__}"
        took = time.perf_counter() - due
        with self.lock:
            self.took.setdefault(step.page, []).append(took)
        if outcome:
            self._note_wrong(outcome)
        return not outcome

    def _note_wrong(self, outcome: str) -> None:
        with self.lock:
            self.wrong[outcome] += 1

    def found(self) -> dict[str, Any]:
        """Give what came of it."""
        took = sorted(one for each in self.took.values() for one in each)
        late = {page: _at(sorted(each), 0.95) for page, each in self.took.items()}
        slowest = max(late, key=lambda one: late[one])
        wrong = ", ".join(f"{one} ×{count}" for one, count in self.wrong.items())
        return {
            "requests": len(took),
            "rate": self.rate,
            "errors": sum(self.wrong.values()),
            "wrong": wrong or "nothing",
            "switches": self.switches,
            "switches_not_heeded": self.late,
            **{
                f"{name}_ms": round(_at(took, share) * 1000, 1)
                for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))
            },
            "slowest_page": slowest,
            "slowest_page_p95_ms": round(late[slowest] * 1000, 1),
        }


def asking(browsers: list[dict[str, Any]], ledger: str, rate: int, requests: int) -> Work:
    """Prepare to ask at a rate; the clock starts with the work."""
    people = [Browser(**one) for one in browsers]

    def work() -> dict[str, Any]:
        with _deciding(Path(ledger)) as decide:
            load = _Load(
                people=people,
                rate=rate,
                acts=takewhile(lambda act: act.slot < requests, _acts(people)),
                decide=decide,
                begun=time.perf_counter() + 0.1,
            )
            threads = [threading.Thread(target=load.work) for _ in range(_THREADS)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            # What was said last is where the next run begins.
            return {**load.found(), "said": [one.yes for one in people]}

    return work


@contextmanager
def _deciding(ledger: Path) -> Iterator[Callable[[Browser], bool]]:
    """Give what decides something of a member's by the ledger alone, in a process that is not the site's."""

    def decide(workspace: LiveWorkspace, browser: Browser) -> bool:
        record = {
            "record_id": str(browser.record),
            "category": "post",
            "created_at": browser.made,
            "author": browser.member,
        }
        return workspace.decide(record, purpose=PURPOSE, recipient=RECIPIENT).permit

    # A workspace belongs to one thread.
    with ThreadPoolExecutor(1) as desk, ExitStack() as opened:
        workspace = desk.submit(opened.enter_context, open_workspace(ledger)).result()
        try:
            yield lambda browser: desk.submit(decide, workspace, browser).result()
        finally:
            desk.submit(opened.close).result()


def _acts(people: Sequence[Browser]) -> Iterator[_Act]:
    """Give what is done, without end; each act is another member's."""
    slot, switchers = 0, cycle(people)
    for number, page in enumerate(cycle(_MIX)):
        browser = people[(number // len(_MIX) + number) % len(people)]
        other = people[(number * 7 + 1) % len(people)]
        yield _Act(
            slot=slot,
            page=page,
            browser=next(switchers) if page == "switch" else browser,
            other=people[(number * 7 + 2) % len(people)] if other is browser else other,
        )
        slot += _LOOKS + 1 if page == "switch" else 1


def _switching(browser: Browser, turn: int, *, yes: bool) -> list[Step]:
    """Give a switch and the requests that follow it at once, each of them the first by turns."""
    said = {"setting": SETTING, "choice": "on" if yes else "off"}
    if yes:
        said["older"] = "on"
    may, now, own = _MAY, _NOW, ("You said yes on", "You said no on")
    looks = [
        Step(
            page="own",
            path=f"/privacy/records/{browser.record}/",
            has=(may,) if yes else ("may not use it", "switched off"),
            lacks=() if yes else (may,),
        ),
        Step(
            page="setting",
            path="/settings/ai/",
            has=(own[not yes],),
            lacks=(own[yes],),
        ),
        Step(
            page="yours",
            path="/privacy/",
            has=("Your data and AI", *((now,) if yes else ())),
            lacks=() if yes else (now, "some that is older: yes"),
        ),
    ]
    first = turn % len(looks)
    return [
        Step(page="switch", path="/settings/ai/", said=said),
        *looks[first:],
        *looks[:first],
    ]


def _step(act: _Act) -> Step:
    """Give the request of an act that is one."""
    browser, other = act.browser, act.other
    path, has = {
        "home": ("/", f"Welcome, {browser.name}"),
        "record": (f"/records/{other.record}/", f"of {other.name}."),
        "talk": (f"/messages/{browser.friend}/", 'name="text"'),
        "yours": ("/privacy/", "Your data and AI"),
        "own": (f"/privacy/records/{browser.record}/", f"Number {browser.record}:"),
        "releases": ("/privacy/releases/", "No release"),
        "person": (f"/people/{other.number}/", other.name),
        "people": ("/people/?name=Member", "Found"),
        "setting": ("/settings/ai/", "Your content and AI"),
        "inbox": ("/messages/", "Messages"),
        "write": ("/", ""),
        "message": (f"/messages/{browser.friend}/", ""),
    }[act.page]
    said = {"text": f"Said at {act.slot}: what I learned this week."}
    return Step(
        page=act.page,
        path=path,
        said=said if act.page in {"write", "message"} else None,
        has=(has,),
    )


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
