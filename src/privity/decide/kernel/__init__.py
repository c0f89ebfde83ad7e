# SPDX-License-Identifier: Apache-2.0
"""Compiled loops over numbers: the only place where numba is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numba


def compiled(loop: Callable[..., Any]) -> Any:
    """Compile a loop when it is first called, free of the GIL.

    What was compiled is kept beside the source or in the user's cache; where neither can be written, it
    is compiled anew by each process.
    """
    return _made(loop, inline="never")


def inlined(loop: Callable[..., Any]) -> Any:
    """Compile a loop's part into each loop that calls it."""
    return _made(loop, inline="always")


def _made(loop: Callable[..., Any], inline: Literal["never", "always"]) -> Any:
    try:
        return numba.njit(nogil=True, cache=True, inline=inline)(loop)
    except RuntimeError:  # numba found no place for its cache
        return numba.njit(nogil=True, inline=inline)(loop)
