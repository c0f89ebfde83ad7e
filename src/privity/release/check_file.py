# SPDX-License-Identifier: Apache-2.0
"""What a member holds, as one file: her receipt, that its events are in the log, and what releases have (specs/release.md, [REL-36]).

Whoever has it and the log's key needs nothing else. It has the key of her stream, and is for her alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from privity.entries.decode import PrivateEntry
from privity.entries.envelope import decode_limited, encode_limited
from privity.entries.fields import check_choice, keys_of, wrong
from privity.entries.receipts import LARGEST_RECEIPT, LostEntry, Receipt, open_receipt
from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.note import Vkey
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.tree import leaf_hash
from privity.release.member_proof import (
    LARGEST as LARGEST_PROOF,
    MemberProof,
    Shown,
    check_one_log,
    nothing_signed,
    open_member_proof,
)

SCHEMA: Final = "privity/check/v1"
LARGEST: Final = LARGEST_RECEIPT + LARGEST_PROOF
"""The most bytes that such a file has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckFile:
    """What a member holds.

    Attributes:
        receipt: Her receipt.
        proofs: That its first events are in the log; those after them were not published when it was made.
        releases: What releases have of hers.
    """

    SCHEMA: ClassVar[str] = SCHEMA

    receipt: Receipt = field(repr=False)
    proofs: tuple[ProofFile, ...]
    releases: MemberProof

    def __post_init__(self) -> None:
        if len(self.proofs) > len(self.receipt.events):
            raise wrong("proofs", len(self.proofs), "at most one for each event")

    def to_bytes(self) -> bytes:
        """Give the file.

        Raises:
            InputError: It would be too large.
        """
        return encode_limited(
            {
                "proofs": [one.to_bytes().decode("utf-8") for one in self.proofs],
                "receipt": decode_limited(self.receipt.to_bytes(), largest=LARGEST_RECEIPT),
                "releases": decode_limited(self.releases.to_bytes(), largest=LARGEST_PROOF),
                "schema": SCHEMA,
            },
            largest=LARGEST,
        )

    @classmethod
    def parse(cls, data: bytes) -> CheckFile:
        """Read what `to_bytes` gives; what it shows is asked by `open_check_file`.

        Raises:
            InputError: It is none, or another spelling of one.
            VerificationError: A proof in it is none.
        """
        keys = keys_of(
            decode_limited(data, largest=LARGEST),
            required=("proofs", "receipt", "releases", "schema"),
        )
        check_choice("schema", keys["schema"], (SCHEMA,))
        proofs: Any = keys["proofs"]
        if not (isinstance(proofs, list) and all(isinstance(one, str) for one in proofs)):
            raise wrong("proofs", proofs, "a list of texts")
        return cls(
            receipt=Receipt.parse(encode_limited(keys["receipt"], largest=LARGEST_RECEIPT)),
            proofs=tuple(ProofFile.parse(one.encode()) for one in proofs),
            releases=MemberProof.parse(encode_limited(keys["releases"], largest=LARGEST_PROOF)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a member holds, verified.

    Attributes:
        events: Her events, opened.
        in_log: How many of them, from the first, are shown to be in the log.
        checkpoints: What the log's key signed, of each proof of an event.
        releases: What is shown of each release.
    """

    events: tuple[PrivateEntry | LostEntry, ...]
    in_log: int
    checkpoints: tuple[Checkpoint, ...]
    releases: tuple[Shown, ...]

    @property
    def lost(self) -> int:
        """How many events have no payload here: nothing shows what they say."""
        return sum(isinstance(one, LostEntry) for one in self.events)


def open_check_file(file: CheckFile, vkeys: Collection[Vkey]) -> Held:
    """Verify all that a member holds, and give what it shows ([REL-37]).

    Args:
        file: The file.
        vkeys: The keys of the log that are believed.

    Raises:
        InputError: A payload or an entry is none.
        VerificationError: Something does not hold.
    """
    receipt, releases = file.receipt, file.releases
    if (receipt.member, receipt.origin) != (releases.member, releases.origin):
        raise VerificationError(
            "the receipt is another member’s, or of another log, than the proof",
            code="release/member-proof",
            hint="ask for a new file",
        )
    events = open_receipt(receipt)
    checkpoints = []
    for number, (proof, event) in enumerate(zip(file.proofs, receipt.events, strict=False), 1):
        found = open_proof(proof, leaf_hash(event.entry), vkeys)
        if found.origin != receipt.origin or proof.index != event.index:
            raise VerificationError(
                f"the proof of event {number} is of another entry", code="entry/receipt"
            )
        checkpoints.append(found)
    shown = open_member_proof(releases, vkeys, key=receipt.key)
    signed = (*checkpoints, *(one.checkpoint for one in shown))
    check_one_log(signed)
    _check_waiting(receipt, len(file.proofs), signed)
    return Held(
        events=events,
        in_log=len(file.proofs),
        checkpoints=tuple(checkpoints),
        releases=shown,
    )


def _check_waiting(receipt: Receipt, proved: int, signed: Sequence[Checkpoint]) -> None:
    """Check that what has no proof is what was not published yet, and that something was.

    Raises:
        VerificationError: An event without a proof has a place that the log had given to something (`entry/receipt`), or
            nothing in the file is signed (`release/unsigned`).
    """
    if not signed:
        raise nothing_signed()
    for number, event in enumerate(receipt.events[proved:], proved + 1):
        if event.index < signed[0].size:
            raise VerificationError(
                f"event {number} is said to be entry {event.index}, of a log of {signed[0].size} entries, and nothing shows that it is",
                code="entry/receipt",
                hint="do not believe it; ask for a new file",
            )
