# SPDX-License-Identifier: Apache-2.0
"""What a command makes goes over nothing that is there, and over no input by another name (docs/cli.md)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

PUBLIC = SMALL.parent / "ledger" / "public"


def symlink(path: Path, table: Path) -> Path:
    path.symlink_to(table)
    return path


def hard_link(path: Path, table: Path) -> Path:
    path.hardlink_to(table)
    return path


def relative(path: Path, table: Path) -> Path:
    path.mkdir()
    return path / ".." / table.name


def itself(_path: Path, table: Path) -> Path:
    return table


def other(path: Path, _table: Path) -> Path:
    path.write_text("somebody else's")
    return path


def dangling(path: Path, table: Path) -> Path:
    path.symlink_to(table.with_name("nowhere"))
    return path


NAMES = [symlink, hard_link, relative, itself, other, dangling]


@pytest.mark.parametrize("named", NAMES, ids=lambda one: one.__name__)
def test_facts_are_never_written_over_what_is_there(
    run: Run, tmp_path: Path, named: object
) -> None:
    assert callable(named)
    table = tmp_path / "accounts.csv"
    shutil.copy(SMALL / "accounts.csv", table)
    out = named(tmp_path / "other.csv", table)
    there = out.read_bytes() if out.exists() else None
    done = run("members", "from-table", SMALL / "accounts.toml", table, "--out", out)
    assert (done.code, done.out) == (4, "")
    assert done.err == (
        f"privity: {out}: the output exists, expected a name that is free\n"
        "  hint: choose another file, or remove this one first\n"
    )
    assert table.read_bytes() == (SMALL / "accounts.csv").read_bytes()
    assert (out.read_bytes() if out.exists() else None) == there


def test_a_proof_is_never_written_over_what_is_there(run: Run, tmp_path: Path) -> None:
    asked = ("ledger", "prove", "3", "--from", PUBLIC)
    names = tmp_path / "3.tlog-proof", tmp_path / "3.json"
    for mine, free in (names, names[::-1]):
        mine.write_text("mine")
        done = run(*asked, "--out", names[0], "--entry", names[1])
        assert (done.code, mine.read_text(), free.exists()) == (4, "mine", False)
        mine.unlink()
    assert run(*asked, "--out", names[0], "--entry", names[0]).code == 4


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Give what a workspace is told by."""
    (tmp_path / "network" / "public").mkdir(parents=True)
    (tmp_path / "network" / "privity.toml").write_text("")
    return tmp_path / "network"


ASKS = {
    "clear": ("clear", SMALL / "records.jsonl", *ASKED, "--recipient", "self", "--out"),
    "audit": ("audit", "replay", "--workspace", PUBLIC, "--out"),
    "from-table": (
        *("members", "from-table", SMALL / "accounts.toml", SMALL / "accounts.csv"),
        "--out",
    ),
    "entry": ("ledger", "prove", "3", "--from", PUBLIC, "--out", "3.proof", "--entry"),
    "proof": ("ledger", "prove", "3", "--from", PUBLIC, "--out"),
    "checkpoint": ("ledger", "verify", PUBLIC, "--save"),
    "member's proof": ("release", "prove", "--member", "ana", "--workspace", PUBLIC, "--out"),
    "acknowledgement": ("recipient", "acknowledge", "copy", "--key", "lab.key", "--out"),
    "ticket": ("run", "start", "summer", "--recipient", "self", "--workspace", "w", "--ticket"),
    "key": ("recipient", "keygen"),
    "network": ("synth", "--out"),
    "workspace": ("init", "--origin", "network.example"),
}


@pytest.mark.parametrize("command", ASKS.values(), ids=ASKS.keys())
def test_nothing_is_made_in_a_workspace_of_which_a_part_is_served_to_everybody(
    run: Run, workspace: Path, command: tuple[str | Path, ...]
) -> None:
    out = workspace / "public" / "new.csv"
    done = run(*command, out)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"privity: {out}: it would lie in the workspace `{workspace}`, expected a place elsewhere\n"
        "  hint: name another one: a part of a workspace is served to everybody\n"
    )
    assert list((workspace / "public").iterdir()) == []


def test_a_workspace_is_seen_by_whichever_way_an_output_leads_there(
    run: Run, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(workspace / "public")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for out in (tmp_path / "link" / "key", tmp_path / "link" / ".." / "key"):
        assert "would lie in the workspace" in run("recipient", "keygen", out).err
    monkeypatch.chdir(workspace)
    assert "would lie in the workspace" in run("recipient", "keygen", "key").err
    assert run("recipient", "keygen", tmp_path / "loop" / "key").code == 5


def test_a_secret_of_pseudonyms_is_not_made_in_a_workspace(run: Run, workspace: Path) -> None:
    secret = workspace / "public" / "secret"
    out = workspace.with_name("set")
    asked = (*ASKS["clear"], out, "--pseudonym-key", secret)
    assert run(*asked).code == 2
    assert not secret.exists()
    # One that is there is the operator's, wherever it lies.
    secret.write_bytes(bytes(32))
    assert run(*asked).code == 0
