# SPDX-License-Identifier: Apache-2.0
"""The members' facts: who joined when and where, and what one to five breakpoints came to.

Each member joins, draws a story of up to four events, and may have paid for a while, once or twice: all
at seconds of its own. One to five of these instants, joining the first, change what is refused of
content made then; notices and yeses come besides. Together the stories reach every reason that a party
can give. Facts are written in the order in which they were recorded, as a log has them, so that no
member's facts lie side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.ids import Kind, Numbers, member_ids, member_numbers, scatter

AT: Final = "2026-01-15T00:00:00Z"
"""The instant of every request here."""

ROW_GROUP: Final = 1 << 17

_DAY: Final = 86_400
_FIRST_BIRTH: Final = np.datetime64("1950-01-01", "D")
_BIRTHS: Final = 365 * 65
_MERGED: Final = "merged"

Triple = tuple[str, str, str]
"""A fact, its value and its detail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that may happen to a member: facts at one instant, between two dates."""

    facts: tuple[Triple, ...]
    since: str
    until: str


def _said(
    value: str, *settings: str, scope: str = "future", method: str = "explicit"
) -> tuple[Triple, ...]:
    extra = f',"scope":"{scope}"' if value == "on" else ""
    return tuple(
        ("setting", value, f'{{"method":"{method}"{extra},"setting":"{setting}"}}')
        for setting in settings
    )


_GENAI: Final = "genai-improvement"
_MESSAGES: Final = "message-improvement"
_LAB: Final = "content-lab"

EVENTS: Final[Mapping[str, Event]] = {
    # Notices: the first, that of the second version with the first again, all again after the third.
    "N": Event(
        facts=(("notice", "genai-2024-09", "{}"),), since="2024-09-18", until="2024-11-20"
    ),
    "N2": Event(
        facts=(("notice", "genai-2024-09", "{}"), ("notice", "messages-2025-02", "{}")),
        since="2025-02-01",
        until="2025-03-20",
    ),
    "N3": Event(
        facts=(("notice", "genai-2024-09", "{}"), ("notice", "messages-2025-02", "{}")),
        since="2025-11-03",
        until="2026-01-10",
    ),
    # Choices: yes to both switches or one, for all content or for what comes; no, and neither.
    "YA": Event(
        facts=_said("on", _GENAI, _MESSAGES, scope="all"),
        since="2025-02-01",
        until="2025-12-20",
    ),
    "Y": Event(facts=_said("on", _GENAI, _MESSAGES), since="2025-02-01", until="2025-12-20"),
    "YG": Event(facts=_said("on", _GENAI, scope="all"), since="2024-09-20", until="2025-12-20"),
    "YM": Event(
        facts=_said("on", _GENAI, method="migrated"), since="2024-09-20", until="2025-12-20"
    ),
    "U": Event(facts=_said("unset", _GENAI, _MESSAGES), since="2025-04-01", until="2025-12-20"),
    "O": Event(facts=_said("off", _GENAI, _MESSAGES), since="2024-09-20", until="2025-12-20"),
    "O1": Event(facts=_said("off", _MESSAGES), since="2025-02-02", until="2025-12-20"),
    "OL": Event(facts=_said("off", _LAB), since="2024-09-20", until="2025-01-31"),
    "OS": Event(facts=_said("off", "genai-improvment"), since="2024-09-20", until="2025-12-20"),
    "OB": Event(facts=(("objection", "", "{}"),), since="2023-01-01", until="2025-12-20"),
    "OB1": Event(
        facts=(("objection", "", f'{{"setting":"{_GENAI}"}}'),),
        since="2024-09-20",
        until="2025-12-20",
    ),
    "OBW": Event(
        facts=(("objection-withdrawn", "", "{}"),), since="2024-12-01", until="2025-12-20"
    ),
    # Agreements: the paying members' contract, its end, and one that no version describes.
    "A": Event(
        facts=(("agreement", "subscription", "{}"),), since="2019-01-01", until="2025-12-20"
    ),
    "AE": Event(
        facts=(("agreement-ended", "subscription", "{}"),),
        since="2021-01-01",
        until="2025-12-20",
    ),
    "AX": Event(
        facts=(("agreement", "pilot-2019", "{}"),), since="2019-01-01", until="2025-12-20"
    ),
    # Moves and other evidence of where a member lives: the place is drawn for each member.
    "MV": Event(
        facts=(("jurisdiction", "declared", ""),), since="2020-01-01", until="2025-12-20"
    ),
    "BL": Event(
        facts=(("jurisdiction", "billing", ""),), since="2020-01-01", until="2025-12-20"
    ),
    "IP": Event(facts=(("jurisdiction", "ip", ""),), since="2020-01-01", until="2025-12-20"),
    # The account's life.
    "C": Event(facts=(("closed", "", "{}"),), since="2023-01-01", until="2026-01-10"),
    "R": Event(facts=(("reopened", "", "{}"),), since="2023-06-01", until="2026-01-10"),
    "D": Event(facts=(("deceased", "", "{}"),), since="2023-01-01", until="2026-01-10"),
    "MG": Event(facts=((_MERGED, "", "{}"),), since="2023-01-01", until="2026-01-10"),
    "MS": Event(facts=(("minor-suspected", "", "{}"),), since="2023-01-01", until="2026-01-10"),
    "MC": Event(facts=(("minor-cleared", "", "{}"),), since="2023-06-01", until="2026-01-10"),
}

# Weight and events in the order of time; instants are drawn in the events' windows, then sorted.
STORIES: Final[tuple[tuple[int, str], ...]] = (
    (30, ""), (50, "N"), (350, "N N2"), (30, "N2"), (30, "N YG"), (900, "N N2 YA"),
    (70, "N N2 Y"), (150, "N N2 YA N3"), (60, "N N2 N3"), (20, "N2 YA"), (12, "N YA"),
    (15, "N O"), (25, "N N2 O"), (18, "N N2 O YA"), (9, "N N2 YA O"), (9, "N2 YA O YA"),
    (6, "N N2 O Y"), (6, "N N2 YA O1"), (8, "N OB"), (8, "N N2 OB OBW"), (5, "N N2 OB1"),
    (6, "N OL"), (5, "N OL N2 YA"), (1, "N OS"), (4, "N N2 U"), (5, "N N2 YA U"),
    (6, "N N2 YM"), (8, "Y N N2"), (28, "N N2 A"), (14, "A AE N N2"), (2, "AX N N2"),
    (14, "A N N2 YA"), (28, "MV N N2"), (14, "N MV N2 YA"), (9, "BL N N2"), (9, "IP N N2"),
    (8, "C"), (8, "N C"), (8, "N N2 C"), (6, "N C R"), (5, "N C R N2"), (5, "N YA C R"),
    (5, "N N2 D"), (3, "N N2 YA D"), (4, "N N2 MG"), (2, "N O MG"), (4, "N N2 MS"),
    (3, "N MS MC N2"), (1, "MS"),
)  # fmt: skip

_CHANGES: Final = frozenset("O O1 OL OS OB OB1 OBW U A AE AX MV BL IP MS MC MG".split())
"""Events that may change what is refused of content made then: they count as breakpoints."""
_MOST: Final = 4
"""Breakpoints after joining."""

_PAID: Final[tuple[float, ...]] = (0.28, 0.05, 0.36, 0.03, 0.28)
"""How often members began or stopped to pay, 0 to 4 times; who began last pays today."""

# Percent of members.
_COUNTRIES: Final[Mapping[str, float]] = {
    "US": 36.0, "IN": 7.0, "BR": 6.0, "ID": 4.0, "MX": 5.0, "CA": 3.5, "GB": 3.0, "PH": 3.5,
    "AU": 4.0, "JP": 3.5, "TR": 2.5, "ZA": 2.5, "NG": 2.5, "KR": 1.2, "AE": 2.0, "CO": 2.0,
    "AR": 2.0, "FR": 1.0, "DE": 1.0, "IT": 0.8, "ES": 0.8, "NL": 0.6, "SE": 0.4, "PL": 0.4,
    "NO": 0.2, "CH": 0.3, "HK": 0.5, "SG": 1.2, "EG": 1.4, "NZ": 1.2,
}  # fmt: skip
_NO_CODE: Final = "UK"
"""What some platforms write for GB: no ISO code."""

PLATFORM: Final[tuple[Triple, ...]] = (
    ("recipient", "self", '{"role":"controller"}'),
    ("recipient", "parent", '{"role":"affiliate"}'),
    ("recipient", "lab", '{"role":"third-party"}'),
    ("order", "kr-2025", '{"jurisdictions":["KR"],"purposes":["genai-training"]}'),
    ("order", "br-2024", '{"categories":["private-message"],"jurisdictions":["BR"]}'),
    (
        "seat-instruction",
        "acme",
        '{"categories":["public-content"],"purposes":["genai-training"],"recipients":["third-party"]}',
    ),
)


class Triples:
    """The distinct facts, numbered; birth dates come last, by day."""

    def __init__(self) -> None:
        self._numbers: dict[Triple, int] = {}

    def number(self, triple: Triple) -> int:
        """Give the number of a fact, the next one if it is new."""
        return self._numbers.setdefault(triple, len(self._numbers))

    def columns(self) -> dict[str, pa.Array]:
        """Give the three columns of all facts by number, birth dates appended."""
        births = np.datetime_as_string(_FIRST_BIRTH + np.arange(_BIRTHS)).tolist()
        triples = [*self._numbers, *(("birth_date", day, "{}") for day in births)]
        return {
            name: pa.array([triple[place] for triple in triples], pa.string())
            for place, name in enumerate(("fact", "value", "detail"))
        }

    @property
    def births(self) -> int:
        """The number of the first birth date; all others must be known by then."""
        return len(self._numbers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Facts as numbers: whose, which, and since when (seconds)."""

    member: npt.NDArray[np.int32]
    triple: npt.NDArray[np.int32]
    at: Numbers


