# SPDX-License-Identifier: Apache-2.0
"""How large proofs are, how fast they are made and checked, and how fast a whole log is verified."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.child import Work, run
from benchmarks.logs import AT_ONCE, EQUAL, SIGNER, places, receipt
from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.proving import prove_entry
from privity.app.public_tree.verifying import verify_tree
from privity.entries.receipts import Receipt, open_receipt
from privity.ledger.checkpoint import open_checkpoint
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.proofs import inclusion_proof, verify_inclusion
from privity.ledger.tiles import NO_EDGE, Edge
from privity.ledger.tree import HASH_SIZE, leaf_hash, leaf_hashes
from privity.ledger.verify import verify_log
from privity.store.files import Folder

ENTRIES: Final = 1_000_000
SYNTHETIC: Final = 100_000_000
PROOFS: Final = 2_000
CHECKS: Final = 1_000


def measure(folder: Path, entries: int, synthetic: int) -> dict[str, Any]:
    """Give sizes and latencies of proofs, and rates of building tiles and of verifying whole logs."""
    log = folder / f"log-{entries}"
    tiles = folder / f"tiles-{synthetic}"
    run("logs:make", folder=log, entries=entries)
    run("logs:link", folder=tiles, size=synthetic)
    built = run("proofs:building", entries=entries)
    hashed = run("proofs:hashing", folder=log)
    read = run("proofs:reading", folder=log)
    own = run("proofs:proving", folder=log, size=entries).found
    large = run("proofs:proving", folder=tiles, size=synthetic, equal=True).found
    return {
        "entries": entries,
        "synthetic": synthetic,
        "proof_bytes": own["bytes"],
        "synthetic_proof_bytes": large["bytes"],
        "prove_p50_ms": own["p50_ms"],
        "prove_p99_ms": own["p99_ms"],
        "synthetic_prove_p50_ms": large["p50_ms"],
        "synthetic_prove_p99_ms": large["p99_ms"],
        **run("proofs:proving_whole", folder=log).found,
        **run("proofs:checking", folder=log).found,
        "built_leaves_per_s": entries / built.cpu,
        "hashed_entries_per_s": entries / hashed.cpu,
        "verified_entries_per_s": entries / read.cpu,
        "verified_peak_mib": read.peak,
    }


def building(entries: int) -> Work:
    """Prepare to make tiles of leaves that were hashed before."""
    leaves = leaf_hashes(str(number).encode() for number in range(entries))

    def work() -> dict[str, Any]:
        edge = NO_EDGE
        for first in range(0, entries, AT_ONCE):
            edge, _ = edge.extended(leaves[first : first + AT_ONCE])
        return {"root": edge.peaks().root().hex()}

    return work


def hashing(folder: str) -> Work:
    """Prepare to verify a whole log's bytes."""

    def work() -> dict[str, Any]:
        return {"size": verify_log(Folder(Path(folder)), [SIGNER.vkey]).checkpoint.size}

    return work


def reading(folder: str) -> Work:
    """Prepare to verify a whole log, what its entries say included: what `privity ledger verify` does."""

    def work() -> dict[str, Any]:
        tree = open_tree(folder, (SIGNER.vkey.to_text(),))
        return {"private": verify_tree(tree).contents.private}

    return work


def proving(folder: str, size: int, *, equal: bool = False) -> Work:
    """Prepare to make proofs of entries here and there, each from tiles that are read anew."""
    reader = Folder(Path(folder))
    root = Edge.read(size, lambda tile: reader.read(tile.path())).peaks().root()
    indices = _spread(size)

    def prove(index: int) -> tuple[bytes, ...]:
        return inclusion_proof(index, size, reader)

    def work() -> dict[str, Any]:
        taken = _each(prove, indices)
        proofs = [prove(index) for index in indices[:CHECKS]]
        if equal:
            for index, proof in zip(indices, proofs, strict=False):
                verify_inclusion(
                    leaf_hash(EQUAL), index=index, size=size, proof=proof, root=root
                )
        return {**_quantiles("", taken), "bytes": max(map(len, proofs)) * HASH_SIZE}

    return work


def proving_whole(folder: str) -> Work:
    """Prepare to open a tree, make a proof's file and verify it: what `privity ledger prove` does."""
    vkeys = (SIGNER.vkey.to_text(),)
    size = open_tree(folder, vkeys).checkpoint.size

    def prove(index: int) -> ProofFile:
        return prove_entry(open_tree(folder, vkeys), index).proof

    def work() -> dict[str, Any]:
        indices = _spread(size)
        longest = max(len(prove(index).to_bytes()) for index in indices[:CHECKS])
        return {**_quantiles("file_", _each(prove, indices)), "file_bytes": longest}

    return work


def checking(folder: str) -> Work:
    """Prepare to check one event of a member with its proof, and all of them."""
    tree = open_tree(folder)
    size = tree.checkpoint.size
    note = tree.note.to_bytes()
    indices = places(size)
    one, data = receipt(indices[:1]).to_bytes(), receipt(indices).to_bytes()
    proofs = [inclusion_proof(index, size, tree.reader) for index in indices]
    file = ProofFile(index=indices[0], hashes=proofs[0], checkpoint=tree.note).to_bytes()

    def check_one(_: int) -> None:
        found = Receipt.parse(one)
        open_receipt(found)
        open_proof(ProofFile.parse(file), leaf_hash(found.events[0].entry), [SIGNER.vkey])

    def check_all(_: int) -> None:
        found = Receipt.parse(data)
        open_receipt(found)
        checkpoint = open_checkpoint(note, [SIGNER.vkey])
        for event, proof in zip(found.events, proofs, strict=True):
            verify_inclusion(
                leaf_hash(event.entry),
                index=event.index,
                size=checkpoint.size,
                proof=proof,
                root=checkpoint.root,
            )

    def work() -> dict[str, Any]:
        return {
            **_quantiles("check_one_", _each(check_one, range(CHECKS))),
            **_quantiles("check_events_", _each(check_all, range(CHECKS))),
            "events": len(indices),
            "receipt_bytes": len(data),
        }

    return work


def _spread(size: int) -> list[int]:
    """Give indices here and there, the first and the last among them."""
    draws = random.Random(2)
    return [0, size - 1, *(draws.randrange(size) for _ in range(PROOFS - 2))]


def _each(work: Callable[[int], object], items: list[int] | range) -> list[float]:
    """Time each call in milliseconds, after a tenth of them to warm up."""
    for item in items[: len(items) // 10]:
        work(item)
    taken = []
    for item in items:
        start = time.perf_counter()
        work(item)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def _quantiles(name: str, taken: list[float]) -> dict[str, float]:
    return {
        f"{name}p50_ms": float(np.quantile(taken, 0.5)),
        f"{name}p99_ms": float(np.quantile(taken, 0.99)),
    }
