# SPDX-License-Identifier: Apache-2.0
"""What is recorded is durable, once, in its stream and in order; and published by whoever comes first."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size
from tests.unit.app.workspace.worlds import problems, put, says, tags_twice

from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace, opened_parts
from privity.app.workspace.recording import (
    MERGE_DELAY,
    Private,
    key_name,
    keys_of,
    member_of,
    public_stream,
    publish_now,
    record,
    record_in,
)
from privity.canonical.encode import digest
from privity.config.workspace import WorkspaceSettings
from privity.entries.decode import open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent, parse_event
from privity.entries.erasure import ErasureBatchEntry
from privity.entries.fact import FactEntry
from privity.entries.incident import IncidentEntry
from privity.entries.kinds import PUBLIC
from privity.errors import ConflictError, InputError, UnavailableError
from privity.ledger.ports import CHECKPOINT
from privity.store.lock import locked

INCIDENT = IncidentEntry(incident="disk", text="a disk was lost")


def stream_of(workspace: Workspace, member: str | int | None) -> Sequence[object]:
    """What a private stream says, from the first to the last."""
    key = workspace.keys.get(key_name(member))
    assert key is not None
    found = []
    for sealed in workspace.store.sealed_of(key.stream):
        (stored,) = workspace.store.entries(sealed.index, sealed.index + 1)
        event = parse_event(stored.data)
        assert isinstance(event, MemberEvent)
        entry = open_sealed(
            event,
            sealed.payload,
            key=key.secret,
            number=sealed.number,
            origin=workspace.settings.origin,
        )
        found.append(entry.says)
    return found[::-1]


def test_a_members_stream_begins_with_its_enrolment(opened: Open) -> None:
    with opened() as workspace:
        made = record(workspace, [says("ada"), says("bob"), says("ada", "off")])
        assert (made.first, made.count, made.time, made.again) == (1, 5, NOW, False)
        assert stream_of(workspace, "ada") == [
            EnrolEntry(member="ada"), says("ada").says, says("ada", "off").says,
        ]  # fmt: skip
        again = record(workspace, [says("ada")])
        assert (again.first, again.count) == (6, 1)


def test_text_and_numbers_are_different_members(opened: Open) -> None:
    with opened() as workspace:
        record(workspace, [says("7"), says(7)])
        assert stream_of(workspace, "7") == [EnrolEntry(member="7"), says("7").says]
        assert stream_of(workspace, 7) == [EnrolEntry(member=7), says(7).says]


@pytest.mark.parametrize("member", ["ada", "p", "n7", "t7", "", 7, -7, None])
def test_a_member_is_found_by_the_name_of_its_key(member: str | int | None) -> None:
    assert member_of(key_name(member)) == member


def test_the_platforms_own_stream_enrols_nobody(opened: Open) -> None:
    fact = FactEntry(member=None, fact="seat-instruction", value="acme", at=1, detail={})
    with opened() as workspace:
        made = record(workspace, [Private(member=None, says=fact)])
        assert made.count == 1
        assert stream_of(workspace, None) == [fact]


def test_public_streams_are_numbered_from_1(opened: Open) -> None:
    with opened() as workspace:
        record(workspace, [INCIDENT, ErasureBatchEntry(count=1)])
        record(workspace, [INCIDENT])
        found = [
            json.loads(stored.data) for stored in workspace.store.entries(1, size(workspace))
        ]
    assert [(one["s"], one["i"]) for one in found] == [
        ("incident", 1), ("erasure-batch", 1), ("incident", 2),
    ]  # fmt: skip


def test_every_public_kind_has_a_stream_of_its_own() -> None:
    assert len({public_stream(name) for name in PUBLIC}) == len(PUBLIC)
    assert all(public_stream(name) < 0 for name in PUBLIC)


def test_nothing_is_recorded_where_one_of_it_cannot_be(opened: Open) -> None:
    wide = Private(
        member="bob",
        says=FactEntry(member="bob", fact="setting", value="x" * 5000, at=1, detail={}),
    )
    with opened() as workspace:
        with pytest.raises(InputError) as refused:
            record(workspace, [says("ada"), wide])
        assert refused.value.code == "entry/too-large"
        assert size(workspace) == 1
        # The keys that were made for it do no harm.
        assert record(workspace, [says("ada")]).count == 2
        publish_now(workspace)
        assert problems(workspace.places.root) == []


def test_nothing_at_all_is_no_record(opened: Open) -> None:
    with opened() as workspace, pytest.raises(InputError) as refused:
        record(workspace, [])
    assert refused.value.code == "ledger/no-entry"


def test_a_repeated_request_gets_the_first_answer(opened: Open) -> None:
    with opened() as workspace:
        first = record(workspace, [says("ada")], request="a")
    with opened(LATER) as workspace:
        again = record(workspace, [says("ada")], request="a")
        assert (again.first, again.count, again.time) == (first.first, first.count, NOW)
        assert again.again
        assert size(workspace) == 3


def test_a_public_text_is_there_when_its_entry_is_published(opened: Open) -> None:
    text = b"what we promise"
    with opened() as workspace:
        record(workspace, [INCIDENT], objects=[text])
        path = f"object/sha256/{digest(text)}"
        publish_now(workspace)
        assert workspace.log.tree.read(path) == text


def test_what_is_decided_by_the_same_transaction_is_recorded_with_it(opened: Open) -> None:
    with opened() as workspace:
        keys = keys_of(workspace, ["ada"])
        with pytest.raises(KeyError), workspace.store.transaction() as tx:
            record_in(workspace, tx, [INCIDENT, says("ada"), says("bob")], keys)
        assert size(workspace) == 1
        with workspace.store.transaction() as tx:
            record_in(workspace, tx, [says("ada")], keys)
            record_in(workspace, tx, [INCIDENT], {})
        assert size(workspace) == 4
        publish_now(workspace)
        assert problems(workspace.places.root) == []


# Publishing


def test_publishing_twice_signs_once(opened: Open) -> None:
    with opened() as workspace:
        record(workspace, [INCIDENT])
        first = publish_now(workspace)
        again = publish_now(workspace)
        assert (first.added, again.added) == (1, 0)
        assert first.note == again.note == workspace.log.tree.read(CHECKPOINT)


def test_who_publishes_while_another_does_comes_after_it(opened: Open) -> None:
    """A site that is served publishes each second: nobody's command ends because it came in one of them."""
    with opened() as workspace:
        record(workspace, [INCIDENT])
        with ExitStack() as holding:
            holding.enter_context(locked(workspace.places.lock))
            ends = threading.Timer(0.05, holding.pop_all().close)
            ends.start()
            assert publish_now(workspace).added == 1
            ends.join()