def seconds(text: str) -> int:
    """Read an instant or a date as seconds since 1970."""
    return int(np.datetime64(text.rstrip("Z"), "s").astype(np.int64))


def write_facts(path: Path, *, members: int, kind: Kind, seed: int) -> int:
    """Write the facts of that many members, and of the platform, to a Parquet file.

    Returns:
        How many facts there are.
    """
    generator = np.random.Generator(np.random.SFC64([seed, members]))
    triples = Triples()
    parts = list(_rows(generator, members, triples))
    member = np.concatenate([part.member for part in parts])
    triple = np.concatenate([part.triple for part in parts])
    at = np.concatenate([part.at for part in parts])
    del parts

    # Most facts are recorded as they happen, some within the day, a few much later.
    late = generator.random(len(at), np.float32)
    span = np.where(late < 0.90, 0, np.where(late < 0.99, 20 * 3600, 60 * _DAY))
    recorded = at + (span * generator.random(len(at), np.float32)).astype(np.int64)
    order = np.argsort(recorded, kind="stable")

    columns = triples.columns()
    merged = columns["fact"].index(pa.scalar(_MERGED)).as_py()
    with pq.ParquetWriter(
        path, _schema(kind), compression="zstd", compression_level=3
    ) as writer:
        writer.write_table(_platform(kind))
        for start in range(0, len(order), ROW_GROUP):
            rows = order[start : start + ROW_GROUP]
            value = columns["value"].take(pa.array(triple[rows]))
            into = triple[rows] == merged
            if into.any():
                target = member_numbers(_target(member[rows][into], members))
                text = member_ids(target, kind).cast(pa.string())
                value = pa.compute.replace_with_mask(value, pa.array(into), text)
            writer.write_table(
                pa.table(
                    [
                        member_ids(member_numbers(member[rows].astype(np.int64)), kind),
                        columns["fact"].take(pa.array(triple[rows])),
                        value,
                        _instants(at[rows]),
                        _instants(recorded[rows]),
                        columns["detail"].take(pa.array(triple[rows])),
                    ],
                    schema=_schema(kind),
                )
            )
    return len(order) + len(PLATFORM)


