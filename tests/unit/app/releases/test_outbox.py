# SPDX-License-Identifier: Apache-2.0
"""What two processes say at once of addresses and messages is kept of both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from privity.app.releases.taking_back.outbox import Outbox, Waiting
from privity.app.workspace.places import Places

_TIMES = 40


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    for name in ("keys", "state"):
        (tmp_path / name).mkdir()
    return Outbox(Places(tmp_path))


def at_once(say: Callable[[str], None]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(say, (f"{who}{at}" for at in range(_TIMES) for who in "ab")))


def test_no_address_is_lost(outbox: Outbox) -> None:
    at_once(lambda name: outbox.set_address(name, f"https://{name}.example/"))
    assert len(outbox.addresses()) == 2 * _TIMES


def test_no_message_is_lost(outbox: Outbox) -> None:
    at_once(lambda name: outbox.put_waiting(name, Waiting(attempts=1, next_at=0)))
    assert len(outbox.waiting()) == 2 * _TIMES


def test_an_address_that_another_has_taken_the_place_of_stays(outbox: Outbox) -> None:
    """A message to the old one was answered that nobody is there any more, and the new one was said meanwhile."""
    outbox.set_address("lab", "https://new.example/")
    outbox.remove_address("lab", "https://old.example/")
    assert outbox.addresses() == {"lab": "https://new.example/"}
    outbox.remove_address("lab", "https://new.example/")
    assert outbox.addresses() == {}