def test_while_another_publishes_nobody_does(opened: Open) -> None:
    with opened() as workspace, locked(workspace.places.lock):
        record(workspace, [INCIDENT])
        with pytest.raises(ConflictError) as refused:
            publish_now(workspace)
        assert refused.value.code == "store/locked"
    with opened() as workspace:
        assert publish_now(workspace).added == 1


# Several at once


@contextmanager
def another(root: Path) -> Iterator[Workspace]:
    with open_workspace(root, now=NOW) as workspace:
        yield workspace


def test_two_who_opened_it_write_one_log(root: Path, opened: Open) -> None:
    """Each reads the head anew, and who is second goes on from the first."""
    with opened() as one, another(root) as other:
        for number in range(10):
            record(one, [says("ada"), says(f"one {number}")])
            record(other, [says("ada"), says(f"other {number}")])
        publish_now(other)
        publish_now(one)
        assert list(tags_twice(one)) == []
    assert problems(root) == []


def test_threads_that_write_at_once_lose_nothing(root: Path) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with another(root) as workspace:
                for number in range(15):
                    # The same new member for all of them: one key, one stream, one enrolment.
                    record(workspace, [says(f"new {number}"), says(name)])
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [
        threading.Thread(target=write, args=(f"writer {number}",)) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with another(root) as workspace:
        assert size(workspace) == 1 + 4 * 15 * 2 + 15 + 4
        assert list(tags_twice(workspace)) == []
        publish_now(workspace)
    assert problems(root) == []


def test_a_second_key_of_a_member_is_never_used(root: Path, opened: Open) -> None:
    """Another process makes the member's key between our look and our own."""
    with opened() as one, another(root) as other:
        add = one.keys.add

        def late(secrets: object) -> None:
            one.keys.add = add  # type: ignore[method-assign]  # the next call goes through
            record(other, [says("ada")])
            add(secrets)  # type: ignore[arg-type]  # handed on as it came

        one.keys.add = late  # type: ignore[method-assign]  # another comes in between
        assert record(one, [says("ada", "off")]).count == 1
        assert stream_of(one, "ada") == [
            EnrolEntry(member="ada"), says("ada").says, says("ada", "off").says,
        ]  # fmt: skip


def test_nothing_comes_after_an_erasure(root: Path, opened: Open) -> None:
    """Whoever had the key in hand when its member was erased records nothing by it."""
    with opened() as one, another(root) as other:
        put(one, "ada")
        keys = keys_of(one, ["ada"])
        erase_members(other, ["ada"])
        before = size(one)
        with pytest.raises(ConflictError) as refused, one.store.transaction() as tx:
            record_in(one, tx, [says("ada")], keys)
        assert refused.value.code == "members/erased"
        assert size(one) == before
        # Who comes back begins anew.
        assert record(one, [says("ada")]).count == 2
        publish_now(one)
    assert problems(root) == []


def test_a_full_disk_is_no_acknowledgement(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as workspace:
        database = workspace.store._database
        run = database.run

        def full(statement: str, *values: object) -> object:
            if statement == "COMMIT":
                raise UnavailableError("the disk is full", code="store/disk")
            return run(statement, *values)  # type: ignore[arg-type]  # handed on as it came

        with monkeypatch.context() as patch:
            patch.setattr(database, "run", full)
            with pytest.raises(UnavailableError):
                record(workspace, [says("ada")])
        with pytest.raises(UnavailableError) as refused:
            record(workspace, [says("ada")])
        assert refused.value.code == "store/unknown-state"
    with opened() as workspace:
        assert size(workspace) == 1
        assert record(workspace, [says("ada")]).count == 2


def test_what_waits_too_long_to_be_published_stops_the_recording(tmp_path: Path) -> None:
    """LED-68: by the system's clock; publishing lets it go on."""
    root = tmp_path / "workspace"
    found_workspace(root, WorkspaceSettings(origin="example.com/log"))
    with open_workspace(root) as workspace:
        now = workspace.now()
        record(workspace, [says("ada")])
        soon = replace(workspace, now=lambda: now + MERGE_DELAY)
        late = replace(workspace, now=lambda: now + MERGE_DELAY + 5)
        record(soon, [says("ada")])
        with pytest.raises(UnavailableError) as refused:
            record(late, [says("ada")])
        assert refused.value.code == "workspace/backlog"
        publish_now(late)
        record(late, [says("ada")])


def unpublished(root: Path) -> int:
    """How many entries nobody can read yet."""
    with opened_parts(root, look=True) as workspace:
        signed = workspace.store.last_signed()
        return size(workspace) - (0 if signed is None else signed[0])


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (ConflictError("no", code="release/empty"), 0), (InputError("no", code="clear/key"), 0),
        (KeyboardInterrupt(), 0), (SystemExit(143), 0),
        (UnavailableError("no", code="store/disk"), 2),
    ],
    ids=repr,
)  # fmt: skip
def test_what_was_recorded_before_a_refusal_is_published(
    tmp_path: Path, error: BaseException, left: int
) -> None:
    """LED-68: nobody comes after it who would do it; but where the disk failed the next start looks at it first."""
    root = tmp_path / "workspace"
    found_workspace(root, WorkspaceSettings(origin="example.com/log"))
    with open_workspace(root) as workspace:
        publish_now(workspace)

    def recorded() -> None:
        with open_workspace(root) as workspace:
            record(workspace, [says("ada")])
            raise error

    with pytest.raises(type(error)):
        recorded()
    assert unpublished(root) == left


def test_what_a_killed_process_left_keeps_nobodys_no_from_being_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LED-68: who comes first publishes it."""
    root = tmp_path / "workspace"
    found_workspace(root, WorkspaceSettings(origin="example.com/log"))
    with open_workspace(root) as workspace:
        publish_now(workspace)
        record(workspace, [says("ada")])
        now = workspace.now()
    assert unpublished(root) == 2
    monkeypatch.setattr(time, "time", lambda: now + MERGE_DELAY + 5)
    with open_workspace(root) as workspace:
        assert record(workspace, [says("ada")]).count == 1
    assert unpublished(root) == 1
