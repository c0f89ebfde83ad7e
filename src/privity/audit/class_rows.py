# SPDX-License-Identifier: Apache-2.0
"""What of the releases is of a class: read, asked, and counted release by release (specs/audit.md, part 2).

A record that is in a revision was in every earlier one. So each row counts for the acts on its newest revision that is
here and on all before that; what was only in revisions that are gone is not found, and is said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.acts import Act
from privity.audit.asked import Side
from privity.audit.columns import Flags, Ints, ids_of, joined
from privity.audit.evidence import Evidence
from privity.audit.holders import Holders
from privity.audit.members_of_class import (
    FIRST_ASKED,
    THEN_ASKED,
    Chosen,
    Concerned,
    Wanted,
    choose,
    concerned,
)

_AHEAD = 2
"""Releases that are read ahead for each thread."""

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file of a release: the revision that it was read in, its name and digest."""

    revision: int
    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """The rows of a release that may be of the class.

    Attributes:
        release: Its name.
        revisions: The revisions that were read, ascending.
        files: Their files.
        read: How many rows were looked at, of each of the revisions.
        chosen: What is known of those that are left.
        rows: Shape (left): `record_id`, `author`, `recipients`.
        top: Shape (left): the newest revision that has the row.
        file: Shape (left): the place of its file among `files`.
        number: Shape (left): its row in the file, from 0.
    """

    release: str
    revisions: tuple[int, ...]
    files: tuple[File, ...]
    read: Mapping[int, int]
    chosen: Chosen
    rows: pa.Table
    top: Ints
    file: Ints
    number: Ints


def look(evidence: Evidence, release: str, revisions: Sequence[int], wanted: Wanted) -> Looked:
    """Read the rows of some revisions of a release.

    Raises:
        VerificationError: A file is not the one that the revision's entry commits to.
    """
    parts: list[_Part] = []
    files: list[File] = []
    read: dict[int, int] = {}
    seen = pa.array([], pa.int64())
    for revision in sorted(revisions, reverse=True):
        here, read[revision] = [], 0
        for one in evidence.rows(release, revision, (*FIRST_ASKED, *THEN_ASKED)):
            chosen = choose(one.table, wanted)
            if len(chosen):
                here.append(_part(one.table, chosen, revision, len(files)))
            files.append(File(revision=revision, name=one.file, sha256=one.sha256))
            read[revision] += one.table.num_rows
        fresh = [_without(one, seen) for one in here]
        if revision != min(revisions):
            seen = joined([seen, *(one.ids for one in fresh)])
        parts += fresh
    return _looked(release, tuple(sorted(revisions)), tuple(files), read, parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """The rows of one file that are left."""

    chosen: Chosen
    rows: pa.Table
    number: Ints
    file: int
    revision: int

    @property
    def ids(self) -> pa.Array:
        """The ids of the records."""
        return ids_of(self.rows.column("record_id"))


def _part(table: pa.Table, chosen: Chosen, revision: int, file: int) -> _Part:
    number = np.flatnonzero(chosen.mask)
    rows = table.select(list(THEN_ASKED)).filter(pa.array(chosen.mask))
    return _Part(chosen=chosen, rows=rows, number=number, file=file, revision=revision)


def _without(part: _Part, seen: pa.Array) -> _Part:
    """Leave out what a later revision has."""
    if not len(seen):
        return part
    ids = part.ids
    here = seen if seen.type == ids.type else seen.cast(ids.type)
    mask: Flags = pc.invert(pc.is_in(ids, value_set=here)).to_numpy(zero_copy_only=False)
    return _Part(
        chosen=Chosen(
            mask=part.chosen.mask,
            clear=part.chosen.clear[mask],
            addressed=part.chosen.addressed[mask],
            created_at=part.chosen.created_at[mask],
        ),
        rows=part.rows.filter(pa.array(mask)),
        number=part.number[mask],
        file=part.file,
        revision=part.revision,
    )


def _looked(
    release: str,
    revisions: tuple[int, ...],
    files: tuple[File, ...],
    read: Mapping[int, int],
    parts: Sequence[_Part],
) -> Looked:
    sizes = [len(one.number) for one in parts]

    def each(values: Iterable[int]) -> Ints:
        return np.repeat(np.fromiter(values, np.int64, len(parts)), sizes)

    none = np.empty(0, np.bool_)
    return Looked(
        release=release,
        revisions=revisions,
        files=files,
        read=read,
        chosen=Chosen(
            mask=none,
            clear=np.concatenate([none, *(one.chosen.clear for one in parts)]),
            addressed=np.concatenate([none, *(one.chosen.addressed for one in parts)]),
            created_at=_put_together([one.chosen.created_at for one in parts]),
        ),
        rows=_rows([one.rows for one in parts]),
        top=each(one.revision for one in parts),
        file=each(one.file for one in parts),
        number=_put_together([one.number for one in parts]),
    )


def _put_together(arrays: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *arrays])


def _rows(tables: Sequence[pa.Table]) -> pa.Table:
    if tables:
        return pa.concat_tables(tables, promote_options="permissive").combine_chunks()
    kind = pa.int64()
    return pa.table(
        {
            "record_id": pa.array([], kind),
            "author": pa.array([], kind),
            "recipients": pa.array([], pa.list_(kind)),
        }
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What of a release is of the class.

    Attributes:
        looked: What was read.
        places: Who stands where.
    """

    looked: Looked
    places: Concerned


def find(looked: Looked, sides: Sequence[Side], holders: Holders | None) -> Found:
    """Ask whose the rows are that are left."""
    places = concerned(looked.rows, looked.chosen, sides, holders)
    return Found(looked=looked, places=places)


def in_turn(
    items: Iterable[_Item], work: Callable[[_Item], _Done], threads: int
) -> Iterator[tuple[_Item, _Done]]:
    """Do the work of some items at once, and give each with what came of it, in their order."""
    left = iter(items)
    waiting: deque[tuple[_Item, Future[_Done]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            waiting += ((one, pool.submit(work, one)) for one in islice(left, threads * _AHEAD))
            while waiting:
                item, done = waiting.popleft()
                found = done.result()
                waiting += ((one, pool.submit(work, one)) for one in islice(left, 1))
                yield item, found
        finally:
            for _, done in waiting:
                done.cancel()


def acts_with(acts: Iterable[Act], revisions: Sequence[int]) -> dict[Act, int | None]:
    """Say for each act in which of the revisions that are here its rows are looked for.

    The rows of a later revision were all in an earlier one, so the nearest that is not older stands for it; None where there
    is none.
    """
    return {
        act: min((one for one in revisions if one >= act.revision), default=None)
        for act in acts
    }
