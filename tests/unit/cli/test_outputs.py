# SPDX-License-Identifier: Apache-2.0
"""What a command makes goes over nothing that is there, and over no input by another name (docs/cli.md)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import SMALL, Run

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
