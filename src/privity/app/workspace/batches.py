# SPDX-License-Identifier: Apache-2.0
"""Facts of the projection, and of baselines, as batches of columns that `privity.members.columns` takes.

Here numbers of streams become members again, by the keys: who has none, has been erased, and is nobody here. A
member's id is an integer where the ids of all are; else all are text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.workspace.recording import PLATFORM
from privity.canonical.encode import encode
from privity.canonical.instants import FIRST_INSTANT, Instant
from privity.errors import InputError
from privity.members.facts import Fact, parse_detail
from privity.store.keys import Keys
from privity.store.projection_rows import FactRow

Ints = npt.NDArray[np.int64]

UNREAD_SETTING: Final = "something that nobody can read "
"""The setting of an off that stands for what cannot be read. It ends in a blank: no policy can name one so."""

_INSTANT: Final = pa.timestamp("us", tz="UTC")
_MICROSECONDS: Final = 1_000_000
_COLUMNS: Final = 4
_NOBODY: Final = -1
_PLATFORM: Final = -2
_NAMES: Final = ("member", "fact", "value", "at", "recorded_at", "detail")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ids:
    """Whose streams are whose.

    Attributes:
        ids: The members' ids, string or int64, each once.
        place: Shape (streams + 1): by a stream's number its member's place among `ids`, or below zero: nobody
            has its key, or it is the platform's.
    """

    ids: pa.Array
    place: Ints

    @property
    def numbers(self) -> bool:
        """Whether ids are integers."""
        return bool(pa.types.is_integer(self.ids.type))

    def of_streams(self, streams: Ints) -> Ints:
        """Give the places of streams; one that no key was ever made for is nobody's."""
        known = np.minimum(streams, len(self.place) - 1)
        return np.where(streams < len(self.place), self.place[known], _NOBODY)

    def is_platform(self, stream: int) -> bool:
        """Tell whether a stream is the platform's."""
        return stream < len(self.place) and int(self.place[stream]) == _PLATFORM

    def array(self, places: Ints) -> pa.Array:
        """Give the ids at places."""
        return self.ids.take(pa.array(places))


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What facts say, by the number of their kind.

    Attributes:
        columns: Fact, value and detail of each.
        place: Shape (kinds + 1): where a kind stands in the columns.
    """

    columns: tuple[pa.Array, pa.Array, pa.Array]
    place: npt.NDArray[np.int32]


def read_ids(keys: Keys, *, numbers: bool = True) -> Ids:
    """Read whose streams are whose.

    Args:
        keys: The members' keys.
        numbers: Whether ids may be integers; where a baseline has text they may not.

    Raises:
        InputError: A number and a text are the ids of two members, and are written alike (`workspace/ids`).
    """
    return ids_of([row for page in keys.members() for row in page], numbers=numbers)


def ids_of(rows: Sequence[tuple[int, str]], *, numbers: bool) -> Ids:
    """Lay out streams with the names of their members; the rest as `read_ids`."""
    streams = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    names = pa.array([row[1] for row in rows], pa.string())
    heads = pc.utf8_slice_codeunits(names, 0, 1)
    ours = np.asarray(pc.equal(names, PLATFORM), np.bool_)
    texts = pc.utf8_slice_codeunits(names.filter(pa.array(~ours)), 1)
    if numbers and not pc.any(pc.equal(heads, "t")).as_py():
        ids = texts.cast(pa.int64())
    elif pc.count_distinct(texts).as_py() == len(texts):
        ids = texts
    else:
        twice = next(
            one["values"] for one in pc.value_counts(texts).to_pylist() if one["counts"] > 1
        )
        raise InputError(
            f"`{twice}` is the id of one member as a number and of another as text, expected one",
            code="workspace/ids",
            hint="erase the one that was recorded by mistake",
        )
    place = np.full(int(streams.max(initial=0)) + 1, _NOBODY, np.int64)
    place[streams[~ours]] = np.arange(len(ids))
    place[streams[ours]] = _PLATFORM
    return Ids(ids=ids, place=place)


def words_of(kinds: Sequence[tuple[int, str, str, str]]) -> Words:
    """Lay out the kinds of a projection."""
    place = np.zeros(kinds[-1][0] + 1 if kinds else 1, np.int32)
    place[[kind for kind, *_ in kinds]] = np.arange(len(kinds))
    fact, value, detail = (
        pa.array([row[column] for row in kinds], pa.string()) for column in (1, 2, 3)
    )
    return Words(columns=(fact, value, detail), place=place)


def packed(rows: Sequence[tuple[int, int, int, int]]) -> Ints:
    """Put rows of numbers into one array, shape (rows, 4)."""
    flat = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * _COLUMNS)
    return flat.reshape(len(rows), _COLUMNS)


def batches_of(
    rows: Ints, ids: Ids, words: Words
) -> tuple[pa.RecordBatch, pa.RecordBatch, Ints]:
    """Make batches of the members' of rows of stream, kind, at and recorded_at; who has no key is left out.

    Returns:
        What entered when it was true, or before; what was true earlier ([CLM-2]), and when that entered.
    """
    earlier = rows[:, 2] < rows[:, 3]
    members = ids.of_streams(rows[:, 0]) >= 0
    seen, claimed = rows[members & ~earlier], rows[members & earlier]
    return _batch(seen, ids, words), _batch(claimed, ids, words), claimed[:, 3]


def _batch(rows: Ints, ids: Ids, words: Words) -> pa.RecordBatch:
    codes = pa.array(words.place[rows[:, 1]])
    return pa.RecordBatch.from_arrays(
        [
            ids.array(ids.of_streams(rows[:, 0])),
            *_coded(codes, words.columns[:2]),
            _instants(rows[:, 2]),
            _instants(rows[:, 3]),
            *_coded(codes, words.columns[2:]),
        ],
        names=_NAMES,
    )


def platform_of(rows: Ints, ids: Ids, words: Words) -> Iterator[Fact]:
    """Give the platform's own of rows of stream, kind, at and recorded_at."""
    for _, kind, at, recorded_at in rows[ids.of_streams(rows[:, 0]) == _PLATFORM].tolist():
        fact, value, detail = (
            column[int(words.place[kind])].as_py() for column in words.columns
        )
        yield Fact(
            member=None,
            fact=fact,
            value=value,
            at=at,
            recorded_at=recorded_at,
            detail=parse_detail(detail),
        )


