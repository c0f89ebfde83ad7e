# SPDX-License-Identifier: Apache-2.0
"""`privity members from-table` prints all facts or none (docs/members.md)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Run

BINDING = """
table = "changes"
member = "member"
at = "at"
as_of = 2024-03-01T00:00:00Z
[[fact]]
fact = "jurisdiction"
value = {column = "country"}
evidence = "declared"
where = {column = "what", is = ["moved"]}
[[fact]]
fact = "setting"
setting = "ai"
value = {column = "value", values = {on = "on", off = "off"}}
where = {column = "what", is = ["ai-opt"]}
"""
TABLE = """member,what,country,value,at
ana,moved,DE,,2024-01-01T00:00:00Z
ana,ai-opt,,off,2024-02-01T00:00:00Z
"""


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Run:
    """Make facts of a binding and a table, by their texts."""

    def make(binding: str, table: str, *more: str) -> object:
        (tmp_path / "binding.toml").write_text(binding)
        (tmp_path / "table.csv").write_text(table)
        files = (tmp_path / "binding.toml", tmp_path / "table.csv")
        return run("members", "from-table", *files, *more)

    return make  # type: ignore[return-value] # run, with the files filled in


def test_no_fact_is_printed_where_a_later_one_is_none(
    made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work := tmp_path / "work").mkdir()
    monkeypatch.setenv("TMPDIR", str(work))
    good = made(BINDING, TABLE)
    assert (good.code, good.err) == (0, "")
    assert [row[:3] for row in csv.reader(good.lines)] == [
        ["member", "fact", "value"],
        ["ana", "jurisdiction", "DE"],
        ["ana", "setting", "off"],
    ]
    bad = made(BINDING, TABLE.replace("off", "of"))
    assert (bad.code, bad.out) == (2, "")
    assert list(work.iterdir()) == []


@pytest.mark.parametrize("more", [(), ("--out", "facts.csv")], ids=["printed", "written"])
def test_a_fact_of_the_binding_that_no_row_tells_of_is_named(
    made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = made(BINDING.replace('"ai-opt"', '"ai-optin", "ai-in"'), TABLE, *more)
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        "warning: no row tells of `fact[1]`, setting where `what` is `ai-optin`, `ai-in`"
    )
    assert "jurisdiction" not in done.err
    empty = made(
        BINDING.replace('where = {column = "what", is = ["moved"]}', ""),
        TABLE.splitlines(keepends=True)[0],
    )
    assert "warning: no row tells of `fact[0]`, jurisdiction\n" in empty.err


def test_what_was_made_is_told_as_data(
    made: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    binding = BINDING.replace('"ai-opt"', '"ai-optin"')
    done = made(binding, TABLE, "--out", "facts.csv", "--json")
    assert json.loads(done.out) == {
        "facts": 1,
        "file": "facts.csv",
        "untold": [{"fact": "setting", "path": "fact[1]"}],
    }
    printed = made(binding, TABLE, "--json")
    assert (printed.code, printed.out) == (2, "")
    assert "expected `--out`" in printed.err
