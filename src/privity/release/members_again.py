# SPDX-License-Identifier: Apache-2.0
"""The root over the members of a release again, from its sidecar and its secret (specs/release.md, part 2).

Whoever has a release checks by it that the members are those that its entry commits to; whoever made it writes the
leaves again. Records are dealt into shares as when it was made (`members`), and need as little memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from privity.errors import VerificationError, Where
from privity.ledger.tree import HASH_SIZE
from privity.release.ahead import ahead
from privity.release.branches import root_of_leaves, write_leaves
from privity.release.leaves import Leaves
from privity.release.members import Bytes, Ints, values_of
from privity.release.pairs import ids_as_text
from privity.release.shares import Shares
from privity.release.sidecar import check_ids, read_part, read_tags
from privity.release.working import working_folder

_GAPS: Final = 16
"""Numbers that are so much higher than there are tags are looked for among them."""


def root_of_sidecar(
    sidecar: Path,
    files: Collection[str],
    work: Path,
    *,
    salt: bytes,
) -> tuple[bytes, int]:
    """Give the root over the members of a release and their number, from its sidecar alone ([REL-31]).

    Args:
        sidecar: Its folder `members`.
        files: The names of the table's files, by the manifest.
        work: A working folder.
        salt: The release's secret.

    Raises:
        VerificationError: The sidecar cannot be read, or a number has no tag (`release/sidecar`); or the salt is none
            (`release/members`).
        OSError: The disk is full or fails.
    """
    tags, values = _live(sidecar, files, work, salt)
    return root_of_leaves(tags, values), len(tags)


def leaves_of_sidecar(
    sidecar: Path, files: Collection[str], leaves: Path, work: Path, *, salt: bytes
) -> Leaves:
    """Write the file of a release's leaves again, from its sidecar and its secret.

    Args:
        sidecar: Its folder `members`.
        files: The names of the table's files, by the manifest.
        leaves: The file to make.
        work: A working folder.
        salt: The release's secret.

    Raises:
        VerificationError: The sidecar cannot be read, or a number has no tag (`release/sidecar`); or the salt is none
            (`release/members`).
        OSError: The disk is full or fails.
    """
    return write_leaves(leaves, *_live(sidecar, files, work, salt))


def _live(
    sidecar: Path, files: Collection[str], work: Path, salt: bytes
) -> tuple[Bytes, Bytes]:
    """Give the tags that have records, in order, and their leaves' values."""
    # INVARIANT: the salt is a key of HMAC, for which zeros at its end are as if they were not there.
    if len(salt) != HASH_SIZE:
        raise VerificationError(
            f"the salt has {len(salt)} bytes, expected {HASH_SIZE}",
            code="release/members",
            hint="get the release anew",
            where=Where(file=str(sidecar.parent / "salt.key")),
        )
    tags, numbers = read_tags(sidecar)
    names = sorted(files)
    pairs = sum(_numbers_in(sidecar / one) for one in names)
    if not len(tags) and not pairs:
        nothing = np.empty((0, HASH_SIZE), np.uint8)
        return nothing, nothing  # everything was taken back
    rank_of = _ranks(numbers)
    with Shares(work, len(tags), pairs) as shares:
        first = 0
        for one in names:
            for ids, offsets, of_rows in ahead(read_part(sidecar / one)):
                ranks = rank_of(of_rows)
                if (ranks < 0).any():
                    raise VerificationError(
                        "a row has the number of no tag",
                        code="release/sidecar",
                        where=Where(file=str(sidecar / one)),
                    )
                shares.add(ranks.astype(np.uint32), offsets, ids_as_text(ids), first)
                first += len(ids)
        values, ends = values_of(shares, tags, salt, work / "places")
    # A tag without a record is not in the tree.
    live = np.flatnonzero(np.diff(ends, prepend=0))
    return tags[live], values[live]


def _ranks(numbers: Ints) -> Callable[[Ints], Ints]:
    """Give what says where numbers stand among those of the tags, which ascend; -1 for one that does not."""
    count = len(numbers)
    if not count or numbers[-1] >= _GAPS * count:
        # [REL-30] says nothing of how far apart they are: room for each would be room for whatever somebody writes.
        padded = np.append(numbers, -1)

        def searched(some: Ints) -> Ints:
            found = np.searchsorted(numbers, some)
            return np.where(padded[found] == some, found, -1)

        return searched
    table = np.full(numbers[-1] + 1, -1, np.int64)
    table[numbers] = np.arange(count)

    def looked_up(some: Ints) -> Ints:
        found = table[np.minimum(some, len(table) - 1)]
        found[some >= len(table)] = -1
        return found

    return looked_up


def check_members(
    sidecar: Path,
    salt: bytes,
    *,
    count: int,
    root: bytes,
    files: Collection[str] | None = None,
    table: Path | None = None,
) -> None:
    """Check that a sidecar is the one that an entry commits to, and that of these files.

    Where temporary files are kept it needs some 40 bytes for each record and party meanwhile.

    Args:
        sidecar: A release's folder `members`.
        salt: The release's secret.
        count: How many members the entry says.
        root: The root that it says.
        files: The names of the table's files, by the manifest; None takes all parts that are there.
        table: The folder of the table, whose rows must have the ids that the sidecar has; None looks at the sidecar alone.

    Raises:
        VerificationError: They are others, or the sidecar cannot be read (`release/sidecar`).
        OSError: The disk is full or fails.
    """
    names = [path.name for path in sidecar.glob("part-*.parquet")] if files is None else files
    with working_folder() as work:
        found = root_of_sidecar(sidecar, names, work, salt=salt)
    if found != (root, count):
        raise VerificationError(
            f"it gives another root over {found[1]:,} members than the entry’s, which has {count:,}",
            code="release/sidecar",
            hint="do not use it, and ask for the release again",
            where=Where(file=str(sidecar)),
        )
    if table is not None:
        check_ids(sidecar, names, table)


def _numbers_in(path: Path) -> int:
    """Give how many numbers a part of a sidecar has, about; 0 where it cannot be read, which is said later."""
    try:
        found = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return 0
    return sum(
        found.row_group(group).column(1).num_values for group in range(found.num_row_groups)
    )
