# SPDX-License-Identifier: Apache-2.0
"""The records of a made network, one Arrow table for each block (design.md part 5, plus `body`).

Record i of M is written at the i-th of M moments in time, so that the files are in order and any block
can be made without the ones before it. A few records are bad on purpose: real platforms have them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from privity.canonical.instants import parse_instant
from privity.sources.synthetic.bodies import made_bodies
from privity.sources.synthetic.draws import Flags, Floats, Integers
from privity.sources.synthetic.history import CUSTOMERS, END, FIRST_RECORD
from privity.sources.synthetic.people import People

SCHEMA: Final = pa.schema(
    [
        ("record_id", pa.int64()),
        ("category", pa.string()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("author", pa.int64()),
        ("recipients", pa.list_(pa.int64())),
        ("capacity", pa.string()),
        ("quotes", pa.list_(pa.int64())),
        ("body", pa.string()),
    ]
)
"""Design.md's record schema with one payload column."""

BLOCK: Final = 1 << 16
"""Records for each block."""

_PACE: Final = (
    (FIRST_RECORD, 0.0),
    (parse_instant("2018-01-01T00:00:00Z"), 8.0),
    (parse_instant("2021-01-01T00:00:00Z"), 22.0),
    (parse_instant("2023-01-01T00:00:00Z"), 36.0),
    (parse_instant("2024-08-01T00:00:00Z"), 52.0),
    (parse_instant("2024-12-01T00:00:00Z"), 90.0),
    (END, 100.0),
)
"""Instant and the share of all records made by then, in per cent: the months of the dispute weigh most."""

_CATEGORIES: Final = np.array(
    [
        "post",
        "comment",
        "direct-message",
        "inmail",
        "group-message",
        "profile",
        "ai-input",
        "article",
        "credentials",
        "voice-note",
    ]
)
_SHARES: Final = np.array([26, 26, 18, 10, 8, 5, 3.6, 3.3, 0.08, 0.02])
"""In per cent; a `voice-note` is a category that no vocabulary has."""

_DIRECT: Final = 2
_INMAIL: Final = 3
_GROUP: Final = 4
_PUBLIC: Final = np.array([0, 1, 7])
_QUOTING_SHARE: Final = 0.05
_LEAK_SHARE: Final = 0.2
"""Of quoting public records: those that quote an InMail of the same days."""

_SEAT_SHARE: Final = 0.006
_BAD_SHARE: Final = 0.000_04
"""Of each kind of bad record: about one in 25,000."""

