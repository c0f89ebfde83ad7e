# SPDX-License-Identifier: Apache-2.0
"""One bit that changes, wherever it lies, is found out before anything is signed, and put right where it can be."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.ledgers import NOW, Place, all_entries, entries, look, put, release, served
from tests.unit.ledger.logs import SIGNER

from privity.errors import PrivityError, VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.ports import CHECKPOINT, Head
from privity.ledger.recover import Log, check_database, check_start
from privity.ledger.repair import repair
from privity.ledger.tree import Peaks
from privity.testing.ledger import MemoryLog, MemoryNote, MemoryTables, MemoryTree, memory_log

PUBLISHED, ALL = 5, 9


def log_of(tables: MemoryTables, tree: dict[str, bytes], note: bytes | None) -> Log:
    """A log in memory that has these things, and nothing in common with another one."""
    log = memory_log(SIGNER)
    assert isinstance(log.store, MemoryLog)
    assert isinstance(log.tree, MemoryTree)
    assert isinstance(log.anchor, MemoryNote)
    log.store.tables = tables.copy()
    log.tree.files = dict(tree)
    log.anchor.note = note
    return log


def made(
    published: int = PUBLISHED, whole: int = ALL
) -> tuple[MemoryTables, dict[str, bytes], bytes]:
    log = memory_log(SIGNER)
    put(log, published)
    release(log)
    put(log, whole - published)
    assert isinstance(log.store, MemoryLog)
    assert isinstance(log.tree, MemoryTree)
    assert isinstance(log.anchor, MemoryNote)
    assert log.anchor.note is not None
    return log.store.tables, log.tree.files, log.anchor.note


def flips(data: bytes, step: int = 1) -> Iterator[bytes]:
    """The same bytes with one bit changed, each bit in turn."""
    for bit in range(0, 8 * len(data), step):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def damaged_tables(tables: MemoryTables) -> Iterator[MemoryTables]:
    """Every bit of entries, hashes and peaks that a publication reads."""
    for place in range(ALL):
        data, leaf = tables.entries[place]
        for changed in flips(data, 7):
            copied = tables.copy()
            copied.entries[place] = (changed, leaf)
            yield copied
        for changed in flips(leaf):
            copied = tables.copy()
            copied.entries[place] = (data, changed)
            yield copied
    for changed in flips(tables.head.peaks.to_bytes()):
        copied = tables.copy()
        peaks = Peaks.parse(tables.head.size, changed)
        copied.head = replace(tables.head, peaks=peaks)
        yield copied


def test_every_bit_of_entries_hashes_and_peaks_stops_the_publisher() -> None:
    tables, tree, note = made()
    count = 0
    for copied in damaged_tables(tables):
        log = log_of(copied, tree, note)
        with pytest.raises(VerificationError) as refused:
            release(log)
        assert refused.value.code in {"ledger/damaged", "ledger/forked"}
        assert refused.value.hint is not None
        assert isinstance(log.store, MemoryLog)
        assert log.store.tables.signed == tables.signed
        shown = served(log)
        assert shown is not None
        assert shown.size == PUBLISHED
        count += 1
    assert count > 3000


def test_every_bit_of_entries_hashes_and_peaks_is_put_right() -> None:
    """Of what was published by the tree; of what was not by the hash, which names the one bit."""
    tables, tree, note = made()
    right = release_of(tables, tree, note)
    for number, copied in enumerate(damaged_tables(tables)):
        if number % 5:
            continue
        log = log_of(copied, tree, note)
        done = repair(log, time_of=lambda _: NOW)
        assert (done.entries, done.head) in {(1, False), (0, True)}
        look(log)
        assert release(log).checkpoint == right


def release_of(tables: MemoryTables, tree: dict[str, bytes], note: bytes) -> Checkpoint:
    return release(log_of(tables, tree, note)).checkpoint


def test_more_than_one_bit_of_an_unpublished_entry_is_not_guessed_at() -> None:
    tables, tree, note = made()
    log = log_of(tables, tree, note)
    assert isinstance(log.store, MemoryLog)
    _, leaf = tables.entries[7]
    log.store.tables.entries[7] = (b"something else", leaf)
    with pytest.raises(VerificationError) as refused:
        repair(log, time_of=lambda _: NOW)
    assert refused.value.code == "ledger/unrepairable"
    assert log.store.tables.entries[7] == (b"something else", leaf)


def test_whole_entries_that_the_head_does_not_know_are_not_made_valid() -> None:
    """Who rewrote what was not published yet, hashes and all, finds no accomplice in the repair."""
    tables, tree, note = made()
    other = memory_log(SIGNER)
    put(other, ALL, salt="other")
    assert isinstance(other.store, MemoryLog)
    log = log_of(tables, tree, note)
    assert isinstance(log.store, MemoryLog)
    log.store.tables.entries[7] = other.store.tables.entries[7]
    with pytest.raises(VerificationError):
        release(log)
    with pytest.raises(VerificationError) as refused:
        repair(log, time_of=lambda _: NOW)
    assert refused.value.code == "ledger/unrepairable"


def test_acknowledged_entries_that_are_nowhere_are_not_forgotten() -> None:
    tables, tree, note = made()
    log = log_of(tables, tree, note)
    assert isinstance(log.store, MemoryLog)
    del log.store.tables.entries[ALL - 1]
    with pytest.raises(VerificationError) as refused:
        release(log)
    assert refused.value.code == "ledger/damaged"
    with pytest.raises(VerificationError) as refused:
        repair(log, time_of=lambda _: NOW)
    assert refused.value.code == "ledger/unrepairable"


def test_the_time_of_the_head_is_put_right() -> None:
    tables, tree, note = made()
    log = log_of(tables, tree, note)
    assert isinstance(log.store, MemoryLog)
    head = log.store.tables.head
    log.store.tables.head = Head(
        peaks=head.peaks, time=head.time + (1 << 40), generation=head.generation
    )
    assert repair(log, time_of=lambda _: NOW).head
    assert log.store.head().time == NOW


@pytest.mark.parametrize("name", ["anchor", CHECKPOINT, "signed"])
def test_every_bit_of_a_note_is_found_out_and_put_right(name: str) -> None:
    tables, tree, note = made()
    for changed in flips(note, 3):
        log = log_of(tables, tree, note)
        assert isinstance(log.store, MemoryLog)
        assert isinstance(log.tree, MemoryTree)
        assert isinstance(log.anchor, MemoryNote)
        if name == "anchor":
            log.anchor.note = changed
        elif name == "signed":
            log.store.tables.signed[PUBLISHED] = changed
        else:
            log.tree.files[CHECKPOINT] = changed
        with pytest.raises(VerificationError) as refused:
            release(log)
        assert refused.value.code == "ledger/note-damaged"
        repair(log, time_of=lambda _: NOW)
        look(log)
        assert release(log).checkpoint.size == ALL


def test_every_bit_at_the_edge_of_the_tree_is_found_out_and_put_right() -> None:
    tables, tree, note = made(260, 262)
    for path in ("tile/0/001.p/4", "tile/1/000.p/1"):
        for changed in flips(tree[path], 5):
            log = log_of(tables, tree | {path: changed}, note)
            with pytest.raises(VerificationError) as refused:
                release(log)
            assert refused.value.code == "ledger/tree-damaged"
            assert repair(log, time_of=lambda _: NOW).files == 1
            look(log)


def test_a_damaged_tile_of_long_ago_is_put_right() -> None:
    tables, tree, note = made(600, 601)
    for path in ("tile/0/000", "tile/entries/001"):
        log = log_of(tables, tree | {path: next(flips(tree[path]))}, note)
        assert repair(log, time_of=lambda _: NOW).files == 1
        look(log)


def test_what_a_crash_left_in_the_tree_and_is_wrong_stops_the_publisher() -> None:
    """It was not published, so it may be put right; but not without a look."""
    tables, tree, note = made()
    path = f"tile/entries/000.p/{ALL}"
    log = log_of(tables, tree | {path: b"left by something else"}, note)
    with pytest.raises(PrivityError) as refused:
        release(log)
    assert refused.value.code == "ledger/other-bytes"
    repair(log, time_of=lambda _: NOW)
    assert release(log).checkpoint.size == ALL
    look(log)


def test_an_old_entry_that_changed_is_found_by_the_look_over_all() -> None:
    """A publication reads what it publishes, not everything that was published before."""
    tables, tree, note = made(600, 601)
    log = log_of(tables, tree, note)
    assert isinstance(log.store, MemoryLog)
    data, leaf = log.store.tables.entries[3]
    log.store.tables.entries[3] = (next(flips(data)), leaf)
    check_start(log)
    with pytest.raises(VerificationError) as refused:
        check_database(log)
    assert refused.value.code == "ledger/damaged"
    assert repair(log, time_of=lambda _: NOW).entries == 1
    check_database(log)


def test_a_bit_anywhere_in_the_file_signs_nothing_wrong(tmp_path: Path) -> None:
    """Refused, or harmless: the right root is signed, and a look over all finds what has changed."""
    dice = random.Random(7)
    place = Place(tmp_path / "log")
    place.create()
    with place.opened() as log:
        put(log, 20)
        release(log)
        put(log, 20)
    kept = place.keep("kept")
    whole = place.database.read_bytes()
    with place.opened() as log:
        right = release(log).checkpoint
    refused = 0
    for _ in range(120):
        for name in ("public", "anchor"):
            restore(kept / name, place.folder / name)
        changed = bytearray(whole)
        bit = dice.randrange(8 * len(changed))
        changed[bit // 8] ^= 1 << bit % 8
        place.database.write_bytes(changed)
        try:
            with place.opened() as log:
                assert release(log).checkpoint == right
                check_database(log)
                assert all_entries(log) == entries(0, 40)
        except PrivityError:
            refused += 1
            assert (place.public / CHECKPOINT).read_bytes() in {
                (kept / "public" / CHECKPOINT).read_bytes(),
                published_note(right),
            }
    assert refused > 10


def published_note(checkpoint: Checkpoint) -> bytes:
    return SIGNER.sign(checkpoint.to_text()).to_bytes()


def restore(kept: Path, folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            path.unlink()
    for path in kept.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(kept)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
