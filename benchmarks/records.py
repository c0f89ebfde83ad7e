# SPDX-License-Identifier: Apache-2.0
"""The records: who wrote what to whom, made in pieces of one row group each.

A piece depends on the seed, its file and its place alone, so memory is bounded by one piece and a
file can be made without the others. Which chance sends a record to which refusal is said by `ODDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.ids import (
    Kind,
    Numbers,
    member_ids,
    member_numbers,
    record_ids,
    record_numbers,
    scatter,
    stranger_numbers,
)
from benchmarks.people import AT, seconds
from benchmarks.words import bodies

ROW_GROUP: Final = 1 << 16

_SPAN: Final = 6 * 365 * 86_400
_RING: Final = 100
_CHAIN: Final = range(200, 250)

# Per cent of the records; the last three are unusual on purpose.
CATEGORIES: Final[Mapping[str, float]] = {
    "post": 17.0, "article": 2.0, "comment": 25.8, "profile": 2.0, "ai-input": 3.0,
    "direct-message": 28.0, "inmail": 13.0, "group-message": 9.0,
    "credentials": 0.1, "newsletter": 0.05, "message": 0.05,
}  # fmt: skip
_GROUP: Final = tuple(CATEGORIES).index("group-message")
_MESSAGES: Final = np.array([name.endswith(("message", "inmail")) for name in CATEGORIES])

CAPACITIES: Final[Mapping[str | None, float]] = {
    None: 92.0, "personal": 6.0, "seat:acme": 1.5, "seat:globex": 0.5,
}  # fmt: skip

ODDS: Final[Mapping[str, float]] = {
    "quoting": 0.05,
    "of quoting: a second quote": 0.1,
    "of quotes: into another file": 0.5,
    "of quotes: unknown": 0.002,
    "duplicate made of another record's id": 0.0005,
    "of duplicates: of another file": 0.5,
    "no author": 0.0005,
    "author who never joined": 0.001,
    "addressee who never joined": 0.003,
    "an empty place among addressees": 0.0005,
    "message without addressee": 0.002,
    "no created_at": 0.0002,
    "created_at after the request": 0.003,
}

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What is asked of a set of records.

    Attributes:
        records: How many.
        members: How many members write them.
        body: Mean bytes of a body.
        kind: Whether ids are integers or strings.
        files: Over how many files they are spread, in equal parts.
        seed: Equal seeds make equal records.
    """

    records: int
    members: int
    body: int
    kind: Kind
    files: int = 8
    seed: int = 1

    def bounds(self, file: int) -> tuple[int, int]:
        """Give the first record of a file and the first after it."""
        return self.records * file // self.files, self.records * (file + 1) // self.files


@dataclass(kw_only=True, slots=True)
class Counts:
    """What came out, counted while it is made; quotes and duplicates as in the data."""

    records: int = 0
    parties: int = 0
    bytes: int = 0
    quoting: int = 0
    quotes: int = 0
    quotes_across: int = 0
    quotes_forward: int = 0
    duplicates: int = 0
    categories: dict[str, int] = field(default_factory=dict)


def schema(kind: Kind) -> pa.Schema:
    """Give the schema of records, with the payload column `body`."""
    member = record = pa.int64() if kind == "int" else pa.string()
    return pa.schema(
        [
            ("record_id", record),
            ("category", pa.string()),
            ("created_at", pa.timestamp("us", "UTC")),
            ("author", member),
            ("recipients", pa.list_(member)),
            ("capacity", pa.string()),
            ("quotes", pa.list_(record)),
            ("body", pa.string()),
        ]
    )


def write_file(path: Path, shape: Shape, file: int, counts: Counts) -> None:
    """Write one file of records, zstd-3, one row group for each piece."""
    with pq.ParquetWriter(
        path,
        schema(shape.kind),
        compression="zstd",
        compression_level=3,
        use_dictionary=["category", "capacity"],
    ) as writer:
        for table in pieces(shape, file, counts):
            writer.write_table(table, row_group_size=ROW_GROUP)


def pieces(shape: Shape, file: int, counts: Counts) -> Iterator[pa.Table]:
    """Make the records of one file, piece by piece."""
    first, end = shape.bounds(file)
    for start in range(first, end, ROW_GROUP):
        generator = np.random.Generator(np.random.SFC64([shape.seed, shape.records, start]))
        indices = np.arange(start, min(start + ROW_GROUP, end), dtype=np.int64)
        yield _piece(generator, shape, file, indices, counts)


def _piece(
    generator: np.random.Generator, shape: Shape, file: int, indices: Numbers, counts: Counts
) -> pa.Table:
    count = len(indices)
    category = _pick(generator, CATEGORIES, count)
    capacity = _pick(generator, CAPACITIES, count)
    ids = _with_duplicates(generator, shape, indices, counts)
    author, written = _authors(generator, shape, count)
    offsets, recipients = _recipients(generator, shape, category)
    body = bodies(generator, scatter(indices, 26), shape.body)
    quotes = _quotes(generator, shape, file, indices, counts)

    counts.records += count
    counts.parties += int(written.sum()) + len(recipients) - recipients.null_count
    counts.bytes += int(pa.compute.sum(pa.compute.binary_length(body)).as_py())
    for number, name in enumerate(CATEGORIES):
        counts.categories[name] = counts.categories.get(name, 0) + int(
            (category == number).sum()
        )
    return pa.table(
        [
            record_ids(ids, shape.kind),
            pa.array(list(CATEGORIES)).take(pa.array(category)),
            _created(generator, count),
            member_ids(author, shape.kind, written),
            pa.ListArray.from_arrays(offsets, recipients),
            pa.array(list(CAPACITIES), pa.string()).take(pa.array(capacity)),
            quotes,
            body,
        ],
        schema=schema(shape.kind),
    )


