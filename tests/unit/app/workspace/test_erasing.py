# SPDX-License-Identifier: Apache-2.0
"""Who is erased is gone from every byte of the workspace, and everything else is as it was."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open, size
from tests.unit.app.workspace.worlds import (
    DATABASES,
    content,
    keep,
    members_of,
    problems,
    put,
    put_back,
    put_baseline,
    says,
)

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace import baseline_erasing, baseline_recording, erasing, once
from privity.app.workspace.backing_up import back_up, expire_backups
from privity.app.workspace.baseline_erasing import settle_baselines, take_back_baselines
from privity.app.workspace.erasing import erasable, erase_members
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.recording import Private, key_name, publish_now, record
from privity.app.workspace.repairing import repair_workspace
from privity.entries.baseline import BaselineEntry
from privity.entries.decode import PublicEntry, decode
from privity.entries.envelope import MemberEvent, parse_event
from privity.entries.erasure import ErasureBatchEntry, is_erasure
from privity.entries.fact import FactEntry
from privity.errors import ConflictError, InputError
from privity.store.baselines import kept_files
from privity.store.lock import locked

WORDS = "what-only-ada-ever-said"
ADA = Private(
    member="ada-1815",
    says=FactEntry(
        member="ada-1815",
        fact="setting",
        value="on",
        at=1_700_000_000,
        detail={"setting": WORDS, "scope": "all"},
    ),
)
DAY = 86_400


def public(workspace: Workspace, kind: type) -> list[tuple[int, object]]:
    """The entries of a public kind."""
    found: list[tuple[int, object]] = []
    for stored in workspace.store.entries(0, size(workspace)):
        entry = decode(stored.data, origin=workspace.settings.origin)
        if isinstance(entry, PublicEntry) and isinstance(entry.says, kind):
            found.append((stored.place, entry.says))
    return found


def secret_of(workspace: Workspace, member: str) -> bytes:
    key = workspace.keys.get(key_name(member))
    assert key is not None
    return key.secret


def traces(folder: Path, wanted: Collection[bytes]) -> set[str]:
    """The files in which any of some bytes is, as they are, in hexadecimal or in base64."""
    forms = {form for one in wanted for form in (one, one.hex().encode(), b64encode(one)[:-4])}
    return {
        name for name, data in content(folder).items() if any(form in data for form in forms)
    }


def test_after_an_erasure_no_byte_is_left(root: Path, opened: Open, tmp_path: Path) -> None:
    """ledger.md 5.3, row 16: database, journals, tree, projection, baselines, and backups but for their keys."""
    with opened() as workspace:
        # Rows that move about, so that pages have copies of some.
        put(workspace, *(f"other {number:04}" for number in range(300)))
        for number in range(40):
            record(workspace, [ADA, says(f"other {number:04}")])
        put_baseline(workspace, tmp_path, ["bob", "ada-1815", "cleo", "ada-1815"])
        catch_up(workspace)
        secret = secret_of(workspace, "ada-1815")
        back_up(workspace, tmp_path / "backups", tree=True)
    wanted = [secret, b"ada-1815", WORDS.encode()]
    assert traces(root, [secret]) == {"vault/keys.db"}
    assert traces(root, [WORDS.encode()]) == {"state/projection.db"}
    assert any(name.endswith(".parquet") for name in traces(root, [b"ada-1815"]))
    with opened(LATER) as workspace:
        done = erase_members(workspace, ["ada-1815"])
        assert (done.members, done.payloads, [one.erased for one in done.baselines]) == (
            1,
            42,
            [2],
        )
    assert traces(root, wanted) == set()
    held = traces(tmp_path / "backups", wanted)
    assert held
    assert all("/vault/" in name for name in held)
    # Sealed payloads are in the kept part, and nothing opens them.
    assert not any("/log/" in name for name in held)
    expire_backups(tmp_path / "backups", now=LATER + 31 * DAY)
    assert traces(tmp_path / "backups", wanted) == set()
    assert problems(root) == []


def test_the_log_ends_the_stream_and_counts_it(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "ada", "bob")
        key = workspace.keys.get("tada")
        assert key is not None
        before = size(workspace)
        erase_members(workspace, ["ada"])
        assert [one for _, one in public(workspace, ErasureBatchEntry)] == [
            ErasureBatchEntry(count=1)
        ]
        (last, _) = workspace.store.entries(before, before + 2)
        event = parse_event(last.data)
        assert isinstance(event, MemberEvent)
        assert is_erasure(event, key=key.secret, number=4)
        assert workspace.keys.get("tada") is None
        assert list(workspace.store.sealed_of(key.stream)) == []
        assert len(list(workspace.store.sealed(0, size(workspace)))) == 2
    verify_tree(open_tree(str(root)))


def test_nothing_of_others_changes(root: Path, opened: Open, tmp_path: Path) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "bob")
        put_baseline(workspace, tmp_path, ["bob", "ada", "cleo"])
        secret = secret_of(workspace, "bob")
        sealed = [one for one in workspace.store.sealed(0, size(workspace)) if one.stream == 2]
        before = [stored.data for stored in workspace.store.entries(0, size(workspace))]
        erase_members(workspace, ["ada"])
        after = [stored.data for stored in workspace.store.entries(0, len(before))]
        assert after == before
        assert secret_of(workspace, "bob") == secret
        assert [
            one for one in workspace.store.sealed(0, size(workspace)) if one.stream == 2
        ] == sealed
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob", "cleo"]
    assert problems(root) == []


def test_several_are_erased_by_one_count(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "cleo")
        erase_members(workspace, ["ada", "cleo", "ada"])
        assert [one for _, one in public(workspace, ErasureBatchEntry)] == [
            ErasureBatchEntry(count=2)
        ]
        assert [key.member for key in workspace.keys.all()] == ["tbob"]
    assert problems(root) == []


def test_who_comes_back_begins_anew(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        secret = secret_of(workspace, "ada")
        erase_members(workspace, ["ada"])
        put(workspace, "ada")
        assert secret_of(workspace, "ada") != secret
        erase_members(workspace, ["ada"])
        assert list(workspace.keys.all()) == []
    assert problems(root) == []


def test_who_is_not_there_cannot_be_erased(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        before = size(workspace)
        for members in (["bob"], ["ada", "bob"]):
            with pytest.raises(InputError) as refused:
                erase_members(workspace, members)
            assert refused.value.code == "members/unknown"
        assert size(workspace) == before
        erase_members(workspace, ["ada"])
        with pytest.raises(InputError):
            erase_members(workspace, ["ada"])
    assert problems(root) == []


def test_what_would_be_erased_is_told_before(opened: Open, tmp_path: Path) -> None:
    with opened() as workspace:
        put(workspace, "ada", "ada")
        put_baseline(workspace, tmp_path, ["ada", "bob", "ada"])
        found = erasable(workspace, ["ada", "bob", "ada"])
        assert (found.members, found.events) == (("ada", "bob"), 3)
        assert (found.baseline_facts, found.baselines) == (3, 1)


def test_while_another_publishes_nobody_is_erased(opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        before = size(workspace)
        with locked(workspace.places.lock), pytest.raises(ConflictError) as refused:
            erase_members(workspace, ["ada"])
        assert refused.value.code == "store/locked"
        assert size(workspace) == before


# Baselines


def test_who_is_known_by_a_baseline_alone_is_erased_like_anybody(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    """It gets a stream that ends at once: nobody can tell it from others."""
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob"])
        before = size(workspace)
        done = erase_members(workspace, ["ada"])
        assert [one.erased for one in done.baselines] == [1]
        # Enrolled, ended, counted, and the baseline.
        assert size(workspace) == before + 4
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob"]
        with pytest.raises(InputError):
            erase_members(workspace, ["ada"])
    assert problems(root) == []


def test_a_baseline_is_replaced_once_for_each_erasure(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob", "cleo", "bob"])
        for member in ("ada", "bob", "cleo"):
            erase_members(workspace, [member])
        found = [
            (one.rows, one.replaces and (one.replaces.erased, len(one.replaces.tags)))
            for _, one in public(workspace, BaselineEntry)
            if isinstance(one, BaselineEntry)
        ]
        assert found == [(4, None), (3, (1, 1)), (1, (2, 1)), (0, (1, 1))]
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == []
        assert len(list(workspace.places.baselines.glob("*.opening*"))) == 1
    assert problems(root) == []


def test_more_members_than_one_entry_takes_go_by_several(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    members = [f"m{number:03}" for number in range(70)]
    with opened() as workspace:
        put_baseline(workspace, tmp_path, [*members, "bob"])
        erase_members(workspace, members)
        tags = [
            len(one.replaces.tags)
            for _, one in public(workspace, BaselineEntry)
            if isinstance(one, BaselineEntry) and one.replaces is not None
        ]
        assert tags == [64, 6]
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob"]
    assert problems(root) == []


def test_ids_that_are_numbers_are_erased_from_files_of_numbers(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    with opened() as workspace:
        put_baseline(workspace, tmp_path, [17, 18, 17])
        erase_members(workspace, [17])
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == [18]
        assert baseline_erasing.present_in(kept.path, ["18"]).facts == 0
    assert problems(root) == []


# Crashes


class Killed(BaseException):
    """The end of a process."""


STEPS: dict[str, tuple[object, str]] = {
    "the streams ended": (erasing, "_end"),
    "a file without them is kept": (baseline_erasing, "_keep"),
    "the baseline is said": (baseline_erasing, "record"),
    "the old file is gone": (baseline_erasing, "remove_kept"),
    "the baselines are done": (erasing, "erase_from_baselines"),
    "the projection is done": (erasing, "forget"),
}
"""Moments of an erasure: after which function."""


def kill_after(patch: pytest.MonkeyPatch, module: object, name: str) -> None:
    real: Callable[..., object] = getattr(module, name)

    def last(*given: object, **named: object) -> None:
        real(*given, **named)
        raise Killed

    patch.setattr(module, name, last)


@pytest.mark.parametrize("again", [False, True], ids=["by any command", "by a repeat"])
@pytest.mark.parametrize("moment", [*STEPS, "the key is gone", "it is over"])
def test_an_erasure_that_was_cut_short_is_finished(
    root: Path,
    opened: Open,
    tmp_path: Path,
    moment: str,
    again: bool,  # noqa: FBT001 - a case's value
) -> None:
    with opened() as workspace:
        record(workspace, [ADA, says("bob"), ADA])
        put_baseline(workspace, tmp_path, ["bob", "ada-1815"])
        (tmp_path / "facts.parquet").unlink()
        catch_up(workspace)
        secret = secret_of(workspace, "ada-1815")
    with pytest.MonkeyPatch.context() as patch, opened() as workspace:
        if moment in STEPS:
            kill_after(patch, *STEPS[moment])
        else:
            owner = workspace.keys if moment == "the key is gone" else workspace.store.vault
            kill_after(patch, owner, "erase" if moment == "the key is gone" else "put_ended")
        with pytest.raises(Killed):
            erase_members(workspace, ["ada-1815"])
    with opened() as workspace:
        # Whoever opens it reads nothing of her any more.
        assert traces(root, [secret, b"ada-1815", WORDS.encode()]) == set()
        if again:
            with pytest.raises(InputError):
                erase_members(workspace, ["ada-1815"])
        publish_now(workspace)
        assert len(public(workspace, ErasureBatchEntry)) == 1
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob"]
        assert workspace.store.vault.ending() == []
    assert problems(root) == []


def test_keys_that_were_removed_and_not_written_over_are_written_over(
    root: Path, opened: Open
) -> None:
    """Killed between the commit that removes a key and the file's writing anew."""
    with opened() as workspace:
        put(workspace, "ada", "bob")
        database = workspace.keys._database
        run = database.run
        with pytest.MonkeyPatch.context() as patch:

            def stop(statement: str, *values: object) -> object:
                if statement == "VACUUM":
                    raise Killed
                return run(statement, *values)  # type: ignore[arg-type]  # handed on as it came

            patch.setattr(database, "run", stop)
            with pytest.raises(Killed):
                erase_members(workspace, ["ada"])
    with open_workspace(root) as workspace:
        assert workspace.store.vault.ending() == []
        assert workspace.keys.erasures == workspace.store.vault.erasures == 1
    assert problems(root) == []


