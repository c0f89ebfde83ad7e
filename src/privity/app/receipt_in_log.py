# SPDX-License-Identifier: Apache-2.0
"""Hold a member's receipt to the whole of a log: its entries are there, and none of hers comes after them ([ENT-73]).

What she holds shows what she was given. Only who reads every entry sees what she was not given; and only who has the
key of her stream knows what it would look like.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from privity.app.public_tree.files import read_file
from privity.entries.decode import PublicEntry
from privity.entries.envelope import MemberEvent, decode_limited
from privity.entries.receipts import Receipt, open_receipt
from privity.entries.streams import event_key, tag_of
from privity.errors import VerificationError, Where
from privity.release.check_file import LARGEST, CheckFile

_AHEAD: Final = 256
"""Numbers after the last that are looked for: who leaves one out is found by the next."""


@dataclass(kw_only=True, slots=True)
class ReceiptInLog:
    """A receipt, and what a log has of it so far.

    Attributes:
        path: The file that has it.
        receipt: It.
        later: The indexes of entries of hers that come after its last.
    """

    path: Path
    receipt: Receipt = field(repr=False)
    later: list[int] = field(default_factory=list)
    _events: dict[int, MemberEvent] = field(init=False, repr=False)
    _tags: frozenset[bytes] = field(init=False, repr=False)
    _ahead: frozenset[bytes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        receipt, last = self.receipt, len(self.receipt.events)
        self._events = {one.index: MemberEvent.parse(one.entry) for one in receipt.events}
        self._tags = frozenset(one.tag for one in self._events.values())
        self._ahead = frozenset(
            tag_of(event_key(receipt.key, last + number)) for number in range(1, _AHEAD + 1)
        )

    def visit(self, index: int, entry: MemberEvent | PublicEntry) -> None:
        """Look at an entry of the log.

        Raises:
            VerificationError: It stands where the receipt has another, or is hers and the receipt has it elsewhere or
                otherwise (`verify/receipt`).
        """
        mine = self._events.pop(index, None)
        tag = entry.tag if isinstance(entry, MemberEvent) else None
        if entry != mine and (mine is not None or tag in self._tags):
            raise _wrong(self.path, f"entry {index:,} of the log is not as it says")
        if tag in self._ahead:
            self.later.append(index)

    def finish(self) -> None:
        """Say what is not as it has to be, once the whole log was read.

        Raises:
            VerificationError: The log has an entry of hers that comes after its last (`verify/receipt-later`).
        """
        if self.later:
            more = f", and {len(self.later) - 1:,} more" if self.later[1:] else ""
            raise VerificationError(
                f"the log has an entry of hers after the last in the file: entry {self.later[0]:,}{more}",
                code="verify/receipt-later",
                hint="get a new file; if that lacks it too, it is kept from her",
                where=Where(file=str(self.path)),
            )

    @property
    def waiting(self) -> int:
        """How many of its entries the log does not have yet."""
        return len(self._events)

    def mapping(self) -> dict[str, Any]:
        """Give it as JSON."""
        entries = len(self.receipt.events)
        return {
            "entries": entries,
            "entries_in_log": entries - self.waiting,
            "member": self.receipt.member,
        }


def read_receipt(path: Path, origin: str) -> ReceiptInLog:
    """Read a member's receipt, alone or in all that she holds, and open it.

    Args:
        path: The file.
        origin: The log's name.

    Raises:
        InputError: The file cannot be read, or is none.
        VerificationError: It does not hold by itself, or is of another log (`verify/receipt`).
    """
    data = read_file(path)
    value = decode_limited(data, largest=LARGEST)
    held = isinstance(value, dict) and value.get("schema") == CheckFile.SCHEMA
    receipt = CheckFile.parse(data).receipt if held else Receipt.parse(data)
    open_receipt(receipt)
    if receipt.origin != origin:
        raise _wrong(path, f"it is of the log `{receipt.origin}`, and this is `{origin}`")
    return ReceiptInLog(path=path, receipt=receipt)


def _wrong(path: Path, seen: str) -> VerificationError:
    return VerificationError(
        seen,
        code="verify/receipt",
        hint="keep the file and the log: they do not fit together",
        where=Where(file=str(path)),
    )
