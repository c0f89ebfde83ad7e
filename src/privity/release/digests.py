# SPDX-License-Identifier: Apache-2.0
"""SHA-256 of every source, taken while a processor would wait.

Hashing costs a tenth of a clearing, and nothing waits for it but the manifest: so it is done beside what one
thread does alone, and what is left while the disk takes in the copies.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import repeat

from privity.release.reading import RecordFile


class Digests:
    """The digests of a run's sources.

    Args:
        files: The sources.
    """

    def __init__(self, files: Sequence[RecordFile]) -> None:
        self._files = files
        self._left = list(range(len(files)))[::-1]
        self._found: dict[int, str] = {}

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Hash one source after another on a thread of its own until the block ends.

        Raises:
            ConflictError: A source changed since it was opened.
            OSError: It cannot be read.
        """
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set() and self._one():
                pass

        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(work)
            try:
                yield
            finally:
                ended.set()
        job.result()

    def rest(self) -> list[Callable[[], object]]:
        """Give what is left to do, in tasks for any thread."""
        return list(repeat(self._one, len(self._left)))

    def all(self) -> list[str]:
        """Give the digests in lower-case hexadecimal, once all is done."""
        return [self._found[number] for number in range(len(self._files))]

    def _one(self) -> bool:
        """Hash one of the sources that are left; tell whether there was one."""
        try:
            number = self._left.pop()
        except IndexError:
            return False
        self._found[number] = self._files[number].digest()
        return True
