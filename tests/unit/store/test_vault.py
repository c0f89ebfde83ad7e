# SPDX-License-Identifier: Apache-2.0
"""A stream that ended takes nothing any more; what ends is known until it is over; and what is tried is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from privity.errors import ConflictError
from privity.ledger.log import append
from privity.ledger.ports import Sealed
from privity.store.keys import Keys, create_keys, open_keys
from privity.store.sqlite import SqliteLog, create_log
from privity.store.vault import ENDED, SealedLink, StreamRow

ORIGIN = "example.com/log"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    made = create_log(tmp_path / "ledger.db", origin=ORIGIN)
    yield made
    made.close()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    made = create_keys(tmp_path / "keys.db", origin=ORIGIN)
    yield made
    made.close()


def put(log: SqliteLog, *streams: int) -> None:
    """An entry with a payload in each of some streams."""
    with log.transaction() as tx:
        first = append(tx, [b"entry"] * len(streams), time=1)
        rows = []
        for index, stream in enumerate(streams, first):
            number = tx.next_number(stream)
            tx.set_next(stream, number + 1)
            rows.append(Sealed(index=index, stream=stream, number=number, payload=b"sealed"))
        tx.put_sealed(rows)


def test_a_stream_that_ended_has_no_payloads_and_takes_no_number(log: SqliteLog) -> None:
    put(log, 1, 2, 1)
    with log.transaction() as tx:
        assert tx.end_stream(1) == 2
        assert tx.next_number(1) == ENDED
    assert list(log.sealed_of(1)) == []
    assert [one.index for one in log.sealed(0, 3)] == [1]
    with pytest.raises(ConflictError) as refused, log.transaction() as tx:
        tx.set_next(1, 4)
    assert refused.value.code == "ledger/number-taken"
    assert log.vault.stream(1) == StreamRow(stream=1, next=ENDED, newest=None)


def test_what_ends_is_known_until_it_is_over(log: SqliteLog) -> None:
    put(log, 1, 2, 3)
    with log.transaction() as tx:
        tx.end_stream(3)
        tx.end_stream(1)
    assert log.vault.ending() == [1, 3]
    with log.transaction() as tx:
        tx.end_stream(1)
        log.vault.put_ended([1], erasures=4)
    assert log.vault.ending() == [3]
    assert log.vault.erasures == 4
    with log.transaction():
        log.vault.put_ended([3], erasures=2)
    assert log.vault.erasures == 4


def test_a_stream_that_is_torn_ends_all_the_same(log: SqliteLog) -> None:
    put(log, 1, 1, 1)
    with log.transaction():
        log.vault.drop_sealed([1])
    with log.transaction() as tx:
        assert tx.end_stream(1) == 2
    assert list(log.vault.links()) == []


def test_streams_and_links_are_given_in_order_and_mended(log: SqliteLog) -> None:
    put(log, -1, 2, 1, 2)
    assert [row.stream for row in log.vault.streams()] == [-1, 1, 2]
    assert [(one.index, one.previous) for one in log.vault.links()] == [
        (0, None), (1, None), (2, None), (3, 1),
    ]  # fmt: skip
    assert log.vault.last_stream == 2
    with log.transaction():
        log.vault.mend_links([SealedLink(index=3, stream=2, previous=None)])
        log.vault.mend_streams([StreamRow(stream=2, next=9, newest=3)])
    assert [one.index for one in log.sealed_of(2)] == [3]
    with log.transaction() as tx:
        assert tx.next_number(2) == 9


def test_a_log_without_members_has_no_stream(log: SqliteLog) -> None:
    assert log.vault.last_stream == 0
    put(log, -3)
    assert log.vault.last_stream == 0
    assert log.vault.stream(1) is None


def test_a_repair_on_its_way_is_known_with_what_was_lost_before(log: SqliteLog) -> None:
    seen = [log.vault.mending]
    for lost in ([], [(1, 3), (7, 9)]):
        with log.transaction():
            log.vault.put_mending(lost)
        seen.append(log.vault.mending)
        assert log.vault.lost_before == lost
    with log.transaction():
        log.vault.put_mended()
    assert [*seen, log.vault.mending] == [False, True, True, False]


def test_what_is_rehearsed_is_seen_and_taken_back(log: SqliteLog) -> None:
    put(log, 1)
    with log.rehearsal():
        put(log, 1, 2)
        log.put_signed(3, b"note")
        with pytest.raises(ConflictError):
            log.put_signed(3, b"another")
        assert log.head().size == 3
        assert log.last_signed() == (3, b"note")
    assert log.head().size == 1
    assert log.last_signed() is None
    put(log, 1)
    assert [one.number for one in log.sealed_of(1)] == [2, 1]


def test_a_rehearsal_that_fails_is_taken_back_too(log: SqliteLog) -> None:
    with pytest.raises(ZeroDivisionError), log.rehearsal():
        put(log, 1 // 0)
    put(log, 1)
    assert log.head().size == 1


# Keys


def test_no_stream_gets_a_number_that_another_may_have_had(keys: Keys) -> None:
    keys.add([("ada", bytes(32))])
    keys.begin_after(0)
    keys.begin_after(41)
    keys.begin_after(7)
    keys.add([("bob", bytes(32))])
    assert [key.stream for key in keys.all()] == [1, 42]
    assert keys.last_stream == 42


def test_keys_without_a_member_begin_where_they_are_told(keys: Keys) -> None:
    assert keys.last_stream == 0
    keys.begin_after(5)
    keys.add([("ada", bytes(32))])
    assert keys.last_stream == 6


def test_the_number_of_erasures_never_becomes_less(keys: Keys) -> None:
    assert keys.erasures == 0
    keys.erase([], erasures=3)
    keys.erase([], erasures=2)
    assert keys.erasures == 3


def test_keys_of_another_log_are_refused(keys: Keys, tmp_path: Path) -> None:
    keys.check_home()
    with pytest.raises(ConflictError) as refused:
        open_keys(tmp_path / "keys.db", origin="example.org/log")
    assert refused.value.code == "store/other-log"


def test_a_copy_may_be_looked_at(keys: Keys, tmp_path: Path) -> None:
    keys.add([("ada", bytes(32))])
    keys.back_up(tmp_path / "copy.db")
    copied = open_keys(tmp_path / "copy.db", origin=ORIGIN, look=True)
    assert copied.get("ada") == keys.get("ada")
    with pytest.raises(ConflictError) as refused:
        copied.check_home()
    assert refused.value.code == "store/copied"
    copied.close()
    keys.check_home()
