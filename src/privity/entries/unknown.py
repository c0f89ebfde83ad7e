# SPDX-License-Identifier: Apache-2.0
"""What a later Privity wrote: kept and counted, never skipped (specs/entry.md, part 4).

Who decides from a log with such entries decides without knowing what they say; whoever shows anything of it
says how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownEntry:
    """An entry of a kind that this version does not know.

    Attributes:
        kind: The public stream, or the schema of the private payload, that it has.
        content: What it says, as JSON.
    """

    kind: str
    content: Mapping[str, Any]
