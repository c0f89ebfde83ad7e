# SPDX-License-Identifier: Apache-2.0
"""Quotes and duplicates over a run: rings, depth, forward, lost ones, ids whose keys collide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from time import perf_counter

import numpy as np
import pyarrow as pa
import pytest
from tests.property.comparison import Answer, answers, as_rows, compiled, plainly

from privity.decide import many, quotes
from privity.decide.bits import BIT, REASON_MASK
from privity.decide.lookup import Keys, record_keys
from privity.decide.many import decide_table
from privity.decide.quotes import Joined, KeyStore, Quotes, join, quotes_of
from privity.decide.request import Record, RecordId, Request
from privity.testing.plain import AT, POST, fact, policy, register, told
from privity.testing.worlds import IdKind, to_arrow

ASKED = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
FREE = policy(obligations=[])
# `open` permits; `shut` refuses with `account-closed`.
FACTS = as_rows(
    [
        *register(),
        *told("open"),
        *told("shut"),
        fact("closed", "2025-05-01", member="shut"),
    ]
)
KINDS: tuple[IdKind, ...] = ("string", "int")
CLOSED = ("account-closed",)


def post(name: RecordId, *quoted: RecordId | None, author: str = "open") -> Record:
    return replace(POST, record_id=name, quotes=quoted, author=author)


def decide_both(records: Sequence[Record], ids: IdKind = "string") -> list[tuple[str, ...]]:
    """Decide in bulk, hold it to the plain rule, and give the reasons.

    The records name each other by text, the members always do: `int` numbers the records.
    """
    table = to_arrow(records)
    if ids == "int":
        named = {one.record_id for one in records}
        named |= {one for record in records for one in record.quotes if one is not None}
        numbers = {name: -5 + 3 * place for place, name in enumerate(sorted(named, key=str))}
        records = [
            replace(
                one,
                record_id=numbers[one.record_id],
                quotes=tuple(None if name is None else numbers[name] for name in one.quotes),
            )
            for one in records
        ]
        table = _with_numbers(table, records)
    bulk = answers(decide_table(compiled([FREE], FACTS, ASKED), table))
    plain = plainly([FREE], FACTS, records, ASKED)
    assert bulk == [(one.reasons, one.obligations) for one in plain]
    return [one for one, _ in bulk]


def _with_numbers(table: pa.Table, records: Sequence[Record]) -> pa.Table:
    columns = {
        "record_id": pa.array([one.record_id for one in records], pa.int64()),
        "quotes": pa.array([list(one.quotes) for one in records], pa.list_(pa.int64())),
    }
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


both_kinds = pytest.mark.parametrize("ids", KINDS)


@both_kinds
def test_a_ring_of_three_shares_what_one_refuses(ids: IdKind) -> None:
    ring = [post("1", "2"), post("2", "3"), post("3", "1", author="shut"), post("4")]
    assert decide_both(ring, ids) == [CLOSED, CLOSED, CLOSED, ()]  # [DEC-3]
    assert decide_both([replace(one, author="open") for one in ring], ids) == [()] * 4


@both_kinds
@pytest.mark.parametrize("order", ["forward", "backward", "mixed"])
def test_a_chain_fifty_deep_carries_to_its_end(ids: IdKind, order: str) -> None:
    chain = [post(f"{place:02}", f"{place + 1:02}") for place in range(50)]
    chain.append(post("50", author="shut"))
    free = [post("a"), post("b", "a"), post("c", "b")]
    records = [*chain, *free]
    if order == "backward":
        records.reverse()
    elif order == "mixed":
        Random(7).shuffle(records)
    found = decide_both(records, ids)
    expected = [() if one.record_id in {"a", "b", "c"} else CLOSED for one in records]
    assert found == expected


@both_kinds
def test_a_quote_may_stand_before_or_after_what_it_quotes(ids: IdKind) -> None:
    records = [post("1", "3"), post("2"), post("3", author="shut"), post("4", "3", "2")]
    assert decide_both(records, ids) == [CLOSED, (), CLOSED, CLOSED]


@both_kinds
def test_a_record_may_quote_itself(ids: IdKind) -> None:
    assert decide_both([post("1", "1"), post("2", "2", author="shut")], ids) == [(), CLOSED]


@both_kinds
def test_duplicates_refuse_each_other_and_who_quotes_them_quotes_all(ids: IdKind) -> None:
    records = [
        post("1"),
        post("2", "1"),
        post("1", author="shut"),
        post("3", "2"),
        post("4"),
        post("5", "5"),
        post("5", "5"),
    ]
    twice = ("duplicate-record",)
    shut = ("account-closed", "duplicate-record")
    assert decide_both(records, ids) == [twice, shut, shut, shut, (), twice, twice]  # [DEC-4]


@both_kinds
def test_a_quote_that_is_lost_refuses_and_finds_nobody(ids: IdKind) -> None:
    """A null is no record: not that of the id that stands in its place in memory."""
    records = [
        post("1", None),
        post("2", "0", author="shut"),
        post("0", author="shut"),
        post("3", "nowhere"),
        post("4", None, None, "6"),
        post("5", "4"),
        post("6"),
    ]
    lost = ("unknown-quote",)
    found = decide_both(records, ids)
    assert found == [lost, CLOSED, CLOSED, lost, lost, lost, ()]  # [DEC-29]


def test_a_lost_quote_is_not_the_record_without_a_name() -> None:
    """Keys are taken of a null as of empty text, or of zero: ids that a record may have."""
    assert decide_both([post("", author="shut"), post("1", None)])[1] == ("unknown-quote",)
    table = _with_numbers(
        to_arrow([post("a"), post("b", author="shut")]), [post(1, None), post(0, author="shut")]
    )
    found = answers(decide_table(compiled([FREE], FACTS, ASKED), table))
    assert [one for one, _ in found] == [("unknown-quote",), CLOSED]


def test_obligations_join_like_reasons() -> None:
    rules = [{"categories": ["article"], "do": ["pseudonymise"]}]
    records = [
        post("1", "2"),
        post("2", "3"),
        replace(post("3"), category="article"),
        post("4"),
        post("5", "3", author="shut"),
    ]
    found = answers(
        decide_table(compiled([policy(obligations=rules)], FACTS, ASKED), to_arrow(records))
    )
    carried: Answer = ((), ("pseudonymise",))
    assert found == [carried, carried, carried, ((), ()), (CLOSED, ())]


# Keys


@pytest.fixture(params=["all alike", "two by two", "seeded"])
def keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the keys of text collide: a key may only find candidates, never decide."""

    def colliding(values: pa.Array, seed: int) -> Keys:
        del seed
        if request.param == "all alike":
            return np.full(len(values), 17, np.uint64)
        numbers = [sum(one.encode()) // 2 if one else 0 for one in values.to_pylist()]
        return np.array(numbers, np.uint64)

    if request.param != "seeded":
        for module in (many, quotes):
            monkeypatch.setattr(module, "record_keys", colliding)


@pytest.mark.usefixtures("keys")
def test_ids_whose_keys_collide_are_told_apart() -> None:
    records = [
        post("1", "2"),
        post("2"),
        post("3", "4"),
        post("4", author="shut"),
        post("5", "nowhere"),
        post("6"),
        post("7"),
        post("7"),
        post("8", None),
        post("9", "1", "3"),
    ]
    lost, twice = ("unknown-quote",), ("duplicate-record",)
    found = decide_both(records)
    assert found == [(), (), CLOSED, CLOSED, lost, (), twice, twice, lost, CLOSED]


@pytest.mark.parametrize("seed", range(4))
def test_random_webs_of_quotes_join_as_plainly(seed: int) -> None:
    """Many quotes between few records: rings in rings, duplicates that are quoted, lost ends."""
    random = Random(seed)
    for _ in range(40):
        names = [f"{number}" for number in range(random.randint(1, 14))]
        records = [
            post(
                random.choice(names) if random.random() < 0.1 else name,
                *random.choices([*names, "x", None], k=random.choice((0, 0, 1, 2, 3))),
                author=random.choice(("open", "open", "open", "shut", "ghost")),
            )
            for name in names
        ]
        decide_both(records, random.choice(KINDS))


# The join by itself: rows far apart, keys on disk, threads


class Slow(KeyStore):
    """A store of keys that gives copies, as one on disk does."""

    def read(self, first: int, count: int) -> Keys:
        return super().read(first, count).copy()


def joined(
    ids: pa.Array, quoted: Mapping[int, Sequence[RecordId | None]], words: Keys, threads: int
) -> Joined:
    """Join a run in which few rows quote."""
    store = Slow(len(ids))
    store.write(0, record_keys(ids, 3))
    found = [
        quotes_of(row, pa.array([list(some)], pa.list_(ids.type)), 3)
        for row, some in quoted.items()
    ]
    return join(
        store,
        found,
        lambda rows: words[rows],
        (lambda rows: ids.take(pa.array(rows))) if pa.types.is_string(ids.type) else None,
        threads,
    )


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", [pa.string(), pa.int64()])
def test_a_join_over_several_blocks_finds_what_lies_far_apart(
    monkeypatch: pytest.MonkeyPatch, threads: int, kind: pa.DataType
) -> None:
    """Blocks of 16 rows: what is quoted, and its twin, lie in other blocks than the quoter."""
    monkeypatch.setattr(quotes, "_BLOCK", 16)
    rows = 1000
    numbers = np.arange(rows, dtype=np.int64) * 7 - 900
    numbers[990] = numbers[3]  # a duplicate far away
    ids = pa.array(numbers).cast(kind)
    of_row = ids.to_pylist()
    words = np.zeros(rows, np.uint64)
    closed = BIT["account-closed"]
    words[999] = closed
    quoted = {
        5: [of_row[999]],
        500: [of_row[5]],
        640: [of_row[3]],
        700: [None],
        701: [of_row[6]],
    }
    found = joined(ids, quoted, words, threads)
    seen = dict(zip(found.rows.tolist(), (found.words & REASON_MASK).tolist(), strict=True))
    twice, lost = BIT["duplicate-record"], BIT["unknown-quote"]
    assert {row: word for row, word in seen.items() if word} == {
        3: twice,
        5: closed,
        500: closed,
        640: twice,
        700: lost,
        990: twice,
        999: closed,
    }
    assert found.duplicates == 2
    assert found.before.tolist() == [closed if row == 999 else 0 for row in found.rows.tolist()]


def test_a_run_without_quotes_and_duplicates_joins_nothing() -> None:
    found = joined(pa.array(range(100)), {}, np.zeros(100, np.uint64), 1)
    assert not [row for row, word in zip(found.rows, found.words, strict=True) if word]
    assert found.duplicates == 0
    empty = joined(pa.array([], pa.int64()), {}, np.zeros(0, np.uint64), 1)
    assert (len(empty.rows), empty.duplicates) == (0, 0)


@pytest.mark.parametrize("step", [1, -1])
def test_a_chain_takes_time_by_its_length_and_not_by_its_square(step: int) -> None:
    """Each record quotes the one before: anybody can make such a chain, a reply at a time."""
    rows = 60_000
    numbers = np.arange(rows, dtype=np.int64)
    quoted = Quotes(
        rows=numbers[1:] if step > 0 else numbers[:-1],
        ids=pa.array(numbers[:-1] if step > 0 else numbers[1:]),
        keys=(numbers[:-1] if step > 0 else numbers[1:]).view(np.uint64),
    )
    words = np.zeros(rows, np.uint64)
    words[0 if step > 0 else -1] = BIT["account-closed"]
    store = KeyStore(rows)
    store.write(0, numbers.view(np.uint64))
    began = perf_counter()
    found = join(store, [quoted], lambda wanted: words[wanted], None)
    assert (found.words == BIT["account-closed"]).all()
    assert perf_counter() - began < 2
