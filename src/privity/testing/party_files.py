# SPDX-License-Identifier: Apache-2.0
"""Files as they lie beside a release, small and made at random: of each row the ids and parties, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.members.facts import MemberId
from privity.release.pairs import GROUP

_MICROSECONDS: Final = 1_000_000
_FIRST: Final = 1_700_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyRow:
    """A row of such a file.

    Attributes:
        record: The record's id.
        category: Its category.
        created_at: When it was made.
        author: Its author.
        recipients: Its addressees.
    """

    record: str | int
    category: str
    created_at: int
    author: MemberId
    recipients: tuple[MemberId, ...]

    def parties(self, group_from: int | None) -> set[MemberId]:
        """Give whose it is, where the addressees of a group message are asked from an instant on, or never."""
        asked = self.category in {"inmail", "direct-message", "message"} or (
            self.category == GROUP and group_from is not None and self.created_at >= group_from
        )
        return {self.author, *(self.recipients if asked else ())}


def party_rows(random: Random, count: int, members: int, *, integers: bool) -> list[PartyRow]:
    """Make rows, some of which have several parties, or one twice."""

    def member() -> MemberId:
        number = random.randrange(members)
        return number - 3 if integers else f"m\u00e9mber-{number}"

    made = []
    for number in range(count):
        category = random.choice(("post", "inmail", GROUP, "direct-message", "article"))
        made.append(
            PartyRow(
                record=random.randrange(-5, 5) * 10_000 + number
                if integers
                else f"{category}-{random.randrange(10 ** random.randrange(12))}-{number}",
                category=category,
                created_at=_FIRST + random.randrange(1000),
                author=member(),
                recipients=tuple(member() for _ in range(random.randrange(5))),
            )
        )
    return made


def put_party_rows(
    folder: Path, rows: Sequence[PartyRow], *, files: int = 3, group: int = 7
) -> list[str]:
    """Write rows into files of row groups; gives their names."""
    integers = any(isinstance(row.author, int) for row in rows)
    member = pa.int64() if integers else pa.string()
    record = pa.int64() if any(isinstance(row.record, int) for row in rows) else pa.string()
    schema = pa.schema(
        [
            ("record_id", record),
            ("category", pa.string()),
            ("created_at", pa.timestamp("us", tz="UTC")),
            ("author", member),
            ("recipients", pa.list_(member)),
            ("capacity", pa.string()),
            ("quotes", pa.list_(record)),
        ]
    )
    share = -(-len(rows) // files)
    names = []
    for number in range(files):
        names.append(f"part-{number:05}.parquet")
        some = [_line(row) for row in rows[number * share : (number + 1) * share]]
        table = pa.Table.from_pylist(some, schema=schema)
        pq.write_table(table, folder / names[-1], row_group_size=group)
    return names


def _line(row: PartyRow) -> dict[str, Any]:
    return {
        "record_id": row.record,
        "category": row.category,
        "created_at": row.created_at * _MICROSECONDS,
        "author": row.author,
        "recipients": list(row.recipients),
        "capacity": "personal",
        "quotes": [],
    }
