# SPDX-License-Identifier: Apache-2.0
"""The product's front in Python: decide one record, decide a batch, clear a corpus.

`privity.decide`, `privity.decide_batch`, `privity.clear` and `privity.load_workspace` are these functions
(docs/python.md). Policy and facts may be files, Arrow tables, plain mappings, or what `load_policy` and
`load_facts` gave; in their place a workspace may be given.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from privity.app.at_hand import records_table
from privity.app.basis import Believed, Ledger, Reading, believe, believe_gathered
from privity.app.inputs import (
    Bindings,
    Facts,
    PathLike,
    Policy,
    Sources,
    When,
    describe_inputs,
    instant,
    load_facts,
    load_policy,
    open_sources,
    record_of,
    records_of,
    request,
)
from privity.app.pseudonym_key import recipients_key
from privity.app.resting import ATTESTED, names_of
from privity.app.workspace.gathered import Gathered
from privity.app.workspace.knowing import gather
from privity.app.workspace.opening import open_workspace
from privity.config.apart import check_apart
from privity.decide import one
from privity.decide.bits import REASON_MASK, obligations_in, reasons_in
from privity.decide.count_attested import flag_attested, permits
from privity.decide.many import Compiled, decide_table
from privity.decide.request import Decision, Request
from privity.errors import InputError
from privity.release.clear import Clearing, clear as clear_run
from privity.release.job import Job, check_threads

Engine = Literal["one", "arrow"]

FromLedger = PathLike | Gathered
"""A workspace's folder, or what `load_workspace` gave."""


def load_workspace(
    path: PathLike, *, known: When | None = None, size: int | None = None
) -> Gathered:
    """Read what a workspace's ledger says, once for any number of decisions.

    Args:
        path: The workspace's folder.
        known: Up to when its entries are believed; left out, all are.
        size: How many of its entries are believed, in place of an instant.

    Returns:
        What `workspace` may be for `decide`, `decide_batch` and `compiled`. Its `source` says which log it is, how
        many entries are believed, whether its clock was simulated, and who claims what.

    Raises:
        InputError: There is no workspace, both `known` and `size` are given, or the log has fewer entries.
        ConflictError: It is a copy, or is being written to and that does not end.
        VerificationError: It does not agree with itself.
        UnavailableError: A part of it is missing, or the disk fails.
    """
    if known is not None and size is not None:
        raise InputError(
            "both `known` and `size` are given, expected one of them", code="input/basis"
        )
    with open_workspace(Path(path)) as workspace:
        return gather(workspace, size=size, until=None if known is None else instant(known))


def compiled(
    *,
    policy: Policy | None = None,
    facts: Facts | None = None,
    workspace: FromLedger | None = None,
    purpose: str,
    recipient: str,
    at: When,
    known: When | None = None,
) -> Compiled:
    """Make a request ready to decide any number of records; see `decide_batch` for the arguments."""
    asked = request(purpose, recipient, at, known)
    return _believed(policy, facts, workspace, asked, known).reading.compiled()


