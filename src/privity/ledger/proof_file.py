# SPDX-License-Identifier: Apache-2.0
"""Proofs in a file: that an entry is in a log, as its signed checkpoint says (specs/ledger.md, part 6; C2SP tlog-proof).

Whoever has the entry, the file and the log's key needs nothing else, and nobody's answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint, checkpoint_of
from privity.ledger.forms import LARGEST, from_base64, from_decimal, to_base64
from privity.ledger.note import LONGEST_NOTE, Note, Vkey
from privity.ledger.proofs import verify_inclusion
from privity.ledger.tree import HASH_SIZE

SUFFIX: Final = ".tlog-proof"
MOST_HASHES: Final = 63
LONGEST_EXTRA: Final = 1 << 20

_FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
_LONGEST: Final = LONGEST_NOTE + 2 * LONGEST_EXTRA


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofFile:
    """What a proof says, of which nothing is verified yet.

    Attributes:
        index: Which entry of the log it is.
        hashes: The inclusion proof, from the leaf's sibling up.
        checkpoint: The signed checkpoint.
        extra: Whatever the maker added; nobody signed it, so nobody may trust it.

    Raises:
        VerificationError: A value cannot stand in a file, or the note is no checkpoint.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= LARGEST:
            raise _no_proof(f"{self.index} is no index")
        if len(self.hashes) > MOST_HASHES or any(
            len(item) != HASH_SIZE for item in self.hashes
        ):
            raise _no_proof(f"it is not made of at most {MOST_HASHES} hashes")
        if len(self.extra) > LONGEST_EXTRA:
            raise _no_proof(f"its extra data is longer than {LONGEST_EXTRA} bytes")
        Checkpoint.parse(self.checkpoint.text)

    def to_bytes(self) -> bytes:
        """Give the file."""
        extra = [f"extra {to_base64(self.extra)}"] if self.extra else []
        hashes = map(to_base64, self.hashes)
        lines = [_FIRST_LINE, *extra, f"index {self.index}", *hashes, "", ""]
        return "\n".join(lines).encode("ascii") + self.checkpoint.to_bytes()

    @classmethod
    def parse(cls, data: bytes) -> ProofFile:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is no such file.
        """
        if len(data) > _LONGEST:
            raise _no_proof(f"it has {len(data)} bytes, expected at most {_LONGEST}")
        head, gap, note = data.partition(b"\n\n")
        if not gap or not head.isascii():
            raise _no_proof("an empty line and a checkpoint do not follow its first lines")
        first, *lines = head.decode("ascii").split("\n")
        if first != _FIRST_LINE:
            raise _no_proof(f"its first line is not `{_FIRST_LINE}`")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = from_base64(lines.pop(0).removeprefix("extra ")) or b""
            if not extra:
                raise _no_proof("its extra data is none in base64")
        if not lines or not lines[0].startswith("index "):
            raise _no_proof("it has no line with an index")
        index = from_decimal(lines.pop(0).removeprefix("index "))
        if index is None:
            raise _no_proof("its index is none")
        hashes = tuple(from_base64(line) or b"" for line in lines)
        return cls(index=index, hashes=hashes, checkpoint=Note.parse(note), extra=extra)


def open_proof(proof: ProofFile, leaf: bytes, vkeys: Collection[Vkey]) -> Checkpoint:
    """Verify that a leaf is in a log as the proof says, and give the checkpoint that says so.

    Args:
        proof: The proof.
        leaf: The hash of the entry's leaf.
        vkeys: The keys of the logs that are trusted.

    Raises:
        VerificationError: No trusted key signed the checkpoint, or the proof does not show it.
    """
    checkpoint = checkpoint_of(proof.checkpoint, vkeys)
    verify_inclusion(
        leaf,
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint


def _no_proof(why: str) -> VerificationError:
    return VerificationError(f"this is no proof: {why}", code="ledger/proof-file")
