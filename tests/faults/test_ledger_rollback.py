# SPDX-License-Identifier: Apache-2.0
"""Older copies, other logs' files and second copies are found out before anything is signed on them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.ledger_kills import in_a_child
from tests.faults.ledgers import (
    NOW,
    Place,
    all_entries,
    entries,
    look,
    put,
    release,
    served,
)
from tests.unit.ledger.logs import OTHER, SIGNER

from privity.errors import ConflictError, PrivityError, UnavailableError, VerificationError
from privity.ledger.log import append
from privity.ledger.publish import publish
from privity.ledger.recover import Log, State, check_start
from privity.ledger.repair import repair
from privity.store.files import Folder, NoteFile
from privity.store.lock import locked
from privity.store.sqlite import open_log


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A log of 300 entries, all published; `-old` beside it is as it was at 200, and at 205 unpublished."""
    place = Place(tmp_path / "log")
    place.create()
    with place.opened() as log:
        put(log, 200)
        release(log)
        put(log, 5)
    place.keep("old")
    with place.opened() as log:
        put(log, 95)
        release(log)
    return place


def old(place: Place) -> Path:
    return place.folder.with_name("log-old")


def bring_back(place: Place, *names: str) -> None:
    """Put files of the old state in the place of the newer ones, in the same files as a rollback would."""
    for name in names:
        source, target = old(place) / name, place.folder / name
        if source.is_dir():
            shutil.rmtree(target)
            shutil.copytree(source, target)
        else:
            target.write_bytes(source.read_bytes())


def signatures(place: Place) -> list[tuple[int, bytes]]:
    """Every note that the database ever kept, which is every note that was ever signed."""
    with sqlite3.connect(place.database) as found:
        return found.execute("SELECT size, note FROM signed ORDER BY size").fetchall()


def refuses(place: Place, code: str) -> PrivityError:
    """Whoever opens and publishes is refused, and nothing was signed or written."""
    signed = signatures(place)
    shown = (place.public / "checkpoint").read_bytes()
    with pytest.raises(PrivityError) as refused, place.opened() as log:
        release(log)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)
    assert refused.value.hint is not None
    assert signatures(place) == signed
    assert (place.public / "checkpoint").read_bytes() == shown
    return refused.value


def test_an_old_database_is_found_out(place: Place) -> None:
    """[LED-65] It does not begin with what the anchor says."""
    bring_back(place, "state/ledger.db")
    error = refuses(place, "ledger/rolled-back")
    assert "205 entries, and 300 were published" in str(error)
    assert "privity ledger repair" in str(error.hint)


def test_an_old_database_with_its_old_tree_is_found_out(place: Place) -> None:
    bring_back(place, "state/ledger.db", "public")
    refuses(place, "ledger/rolled-back")


def test_an_old_database_with_the_old_anchor_is_found_out_by_the_tree(place: Place) -> None:
    bring_back(place, "state/ledger.db", "anchor")
    refuses(place, "ledger/anchor-behind")


def test_an_old_anchor_and_an_old_tree_are_found_out(place: Place) -> None:
    with place.opened() as log:
        put(log, 1)
        release(log)
    bring_back(place, "anchor")
    refuses(place, "ledger/anchor-behind")


@pytest.mark.parametrize("more", [95, 200])
def test_an_old_database_that_was_written_to_is_found_out(place: Place, more: int) -> None:
    """It has as many entries as were published, or more, and they are others."""
    bring_back(place, "state/ledger.db")
    with place.opened() as log:
        put(log, more, salt="other")
    refuses(place, "ledger/forked")


def test_an_old_database_that_was_written_to_at_the_end_of_a_bundle_is_found_out(
    tmp_path: Path,
) -> None:
    """Where the published tree ends with a full bundle no entry of it is read again."""
    place = Place(tmp_path / "log")
    place.create()
    place.keep("old")
    with place.opened() as log:
        put(log, 256)
        release(log)
    bring_back(place, "state/ledger.db")
    with place.opened() as log:
        put(log, 256, salt="other")
    refuses(place, "ledger/damaged")
    with place.opened() as log:
        put(log, 5, salt="other")
    refuses(place, "ledger/damaged")


