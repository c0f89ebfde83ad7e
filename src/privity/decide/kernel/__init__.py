# SPDX-License-Identifier: Apache-2.0
"""Compiled loops over numbers. numba is loaded when the first of them is called: most of what Privity answers needs none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from types import CodeType
from typing import Any, Final, Literal


class Loop:
    """A loop in Python's own syntax, compiled when it is first called, free of the GIL.

    Args:
        loop: The function.
        inline: Whether its code goes into each loop that calls it.
    """

    def __init__(self, loop: Callable[..., Any], inline: Literal["never", "always"]) -> None:
        self._loop = loop
        self._inline = inline
        self.__doc__ = loop.__doc__

    def __call__(self, *arguments: Any) -> Any:
        """Run it."""
        return self.made(*arguments)

    @cached_property
    def made(self) -> Any:
        """The loop as numba calls it; the loops and steps that it calls by their names are made first."""
        known = self._loop.__globals__
        for name in _named_in(self._loop.__code__):
            if isinstance(known.get(name), Loop | Step):
                known[name] = known[name].made
        from numba import njit  # noqa: PLC0415 - loaded when the first loop is called

        try:
            return njit(nogil=True, cache=True, inline=self._inline)(self._loop)
        except RuntimeError:  # numba found no place for its cache
            return njit(nogil=True, inline=self._inline)(self._loop)


class Step:
    """A step that Python has no word for, by its name in `steps.py`; only loops take it.

    Args:
        name: The name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def made(self) -> Any:
        """The step as numba takes it."""
        from privity.decide.kernel import steps  # noqa: PLC0415 - it loads numba

        return getattr(steps, self._name)


def _named_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for held in code.co_consts:
        if isinstance(held, CodeType):
            yield from _named_in(held)


def compiled(loop: Callable[..., Any]) -> Any:
    """Compile a loop when it is first called.

    What was compiled is kept beside the source or in the user's cache; where neither can be written, it
    is compiled anew by each process.
    """
    return Loop(loop, "never")


def inlined(loop: Callable[..., Any]) -> Any:
    """Compile a loop's part into each loop that calls it."""
    return Loop(loop, "always")


prefetch: Final[Any] = Step("prefetch")
load_word: Final[Any] = Step("load_word")
copy_bytes: Final[Any] = Step("copy_bytes")