def _pick(
    generator: np.random.Generator,
    shares: Mapping[str, float] | Mapping[str | None, float],
    count: int,
) -> npt.NDArray[np.int8]:
    bounds = np.cumsum(list(shares.values()))
    drawn = generator.random(count) * bounds[-1]
    return np.searchsorted(bounds, drawn, side="right").astype(np.int8)


def _chance(generator: np.random.Generator, odds: str, count: int) -> Flags:
    return generator.random(count, np.float32) < ODDS[odds]


def _people(generator: np.random.Generator, shape: Shape, count: int, stranger: str) -> Numbers:
    """Draw members, a few of them very active, and some ids that nobody has."""
    rank = (shape.members * generator.random(count) ** 3).astype(np.int64)
    active = (rank * 7_368_787 + 11) % shape.members  # a prime: activity says nothing of the id
    unknown = _chance(generator, stranger, count)
    return np.where(unknown, stranger_numbers(active), member_numbers(active))


def _authors(generator: np.random.Generator, shape: Shape, count: int) -> tuple[Numbers, Flags]:
    people = _people(generator, shape, count, "author who never joined")
    return people, ~_chance(generator, "no author", count)


def _recipients(
    generator: np.random.Generator, shape: Shape, category: npt.NDArray[np.int8]
) -> tuple[pa.Array, pa.Array]:
    """Draw the addressees: one or few of a message, more of a group's, none of the rest."""
    count = len(category)
    few = np.minimum(generator.geometric(0.8, count), 12)
    many = 2 + np.minimum(generator.geometric(0.157, count), 60)
    size = np.where(_MESSAGES[category], np.where(category == _GROUP, many, few), 0)
    size[_chance(generator, "message without addressee", count)] = 0
    offsets = np.concatenate(([0], np.cumsum(size))).astype(np.int32)
    total = int(offsets[-1])
    people = _people(generator, shape, total, "addressee who never joined")
    named = ~_chance(generator, "an empty place among addressees", total)
    return pa.array(offsets), member_ids(people, shape.kind, named)


def _created(generator: np.random.Generator, count: int) -> pa.Array:
    """Draw when records were made: over six years, most in the last; a few never or later."""
    at = seconds(AT)
    created = at - (_SPAN * generator.random(count) ** 4).astype(np.int64)
    later = _chance(generator, "created_at after the request", count)
    created[later] = at + generator.integers(1, 86_400, int(later.sum()))
    missing = _chance(generator, "no created_at", count)
    return pa.array(created * 1_000_000, mask=missing).cast(pa.timestamp("us", "UTC"))


def _elsewhere(generator: np.random.Generator, shape: Shape, file: int, count: int) -> Numbers:
    """Draw records of the other files; of this one where there is no other."""
    first, end = shape.bounds(file)
    others = shape.records - (end - first)
    if not others:
        return generator.integers(first, end, count)
    drawn = generator.integers(0, others, count)
    return np.where(drawn < first, drawn, drawn + (end - first))


def _with_duplicates(
    generator: np.random.Generator, shape: Shape, indices: Numbers, counts: Counts
) -> Numbers:
    """Give the records' numbers, a few of them taken from another record."""
    copied = np.flatnonzero(
        _chance(generator, "duplicate made of another record's id", len(indices))
    )
    across = _chance(generator, "of duplicates: of another file", len(copied))
    file = int(
        np.searchsorted([shape.bounds(f)[1] for f in range(shape.files)], indices[0], "right")
    )
    near = generator.choice(indices, len(copied))
    far = _elsewhere(generator, shape, file, len(copied))
    own = indices.copy()
    own[copied] = np.where(across, far, near)
    counts.duplicates += len(copied)
    return record_numbers(own)


def _quotes(
    generator: np.random.Generator, shape: Shape, file: int, indices: Numbers, counts: Counts
) -> pa.Array:
    """Draw who quotes whom: half of the quotes across files, some forward, rings and chains."""
    count = len(indices)
    first, end = shape.bounds(file)
    quoting = _chance(generator, "quoting", count)
    size = quoting * (1 + _chance(generator, "of quoting: a second quote", count))
    planned = _planned(indices)
    size[list(planned)] = 1
    offsets = np.concatenate(([0], np.cumsum(size))).astype(np.int32)
    total = int(offsets[-1])

    across = _chance(generator, "of quotes: into another file", total)
    target = np.where(
        across, _elsewhere(generator, shape, file, total), generator.integers(first, end, total)
    )
    for row, quoted in planned.items():
        target[offsets[row]] = quoted
    unknown = _chance(generator, "of quotes: unknown", total)
    target[unknown] += shape.records

    quoter = np.repeat(indices, size)
    known = target < shape.records
    counts.quoting += int((size > 0).sum())
    counts.quotes += total
    counts.quotes_across += int((known & ((target < first) | (target >= end))).sum())
    counts.quotes_forward += int((known & (target > quoter)).sum())
    return pa.ListArray.from_arrays(
        pa.array(offsets), record_ids(record_numbers(target), shape.kind)
    )


def _planned(indices: Numbers) -> dict[int, int]:
    """Give rows of a piece that quote a record chosen on purpose: a ring of three, a chain of 50."""
    if len(indices) <= _CHAIN.stop:
        return {}
    ring = [_RING, _RING + 1, _RING + 2]
    planned = {row: int(indices[ring[(place + 1) % 3]]) for place, row in enumerate(ring)}
    return planned | {row: int(indices[row + 1]) for row in _CHAIN}
