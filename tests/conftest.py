# SPDX-License-Identifier: Apache-2.0
"""What every test may lean on: the profiles of hypothesis, the place of the repository, and which worker runs what."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from tests import loaded
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

SLOW_FIRST: Final[Sequence[str]] = (
    "browser", "docs", "faults", "integration", "property", "network",
)  # fmt: skip
"""Folders, by how long their longest file takes: so no worker is left alone with it at the end."""

# Two cores shared with other work make a deadline for one example a coin toss.
settings.register_profile(
    "dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples on every run: a red CI is about the change, a new find is about `make test-all`.
settings.register_profile(
    "ci", settings.get_profile("dev"), derandomize=True, database=None, print_blob=True
)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=1000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev")
)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout that is tested."""
    return Path(__file__).resolve().parent.parent


def pytest_sessionfinish() -> None:
    """End what was started for all tests of this process."""
    loaded.end()


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]  # it has no types
    """Gives a worker a file at a time, and the browser's as one: what their fixtures make is made once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "tests/browser" if file.startswith("tests/browser/") else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by folder, after the order of chance that each has."""

    def place(item: pytest.Item) -> int:
        folder = item.nodeid.removeprefix("tests/").partition("/")[0]
        return SLOW_FIRST.index(folder) if folder in SLOW_FIRST else len(SLOW_FIRST)

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Scheduling | None:
    """Share the tests out among workers; of another way that was asked for, xdist knows."""
    if config.option.dist != "load":
        return None
    config.option.loadscopereorder = False  # the folders' order is kept
    return _Scheduling(config, log)
