# SPDX-License-Identifier: Apache-2.0
"""A repair mends what can be shown to have been otherwise, and refuses the rest."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from tests.unit.ledger.logs import SIGNER, some_entries

from privity.errors import VerificationError
from privity.ledger.log import append
from privity.ledger.ports import CHECKPOINT, NO_HEAD
from privity.ledger.publish import publish
from privity.ledger.recover import Log, State, check_database, check_start
from privity.ledger.repair import Repaired, repair
from privity.ledger.tree import Peaks
from privity.testing.ledger import MemoryLog, MemoryNote, MemoryTables, MemoryTree, memory_log

NOW = 1_790_000_000
NOTHING = Repaired(taken_back=0, lost=(), entries=0, head=False, files=0, notes=0)


def put(log: Log, count: int) -> None:
    with log.store.transaction() as tx:
        size = tx.head().size
        append(tx, some_entries(size + count)[size:], time=NOW)


def made(published: int, more: int = 0) -> Log:
    log = memory_log(SIGNER)
    put(log, published)
    publish(log, [SIGNER])
    if more:
        put(log, more)
    return log


def database(log: Log) -> MemoryLog:
    assert isinstance(log.store, MemoryLog)
    return log.store


def files(log: Log) -> dict[str, bytes]:
    assert isinstance(log.tree, MemoryTree)
    return log.tree.files


def anchor(log: Log) -> MemoryNote:
    assert isinstance(log.anchor, MemoryNote)
    return log.anchor


def mend(log: Log) -> Repaired:
    return repair(log, time_of=lambda _: NOW)


def refused(log: Log) -> str:
    before = database(log).tables.copy()
    with pytest.raises(VerificationError) as raised:
        mend(log)
    assert raised.value.code == "ledger/unrepairable"
    assert "privity ledger restore" in str(raised.value.hint)
    assert database(log).tables == before
    return str(raised.value)


@pytest.mark.parametrize(("published", "more"), [(0, 0), (0, 3), (3, 0), (300, 300)])
def test_what_is_whole_is_left_as_it_is(published: int, more: int) -> None:
    log = memory_log(SIGNER)
    if published:
        put(log, published)
        publish(log, [SIGNER])
    if more:
        put(log, more)
    tables, tree = database(log).tables.copy(), dict(files(log))
    assert mend(log) == NOTHING
    assert database(log).tables == tables
    assert files(log) == tree


def test_all_entries_come_back_from_the_tree() -> None:
    log = made(9000)
    tables = database(log).tables
    # As after `create_log`, and with a few rows that were left.
    database(log).tables = MemoryTables(
        entries={place: tables.entries[place] for place in (0, 1, 5, 6000, 8999)}
    )
    done = mend(log)
    assert done.taken_back == 8995
    assert done.head
    assert [row.data for row in log.store.entries(0, 9000)] == some_entries(9000)
    lost = [index for first, end in log.store.lost() for index in range(first, end)]
    assert lost == [place for place in range(9000) if place not in {0, 1, 5, 6000, 8999}]
    check_database(log)
    assert check_start(log).state is State.OK


def test_objects_come_back_with_their_entries() -> None:
    log = memory_log(SIGNER)
    text = b"the text of a policy"
    name = sha256(text).hexdigest()
    with log.store.transaction() as tx:
        append(tx, [b"entry"], time=NOW)
        tx.put_object(name, text)
    publish(log, [SIGNER])
    database(log).tables = MemoryTables()
    wrong = "0" * 64
    repair(log, time_of=lambda _: NOW, objects=[(name, text), (wrong, b"something else")])
    assert dict(log.store.objects(0)) == {name: text}


def test_an_object_that_is_gone_from_the_tree_is_written_again() -> None:
    log = memory_log(SIGNER)
    name = sha256(b"text").hexdigest()
    with log.store.transaction() as tx:
        append(tx, [b"entry"], time=NOW)
        tx.put_object(name, b"text")
    publish(log, [SIGNER])
    del files(log)[f"object/sha256/{name}"]
    assert mend(log).files == 1
    assert files(log)[f"object/sha256/{name}"] == b"text"


def test_a_tree_that_is_not_what_was_signed_mends_nothing() -> None:
    log = made(600)
    database(log).tables = MemoryTables()
    whole = files(log)["tile/entries/001"]
    files(log)["tile/entries/001"] = whole[:2] + bytes([whole[2] ^ 1]) + whole[3:]
    assert "neither the database nor the tree" in refused(log)
    del files(log)["tile/entries/001"]
    assert "there is no `tile/entries/001`" in refused(log)


def test_each_mends_the_other_where_the_other_is_whole() -> None:
    """A damaged tile and a lost row of the same entries cannot both be right again; of others they can."""
    log = made(600)
    data, leaf = database(log).tables.entries[3]
    database(log).tables.entries[3] = (data, leaf[:-1] + b"?")
    del files(log)["tile/0/001"]
    done = mend(log)
    assert (done.entries, done.files, done.taken_back) == (1, 1, 0)
    check_database(log)


def test_rows_after_the_head_are_not_taken_in() -> None:
    log = made(5)
    put(log, 2)
    database(log).tables.head = replace(NO_HEAD, peaks=log_peaks(5), time=NOW, generation=1)
    assert "entries after the 5" in refused(log)


def log_peaks(size: int) -> Peaks:
    log = memory_log(SIGNER)
    put(log, size)
    return log.store.head().peaks


def test_a_hole_among_what_was_never_published_is_not_closed() -> None:
    log = made(5, 5)
    del database(log).tables.entries[7]
    assert "entry 7 is nowhere" in refused(log)


def test_rows_that_are_all_gone_and_were_never_published_are_not_forgotten() -> None:
    log = made(5, 5)
    for place in range(5, 10):
        del database(log).tables.entries[place]
    assert "has 5 entries and had 10" in refused(log)


def test_two_roots_of_one_size_are_two_histories() -> None:
    log = made(5)
    text = f"{SIGNER.name}\n5\n{'A' * 43}=\n"
    files(log)[CHECKPOINT] = SIGNER.sign(text).to_bytes()
    with pytest.raises(VerificationError) as raised:
        mend(log)
    assert raised.value.code == "ledger/forked"


def test_a_note_of_a_tree_that_is_gone_stays_the_measure() -> None:
    """The newest note was signed over entries that are in neither place any more."""
    log = made(5)
    put(log, 5)
    ahead = database(log).tables.copy(), dict(files(log))
    publish(log, [SIGNER])
    database(log).tables, tree = ahead
    files(log).clear()
    files(log).update(tree)
    for place in range(5, 10):
        del database(log).tables.entries[place]
    database(log).tables.head = made(5).store.head()
    refused(log)


def test_an_anchor_that_was_lost_is_the_newest_note_again() -> None:
    """What was signed, and not published before the crash, is no reason to go back."""
    log = made(5)
    put(log, 3)
    served = files(log)[CHECKPOINT]
    newest = publish(log, [SIGNER]).note
    files(log)[CHECKPOINT] = served
    anchor(log).note = None
    assert mend(log).notes == 1
    assert anchor(log).note == newest
    assert publish(log, [SIGNER]).note == newest


def test_a_log_that_lost_every_note_but_the_signed_one_is_published_again() -> None:
    log = made(5)
    anchor(log).note = None
    files(log).clear()
    done = mend(log)
    assert done.notes == 2
    assert anchor(log).note == files(log)[CHECKPOINT]
    assert check_start(log).state is State.OK
