# SPDX-License-Identifier: Apache-2.0
"""What becomes of a release's members when rows are taken out (specs/release.md, [REL-104]).

The parts of the sidecar beside the files that are replaced are written anew, row by row as they are. Only of the members who
had one of these rows the leaf changes: she has fewer records, or is no longer in the tree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.ledger.prefix import Leaf, prefix_root
from privity.release.leaves import Leaves
from privity.release.rewriting import Replaced
from privity.release.sidecar import TAGS, read_part, read_tags, rewrite_part, write_tags
from privity.release.tags import RecordId, leaf_salt, value_of

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOut:
    """Whose records are taken out, by tags.

    Attributes:
        records: For each tag the ids of its records that go.
        salt: The release's secret.
    """

    records: Mapping[bytes, Sequence[RecordId]]
    salt: bytes

    @property
    def root(self) -> bytes:
        """The root over these tags, each with what of it goes ([REL-103])."""
        return prefix_root(
            Leaf(tag, value_of(leaf_salt(self.salt, tag), ids))
            for tag, ids in sorted(self.records.items())
        )


def taken_out(sidecar: Path, salt: bytes, rows: Mapping[str, Ints]) -> TakenOut:
    """Look up whose some rows are.

    Args:
        sidecar: The folder `members` of the release, as it is.
        salt: The release's secret.
        rows: For each file's name the rows that go, ascending.

    Raises:
        VerificationError: The sidecar cannot be read (`release/sidecar`).
    """
    tags = _tags_of(sidecar)
    found: dict[bytes, list[RecordId]] = defaultdict(list)
    for name, out in sorted(rows.items()):
        for one, number in _owners(sidecar / name, out):
            found[tags[number]].append(one)
    return TakenOut(records=dict(found), salt=salt)


def write_sidecar_without(
    sidecar: Path,
    target: Path,
    replaced: Sequence[Replaced],
    rows: Mapping[str, Ints],
    gone: Iterable[bytes],
) -> None:
    """Write the parts of the sidecar that change, and the tags that stay.

    Args:
        sidecar: The folder `members` of the release, as it is.
        target: A folder for the new ones.
        replaced: The files that are replaced.
        rows: For each file's name the rows that go, ascending.
        gone: The tags of whom nothing is left.

    Raises:
        VerificationError: The sidecar cannot be read (`release/sidecar`).
        OSError: The disk is full or fails.
    """
    for one in replaced:
        if one.new is not None:
            out = rows[one.old]
            kept = np.ones(one.new.rows + len(out), np.bool_)
            kept[out] = False
            rewrite_part(sidecar / one.old, target / one.new.path, kept)
    tags, numbers = read_tags(sidecar)
    absent = set(gone)
    stay = np.array([tag.tobytes() not in absent for tag in tags], np.bool_)
    write_tags(target / TAGS, tags[stay], numbers[stay].astype(np.uint32))


def values_left(
    sidecar: Path,
    names: Collection[str],
    out: TakenOut,
    *,
    likely: Collection[str] | None = None,
    leaves: Leaves | None = None,
    threads: int = 2,
) -> dict[bytes, bytes | None]:
    """Give the new value of each tag's leaf; None of one of whom nothing is left.

    Args:
        sidecar: The folder `members` of the release, as it was before.
        names: The files that were live before.
        out: What is taken out.
        likely: Those of them in which all records of these tags are, as an index says.
        leaves: The leaves as they were before. If what is found in these files alone gives the same, it is all
            there was; else, or without leaves, all files are read.
        threads: How many parts are read at once.

    Raises:
        VerificationError: The sidecar cannot be read (`release/sidecar`).
        UnavailableError: The file of leaves cannot be read.
    """
    tags = _tags_of(sidecar)
    held: dict[bytes, list[RecordId]] | None = None
    if likely is not None and leaves is not None and set(likely) <= set(names):
        held = _held(sidecar, sorted(likely), tags, out, threads)
        if any(leaves.value(tag) != _value(out.salt, tag, ids) for tag, ids in held.items()):
            held = None
    if held is None:
        held = _held(sidecar, sorted(names), tags, out, threads)
    values: dict[bytes, bytes | None] = {}
    for tag, ids in held.items():
        gone = set(out.records[tag])
        left = [one for one in ids if one not in gone]
        values[tag] = _value(out.salt, tag, left) if left else None
    return values


def _held(
    sidecar: Path,
    names: Sequence[str],
    tags: Mapping[int, bytes],
    out: TakenOut,
    threads: int,
) -> dict[bytes, list[RecordId]]:
    """Give what stands in some parts of the tags of whom something is taken out."""
    numbers = np.array(sorted(one for one, tag in tags.items() if tag in out.records), np.int64)
    held: dict[bytes, list[RecordId]] = {tags[one]: [] for one in numbers.tolist()}
    with ThreadPoolExecutor(threads) as pool:
        for part in pool.map(lambda name: _records_of(sidecar / name, numbers), names):
            for one, number in part:
                held[tags[number]].append(one)
    return held


def _value(salt: bytes, tag: bytes, ids: Sequence[RecordId]) -> bytes:
    return value_of(leaf_salt(salt, tag), ids)


def _tags_of(sidecar: Path) -> dict[int, bytes]:
    tags, numbers = read_tags(sidecar)
    return dict(zip(numbers.tolist(), map(bytes, tags), strict=True))


def _owners(path: Path, rows: Ints) -> Iterable[tuple[RecordId, int]]:
    """Give whose some rows of a part are: a record's id, and the number of each of its members."""
    first = 0
    for ids, offsets, numbers in read_part(path):
        low, high = np.searchsorted(rows, (first, first + len(ids)))
        mine = rows[low:high] - first
        first += len(ids)
        for place, one in zip(mine.tolist(), ids.take(pa.array(mine)).to_pylist(), strict=True):
            for number in numbers[offsets[place] : offsets[place + 1]].tolist():
                yield one, number


def _records_of(path: Path, wanted: Ints) -> list[tuple[RecordId, int]]:
    """Give the records in a part of some members, by their numbers, which ascend."""
    found: list[tuple[RecordId, int]] = []
    for ids, offsets, numbers in read_part(path):
        place = np.minimum(np.searchsorted(wanted, numbers), max(0, len(wanted) - 1))
        hit = np.flatnonzero(wanted[place] == numbers) if len(wanted) else np.empty(0, np.int64)
        row = np.searchsorted(offsets, hit, side="right") - 1
        found += zip(ids.take(pa.array(row)).to_pylist(), numbers[hit].tolist(), strict=True)
    return found
