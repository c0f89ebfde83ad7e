# SPDX-License-Identifier: Apache-2.0
"""The database of a log keeps what it is given, by one commit or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from privity.errors import ConflictError, UnavailableError, VerificationError
from privity.ledger.log import append
from privity.ledger.ports import NO_HEAD, Sealed, Stored
from privity.ledger.tree import leaf_hash
from privity.store.sqlite import SqliteLog, create_log, open_log

ORIGIN = "example.com/log"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    made = create_log(path, origin=ORIGIN)
    yield made
    made.close()


def sealed(index: int, stream: int, number: int) -> Sealed:
    payload = f"payload {index} of {stream}".encode()
    return Sealed(index=index, stream=stream, number=number, payload=payload)


def put(log: SqliteLog, count: int, *, stream: int | None = None) -> int:
    with log.transaction() as tx:
        size = tx.head().size
        first = append(tx, [f"entry {size + at}".encode() for at in range(count)], time=9)
        if stream is not None:
            number = tx.next_number(stream)
            tx.put_sealed([sealed(first + at, stream, number + at) for at in range(count)])
            tx.set_next(stream, number + count)
    return first


def test_a_new_log_is_empty(log: SqliteLog) -> None:
    assert log.head() == NO_HEAD
    assert list(log.entries(0, 10)) == []
    assert log.last_signed() is None
    assert log.lost() == []


def test_entries_come_back_as_they_were_put(log: SqliteLog) -> None:
    assert put(log, 3) == 0
    assert put(log, 2) == 3
    whole = [
        Stored(place, data, leaf_hash(data))
        for place, data in enumerate(f"entry {at}".encode() for at in range(5))
    ]
    assert list(log.entries(0, 5)) == whole
    assert list(log.entries(1, 4)) == whole[1:4]
    assert list(log.entries(3, 100)) == whole[3:]
    head = log.head()
    assert (head.size, head.time, head.generation) == (5, 9, 2)


def test_many_entries_are_read_without_keeping_anybody_from_writing(log: SqliteLog) -> None:
    put(log, 10_000)
    reading = log.entries(0, 10_001)
    assert next(reading).place == 0
    put(log, 1)
    assert [row.place for row in reading] == list(range(1, 10_001))


def test_nothing_has_happened_after_an_exception(log: SqliteLog) -> None:
    put(log, 1, stream=4)

    def work() -> None:
        with log.transaction() as tx:
            append(tx, [b"lost"], time=9, request="r")
            tx.put_sealed([sealed(1, 4, 2)])
            tx.set_next(4, 3)
            tx.put_object("aa", b"object")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert log.head().size == 1
    assert [row.index for row in log.sealed_of(4)] == [0]
    assert list(log.objects(0)) == []
    with log.transaction() as tx:
        assert tx.request("r") is None
        assert tx.next_number(4) == 2


def test_what_was_committed_is_there_for_the_next_process(path: Path, log: SqliteLog) -> None:
    put(log, 2, stream=1)
    log.close()
    again = open_log(path, origin=ORIGIN)
    assert again.head().size == 2
    assert [row.payload for row in again.sealed(0, 2)] == [
        b"payload 0 of 1",
        b"payload 1 of 1",
    ]
    again.close()


def test_a_request_is_known_by_its_name_and_the_name_is_not_kept(
    path: Path, log: SqliteLog
) -> None:
    with log.transaction() as tx:
        assert append(tx, [b"one", b"two"], time=9, request="of alice@example.com") == 0
    with log.transaction() as tx:
        assert tx.request("of alice@example.com") == (0, 2)
        assert tx.request("of bob@example.com") is None
        with pytest.raises(ConflictError) as refused:
            tx.put_request("of alice@example.com", 7, 1)
        assert refused.value.code == "ledger/request-taken"
    assert b"alice" not in path.read_bytes()


def test_the_numbers_of_a_stream_only_go_up(log: SqliteLog) -> None:
    with log.transaction() as tx:
        assert tx.next_number(-3) == 1
        tx.set_next(-3, 5)
        assert tx.next_number(-3) == 5
        with pytest.raises(ConflictError) as refused:
            tx.set_next(-3, 4)
        assert refused.value.code == "ledger/number-taken"
    with log.transaction() as tx:
        assert tx.next_number(-3) == 5
        assert tx.next_number(3) == 1


def test_the_payloads_of_a_stream_are_found_and_erased(path: Path, log: SqliteLog) -> None:
    put(log, 2, stream=1)
    put(log, 3, stream=2)
    put(log, 2, stream=1)
    assert [row.index for row in log.sealed_of(1)] == [6, 5, 1, 0]
    assert [row.number for row in log.sealed_of(1)] == [4, 3, 2, 1]
    with log.transaction() as tx:
        assert tx.erase_sealed(1) == 4
        assert tx.erase_sealed(9) == 0
    log.forget()
    assert list(log.sealed_of(1)) == []
    assert [row.index for row in log.sealed(0, 10)] == [2, 3, 4]
    for file in path.parent.iterdir():
        assert b"of 1" not in file.read_bytes()
    # The stream goes on where it was.
    put(log, 1, stream=1)
    assert [row.number for row in log.sealed_of(1)] == [5]


def test_a_payload_put_and_erased_by_one_transaction_is_gone(log: SqliteLog) -> None:
    put(log, 1, stream=1)
    with log.transaction() as tx:
        first = append(tx, [b"more"], time=9)
        tx.put_sealed([sealed(first, 1, 2)])
        assert tx.erase_sealed(1) == 2
    assert list(log.sealed_of(1)) == []


def test_a_stream_with_a_hole_is_said(path: Path, log: SqliteLog) -> None:
    put(log, 3, stream=1)
    with sqlite3.connect(path) as found:
        found.execute("DELETE FROM sealed WHERE entry = 1")
    with pytest.raises(VerificationError) as refused:
        list(log.sealed_of(1))
    assert refused.value.code == "ledger/stream-torn"


def test_a_payload_needs_its_entry(log: SqliteLog) -> None:
    with pytest.raises(sqlite3.IntegrityError), log.transaction() as tx:
        tx.put_sealed([sealed(0, 1, 1)])


def test_objects_are_found_by_when_they_were_put(log: SqliteLog) -> None:
    with log.transaction() as tx:
        tx.put_object("aa", b"first")
    put(log, 3)
    with log.transaction() as tx:
        tx.put_object("bb", b"second")
        tx.put_object("aa", b"first")
    assert list(log.objects(0)) == [("aa", b"first"), ("bb", b"second")]
    assert list(log.objects(1)) == [("bb", b"second")]
    assert list(log.objects(4)) == []


def test_the_newest_note_is_the_one_of_the_largest_size(log: SqliteLog) -> None:
    for size in (5, 0, 9, 7):
        log.put_signed(size, f"note {size}".encode())
    log.put_signed(9, b"note 9")
    assert log.last_signed() == (9, b"note 9")
    assert log.signed(7) == b"note 7"
    assert log.signed(6) is None
    with log.transaction() as tx:
        tx.drop_signed(9)
    assert log.last_signed() == (7, b"note 7")


def test_lost_ranges_that_touch_are_one(log: SqliteLog) -> None:
    with log.transaction() as tx:
        tx.put_lost(5, 8)
        tx.put_lost(8, 9)
        tx.put_lost(20, 21)
        tx.put_lost(5, 6)
    assert list(log.lost()) == [(5, 9), (20, 21)]


def test_a_log_is_made_once(path: Path, log: SqliteLog) -> None:
    put(log, 1)
    with pytest.raises(ConflictError) as refused:
        create_log(path, origin=ORIGIN)
    assert refused.value.code == "store/exists"
    assert log.head().size == 1


def test_a_file_that_was_begun_is_finished(path: Path) -> None:
    path.touch()
    create_log(path, origin=ORIGIN).close()
    open_log(path, origin=ORIGIN).close()


def test_only_its_owner_can_read_it(path: Path, log: SqliteLog) -> None:
    assert log.head() == NO_HEAD
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_head_that_is_gone_is_said(path: Path, log: SqliteLog) -> None:
    with sqlite3.connect(path) as found:
        found.execute("DELETE FROM head")
    with pytest.raises(UnavailableError) as refused:
        log.head()
    assert refused.value.code == "store/damaged"
    with log.transaction() as tx:
        tx.mend_head(replace(NO_HEAD, generation=3))
    assert log.head().generation == 3


def test_a_backup_is_a_copy_that_has_to_be_adopted(
    path: Path, log: SqliteLog, tmp_path: Path
) -> None:
    put(log, 5, stream=1)
    target = tmp_path / "backup.db"
    log.back_up(target)
    assert target.stat().st_mode & 0o777 == 0o600
    put(log, 1)
    with pytest.raises(ConflictError) as refused:
        log.back_up(target)
    assert refused.value.code == "store/exists"
    with pytest.raises(ConflictError) as refused:
        open_log(target, origin=ORIGIN)
    assert refused.value.code == "store/copied"
    kept = target.read_bytes()
    copied = open_log(target, origin=ORIGIN, adopt=True)
    assert copied.head().size == 5
    assert len(list(copied.sealed_of(1))) == 5
    copied.close()
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(target.name)] == [
        target.name
    ]
    # Where the first is gone, the system may give its number to what is put back.
    log.close()
    path.write_bytes(kept)
    with pytest.raises(ConflictError) as refused:
        open_log(path, origin=ORIGIN)
    assert refused.value.code == "store/copied"
