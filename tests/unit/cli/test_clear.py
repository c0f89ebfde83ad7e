# SPDX-License-Identifier: Apache-2.0
"""`privity clear` looks at what was typed before it opens what may be large."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run


@pytest.mark.parametrize("lacking", ["--policy", "--facts", "--at"])
def test_what_was_not_typed_is_said_before_a_source_is_opened(
    run: Run, tmp_path: Path, lacking: str
) -> None:
    place = ASKED.index(lacking)
    given = (*ASKED[:place], *ASKED[place + 2 :], "--recipient", "self")
    done = run("clear", tmp_path / "none.jsonl", *given, "--out", tmp_path / "cleared")
    assert done.code == 2
    assert "expected --policy, --facts and --at, or --workspace" in done.err


def test_a_column_of_text_that_is_not_there_is_told_whatever_the_policy_asks(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "cleared"
    command = (
        "clear",
        SMALL / "records.jsonl",
        *ASKED,
        "--recipient",
        "self",
        "--out",
        out,
        "--text",
    )
    done = run(*command, "bodies")
    assert (done.code, out.exists()) == (2, False)
    assert "`bodies` is no column of text" in done.err
