# SPDX-License-Identifier: Apache-2.0
"""One size of the main comparison: clearing against copies that are told what is permitted.

First a clearing that is not measured: it warms the page cache and says which rows are permitted.
Then pairs of runs in turn, each in a process of its own and in rotating order; a ratio is the median
over the pairs. Before any ratio is given, all copies must have the same number of rows, and string
ids must have permitted the same rows as integers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from benchmarks import masks
from benchmarks.child import Measured, run
from benchmarks.ids import Kind
from benchmarks.report import progress

MEMBERS: Final = 2_000_000
FILES: Final = 8
ROW_GROUP: Final = 1 << 16
COPIES: Final = ("oracle", "duckdb", "string")
AGAINST: Final = (*COPIES, "sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What is measured.

    Attributes:
        folder: Where data and output go.
        records: How many records.
        members: How many members there are.
        body: Mean bytes of a body.
        kind: The ids that clearing and its copies have.
        pairs: How many times everything is run.
        threads: How many threads each side has.
        against: What clearing is compared with, of `AGAINST`.
    """

    folder: Path
    records: int
    members: int = MEMBERS
    body: int = 340
    kind: Kind = "int"
    pairs: int = 5
    threads: int = 2
    against: tuple[str, ...] = COPIES


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """Data, its compiled states, and the rows that a first clearing permitted."""

    kind: Kind
    files: tuple[str, ...]
    facts: str
    sha256: Mapping[str, str]
    states: str
    states_run: Measured
    masks: str
    permitted: int


def measure(options: Options) -> dict[str, Any]:
    """Run everything and give the ratios, the times and the memory."""
    own = _prepare(options, options.kind)
    other: Kind = "int" if options.kind == "string" else "string"
    both = {options.kind: own}
    if "string" in options.against:
        both[other] = _prepare(options, other)
        _same_rows(both["int"], both["string"])
    runs = _runs(options, both)
    taken: dict[str, list[Measured]] = {name: [] for name in runs}
    for pair in range(options.pairs):
        names = list(runs)
        for name in names[pair % len(names) :] + names[: pair % len(names)]:
            done = runs[name]()
            taken[name].append(done)
            progress(f"pair {pair + 1} of {options.pairs}, {name}: {done.wall:.2f} s")
    for made in options.folder.iterdir():
        if made.name.startswith(("out-", "masks-", "states-")) or made.name == "marked":
            shutil.rmtree(made) if made.is_dir() else made.unlink()
    return _result(options, own, taken)


def _prepare(options: Options, kind: Kind) -> Prepared:
    """Make the data, compile the states, clear once, and keep which rows came out."""
    made = run(
        "data:make",
        folder=options.folder,
        facts_of={"members": options.members, "kind": kind},
        records_of={
            "records": options.records,
            "members": options.members,
            "body": options.body,
            "kind": kind,
            "files": FILES,
        },
    ).found
    states = options.folder / f"states-{kind}.pickle"
    compiled = run("gate:compile_states", facts=made["facts"], out=states)
    progress(f"{kind} ids: states compiled in {compiled.wall:.1f} s")
    out = fresh(options.folder / f"out-first-{kind}")
    first = run(
        "gate:clear",
        files=made["files"],
        facts=made["facts"],
        states=states,
        out=out,
        threads=options.threads,
    )
    progress(f"{kind} ids: first clearing, not measured: {first.wall:.1f} s")
    kept = options.folder / f"masks-{kind}.npz"
    rows = run("masks:write", files=made["files"], cleared=first.found["files"], out=kept).found
    shutil.rmtree(out)
    return Prepared(
        kind=kind,
        files=tuple(made["files"]),
        facts=made["facts"],
        sha256={
            "facts": made["facts_described"]["sha256_of_all"],
            "records": made["described"]["sha256_of_all"],
        },
        states=str(states),
        states_run=compiled,
        masks=str(kept),
        permitted=rows["permitted"],
    )


