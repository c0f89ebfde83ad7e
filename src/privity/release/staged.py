# SPDX-License-Identifier: Apache-2.0
"""A set that is made aside and not yet accounted for: the value that clearing hands from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privity.release.copy import Part
from privity.release.decided import Decided
from privity.release.summary import Summary


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A set made aside.

    Attributes:
        folder: Where it lies for now.
        decided: What was decided of every record.
        summary: It in numbers.
        parts: Its files of data.
        digests: The SHA-256 of each source.
        obligations: Those that were performed.
        withdrawn: How many records were permitted at first and are taken out again, since facts came while
            the set was made; None where no ledger could tell.
    """

    folder: Path
    decided: Decided
    summary: Summary
    parts: tuple[Part, ...]
    digests: tuple[str, ...]
    obligations: tuple[str, ...]
    withdrawn: int | None = None