def batch_of_facts(facts: Iterable[Fact], *, numbers: bool) -> pa.RecordBatch:
    """Make a batch of facts that are at hand."""
    rows = list(facts)
    members = [one.member if one.member is None or numbers else str(one.member) for one in rows]
    return pa.RecordBatch.from_arrays(
        [
            pa.array(members, pa.int64() if numbers else pa.string()),
            pa.array([one.fact for one in rows], pa.string()),
            pa.array([one.value for one in rows], pa.string()),
            _instants(np.array([one.at for one in rows], np.int64)),
            _instants(np.array([one.recorded_at for one in rows], np.int64)),
            pa.array([_text(one.detail) for one in rows], pa.string()),
        ],
        names=_NAMES,
    )


def batch_of_claims(rows: Sequence[FactRow], ids: Ids) -> tuple[pa.RecordBatch, Ints]:
    """Make a batch of the members' of attested facts, as they are claimed; gives when they entered too."""
    place = ids.of_streams(np.array([row.stream for row in rows], np.int64))
    members = np.flatnonzero(place >= 0)
    kept = [rows[one] for one in members.tolist()]
    made = pa.RecordBatch.from_arrays(
        [
            ids.array(place[members]),
            *(pa.array([row.words[column] for row in kept], pa.string()) for column in (0, 1)),
            _instants(np.array([row.at for row in kept], np.int64)),
            _instants(np.array([claimed_time(row) for row in kept], np.int64)),
            pa.array([row.words[2] for row in kept], pa.string()),
        ],
        names=_NAMES,
    )
    return made, np.array([row.recorded_at for row in kept], np.int64)


def claimed_time(row: FactRow) -> Instant:
    """Give when an attested fact was recorded, as it is claimed: no later than it entered."""
    claimed = row.claimed_at
    return row.recorded_at if claimed is None else min(claimed, row.recorded_at)


def batch_of_unread(streams: Sequence[tuple[int, Instant]], ids: Ids) -> pa.RecordBatch:
    """Make a batch of what stands for entries that nobody can read: an off that no later yes takes back.

    Args:
        streams: The stream and the time of each entry.
        ids: Whose streams are whose.
    """
    place = ids.of_streams(np.array([stream for stream, _ in streams], np.int64))
    times = np.array([time for _, time in streams], np.int64)
    members = place >= 0
    count = int(members.sum())
    return pa.RecordBatch.from_arrays(
        [
            ids.array(place[members]),
            pa.array(["setting"] * count, pa.string()),
            pa.array(["off"] * count, pa.string()),
            _instants(np.full(count, FIRST_INSTANT)),
            _instants(times[members]),
            pa.array([_text({"setting": UNREAD_SETTING})] * count, pa.string()),
        ],
        names=_NAMES,
    )


def as_text(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give batches whose members' ids are text."""
    for batch in batches:
        member = batch.column("member")
        if pa.types.is_string(member.type):
            yield batch
        else:
            columns = [member.cast(pa.string()), *batch.columns[1:]]
            yield pa.RecordBatch.from_arrays(columns, names=_NAMES)


def _coded(codes: pa.Array, columns: Iterable[pa.Array]) -> list[pa.Array]:
    return [pa.DictionaryArray.from_arrays(codes, column) for column in columns]


def _instants(seconds: Ints) -> pa.Array:
    return pa.array(seconds * _MICROSECONDS).cast(_INSTANT)


def _text(detail: Any) -> str:
    return encode(dict(detail)).decode() if detail else ""
