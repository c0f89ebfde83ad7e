# SPDX-License-Identifier: Apache-2.0
"""The prefix tree: which tags are in a set, and which are not, under one root (specs/release.md, part 2).

A tag of 32 bytes says where its leaf stands: its bits, the highest first, are the way down from the root. A leaf stands
where its tag is first alone, so that a set has one tree, and nobody has to be believed that something is sorted. A leaf
hashes 0x02, the tag and a value; a node 0x03 and its two children; where nothing is, 32 zero bytes stand. What tags and
values mean is not known here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from privity.errors import InputError, VerificationError
from privity.ledger.tree import HASH_SIZE

NOTHING: Final = bytes(HASH_SIZE)
"""What stands for a child that is not there, and for the tree without a tag."""
DEEPEST: Final = HASH_SIZE * 8

_LEAF: Final = b"\x02"
_NODE: Final = b"\x03"
_BUCKET: Final = 32
"""Leaves that hang on one branch of a crown, on average."""
_MOST_BITS: Final = 24
_IN, _NOTHING_THERE, _ANOTHER_THERE = range(3)
_HEAD: Final = 3


class Leaf(NamedTuple):
    """A tag with its value, both of 32 bytes."""

    tag: bytes
    value: bytes


class Branch(NamedTuple):
    """What hangs at a place of a tree.

    Attributes:
        hash: Its hash.
        leaf: The leaf, where it is the only one there.
    """

    hash: bytes
    leaf: Leaf | None = None


NO_BRANCH: Final = Branch(NOTHING)


def leaf_hash(tag: bytes, value: bytes) -> bytes:
    """Give the hash of a leaf."""
    return sha256(_LEAF + tag + value).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of a node from those of its children."""
    return sha256(_NODE + left + right).digest()


def prefix_root(leaves: Iterable[Leaf]) -> bytes:
    """Give the root over leaves that come in the order of their tags; memory does not grow with them.

    Raises:
        InputError: Tags are not in order, stand twice, or something has not 32 bytes (`ledger/prefix-order`).
    """
    return branch_of(leaves).hash


def branch_of(leaves: Iterable[Leaf], depth: int = 0) -> Branch:
    """Give what hangs `depth` bits below the root, of leaves in order whose tags have these bits in common.

    Raises:
        InputError: Tags are not in order, stand twice, or something has not 32 bytes (`ledger/prefix-order`).
    """
    last: Leaf | None = None

    def hashed() -> Iterator[tuple[int, bytes]]:
        nonlocal last
        for last in leaves:
            tag, value = last
            if len(tag) != HASH_SIZE or len(value) != HASH_SIZE:
                raise _wrong_size()
            yield int.from_bytes(tag, "big"), sha256(_LEAF + tag + value).digest()

    found, count = _joined(hashed(), depth)
    return NO_BRANCH if not count else Branch(found, last if count == 1 else None)


def _joined(leaves: Iterable[tuple[int, bytes]], depth: int) -> tuple[bytes, int]:
    """Join the hashes of leaves, each with its tag as a number; gives the hash of all, and how many they are."""
    # INVARIANT: `waiting` has the left children whose right ones come, each with its depth, the deepest last.
    waiting: list[tuple[int, bytes]] = []
    found, number, shared, count = NOTHING, -1, depth - 1, 0
    for following, hashed in leaves:
        if count:
            if following <= number:
                raise not_in_order()
            # How many of their bits they share: the first one that differs parts them.
            common = DEEPEST - (number ^ following).bit_length()
            if shared > common:
                found = _climbed_to(common + 1, found, number, shared + 1, waiting)
            waiting.append((common + 1, found))
            shared = common
        found, number = hashed, following
        count += 1
    if count > 1:
        found = _climbed_to(depth, found, number, shared + 1, waiting)
    return found, count


def _climbed_to(
    until: int, found: bytes, number: int, depth: int, waiting: list[tuple[int, bytes]]
) -> bytes:
    """Climb from a depth to a lesser one on the way of a tag; what waits there is the other child."""
    while depth > until:
        if waiting and waiting[-1][0] == depth:
            found = sha256(_NODE + waiting.pop()[1] + found).digest()
        elif number >> (DEEPEST - depth) & 1:
            found = sha256(_NODE + NOTHING + found).digest()
        else:
            found = sha256(_NODE + found + NOTHING).digest()
        depth -= 1
    return found


def joined(left: Branch, right: Branch) -> Branch:
    """Give what hangs one bit above two neighbours: a leaf that is alone there moves up."""
    for one, other in ((left, right), (right, left)):
        if other.hash == NOTHING and (one.hash == NOTHING or one.leaf is not None):
            return one
    return Branch(node_hash(left.hash, right.hash))


