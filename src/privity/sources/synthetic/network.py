# SPDX-License-Identifier: Apache-2.0
"""Write a made network to a folder: facts, records in parts, and what was made (docs/synth.md).

The same members, records, seed and end give the same bytes, with any number of threads: a part is made
from its own numbers alone. Everything is written aside and renamed at the end.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.canonical.encode import digest_file, encode_pretty
from privity.canonical.instants import Instant, format_instant
from privity.errors import ConflictError, InputError, UnavailableError
from privity.sources.synthetic.draws import Draws
from privity.sources.synthetic.facts import SCHEMA as FACTS_SCHEMA, fact_tables
from privity.sources.synthetic.files import record_writer
from privity.sources.synthetic.history import END, FIRST_RECORD
from privity.sources.synthetic.people import People
from privity.sources.synthetic.records import BLOCK, Times, record_block

PART_BLOCKS: Final = 4
"""Blocks of records for each file."""

MOST_MEMBERS: Final = 3_000_000_000
MOST_RECORDS: Final = 1 << 36
"""What the numbering of members and bodies has room for."""

Progress = Callable[[int], None]
"""Called with the number of records just written, from any thread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """What was made.

    Attributes:
        path: The folder.
        members: How many members.
        records: How many records.
        seed: The seed.
        until: No record or fact is from this instant on.
        facts: Rows by kind of fact.
        categories: Records by category.
        files: SHA-256 by name, relative to the folder.
    """

    path: Path
    members: int
    records: int
    seed: int
    until: Instant
    facts: Mapping[str, int]
    categories: Mapping[str, int]
    files: Mapping[str, str]

    @property
    def facts_path(self) -> Path:
        """Where the facts lie."""
        return self.path / "facts.parquet"

    @property
    def record_paths(self) -> list[Path]:
        """Where the records lie, in order."""
        return [self.path / name for name in sorted(self.files) if name.startswith("records/")]

    def to_json(self) -> dict[str, object]:
        """Give what `network.json` says."""
        return {
            "categories": dict(self.categories),
            "facts": dict(self.facts),
            "files": dict(self.files),
            "members": self.members,
            "records": self.records,
            "seed": self.seed,
            "until": format_instant(self.until),
        }


def make_network(
    out: Path,
    *,
    members: int,
    records: int,
    seed: int,
    until: Instant = END,
    threads: int = 2,
    progress: Progress | None = None,
) -> Network:
    """Make a network in a new folder.

    Args:
        out: The folder; must not exist yet, or be empty.
        members: From 2 to `MOST_MEMBERS`.
        records: From 1 to `MOST_RECORDS`.
        seed: From 0 on.
        until: The network as its platform held it at this instant: nothing made or recorded later.
        threads: How many parts are made at once; the bytes do not depend on it.
        progress: Told of records as they are written.

    Raises:
        InputError: A size, the seed or the end is out of range.
        ConflictError: `out` already holds something.
        UnavailableError: The folder cannot be written.
    """
    _check(members=members, records=records, seed=seed, until=until, threads=threads)
    people = People(draws=Draws(seed=seed), count=members)
    times = Times(total=records, until=until)
    try:
        aside = _aside(out)
        try:
            fact_counts = _write_facts(aside / "facts.parquet", people, until)
            categories = _write_records(aside / "records", people, times, threads, progress)
            network = Network(
                path=out,
                members=members,
                records=records,
                seed=seed,
                until=until,
                facts=_sorted(fact_counts),
                categories=_sorted(categories),
                files=_digests(aside),
            )
            (aside / "network.json").write_text(encode_pretty(network.to_json()), "utf-8")
            if out.exists():
                out.rmdir()
            aside.rename(out)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(
            f"`{out}` cannot be written: {error.strerror or error}", code="synth/unwritable"
        ) from error
    return network


def _check(*, members: int, records: int, seed: int, until: Instant, threads: int) -> None:
    ranges = (
        ("members", members, 2, MOST_MEMBERS),
        ("records", records, 1, MOST_RECORDS),
        ("seed", seed, 0, (1 << 63) - 1),
        ("threads", threads, 1, 256),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:
            raise InputError(
                f"{name} is `{value}`, expected {low:,} to {high:,}", code="synth/out-of-range"
            )
    if not FIRST_RECORD < until <= END:
        raise InputError(
            f"until is `{format_instant(until)}`, expected after "
            f"`{format_instant(FIRST_RECORD)}` and at most `{format_instant(END)}`",
            code="synth/out-of-range",
        )


def _aside(out: Path) -> Path:
    """Make the folder to write in, beside the one that is wanted."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConflictError(
            f"`{out}` already holds something, expected a new or empty folder",
            code="synth/exists",
            hint="name another folder, or remove this one",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.parent / f".{out.name}.{os.getpid()}.partial"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "records").mkdir(parents=True)
    return aside


def _write_facts(path: Path, people: People, until: Instant) -> Counter[str]:
    counts: Counter[str] = Counter()
    with pq.ParquetWriter(path, FACTS_SCHEMA, compression="zstd") as writer:
        for table in fact_tables(people, until=until):
            writer.write_table(table)
            counts += _count(table, "fact")
    return counts


def _write_records(
    folder: Path, people: People, times: Times, threads: int, progress: Progress | None
) -> Counter[str]:
    blocks = range(-(-times.total // BLOCK))
    parts = [blocks[first : first + PART_BLOCKS] for first in blocks[::PART_BLOCKS]]

    def write(part: int) -> Counter[str]:
        tables = (record_block(people, times, block) for block in parts[part])
        return _write_part(folder / f"part-{part:05d}.parquet", tables, progress)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(write, range(len(parts))), Counter())


def _write_part(
    path: Path, tables: Iterable[pa.Table], progress: Progress | None
) -> Counter[str]:
    counts: Counter[str] = Counter()
    with record_writer(path) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=BLOCK)
            counts += _count(table, "category")
            if progress is not None:
                progress(table.num_rows)
    return counts


def _count(table: pa.Table, column: str) -> Counter[str]:
    return Counter(
        {
            entry["values"]: entry["counts"]
            for entry in pc.value_counts(table[column]).to_pylist()
        }
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _digests(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*.parquet"))
    return {path.relative_to(folder).as_posix(): digest_file(path) for path in found}
