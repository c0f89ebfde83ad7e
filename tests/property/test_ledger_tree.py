# SPDX-License-Identifier: Apache-2.0
"""Trees, tiles and proofs against RFC 6962 written down in a few lines, on random logs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import example, given, strategies
from tests.unit.ledger.logs import MemoryTree, published

from privity.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from privity.ledger.tiles import NO_EDGE, bundles_between, tiles_between
from privity.ledger.tree import NO_PEAKS, leaf_hashes

Entries = Sequence[bytes]


def naive_root(entries: Entries) -> bytes:
    """MTH of RFC 6962, 2.1."""
    match entries:
        case []:
            return hashlib.sha256(b"").digest()
        case [entry]:
            return hashlib.sha256(b"\x00" + entry).digest()
        case _:
            k = half(entries)
            below = naive_root(entries[:k]) + naive_root(entries[k:])
            return hashlib.sha256(b"\x01" + below).digest()


def half(entries: Entries) -> int:
    """The largest power of two below the number of entries."""
    return max(1 << bit for bit in range(64) if 1 << bit < len(entries))


def naive_path(index: int, entries: Entries) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(entries) == 1:
        return []
    k = half(entries)
    if index < k:
        return [*naive_path(index, entries[:k]), naive_root(entries[k:])]
    return [*naive_path(index - k, entries[k:]), naive_root(entries[:k])]


def naive_proof(old: int, entries: Entries, *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    if old == len(entries):
        return [] if whole else [naive_root(entries)]
    k = half(entries)
    if old <= k:
        return [*naive_proof(old, entries[:k], whole=whole), naive_root(entries[k:])]
    return [*naive_proof(old - k, entries[k:], whole=False), naive_root(entries[:k])]


def naive_tiles(entries: Entries) -> dict[str, bytes]:
    """The tiles of tlog-tiles by their definition, for logs of fewer than a million entries."""
    found: dict[str, bytes] = {}
    for level in (0, 1):
        step = 256**level
        roots = [
            naive_root(entries[at : at + step])
            for at in range(0, len(entries) // step * step, step)
        ]
        for at in range(0, len(roots), 256):
            row = roots[at : at + 256]
            suffix = "" if len(row) == 256 else f".p/{len(row)}"
            found[f"tile/{level}/{at // 256:03}{suffix}"] = b"".join(row)
    return found


# Sizes at which something happens are near powers of two; entries are cheap to make from their numbers.
sizes = strategies.one_of(
    strategies.integers(0, 40),
    strategies.sampled_from([255, 256, 257, 511, 512, 513, 767]),
    strategies.integers(0, 800),
)
logs = sizes.map(lambda size: [b"%d" % number * (number % 5) for number in range(size)])


@given(logs, strategies.lists(strategies.integers(0, 800), max_size=6))
@example([b""], [])
def test_the_root_is_the_naive_one_however_the_entries_come(
    entries: Entries, cuts: list[int]
) -> None:
    peaks, edge = NO_PEAKS, NO_EDGE
    ends = sorted({0, len(entries), *(cut for cut in cuts if cut < len(entries))})
    for begin, end in pairwise(ends):
        leaves = leaf_hashes(entries[begin:end])
        peaks = peaks.extended(leaves)
        edge, _ = edge.extended(leaves)
        assert edge.peaks() == peaks
    assert peaks.size == edge.size == len(entries)
    assert peaks.root() == naive_root(entries)  # [LED-10] [LED-11] [LED-12]


@given(logs)
def test_the_tiles_are_those_of_their_definition(entries: Entries) -> None:
    tree = published(entries)
    hashes = {path: data for path, data in tree.items() if path[5:6].isdigit()}
    assert hashes == naive_tiles(entries)  # [LED-20] [LED-21] [LED-22]


@given(logs, strategies.integers(0, 800))
def test_tiles_that_are_added_step_by_step_are_those_of_the_whole(
    entries: Entries, cut: int
) -> None:
    old = min(cut, len(entries))
    before, full_before = NO_EDGE.extended(leaf_hashes(entries[:old]))
    after, full_after = before.extended(leaf_hashes(entries[old:]))
    whole, full = NO_EDGE.extended(leaf_hashes(entries))
    assert after == whole
    assert sorted(full_before + full_after) == sorted(full)  # [LED-24]
    added = {tile for tile, _ in full_after} | set(
        {tile for tile, _ in after.tiles()} - {tile for tile, _ in before.tiles()}
    )
    assert sorted(added) == sorted(tiles_between(old, len(entries)))
    bundles = [bundle.path() for bundle in bundles_between(old, len(entries))]
    ours = [
        path.replace("tile/0/", "tile/entries/")
        for path in (tile.path() for tile in tiles_between(old, len(entries)))
        if path.startswith("tile/0/")
    ]
    assert bundles == ours


@given(logs.filter(bool), strategies.data())
def test_a_proof_of_inclusion_is_the_naive_one_and_verifies(
    entries: Entries, data: strategies.DataObject
) -> None:
    index = data.draw(strategies.integers(0, len(entries) - 1))
    proof = inclusion_proof(index, len(entries), published(entries))
    assert list(proof) == naive_path(index, entries)  # [LED-50]
    verify_inclusion(
        leaf_hashes(entries)[index],
        index=index,
        size=len(entries),
        proof=proof,
        root=naive_root(entries),
    )


@given(logs.filter(bool), strategies.data())
def test_a_proof_of_consistency_is_the_naive_one_and_verifies(
    entries: Entries, data: strategies.DataObject
) -> None:
    old = data.draw(strategies.integers(1, len(entries)))
    proof = consistency_proof(old, len(entries), published(entries))
    assert list(proof) == naive_proof(old, entries)  # [LED-51]
    verify_consistency(
        old=old,
        old_root=naive_root(entries[:old]),
        new=len(entries),
        new_root=naive_root(entries),
        proof=proof,
    )


@given(logs.filter(bool), strategies.data())
def test_a_proof_for_a_smaller_log_comes_from_the_tiles_of_a_larger_one(
    entries: Entries, data: strategies.DataObject
) -> None:
    size = data.draw(strategies.integers(1, len(entries)))
    index = data.draw(strategies.integers(0, size - 1))
    # The tiles of the smaller size alone are not there, but where both have one: the full ones are.
    full = {path: tile for path, tile in published(entries).items() if ".p/" not in path}
    smaller = published(entries[:size])
    tree = MemoryTree({**smaller, **full})
    for path in smaller.keys() - full.keys():
        if path.partition(".p/")[0] in full:
            del tree[path]
    assert list(inclusion_proof(index, size, tree)) == naive_path(index, entries[:size])