def crown_bits(count: int) -> int:
    """Give how many bits the crown of a tree of `count` leaves has, so that few leaves hang on each branch."""
    return min(_MOST_BITS, max(0, (count // _BUCKET).bit_length()))


class Crown:
    """The upper part of a tree, of which the rest is needed in one place at a time.

    Args:
        branches: What hangs at the places that the first bits of tags say, 2 ** bits of them, in order.
    """

    def __init__(self, branches: Sequence[Branch]) -> None:
        level = list(branches)
        self.bits = len(level).bit_length() - 1
        if len(level) != 1 << self.bits:
            message = f"{len(level)} branches are no power of two"
            raise ValueError(message)
        self._levels = [level]
        while len(level) > 1:
            level = [joined(*two) for two in zip(level[::2], level[1::2], strict=True)]
            self._levels.append(level)
        self._levels.reverse()

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        return self._levels[0][0].hash

    def place(self, tag: bytes) -> int:
        """Say on which branch a tag's leaf hangs, if there is one."""
        return int.from_bytes(_checked(tag), "big") >> (DEEPEST - self.bits)

    def prove(self, tag: bytes, leaves: Sequence[Leaf]) -> PrefixProof:
        """Prove of a tag that it is in the tree, or that it is not.

        Args:
            tag: The tag.
            leaves: The leaves that hang on its branch, in order.
        """
        place = self.place(tag)
        beside: list[bytes] = []
        for depth, level in enumerate(self._levels):
            at = place >> (self.bits - depth)
            if depth:
                beside.append(level[at ^ 1].hash)
            branch = level[at]
            if branch.hash == NOTHING or branch.leaf is not None:
                return _ended(tag, branch.leaf, beside)
        return _prove_below(tag, leaves, self.bits, beside)


def _prove_below(
    tag: bytes, leaves: Sequence[Leaf], depth: int, beside: list[bytes]
) -> PrefixProof:
    low, high = 0, len(leaves)
    number = int.from_bytes(tag, "big")
    while high - low > 1:
        bit = 1 << (DEEPEST - 1 - depth)
        # The first leaf whose tag has the same bits above, and a one here.
        edge = ((number | bit) & -bit).to_bytes(HASH_SIZE, "big")
        middle = bisect_left(leaves, edge, low, high, key=lambda leaf: leaf.tag)
        depth += 1
        if number & bit:
            beside.append(branch_hash(leaves[low:middle], depth))
            low = middle
        else:
            beside.append(branch_hash(leaves[middle:high], depth))
            high = middle
    return _ended(tag, leaves[low] if high > low else None, beside)


def branch_hash(leaves: Iterable[Leaf], depth: int) -> bytes:
    """Give the hash of `branch_of`."""
    return branch_of(leaves, depth).hash


def _ended(tag: bytes, leaf: Leaf | None, beside: list[bytes]) -> PrefixProof:
    is_in = leaf is not None and leaf.tag == tag
    return PrefixProof(
        is_in=is_in, other=None if is_in else leaf, beside=tuple(reversed(beside))
    )


class PrefixTree:
    """A whole tree in memory.

    Args:
        leaves: Its leaves, in any order.

    Raises:
        InputError: A tag stands twice, or something has not 32 bytes (`ledger/prefix-order`).
    """

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        self._leaves = sorted(leaves)
        self._bits = crown_bits(len(self._leaves))
        self._crown = Crown([branch_of(one, self._bits) for one in self._buckets()])

    @property
    def root(self) -> bytes:
        """The root; 32 zero bytes where there is no leaf."""
        return self._crown.root

    def prove(self, tag: bytes) -> PrefixProof:
        """Prove of a tag that it is in the tree, or that it is not."""
        return self._crown.prove(tag, self._bucket(self._crown.place(tag)))

    def _buckets(self) -> Iterator[Sequence[Leaf]]:
        for place in range(1 << self._bits):
            yield self._bucket(place)

    def _bucket(self, place: int) -> Sequence[Leaf]:
        low, high = (
            bisect_left(self._leaves, edge, key=lambda leaf: int.from_bytes(leaf.tag, "big"))
            for edge in (
                place << (DEEPEST - self._bits),
                (place + 1) << (DEEPEST - self._bits),
            )
        )
        return self._leaves[low:high]


@dataclass(frozen=True, kw_only=True, slots=True)
class PrefixProof:
    """What shows of a tag that it is in a tree, or that it is not; nothing of it is verified yet.

    Attributes:
        is_in: Whether it is to show that the tag is in.
        other: The leaf that stands where the tag's would, if it is to show that it is not in; None where nothing stands.
        beside: The hashes beside the way to the root, from the deepest up.

    Raises:
        VerificationError: No tree has such a proof (`ledger/prefix-proof`).
    """

    is_in: bool
    other: Leaf | None
    beside: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if len(self.beside) > DEEPEST or any(len(item) != HASH_SIZE for item in self.beside):
            raise _no_proof(f"it is not made of at most {DEEPEST} hashes")
        # [REL-24] Else the leaf would be alone one bit above, or the place would not be there.
        if self.beside and self.beside[0] == NOTHING:
            raise _no_proof("nothing stands beside its end")
        if self.other is not None and (self.is_in or set(map(len, self.other)) != {HASH_SIZE}):
            raise _no_proof("its other leaf is none")

    def to_bytes(self) -> bytes:
        """Give the proof as bytes: what it shows, how many hashes it has, the other leaf if any, and the hashes."""
        kind = _IN if self.is_in else _NOTHING_THERE if self.other is None else _ANOTHER_THERE
        head = bytes([kind]) + len(self.beside).to_bytes(_HEAD - 1, "big")
        return b"".join((head, *(self.other or ()), *self.beside))

    @classmethod
    def parse(cls, data: bytes) -> PrefixProof:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is no such proof (`ledger/prefix-proof`).
        """
        if len(data) < _HEAD or data[0] > _ANOTHER_THERE:
            raise _no_proof("its first bytes are none")
        count = int.from_bytes(data[1:_HEAD], "big")
        rest = [data[at : at + HASH_SIZE] for at in range(_HEAD, len(data), HASH_SIZE)]
        leaf = 2 if data[0] == _ANOTHER_THERE else 0
        if len(rest) != count + leaf:
            raise _no_proof(f"it has {len(data)} bytes, and names {count} hashes")
        other = Leaf(rest[0], rest[1]) if leaf else None
        return cls(is_in=data[0] == _IN, other=other, beside=tuple(rest[leaf:]))


def verify_in(tag: bytes, value: bytes, proof: PrefixProof, root: bytes) -> None:
    """Verify that a tag is in the tree of a root, with this value.

    Raises:
        VerificationError: The proof does not show it (`ledger/prefix`).
    """
    if not proof.is_in:
        raise _not_shown("in", "its proof says that it is not")
    if len(value) != HASH_SIZE:
        raise _not_shown("in", f"its value has not {HASH_SIZE} bytes")
    if _climbed(leaf_hash(_checked(tag), value), tag, proof.beside) != root:
        raise _not_shown("in", "its proof leads to another root")


def verify_not_in(tag: bytes, proof: PrefixProof, root: bytes) -> None:
    """Verify that a tag is not in the tree of a root.

    Raises:
        VerificationError: The proof does not show it (`ledger/prefix`).
    """
    _checked(tag)
    if proof.is_in:
        raise _not_shown("not in", "its proof says that it is")
    end = NOTHING
    if proof.other is not None:
        # The other leaf stands where this one would: down to there their bits are the same, and then they are not.
        numbers = [int.from_bytes(one, "big") for one in (tag, proof.other.tag)]
        if numbers[0] == numbers[1]:
            raise _not_shown("not in", "the leaf in its place is its own")
        if DEEPEST - (numbers[0] ^ numbers[1]).bit_length() < len(proof.beside):
            raise _not_shown("not in", "the leaf in its place stands elsewhere")
        end = leaf_hash(*proof.other)
    if _climbed(end, tag, proof.beside) != root:
        raise _not_shown("not in", "its proof leads to another root")


def _climbed(found: bytes, tag: bytes, beside: Sequence[bytes]) -> bytes:
    number = int.from_bytes(tag, "big") >> (DEEPEST - len(beside))
    for hashed in beside:
        found = node_hash(hashed, found) if number & 1 else node_hash(found, hashed)
        number >>= 1
    return found


def _wrong_size() -> InputError:
    return InputError(
        f"a tag or its value has not {HASH_SIZE} bytes", code="ledger/prefix-order"
    )


def _checked(tag: bytes) -> bytes:
    if len(tag) != HASH_SIZE:
        raise InputError(
            f"a tag has {len(tag)} bytes, expected {HASH_SIZE}", code="ledger/prefix-order"
        )
    return tag


def not_in_order() -> InputError:
    """Give the error for tags that stand twice, or in another order."""
    return InputError(
        "a tag stands twice, or after a higher one, expected each once and in order",
        code="ledger/prefix-order",
    )


def _not_shown(where: str, why: str) -> VerificationError:
    return VerificationError(
        f"the tag is not shown to be {where} the tree: {why}", code="ledger/prefix"
    )


def _no_proof(why: str) -> VerificationError:
    return VerificationError(f"this is no proof of a tag: {why}", code="ledger/prefix-proof")
