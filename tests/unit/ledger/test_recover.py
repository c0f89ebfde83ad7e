# SPDX-License-Identifier: Apache-2.0
"""The look before a start: what agrees goes on, and what does not is said before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.unit.ledger.logs import ORIGIN, SIGNER, some_entries

from privity.errors import ConflictError, VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.log import append
from privity.ledger.ports import CHECKPOINT, Stored
from privity.ledger.publish import publish
from privity.ledger.recover import Log, State, check_database, check_start
from privity.ledger.repair import repair
from privity.ledger.tiles import NO_EDGE
from privity.ledger.tree import leaf_hash
from privity.testing.ledger import MemoryLog, MemoryNote, MemoryTree, memory_log

NOW = 1_790_000_000


def put(log: Log, count: int) -> None:
    with log.store.transaction() as tx:
        size = tx.head().size
        append(tx, some_entries(size + count)[size:], time=NOW)


@pytest.fixture
def log() -> Log:
    log = memory_log(SIGNER)
    put(log, 300)
    publish(log, [SIGNER])
    return log


def database(log: Log) -> MemoryLog:
    assert isinstance(log.store, MemoryLog)
    return log.store


def tree(log: Log) -> MemoryTree:
    assert isinstance(log.tree, MemoryTree)
    return log.tree


def code_of(log: Log) -> str:
    with pytest.raises((ConflictError, VerificationError)) as refused:
        check_start(log)
    return refused.value.code


def note_for(size: int, root: bytes) -> bytes:
    return SIGNER.sign(Checkpoint(origin=ORIGIN, size=size, root=root).to_text()).to_bytes()


def test_a_new_log_has_something_to_publish() -> None:
    standing = check_start(memory_log(SIGNER))
    assert (standing.state, standing.published, standing.edge) == (State.BEHIND, None, NO_EDGE)


def test_a_log_is_behind_while_something_is_not_published(log: Log) -> None:
    assert check_start(log).state is State.OK
    put(log, 1)
    standing = check_start(log)
    assert standing.state is State.BEHIND
    assert standing.published is not None
    assert (standing.published.size, standing.head.size, standing.edge.size) == (300, 301, 300)
    publish(log, [SIGNER])
    assert check_start(log).state is State.OK


def test_a_checkpoint_that_was_not_written_is_written(log: Log) -> None:
    """The process ended between the anchor and the checkpoint."""
    before = tree(log).files[CHECKPOINT]
    put(log, 1)
    after = publish(log, [SIGNER])
    for shown in (before, None):
        if shown is None:
            del tree(log).files[CHECKPOINT]
        else:
            tree(log).files[CHECKPOINT] = shown
        # The tiles of 300 are gone with their full ones or not; a proof from what is there is enough.
        assert check_start(log).state is State.BEHIND
        assert publish(log, [SIGNER]).note == after.note
        assert tree(log).files[CHECKPOINT] == after.note


def test_a_checkpoint_of_another_history_is_found_out(log: Log) -> None:
    tree(log).files[CHECKPOINT] = note_for(299, bytes(32))
    assert code_of(log) == "ledger/tree-damaged"
    with pytest.raises(VerificationError) as refused:
        repair(log, time_of=lambda _: NOW)
    assert refused.value.code == "ledger/forked"
    tree(log).files[CHECKPOINT] = note_for(300, bytes(32))
    assert code_of(log) == "ledger/forked"


def test_tiles_that_prove_nothing_are_damaged(log: Log) -> None:
    tree(log).files[CHECKPOINT] = note_for(299, bytes(32))
    del tree(log).files["tile/0/001.p/44"]
    assert code_of(log) == "ledger/tree-damaged"


def test_an_edge_that_makes_another_root_is_damaged(log: Log) -> None:
    tree(log).files["tile/0/001.p/44"] = bytes(44 * 32)
    assert code_of(log) == "ledger/tree-damaged"


def test_a_note_for_more_entries_than_there_are_is_damage(log: Log) -> None:
    database(log).put_signed(400, note_for(400, bytes(32)))
    assert code_of(log) == "ledger/damaged"


def test_a_note_of_other_entries_that_was_not_published_is_a_second_history(log: Log) -> None:
    put(log, 5)
    database(log).put_signed(303, note_for(303, bytes(32)))
    assert code_of(log) == "ledger/forked"


def test_a_note_for_what_was_published_with_another_root_is_a_second_history(log: Log) -> None:
    database(log).tables.signed[300] = note_for(300, bytes(32))
    for shown in (CHECKPOINT, None):
        if shown is None:
            del tree(log).files[CHECKPOINT]
        assert code_of(log) == "ledger/forked"


def test_a_note_that_is_kept_for_another_size_is_not_published(log: Log) -> None:
    put(log, 5)
    database(log).put_signed(305, log_note(log))
    assert check_start(log).state is State.BEHIND
    with pytest.raises(VerificationError) as refused:
        publish(log, [SIGNER])
    assert refused.value.code == "ledger/damaged"
    assert tree(log).files[CHECKPOINT] == log_note(log)


def log_note(log: Log) -> bytes:
    assert isinstance(log.anchor, MemoryNote)
    assert log.anchor.note is not None
    return log.anchor.note


def test_an_entry_that_is_missing_is_said(log: Log) -> None:
    put(log, 5)
    del database(log).tables.entries[302]
    assert code_of(log) == "ledger/damaged"
    with pytest.raises(VerificationError) as refused:
        check_database(log)
    assert "entry 302 is missing" in str(refused.value)


def test_entries_that_change_between_two_readings_are_not_signed(log: Log) -> None:
    """A bit may change in memory, too: what was written is compared once more before it is signed."""

    class Changing(MemoryLog):
        readings = 0

        def entries(self, first: int, end: int) -> Iterator[Stored]:
            Changing.readings += 1
            rows = list(super().entries(first, end))
            if Changing.readings > 1:
                other = some_entries(305)[-1] + b"!"
                rows[-1] = Stored(rows[-1].place, other, leaf_hash(other))
            yield from rows

    put(log, 5)
    changing = Changing()
    changing.tables = database(log).tables
    other = Log(
        origin=log.origin, vkeys=log.vkeys, store=changing, tree=log.tree, anchor=log.anchor
    )
    with pytest.raises(VerificationError) as refused:
        publish(other, [SIGNER])
    assert "changed between two readings" in str(refused.value)
    assert changing.signed(305) is None
