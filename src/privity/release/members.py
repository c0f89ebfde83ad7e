# SPDX-License-Identifier: Apache-2.0
"""Commit to the members of a release: tags, leaves, root, sidecar, and rows for the index (specs/release.md, part 2).

At its making call `commit_members` once, when the files of the table and those beside them (`release.parties`) are
written aside and final; the entry takes its root and its count. When rows are taken out, `release.without` says what
follows for the members concerned. Whoever has a release and its secret gets the root again by `members_again`.

Records are dealt by tag into shares that fit in memory, and wait in files of a working folder. In memory are about 250
bytes for each member, and 60 MiB for two shares; a member with more records than a share has takes more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from privity.decide.kernel.grouping import pair_rows
from privity.ledger.tree import HASH_SIZE
from privity.members.facts import MemberId
from privity.release.ahead import ahead
from privity.release.branches import write_leaves
from privity.release.decided import Progress, whole
from privity.release.leaves import Leaves
from privity.release.numbered import Numbered
from privity.release.pairs import (
    Audience,
    Parties,
    PartiesFile,
    ids_as_text,
    parties_files,
    read_parties,
)
from privity.release.shares import Shares
from privity.release.sidecar import TAGS, open_part, part_rows, write_tags
from privity.release.tagged import leaf_values, release_tags
from privity.release.tags import key_without_stream

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
Sizes = tuple[int, int]
"""How many rows, and how many pairs of a row and a party."""
Keys = Callable[[Sequence[MemberId]], Sequence[tuple[MemberId, bytes | None]]]
"""Gives of ids, as rows have them, the members' ids, and the keys of their streams or None where there is none."""

STAGE: Final = "members"
"""What progress is told of: each row when it is read, and when its ids are dealt."""

