# SPDX-License-Identifier: Apache-2.0
"""An append gives entries their places by one compare-and-swap, or does nothing."""

from __future__ import annotations

import pytest
from tests.unit.ledger.logs import some_entries

from privity.errors import ConflictError, InputError
from privity.ledger.log import append
from privity.ledger.tree import NO_PEAKS, leaf_hashes
from privity.testing.ledger import MemoryLog

NOW = 1_790_000_000


def put(
    log: MemoryLog, entries: list[bytes], *, time: int = NOW, request: str | None = None
) -> int:
    with log.transaction() as tx:
        return append(tx, entries, time=time, request=request)


@pytest.mark.parametrize("sizes", [[1], [3, 1, 4, 1, 5], [256, 1, 300], [1000]])
def test_the_head_has_the_tree_of_all_entries(sizes: list[int]) -> None:
    """[LED-60] However appends are cut, the tree is that of the entries one after the other."""
    log = MemoryLog()
    entries = some_entries(sum(sizes))
    first = 0
    for number, size in enumerate(sizes, 1):
        assert put(log, entries[first : first + size]) == first
        first += size
        assert log.head().peaks == NO_PEAKS.extended(leaf_hashes(entries[:first]))
        assert log.head().generation == number
    assert [row.data for row in log.entries(0, first)] == entries
    assert [row.leaf for row in log.entries(0, first)] == leaf_hashes(entries)


def test_a_request_that_is_repeated_appends_nothing() -> None:
    """[LED-60] Whoever got no answer asks again, and gets the first one."""
    log = MemoryLog()
    assert put(log, [b"a", b"b"], request="one") == 0
    assert put(log, [b"c"], request="two") == 2
    assert put(log, [b"a", b"b"], request="one") == 0
    # Also when the clock has gone back meanwhile: nothing is written.
    assert put(log, [b"a", b"b"], time=NOW - 9, request="one") == 0
    assert log.head().size == 3
    with pytest.raises(ConflictError) as refused:
        put(log, [b"a"], request="one")
    assert refused.value.code == "ledger/request-taken"
    assert log.head().size == 3


def test_nothing_is_appended_before_the_newest_entry() -> None:
    """[LED-61] The clock stands still or goes on."""
    log = MemoryLog()
    put(log, [b"a"], time=NOW)
    put(log, [b"b"], time=NOW)
    with pytest.raises(ConflictError) as refused:
        put(log, [b"c"], time=NOW - 1)
    assert refused.value.code == "ledger/clock-behind"
    assert "wait until" in str(refused.value.hint)
    put(log, [b"d"], time=NOW + 1)
    assert log.head().time == NOW + 1
    assert log.head().size == 3


@pytest.mark.parametrize(
    ("entries", "code"),
    [([], "ledger/no-entry"), ([b"a", bytes(65_536)], "ledger/entry-too-long")],
)
def test_what_no_log_can_hold_is_refused(entries: list[bytes], code: str) -> None:
    log = MemoryLog()
    with pytest.raises(InputError) as refused:
        put(log, entries)
    assert refused.value.code == code
    assert log.head().size == 0


def test_the_longest_entry_is_taken() -> None:
    log = MemoryLog()
    assert put(log, [bytes(65_535), b""]) == 0
