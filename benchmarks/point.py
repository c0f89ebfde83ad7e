# SPDX-License-Identifier: Apache-2.0
"""One decision at a time: reasons from compiled states, and an explanation from the facts."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.child import Work, run
from benchmarks.data import POLICY, PURPOSE, RECIPIENT
from benchmarks.people import AT
from benchmarks.states import read
from privity.canonical.instants import parse_instant
from privity.decide.explain import explain
from privity.decide.point import reasons_of
from privity.decide.request import Record, Request, world
from privity.policy.parse import read_policies

DECISIONS: Final = 20_000
EXPLANATIONS: Final = 500
_FROM: Final = 1_000
"""Rows before this hold the rings and chains of quotes that are there on purpose."""
_EXPLAINED_MEMBERS: Final = 2_000
"""Explaining reads facts one by one; members' number does not matter to it."""


def measure(folder: Path, members: int) -> dict[str, Any]:
    """Give quantiles of one decision (microseconds) and of one explanation (milliseconds)."""
    made = _made(folder, members)
    states = folder / "states-point.pickle"
    run("gate:compile_states", facts=made["facts"], out=states)
    decided = run("point:deciding", file=made["files"][0], states=states).found
    few = _made(folder, min(members, _EXPLAINED_MEMBERS))
    explained = run("point:explaining", file=few["files"][0], facts=few["facts"]).found
    return {**decided, **explained}


def _made(folder: Path, members: int) -> dict[str, Any]:
    shape = {"records": 200_000, "members": members, "body": 100, "kind": "int", "files": 8}
    facts = {"members": members, "kind": "int"}
    return dict(run("data:make", folder=folder, facts_of=facts, records_of=shape).found)


def deciding(file: str, states: str) -> Work:
    """Prepare to decide records one by one, by states that are compiled."""
    with Path(states).open("rb") as stream:
        ready = pickle.load(stream)  # noqa: S301 - written by `compile_states` a moment ago
    table = _records(file, DECISIONS)
    single = [_record(row) for row in table.to_pylist()]

    def decide(one: Record) -> tuple[str, ...]:
        return reasons_of(ready, one)

    def work() -> dict[str, Any]:
        taken = _each(decide, single) * 1e6
        return {
            "decide_p50_us": float(np.quantile(taken, 0.5)),
            "decide_p99_us": float(np.quantile(taken, 0.99)),
        }

    return work


def explaining(file: str, facts: str) -> Work:
    """Prepare to explain records one by one, from their parties' facts."""
    at = parse_instant(AT)
    asked = Request(purpose=PURPOSE, recipient=RECIPIENT, at=at, known=at)
    records = [_record(row) for row in _records(file, EXPLANATIONS).to_pylist()]
    columns = read(facts)
    lines = chain(columns.platform, *(columns.of_member(one) for one in range(columns.members)))
    known = world(read_policies([POLICY]), lines, at, records)

    def work() -> dict[str, Any]:
        taken = _each(lambda record: explain(record, asked, known), records) * 1e3
        return {
            "explain_p50_ms": float(np.quantile(taken, 0.5)),
            "explain_p99_ms": float(np.quantile(taken, 0.99)),
        }

    return work


def _each(decide: Callable[[Any], object], items: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Time each call in seconds, after a tenth of them to warm up."""
    for item in items[: len(items) // 10]:
        decide(item)
    taken = np.empty(len(items))
    for place, item in enumerate(items):
        start = time.perf_counter()
        decide(item)
        taken[place] = time.perf_counter() - start
    return taken


def _record(row: Mapping[str, Any]) -> Record:
    made = row["created_at"]
    return Record(
        record_id=row["record_id"],
        category=row["category"],
        created_at=None if made is None else int(made.timestamp()),
        author=row["author"],
        recipients=tuple(row["recipients"]),
        capacity=row["capacity"],
        quotes=tuple(row["quotes"]),
    )


def _records(file: str, count: int) -> pa.Table:
    """Read records without their bodies, as the product's sources give them."""
    table = pq.ParquetFile(file).read().drop(["body"]).slice(_FROM, count)
    capacity = pa.compute.fill_null(table["capacity"], "personal")
    return table.set_column(table.schema.get_field_index("capacity"), "capacity", capacity)
