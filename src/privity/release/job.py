# SPDX-License-Identifier: Apache-2.0
"""How a clearing is to be done, apart from what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from privity.errors import InputError

MOST_THREADS: Final = 256
"""Each writes a file of its own, and has a stack; more than this no machine has use for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """How to clear.

    Attributes:
        out: The folder to make; it must not exist, or be empty.
        threads: How many parts are read and written at once.
        seed: For keys of string ids: unpredictable, and of no influence on what is written.
        refused: Whether to write the refused ids with their reasons.
        key: The recipient's key for pseudonyms, or empty.
        text: The columns of text: quotes are cut from them, and copies are looked for in them.
        table: Whether the set becomes a release's table: its columns have types that a table knows, and what its
            rows were decided by is written beside it.
        most: After how many rows a file of the set ends; None makes one for each thread.
        described: What the manifest says of policy, facts and program, from outside.
    """

    out: Path
    threads: int = 2
    seed: int = 0
    refused: bool = False
    key: bytes = b""
    text: tuple[str, ...] = ()
    table: bool = False
    most: int | None = None
    described: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_threads(self.threads)


def check_threads(threads: int) -> None:
    """Check how many parts are to be done at once.

    Raises:
        InputError: It is no whole number from 1 to `MOST_THREADS`.
    """
    if type(threads) is not int or not 1 <= threads <= MOST_THREADS:
        raise InputError(
            f"`threads` is {threads!r}, expected a whole number from 1 to {MOST_THREADS}",
            code="run/threads",
        )
