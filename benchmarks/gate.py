# SPDX-License-Identifier: Apache-2.0
"""What is measured: the product's own front, called as any customer calls it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from benchmarks.child import Work
from benchmarks.data import POLICY, PURPOSE, RECIPIENT
from benchmarks.people import AT
from privity.app import api


def compile_states(facts: str, out: str) -> Work:
    """Prepare to read policy and facts and compile the members' states, kept for `clear`."""
    Path(out).parent.mkdir(parents=True, exist_ok=True)

    def work() -> dict[str, Any]:
        ready = api.compiled(
            policy=POLICY, facts=facts, purpose=PURPOSE, recipient=RECIPIENT, at=AT
        )
        with Path(out).open("wb") as stream:
            pickle.dump(ready, stream, protocol=5)
        return {}

    return work


def clear(files: list[str], facts: str, states: str, out: str, threads: int) -> Work:
    """Prepare to clear with states that are compiled already; all else is timed."""
    with Path(states).open("rb") as stream:
        ready = pickle.load(stream)  # noqa: S301 - written by `compile_states` a moment ago

    def work() -> dict[str, Any]:
        done = api.clear(
            files,
            policy=POLICY,
            facts=facts,
            purpose=PURPOSE,
            recipient=RECIPIENT,
            at=AT,
            out=out,
            threads=threads,
            ready=ready,
        )
        return {
            "files": sorted((done.out / "data").iterdir()),
            "permitted": done.summary.permitted,
            "reasons": done.summary.reasons,
        }

    return work