def test_a_public_tree_that_went_back_is_published_again(place: Place) -> None:
    """The tree proves nothing, and is no reason to sign: what is missing is written anew."""
    bring_back(place, "public")
    with pytest.raises(VerificationError) as refused, place.opened() as log:
        check_start(log)
    assert refused.value.code == "ledger/tree-damaged"
    with place.opened() as log:
        repair(log, time_of=lambda _: NOW)
        look(log)
        shown = served(log)
        assert shown is not None
        assert shown.size == 200
        assert check_start(log).state is State.BEHIND
        assert release(log).checkpoint.size == 300


def test_a_tree_that_was_lost_is_made_anew(place: Place) -> None:
    shutil.rmtree(place.public)
    with place.opened() as log:
        with pytest.raises(VerificationError) as refused:
            release(log)
        assert refused.value.code == "ledger/tree-damaged"
        repair(log, time_of=lambda _: NOW)
        look(log)
        assert release(log).checkpoint.size == 300


@contextmanager
def unfinished(place: Place) -> Iterator[None]:
    """Kill a writer in the middle of its commit, so that its journal is left."""
    reached = place.folder / "reached"

    def work(log: Log, *_: object) -> None:
        with log.store.transaction() as tx:
            # More than the cache holds: the file itself is written to before the commit.
            append(tx, [bytes(60_000)] * 2000, time=NOW)
            reached.touch()
            threading.Event().wait()

    child, reading = in_a_child(work, place, 0)
    try:
        while not reached.exists():
            done, _ = os.waitpid(child, os.WNOHANG)
            assert done == 0
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(reading)
    journal = place.database.with_name("ledger.db-journal")
    assert journal.stat().st_size > 0
    yield


def test_a_killed_writer_is_taken_back_by_the_journal(place: Place) -> None:
    with unfinished(place), place.opened() as log:
        look(log)
        assert all_entries(log) == entries(0, 300)


@pytest.mark.parametrize("left", [0, 512, 4096, 30_000])
def test_a_journal_that_was_cut_off_signs_nothing_wrong(place: Place, left: int) -> None:
    """Without its journal a database has some of a commit: it is refused, or all of it is right."""
    with unfinished(place):
        os.truncate(place.database.with_name("ledger.db-journal"), left)
        signed = signatures_or_none(place)
        try:
            with place.opened() as log:
                release(log)
                look(log)
                assert all_entries(log)[:300] == entries(0, 300)
        except PrivityError as error:
            assert error.hint is not None  # noqa: PT017 - either outcome is right
            assert signatures_or_none(place) == signed


def signatures_or_none(place: Place) -> list[tuple[int, bytes]] | None:
    try:
        return signatures(place)
    except sqlite3.DatabaseError:
        return None