# What was put back


def test_keys_that_were_put_back_erase_again(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
        secret = secret_of(workspace, "ada")
    kept = keep(root)
    with opened() as workspace:
        erase_members(workspace, ["ada"])
    put_back(root, kept, "vault/keys.db")
    assert traces(root, [secret]) == {"vault/keys.db"}
    done = repair_workspace(root, now=LATER)
    assert (done.vault.erased, done.vault.incidents) == (1, 0)
    assert traces(root, [secret]) == set()
    assert problems(root) == []


def test_everything_that_was_put_back_erases_again(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    """The database knows nothing of the erasure; the public tree does, and the key finds it there."""
    with opened() as workspace:
        record(workspace, [ADA, says("bob")])
        put_baseline(workspace, tmp_path, ["bob", "ada-1815", "cleo", "dan"])
        (tmp_path / "facts.parquet").unlink()
        secret = secret_of(workspace, "ada-1815")
        back_up(workspace, tmp_path / "backups")
    kept = keep(root)
    with opened() as workspace:
        # Cleo has no key before: only the baseline's own tags tell that she went.
        erase_members(workspace, ["ada-1815"])
        erase_members(workspace, ["cleo"])
        entries = len(public(workspace, BaselineEntry))
    put_back(root, kept, *DATABASES)
    for path in (kept / "vault" / "baseline").iterdir():
        (root / "vault" / "baseline" / path.name).write_bytes(path.read_bytes())
    assert b"cleo" in b"".join(content(root / "vault").values())
    done = repair_workspace(root, now=LATER)
    assert done.vault.erased == 1
    assert traces(root, [secret, b"ada-1815", b"cleo", WORDS.encode()]) == set()
    with opened(LATER) as workspace:
        (file,) = kept_files(workspace.places.baselines)
        assert members_of(file.path) == ["bob", "dan"]
        # The same file as before: nothing new had to be said of it.
        assert len(public(workspace, BaselineEntry)) == entries
    assert problems(root) == []


def test_a_baseline_that_other_code_would_write_otherwise_is_said_anew(
    root: Path, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob", "cleo"])
        kept = keep(workspace.places.baselines, "files")
        erase_members(workspace, ["ada"])
        erase_members(workspace, ["bob"])
        (now,) = kept_files(workspace.places.baselines)
        now.path.unlink()
        write = pq.ParquetWriter

        def other(*given: object, **named: object) -> object:
            return write(*given, **{**named, "compression": "zstd"})

        monkeypatch.setattr(pq, "ParquetWriter", other)
        assert take_back_baselines(workspace, kept) == 1
        settle_baselines(workspace)
        publish_now(workspace)
        (file,) = kept_files(workspace.places.baselines)
        assert members_of(file.path) == ["cleo"]
        says_so = [one for _, one in public(workspace, BaselineEntry)][-1]
        assert isinstance(says_so, BaselineEntry)
        assert says_so.replaces is not None
        assert (says_so.replaces.erased, says_so.replaces.tags) == (0, ())
    assert problems(root) == []


def test_a_file_that_nobody_committed_to_goes_with_its_member(
    root: Path, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its import was killed before it said so."""
    with opened() as workspace:
        put(workspace, "ada")

        def stop(*_given: object, **_named: object) -> None:
            raise Killed

        monkeypatch.setattr(baseline_recording, "record_once", stop)
        with pytest.raises(Killed):
            put_baseline(workspace, tmp_path, ["ada", "bob"])
        assert len(list(kept_files(workspace.places.baselines))) == 1
        erase_members(workspace, ["ada"])
        assert list(kept_files(workspace.places.baselines)) == []
    assert problems(root) == []


def test_an_erasure_needs_no_projection(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        assert not workspace.places.projection.exists()
        erase_members(workspace, ["ada"])
        assert workspace.now() == NOW
    assert problems(root) == []


def test_a_baseline_whose_copy_an_erasure_removed_is_not_said(
    root: Path, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure came between the copying and the entry."""
    with opened() as workspace, opened() as other:
        put(workspace, "ada")
        real = once.record_once

        def late(*given: Any, **named: Any) -> object:
            erase_members(other, ["ada"])
            return real(*given, **named)

        monkeypatch.setattr(baseline_recording, "record_once", late)
        with pytest.raises(ConflictError) as refused:
            put_baseline(workspace, tmp_path, ["ada", "bob"])
        assert refused.value.code == "workspace/baseline-gone"
        assert public(workspace, BaselineEntry) == []
    assert problems(root) == []
