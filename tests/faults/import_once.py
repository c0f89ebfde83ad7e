# SPDX-License-Identifier: Apache-2.0
"""Import a file of facts by small commits, and say after each what is recorded.

Run as a program (`python -m tests.faults.import_once WORKSPACE FACTS`); the other end of its output kills it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from privity.app.workspace import importing
from privity.app.workspace.looking_over import look_over
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now


def run(root: Path, facts: Path) -> None:
    vars(importing).update(_AT_ONCE=40)
    with open_workspace(root) as workspace:
        looked = look_over(workspace, facts)
        done = importing.record_import(
            workspace, looked, progress=lambda count: _say(f"{count}")
        )
        _say(f"all {done.facts} {done.before}")
        publish_now(workspace)
        _say("published")


def _say(text: str) -> None:
    # What was said before a kill is in the pipe: no buffer of this process is lost with it.
    os.write(1, f"{text}\n".encode())


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
