# SPDX-License-Identifier: Apache-2.0
"""Make a proof that an entry is in a log, from its public tree, and check one (specs/ledger.md, part 6)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privity.app.public_tree.files import given_vkeys, read_file
from privity.app.public_tree.opening import PublicTree, missing
from privity.entries.genesis import SIMULATED
from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.note import Vkey, verify
from privity.ledger.ports import NotFoundError
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.proofs import inclusion_proof
from privity.ledger.reading import read_entries
from privity.ledger.tiles import ENTRIES, TILE_WIDTH, Tile
from privity.ledger.tree import leaf_hash


@dataclass(frozen=True, kw_only=True, slots=True)
class Proved:
    """An entry, and the proof that it is in a log."""

    entry: bytes
    proof: ProofFile


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedProof:
    """A proof that holds.

    Attributes:
        index: Where in the log the entry is.
        checkpoint: What the log's key signed.
        signed: The keys that are believed and signed it.
    """

    index: int
    checkpoint: Checkpoint
    signed: tuple[Vkey, ...]

    @property
    def simulated(self) -> bool:
        """Whether the log's instants were set, as its name says."""
        return self.checkpoint.origin.endswith(SIMULATED)


def prove_entry(tree: PublicTree, index: int) -> Proved:
    """Make the proof that an entry is in a log; it was verified when it is given.

    Args:
        tree: The log's public tree.
        index: The entry's index, from 0.

    Raises:
        InputError: There is no such entry.
        VerificationError: The tree's tiles, entries and checkpoint do not agree.
        UnavailableError: The tree cannot be read.
    """
    size = tree.checkpoint.size
    try:
        hashes = inclusion_proof(index, size, tree.reader)
        number, place = divmod(index, TILE_WIDTH)
        width = min(TILE_WIDTH, size - number * TILE_WIDTH)
        bundle = Tile(level=ENTRIES, index=number, width=width)
        entry = read_entries(tree.reader, bundle)[place]
    except NotFoundError as error:
        raise missing(tree, error) from error
    proof = ProofFile(index=index, hashes=hashes, checkpoint=tree.note)
    open_proof(proof, leaf_hash(entry), tree.vkeys)
    return Proved(entry=entry, proof=proof)


def check_proof(proof: Path, entry: Path, vkeys: tuple[str, ...]) -> CheckedProof:
    """Check that an entry is in a log as a proof says, offline.

    Args:
        proof: The file of the proof.
        entry: A file with the bytes of the entry, and nothing else.
        vkeys: The keys to believe, as text or as names of files; one at least.

    Raises:
        InputError: A file cannot be read, or a key is none.
        VerificationError: The proof does not hold.
    """
    believed = given_vkeys(vkeys)
    read, data = ProofFile.parse(read_file(proof)), read_file(entry)
    try:
        checkpoint = open_proof(read, leaf_hash(data), believed)
    except VerificationError as error:
        if error.code != "ledger/inclusion" or not data.endswith(b"\n"):
            raise
        raise VerificationError(
            error.message,
            code="ledger/inclusion",
            hint=f"take the newline off the end of `{entry}`: an entry ends with its last byte",
        ) from error
    return CheckedProof(
        index=read.index, checkpoint=checkpoint, signed=verify(read.checkpoint, believed)
    )
