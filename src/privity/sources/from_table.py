# SPDX-License-Identifier: Apache-2.0
"""Facts made of a platform's tables (docs/members.md, "Facts from tables").

Decides what a current-state table, a table of periods (SCD2) and a change log tell of members, and nothing
that they do not know:

- how a setting was said is unknown unless a column says so, so a yes is `migrated`, which is passed over;
- since when a no stands is unknown in a current table, and so is since when an agreement does, or a suspicion: it
  stands at `as_of`, and from when the member joined, where the table knows that;
- what holds after a period that no other follows is unknown: a setting is then off, an account closed, and a
  jurisdiction is one that nobody knows;
- a part of a second is rounded to where it permits less (`whole_seconds.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.encode import encode
from privity.sources.periods import Rows, final_rows, last_rows
from privity.sources.table_binding import FactBinding, TableBinding
from privity.sources.tables import read_table_file
from privity.sources.told import Told, tell
from privity.sources.told_columns import Micros
from privity.sources.whole_seconds import ALONE, UNKNOWN_PLACE, Said, of_rows, rounded

ENDS: Final[Mapping[str, str]] = {
    "agreement": "agreement-ended",
    "closed": "reopened",
    "joined": "closed",
    "minor-suspected": "minor-cleared",
    "objection": "objection-withdrawn",
    "order": "order-lifted",
    "recipient": "recipient-ended",
    "seat-instruction": "seat-instruction-withdrawn",
}
"""What ends where a period of the first ends."""

# What holds where nothing is known any more: what refuses.
_KNOWN_NO_MORE: Final[Mapping[str, str]] = {"setting": "off", "jurisdiction": UNKNOWN_PLACE}

_ONLY_REFUSES: Final = frozenset({"agreement", "minor-suspected", "objection"})
"""What never permits anything, so that it may be taken to have held for longer."""

_YES_OR_SILENCE: Final = pa.array(["on", "unset"])


def facts_from_tables(
    binding: TableBinding,
    paths: Sequence[Path],
    silent: Callable[[FactBinding], None] = lambda _fact: None,
) -> Iterator[pa.RecordBatch]:
    """Make facts of tables.

    Args:
        binding: What the tables say.
        paths: The tables, read one after the other as one.
        silent: Told at the end of each fact of the binding that no row tells of.

    Yields:
        Batches of the columns of `privity.members.files.COLUMNS`; the member is of type null where
        all facts of a batch are the platform's.

    Raises:
        InputError: A table cannot be read, or a row says something that is no fact.
    """
    said: list[Said] = []
    held: dict[str, list[Told]] = {}
    heard: set[str] = set()
    for path in paths:
        for batch in read_table_file(path, binding.ids):
            for one in binding.facts:
                told = tell(binding, one, batch)
                if len(told.rows):
                    heard.add(one.path)
                if told.timeless or one.fact in ALONE:
                    yield from rounded(list(_begun(told)))
                else:
                    # What else was said in the same second may stand in any row.
                    said += _begun(told)
                if binding.kind == "periods" and (
                    one.fact in ENDS or one.fact in _KNOWN_NO_MORE
                ):
                    held.setdefault(one.path, []).append(told)
    ended = [one for rows in held.values() for one in _ended(rows)]
    said += [_unless_gone(one, ended) for one in ended]
    yield from rounded(said)
    for one in binding.facts:
        if one.path not in heard:
            silent(one)


def _begun(told: Told) -> Iterator[Said]:
    """Give a fact for each row."""
    yield _said(told, np.arange(len(told.rows)), told.start)
    if told.timeless:
        since = np.flatnonzero(_noes(told) & (told.joined < told.start))
        yield _said(told, since, told.joined[since])


def _said(told: Told, chosen: Rows, at: Micros) -> Said:
    rows = pa.array(chosen)
    return Said(
        fact=told.of.fact,
        member=None if told.member is None else told.member.take(rows),
        # Few words, many rows.
        value=told.value.take(rows).dictionary_encode(),
        detail=told.detail.take(rows).dictionary_encode(),
        setting=told.setting.take(rows).dictionary_encode(),
        at=at,
        recorded=told.recorded[chosen],
        joined=told.joined[chosen],
    )


def _noes(told: Told) -> npt.NDArray[np.bool_]:
    """Tell which rows are a no that may have stood for longer than the table knows."""
    if told.of.fact == "setting":
        yes = pc.is_in(told.value, value_set=_YES_OR_SILENCE)
        return ~np.asarray(yes.to_numpy(zero_copy_only=False), np.bool_)
    return np.full(len(told.rows), told.of.fact in _ONLY_REFUSES, np.bool_)


def _ended(held: Sequence[Told]) -> Iterator[Said]:
    """Give what is known where periods end that no other follows."""
    fact = held[0].of.fact
    # Between two of its periods a membership is closed for nobody who asks now; to reopen it could undo another closing.
    last, end = final_rows(held) if fact == "joined" else last_rows(held)
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
    yield Said(
        fact=after,
        member=None if whole.member is None else whole.member.take(rows),
        value=value,
        detail=detail,
        setting=whole.setting.take(rows),
        at=end,
        # Nobody knew of an end before it was there.
        recorded=np.maximum(whole.recorded[last], end),
        joined=whole.joined[last],
    )


def _unless_gone(one: Said, ended: Sequence[Said]) -> Said:
    """Leave out that an account is open again where its membership had ended by then: it stays closed."""
    if one.fact != "reopened":
        return one
    kept = np.ones(len(one.at), np.bool_)
    for gone in ended:
        if gone.fact == "closed" and gone.member is not None:
            place = pc.index_in(one.member, value_set=gone.member)
            there = np.asarray(place.is_valid().to_numpy(zero_copy_only=False), np.bool_)
            rows = np.asarray(pc.fill_null(place, 0))
            kept &= ~there | (gone.at[rows] > one.at)
    return of_rows(one, kept)


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
