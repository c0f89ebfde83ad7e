# SPDX-License-Identifier: Apache-2.0
"""Read ahead: a tree on the web is asked for what comes next, so that waiting does not add up.

What is asked for, and in which order, follows from the size alone (specs/ledger.md, part 8); how right the guess is
decides how fast it goes, and never what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Final

from privity.ledger.ports import Reader
from privity.ledger.tiles import (
    TILE_WIDTH,
    bundles_between,
    edge_tiles,
    tiles_between,
)
from privity.ledger.verify import BUNDLES_AT_ONCE

AT_ONCE: Final = 8
"""Requests at once: few enough for anybody's server."""
_WAITING: Final = 2 * AT_ONCE
"""Answers that are kept until they are asked for; a server may send long ones."""


@contextmanager
def read_ahead(reader: Reader, size: int) -> Iterator[Reader]:
    """Read a tree ahead, in the order in which `verify_log` reads it.

    Args:
        reader: The tree; several threads read it.
        size: How many entries it has.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield _ReadAhead(reader, verified_paths(size), pool)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def objects_ahead(reader: Reader, paths: Iterable[str]) -> Iterator[Reader]:
    """Read objects ahead, in the order of their paths.

    Args:
        reader: The tree; several threads read it.
        paths: Their paths, each once.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield _ReadAhead(reader, paths, pool)
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def bundles_ahead(reader: Reader, first: int, size: int) -> Iterator[Reader]:
    """Read the bundles of a tree ahead, from that of an entry on, in the order in which `read_since` reads them.

    Args:
        reader: The tree; several threads read it.
        first: The index of the first entry.
        size: How many entries the tree has.
    """
    begin = first // TILE_WIDTH * TILE_WIDTH
    paths = (bundle.path() for bundle in bundles_between(begin, size))
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield _ReadAhead(reader, paths, pool)
    finally:
        pool.shutdown(cancel_futures=True)


def verified_paths(size: int) -> Iterator[str]:
    """Give the paths of a tree of so many entries in the order in which it is verified."""
    bundles = bundles_between(0, size)
    done = 0
    while some := list(islice(bundles, BUNDLES_AT_ONCE)):
        yield from (bundle.path() for bundle in some)
        now = done + sum(bundle.width for bundle in some)
        for tile in tiles_between(done, now):
            if tile.width == TILE_WIDTH:
                yield tile.path()
        done = now
    yield from (tile.path() for tile in edge_tiles(size))


class _ReadAhead:
    """A reader that has asked already."""

    def __init__(self, reader: Reader, paths: Iterable[str], pool: ThreadPoolExecutor) -> None:
        self._reader = reader
        self._paths = iter(paths)
        self._pool = pool
        self._asked: dict[str, Future[bytes]] = {}

    def read(self, path: str) -> bytes:
        """Give the bytes at a path."""
        for later in islice(self._paths, _WAITING - len(self._asked)):
            self._asked[later] = self._pool.submit(self._reader.read, later)
        asked = self._asked.pop(path, None)
        return self._reader.read(path) if asked is None else asked.result()
