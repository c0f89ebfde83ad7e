# SPDX-License-Identifier: Apache-2.0
"""Make the next of some items while the last one is worked on: reading and sorting leave the interpreter to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Give items in their order, each made by another thread while the one before is used; errors come where they belong."""
    given = iter(items)

    def following() -> list[Item]:
        for one in given:
            return [one]
        return []

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(following)
        while found := waiting.result():
            waiting = pool.submit(following)
            yield from found
