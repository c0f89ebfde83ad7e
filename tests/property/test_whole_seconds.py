# SPDX-License-Identifier: Apache-2.0
"""Facts of tables at whole seconds permit nothing that the table's own history, to the tenth of a second, does not.

The exact history is decided by the same rule, in a world whose seconds are the table's tenths.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, strategies

from privity.canonical.instants import parse_instant
from privity.decide.one import decide
from privity.decide.request import Record, Request, World, world
from privity.members.facts import Fact, parse_detail
from privity.policy.parse import parse_policy
from privity.policy.versions import history
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding

BEGIN = parse_instant("2025-01-05T10:00:00Z")
BEFORE = BEGIN - 86_400
SECONDS = 3
POLICY = history(
    [
        parse_policy(
            """
policy: p
version: "1"
controller: c
published_at: 2020-01-01T00:00:00Z
effective_at: 2020-01-01T00:00:00Z
settings:
  s:
    label: S
    purposes: [genai-training]
    categories: [post]
    recipients: [controller]
    live_from: 2020-01-01T00:00:00Z
    exempt: [DE]
    default: [{value: on}]
    notice: n
    minimum_age: 18
  t:
    label: T
    purposes: [genai-training]
    categories: [post]
    recipients: [controller]
    live_from: 2020-01-01T00:00:00Z
    default: [{in: [IN], value: off}, {value: on}]
    notice: n
notices:
  n: {effective_at: 2020-01-01T00:00:00Z}
agreements:
  a: {promises: [{id: x, forbid: {categories: [post]}}]}
  b: {promises: []}
