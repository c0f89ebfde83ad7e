# SPDX-License-Identifier: Apache-2.0
"""Facts made of a platform's tables (docs/members.md, "Facts from tables").

Decides what a current-state table, a table of periods (SCD2) and a change log tell of members, and nothing
that they do not know:

- how a setting was said is unknown unless a column says so, so a yes is `migrated`, which is passed over;
- since when a no stands is unknown in a current table: it stands at `as_of`, and from when the member
  joined, where the table knows that;
- what holds after a period that no other follows is unknown: a setting is then off, and a jurisdiction is
  one that nobody knows;
- a part of a second is rounded to where it permits less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.encode import encode
from privity.members.files import COLUMNS
from privity.members.ordering import PERMITTING
from privity.sources.columns import INSTANT
from privity.sources.periods import last_rows
from privity.sources.table_binding import TableBinding
from privity.sources.tables import read_table_file
from privity.sources.told import SECOND, Told, tell
from privity.sources.told_columns import Micros

UNKNOWN_PLACE: Final = "unknown"
"""No ISO code: a decision refuses where it is the latest evidence."""

ENDS: Final[Mapping[str, str]] = {
    "agreement": "agreement-ended",
    "closed": "reopened",
    "minor-suspected": "minor-cleared",
    "objection": "objection-withdrawn",
    "order": "order-lifted",
    "recipient": "recipient-ended",
    "seat-instruction": "seat-instruction-withdrawn",
}
"""What ends where a period of the first ends."""

# What holds where nothing is known any more: what refuses.
_KNOWN_NO_MORE: Final[Mapping[str, str]] = {"setting": "off", "jurisdiction": UNKNOWN_PLACE}

_YES_OR_SILENCE: Final = pa.array(["on", "unset"])


def facts_from_tables(binding: TableBinding, paths: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    """Make facts of tables.

    Args:
        binding: What the tables say.
        paths: The tables, read one after the other as one.

    Yields:
        Batches of the columns of `privity.members.files.COLUMNS`; the member is of type null where
        all facts of a batch are the platform's.

    Raises:
        InputError: A table cannot be read, or a row says something that is no fact.
    """
    held: dict[str, list[Told]] = {}
    for path in paths:
        for batch in read_table_file(path):
            for one in binding.facts:
                told = tell(binding, one, batch)
                yield from _begun(told)
                if binding.kind == "periods" and (
                    one.fact in ENDS or one.fact in _KNOWN_NO_MORE
                ):
                    held.setdefault(one.path, []).append(told)
    for rows in held.values():
        yield from _ended(rows)


def _begun(told: Told) -> Iterator[pa.RecordBatch]:
    """Give a fact for each row."""
    no = _noes(told)
    yield _batch(
        told.member,
        told.of.fact,
        told.value,
        _whole_seconds(told.start, later=_permitting(told.of.fact, no)),
        _whole_seconds(told.recorded, later=True),
        told.detail,
    )
    since = no & (told.joined < told.start) if told.timeless else np.zeros(len(no), np.bool_)
    rows = pa.array(np.flatnonzero(since))
    if len(rows):
        yield _batch(
            None if told.member is None else told.member.take(rows),
            told.of.fact,
            told.value.take(rows),
            _whole_seconds(told.joined[since], later=False),
            _whole_seconds(told.recorded[since], later=True),
            told.detail.take(rows),
        )


def _noes(told: Told) -> npt.NDArray[np.bool_]:
    """Tell which rows are a no that may have stood for longer than the table knows."""
    if told.of.fact == "setting":
        yes = pc.is_in(told.value, value_set=_YES_OR_SILENCE)
        return ~np.asarray(yes.to_numpy(zero_copy_only=False), np.bool_)
    return np.full(len(told.rows), told.of.fact == "objection", np.bool_)


def _permitting(fact: str, no: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    if fact == "setting":
        return ~no
    return np.full(len(no), fact in PERMITTING, np.bool_)


def _ended(held: Sequence[Told]) -> Iterator[pa.RecordBatch]:
    """Give what is known where periods end that no other follows."""
    fact = held[0].of.fact
    last, end = last_rows(held)
    whole = _joined_batches(held)
    if fact == "setting":
        # A no that stood stands on; nothing is to be added.
        said = ~_noes(whole)[last]
        last, end = last[said], end[said]
    if not len(last):
        return
    rows = pa.array(last)
    value, detail, after = whole.value.take(rows), whole.detail.take(rows), ENDS.get(fact, fact)
    if fact in _KNOWN_NO_MORE:
        value = pa.repeat(_KNOWN_NO_MORE[fact], len(last))
    if fact in {"setting", "objection"}:
        detail = _only_setting(whole.setting.take(rows), migrated=fact == "setting")
    elif fact in ENDS:
        detail = pa.repeat("", len(last))
    permits = np.full(len(last), after in PERMITTING, np.bool_)
    yield _batch(
        None if whole.member is None else whole.member.take(rows),
        after,
        value,
        _whole_seconds(end, later=permits),
        # Nobody knew of an end before it was there.
        _whole_seconds(np.maximum(whole.recorded[last], end), later=True),
        detail,
    )


def _joined_batches(held: Sequence[Told]) -> Told:
    """Give all rows of a kind of fact as one."""
    first = held[0]

    def arrays(name: str) -> pa.Array:
        return pa.concat_arrays([getattr(one, name) for one in held])

    def numbers(name: str) -> Micros:
        return np.concatenate([getattr(one, name) for one in held])

    return Told(
        of=first.of,
        member=None if first.member is None else arrays("member"),
        value=arrays("value"),
        detail=arrays("detail"),
        setting=arrays("setting"),
        start=numbers("start"),
        end=numbers("end"),
        recorded=numbers("recorded"),
        joined=numbers("joined"),
        timeless=first.timeless,
        rows=numbers("rows"),
        batch=first.batch,
    )


def _only_setting(settings: pa.Array, *, migrated: bool) -> pa.Array:
    encoded = settings.dictionary_encode()
    texts = []
    for setting in encoded.dictionary.to_pylist():
        said = {"setting": setting} if setting else {}
        texts.append(
            encode({**said, "method": "migrated"} if migrated else said).decode("utf-8")
        )
    return pa.array(texts, pa.string()).take(encoded.indices)


def _whole_seconds(micros: Micros, *, later: npt.NDArray[np.bool_] | bool) -> Micros:
    """Round to whole seconds: to the next where `later`, else to the last."""
    return np.where(later, -(-micros // SECOND), micros // SECOND)


def _batch(  # noqa: PLR0917 - the columns of one table, in their order
    member: pa.Array | None,
    fact: str,
    value: pa.Array,
    at: Micros,
    recorded: Micros,
    detail: pa.Array,
) -> pa.RecordBatch:
    count = len(value)
    return pa.RecordBatch.from_arrays(
        [
            pa.nulls(count) if member is None else member,
            pa.repeat(fact, count),
            value,
            *(pa.array(one * SECOND, pa.int64()).cast(INSTANT) for one in (at, recorded)),
            detail,
        ],
        names=list(COLUMNS),
    )
