# SPDX-License-Identifier: Apache-2.0
"""The product's front in Python: decide one record, decide a batch, clear a corpus.

`privity.decide`, `privity.decide_batch` and `privity.clear` are these functions (docs/python.md). Policy
and facts may be files, Arrow tables, plain mappings, or what `load_policy` and `load_facts` gave.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from privity.app.at_hand import records_table
from privity.app.inputs import (
    Facts,
    PathLike,
    Policy,
    When,
    describe_inputs,
    facts_of,
    load_facts,
    load_policy,
    record_of,
    records_of,
    request,
)
from privity.app.pseudonym_key import recipients_key
from privity.decide import one
from privity.decide.bits import REASON_MASK, obligations_in, reasons_in
from privity.decide.many import Compiled, compile_request, decide_table
from privity.decide.request import Decision, world
from privity.release.clear import Clearing, clear as clear_run
from privity.release.job import Job
from privity.release.reading import RecordFile
from privity.sources.binding import Binding, load_binding
from privity.sources.native import open_records

Engine = Literal["one", "arrow"]


def compiled(
    *,
    policy: Policy,
    facts: Facts,
    purpose: str,
    recipient: str,
    at: When,
    known: When | None = None,
) -> Compiled:
    """Make a request ready to decide any number of records; see `decide_batch` for the arguments."""
    return compile_request(
        request(purpose, recipient, at, known), load_policy(policy), load_facts(facts)
    )


def decide(
    record: Mapping[str, Any],
    *,
    policy: Policy,
    facts: Facts,
    purpose: str,
    recipient: str,
    at: When,
    known: When | None = None,
    records: Sequence[Mapping[str, Any]] = (),
) -> Decision:
    """Decide one record by the plain rule.

    Args:
        record: The record's columns by name; its instant is text, seconds or an aware datetime.
        policy: Versions of one policy: files, folders, mappings, or a `History`.
        facts: A file, an Arrow table, rows as mappings, or `FactColumns`.
        purpose: What the data would be used for.
        recipient: Who would get it, an id of the register.
        at: When it would be used.
        known: Up to when anything is believed; `at` unless said.
        records: Further records, where quoted ones are looked up.

    Returns:
        The decision, with every reason; a refusal is a value, never an exception.

    Raises:
        InputError: Policy, facts or record cannot be read.
    """
    asked = request(purpose, recipient, at, known)
    columns = load_facts(facts)
    mine = record_of(record, columns)
    others = [record_of(other, columns) for other in records]
    lines = world(load_policy(policy), facts_of(columns), asked.known, (mine, *others))
    return one.decide(mine, asked, lines)


def decide_batch(
    batch: pa.RecordBatch | pa.Table,
    *,
    policy: Policy,
    facts: Facts,
    purpose: str,
    recipient: str,
    at: When,
    known: When | None = None,
    engine: Engine = "arrow",
) -> pa.Table:
    """Decide records that are all at hand; a quoted record has to be among them.

    Args:
        batch: Records in the records schema (docs/sources.md), payload or not; `recipients`, `capacity`
            and `quotes` may be left out.
        policy: As for `decide`.
        facts: As for `decide`.
        purpose: As for `decide`.
        recipient: As for `decide`.
        at: As for `decide`.
        known: As for `decide`.
        engine: `arrow` decides in bulk, `one` by the plain rule, record by record.

    Returns:
        The columns `record_id`, `permit`, `reasons` and `obligations` (lists of strings, sorted), in the
        order of the batch.

    Raises:
        InputError: Policy, facts or records cannot be read.
    """
    table = records_table(batch)
    asked = request(purpose, recipient, at, known)
    policy, columns = load_policy(policy), load_facts(facts)
    if engine == "one":
        rows = list(records_of([table], columns))
        lines = world(policy, facts_of(columns), asked.known, rows)
        return decisions(
            table["record_id"],
            [
                (got.reasons, got.obligations)
                for got in (one.decide(row, asked, lines) for row in rows)
            ],
        )
    words = decide_table(compile_request(asked, policy, columns), table)
    distinct, inverse = np.unique(words, return_inverse=True)
    pairs = [
        (reasons_in(word & REASON_MASK), obligations_in(word)) for word in distinct.tolist()
    ]
    return decisions(table["record_id"], pairs, pa.array(inverse))


def decisions(
    ids: pa.ChunkedArray,
    pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
    which: pa.Array | None = None,
) -> pa.Table:
    """Make the table of decisions: reasons and obligations for each id, or picked by `which`."""
    words = pa.list_(pa.string())
    columns = [
        pa.array([not reasons for reasons, _ in pairs], pa.bool_()),
        pa.array([list(reasons) for reasons, _ in pairs], words),
        pa.array([list(obligations) for _, obligations in pairs], words),
    ]
    if which is not None:
        columns = [column.take(which) for column in columns]
    return pa.table([ids, *columns], names=["record_id", "permit", "reasons", "obligations"])


def clear(
    sources: Sequence[PathLike] | Sequence[RecordFile] | PathLike,
    *,
    policy: Policy,
    facts: Facts,
    purpose: str,
    recipient: str,
    at: When,
    out: PathLike,
    known: When | None = None,
    threads: int = 2,
    binding: Binding | PathLike | None = None,
    refused: bool = False,
    pseudonym_key: bytes | PathLike | None = None,
    text: Sequence[str] = (),
    ready: Compiled | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Clearing:
    """Clear a corpus: write the records that everybody in them agreed to, and account for the rest.

    Args:
        sources: Files or folders of records, or sources opened already.
        policy: As for `decide`.
        facts: As for `decide`.
        purpose: As for `decide`.
        recipient: As for `decide`.
        at: As for `decide`.
        out: The folder to make; it must not exist, or be empty.
        known: As for `decide`.
        threads: How many parts are read and written at once.
        binding: What a platform's own columns mean (docs/sources.md).
        refused: Whether to write the refused ids with their reasons.
        pseudonym_key: Where `pseudonymise` is an obligation: at least 32 secret bytes, or a file of them,
            which is made if it does not exist.
        text: Columns of text that `drop-quotes` cuts quotations from.
        ready: The same request made ready by `compiled` already, so that facts are not read again.
        progress: Told of each stage (`decide`, `copy`) and how many more of its records are done.

    Returns:
        The cleared set: its folder, numbers and manifest.

    Raises:
        InputError: Something cannot be read, or an obligation cannot be performed.
        ConflictError: `out` exists, or a source changed meanwhile.
        UnavailableError: The disk is full or fails.
    """
    if isinstance(binding, str | Path):
        binding = load_binding(Path(binding))
    if ready is None:
        ready = compiled(
            policy=policy, facts=facts, purpose=purpose, recipient=recipient, at=at, known=known
        )
    described = describe_inputs(policy, facts)
    described["program"] = f"privity {version('privity')}"
    return clear_run(
        ready,
        _opened(sources, binding),
        Job(
            out=Path(out),
            threads=threads,
            seed=secrets.randbits(64),
            refused=refused,
            key=recipients_key(pseudonym_key, recipient),
            text=tuple(text),
            described=described,
        ),
        progress or (lambda _stage, _rows: None),
    )


def _opened(
    sources: Sequence[PathLike] | Sequence[RecordFile] | PathLike, binding: Binding | None
) -> Sequence[RecordFile]:
    if isinstance(sources, str | Path):
        sources = [sources]
    paths = [Path(source) for source in sources if isinstance(source, str | Path)]
    if paths:
        return open_records(paths, binding=binding)
    return [source for source in sources if not isinstance(source, str | Path)]
