# SPDX-License-Identifier: Apache-2.0
"""Decide records that lie in files: what `privity decide` and `privity doctor` ask for.

Picks the engine and the working folder. The bulk engine reads twice and holds a word a record; the plain
rule holds all records and all facts, and is there to be compared with.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from privity.app.api import Engine, decisions
from privity.app.inputs import facts_of, load_facts, load_policy, records_of, request
from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.decide import one
from privity.decide.bits import REASON_MASK, obligations_in, reasons_in
from privity.decide.many import Compiled, compile_request
from privity.decide.request import Request, world
from privity.members.columns import FactColumns
from privity.policy.versions import History
from privity.release.decided import COLUMNS, Decided, decide_run
from privity.sources.binding import load_binding
from privity.sources.native import open_records
from privity.sources.parquet import ParquetRecords

Progress = Callable[[str, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of files.

    Attributes:
        policies: Policy files and folders.
        facts: A file of facts.
        records: Files and folders of records.
        binding: What the columns of the records mean, or None.
        request: Purpose, recipient and the two instants.
    """

    policies: Sequence[Path]
    facts: Path
    records: Sequence[Path]
    binding: Path | None
    request: Request


def ask(
    *,
    policies: Sequence[Path],
    facts: Path,
    records: Sequence[Path],
    binding: Path | None,
    purpose: str,
    recipient: str,
    at: Instant,
    known: Instant | None,
) -> Question:
    """Put a question together; nothing is read."""
    return Question(
        policies=policies,
        facts=facts,
        records=records,
        binding=binding,
        request=request(purpose, recipient, at, known),
    )


@contextmanager
def opened(records: Sequence[Path], binding: Path | None) -> Iterator[list[ParquetRecords]]:
    """Open files of records; what had to be converted is removed at the end.

    Raises:
        InputError: A file, or the binding, cannot be read.
    """
    bound = None if binding is None else load_binding(binding)
    with tempfile.TemporaryDirectory(prefix="privity-") as folder:
        yield open_records(records, binding=bound, staging=Path(folder))


def decide_files(
    question: Question, *, engine: Engine = "arrow", threads: int = 2
) -> Generator[pa.Table, None, None]:
    """Decide all records of a run.

    Yields:
        The columns `record_id`, `permit`, `reasons` and `obligations`, chunk by chunk, in the order of
        the files.

    Raises:
        InputError: Policy, facts or records cannot be read; before anything is yielded.
    """
    policy = load_policy(question.policies)
    with opened(question.records, question.binding) as files:
        columns = load_facts(question.facts)
        if engine == "one":
            yield from _plainly(question.request, policy, columns, files)
            return
        compiled = compile_request(question.request, policy, columns)
        with decided_run(compiled, files, threads=threads) as decided:
            for chunk in decided.chunks:
                ids = chunk.file.read(chunk.number, ["record_id"]).column("record_id")
                words, inverse = np.unique(decided.words_of(chunk), return_inverse=True)
                pairs = [
                    (reasons_in(word & REASON_MASK), obligations_in(word))
                    for word in words.tolist()
                ]
                yield decisions(ids, pairs, pa.array(inverse))


def decision_lines(table: pa.Table) -> Iterator[bytes]:
    """Give each row of `decide_files` as a line of JSON, in the form that stays fixed (docs/decide.md)."""
    columns = [table.column(name).to_pylist() for name in ("permit", "reasons", "obligations")]
    # Rows that are decided alike share all but their id.
    ends: dict[tuple[str, ...], bytes] = {}
    for record_id, permit, reasons, obligations in zip(
        table.column("record_id").to_pylist(), *columns, strict=True
    ):
        key = (*reasons, "", *obligations)
        end = ends.get(key)
        if end is None:
            end = ends[key] = b',"permit":%b,"reasons":%b,"obligations":%b}\n' % (
                encode(permit),
                encode(reasons),
                encode(obligations),
            )
        yield b'{"record_id":%b' % encode(record_id) + end


@contextmanager
def decided_run(
    compiled: Compiled,
    files: Sequence[ParquetRecords],
    *,
    threads: int = 2,
    progress: Progress = lambda _stage, _rows: None,
) -> Iterator[Decided]:
    """Decide all records of a run in bulk, in a working folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="privity-") as folder,
        decide_run(
            compiled, files, Path(folder), secrets.randbits(64), threads, progress
        ) as decided,
    ):
        yield decided


def _plainly(
    request: Request, policy: History, facts: FactColumns, files: Sequence[ParquetRecords]
) -> Iterator[pa.Table]:
    tables = [file.read(chunk, COLUMNS) for file in files for chunk in range(file.chunks)]
    rows = [list(records_of([table], facts)) for table in tables]
    lines = world(
        policy, facts_of(facts), request.known, (row for some in rows for row in some)
    )
    for table, some in zip(tables, rows, strict=True):
        found = [one.decide(row, request, lines) for row in some]
        yield decisions(
            table.column("record_id"), [(got.reasons, got.obligations) for got in found]
        )