def _schema(kind: Kind) -> pa.Schema:
    instant = pa.timestamp("us", "UTC")
    return pa.schema(
        [
            ("member", pa.int64() if kind == "int" else pa.string()),
            ("fact", pa.string()),
            ("value", pa.string()),
            ("at", instant),
            ("recorded_at", instant),
            ("detail", pa.string()),
        ]
    )


def _platform(kind: Kind) -> pa.Table:
    count = len(PLATFORM)
    at = _instants(np.full(count, seconds("2020-01-01")))
    schema = _schema(kind)
    fact, value, detail = ([triple[place] for triple in PLATFORM] for place in range(3))
    return pa.table(
        [pa.nulls(count, schema.types[0]), fact, value, at, at, detail], schema=schema
    )


def _instants(values: Numbers) -> pa.Array:
    return pa.array(values * 1_000_000).cast(pa.timestamp("us", "UTC"))


def _target(members: npt.NDArray[np.int32], count: int) -> Numbers:
    """Give the account that each merged account went into: another one."""
    own = members.astype(np.int64)
    return (own + 1 + scatter(own, 30) % max(count - 1, 1)) % count


def _rows(generator: np.random.Generator, members: int, triples: Triples) -> Iterator[Rows]:
    """Draw the facts of all members, one kind of fact at a time."""
    everyone = np.arange(members, dtype=np.int32)
    born = _born(generator, members)
    joined = _joined(generator, born)
    places, shares = _places()
    home = generator.choice(len(places), members, p=shares).astype(np.int16)
    chance = generator.random(members, np.float32)
    codes = {
        evidence: np.array(
            [
                triples.number(("jurisdiction", code, f'{{"evidence":"{evidence}"}}'))
                for code in places
            ],
            np.int32,
        )
        for evidence in ("declared", "billing", "ip")
    }
    yield _always(everyone, triples.number(("joined", "", "{}")), joined)
    known = chance > 0.008
    yield Rows(member=everyone[known], triple=codes["declared"][home[known]], at=joined[known])
    seen = chance > 0.93
    yield Rows(member=everyone[seen], triple=codes["ip"][home[seen]], at=joined[seen])

    weights = np.array([weight for weight, _ in STORIES], float)
    story = generator.choice(len(STORIES), members, p=weights / weights.sum())
    elsewhere = generator.choice(len(places), members, p=shares).astype(np.int16)
    for number, (_, names) in enumerate(STORIES):
        own = everyone[story == number]
        if not names or not len(own):
            continue
        events = [EVENTS[name] for name in names.split()]
        at = _moments(generator, events, joined[own])
        for place, event in enumerate(events):
            for fact, value, detail in event.facts:
                if fact == "jurisdiction":
                    which = codes[value][elsewhere[own]]
                    yield Rows(member=own, triple=which, at=at[:, place])
                else:
                    yield _always(own, triples.number((fact, value, detail)), at[:, place])

    yield from _payments(generator, joined, story, triples)

    # Births last: their numbers begin where those of the other facts end.
    said = generator.random(members, np.float32) > 0.04
    yield Rows(member=everyone[said], triple=triples.births + born[said], at=joined[said])


