# SPDX-License-Identifier: Apache-2.0
"""Commands that decide all records of files say on a terminal how far they came, and elsewhere nothing."""

from __future__ import annotations

import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

RECORDS = ("--records", str(SMALL / "records.jsonl"), "--recipient", "self")
COMMANDS = {
    "doctor": ("doctor", *ASKED, *RECORDS),
    "diff": ("policy", "diff", *[str(SMALL / "policy.yaml")] * 2, *ASKED[2:], *RECORDS),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("terminal", [True, False])
def test_how_far_it_came_is_said_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], *, terminal: bool
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1" if terminal else "0")
    done = run(*command)
    assert done.code == 0, done.err
    assert ("deciding" in done.err) is terminal
    assert "deciding" not in done.out
