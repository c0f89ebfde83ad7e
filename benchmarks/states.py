# SPDX-License-Identifier: Apache-2.0
"""What the members' states cost: seconds and memory to compile them, bytes to look them up in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from benchmarks.child import Work, run
from benchmarks.data import POLICY, PURPOSE, RECIPIENT
from benchmarks.people import AT
from privity.canonical.instants import parse_instant
from privity.decide.many import Compiled, compile_request
from privity.decide.request import Request
from privity.members.columns import COLUMNS, FactColumns, fact_columns
from privity.policy.parse import read_policies

FACTS_A_MEMBER: Final = 9.4
"""About how many facts a member has (`people.py`)."""


def measure(folder: Path, facts: int) -> dict[str, Any]:
    """Compile about that many facts from their file, with either kind of id."""
    members = round(facts / FACTS_A_MEMBER)
    result: dict[str, Any] = {}
    for kind in ("int", "string"):
        made = run(
            "data:make",
            folder=folder,
            facts_of={"members": members, "kind": kind},
            records_of=None,
        )
        done = run("states:compiling", facts=made.found["facts"])
        if kind == "int":
            result |= done.found
        result |= {
            f"{kind}_ids_s": done.wall,
            f"{kind}_ids_facts_per_s": round(done.found["facts"] / done.wall),
            f"{kind}_ids_peak_mib": done.peak,
        }
    return result


def compiling(facts: str) -> Work:
    """Prepare to read facts and compile the states of all members."""
    compiled_loops()

    def work() -> dict[str, Any]:
        columns = read(facts)
        states = compile_facts(columns).states
        cuts = len(states.cuts) - 1
        return {
            "facts": columns.facts,
            "members": columns.members,
            "cuts_a_member": cuts / columns.members,
            "rows_now": len(states.now),
            "rows_then": len(states.then),
            "bytes_a_member": states.bytes_a_member,
            "bytes_a_breakpoint": states.bytes_a_cut,
            "tables_mib": (states.members.nbytes + states.cuts.nbytes) / (1 << 20),
        }

    return work


def compiled_loops() -> None:
    """Have the compiled loops ready, as in a process that has decided before."""
    compile_facts(fact_columns([]))


def read(facts: str) -> FactColumns:
    """Read a file of facts in one pass."""
    return fact_columns(pq.ParquetFile(facts).iter_batches(columns=list(COLUMNS)))


def compile_facts(columns: FactColumns) -> Compiled:
    """Compile the states for the benchmark's request."""
    at = parse_instant(AT)
    request = Request(purpose=PURPOSE, recipient=RECIPIENT, at=at, known=at)
    return compile_request(request, read_policies([POLICY]), columns)
