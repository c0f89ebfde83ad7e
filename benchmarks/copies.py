# SPDX-License-Identifier: Apache-2.0
"""What it costs to look for copies of refused private messages, beside a clearing that does not.

Both clear the same files with the same states; the one's policy says `copies`, and its text is read twice more: once
for what is private, once for what is permitted. No body of the made records has another in it, so what is written is
the same.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.child import Measured, Work, run
from benchmarks.clear import FILES, Options, fresh
from benchmarks.data import POLICY, PURPOSE, RECIPIENT
from benchmarks.people import AT
from benchmarks.report import progress
from privity.app import api
from privity.decide.many import Compiled
from privity.policy.model import CopyRule

RULES: Final[Mapping[str, CopyRule | None]] = {
    "plain": None,
    "whole": CopyRule(whole="refuse"),
    "passages": CopyRule(whole="refuse", passages="report"),
}
RECORDS: Final = 5_000_000


def measure(options: Options) -> dict[str, Any]:
    """Clear with and without, in turn, and give the ratios and the memory."""
    made = run(
        "data:make",
        folder=options.folder,
        facts_of={"members": options.members, "kind": options.kind},
        records_of={
            "records": options.records,
            "members": options.members,
            "body": options.body,
            "kind": options.kind,
            "files": FILES,
        },
    ).found
    states = options.folder / "states-copies.pickle"
    run("gate:compile_states", facts=made["facts"], out=states)
    taken: dict[str, list[Measured]] = {name: [] for name in RULES}
    for pair in range(options.pairs + 1):
        for name in [*RULES][pair % len(RULES) :] + [*RULES][: pair % len(RULES)]:
            done = run(
                "copies:clear",
                files=made["files"],
                facts=made["facts"],
                states=states,
                out=fresh(options.folder / "out-copies"),
                threads=options.threads,
                rule=name,
            )
            progress(
                f"pair {pair} of {options.pairs}, {name}: {done.wall:.2f} s, {done.cpu:.2f} s of cores"
            )
            if pair:  # the first warms the page cache, and compiles the loops
                taken[name].append(done)
    fresh(options.folder / "out-copies")
    states.unlink()
    return _result(options, taken)


def clear(  # noqa: PLR0917 - named by `child.run`
    files: list[str], facts: str, states: str, out: str, threads: int, rule: str
) -> Work:
    """Prepare to clear as `gate.clear` does, by a policy that says `copies` or does not."""
    with Path(states).open("rb") as stream:
        ready: Compiled = pickle.load(stream)  # noqa: S301 - written by `gate.compile_states`
    version = ready.plan.version
    if version is None:
        message = "no version is in force, expected one"
        raise ValueError(message)
    ready = replace(
        ready, plan=replace(ready.plan, version=replace(version, copies=RULES[rule]))
    )

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
            text=["body"],
            ready=ready,
        )
        categories = done.summary.by_category
        private = ("inmail", "direct-message", "message", "(unknown category)")
        return {
            "permitted": done.summary.permitted,
            "private": sum(categories.get(name, (0, 0))[0] for name in private),
            "copies": done.manifest["counts"].get("copies"),
        }

    return work


def _result(options: Options, taken: Mapping[str, list[Measured]]) -> dict[str, Any]:
    plain = taken["plain"]
    private = plain[0].found["private"]
    result: dict[str, Any] = {
        "body": options.body,
        "records": options.records,
        "private": private,
        "permitted": plain[0].found["permitted"],
        "plain_s": median(one.wall for one in plain),
        "plain_mib": max(one.peak for one in plain),
    }
    for name, done in taken.items():
        if name == "plain":
            continue
        pairs = list(zip(done, plain, strict=True))
        peak = max(one.peak for one in done)
        result |= {
            f"{name}_ratio": median(one.wall / other.wall for one, other in pairs),
            f"{name}_cpu_ratio": median(one.cpu / other.cpu for one, other in pairs),
            f"{name}_mib": peak,
            f"{name}_bytes_a_private": (peak - result["plain_mib"]) * (1 << 20) / private,
        }
    return result
