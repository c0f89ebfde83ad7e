# SPDX-License-Identifier: Apache-2.0
"""Files and folders whose names look like addresses are read and made, and names that are no UTF-8 are refused."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

ALL = (*ASKED, "--recipient", "self")
PERMITTED = '{"record_id":"p1","permit":true,"reasons":[],"obligations":[]}'


@pytest.fixture
def posts(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a Parquet file of records, and work in its folder."""
    monkeypatch.chdir(tmp_path)
    given = ("clear", SMALL / "records.jsonl", *ALL)
    assert run(*given, "--threads", "1", "--out", "first").code == 0
    return tmp_path / "first" / "data" / "part-00000.parquet"


@pytest.mark.parametrize("name", ["run:1", "s3:foo", "file:x", "https:"])
def test_a_folder_whose_name_looks_like_an_address_is_one(
    run: Run, posts: Path, name: str
) -> None:
    Path(name).mkdir()
    shutil.copy(posts, Path(name, "posts.parquet"))
    for records in (f"{name}/posts.parquet", name):
        done = run("decide", "--records", records, *ALL)
        assert (done.code, done.err, done.lines[0]) == (0, "", PERMITTED)
    made = run("clear", name, *ALL, "--out", f"{name}/out", "--threads", "1", "--refused")
    assert (made.code, made.err) == (0, "")
    assert run("decide", "--records", f"{name}/out/data", *ALL).lines[0] == PERMITTED
    shutil.copy(SMALL / "facts.csv", Path(name, "facts.csv"))
    facts = [f"{name}/facts.csv" if str(one).endswith("facts.csv") else one for one in ALL]
    assert run("decide", "--records", name + "/posts.parquet", *facts).lines[0] == PERMITTED


def test_a_name_that_is_no_utf_8_is_refused_in_one_line(run: Run, posts: Path) -> None:
    (odd := Path(os.fsdecode(b"gr\xf6"))).mkdir()
    Path("inside").mkdir()
    for there in (odd / "posts.parquet", Path("inside") / os.fsdecode(b"\xf6.parquet")):
        shutil.copy(posts, there)
    for asked in (
        ("decide", "--records", odd),
        ("decide", "--records", odd / "posts.parquet"),
        ("decide", "--records", "inside"),
        ("clear", odd, "--out", "out"),
        ("clear", posts, "--out", odd / "out"),
    ):
        done = run(*asked, *ALL)
        assert (done.code, done.out) == (2, "")
        first, hint = done.err.splitlines()
        assert first.endswith("the path has bytes that are no UTF-8, expected a name in UTF-8")
        assert "\\xf6" in first
        assert hint.startswith("  hint: ")


@pytest.mark.usefixtures("posts")
def test_nothing_is_made_of_the_name_that_means_the_output_elsewhere(run: Run) -> None:
    done = run("clear", SMALL / "records.jsonl", *ALL, "--out", "-")
    assert done.code == 2
    assert "`-` is no place here" in done.err
    assert not Path("-").exists()
    assert run("clear", SMALL / "records.jsonl", *ALL, "--out", "./-").code == 0
    assert Path("-", "data").is_dir()
