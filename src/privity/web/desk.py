# SPDX-License-Identifier: Apache-2.0
"""The desk: open workspaces that requests ask, a few for a whole process.

A workspace belongs to one thread, and opening one compares it with what was published. So a few threads keep one open
each, and whoever has a question waits for one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from privity.app.live import LiveWorkspace, open_workspace
from privity.errors import InputError, PrivityError
from privity.web.configured import Configured, configured

Answer = TypeVar("Answer")
Question = Callable[[LiveWorkspace], Answer]
"""Asks, or records. It must not keep the workspace."""

THREADS: Final = 2
"""How many questions are answered at once: as many as there is Python for."""


class Desk:
    """Threads that each keep a workspace open.

    Args:
        said: Which workspace, and by whose clock.
        threads: How many.
    """

    def __init__(self, said: Configured, threads: int = THREADS) -> None:
        self._said = said
        self._waiting: SimpleQueue[tuple[Question[Any], Future[Any]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"desk-{number}", daemon=True)
            for number in range(threads)
        ]
        for one in self._threads:
            one.start()

    def ask(self, question: Question[Answer], patience: float | None = None) -> Answer:
        """Ask an open workspace; what the question raises is raised here."""
        asked: Future[Answer] = Future()
        self._waiting.put((question, asked))
        return asked.result(patience)

    def close(self) -> None:
        """Answer what waits, and close the workspaces."""
        for _ in self._threads:
            self._waiting.put(None)
        for one in self._threads:
            one.join()

    def _work(self) -> None:
        with ExitStack() as opening:
            workspace: LiveWorkspace | None = None
            while (waiting := self._waiting.get()) is not None:
                question, asked = waiting
                try:
                    if workspace is None:
                        workspace = opening.enter_context(
                            open_workspace(self._said.workspace, now=self._said.clock)
                        )
                    asked.set_result(question(workspace))
                except BaseException as error:  # noqa: BLE001 - whoever asked is told of every kind
                    asked.set_exception(error)
                    if isinstance(error, PrivityError) and not isinstance(error, InputError):
                        # It may be another one by now: the next question opens it, and compares.
                        opening.close()
                        workspace = None


_lock = threading.Lock()
_desks: list[Desk] = []


def ask(question: Question[Answer], *, patience: float | None = None) -> Answer:
    """Ask the workspace that Django's settings name, or record in it.

    Args:
        question: Given the open workspace; gives whatever is wanted of it, and must not keep it.
        patience: Seconds to wait for the answer, for whoever asks only how it is; left out, as long as it takes.

    Raises:
        PrivityError: As what the question does.
        TimeoutError: There was no answer in time.
    """
    with _lock:
        if not _desks:
            _desks.append(Desk(configured()))
        (desk,) = _desks
    return desk.ask(question, patience)


def close() -> None:
    """Close the workspaces of this process; the next question opens them again."""
    with _lock:
        desks = _desks.copy()
        _desks.clear()
    for one in desks:
        one.close()
