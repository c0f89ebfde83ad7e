# SPDX-License-Identifier: Apache-2.0
"""Small corpora in files: records, facts and policy versions as a platform would hand them over."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.instants import format_instant
from privity.decide.request import Record, Request
from privity.testing.plain import AT
from privity.testing.worlds import RandomWorld, to_arrow

REQUEST = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
KEY = bytes(range(32))
FORMATS = (".parquet", ".jsonl", ".csv")

_FACT = ("member", "fact", "value", "at", "recorded_at", "detail")


@dataclass(frozen=True)
class Corpus:
    """What a run is made of, in a folder."""

    folder: Path
    policy: Path
    facts: Path
    sources: tuple[Path, ...]
    request: Request

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments of the Python front."""
        return {
            "policy": self.policy,
            "facts": self.facts,
            "purpose": self.request.purpose,
            "recipient": self.request.recipient,
            "at": self.request.at,
            "known": self.request.known,
        }

    @property
    def options(self) -> list[str]:
        """The options of the command line."""
        return [
            *("--policy", str(self.policy), "--facts", str(self.facts)),
            *("--purpose", self.request.purpose, "--recipient", self.request.recipient),
            *("--at", format_instant(self.request.at)),
            *("--known", format_instant(self.request.known)),
        ]

    @property
    def records(self) -> list[str]:
        """The sources as options of `privity decide`."""
        return [word for path in self.sources for word in ("--records", str(path))]


def put_corpus(
    folder: Path,
    tables: Sequence[pa.Table],
    facts: Iterable[Mapping[str, Any]],
    policies: Iterable[Mapping[str, Any]],
    *,
    request: Request = REQUEST,
    endings: Sequence[str] = (".parquet",),
    row_group: int = 1 << 16,
) -> Corpus:
    """Write a corpus; the tables' endings are taken in turn."""
    (folder / "policy").mkdir(parents=True)
    for number, version in enumerate(policies):
        # Every JSON text is YAML too.
        (folder / "policy" / f"{number}.yaml").write_text(json.dumps(version))
    with (folder / "facts.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, _FACT)
        writer.writeheader()
        writer.writerows({name: fact[name] for name in _FACT} for fact in facts)
    sources = []
    for number, table in enumerate(tables):
        path = folder / f"records-{number}{endings[number % len(endings)]}"
        put_records(path, table, row_group)
        sources.append(path)
    return Corpus(
        folder=folder,
        policy=folder / "policy",
        facts=folder / "facts.csv",
        sources=tuple(sources),
        request=request,
    )


def put_records(path: Path, table: pa.Table, row_group: int = 1 << 16) -> None:
    """Write records in the format of the path's ending."""
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=row_group)
        return
    rows = [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]
    with path.open("w", newline="", encoding="utf-8") as stream:
        if path.suffix == ".jsonl":
            stream.writelines(json.dumps(row) + "\n" for row in rows)
            return
        writer = csv.writer(stream)
        writer.writerow(table.column_names)
        writer.writerows([_cell(value) for value in row.values()] for row in rows)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join("" if one is None else str(one) for one in value)
    return value


def with_bodies(table: pa.Table) -> pa.Table:
    """Add a payload: text that tells each row from every other, in two columns."""
    names = ids_of(table)
    bodies = [f"body of {name} at row {row}\n" for row, name in enumerate(names)]
    titles = [f"title {row}" if row % 3 else None for row in range(len(names))]
    return table.append_column("body", pa.array(bodies, pa.string())).append_column(
        "title", pa.array(titles, pa.string())
    )


def ids_of(table: pa.Table) -> list[Any]:
    """The ids of records, in order."""
    found: list[Any] = table["record_id"].to_pylist()
    return found


def split(table: pa.Table, parts: int) -> list[pa.Table]:
    """Cut a table into parts of about as many rows."""
    rows = table.num_rows
    edges = [rows * number // parts for number in range(parts + 1)]
    return [table.slice(low, high - low) for low, high in pairwise(edges)]


def put_world(
    folder: Path,
    made: RandomWorld,
    *,
    number: int = 0,
    parts: int = 2,
    endings: Sequence[str] = (".parquet",),
    row_group: int = 23,
    obligations: Sequence[Mapping[str, Any]] = (),
) -> Corpus:
    """Write a random world, with payload; its versions' obligations are replaced."""
    records: Sequence[Record] = made.records
    if ".csv" in endings:
        # A cell cannot tell empty text, or a list of one empty place, from nothing.
        records = [_without_empty_text(one) for one in records]
    return put_corpus(
        folder,
        split(with_bodies(to_arrow(records, made.ids)), parts),
        made.facts,
        [{**one, "obligations": list(obligations)} for one in made.policies],
        request=made.requests[number],
        endings=endings,
        row_group=row_group,
    )


def _without_empty_text(record: Record) -> Record:
    return replace(
        record,
        capacity=record.capacity or "personal",
        recipients=() if record.recipients in {("",), (None,)} else record.recipients,
        quotes=() if record.quotes == (None,) else record.quotes,
    )