def test_the_database_of_another_log_is_refused(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    other.create(origin=OTHER.name)
    shutil.copy(other.database, place.database)
    with pytest.raises(ConflictError) as refused, place.opened():
        pass
    assert refused.value.code == "store/copied"
    with pytest.raises(ConflictError) as refused, place.opened(adopt=True):
        pass
    assert refused.value.code == "store/other-log"


def test_another_database_of_the_same_name_is_found_out(place: Place, tmp_path: Path) -> None:
    """Somebody made the log anew, under its old name and with its old key."""
    other = Place(tmp_path / "other")
    other.create()
    with other.opened() as log:
        put(log, 400, salt="other")
        publish(log, [SIGNER])
    place.database.write_bytes(other.database.read_bytes())
    refuses(place, "store/copied")
    with place.opened(adopt=True):
        pass
    refuses(place, "ledger/forked")


def test_a_copy_of_a_workspace_is_no_second_log(place: Place, tmp_path: Path) -> None:
    copied = Place(tmp_path / "copied")
    shutil.copytree(place.folder, copied.folder)
    with pytest.raises(ConflictError) as refused, copied.opened():
        pass
    assert refused.value.code == "store/copied"
    assert "only if that is gone for good" in str(refused.value.hint)
    with copied.opened(adopt=True) as log:
        look(log)
    with copied.opened() as log:
        put(log, 1)
        assert release(log).checkpoint.size == 301


@pytest.mark.parametrize(("mine", "theirs"), [(1, 1), (2, 1), (1, 2), (256, 20)])
def test_of_two_copies_with_one_anchor_only_the_first_goes_on(
    place: Place, tmp_path: Path, mine: int, theirs: int
) -> None:
    """The anchor lies elsewhere, so that a copy of the machine has the same one."""
    copied = Place(tmp_path / "copied")
    shutil.copytree(place.folder, copied.folder)
    with copied.opened(adopt=True) as log:
        put(log, theirs, salt="theirs")
        release(replace(log, anchor=NoteFile(place.anchor)))
    with place.opened() as log:
        put(log, mine, salt="mine")
    refused = refuses(place, "ledger/forked" if mine >= theirs else "ledger/rolled-back")
    assert refused.hint is not None


def test_of_two_copies_at_the_same_moment_only_one_note_leaves(
    place: Place, tmp_path: Path
) -> None:
    """Both have looked, and neither has published: the anchor is swapped once."""
    copied = Place(tmp_path / "copied")
    shutil.copytree(place.folder, copied.folder)
    with copied.opened(adopt=True) as theirs, place.opened() as mine:
        put(theirs, 1, salt="theirs")
        put(mine, 1, salt="mine")

        class Interrupted(NoteFile):
            def swap(self, old: bytes | None, new: bytes) -> None:
                release(mine)
                super().swap(old, new)

        with pytest.raises(ConflictError) as refused:
            release(replace(theirs, anchor=Interrupted(place.anchor)))
        assert refused.value.code == "ledger/anchor-moved"
        shown = served(theirs)
        assert shown is not None
        assert shown.size == 300


def test_two_writers_take_turns(place: Place) -> None:
    with place.opened() as one, place.opened() as other:
        for number in range(10):
            put(one if number % 2 else other, 3)
        look(one)
        assert all_entries(other) == entries(0, 330)


def test_two_writers_in_two_processes_lose_nothing(place: Place) -> None:
    def work(log: Log, say: Callable[[str], None], _: object) -> None:
        for _ in range(50):
            with log.store.transaction() as tx:
                first = append(tx, [b"one of two"], time=NOW)
            say(str(first))
        say("end")
        threading.Event().wait()

    children = [in_a_child(work, place, 0) for _ in range(2)]
    given: list[int] = []
    for child, reading in children:
        with os.fdopen(reading, encoding="ascii") as stream:
            for line in stream:
                if line == "end\n":
                    break
                given.append(int(line))
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert sorted(given) == list(range(300, 400))
    with place.opened() as log:
        look(log)
        assert log.store.head().size == 400


def test_a_writer_that_read_an_older_head_is_refused(place: Place) -> None:
    """[LED-60] What the lock is not there for: whoever writes on a head that is no longer the head."""
    with place.opened() as log:
        stale = log.store.head()
        put(log, 1)
        with pytest.raises(ConflictError) as refused, log.store.transaction() as tx:
            tx.set_head(stale, replace(stale, generation=99))
        assert refused.value.code == "ledger/head-moved"
        with pytest.raises(ConflictError) as refused, log.store.transaction() as tx:
            tx.put_entries(300, [b"again"], [bytes(32)])
        assert refused.value.code == "ledger/head-moved"
        look(log)


def test_one_publisher_at_a_time(place: Place) -> None:
    lock = place.folder / "state" / "ledger.lock"
    with locked(lock):
        with pytest.raises(ConflictError) as refused, locked(lock):
            pass
        assert refused.value.code == "store/locked"
        assert f"process {os.getpid()} holds" in str(refused.value)
    with locked(lock):
        pass


def test_two_publishers_without_a_lock_sign_the_same(place: Place) -> None:
    """Both make the same note of the same entries; the second finds that there is nothing to do."""
    with place.opened() as one, place.opened() as other:
        put(one, 7)
        again = release(other)
        assert release(one).note == again.note
        look(one)


def test_a_clock_that_went_back_appends_nothing(place: Place) -> None:
    """[LED-61] On disk as in memory."""
    with place.opened() as log:
        with pytest.raises(ConflictError) as refused:
            put(log, 1, time=NOW - 1)
        assert refused.value.code == "ledger/clock-behind"
        assert "2026-09-21T14:13:19Z" in str(refused.value)
        assert put(log, 1, time=NOW) == 300
        assert put(log, 1, time=NOW + 5) == 301
        with pytest.raises(ConflictError):
            put(log, 1, time=NOW + 4)
        look(log)


def test_an_anchor_that_is_gone_is_not_made_anew(place: Place) -> None:
    """A disk that is not mounted looks the same."""
    place.anchor.unlink()
    refuses(place, "ledger/anchor-missing")
    with place.opened() as log:
        repair(log, time_of=lambda _: NOW)
        look(log)
        put(log, 1)
        assert release(log).checkpoint.size == 301


def test_an_anchor_and_a_tree_that_are_gone_are_not_made_anew(place: Place) -> None:
    place.anchor.unlink()
    shutil.rmtree(place.public)
    with place.opened() as log:
        with pytest.raises(ConflictError) as refused:
            release(log)
        assert refused.value.code == "ledger/anchor-missing"
        repair(log, time_of=lambda _: NOW)
        look(log)
        shown = served(log)
        assert shown is not None
        assert shown.size == 300


def test_a_database_that_is_gone_comes_back_from_the_tree(place: Place) -> None:
    place.database.unlink()
    with pytest.raises(UnavailableError) as refused, place.opened():
        pass
    assert refused.value.code == "store/missing"
    shutil.rmtree(place.folder / "state")
    place.create()
    refuses(place, "ledger/rolled-back")
    with place.opened() as log:
        done = repair(log, time_of=lambda _: NOW)
        assert done.taken_back == 300
        assert list(done.lost) == [(0, 300)]
        look(log)
        assert all_entries(log) == entries(0, 300)
        put(log, 1)
        assert release(log).checkpoint.size == 301


def test_a_database_that_went_back_comes_forward_from_the_tree(place: Place) -> None:
    """[LED-66] Its entries come back, and that their payloads do not is kept."""
    bring_back(place, "state/ledger.db")
    with place.opened() as log:
        done = repair(log, time_of=lambda _: NOW)
        assert done.taken_back == 95
        assert list(log.store.lost()) == [(205, 300)]
        look(log)
        assert all_entries(log) == entries(0, 300)
        assert log.store.head().time == NOW


def test_a_mirror_brings_back_what_database_and_tree_have_lost(
    place: Place, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    shutil.copytree(place.public, mirror)
    bring_back(place, "state/ledger.db", "public")
    with place.opened() as log:
        with pytest.raises(VerificationError) as refused:
            repair(log, time_of=lambda _: NOW)
        assert refused.value.code == "ledger/unrepairable"
        repair(log, time_of=lambda _: NOW, source=Folder(mirror))
        look(log)
        assert all_entries(log) == entries(0, 300)


def test_two_histories_are_never_made_one(place: Place) -> None:
    bring_back(place, "state/ledger.db")
    with place.opened() as log:
        put(log, 200, salt="other")
        before = all_entries(log)
        with pytest.raises(VerificationError) as refused:
            repair(log, time_of=lambda _: NOW)
        assert refused.value.code == "ledger/forked"
        assert all_entries(log) == before


def test_a_note_is_never_signed_twice_for_a_size(place: Place) -> None:
    with open_store(place) as log:
        log.store.put_signed(300, signatures(place)[-1][1])
        with pytest.raises(ConflictError) as refused:
            log.store.put_signed(300, b"another note")
        assert refused.value.code == "ledger/signed-twice"


@contextmanager
def open_store(place: Place) -> Iterator[Log]:
    store = open_log(place.database, origin=SIGNER.name)
    try:
        yield place.log(store)
    finally:
        store.close()
