# SPDX-License-Identifier: Apache-2.0
"""Numbers in the sentences of reports."""

from __future__ import annotations


def counted(count: int | str | None, thing: str) -> str:
    """Say how many there are of something: `1 record`, `2,000 records`."""
    number = int(count or 0)
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
