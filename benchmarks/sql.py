# SPDX-License-Identifier: Apache-2.0
"""DuckDB with hand-written SQL of the same meaning (`same.sql`): what clearing saves.

It is given the compiled states as tables in memory and has nothing to compile. All reasons are
covered, quotes and duplicates too; obligations are not, as none bites here.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.child import Work
from benchmarks.records import CAPACITIES
from privity.decide.bits import BIT
from privity.decide.kernel.rows import AUTHOR_ONLY, EVERYONE, Tables
from privity.decide.many import SLOTS, Compiled
from privity.decide.states import EARLIER, LAST, ROWS

_NEVER = np.iinfo(np.int64).max


def clear(files: list[str], states: str, out: str, threads: int, row_group: int) -> Work:
    """Prepare tables of the states, then decide and copy by SQL."""
    with Path(states).open("rb") as stream:
        ready: Compiled = pickle.load(stream)  # noqa: S301 - written by `compile_states` a moment ago
    Path(out).parent.mkdir()
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    for name, table in _tables(ready).items():
        connection.register("given", table)
        connection.execute(f"CREATE TABLE {name} AS FROM given")
    edges = " + ".join(f"(made >= {edge})::INT" for edge in ready.tables.epochs.tolist())
    connection.execute(f"CREATE MACRO epoch_of(made) AS {edges or '0'}")
    script = (Path(__file__).parent / "same.sql").read_text(encoding="utf-8")
    script = script.replace("{out}", out).replace("{row_group}", str(row_group))
    known = _known(ready) | {"files": files}

    def work() -> dict[str, Any]:
        for statement in connection.extract_statements(script):
            used = {name: known[name] for name in statement.named_parameters}
            connection.execute(statement, used or None)
        with Path(out).open("rb") as stream:
            os.fsync(stream.fileno())  # as clearing does
        return {"files": [out]}

    return work


def _known(ready: Compiled) -> dict[str, Any]:
    tables = ready.tables
    return {
        "at": tables.at,
        # The first place is for records with a bad time, as their epoch is -1.
        "asked": [bool(tables.group[-1]), *tables.group[:-1].tolist()],
        "noes": int(tables.masks[0]),
        "offs": int(tables.masks[1]),
        **{
            name.replace("-", "_"): BIT[name]
            for name in (
                "bad-time", "no-parties", "unknown-party", "opted-out-then", "not-opted-in",
                "duplicate-record", "unknown-quote",
            )
        },
    }  # fmt: skip


def _tables(ready: Compiled) -> dict[str, pa.Table]:
    """Give the look-up tables as rows, instants in seconds since 1970."""
    tables, slots = ready.tables, ready.slots
    lines = tables.members[:-1].astype(np.int64)
    now_row = lines[:, ROWS] & (1 << tables.shift) - 1
    member, since, row = _steps(tables, lines)
    joined = since[np.searchsorted(member, np.arange(len(lines)))]
    names = [*SLOTS, ""]
    asks = [
        "author" if one == AUTHOR_ONLY else "everyone" if one == EVERYONE else "group"
        for one in slots.asks
    ]
    seats = [
        (name, capacity, ready.plan.seat_bits(capacity, name or None))
        for name in names
        for capacity in CAPACITIES
        if capacity is not None
    ]
    return {
        "member": pa.table(
            {"id": ready.index.ids, "joined": joined + tables.base, "now": now_row}
        ),
        "period": _periods(ready, member, since, row),
        "now": _flat(tables.now, ("state", "class")).append_column(
            "keep", pa.array(tables.keep.ravel())
        ),
        "happened": _flat(tables.then, ("state", "epoch", "class")),
        "kind": pa.table(
            {
                "category": names,
                "class": slots.classes,
                "word": slots.words,
                "asks": asks,
                "private": slots.private,
            }
        ),
        "seat": pa.table(
            [pa.array([seat[place] for seat in seats]) for place in range(2)]
            + [pa.array([seat[2] for seat in seats], pa.uint64())],
            names=["category", "capacity", "word"],
        ),
    }


def _steps(tables: Tables, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give every member's steps in order: whose, since when, and the row from then on."""
    cuts = tables.cuts.astype(np.int64)
    begins = cuts[:, 1] >= tables.first
    stretch = np.cumsum(begins) - 1
    owner = np.full(stretch[-1] + 1, -1)
    earlier = np.flatnonzero(lines[:, EARLIER])
    owner[stretch[lines[earlier, EARLIER]]] = earlier
    member = np.concatenate((owner[stretch[1:]], np.arange(len(lines))))
    since = np.concatenate((cuts[1:, 0], lines[:, LAST]))
    row = np.concatenate((cuts[1:, 1] & tables.first - 1, lines[:, ROWS] >> tables.shift))
    order = np.lexsort((since, member))
    return member[order], since[order], row[order]


def _periods(
    ready: Compiled, member: np.ndarray, since: np.ndarray, row: np.ndarray
) -> pa.Table:
    """Give which row each member had from when to when."""
    tables = ready.tables
    until = np.append(since[1:], 0)
    until[np.append(member[1:] != member[:-1], True)] = _NEVER - tables.base
    return pa.table(
        {
            "id": ready.index.ids.take(pa.array(member)),
            "since": since + tables.base,
            "until": until + tables.base,
            "state": row,
        }
    )


def _flat(words: np.ndarray, axes: tuple[str, ...]) -> pa.Table:
    places = np.indices(words.shape)
    columns = {name: places[axis].ravel() for axis, name in enumerate(axes)}
    return pa.table({**columns, "word": words.ravel()})