def _payments(
    generator: np.random.Generator, joined: Numbers, story: Numbers, triples: Triples
) -> Iterator[Rows]:
    """Draw when members began and stopped to pay, as often as their breakpoints leave room for."""
    changes = [sum(name in _CHANGES for name in names.split()) for _, names in STORIES]
    room = _MOST - np.array(changes)[story]
    times = generator.choice(len(_PAID), len(joined), p=_PAID)
    times = np.where(times > room, room // 2 * 2, times)
    names = (
        triples.number(("agreement", "subscription", "{}")),
        triples.number(("agreement-ended", "subscription", "{}")),
    )
    since, until = seconds("2021-06-01"), seconds("2025-12-20")
    for often in range(1, len(_PAID)):
        own = np.flatnonzero(times == often).astype(np.int32)
        at = np.sort(generator.integers(since, until, (len(own), often)), axis=1)
        at = np.where(at <= joined[own, None], joined[own, None], at) + np.arange(1, often + 1)
        for place in range(often):
            yield _always(own, names[place % 2], at[:, place])


def _born(generator: np.random.Generator, members: int) -> npt.NDArray[np.int32]:
    """Draw birth dates, as days; four in a hundred are young."""
    day = generator.integers(0, 365 * 54, members, dtype=np.int32)
    young = generator.random(members, np.float32) < 0.04
    day[young] = generator.integers(365 * 56, _BIRTHS, int(young.sum()), dtype=np.int32)
    return day


def _joined(generator: np.random.Generator, born: npt.NDArray[np.int32]) -> Numbers:
    """Draw when members joined: from 2006 on, at ten at the youngest, a few of late."""
    begin, settled, end = seconds("2006-01-01"), seconds("2024-06-01"), seconds("2025-12-01")
    joined = begin + ((settled - begin) * generator.random(len(born)) ** 2).astype(np.int64)
    late = generator.random(len(born), np.float32) < 0.03
    joined[late] = generator.integers(settled, end, int(late.sum()))
    birth = (int(_FIRST_BIRTH.astype(np.int64)) + born.astype(np.int64)) * _DAY
    return np.maximum(joined, birth + 3660 * _DAY)


def _moments(generator: np.random.Generator, events: list[Event], joined: Numbers) -> Numbers:
    """Draw an instant for each event of each member: in its window, in order, after joining."""
    at = np.stack(
        [
            generator.integers(seconds(event.since), seconds(event.until), len(joined))
            for event in events
        ],
        axis=1,
    )
    steps = np.arange(1, len(events) + 1)
    at = np.where(at <= joined[:, None], joined[:, None] + steps * 5 * _DAY, at)
    at.sort(axis=1)
    return at + steps


def _places() -> tuple[list[str], npt.NDArray[np.float64]]:
    shares = np.array(list(_COUNTRIES.values()))
    none = 0.2
    return [*_COUNTRIES, _NO_CODE], np.append(shares * (100 - none) / shares.sum(), none) / 100


def _always(member: npt.NDArray[np.int32], triple: int, at: Numbers) -> Rows:
    return Rows(member=member, triple=np.full(len(member), triple, np.int32), at=at)
