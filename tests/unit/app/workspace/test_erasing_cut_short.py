# SPDX-License-Identifier: Apache-2.0
"""An erasure that was cut short, or was undone by what was put back, is finished by whoever comes next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open
from tests.unit.app.workspace.erased import ADA, WORDS, public, secret_of, traces
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

from privity.app.workspace import baseline_erasing, baseline_recording, erasing, once
from privity.app.workspace.backing_up import back_up
from privity.app.workspace.baseline_erasing import settle_baselines, take_back_baselines
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.recording import publish_now, record
from privity.app.workspace.repairing import repair_workspace
from privity.entries.baseline import BaselineEntry
from privity.entries.erasure import ErasureBatchEntry
from privity.errors import ConflictError, InputError
from privity.store.baselines import kept_files


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
