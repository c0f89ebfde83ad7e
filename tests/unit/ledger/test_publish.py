# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged becomes public under one signature, and what is public never changes."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from tests.unit.ledger.logs import OTHER, SIGNER, published, some_entries

from privity.errors import ConflictError, VerificationError
from privity.ledger.checkpoint import open_checkpoint
from privity.ledger.log import append
from privity.ledger.note import Note, Signer
from privity.ledger.ports import CHECKPOINT
from privity.ledger.publish import publish
from privity.ledger.recover import Log, State, check_start
from privity.ledger.tiles import bundles_between, tiles_between
from privity.ledger.verify import verify_log
from privity.testing.failing_ledger import Faults, failing
from privity.testing.ledger import MemoryLog, MemoryNote, MemoryTree, memory_log

NOW = 1_790_000_000


@pytest.fixture
def log() -> Log:
    return memory_log(SIGNER)


def put(log: Log, count: int) -> None:
    with log.store.transaction() as tx:
        size = tx.head().size
        append(tx, some_entries(size + count)[size:], time=NOW)


def files(log: Log) -> dict[str, bytes]:
    assert isinstance(log.tree, MemoryTree)
    return log.tree.files


def test_an_empty_log_is_published_and_anchored(log: Log) -> None:
    """[LED-65] From then on a log whose anchor is gone has lost it."""
    done = publish(log, [SIGNER])
    assert (done.checkpoint.size, done.added) == (0, 0)
    assert log.anchor.read() == done.note == files(log)[CHECKPOINT]
    assert list(files(log)) == [CHECKPOINT]
    assert check_start(log).state is State.OK


@pytest.mark.parametrize("sizes", [[1], [3, 250, 3, 1], [256, 256], [700, 1, 65_000]])
def test_the_tree_is_that_of_the_entries(log: Log, sizes: list[int]) -> None:
    """[LED-62] However it is cut, what is published is what the entries alone make."""
    for size in sizes:
        put(log, size)
        done = publish(log, [SIGNER])
        assert done.added == size
    whole = published(some_entries(sum(sizes)))
    assert {path: files(log)[path] for path in whole} == dict(whole)
    verify_log(log.tree, [SIGNER.vkey])


def test_every_published_size_is_a_consistent_log(log: Log) -> None:
    saved = None
    for size in (1, 2, 200, 60, 5):
        put(log, size)
        done = publish(log, [SIGNER]).checkpoint
        verify_log(log.tree, [SIGNER.vkey], saved=saved)
        saved = done


def test_without_anything_new_nothing_is_written_or_signed(log: Log) -> None:
    put(log, 5)
    first = publish(log, [SIGNER])
    faults = Faults()
    again = publish(failing(log, faults), [SIGNER])
    assert again == replace(first, added=0)
    assert not any(
        name.split()[0] in {"write_new", "replace", "swap", "put_signed", "transaction"}
        for name in faults.operations
    )


def test_the_steps_come_in_their_order(log: Log) -> None:
    """[LED-62] What is signed was read again; what leaves is kept; the anchor is before the checkpoint."""
    put(log, 5)
    publish(log, [SIGNER])
    put(log, 300)
    faults = Faults()
    publish(failing(log, faults), [SIGNER])
    steps = ["entries", "write_new", "put_signed", "swap", "replace", "remove_partial"]
    names = [name.split()[0] for name in faults.operations]
    order = [name for name in names if name in steps]
    assert sorted(order, key=steps.index) == order
    assert {*order} == {*steps}
    assert names.count("put_signed") == names.count("swap") == names.count("replace") == 1


def test_partial_tiles_go_when_the_full_ones_are_published(log: Log) -> None:
    put(log, 5)
    publish(log, [SIGNER])
    assert "tile/0/000.p/5" in files(log)
    put(log, 10)
    publish(log, [SIGNER])
    # A reader may still come with the checkpoint of before.
    assert "tile/0/000.p/5" in files(log)
    put(log, 300)
    publish(log, [SIGNER])
    tiles = [*tiles_between(0, 315), *bundles_between(0, 315)]
    assert {path for path in files(log) if path != CHECKPOINT} == {
        tile.path() for tile in tiles
    }


