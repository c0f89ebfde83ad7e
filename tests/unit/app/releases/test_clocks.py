# SPDX-License-Identifier: Apache-2.0
"""Whoever has a release and no workspace goes by the system's clock, unless the log's own is simulated."""

from __future__ import annotations

import time

import pytest

from privity.app.releases.state.clocks import instant_of_use
from privity.errors import InputError


def test_a_log_of_a_set_clock_goes_by_its_own() -> None:
    """REL-73."""
    assert instant_of_use("example.com/simulated", None, otherwise=7) == 7
    assert instant_of_use("example.com/simulated", 9, otherwise=7) == 9


def test_no_instant_is_set_where_the_systems_clock_counts() -> None:
    """REL-73."""
    before = int(time.time())
    assert before <= instant_of_use("example.com/log", None, otherwise=7) <= time.time()
    with pytest.raises(InputError) as caught:
        instant_of_use("example.com/log", 9, otherwise=7)
    assert caught.value.code == "release/clock"