""",
            file="policy.yaml",
        )
    ]
)
MOVING = (
    *(("setting", value, f"{name}|{method}|{scope}")
      for value in ("on", "off", "unset")
      for name in "st"
      for method in ("explicit", "migrated")
      for scope in ("future", "all")),
    *((fact, "", name) for fact in ("objection", "objection-withdrawn") for name in ("", "s", "t")),
    *((fact, value, "") for fact in ("agreement", "agreement-ended") for value in "ab"),
    *(("jurisdiction", value, evidence)
      for value in ("US", "DE", "IN") for evidence in ("declared", "ip")),
    *((fact, "", "") for fact in ("closed", "reopened", "minor-suspected", "minor-cleared")),
)  # fmt: skip
ONCE = (
    *((fact, "", "") for fact in ("joined", "deceased")),
    ("notice", "n", ""),
    ("merged", "b", ""),
    ("merged", "a", ""),
    ("birth_date", "1980-01-01", ""),
    *((fact, "o", "") for fact in ("order", "order-lifted")),
    *((fact, "self", "") for fact in ("recipient", "recipient-ended")),
)
DETAILS = {
    "setting": ("setting", "method", "scope"),
    "objection": ("setting",),
    "objection-withdrawn": ("setting",),
    "jurisdiction": ("evidence",),
}
VALUED = ("setting", "jurisdiction", "agreement", "agreement-ended", "notice", "merged", "birth_date",
          "order", "order-lifted", "recipient", "recipient-ended")  # fmt: skip
PLATFORM = ("order", "order-lifted", "recipient", "recipient-ended")
BINDING = parse_table_binding(
    'table = "changes"\nmember = "member"\nat = "at"\nrecorded_at = "recorded"\n'
    + "".join(
        f'[[fact]]\nfact = "{fact}"\nwhere = {{column = "fact", is = ["{fact}"]}}\n'
        + ('value = {column = "value"}\n' if fact in VALUED else "")
        + ('role = "controller"\n' if fact == "recipient" else "")
        + "".join(f'{key} = {{column = "{key}"}}\n' for key in DETAILS.get(fact, ()))
        for fact in sorted({fact for fact, _, _ in (*MOVING, *ONCE)})
    ),
    source="binding.toml",
)


class Event(NamedTuple):
    """What happened, in tenths of a second after the beginning."""

    member: str
    what: tuple[str, str, str]
    at: int
    recorded: int

    @property
    def detail(self) -> dict[str, str]:
        keys = DETAILS.get(self.what[0], ())
        said = {
            key: word for key, word in zip(keys, self.what[2].split("|"), strict=False) if word
        }
        return {**said, "role": "controller"} if self.what[0] == "recipient" else said


STANDING = [
    Event(member, what, (BEFORE - BEGIN) * 10, (BEFORE - BEGIN) * 10)
    for member in "ab"
    for what in (("joined", "", ""), ("jurisdiction", "US", "declared"), ("notice", "n", ""))
] + [Event("a", ("recipient", "self", ""), (BEFORE - BEGIN) * 10, (BEFORE - BEGIN) * 10)]


def exact(events: Sequence[Event]) -> list[Fact]:
    """The history as facts of a world whose seconds are tenths."""
    return [
        Fact(
            member=None if one.what[0] in PLATFORM else one.member,
            fact=one.what[0],
            value=one.what[1],
            at=BEGIN + one.at,
            recorded_at=BEGIN + one.recorded,
            detail=one.detail,
        )
        for one in events
    ]


def of_table(events: Sequence[Event], path: Path) -> list[Fact]:
    """The facts that a table of the history gives."""
    with path.open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(
            (
                "member",
                "fact",
                "value",
                "at",
                "recorded",
                "setting",
                "method",
                "scope",
                "evidence",
            )
        )
        for one in events:
            detail = one.detail
            out.writerow((
                one.member, one.what[0], one.what[1], written(one.at), written(one.recorded),
                *(detail.get(key, "") for key in ("setting", "method", "scope", "evidence")),
            ))  # fmt: skip
    return [
        Fact(
            member=row["member"],
            fact=row["fact"],
            value=row["value"],
            at=int(row["at"].timestamp()),
            recorded_at=int(row["recorded_at"].timestamp()),
            detail=parse_detail(row["detail"]),
        )
        for batch in facts_from_tables(BINDING, [path])
        for row in batch.to_pylist()
    ]


def written(tenths: int) -> str:
    time = datetime.fromtimestamp(BEGIN, UTC) + timedelta(milliseconds=100 * tenths)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Histories:
    """One history, as it was and as a table's facts tell it."""

    def __init__(self, events: Sequence[Event], path: Path) -> None:
        self.told, self.facts = (
            exact([*STANDING, *events]),
            of_table([*STANDING, *events], path),
        )
        self.worlds: dict[int, tuple[World, World]] = {}

    def __call__(self, created: int, at: int, known: int) -> tuple[bool, bool]:
        """Tell what is permitted of a record: by the history in tenths, and by the facts."""
        if known not in self.worlds:
            self.worlds[known] = (
                world(POLICY, self.told, BEGIN + 10 * known),
                world(POLICY, self.facts, BEGIN + known),
            )
        told, facts = self.worlds[known]
        return (
            permits(told, created, 10 * at, 10 * known),
            permits(facts, created // 10, at, known),
        )


def permits(world: World, created: int, at: int, known: int) -> bool:
    record = Record(record_id="r", category="post", created_at=BEGIN + created, author="a")
    request = Request(
        purpose="genai-training", recipient="self", at=BEGIN + at, known=BEGIN + known
    )
    return decide(record, request, world).permit


def histories(*kinds: tuple[str, str, str]) -> strategies.SearchStrategy[list[Event]]:
    times = strategies.integers(0, SECONDS * 10)
    return strategies.lists(
        strategies.builds(
            Event, strategies.sampled_from("aab"), strategies.sampled_from(kinds), times, times
        ),
        min_size=1,
        max_size=6,
    )


def recorded_at_once(events: list[Event]) -> list[Event]:
    return [one._replace(recorded=one.at) for one in events]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "t.csv"


ON, OFF, UNSET = (("setting", value, "s|explicit|future") for value in ("on", "off", "unset"))


@given(events=histories(*MOVING, *ONCE).map(recorded_at_once))
@example([Event("a", ON, 2, 2), Event("a", OFF, 7, 7)])
@example([Event("a", OFF, 2, 2), Event("a", ON, 7, 7), Event("a", OFF, 9, 9)])
def test_what_the_history_refuses_is_refused(table: Path, events: list[Event]) -> None:
    """Also a record that was made within a second: its instant is cut off."""
    asked = Histories(events, table)
    for at in range(SECONDS + 2):
        for known in (at, SECONDS + 2):
            for created in (-10, *range(at * 10 + 1)):
                exactly, told = asked(created, at, known)
                assert exactly or not told, (created, at, known, asked.facts)


@given(events=histories(*MOVING, *ONCE))
@example([Event("a", ON, 2, 30), Event("a", OFF, 7, 10)])
@example([Event("a", UNSET, 10, 2), Event("a", ON, 10, 8), Event("a", ON, 12, 14)])
def test_whatever_was_known_when(table: Path, events: list[Event]) -> None:
    asked = Histories(events, table)
    for at in range(SECONDS + 2):
        for known in range(SECONDS + 2):
            for created in range(-10, at * 10 + 1, 10):
                exactly, told = asked(created, at, known)
                assert exactly or not told, (created, at, known, asked.facts)


ANSWERS = {
    "reopened": "closed",
    "agreement-ended": "agreement",
    "minor-cleared": "minor-suspected",
    "objection-withdrawn": "objection",
}


def question(event: Event) -> tuple[str, str]:
    """Give what an event answers: nothing is both refused and permitted but by answers to one question."""
    fact, value, named = event.what
    kind = ANSWERS.get(fact, fact)
    # A setting is one by its name; an objection may name none, and be one to all.
    return kind, {"setting": named.partition("|")[0], "agreement": value}.get(kind, "")


def corrected_at_once(events: Sequence[Event], at: int) -> bool:
    """Tell whether an answer at this very instant was given anew in the second in which it was recorded."""
    return any(
        one.at == other.at == at
        and one.member == other.member
        and question(one) == question(other) != ("jurisdiction", "")
        and one.recorded < other.recorded
        and -(-one.recorded // 10) == -(-other.recorded // 10)
        for one in events
        for other in events
    )


@given(events=histories(*MOVING))
@example([Event("a", ON, 10, 2), Event("a", OFF, 10, 1)])
@example([Event("a", ON, 10, 2), Event("a", UNSET, 10, 1)])
def test_a_refusal_ends_with_its_second(table: Path, events: list[Event]) -> None:
    """Where nothing happened for a second on either side, both answer alike.

    What was corrected at once stands in the second before: in its own it would win over the correction, as the
    stricter of two that are known from one second on.
    """
    asked = Histories(events, table)
    for at in range(SECONDS + 3):
        if not any(10 * (at - 1) < one.at < 10 * (at + 1) for one in events):
            corrected = corrected_at_once(events, 10 * (at + 1))
            for known in range(SECONDS + 2):
                exactly, told = asked(-1, at, known)
                assert exactly == told or (corrected and exactly), (at, known, asked.facts)
