# SPDX-License-Identifier: Apache-2.0
"""`privity ledger verify --receipt` tells whether a log has more of a member than what she was given (specs/entry.md, [ENT-73])."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Done, Program
from tests.integration.workspaces import Made, make

from privity.app.held_by_member import check_file_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.encode import encode_canonical
from privity.entries.streams import commit, event_key
from privity.testing.plain import AT, fact

MEMBER = "m1"
Value = dict[str, Any]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Value]:
    """A log, the same log before a member's last event, and what she holds of the newest."""
    made = make(tmp_path_factory.mktemp("held"), count=20)
    before = made.root.parent / "before"
    with open_workspace(made.root, now=AT) as workspace:
        publish_now(workspace)
    shutil.copytree(made.root / "public", before)
    made.record(fact("notice", "2025-06-01", "more", member=MEMBER))
    with open_workspace(made.root, now=AT) as workspace:
        publish_now(workspace)
    return made.root / "public", before, held_by(made)


def held_by(made: Made) -> Value:
    with open_workspace(made.root) as workspace:
        found = check_file_of(workspace, MEMBER)
    assert found is not None
    value: Value = json.loads(found.to_bytes())
    return value


@pytest.fixture
def verify(
    log: tuple[Path, Path, Value], tmp_path: Path, program: Program
) -> Callable[..., Done]:
    """Verify the log with a file that was changed."""

    def run(
        change: Callable[[Value], object], *more: str, of: Path = log[0], alone: bool = False
    ) -> Done:
        value = json.loads(json.dumps(log[2]))
        change(value)
        path = tmp_path / "held.json"
        path.write_bytes(encode_canonical(value["receipt"] if alone else value))
        return program(
            "ledger", "verify", of, "--vkey", log[0] / "vkey", "--receipt", path, *more
        )

    return run


def cut(value: Value) -> None:
    value["receipt"]["events"].pop()
    value["proofs"].pop()


def cut_twice(value: Value) -> None:
    cut(value)
    cut(value)


def same(_value: Value) -> None:
    """Leave it as it is."""


@pytest.mark.parametrize("alone", [False, True], ids=["all-that-she-holds", "receipt"])
def test_a_log_that_has_no_more_of_her_is_said_to_have_none(
    verify: Callable[..., Done], log: tuple[Path, Path, Value], *, alone: bool
) -> None:
    """ENT-73."""
    count = len(log[2]["receipt"]["events"])
    done = verify(same, alone=alone)
    assert done.code == 0, done.err
    said = f"{count} entries of {MEMBER}, all in this log, and none of hers after them"
    assert f"  receipt  {said}" in done.out
    told = json.loads(verify(same, "--json", alone=alone).out)["receipt"]
    assert told == {"entries": count, "entries_in_log": count, "member": MEMBER}


def test_an_entry_that_was_kept_from_her_is_found(
    verify: Callable[..., Done], log: tuple[Path, Path, Value]
) -> None:
    """ENT-73: what she holds holds by itself, and the log has more."""
    last = log[2]["receipt"]["events"][-1]["index"]
    done = verify(cut)
    assert done.code == 3
    assert f"an entry of hers after the last in the file: entry {last:,}" in done.err
    assert "everything holds" not in done.out


def test_two_that_were_kept_from_her_are_counted(verify: Callable[..., Done]) -> None:
    """ENT-73."""
    done = verify(cut_twice)
    assert done.code == 3
    assert ", and 1 more" in done.err


def test_a_log_of_before_lacks_what_came_later(
    verify: Callable[..., Done], log: tuple[Path, Path, Value]
) -> None:
    """ENT-73: what an older log does not have yet is said to wait."""
    done = verify(same, of=log[1])
    assert done.code == 0, done.err
    assert "1 not in this log yet, and none of hers after them" in done.out


def made_up(value: Value, index: int | None = None) -> None:
    """Put another event of hers in place of the last."""
    events = value["receipt"]["events"]
    key = event_key(base64.b64decode(value["receipt"]["key"]), len(events))
    payload = events[-1]["payload"].replace("more", "less")
    entry = json.loads(events[-1]["entry"])
    entry["c"] = base64.b64encode(commit(key, payload.encode())).decode()
    events[-1].update(entry=encode_canonical(entry).decode(), payload=payload)
    if index is not None:
        events[-1]["index"] = index


@pytest.mark.parametrize("index", [None, 1 << 40], ids=["in-its-place", "not-entered-yet"])
def test_an_entry_that_was_made_up_is_not_the_logs(
    verify: Callable[..., Done], index: int | None
) -> None:
    """ENT-73: in its place, or said to come later, while the log has what has that number."""
    done = verify(lambda one: made_up(one, index), alone=True)
    assert done.code == 3
    assert "of the log is not as it says" in done.err


def test_a_receipt_of_another_log_is_none_of_this(
    verify: Callable[..., Done], log: tuple[Path, Path, Value]
) -> None:
    """ENT-73."""
    example = Path(__file__).resolve().parents[2] / "examples" / "ledger"
    origin = log[2]["receipt"]["origin"]
    done = verify(same, "--vkey", str(example / "vkey"), of=example / "public", alone=True)
    assert done.code == 3
    assert f"it is of the log `{origin}`, and this is" in done.err
