# SPDX-License-Identifier: Apache-2.0
"""The leaves of a release's tree in a file, so that a proof, or a change of a few, reads a small part of it.

It is the operator's alone and can be made again from the sidecar and the secret. After a head it has a hash for each
branch of the crown, where each branch's leaves begin, and the leaves in order, 64 bytes each.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.errors import UnavailableError
from privity.ledger.prefix import (
    NO_BRANCH,
    Branch,
    Crown,
    Leaf,
    PrefixProof,
    branch_of,
)
from privity.ledger.tree import HASH_SIZE
from privity.release.aside import settle

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

_MAGIC: Final = b"privity-leaves/1"
_NUMBER: Final = 8
_HEAD: Final = len(_MAGIC) + 2 * _NUMBER
_LEAF: Final = 2 * HASH_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaves:
    """What a file has.

    Attributes:
        path: The file.
        hashes: Shape (branches, 32): what hangs on each.
        starts: Shape (branches + 1): which leaf is the first of each, and how many leaves there are.
    """

    path: Path
    hashes: Bytes
    starts: Ints

    @property
    def bits(self) -> int:
        """How many bits of a tag say on which branch it hangs."""
        return len(self.hashes).bit_length() - 1

    @property
    def count(self) -> int:
        """How many leaves there are."""
        return int(self.starts[-1])

    def crown(self) -> Crown:
        """Give the upper part of the tree.

        Raises:
            UnavailableError: The file cannot be read.
        """
        return Crown(self._branches())

    def root(self) -> bytes:
        """Give the root of the tree; raises as `crown`."""
        return self.crown().root

    def prove(self, tags: Sequence[bytes]) -> list[PrefixProof]:
        """Prove of tags that they are in the tree, or that they are not; raises as `crown`."""
        crown = self.crown()
        return [crown.prove(tag, self.bucket(crown.place(tag))) for tag in tags]

    def bucket(self, branch: int) -> list[Leaf]:
        """Give the leaves that hang on a branch.

        Raises:
            UnavailableError: The file cannot be read.
        """
        first, end = int(self.starts[branch]), int(self.starts[branch + 1])
        return _split(_read(self.path, self._at(first), (end - first) * _LEAF))

    def between(self, first: int, end: int) -> tuple[Bytes, Bytes]:
        """Give tags and values of the leaves that hang on some branches, each of shape (leaves, 32); raises as `bucket`."""
        begin, last = int(self.starts[first]), int(self.starts[end])
        data = _read(self.path, self._at(begin), (last - begin) * _LEAF)
        both = np.frombuffer(data, np.uint8).reshape(-1, 2, HASH_SIZE)
        return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])

    def value(self, tag: bytes) -> bytes | None:
        """Give the value of a tag's leaf, or None where it has none; raises as `bucket`."""
        branch = int.from_bytes(tag, "big") >> (HASH_SIZE * 8 - self.bits)
        leaf = leaf_of(self.bucket(branch), tag)
        return None if leaf is None else leaf.value

    def changed(self, path: Path, changes: Mapping[bytes, bytes | None]) -> Leaves:
        """Write another file, in which some tags have other values or, by None, are not; new tags are added.

        It takes the time to copy this file, and to hash the branches concerned and the crown.

        Raises:
            UnavailableError: This file cannot be read.
            OSError: The disk is full or fails.
        """
        shift = HASH_SIZE * 8 - self.bits
        mine: dict[int, dict[bytes, bytes | None]] = {}
        for tag, value in changes.items():
            mine.setdefault(int.from_bytes(tag, "big") >> shift, {})[tag] = value
        hashes, sizes = self.hashes.copy(), np.diff(self.starts)
        buckets: dict[int, list[Leaf]] = {}
        for branch, some in mine.items():
            leaves = {**dict(self.bucket(branch)), **some}
            buckets[branch] = sorted(
                Leaf(tag, value) for tag, value in leaves.items() if value is not None
            )
            found = branch_of(buckets[branch], self.bits).hash
            hashes[branch] = np.frombuffer(found, np.uint8)
            sizes[branch] = len(buckets[branch])
        made = Leaves(path=path, hashes=hashes, starts=_starts(sizes))
        with path.open("wb") as file:
            file.write(made.head())
            branch = 0
            for following in [*sorted(buckets), len(self.hashes)]:
                self._copy(file.fileno(), file.tell(), branch, following)
                file.seek(0, os.SEEK_END)
                file.write(b"".join(b"".join(leaf) for leaf in buckets.get(following, ())))
                file.flush()
                branch = following + 1
        settle(path)
        return made

    def head(self) -> bytes:
        """Give the bytes before the leaves."""
        numbers = (self.bits, self.count)
        return b"".join(
            (
                _MAGIC,
                *(number.to_bytes(_NUMBER, "big") for number in numbers),
                self.hashes.tobytes(),
                self.starts.astype("<i8").tobytes(),
            )
        )

    def _copy(self, to: int, position: int, first: int, end: int) -> None:
        """Copy the leaves of some branches as they are."""
        begin, last = (self._at(int(self.starts[one])) for one in (first, max(first, end)))
        while begin < last:
            data = _read(self.path, begin, min(last - begin, 1 << 22))
            written = os.pwrite(to, data, position)
            begin, position = begin + written, position + written

    def _at(self, leaf: int) -> int:
        return _HEAD + self.hashes.nbytes + len(self.starts) * _NUMBER + leaf * _LEAF

    def _branches(self) -> list[Branch]:
        hashes = self.hashes.tobytes()
        found = [Branch(hashes[at : at + HASH_SIZE]) for at in range(0, len(hashes), HASH_SIZE)]
        sizes = np.diff(self.starts)
        for branch in np.flatnonzero(sizes == 0).tolist():
            found[branch] = NO_BRANCH
        for branch in np.flatnonzero(sizes == 1).tolist():
            (leaf,) = self.bucket(branch)
            found[branch] = Branch(found[branch].hash, leaf)
        return found


