# SPDX-License-Identifier: Apache-2.0
"""Facts as columns: 20 bytes a fact, in timeline order, for the bulk path (docs/performance.md).

Kind, value and detail of a fact repeat from member to member, so each distinct combination is read,
checked and kept once. What facts mean is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.instants import Instant, parse_instant
from privity.errors import InputError
from privity.members.facts import Fact, MemberId, as_number, check_shape, parse_detail
from privity.members.timeline import sort_key

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]

_MOST_READ: Final = 1 << 15
"""So many kinds are kept once they were read: what a ledger knows is put into columns several times."""
COLUMNS: Final = ("member", "fact", "value", "at", "recorded_at", "detail")


@dataclass(frozen=True, kw_only=True, slots=True)
class FactColumns:
    """All facts of one import.

    Attributes:
        ids: The members' ids (string or int64), each once; a member's index is its place here.
        starts: Shape (members + 1): where each member's facts begin in the arrays below.
        at: Shape (facts): when true, in timeline order within each member.
        recorded_at: Shape (facts): when recorded.
        kind: Shape (facts): index into `kinds`.
        kinds: Each distinct combination of fact, value and detail, as a fact without member and time.
        platform: The platform's own facts.
    """

    ids: pa.Array
    starts: Ints
    at: Ints
    recorded_at: Ints
    kind: Codes
    kinds: tuple[Fact, ...]
    platform: tuple[Fact, ...]

    @property
    def members(self) -> int:
        """How many members there are facts about."""
        return len(self.ids)

    @property
    def facts(self) -> int:
        """How many facts of members there are."""
        return len(self.at)

    def member_of(self) -> Codes:
        """Give each fact's member index, shape (facts)."""
        return np.repeat(np.arange(self.members, dtype=np.int32), np.diff(self.starts))

    def of_member(self, index: int) -> Iterator[Fact]:
        """Give the facts of one member, in order."""
        member: MemberId = self.ids[index].as_py()
        for row in range(int(self.starts[index]), int(self.starts[index + 1])):
            yield replace(
                self.kinds[self.kind[row]],
                member=member,
                at=int(self.at[row]),
                recorded_at=int(self.recorded_at[row]),
            )

    def index_of(self, member: MemberId) -> int | None:
        """Give a member's index, or None if no fact tells of it."""
        if pa.types.is_string(self.ids.type):
            found = pc.index(self.ids, pa.scalar(str(member), self.ids.type)).as_py()
        elif (number := as_number(member)) is not None:
            found = pc.index(self.ids, pa.scalar(number, self.ids.type)).as_py()
        else:
            return None
        return None if found < 0 else int(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Coded:
    """Facts as numbers, in the order in which they were given.

    Attributes:
        ids: The members' ids (string or int64), each once.
        index: Shape (facts): each fact's member, as a place among `ids`.
        at: Shape (facts): when true.
        recorded_at: Shape (facts): when recorded.
        kind: Shape (facts): index into `kinds`.
        kinds: As those of `FactColumns`.
        platform: The platform's own facts.
    """

    ids: pa.Array
    index: Codes
    at: Ints
    recorded_at: Ints
    kind: Codes
    kinds: tuple[Fact, ...]
    platform: tuple[Fact, ...]


def fact_columns(batches: Iterable[pa.RecordBatch | pa.Table]) -> FactColumns:
    """Put facts into columns in one pass; the order of the input never matters.

    Args:
        batches: The columns of `COLUMNS`; `member` string or int64, null or empty for the platform;
            `at` and `recorded_at` as timestamps with a zone and whole seconds; the rest strings, or codes
            of strings without nulls.

    Raises:
        InputError: A fact is not well formed.
    """
    return in_order(coded(batches))


def coded(batches: Iterable[pa.RecordBatch | pa.Table]) -> Coded:
    """Make numbers of facts; takes what `fact_columns` takes, and raises as it does."""
    interned: dict[tuple[str, str, str], int] = {}
    kinds: list[Fact] = []
    platform: list[Fact] = []
    members: list[pa.Array] = []
    parts: list[tuple[Ints, Ints, Codes]] = []
    for batch in batches:
        rows = batch if isinstance(batch, pa.RecordBatch) else _one_batch(batch)
        kind = _intern(rows, interned, kinds)
        at, recorded_at = _seconds(rows, "at"), _seconds(rows, "recorded_at")
        member = rows.column("member")
        ours = np.asarray(_is_platform(member))
        platform += [
            replace(kinds[kind[row]], at=int(at[row]), recorded_at=int(recorded_at[row]))
            for row in np.flatnonzero(ours)
        ]
        _check_sides(kind, ours, kinds)
        members.append(member.filter(pa.array(~ours)))
        parts.append((at[~ours], recorded_at[~ours], kind[~ours]))
    ids, index = _index_members(members)
    at, recorded_at, kind = (
        np.concatenate([part[column] for part in parts]) if parts else np.empty(0, dtype)
        for column, dtype in enumerate((np.int64, np.int64, np.int32))
    )
    return Coded(
        ids=ids,
        index=index,
        at=at,
        recorded_at=recorded_at,
        kind=kind,
        kinds=tuple(kinds),
        platform=tuple(platform),
    )


def ranks(kinds: Sequence[Fact]) -> Codes:
    """Give each kind's place among those of one instant: what refuses comes last; equal where it is equal."""
    keys = [sort_key(one) for one in kinds]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return np.array([places[key] for key in keys], np.int32)


def in_order(facts: Coded) -> FactColumns:
    """Put facts in the order of timelines."""
    order = np.lexsort(
        (ranks(facts.kinds)[facts.kind], facts.recorded_at, facts.at, facts.index)
    )
    starts = np.zeros(len(facts.ids) + 1, np.int64)
    np.cumsum(np.bincount(facts.index, minlength=len(facts.ids)), out=starts[1:])
    return FactColumns(
        ids=facts.ids,
        starts=starts,
        at=facts.at[order],
        recorded_at=facts.recorded_at[order],
        kind=facts.kind[order],
        kinds=facts.kinds,
        platform=facts.platform,
    )


def columns_of(facts: Iterable[Mapping[str, Any]]) -> FactColumns:
    """Put facts given as rows of the facts format into columns; for small inputs and tests.

    Raises:
        InputError: A fact is not well formed.
    """
    rows = list(facts)
    stamp = pa.timestamp("us", tz="UTC")
    times = {
        name: pa.array([_instant(row[name]) * 1_000_000 for row in rows], pa.int64()).cast(
            stamp
        )
        for name in ("at", "recorded_at")
    }
    ids = [None if row.get("member") == "" else row.get("member") for row in rows]
    numbers = {type(one) for one in ids if one is not None} == {int}
    table = pa.table(
        {
            "member": pa.array(
                ids if numbers else [None if one is None else str(one) for one in ids],
                pa.int64() if numbers else pa.string(),
            ),
            "fact": pa.array([row["fact"] for row in rows], pa.string()),
            "value": pa.array([row.get("value") or "" for row in rows], pa.string()),
            **times,
            "detail": pa.array([row.get("detail") or "" for row in rows], pa.string()),
        }
    )
    return fact_columns([table])


def _instant(value: str | int) -> Instant:
    return value if isinstance(value, int) else parse_instant(value)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    if batches:
        return batches[0]
    return pa.RecordBatch.from_arrays(
        [pa.array([], field.type) for field in table.schema], schema=table.schema
    )


def _is_platform(member: pa.Array) -> pa.Array:
    missing = pc.is_null(member)
    return (
        pc.or_(missing, pc.fill_null(pc.equal(member, ""), fill_value=True))
        if (pa.types.is_string(member.type))
        else missing
    )


def _seconds(rows: pa.RecordBatch, name: str) -> Ints:
    column = rows.column(name)
    if column.null_count:
        raise InputError(f"a fact without `{name}`, expected an instant", code="facts/instant")
    micros = (
        column.cast(pa.timestamp("us", tz="UTC"))
        .cast(pa.int64())
        .to_numpy(zero_copy_only=False)
    )
    seconds, rest = np.divmod(micros, 1_000_000)
    if rest.any():
        raise InputError(
            f"`{column[int(np.flatnonzero(rest)[0])].as_py().isoformat()}` in `{name}` has a "
            "fraction of a second, expected whole seconds",
            code="facts/instant",
        )
    return np.asarray(seconds, np.int64)


def _intern(
    rows: pa.RecordBatch, interned: dict[tuple[str, str, str], int], kinds: list[Fact]
) -> Codes:
    """Give each row's index into `kinds`, adding the combinations that are new."""
    columns = [_encoded(rows.column(name)) for name in ("fact", "value", "detail")]
    values = [column.dictionary.to_pylist() for column in columns]
    code = np.zeros(rows.num_rows, np.int64)
    for column in columns:
        code = code * max(1, len(column.dictionary)) + column.indices.to_numpy(
            zero_copy_only=False
        )
    distinct, inverse = np.unique(code, return_inverse=True)
    found = np.empty(len(distinct), np.int32)
    for place, one in enumerate(distinct.tolist()):
        rest, detail = divmod(one, max(1, len(values[2])))
        fact, value = divmod(rest, max(1, len(values[1])))
        key = (values[0][fact], values[1][value], values[2][detail])
        if key not in interned:
            interned[key] = len(kinds)
            kinds.append(_read(*key))
        found[place] = interned[key]
    return found[inverse]


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    if pa.types.is_dictionary(column.type):
        return column
    return pc.fill_null(column, "").dictionary_encode()


@lru_cache(_MOST_READ)
def _read(fact: str, value: str, detail: str) -> Fact:
    parsed = parse_detail(detail)
    platform = fact.startswith(("recipient", "order", "seat-"))
    check_shape(fact, value, parsed, platform=platform)
    return Fact(member=None, fact=fact, value=value, at=0, recorded_at=0, detail=parsed)


def _check_sides(kind: Codes, ours: npt.NDArray[np.bool_], kinds: list[Fact]) -> None:
    for platform in (True, False):
        for one in np.unique(kind[ours == platform]).tolist():
            fact = kinds[one]
            check_shape(fact.fact, fact.value, fact.detail, platform=platform)


def _index_members(members: list[pa.Array]) -> tuple[pa.Array, Codes]:
    """Give the ids, each once, and each fact's index among them; where some are text, numbers are read as text too."""
    # A file of the platform's facts alone says nothing of what an id is.
    some = [one for one in members if len(one)] or members[:1]
    kind = some[0].type if len({one.type for one in some}) == 1 else pa.string()
    chunked = pa.chunked_array([one.cast(kind) for one in some], kind)
    if pa.types.is_integer(chunked.type):
        values = chunked.to_numpy()
        ids, index = np.unique(values, return_inverse=True)
        return pa.array(ids, pa.int64()), index.astype(np.int32)
    encoded = chunked.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no chunk at all
        return pa.array([], pa.string()), np.empty(0, np.int32)
    return encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)


def only(facts: FactColumns, members: Iterable[MemberId]) -> FactColumns:
    """Give the facts of some members, and the platform's; those who are not there are left out."""
    if pa.types.is_string(facts.ids.type):
        wanted = pa.array([str(one) for one in members], facts.ids.type)
    else:
        numbers = [number for one in members if (number := as_number(one)) is not None]
        wanted = pa.array(numbers, facts.ids.type)
    places = np.flatnonzero(np.asarray(pc.is_in(facts.ids, value_set=wanted), np.bool_))
    firsts, ends = facts.starts[places], facts.starts[places + 1]
    lengths = ends - firsts
    starts = np.zeros(len(places) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    rows = np.repeat(firsts - starts[:-1], lengths) + np.arange(int(starts[-1]))
    return replace(
        facts,
        ids=facts.ids.take(pa.array(places)),
        starts=starts,
        at=facts.at[rows],
        recorded_at=facts.recorded_at[rows],
        kind=facts.kind[rows],
    )
