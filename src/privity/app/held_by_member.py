# SPDX-License-Identifier: Apache-2.0
"""What a member holds of the ledger: her receipt, and the file by which she checks it, and the releases, herself (specs/release.md, [REL-36])."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from privity.app.public_tree.files import given_vkeys, read_file
from privity.app.public_tree.opening import PublicTree, open_tree
from privity.app.releases.members.member_proving import prove_member
from privity.app.workspace.ids import member_named
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import key_name
from privity.entries.envelope import MemberEvent, decode_limited, parse_event
from privity.entries.genesis import SIMULATED
from privity.entries.receipts import Receipt, ReceiptEvent
from privity.entries.seal import unseal
from privity.entries.streams import event_key, tag_of
from privity.errors import ConflictError, VerificationError
from privity.ledger.ports import NotFoundError, Reader, Sealed
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.proofs import inclusion_proof
from privity.ledger.tree import leaf_hash
from privity.members.facts import MemberId
from privity.release.check_file import LARGEST, CheckFile, Held, open_check_file
from privity.store.keys import MemberKey


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFile:
    """A file that holds.

    Attributes:
        member: Whose it is.
        origin: The log's name.
        held: What it shows.
    """

    member: MemberId
    origin: str
    held: Held

    @property
    def simulated(self) -> bool:
        """Whether the log's instants were set, as its name says."""
        return self.origin.endswith(SIMULATED)


def receipt_of(workspace: Workspace, member: str) -> Receipt | None:
    """Give a member's receipt: the key of her stream, and all of its events; None where nothing was recorded of her.

    Args:
        workspace: Where.
        member: Her id, as text.

    Raises:
        InputError: The id is none.
        VerificationError: A payload does not open, or an entry of hers is not there.
    """
    who = member_named(workspace, member)
    key = workspace.keys.get(key_name(who))
    if key is None:
        return None
    # By one state: whoever is erased meanwhile has all of it, or nothing.
    with workspace.store.reading():
        row = workspace.store.vault.stream(key.stream)
        if row is None or row.next <= 1:
            return None
        sealed = {one.number: one for one in workspace.store.sealed_of(key.stream)}
    events = tuple(_events(workspace, key, row.next, sealed))
    return Receipt(origin=workspace.settings.origin, member=who, key=key.secret, events=events)


def check_file_of(workspace: Workspace, member: str) -> CheckFile | None:
    """Make the file by which a member checks what she holds, from what is published; None where nothing was recorded of her.

    Args:
        workspace: Where.
        member: Her id, as text.

    Raises:
        InputError: The id is none.
        ConflictError: A release is on its way to its next revision, or not published yet.
        VerificationError: Something in the workspace does not hold.
        UnavailableError: Something cannot be read.
    """
    receipt = receipt_of(workspace, member)
    if receipt is None:
        return None
    try:
        tree = open_tree(
            str(workspace.places.public),
            tuple(one.to_text() for one in workspace.log.vkeys),
        )
    except NotFoundError as error:
        raise ConflictError(
            "nothing of this log is published yet",
            code="release/not-published",
            hint="run `privity ledger publish DIR`, and try again",
        ) from error
    return CheckFile(
        receipt=receipt,
        proofs=tuple(_proofs(tree, receipt)),
        releases=prove_member(workspace, member, tree=tree).proof,
    )


def is_check_file(path: Path) -> bool:
    """Tell whether a file says of itself that it is all that a member holds.

    Raises:
        InputError: It cannot be read, or is no canonical JSON.
    """
    value = decode_limited(read_file(path), largest=LARGEST)
    return isinstance(value, dict) and value.get("schema") == CheckFile.SCHEMA


def check_held(path: Path, vkeys: tuple[str, ...]) -> CheckedFile:
    """Check all that a member holds, offline.

    Args:
        path: The file that `check_file_of` made.
        vkeys: The keys of the log that are believed, as text or as names of files; one at least.

    Raises:
        InputError: The file cannot be read or is none, or a key is none.
        VerificationError: Something does not hold.
    """
    file = CheckFile.parse(read_file(path))
    return CheckedFile(
        member=file.receipt.member,
        origin=file.receipt.origin,
        held=open_check_file(file, given_vkeys(vkeys)),
    )


def _events(
    workspace: Workspace, key: MemberKey, following: int, sealed: Mapping[int, Sealed]
) -> Iterator[ReceiptEvent]:
    """Give the events of a stream in their order, those without their payload too."""
    store = workspace.store
    missing = set(range(1, following)) - sealed.keys()
    lost = _found(workspace, key, missing) if missing else {}
    for number in range(1, following):
        one = sealed.get(number)
        index = lost[number] if one is None else one.index
        (entry,) = store.entries(index, index + 1)
        payload = None if one is None else unseal(key.secret, number, one.payload)
        yield ReceiptEvent(index=index, entry=entry.data, payload=payload)


def _found(workspace: Workspace, key: MemberKey, numbers: set[int]) -> dict[int, int]:
    """Look through the log for events whose payloads were lost: nothing else says where they are."""
    tags = {tag_of(event_key(key.secret, number)): number for number in numbers}
    found: dict[int, int] = {}
    for entry in workspace.store.entries(0, workspace.store.head().size):
        event = parse_event(entry.data)
        if isinstance(event, MemberEvent) and event.tag in tags:
            found[tags[event.tag]] = entry.place
    if found.keys() != numbers:
        raise VerificationError(
            "an entry of a member’s stream is not in the log",
            code="entry/receipt",
            hint="run `privity ledger check`",
        )
    return found


def _proofs(tree: PublicTree, receipt: Receipt) -> Iterator[ProofFile]:
    """Prove of the events that are published that they are in the log; each was verified when it is given."""
    size, reader = tree.checkpoint.size, _KeptReader(tree.reader)
    for event in receipt.events:
        if event.index >= size:
            return
        hashes = inclusion_proof(event.index, size, reader)
        proof = ProofFile(index=event.index, hashes=hashes, checkpoint=tree.note)
        open_proof(proof, leaf_hash(event.entry), tree.vkeys)
        yield proof


class _KeptReader:
    """Reads each file of a tree once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read: dict[str, bytes] = {}

    def read(self, path: str) -> bytes:
        """Read a file."""
        if path not in self._read:
            self._read[path] = self._reader.read(path)
        return self._read[path]