def decide(
    record: Mapping[str, Any],
    *,
    policy: Policy | None = None,
    facts: Facts | None = None,
    workspace: FromLedger | None = None,
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
        facts: A file or several, an Arrow table, rows as mappings, or `FactColumns`.
        workspace: In place of both: a workspace's folder, or what `load_workspace` gave.
        purpose: What the data would be used for.
        recipient: Who would get it, an id of the register.
        at: When it would be used.
        known: Up to when anything is believed; `at` unless said. What `load_workspace` gave has its own.
        records: Further records, where quoted ones are looked up.

    Returns:
        The decision, with every reason; a refusal is a value, never an exception.

    Raises:
        InputError: Policy, facts or record cannot be read, or both or none are given of them and a workspace.
        ConflictError: As `load_workspace`; and so it is with the other errors of a workspace.
    """
    asked = request(purpose, recipient, at, known)
    believed = _believed(policy, facts, workspace, asked, known)
    reading = believed.reading
    mine = record_of(record, reading.facts)
    run = (mine, *(record_of(other, reading.facts) for other in records))
    decision = one.decide(mine, reading.request, reading.world(run))
    return replace(decision, attested=believed.resting(run)(mine))


def decide_batch(
    batch: pa.RecordBatch | pa.Table,
    *,
    policy: Policy | None = None,
    facts: Facts | None = None,
    workspace: FromLedger | None = None,
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
        workspace: As for `decide`.
        purpose: As for `decide`.
        recipient: As for `decide`.
        at: As for `decide`.
        known: As for `decide`.
        engine: `arrow` decides in bulk, `one` by the plain rule, record by record.

    Returns:
        The columns `record_id`, `permit`, `reasons` and `obligations` (lists of strings, sorted), in the
        order of the batch. Of a workspace that accepts claims also `attested`: the names on whose claims a permit
        rests, which nobody witnessed.

    Raises:
        InputError: As `decide`.
        ConflictError: As `decide`.
    """
    table = records_table(batch)
    asked = request(purpose, recipient, at, known)
    believed = _believed(policy, facts, workspace, asked, known)
    reading = believed.reading
    if engine == "one":
        rows = list(records_of([table], reading.facts))
        lines = reading.world(rows)
        found = [one.decide(row, reading.request, lines) for row in rows]
        pairs = [(got.reasons, got.obligations) for got in found]
        made = decisions(table["record_id"], pairs)
        if not believed.attesters:
            return made
        names = list(map(believed.resting(rows), rows))
        return made.append_column(ATTESTED, pa.array(names, pa.list_(pa.string())))
    words = decide_table(reading.compiled(), table)
    distinct, inverse = np.unique(words, return_inverse=True)
    pairs = [
        (reasons_in(word & REASON_MASK), obligations_in(word)) for word in distinct.tolist()
    ]
    made = decisions(table["record_id"], pairs, pa.array(inverse))
    if not believed.attesters:
        return made
    others = {
        name: permits(decide_table(other.compiled(), table))
        for name, other in believed.each().items()
    }
    witnessed = permits(decide_table(believed.accepting(()).compiled(), table))
    flags = flag_attested(permits(words), witnessed, others)
    return made.append_column(ATTESTED, names_of(flags, len(words)))


def _believed(
    policy: Policy | None,
    facts: Facts | None,
    workspace: FromLedger | None,
    asked: Request,
    known: When | None,
) -> Believed:
    """Read what is believed, from wherever the caller has it."""
    if workspace is None:
        if policy is None or facts is None:
            raise _unsettled("`policy` and `facts`, or `workspace`, are not given")
        return Believed(
            reading=Reading(request=asked, policy=load_policy(policy), facts=load_facts(facts))
        )
    if policy is not None or facts is not None:
        raise _unsettled("both `workspace` and `policy` or `facts` are given")
    if isinstance(workspace, Gathered):
        if known is not None:
            raise _unsettled("both `known` and what `load_workspace` gave are given")
        return believe_gathered(workspace, asked)
    return believe(Ledger(root=Path(workspace)), asked)


def _unsettled(seen: str) -> InputError:
    return InputError(
        f"{seen}, expected loose files or a workspace, and one word on what was known",
        code="input/basis",
    )


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
    sources: Sources,
    *,
    policy: Policy,
    facts: Facts,
    purpose: str,
    recipient: str,
    at: When,
    out: PathLike,
    known: When | None = None,
    threads: int = 2,
    binding: Bindings = None,
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
        binding: What a platform's own columns mean (docs/sources.md): one for all sources, or one for each.
        refused: Whether to write the refused ids with their reasons.
        pseudonym_key: Where `pseudonymise` is an obligation: at least 32 secret bytes, or a file of them,
            which is made if it does not exist.
        text: Columns of text: `drop-quotes` cuts quotations from them, and copies of refused private messages are
            looked for in them, where the policy says `copies`.
        ready: The same request made ready by `compiled` already, so that facts are not read again.
        progress: Told of each stage (`decide`, `compare` where copies are looked for, `copy`) and how many
            more of its records are done.

    Returns:
        The cleared set: its folder, numbers and manifest.

    Raises:
        InputError: Something cannot be read, an obligation cannot be performed, or `out` lies in a workspace;
            `threads` is no whole number from 1 to 256.
        ConflictError: `out` exists, or a source changed meanwhile.
        UnavailableError: The disk is full or fails.
    """
    check_apart(Path(out))
    check_threads(threads)
    if ready is None:
        ready = compiled(
            policy=policy, facts=facts, purpose=purpose, recipient=recipient, at=at, known=known
        )
    described = describe_inputs(policy, facts)
    described["program"] = f"privity {version('privity')}"
    return clear_run(
        ready,
        open_sources(sources, binding),
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
