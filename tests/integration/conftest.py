# SPDX-License-Identifier: Apache-2.0
"""Runs the program in this process, and gives what came of it; and tells the dispute, once for all who audit it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.dispute import Telling, tell

from privity.cli import main


@dataclass(frozen=True)
class Done:
    """A run of the program."""

    code: int
    out: str
    err: str


Program = Callable[..., Done]


@pytest.fixture
def program(capfd: pytest.CaptureFixture[str]) -> Iterator[Program]:
    """Run the program with arguments."""
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str | Path) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(one) for one in arguments])
        seen = capfd.readouterr()
        assert isinstance(stop.value.code, int)
        return Done(stop.value.code, seen.out, seen.err)

    yield run
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def promised(tmp_path_factory: pytest.TempPathFactory) -> Telling:
    """The dispute as promised; nobody writes to it."""
    return tell(tmp_path_factory.mktemp("promised"), alleged=False)


@pytest.fixture(scope="session")
def alleged(tmp_path_factory: pytest.TempPathFactory) -> Telling:
    """The dispute as alleged; nobody writes to it."""
    return tell(tmp_path_factory.mktemp("alleged"), alleged=True)
