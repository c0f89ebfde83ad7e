# SPDX-License-Identifier: Apache-2.0
"""Whether clearing is linear in the records and constant in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from benchmarks.clear import Options, measure

SIZES: Final = (1_000_000, 5_000_000, 20_000_000)


def grow(options: Options, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Clear sets of growing size and compare time and memory with the set before.

    `linear` is how many times as long each took, divided by how many times as large it was:
    1 is linear, below 1 a fixed cost is spread over more records.
    """
    rows = [
        {
            "records": done["records"],
            "clear_s": done["clear_s"],
            "records_per_s": done["records_per_s"],
            "peak_mib": done["peak_mib"],
        }
        for done in (measure(replace(options, records=size, against=())) for size in sizes)
    ]
    for before, row in pairwise(rows):
        larger = row["records"] / before["records"]
        row["linear"] = row["clear_s"] / before["clear_s"] / larger
        row["peak_growth"] = row["peak_mib"] / before["peak_mib"]
    return {
        "rows": rows,
        "linear": rows[-1].get("linear"),
        "peak_growth": rows[-1].get("peak_growth"),
    }
