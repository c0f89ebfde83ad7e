# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: a log's name, size and root, and who signed them (specs/ledger.md, part 5; C2SP tlog-checkpoint)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from privity.errors import VerificationError
from privity.ledger.forms import LARGEST, from_base64, from_decimal, to_base64
from privity.ledger.note import Note, Vkey, verify
from privity.ledger.tree import EMPTY_ROOT, HASH_SIZE

_FEWEST_LINES: Final = 3
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_CODE: Final = "ledger/checkpoint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A statement about a log.

    Attributes:
        origin: The log's name, which is that of its keys too.
        size: The number of entries.
        root: The root of the tree over them.
        extensions: Further lines, which mean nothing here.

    Raises:
        VerificationError: A line is empty or has a control character, the size or the root cannot be one,
            or the root of no entries is not the one that it has.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(
            line and _CONTROL.search(line) is None for line in (self.origin, *self.extensions)
        ):
            raise _no_checkpoint("a line is empty or has a control character")
        if not 0 <= self.size <= LARGEST:
            raise _no_checkpoint(f"a log cannot have {self.size} entries")
        if len(self.root) != HASH_SIZE:
            raise _no_checkpoint(f"its root has {len(self.root)} bytes, expected {HASH_SIZE}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _no_checkpoint("a log without entries has another root")

    def to_text(self) -> str:
        """Write the text that is signed."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read what `to_text` writes.

        Raises:
            VerificationError: It is no checkpoint.
        """
        lines = text.split("\n")
        if lines.pop() != "" or len(lines) < _FEWEST_LINES:
            raise _no_checkpoint("it has fewer than three whole lines")
        origin, size_text, root_text, *extensions = lines
        size, root = from_decimal(size_text), from_base64(root_text)
        if size is None:
            raise _no_checkpoint("its second line is no size")
        if root is None:
            raise _no_checkpoint("its third line is no root in base64")
        return cls(origin=origin, size=size, root=root, extensions=tuple(extensions))


def open_checkpoint(data: bytes, vkeys: Collection[Vkey]) -> Checkpoint:
    """Read a signed checkpoint and verify it.

    Args:
        data: The signed note.
        vkeys: The keys of the log, or logs, whose checkpoint may be read.

    Raises:
        VerificationError: It is no note, none of the keys signed it, it is no checkpoint, or it speaks for
            another log than the key that signed it.
    """
    return checkpoint_of(Note.parse(data), vkeys)


def checkpoint_of(note: Note, vkeys: Collection[Vkey]) -> Checkpoint:
    """Verify a note and read the checkpoint that it is.

    Raises:
        VerificationError: As `open_checkpoint` says.
    """
    signed = verify(note, vkeys)
    checkpoint = Checkpoint.parse(note.text)
    if all(vkey.name != checkpoint.origin for vkey in signed):
        raise VerificationError(
            f"the checkpoint of `{checkpoint.origin}` is signed by `{signed[0].name}`, which is "
            "another log",
            code="ledger/origin",
        )
    return checkpoint


def _no_checkpoint(why: str) -> VerificationError:
    return VerificationError(f"this is no checkpoint: {why}", code=_CODE)
