# SPDX-License-Identifier: Apache-2.0
"""How commands say how many there are of something."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """Give a count with its word: `1 entry`, `1,234 entries`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
