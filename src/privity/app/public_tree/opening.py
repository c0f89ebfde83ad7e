# SPDX-License-Identifier: Apache-2.0
"""Open a public tree, in a folder or on the web, at one signed checkpoint (specs/ledger.md, part 5).

Whose key is believed is said with the tree: one that somebody gives, or, the first time, that of the tree
itself, which shows that the tree fits together and not whose it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.app.public_tree.files import given_vkeys, served_vkeys
from privity.entries.genesis import SIMULATED
from privity.errors import InputError, VerificationError
from privity.ledger.checkpoint import Checkpoint, checkpoint_of
from privity.ledger.note import Note, Vkey, verify
from privity.ledger.ports import CHECKPOINT, VKEY, NotFoundError, Reader
from privity.store.files import Folder
from privity.store.http import WebReader

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII | re.IGNORECASE)
_PUBLIC: Final = "public"


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicTree:
    """A public tree whose checkpoint is signed by a key that is believed.

    Attributes:
        place: Where it is: a folder, or an address.
        remote: Whether it is on the web.
        reader: Reads it; the checkpoint stays the one that was verified.
        note: The signed checkpoint.
        checkpoint: What it says.
        vkeys: The keys that are believed.
        signed: Those of them that signed.
        given: Whether they were given; if not, they are the tree's own.
    """

    place: str
    remote: bool
    reader: Reader
    note: Note
    checkpoint: Checkpoint
    vkeys: tuple[Vkey, ...]
    signed: tuple[Vkey, ...]
    given: bool

    @property
    def simulated(self) -> bool:
        """Whether the log's instants were set, as its name says."""
        return self.checkpoint.origin.endswith(SIMULATED)

    @property
    def unknown_signatures(self) -> int:
        """How many signatures are by keys that nobody here knows."""
        return len(self.note.signatures) - len(self.signed)


def open_tree(place: str, vkeys: tuple[str, ...] = ()) -> PublicTree:
    """Open a public tree and verify its checkpoint.

    Args:
        place: A folder, that of a workspace too, or an address of the web.
        vkeys: The keys to believe, as text or as names of files; none: those of the tree itself.

    Raises:
        InputError: There is no such folder, or a key is none.
        VerificationError: The checkpoint is none, or no key that is believed has signed it.
        UnavailableError: The tree has no checkpoint, or cannot be read.
    """
    believed = given_vkeys(vkeys)
    where, reader = _reader(place)
    data = reader.read(CHECKPOINT)
    if not believed:
        believed = _own_vkeys(reader, where)
    note = Note.parse(data)
    try:
        checkpoint = checkpoint_of(note, believed)
    except VerificationError as error:
        if error.code != "ledger/unsigned" or not vkeys:
            raise
        raise VerificationError(
            "the key that is given has not signed the checkpoint",
            code="ledger/unsigned",
            hint="if the log may have exchanged its key, ask for the new one by another way",
        ) from error
    return PublicTree(
        place=where,
        remote=isinstance(reader, WebReader),
        reader=_Pinned(reader, data),
        note=note,
        checkpoint=checkpoint,
        vkeys=believed,
        signed=verify(note, believed),
        given=bool(vkeys),
    )


def missing(tree: PublicTree, error: NotFoundError) -> VerificationError:
    """Say that a tree lacks what its signed checkpoint says that it has."""
    return VerificationError(
        f"the checkpoint is of {tree.checkpoint.size} entries, and {error.message}",
        code="verify/missing",
    )


def _reader(place: str) -> tuple[str, Reader]:
    if _ADDRESS.match(place):
        return place, WebReader(place)
    folder = Path(place)
    if not folder.is_dir():
        raise InputError(
            f"there is no folder `{place}`, expected the public tree of a log, or its address",
            code="verify/no-tree",
        )
    if not (folder / CHECKPOINT).exists() and (folder / _PUBLIC / CHECKPOINT).exists():
        folder /= _PUBLIC
    return str(folder), Folder(folder)


def _own_vkeys(reader: Reader, place: str) -> tuple[Vkey, ...]:
    try:
        return served_vkeys(reader.read(VKEY))
    except NotFoundError as error:
        raise InputError(
            f"`{place}` has no file `{VKEY}`, and no key is given",
            code="verify/no-key",
            hint="give the log's key with --vkey",
        ) from error


class _Pinned:
    """A reader whose checkpoint stays the same while the log goes on."""

    def __init__(self, reader: Reader, checkpoint: bytes) -> None:
        self._reader = reader
        self._checkpoint = checkpoint

    def read(self, path: str) -> bytes:
        """Give the bytes at a path."""
        return self._checkpoint if path == CHECKPOINT else self._reader.read(path)
