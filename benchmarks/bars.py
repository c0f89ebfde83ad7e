# SPDX-License-Identifier: Apache-2.0
"""The bars (issue and design part 7), and whether a whole run meets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def judge(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give for each bar what was measured and whether that meets it."""
    by_body = {one["body"]: one for one in result["clear"]}
    usual, grown = by_body[340], result["growth"]
    bars = [
        ("clear, body 340 B, by the oracle copy", usual["oracle_ratio"], 1.25),
        ("clear, body 1 kB, by the oracle copy", by_body[1_000]["oracle_ratio"], 1.10),
        ("clear by DuckDB copying known rows", usual["duckdb_ratio"], 1.0),
        ("string ids by integer ids", usual["string_ratio"], 1.3),
        ("growth of the time by that of the records", grown["linear"], 1.1),
        ("growth of the memory with the records", grown["peak_growth"], 1.1),
        ("point decision, p99, microseconds", result["point"]["decide_p99_us"], 50),
        ("explanation, p99, milliseconds", result["point"]["explain_p99_ms"], 5),
        ("bytes a member", result["states"]["bytes_a_member"], 24),
        ("bytes a further breakpoint", result["states"]["bytes_a_breakpoint"], 12),
    ]
    return [
        {
            "what": what,
            "bar": bar,
            "measured": measured,
            "met": "yes" if measured <= bar else "NO",
        }
        for what, measured, bar in bars
    ]