_AT_ONCE: Final = 1 << 16
_PLACE: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a member has in a release.

    Attributes:
        member: The member's id, as rows have it.
        tag: Her tag.
        places: Of her records: each as 4 bytes, the lowest first, ascending.
    """

    member: MemberId
    tag: bytes
    places: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Committed:
    """A release's members, committed to.

    Attributes:
        root: The root over them.
        count: How many they are.
        files: The files that were read, with the places of their rows.
        members: Their ids by number.
        ranks: Shape (members): where each stands in the order of tags.
        tags: Shape (members, 32), in that order.
        places: The file of all their places, in that order.
        ends: Shape (members): where each one's end in it.
    """

    root: bytes
    count: int
    files: tuple[PartiesFile, ...]
    members: Numbered
    ranks: Places
    tags: Bytes
    places: Path
    ends: Ints

    def held(self) -> Iterator[Held]:
        """Give what each member has, in the order of their ids' texts; as long as the working folder is there.

        Raises:
            OSError: The disk fails.
        """
        starts = np.concatenate(([0], self.ends))
        with self.places.open("rb") as file:
            for numbers, some in self.members.in_order(_AT_ONCE):
                ranks = self.ranks[numbers]
                edges = zip(starts[ranks].tolist(), starts[ranks + 1].tolist(), strict=True)
                tags = self.tags[ranks].tobytes()
                for at, (member, (begin, end)) in enumerate(zip(some, edges, strict=True)):
                    size = (end - begin) * _PLACE
                    yield Held(
                        member=member,
                        tag=tags[at * HASH_SIZE : (at + 1) * HASH_SIZE],
                        places=os.pread(file.fileno(), size, begin * _PLACE),
                    )


def commit_members(
    parties: Path,
    sidecar: Path,
    leaves: Path,
    work: Path,
    *,
    name: str,
    salt: bytes,
    keys: Keys,
    audience: Audience,
    progress: Progress = lambda _stage, _rows: None,
) -> Committed:
    """Commit to the members of a release, and write its sidecar and the file of its leaves.

    Args:
        parties: The folder of the files beside the table's, `part-*.parquet`.
        sidecar: The folder to make, which the release has as `members`.
        leaves: The file to make (`release.leaves`); the operator's alone.
        work: A working folder of the caller's; what is written there is needed until `Committed.held` was read.
        name: The release's name.
        salt: Its secret, 32 bytes.
        keys: Gives members' ids and the keys of their streams.
        audience: When the addressees of a group message are parties: `Audience.of` the request.
        progress: Told of rows.

    Raises:
        VerificationError: A row has a party that is nobody (`release/parties`).
        OSError: The disk is full or fails; what was written is the caller's to remove.
    """
    files = parties_files(parties)
    members, sizes = _numbered(files, audience, work / "pairs", progress)
    tags, ranks = _in_order(_tags_of(members, name, salt, keys))
    sidecar.mkdir()
    write_tags(sidecar / TAGS, tags, np.arange(len(tags), dtype=np.uint32))
    with Shares(work, len(tags), sum(pairs for _, pairs in sizes)) as shares:
        _deal(files, sidecar, _pairs_in(work / "pairs", sizes, ranks), shares, progress)
        (work / "pairs").unlink()
        values, ends = values_of(shares, tags, salt, work / "places")
    made: Leaves = write_leaves(leaves, tags, values)
    return Committed(
        root=made.root(),
        count=made.count,
        files=files,
        members=members,
        ranks=ranks,
        tags=tags,
        places=work / "places",
        ends=ends,
    )


def _numbered(
    files: Sequence[PartiesFile], audience: Audience, to: Path, progress: Progress
) -> tuple[Numbered, list[Sizes]]:
    """Number the parties of all rows; gives how many pairs each row group has, which lie in a file."""
    members, sizes = Numbered(), list[Sizes]()
    with to.open("wb") as file:
        for one in files:
            for found in ahead(read_parties(one, audience)):
                ends, numbers = _pairs(found, members)
                sizes.append((found.rows, len(numbers)))
                file.write(ends.data)
                file.write(numbers.data)
                progress(STAGE, found.rows)
    return members, sizes


def _pairs(found: Parties, members: Numbered) -> tuple[Places, Places]:
    """Give where the parties of each row end, the first 0, and their numbers: nobody stands twice in one row."""
    authors = members.number(found.authors)
    ends = np.arange(found.rows + 1, dtype=np.uint32)
    if not len(found.addressees):
        return ends, authors.view(np.uint32)
    addressees = members.number(found.addressees)
    numbers = np.empty(found.rows + len(addressees), np.uint32)
    pair_rows(authors, found.lengths, addressees, ends, numbers)
    return ends, numbers[: ends[-1]]


def _pairs_in(
    path: Path, sizes: Sequence[Sizes], ranks: Places
) -> Iterator[tuple[Ints, Places]]:
    """Give back the pairs of each row group: where those of each row end, and where their parties stand in the order of tags."""
    with path.open("rb") as file:
        for rows, pairs in sizes:
            ends, numbers = (np.fromfile(file, np.uint32, size) for size in (rows + 1, pairs))
            yield ends.astype(np.int64), ranks[numbers]


def _tags_of(members: Numbered, name: str, salt: bytes, keys: Keys) -> Bytes:
    """Give the tags of members by number."""
    tags = np.empty((members.count, HASH_SIZE), np.uint8)
    # In the order of their ids the keys lie side by side.
    for numbers, some in members.in_order(_AT_ONCE):
        found = [
            key_without_stream(salt, member) if key is None else key
            for member, key in keys(some)
        ]
        tags[numbers] = release_tags(found, name)
    return tags


def _in_order(tags: Bytes) -> tuple[Bytes, Places]:
    """Give tags in order, and where in it each stands."""
    words = tags.view(">u8").astype(np.uint64)
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    if (first[1:] == first[:-1]).any():
        order = np.lexsort(words.T[::-1])
    ranks = np.empty(len(tags), np.uint32)
    ranks[order] = np.arange(len(tags), dtype=np.uint32)
    return tags[order], ranks


def _deal(
    files: Sequence[PartiesFile],
    sidecar: Path,
    pairs: Iterator[tuple[Ints, Places]],
    shares: Shares,
    progress: Progress,
) -> None:
    """Deal the ids of all rows into shares, and write the parts of the sidecar on the way."""
    with ThreadPoolExecutor(1) as pool:
        for one in files:
            first, kind = one.first, _ids_of(one.path)
            written: list[Future[None]] = []
            with open_part(sidecar / one.path.name, kind) as writer:
                try:
                    for ids in ahead(_ids_in(one.path, kind)):
                        ends, ranks = next(pairs)
                        made = part_rows(ids, ends, ranks)
                        for before in written:
                            before.result()
                        written = [pool.submit(writer.write_batch, made)]
                        shares.add(ranks, ends, ids_as_text(ids), first)
                        first += len(ids)
                        progress(STAGE, len(ids))
                finally:
                    # Nobody writes any more when the file is closed.
                    wait(written)
                for last in written:
                    last.result()


def _ids_of(path: Path) -> pa.DataType:
    """Give the type that a sidecar has the ids of a file's records in."""
    kind = pq.read_schema(path).field("record_id").type
    return pa.int64() if pa.types.is_integer(kind) else pa.string()


def _ids_in(path: Path, kind: pa.DataType) -> Iterator[pa.Array]:
    """Read the ids of a file's records, one row group after the other."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["record_id"], use_threads=False)
            yield whole(table.column("record_id")).cast(kind)


def values_of(shares: Shares, tags: Bytes, salt: bytes, to: Path) -> tuple[Bytes, Ints]:
    """Give the values of all leaves, and where each one's places end in the file that they are written to."""
    values = np.empty((len(tags), HASH_SIZE), np.uint8)
    ends = np.empty(len(tags), np.int64)
    before = 0
    with to.open("wb") as file:
        for group in ahead(shares.groups()):
            last = group.first + len(group.counts)
            mine = tags[group.first : last]
            values[group.first : last] = leaf_values(salt, mine, group.counts, group.lists)
            ends[group.first : last] = before + group.place_ends
            before += len(group.places)
            file.write(group.places.data)
    return values, ends
