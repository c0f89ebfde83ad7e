# SPDX-License-Identifier: Apache-2.0
"""The two forms that all texts of the log share: base64 and decimal numbers (specs/ledger.md, part 1).

Each value has exactly one spelling here; whatever else a lenient reader would take is none.
"""

from __future__ import annotations

import base64
import re
from typing import Final

LARGEST: Final = (1 << 63) - 1
"""The largest size or index: what every reader of such logs can hold."""

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def to_base64(data: bytes) -> str:
    """Give the standard base64 of RFC 4648, with padding."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """Read what `to_base64` writes, or give None: no other alphabet, padding or spare bits."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if to_base64(data) == text else None


def from_decimal(text: str) -> int | None:
    """Read a number of ASCII digits without sign, blanks or leading zeros, or give None."""
    if _DECIMAL.fullmatch(text) is None:
        return None
    number = int(text)
    return number if number <= LARGEST else None
