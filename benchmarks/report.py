# SPDX-License-Identifier: Apache-2.0
"""What is shown: progress on standard error, tables or one JSON line on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def progress(line: str) -> None:
    """Say what was just done."""
    print(line, file=sys.stderr, flush=True)


def as_json(result: Mapping[str, Any]) -> str:
    """Give a result as one JSON line, numbers with four digits after the point at most."""
    return json.dumps(_rounded(result), sort_keys=True)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Lay rows out as a table of plain text, numbers to the right."""
    cells = [[name.replace("_", " ") for name in columns]]
    cells += [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case float() if abs(value) >= 100:
            return f"{value:,.0f}"
        case float():
            return f"{value:.3g}" if abs(value) < 0.1 else f"{value:.2f}"
        case int() if not isinstance(value, bool):
            return f"{value:,}"
        case _:
            return str(value)


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 4)
        case Mapping():
            return {key: _rounded(item) for key, item in value.items()}
        case list() | tuple():
            return [_rounded(item) for item in value]
        case _:
            return value
