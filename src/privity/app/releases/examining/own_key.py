# SPDX-License-Identifier: Apache-2.0
"""Hold a recipient's key to the one that the register has, before it signs (specs/release.md, [REL-66], [REL-123]).

What another key signs is entered nowhere, and of a copy that was taken back from nothing is left to sign again. The log has
the register; where nobody names the log, what the recipient signed when the copy came says whose key it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.app.public_tree.ahead import bundles_ahead
from privity.app.public_tree.opening import PublicTree, missing
from privity.entries.decode import PublicEntry, decode
from privity.entries.dsse import EnvelopeSigner
from privity.entries.envelope import PublicEvent, parse_event
from privity.entries.recipient import RecipientEntry
from privity.errors import ConflictError, InputError, VerificationError, Where
from privity.ledger.ports import NotFoundError
from privity.ledger.since import read_since
from privity.release.acknowledgement import read_acknowledgement
from privity.release.disclosed import ACKNOWLEDGEMENT
from privity.release.opened import ReadRelease, unreadable
from privity.vocabulary.terms import quoted

_FIRST_LOOK = 1 << 10
"""How many entries before a release are read first; a register may be any number before it."""


def check_registered(
    signer: EnvelopeSigner, recipient: str, tree: PublicTree, *, before: int
) -> None:
    """Check that a key is the one that the log's register has of a recipient.

    Args:
        signer: The key.
        recipient: Whose it has to be.
        tree: The log's public tree.
        before: The index of an entry from which the register is read back, and on to its end.

    Raises:
        InputError: The register has another key (`release/recipient-other-key`).
        ConflictError: It has none (`release/recipient-no-key`).
        VerificationError: The entries do not make the signed root.
        UnavailableError: The tree cannot be read.
    """
    key = _registered(tree, recipient, before)
    if key is None:
        raise ConflictError(
            f"the log’s register has no key of recipient {quoted(recipient)}: what it signs is entered nowhere",
            code="release/recipient-no-key",
            hint="give the operator your public key",
        )
    check_own(signer, recipient, key)


def check_own(signer: EnvelopeSigner, recipient: str, key: bytes) -> None:
    """Check that a key is the one that a register has of a recipient; raises as `check_registered`."""
    if key != signer.public:
        raise InputError(
            f"the key is not the one that the log’s register has of recipient {quoted(recipient)}",
            code="release/recipient-other-key",
            hint="sign with that one, or give the operator the public key of this one first",
        )


def check_acknowledged_with(signer: EnvelopeSigner, read: ReadRelease) -> None:
    """Check that a key signed when a copy came, where that lies in the copy.

    Raises:
        InputError: Another did (`release/recipient-other-key`).
        UnavailableError: It cannot be read.
    """
    path = read.folder.root / ACKNOWLEDGEMENT
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        read_acknowledgement(data, signer.public)
    except VerificationError as error:
        raise InputError(
            "the key is not the one that acknowledged the copy",
            code="release/recipient-other-key",
            hint="sign with that one; if the register has another of yours since, name the log with `--log`",
            where=Where(file=str(path)),
        ) from error


@dataclass(kw_only=True, slots=True)
class _Register:
    """What a part of the log says of a recipient's key."""

    origin: str
    recipient: str
    says: bool = False
    key: bytes | None = None

    def visit(self, first: int, entries: Sequence[bytes]) -> None:
        del first
        for data in entries:
            event = parse_event(data)
            if not isinstance(event, PublicEvent) or event.stream != RecipientEntry.STREAM:
                continue
            entry = decode(data, origin=self.origin)
            if isinstance(entry, PublicEntry) and isinstance(entry.says, RecipientEntry):
                self._add(entry.says)

    def _add(self, says: RecipientEntry) -> None:
        # As `recipient_keys` reads them: what is changed without a key keeps the one before.
        if says.id == self.recipient and (says.action != "changed" or says.key is not None):
            self.says, self.key = True, says.key


def _registered(tree: PublicTree, recipient: str, before: int) -> bytes | None:
    """Read the newest key, from ever further back until something says it."""
    back, last = _FIRST_LOOK, min(before, tree.checkpoint.size - 1)
    while True:
        first = max(0, last - back)
        register = _Register(origin=tree.checkpoint.origin, recipient=recipient)
        _read(tree, first, register)
        if register.says or first == 0:
            return register.key
        back *= 16


def _read(tree: PublicTree, first: int, register: _Register) -> None:
    size = tree.checkpoint.size
    try:
        if tree.remote:
            with bundles_ahead(tree.reader, first, size) as reader:
                read_since(reader, tree.checkpoint, first, register.visit)
        else:
            read_since(tree.reader, tree.checkpoint, first, register.visit)
    except NotFoundError as error:
        raise missing(tree, error) from error
