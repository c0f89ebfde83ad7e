# SPDX-License-Identifier: Apache-2.0
"""What a release was decided by, kept beside it: of each row the ids, parties and instants (specs/release.md, part 1).

A release may have pseudonyms where the source had ids, and a member's records have to be found in it as long as it
lives. So the columns that decisions rest on are written as they came, one file for each file of the table, with the
same name and the same rows in the same order. They are the operator's alone, and no part of what is handed over.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from privity.release.decided import COLUMNS

PARTIES: Final = "parties"
"""The folder of these files beside a set that is made aside."""

QUOTES: Final = ("quotes.list.element",)
"""The column that these files keep statistics of: by them whoever looks for quotes skips what has none."""


def parties_of(table: pa.Table) -> pa.Table:
    """Give the columns of rows that decisions rest on; nothing is copied."""
    return table.select(list(COLUMNS))


def parties_schema(schema: pa.Schema) -> pa.Schema:
    """Give the columns of records that decisions rest on."""
    return pa.schema([schema.field(name) for name in COLUMNS])
