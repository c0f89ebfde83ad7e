# SPDX-License-Identifier: Apache-2.0
"""Tables of members, and the facts that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from privity.members.files import COLUMNS
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding

AS_OF = "2025-06-01T00:00:00Z"
Fact = tuple[str, str, str, str]
Make = Callable[..., list[Fact]]

PERIODS = f"""
table = "periods"
as_of = {AS_OF}
member = "id"
from = "begins"
to = "ends"
[[fact]]
fact = "setting"
setting = "s"
value = {{column = "ai", values = {{1 = "on", 0 = "off"}}}}
method = "explicit"
"""


def whole(binding: str, paths: list[Path]) -> pa.Table:
    bound = parse_table_binding(binding, source="binding.toml")
    batches = list(facts_from_tables(bound, paths))
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    return pa.concat_tables(
        [
            pa.table([one.column(name).cast(pa.string()) for name in COLUMNS], schema=schema)
            for one in batches
        ]
    )


def made(binding: str, path: Path) -> list[Fact]:
    """Make facts of one table: member and kind, value, at and detail, in order."""
    rows = whole(binding, [path]).to_pylist()
    return sorted(
        (
            f"{row['member']} {row['fact']}",
            row["value"],
            row["at"].removesuffix(".000000Z").replace(" ", "T") + "Z",
            row["detail"],
        )
        for row in rows
    )


def year(number: int) -> str:
    return f"{number}-01-01T00:00:00Z"


def period(begins: int, ends: int | None, *cells: str) -> str:
    return ",".join([year(begins), "" if ends is None else year(ends), *cells]) + "\n"