def _runs(options: Options, both: Mapping[Kind, Prepared]) -> dict[str, Callable[[], Measured]]:
    """Give what is run in each pair, by name."""
    own = both[options.kind]
    other = next((one for kind, one in both.items() if kind != options.kind), None)
    runs = {"clear": lambda: _clear(options, own)}
    if "oracle" in options.against:
        runs["oracle"] = lambda: _counted(
            own,
            run(
                "oracle:copy",
                files=own.files,
                masks=own.masks,
                out=fresh(options.folder / "out-oracle"),
                threads=options.threads,
            ),
        )
    if "duckdb" in options.against:
        marked = fresh(options.folder / "marked")
        marked.mkdir()
        files = run("masks:append", files=own.files, masks=own.masks, out=marked).found["files"]
        runs["duckdb"] = lambda: _counted(
            own,
            run(
                "duck:copy",
                files=files,
                out=fresh(options.folder / "out-duckdb") / "part-0.parquet",
                threads=options.threads,
                row_group=ROW_GROUP,
            ),
        )
    if "sql" in options.against:
        runs["sql"] = lambda: _counted(
            own,
            run(
                "sql:clear",
                files=own.files,
                states=own.states,
                out=fresh(options.folder / "out-sql") / "part-0.parquet",
                threads=options.threads,
                row_group=ROW_GROUP,
            ),
        )
    if other is not None:
        runs[f"{other.kind} ids"] = lambda: _clear(options, other)
    return runs


def _clear(options: Options, prepared: Prepared) -> Measured:
    return _counted(
        prepared,
        run(
            "gate:clear",
            files=prepared.files,
            facts=prepared.facts,
            states=prepared.states,
            out=fresh(options.folder / f"out-clear-{prepared.kind}"),
            threads=options.threads,
        ),
    )


def _counted(prepared: Prepared, done: Measured) -> Measured:
    """Check that a run wrote the permitted rows, no more and no fewer, then remove them."""
    files = [Path(path) for path in done.found["files"]]
    rows = sum(pq.read_metadata(path).num_rows for path in files)
    if rows != prepared.permitted:
        message = f"`{files[0].parent.name}` has {rows} rows, expected {prepared.permitted}"
        raise ValueError(message)
    return done


def _same_rows(one: Prepared, other: Prepared) -> None:
    for file, (left, right) in enumerate(
        zip(masks.read(one.masks, FILES), masks.read(other.masks, FILES), strict=True)
    ):
        differing = np.flatnonzero(left != right)
        if len(differing):
            message = (
                f"row {differing[0]} of file {file} is permitted with {one.kind} or {other.kind} "
                f"ids, but not with both ({len(differing)} such rows in this file)"
            )
            raise ValueError(message)


def fresh(folder: Path) -> Path:
    """Give a folder's path with nothing there."""
    if folder.exists():
        shutil.rmtree(folder)
    return folder


def _ratio(over: list[Measured], under: list[Measured], *, cpu: bool = False) -> float:
    """Give the median over the pairs of one's time by the other's."""
    pairs = zip(over, under, strict=True)
    return median(a.cpu / b.cpu if cpu else a.wall / b.wall for a, b in pairs)


def _result(
    options: Options, own: Prepared, taken: Mapping[str, list[Measured]]
) -> dict[str, Any]:
    cleared = taken["clear"]
    seconds = median(done.wall for done in cleared)
    result: dict[str, Any] = {
        "records": options.records,
        "members": options.members,
        "body": options.body,
        "ids": options.kind,
        "pairs": options.pairs,
        "threads": options.threads,
        "permitted": own.permitted / options.records,
        "clear_s": seconds,
        "records_per_s": round(options.records / seconds),
        "peak_mib": max(done.peak for done in cleared),
        "sha256": own.sha256,
        "states_s": own.states_run.wall,
        "states_peak_mib": own.states_run.peak,
    }
    for name in ("oracle", "duckdb"):
        if name in taken:
            result[f"{name}_ratio"] = _ratio(cleared, taken[name])
            result[f"{name}_cpu_ratio"] = _ratio(cleared, taken[name], cpu=True)
            result[f"{name}_s"] = median(done.wall for done in taken[name])
            result[f"{name}_peak_mib"] = max(done.peak for done in taken[name])
    if "sql" in taken:
        result["faster_than_sql"] = _ratio(taken["sql"], cleared)
        result["sql_s"] = median(done.wall for done in taken["sql"])
        result["sql_peak_mib"] = max(done.peak for done in taken["sql"])
    for name, runs in taken.items():
        if name.endswith(" ids"):
            string, integer = (runs, cleared) if name == "string ids" else (cleared, runs)
            result["string_ratio"] = _ratio(string, integer)
            result["string_cpu_ratio"] = _ratio(string, integer, cpu=True)
            result["string_peak_mib"] = max(done.peak for done in string)
    return result
