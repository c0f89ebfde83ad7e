# SPDX-License-Identifier: Apache-2.0
"""The benchmark of the ledger runs, and both of its sides write what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import ledger


@pytest.mark.parametrize("what", ledger.WHAT)
def test_both_sides_append_the_same(tmp_path: Path, what: str) -> None:
    found = ledger.appending(str(tmp_path), 1000, "truncate", what, 10_000)()
    assert found["what"] == what
    assert found["ratio"] > 1
    assert found["cpu_us"] > found["raw_cpu_us"] > 0


def test_what_one_process_appends_another_publishes(tmp_path: Path) -> None:
    found = ledger.publishing(str(tmp_path), 1.0)()
    assert found["publications"] >= 2
    assert 0 < found["wait_p50_s"] <= found["wait_p99_s"] < 60
