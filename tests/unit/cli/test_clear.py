# SPDX-License-Identifier: Apache-2.0
"""`privity clear` looks at what was typed before it opens what may be large."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.conftest import ASKED, Run


@pytest.mark.parametrize("lacking", ["--policy", "--facts", "--at"])
def test_what_was_not_typed_is_said_before_a_source_is_opened(
    run: Run, tmp_path: Path, lacking: str
) -> None:
    place = ASKED.index(lacking)
    given = (*ASKED[:place], *ASKED[place + 2 :], "--recipient", "self")
    done = run("clear", tmp_path / "none.jsonl", *given, "--out", tmp_path / "cleared")
    assert done.code == 2
    assert "expected --policy, --facts and --at, or --workspace" in done.err