_TRIES: Final = 40
"""How often a member is drawn again who had not joined, or does not pay."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """The moments of a network's records.

    Attributes:
        total: How many records.
        until: No record is made at or after this instant.
    """

    total: int
    until: int

    def at(self, places: Floats) -> Integers:
        """Give the seconds at each place in [0, total), in the same order."""
        instants = np.array([instant for instant, _ in _PACE], np.float64)
        shares = np.array([share for _, share in _PACE])
        reached = np.interp(float(self.until), instants, shares)
        seconds = np.interp(places / self.total * reached, shares, instants).astype(np.int64)
        bounded: Integers = np.minimum(seconds, self.until - 1)
        return bounded


def record_block(people: People, times: Times, block: int) -> pa.Table:
    """Make the records of one block.

    Args:
        people: Who writes.
        times: When.
        block: From 0; holds `BLOCK` records, the last one fewer.
    """
    first = block * BLOCK
    count = min(BLOCK, times.total - first)
    generator = people.draws.stream("records", block)
    index = np.arange(first, first + count, dtype=np.int64)
    created = times.at(index + generator.random(count))

    kind = np.searchsorted(np.cumsum(_SHARES) / _SHARES.sum(), generator.random(count), "right")
    kind = np.minimum(kind, len(_SHARES) - 1)
    author = _joined(people, generator, created)
    kind, author = _paying_senders(people, generator, kind, author, created)
    recipients = _recipients(people, generator, kind, author, created)
    quotes = _quotes(generator, kind, index, times.total)
    nobody = generator.random(count) < _BAD_SHARE

    capacity = np.full(count, "personal", dtype="U16")
    seated = np.flatnonzero(generator.random(count) < _SEAT_SHARE)
    customer = generator.integers(0, len(CUSTOMERS), len(seated))
    capacity[seated] = np.char.add("seat:", np.array(CUSTOMERS)[customer])
    capacity[generator.random(count) < _BAD_SHARE] = "kiosk"

    columns = [
        pa.array(index + 1),
        pa.DictionaryArray.from_arrays(kind.astype(np.int32), _CATEGORIES).cast(pa.string()),
        pa.array(created * 1_000_000, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        pa.array(author, mask=nobody),
        recipients,
        pa.array(capacity, pa.string()),
        quotes,
        made_bodies(people.draws.stream("bodies", block), index),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _redraw(
    people: People,
    generator: np.random.Generator,
    chosen: Integers,
    wanted: Callable[[Integers, Integers], Flags],
) -> Flags:
    """Draw again, in place, whoever is not wanted, up to `_TRIES` times; tell who is in the end.

    Args:
        people: Who there is.
        generator: Where the chance comes from.
        chosen: Shape (n,), changed in place.
        wanted: Takes members and their places in `chosen`, tells which will do.
    """
    good = wanted(chosen, np.arange(len(chosen)))
    for _ in range(_TRIES):
        places = np.flatnonzero(~good)
        if not len(places):
            break
        drawn = people.by_activity(generator.random(len(places)))
        chosen[places] = drawn
        good[places] = wanted(drawn, places)
    return good


def _joined(people: People, generator: np.random.Generator, created: Integers) -> Integers:
    """Choose an active member for each instant; in 1 of 2,000 cases whoever it is, joined or not."""
    chosen = people.by_activity(generator.random(len(created)))
    careless = generator.random(len(created)) < 0.0005

    def wanted(members: Integers, places: Integers) -> Flags:
        return careless[places] | (people.joined(members) <= created[places])

    _redraw(people, generator, chosen, wanted)
    return chosen


def _paying_senders(
    people: People,
    generator: np.random.Generator,
    kind: Integers,
    author: Integers,
    created: Integers,
) -> tuple[Integers, Integers]:
    """Give each InMail a sender who was paying then; where none is found it is a direct message."""
    places = np.flatnonzero(kind == _INMAIL)
    senders, instants = author[places].copy(), created[places]

    def wanted(members: Integers, among: Integers) -> Flags:
        return people.premium(members).covers(instants[among])

    found = _redraw(people, generator, senders, wanted)
    author, kind = author.copy(), kind.copy()
    author[places[found]] = senders[found]
    kind[places[~found]] = _DIRECT
    return kind, author


def _recipients(
    people: People,
    generator: np.random.Generator,
    kind: Integers,
    author: Integers,
    created: Integers,
) -> pa.ListArray:
    """Address the messages: one for an InMail, some for the others; 1 in 25,000 lost its addressees."""
    count = len(kind)
    several = np.minimum(1 + generator.geometric(0.75, count), 8)
    size = np.zeros(count, np.int64)
    size[kind == _INMAIL] = 1
    size[kind == _DIRECT] = np.where(several == 2, 1, several)[kind == _DIRECT]
    size[kind == _GROUP] = 2 + several[kind == _GROUP]
    size[(kind == len(_SHARES) - 1)] = 1
    size[generator.random(count) < _BAD_SHARE] = 0

    owner = np.repeat(np.arange(count), size)
    people_then = _joined(people, generator, created[owner])
    self_sent = people_then == author[owner]
    people_then[self_sent] = people_then[self_sent] % people.count + 1
    offsets = np.concatenate(([0], np.cumsum(size))).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, pa.array(people_then))


def _quotes(
    generator: np.random.Generator, kind: Integers, index: Integers, total: int
) -> pa.ListArray:
    """Let 5 % quote one or two earlier records; some posts, comments and articles quote an InMail."""
    count = len(kind)
    quoting = (generator.random(count) < _QUOTING_SHARE) & (index > 0)
    size = np.where(quoting, 1 + (generator.random(count) < 0.1), 0)
    owner = np.repeat(np.arange(count), size)
    quoted = (generator.random(len(owner)) * index[owner]).astype(np.int64)

    inmails = np.flatnonzero(kind == _INMAIL)
    earlier = np.searchsorted(inmails, owner)
    leaks = (
        np.isin(kind[owner], _PUBLIC)
        & (generator.random(len(owner)) < _LEAK_SHARE)
        & (earlier > 0)
    )
    picked = (generator.random(len(owner)) * earlier).astype(np.int64)
    quoted[leaks] = index[inmails[picked[leaks]]]
    lost = generator.random(len(owner)) < _BAD_SHARE * 20
    identifiers = np.where(lost, total + 1_000_000 + owner, quoted + 1)
    offsets = np.concatenate(([0], np.cumsum(size))).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, pa.array(identifiers))
