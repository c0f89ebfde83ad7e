# SPDX-License-Identifier: Apache-2.0
"""Decide records that lie in files: what `privity decide` and `privity doctor` ask for.

Picks the engine and the working folder. The bulk engine reads twice and holds a word a record; the plain
rule holds all records and all facts, and is there to be compared with. Where permits rest on claims that nobody
witnessed, it is said of each and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from privity.app.api import Engine, decisions
from privity.app.basis import Basis, Believed, believe
from privity.app.inputs import records_of
from privity.app.resting import (
    ATTESTED,
    attested_lines,
    names_of,
    resting,
    source_lines,
)
from privity.app.running import decided_run, opened
from privity.app.unknown_recipient import unknown_recipient
from privity.canonical.encode import encode
from privity.decide import one
from privity.decide.bits import REASON_MASK, obligations_in, reasons_in
from privity.decide.many import Compiled
from privity.decide.request import Request
from privity.release.decided import COLUMNS
from privity.sources.parquet import ParquetRecords

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of files.

    Attributes:
        basis: What is known: files of policies and facts, or a ledger.
        records: Files and folders of records.
        bindings: What the columns of the records mean: none, one for all of them, or one for each.
        request: Purpose, recipient and the two instants.
    """

    basis: Basis
    records: Sequence[Path]
    bindings: tuple[Path, ...]
    request: Request


def decide_files(
    question: Question,
    *,
    engine: Engine = "arrow",
    threads: int = 2,
    tell: Tell = lambda _line: None,
    warn: Callable[[str | None], None] = lambda _why: None,
) -> Generator[pa.Table, None, None]:
    """Decide all records of a run.

    Args:
        question: What is asked.
        engine: `arrow` decides in bulk, `one` by the plain rule, record by record.
        threads: How many parts are read at once.
        tell: Told what has to be said of a ledger, and at the end how many permits nobody witnessed.
        warn: Told why everything is refused, where the recipient is not on the register; None where it is.

    Yields:
        The columns `record_id`, `permit`, `reasons` and `obligations`, chunk by chunk, in the order of
        the files; and `attested`, the names on whose claims a permit rests, where any are accepted.

    Raises:
        InputError: Policy, facts or records cannot be read; before anything is yielded.
    """
    with opened(question.records, question.bindings) as files:
        believed = believe(question.basis, question.request)
        for line in source_lines(believed.source):
            tell(line)
        compiled = believed.reading.compiled()
        warn(unknown_recipient(compiled))
        counts: Counter[str] = Counter()
        yield from (
            _plainly(believed, files, counts)
            if engine == "one"
            else _in_bulk(believed, compiled, files, threads, counts)
        )
        for line in attested_lines(counts):
            tell(line)


def _in_bulk(
    believed: Believed,
    compiled: Compiled,
    files: Sequence[ParquetRecords],
    threads: int,
    counts: Counter[str],
) -> Iterator[pa.Table]:
    with (
        decided_run(compiled, files, threads=threads) as decided,
        resting(believed, files, threads=threads) as without,
    ):
        for chunk in decided.chunks:
            ids = chunk.file.read(chunk.number, ["record_id"]).column("record_id")
            words, inverse = np.unique(decided.words_of(chunk), return_inverse=True)
            pairs = [
                (reasons_in(word & REASON_MASK), obligations_in(word))
                for word in words.tolist()
            ]
            made = decisions(ids, pairs, pa.array(inverse))
            if believed.attesters:
                names = without.of(chunk, decided.permitted(chunk))
                made = made.append_column(ATTESTED, names_of(names, chunk.rows))
            yield made
        counts.update(without.counts)


def decision_lines(table: pa.Table) -> Iterator[bytes]:
    """Give each row of `decide_files` as a line of JSON, in the form that stays fixed (docs/decide.md)."""
    columns = [table.column(name).to_pylist() for name in ("permit", "reasons", "obligations")]
    attested = (
        table.column(ATTESTED).to_pylist()
        if ATTESTED in table.column_names
        else [()] * table.num_rows
    )
    # Rows that are decided alike share all but their id.
    ends: dict[tuple[str, ...], bytes] = {}
    for record_id, permit, reasons, obligations, names in zip(
        table.column("record_id").to_pylist(), *columns, attested, strict=True
    ):
        key = (*reasons, "", *obligations, "", *names)
        end = ends.get(key)
        if end is None:
            end = ends[key] = b',"permit":%b,"reasons":%b,"obligations":%b%b}\n' % (
                encode(permit),
                encode(reasons),
                encode(obligations),
                b',"attested":%b' % encode(names) if names else b"",
            )
        yield b'{"record_id":%b' % encode(record_id) + end


def _plainly(
    believed: Believed, files: Sequence[ParquetRecords], counts: Counter[str]
) -> Iterator[pa.Table]:
    reading = believed.reading
    tables = [file.read(chunk, COLUMNS) for file in files for chunk in range(file.chunks)]
    rows = [list(records_of([table], reading.facts)) for table in tables]
    together = [row for some in rows for row in some]
    lines = reading.world(together)
    on_whom = believed.resting(together)
    for table, some in zip(tables, rows, strict=True):
        found = [one.decide(row, reading.request, lines) for row in some]
        made = decisions(
            table.column("record_id"), [(got.reasons, got.obligations) for got in found]
        )
        if believed.attesters:
            names = list(map(on_whom, some))
            counts.update(name for mine in names for name in mine)
            made = made.append_column(ATTESTED, pa.array(names, pa.list_(pa.string())))
        yield made
