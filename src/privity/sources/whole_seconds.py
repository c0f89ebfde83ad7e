# SPDX-License-Identifier: Apache-2.0
"""Facts of a platform's tables at whole seconds, rounded to where they permit less (docs/members.md).

At a whole second a member stands as the tables say, whatever is known: what permits counts from the next whole
second, and what was taken over before that is left out, since it stood at none. What refuses counts from the second
that it lies in, since records of that second are known to the second only; and again from the next one, where
something that permits was said shortly before it and would come to stand behind it. What was taken over in its own
second counts in the one before the second in which the later word does, so that it never stands beside that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.members.facts import parse_detail
from privity.members.files import COLUMNS
from privity.members.ordering import PERMITTING
from privity.members.state import SILENCE, YES
from privity.sources.columns import INSTANT
from privity.sources.periods import Rows, codes, running_maximum
from privity.sources.told import SECOND
from privity.sources.told_columns import FOREVER, Micros

UNKNOWN_PLACE: Final = "unknown"
"""No ISO code: a decision refuses where it is the latest evidence."""

Mask = npt.NDArray[np.bool_]

_MOST_ROWS: Final = 1 << 18
_QUESTIONS: Final = {
    "reopened": "closed",
    "merged": "closed",
    "agreement-ended": "agreement",
    "minor-cleared": "minor-suspected",
    "objection-withdrawn": "objection",
    "order-lifted": "order",
    "recipient-ended": "recipient",
    "seat-instruction-withdrawn": "seat-instruction",
}
"""Under which kind a kind is asked about, where that is another."""
_BY_VALUE: Final = frozenset({"agreement", "order", "recipient", "seat-instruction"})
ALONE: Final = frozenset({"joined", "birth_date", "deceased"})
"""Kinds of facts that mean the same whatever else is said in their second."""
# A proof of age is known from its time on; the date itself holds at all times.
_LATER: Final = PERMITTING | {"birth_date"}
_DECLARED: Final = '{"evidence":"declared"}'


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """Facts of one kind, to the microsecond.

    Attributes:
        fact: The kind.
        member: The members' ids, or None for facts of the platform.
        value: The values, no nulls.
        detail: The details as JSON text, no nulls.
        setting: The settings that are named; empty text where there is none.
        at: When true.
        recorded: When recorded.
        joined: When the member joined, or `FOREVER` where that is unknown.
    """

    fact: str
    member: pa.Array | None
    value: pa.Array
    detail: pa.Array
    setting: pa.Array
    at: Micros
    recorded: Micros
    joined: Micros


def rounded(said: Sequence[Said]) -> Iterator[pa.RecordBatch]:
    """Round facts to whole seconds.

    Args:
        said: All that a run's tables say; what it does not have is not thought of.
    """
    asked: dict[str, list[Said]] = {}
    for one in said:
        if len(one.at):
            asked.setdefault(_QUESTIONS.get(one.fact, one.fact), []).append(one)
    yeses = [of_rows(one, _explicit_yes(one)) for one in asked.get("setting", ())]
    for question, some in asked.items():
        if question == "notice":
            yield from _notices(some, yeses)
        elif question in ALONE:
            for one in some:
                yield from _batches(one, _second(one.at, later=one.fact in _LATER))
        elif question == "jurisdiction":
            yield from _places(some)
        else:
            yield from _answers(question, some)
    for one in said:
        if not len(one.at):
            yield from _batches(one, one.at)  # without a fact, but with the kind of its ids


def _second(micros: Micros, *, later: bool) -> Micros:
    """Give the whole second: the next where `later`, else the last."""
    return -(-micros // SECOND) if later else micros // SECOND


# What stands one at a time: settings, accounts, agreements, objections, suspicions; the platform's own


def _answers(question: str, some: Sequence[Said]) -> Iterator[pa.RecordBatch]:
    counts, permits, breaks = map(np.concatenate, zip(*map(_roles, some), strict=True))
    over, undone, repeated = np.zeros((3, len(counts)), np.bool_)
    rows = np.flatnonzero(counts)
    at, recorded = _all(some, "at"), _all(some, "recorded")
    part = at % SECOND != 0
    if (part | (recorded % SECOND != 0)).any():
        row, key = _asked(question, some, rows)
        order = _Order(key, at[row], recorded[row])
        superseded = order.superseded()
        earlier = (superseded & breaks[row]) | (part[row] & ~permits[row])
        over[row[superseded]] = True
        undone[row[order.undone(earlier)]] = True
        repeated[row[order.preceded((permits & ~over & ~undone)[row]) & ~superseded]] = True
    start = 0
    for one in some:
        place = slice(start, start + len(one.at))
        start = place.stop
        kept = permits[place] & ~over[place] & ~undone[place]
        yield from _at(one, kept | (repeated & part & ~permits)[place], later=True)
        yield from _refusing(one, over[place] & (breaks | ~permits)[place], before=True)
        yield from _refusing(one, ~over[place] & ~permits[place])


def _refusing(one: Said, chosen: Mask, *, before: bool = False) -> Iterator[pa.RecordBatch]:
    """Give what refuses in the second that it lies in; what was taken over, in the one `before` the next."""
    for taken in _taken_all(one, chosen):
        at = _second(taken.at, later=before) - before
        if one.fact == "setting":
            # An unset that a yes took over breaks the row of yeses all the same.
            off = pc.if_else(
                pa.array(_said(taken, SILENCE)), "off", taken.value.cast(pa.string())
            )
            yield from _batches(replace(taken, value=off), at)
        else:
            yield from _batches(taken, at)
        if one.fact == "merged":
            # What passes to the other account must also come after what its member said in that second.
            yield from _at(taken, before | (taken.at % SECOND != 0), later=True)


def _roles(one: Said) -> tuple[Mask, Mask, Mask]:
    """Tell which rows answer a question, which of them permit, and which of these break a row of yeses."""
    if one.fact != "setting":
        same = np.ones(len(one.at), np.bool_)
        return same, same & (one.fact in PERMITTING), ~same
    silence = _said(one, SILENCE)
    permits = _said(one, YES) | silence
    return ~permits | _explicit(one), permits, silence


def _asked(question: str, some: Sequence[Said], rows: Rows) -> tuple[Rows, Rows]:
    """Give rows with the number of what they answer; a fact that names no setting answers for each."""
    columns = [] if some[0].member is None else [_members(some).take(pa.array(rows))]
    if question in _BY_VALUE:
        columns.append(_texts(some, "value").take(pa.array(rows)))
    setting = _texts(some, "setting").take(pa.array(rows))
    if question == "objection":
        names = pc.unique(setting).filter(pc.not_equal(pc.unique(setting), ""))
        open_ones = np.flatnonzero(pc.equal(setting, "").to_numpy(zero_copy_only=False))
        again = pa.array(
            np.concatenate([np.arange(len(rows)), np.repeat(open_ones, len(names))])
        )
        columns = [one.take(again) for one in columns]
        named = names.take(pa.array(np.tile(np.arange(len(names)), len(open_ones))))
        setting, rows = pa.concat_arrays([setting, named]), rows[again.to_numpy()]
    return rows, codes([[one] for one in (*columns, setting)])


class _Order:
    """The facts that lie close to others of their question, in order of time, and what they do to each other.

    Args:
        key: What each answers.
        at: When true.
        recorded: When recorded.
    """

    def __init__(self, key: Rows, at: Micros, recorded: Micros) -> None:
        self._count = len(key)
        order = np.lexsort((recorded, at, key))
        second = _second(at[order], later=True)
        close = np.zeros(len(order), np.bool_)
        close[1:] = (np.diff(key[order]) == 0) & (np.diff(second) <= 1)
        close[:-1] |= close[1:]
        self._order, self._second = order[close], second[close]
        self._key, self._at = key[self._order], at[self._order]
        recorded = recorded[self._order]
        self._recorded = _second(recorded, later=True)
        run = _runs(self._key, self._at, recorded)
        # Where those that come after the ties begin.
        self._next = np.append(np.flatnonzero(np.diff(run)) + 1, len(run))[run]

    def superseded(self) -> Mask:
        """Tell which ones something later takes over before the next whole second, whoever knows of them."""
        group = _runs(self._key, self._second)
        least = -running_maximum(group.max(initial=0) - group[::-1], -self._recorded[::-1])[
            ::-1
        ]
        later = np.minimum(self._next, len(group) - 1)
        found = (self._next < len(group)) & (group[later] == group)
        return self._back(found & (least[later] <= self._recorded))

    def preceded(self, permits: Mask) -> Mask:
        """Tell before which ones something that permits lies, within their second: it is rounded to behind them."""
        said = np.where(permits[self._order], self._at, -FOREVER)
        last = running_maximum(self._key, said)[self._next - 1]
        return self._back(last > self._at // SECOND * SECOND)

    def undone(self, refuses: Mask) -> Mask:
        """Tell which ones come to lie behind a later refusal, which is rounded to their second and was known before.

        Args:
            refuses: What is rounded to the second before the next.
        """
        group = _runs(self._key, self._second)
        first = np.flatnonzero(np.diff(group, prepend=-1))
        known = np.where(refuses[self._order], self._recorded, FOREVER)
        least = np.minimum.reduceat(known, first)
        after = np.minimum(group + 1, len(first) - 1)
        behind = self._key[first[after]] == self._key
        behind &= self._second[first[after]] == self._second + 1
        return self._back(behind & (least[after] < self._recorded))

    def _back(self, found: Mask) -> Mask:
        made = np.zeros(self._count, np.bool_)
        made[self._order] = found
        return made


def _runs(*columns: Rows) -> Rows:
    """Number the runs of equal rows, from 0."""
    differs = np.zeros(len(columns[0]), np.bool_)
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return np.cumsum(differs)


# What is not simply yes or no


def _places(some: Sequence[Said]) -> Iterator[pa.RecordBatch]:
    """Give where members live; in the second in which that changed nobody knows."""
    evidence = _texts(some, "detail")
    evidence = pc.if_else(pc.equal(evidence, ""), _DECLARED, evidence)
    key = codes([[_members(some)], [evidence]])
    over = _Order(key, _all(some, "at"), _all(some, "recorded")).superseded()
    start = 0
    for one in some:
        mine = over[start : start + len(one.at)]
        start += len(one.at)
        yield from _at(one, ~mine, later=True)
        # Before a member has joined nothing is asked.
        joins = (one.joined != FOREVER) & (one.joined > one.at // SECOND * SECOND)
        for odd in _taken_all(one, (one.at % SECOND != 0) & ~joins):
            unknown = replace(odd, value=pa.repeat(UNKNOWN_PLACE, len(odd.at)))
            yield from _batches(unknown, _second(odd.at, later=False))


def _notices(some: Sequence[Said], yeses: Sequence[Said]) -> Iterator[pa.RecordBatch]:
    """Give deliveries; a yes of the same second that came before one stays before it."""
    members = [one.member for one in (*some, *yeses) if one.member is not None]
    key = codes([_alike(members)])
    said = np.concatenate([one.at for one in (*some, *yeses)])
    second = _second(said, later=True)
    count = sum(len(one.at) for one in some)
    is_yes = np.arange(len(said)) >= count
    order = np.lexsort((said, second, key))
    first = running_maximum(
        _runs(key[order], second[order]), np.where(is_yes[order], -said[order], -FOREVER)
    )
    late = np.empty(len(said), np.bool_)
    late[order] = -first < said[order]
    start = 0
    for one in some:
        place = slice(start, start + len(one.at))
        start = place.stop
        yield from _batches(one, second[place] + late[place])


# Rows


def _at(one: Said, chosen: Mask, *, later: bool) -> Iterator[pa.RecordBatch]:
    for taken in _taken_all(one, chosen):
        yield from _batches(taken, _second(taken.at, later=later))


def _taken_all(one: Said, chosen: Mask) -> list[Said]:
    """Give the rows that are chosen, if there are any."""
    return [of_rows(one, chosen)] if chosen.any() else []


def of_rows(one: Said, chosen: Mask) -> Said:
    """Give the rows that are chosen."""
    if chosen.all():
        return one
    rows = pa.array(np.flatnonzero(chosen))
    return Said(
        fact=one.fact,
        member=None if one.member is None else one.member.take(rows),
        value=one.value.take(rows),
        detail=one.detail.take(rows),
        setting=one.setting.take(rows),
        at=one.at[chosen],
        recorded=one.recorded[chosen],
        joined=one.joined[chosen],
    )


def _said(one: Said, value: str) -> Mask:
    return np.asarray(pc.equal(one.value, value).to_numpy(zero_copy_only=False), np.bool_)


def _explicit_yes(one: Said) -> Mask:
    return _said(one, YES) & _explicit(one)


def _explicit(one: Said) -> Mask:
    """Tell which settings were said explicitly; a yes that was not is passed over by every decision."""
    encoded = one.detail.dictionary_encode()
    explicit = [
        parse_detail(text).get("method", "explicit") == "explicit"
        for text in encoded.dictionary.to_pylist()
    ]
    chosen: Mask = np.asarray(explicit, np.bool_)[
        encoded.indices.to_numpy(zero_copy_only=False)
    ]
    return chosen


def _members(some: Sequence[Said]) -> pa.Array:
    return pa.concat_arrays(_alike([one.member for one in some if one.member is not None]))


def _alike(arrays: Sequence[pa.Array]) -> list[pa.Array]:
    """Give ids as text where some tables have text; whoever writes them refuses that."""
    kind = arrays[0].type if len({one.type for one in arrays}) == 1 else pa.string()
    return [one.cast(kind) for one in arrays]


def _texts(some: Sequence[Said], name: str) -> pa.Array:
    return pa.concat_arrays([getattr(one, name).cast(pa.string()) for one in some])


def _all(some: Sequence[Said], name: str) -> Micros:
    return np.concatenate([getattr(one, name) for one in some])


def _batches(one: Said, at: Micros) -> Iterator[pa.RecordBatch]:
    """Give facts at whole seconds, some at a time."""
    recorded = _second(one.recorded, later=True)
    for start in range(0, max(len(at), 1), _MOST_ROWS):
        some = slice(start, start + _MOST_ROWS)
        count = len(at[some])
        yield pa.RecordBatch.from_arrays(
            [
                pa.nulls(count) if one.member is None else one.member[some],
                pa.repeat(one.fact, count),
                one.value[some].cast(pa.string()),
                *(
                    pa.array(times[some] * SECOND, pa.int64()).cast(INSTANT)
                    for times in (at, recorded)
                ),
                one.detail[some].cast(pa.string()),
            ],
            names=list(COLUMNS),
        )