def read_leaves(path: Path) -> Leaves:
    """Open the file of leaves.

    Raises:
        UnavailableError: It cannot be read, or is no such file (`release/leaves`).
    """
    head = _read(path, 0, _HEAD)
    bits, count = (
        int.from_bytes(head[at : at + _NUMBER], "big") for at in (len(_MAGIC), _HEAD - _NUMBER)
    )
    size = path.stat().st_size
    branches = 1 << min(bits, 32)
    expected = _HEAD + branches * (HASH_SIZE + _NUMBER) + _NUMBER + count * _LEAF
    if head[: len(_MAGIC)] != _MAGIC or size != expected:
        raise _damaged(path)
    rest = _read(path, _HEAD, branches * (HASH_SIZE + _NUMBER) + _NUMBER)
    hashes = np.frombuffer(rest[: branches * HASH_SIZE], np.uint8).reshape(-1, HASH_SIZE)
    starts = np.frombuffer(rest[branches * HASH_SIZE :], "<i8").astype(np.int64)
    if starts[0] != 0 or starts[-1] != count or (np.diff(starts) < 0).any():
        raise _damaged(path)
    return Leaves(path=path, hashes=hashes, starts=starts)


def leaf_of(leaves: Sequence[Leaf], tag: bytes) -> Leaf | None:
    """Give the leaf of a tag among leaves in order, or None."""
    at = bisect_left(leaves, tag, key=lambda leaf: leaf.tag)
    return leaves[at] if at < len(leaves) and leaves[at].tag == tag else None


def _starts(sizes: Ints) -> Ints:
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def _split(data: bytes) -> list[Leaf]:
    return [
        Leaf(data[at : at + HASH_SIZE], data[at + HASH_SIZE : at + _LEAF])
        for at in range(0, len(data), _LEAF)
    ]


def _read(path: Path, position: int, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = os.pread(file.fileno(), size, position)
    except OSError as error:
        raise UnavailableError(
            f"`{path}` cannot be read: {error.strerror}", code="release/leaves", hint=_AGAIN
        ) from error
    if len(data) != size:
        raise _damaged(path)
    return data


_AGAIN: Final = (
    "make it again from the release: `privity ledger check` says what else is damaged"
)


def _damaged(path: Path) -> UnavailableError:
    return UnavailableError(
        f"`{path}` is damaged: it is no file of leaves", code="release/leaves", hint=_AGAIN
    )
