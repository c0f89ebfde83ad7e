# SPDX-License-Identifier: Apache-2.0
"""Files that came to light outside: which of the platform's records are in them (specs/audit.md, part 2).

A row is matched by its id and by its text. What is compared of a text is its letters and digits, and it is found inside
another by what specs/release.md, part 7 says of copies; that is written here again, and shared with nobody who made a set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import pyarrow as pa

from privity.audit.evidence import COLUMNS

DumpKind = Literal["disclosed", "training"]

HOW: Final[Mapping[str, str]] = {
    "id-and-text": "the same id, and the same text",
    "id-and-part": "the same id, and part of its text",
    "id": "the same id, and no text to compare",
    "text": "another id or none, and the same text",
    "copy": "another id or none, and its text in another",
}
"""How a row can be a record, surest first ([AUD-42])."""
ANOTHER_TEXT: Final = "id-and-another-text"
"""Rows that have the id of a record and nothing of its text: they are none of them."""
SEVERAL: Final = "text-of-several"
"""Rows whose text is that of more records than there are such rows."""

MATCHED: Final = (*COLUMNS, "how", "row")
"""The columns of the records that are in a dump."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dump:
    """A file that came to light, and the platform's records that are in it.

    Attributes:
        kind: Whether it was disclosed to somebody, or trained on.
        name: Its name.
        sha256: The SHA-256 of its bytes, in hexadecimal.
        rows: How many rows it has.
        how: How many rows are records, by how they are matched (`HOW`, `ANOTHER_TEXT`, `SEVERAL`).
        unmatched: How many are none.
        text: The column whose text was compared, or None.
        records: Shape (records): `MATCHED`; `how` a word of `HOW`, `row` the first such row, from 0.
        around: `COLUMNS` of all records that have the ids of those, or of what those quote, to any depth; None where nothing is
            to be decided.
    """

    kind: DumpKind
    name: str
    sha256: str
    rows: int
    how: Mapping[str, int]
    unmatched: int
    text: str | None
    records: pa.Table = field(repr=False)
    around: pa.Table | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dumps:
    """All files that came to light, and what their records were taken from.

    Attributes:
        dumps: The files.
        records: The SHA-256 of the files of the platform's own records, in their order.
        bound: The entry of a clearing that had just these files as its input, or None: then nothing holds them to the log.
    """

    dumps: tuple[Dump, ...] = ()
    records: tuple[str, ...] = ()
    bound: int | None = None
