# SPDX-License-Identifier: Apache-2.0
"""A workspace is founded once, whole, with what its log began with written into it for good."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from tests.unit.app.workspace.conftest import BEGAN, NOW, SETTINGS
from tests.unit.app.workspace.worlds import content, problems

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace import founding
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import new_workspace, open_workspace
from privity.app.workspace.recording import record
from privity.config.workspace import WorkspaceSettings
from privity.entries.incident import IncidentEntry
from privity.errors import ConflictError, InputError, PrivityError, VerificationError


def test_a_new_workspace_has_one_entry_that_anybody_can_verify(tmp_path: Path) -> None:
    founded = found_workspace(tmp_path / "w", SETTINGS, now=BEGAN)
    verified = verify_tree(open_tree(str(tmp_path / "w"), (founded.vkey,)))
    genesis = verified.contents.genesis
    assert genesis is not None
    assert (genesis.origin, genesis.clock, genesis.attested, genesis.vkey) == (
        SETTINGS.origin, "simulated", "restrict", founded.vkey,
    )  # fmt: skip
    assert (verified.contents.first, founded.time) == (BEGAN, BEGAN)
    assert problems(tmp_path / "w") == []


def test_what_is_private_is_the_owners_alone(tmp_path: Path) -> None:
    found_workspace(tmp_path / "w", SETTINGS, now=BEGAN)
    root = tmp_path / "w"
    for name in ("keys/log.key", "state/ledger.db", "vault/keys.db"):
        assert stat.S_IMODE((root / name).stat().st_mode) == 0o600, name
        assert stat.S_IMODE((root / name).parent.stat().st_mode) == 0o700, name
    key = (root / "keys" / "log.key").read_bytes()[-40:]
    assert [name for name, data in content(root).items() if key in data] == ["keys/log.key"]


def test_the_system_clock_says_when_it_began(tmp_path: Path) -> None:
    founded = found_workspace(tmp_path / "w", WorkspaceSettings(origin="example.com/log"))
    assert founded.time > BEGAN
    with pytest.raises(InputError) as refused:
        found_workspace(tmp_path / "v", WorkspaceSettings(origin="example.com/log"), now=BEGAN)
    assert refused.value.code == "workspace/clock"
    assert not (tmp_path / "v" / "privity.toml").exists()


@pytest.mark.parametrize(
    ("origin", "clock"),
    [
        ("example.com/log", "simulated"),
        ("example.com/simulated", "system"),
        ("https://example.com/log", "system"),
        ("https://example.com/simulated", "simulated"),
    ],
)
def test_the_name_of_a_log_is_no_address_and_tells_its_clock(
    tmp_path: Path, origin: str, clock: str
) -> None:
    settings = replace(
        SETTINGS, origin=origin, clock="simulated" if clock == "simulated" else "system"
    )
    with pytest.raises(InputError) as refused:
        found_workspace(tmp_path / "w", settings)
    assert refused.value.code == "workspace/origin"
    assert not (tmp_path / "w").exists()


def test_nothing_is_founded_where_something_is(tmp_path: Path) -> None:
    found_workspace(tmp_path / "w", SETTINGS, now=BEGAN)
    (tmp_path / "file").write_text("a", encoding="ascii")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("a", encoding="ascii")
    for taken in ("w", "file", "full"):
        before = content(tmp_path)
        with pytest.raises(ConflictError) as refused:
            found_workspace(tmp_path / taken, SETTINGS, now=BEGAN)
        assert refused.value.code == "workspace/exists"
        assert content(tmp_path) == before


class Stopped(BaseException):
    """A process that was killed."""


@pytest.mark.parametrize("step", ["record", "publish_now"])
def test_what_was_begun_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_arguments: object, **_named: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(founding, step, stop)
        with pytest.raises(Stopped):
            found_workspace(tmp_path / "w", SETTINGS, now=BEGAN)
    with pytest.raises(InputError) as refused, open_workspace(tmp_path / "w"):
        pass
    assert refused.value.code == "workspace/missing"
    # What was written aside when the settings were to be written stands in nobody's way.
    (tmp_path / "w" / ".privity.toml.new").write_bytes(b"origin = ")
    founded = found_workspace(tmp_path / "w", SETTINGS, now=NOW)
    assert founded.time == (NOW if step == "record" else BEGAN)
    with open_workspace(tmp_path / "w") as workspace:
        assert workspace.store.head().size == 1
    assert problems(tmp_path / "w") == []


def test_what_was_begun_with_other_settings_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(founding, "publish_now", stop)
        with pytest.raises(Stopped):
            found_workspace(tmp_path / "w", SETTINGS, now=BEGAN)
    for settings, code in (
        (replace(SETTINGS, attested="accept"), "workspace/genesis"),
        (WorkspaceSettings(origin="example.com/log"), "store/other-log"),
    ):
        with pytest.raises(PrivityError) as refused:
            found_workspace(tmp_path / "w", settings)
        assert refused.value.code == code
        assert not (tmp_path / "w" / "privity.toml").exists()


def test_a_log_begins_with_its_genesis(tmp_path: Path) -> None:
    with (
        pytest.raises(VerificationError) as refused,
        new_workspace(tmp_path / "w", SETTINGS, now=BEGAN) as workspace,
    ):
        record(workspace, [IncidentEntry(incident="early", text="before the beginning")])
    assert refused.value.code == "workspace/genesis"
    assert not (tmp_path / "w" / "privity.toml").exists()


def test_who_comes_while_it_is_made_finds_it_made(tmp_path: Path) -> None:
    for number in range(5):
        root, together = tmp_path / f"w{number}", Barrier(3)

        def found(root: Path = root, together: Barrier = together) -> str:
            together.wait()
            try:
                found_workspace(root, SETTINGS, now=BEGAN)
            except ConflictError as error:
                return error.code
            return "made"

        with ThreadPoolExecutor(3) as threads:
            said = [one.result() for one in [threads.submit(found) for _ in range(3)]]
        assert sorted(said) == ["made", "workspace/exists", "workspace/exists"]
        assert problems(root) == []
        assert not list((root / "state").glob("founding*"))
