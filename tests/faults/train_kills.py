# SPDX-License-Identifier: Apache-2.0
"""Train on a release, and be killed at a moment: `python train_kills.py WORKSPACE RELEASE OUT MOMENT`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from privity.app.releases.using import training
from privity.train.settings import Settings

SETTINGS = Settings(
    columns=("body",), steps=6, batch_size=8, context=16, width=16, layers=1, heads=2, threads=1
)
CALLS = {
    "started": "open_release",
    "written": "_enter",
    "entered": "lineage_of",
    "named": "give_name",
}
"""Calls at which it ends, in the order in which they are made."""
MOMENTS = ("step", *CALLS)


def kill(*_arguments: object, **_named: object) -> None:
    """End as by a loss of power."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Be killed at the moment that is named; `never` is none."""
    workspace, release, out, moment = sys.argv[1:]
    steps: list[float | None] = []

    def progress(loss: float | None) -> None:
        steps.append(loss)
        if moment == "step" and len(steps) == 4:
            kill()

    if moment in CALLS:
        setattr(training, CALLS[moment], kill)
    training.train_demo(
        Path(workspace),
        Path(release),
        model="small",
        out=Path(out),
        settings=SETTINGS,
        progress=progress,
    )


if __name__ == "__main__":
    main()