def test_objects_are_public_before_the_checkpoint_that_names_them(log: Log) -> None:
    text = b"the text of a policy"
    name = sha256(text).hexdigest()
    with log.store.transaction() as tx:
        append(tx, [name.encode()], time=NOW)
        tx.put_object(name, text)
    faults = Faults()
    publish(failing(log, faults), [SIGNER])
    assert files(log)[f"object/sha256/{name}"] == text
    written = faults.operations.index(f"write_new object/sha256/{name}")
    assert written < faults.operations.index(f"replace {CHECKPOINT}")
    # Once, and not again with every further one.
    put(log, 1)
    faults = Faults()
    publish(failing(log, faults), [SIGNER])
    assert f"write_new object/sha256/{name}" not in faults.operations


def test_an_object_that_changed_is_not_published(log: Log) -> None:
    with log.store.transaction() as tx:
        append(tx, [b"entry"], time=NOW)
        tx.put_object(sha256(b"one").hexdigest(), b"two")
    with pytest.raises(VerificationError) as refused:
        publish(log, [SIGNER])
    assert refused.value.code == "ledger/damaged"
    assert log.store.signed(1) is None


def test_two_keys_sign_while_one_is_exchanged_for_the_other() -> None:
    new = Signer(name=SIGNER.name, seed=bytes(32))
    log = replace(memory_log(SIGNER), vkeys=(SIGNER.vkey, new.vkey))
    put(log, 3)
    done = publish(log, [SIGNER, new])
    assert len(Note.parse(done.note).signatures) == 2
    for signer in (SIGNER, new):
        assert open_checkpoint(done.note, [signer.vkey]) == done.checkpoint
    put(log, 1)
    publish(log, [new])
    verify_log(log.tree, [new.vkey])


def test_a_key_that_is_not_the_log_s_signs_nothing(log: Log) -> None:
    """Not even a note that nobody would trust is kept."""
    put(log, 3)
    for signer in (OTHER, Signer(name=SIGNER.name, seed=bytes(32))):
        with pytest.raises(VerificationError):
            publish(log, [signer])
        assert log.store.last_signed() is None
        assert log.anchor.read() is None
    publish(log, [SIGNER])


def test_a_note_that_was_signed_before_is_used_again(log: Log) -> None:
    """[LED-63] A crash after the signature leaves a note; there is never a second one for its size."""
    put(log, 3)
    assert isinstance(log.store, MemoryLog)
    assert isinstance(log.anchor, MemoryNote)
    publish(log, [SIGNER])
    put(log, 1)
    new = Signer(name=SIGNER.name, seed=bytes(32))
    both = replace(log, vkeys=(SIGNER.vkey, new.vkey))
    kept, files_kept = log.anchor.note, dict(files(log))
    first = publish(both, [SIGNER])
    # As if the process had ended before the anchor was written.
    log.anchor.note = kept
    files(log)[CHECKPOINT] = files_kept[CHECKPOINT]
    assert publish(both, [new]).note == first.note


def test_a_note_of_another_root_is_not_used(log: Log) -> None:
    put(log, 3)
    wrong = SIGNER.sign(f"{SIGNER.name}\n3\n{'A' * 43}=\n").to_bytes()
    publish_empty(log)
    log.store.put_signed(3, wrong)
    with pytest.raises(VerificationError) as refused:
        publish(log, [SIGNER])
    assert refused.value.code == "ledger/forked"


def publish_empty(log: Log) -> None:
    """Publish as before there was an entry."""
    other = memory_log(SIGNER)
    note = publish(other, [SIGNER]).note
    log.store.put_signed(0, note)
    log.anchor.swap(None, note)


def test_a_note_of_another_log_is_not_taken_for_the_anchor(log: Log) -> None:
    put(log, 3)
    other = memory_log(OTHER)
    publish(other, [OTHER])
    note = other.anchor.read()
    assert note is not None
    log.anchor.swap(None, note)
    both = replace(log, vkeys=(SIGNER.vkey, OTHER.vkey))
    with pytest.raises(VerificationError) as refused:
        publish(both, [SIGNER])
    assert refused.value.code == "ledger/note-damaged"


def test_a_second_publisher_finds_the_anchor_moved(log: Log) -> None:
    put(log, 3)
    publish(log, [SIGNER])
    put(log, 3)

    class Late(MemoryNote):
        def swap(self, old: bytes | None, new: bytes) -> None:
            del old, new
            raise ConflictError("another note is there", code="ledger/anchor-moved")

        def read(self) -> bytes | None:
            return log.anchor.read()

    before = files(log)[CHECKPOINT]
    with pytest.raises(ConflictError):
        publish(replace(log, anchor=Late()), [SIGNER])
    assert files(log)[CHECKPOINT] == before
