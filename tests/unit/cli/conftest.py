# SPDX-License-Identifier: Apache-2.0
"""Runs the program in this process, and gives what came of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from privity.cli import main

SMALL = Path(__file__).resolve().parents[3] / "examples" / "small"
ASKED = (
    "--policy",
    str(SMALL / "policy.yaml"),
    "--facts",
    str(SMALL / "facts.csv"),
    "--purpose",
    "genai-training",
    "--at",
    "2025-06-01T00:00:00Z",
)


@dataclass(frozen=True)
class Done:
    """A run of the program."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Done]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run the program with arguments."""
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}

    def call(*arguments: str | Path) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(one) for one in arguments])
        seen = capfd.readouterr()
        assert isinstance(stop.value.code, int)
        return Done(stop.value.code, seen.out, seen.err)

    yield call
    for one, handler in before.items():
        signal.signal(one, handler)
