# SPDX-License-Identifier: Apache-2.0
"""The bulk path where random worlds seldom go: odd ids, odd tables, many parties, many settings.

Expectations are the plain rule's; what is stated by hand here is that nothing else is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.property.comparison import agree, answers, as_rows, compiled, in_bulk, plainly

from privity.decide.many import compile_request, decide_table
from privity.decide.request import Record, Request
from privity.errors import InputError
from privity.members.columns import columns_of
from privity.members.facts import Fact, MemberId
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import (
    AT,
    NOTICE,
    POLICY,
    POST,
    SETTING,
    day,
    fact,
    policy,
    register,
    said,
    switch,
    told,
)
from privity.testing.worlds import IdKind, to_arrow

ASKED = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
FREE = policy(obligations=[])


def reasons(
    records: Sequence[Record],
    facts: Iterable[Fact],
    *,
    policies: Sequence[dict[str, object]] = (FREE,),
    ids: IdKind = "string",
    asked: Request = ASKED,
) -> list[tuple[str, ...]]:
    """Decide both ways in the plain world with these facts; give the reasons."""
    rows = as_rows([*register(), *facts])
    return [one.reasons for one in agree(policies, rows, records, asked, ids)]


def inmail(number: int, author: MemberId | None, *recipients: MemberId | None) -> Record:
    return Record(
        record_id=f"m{number}",
        category="inmail",
        created_at=day("2025-02-01"),
        author=author,
        recipients=recipients,
    )


# Ids

ODD_TEXT = [
    "a",
    "a\0",
    "a\0\0",
    "\0",
    "aaaaaaaa",
    "aaaaaaaaa",
    "aaaaaaaa\0",
    "aaaaaaaaaaaaaaaab",
    "ä",
    "a\u0308",
    "ἀ",
    "😀",
    " a",
    "a ",
    "0",
    "00",
    "-0",
    "A",
]
NUMBERS = {
    "close together": list(range(-3, 9)),
    "far apart": [-(2**63), -(2**40), -2, -1, 0, 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1],
    "high and close together": [2**63 - 1 - step for step in range(6)],
    "low and close together": [-(2**63) + step for step in range(6)],
}


@pytest.mark.parametrize("half", [0, 1])
def test_strings_that_look_alike_are_different_members(half: int) -> None:
    """Every other one is known: nobody is taken for a neighbour."""
    known = ODD_TEXT[half::2]
    records = [
        replace(POST, record_id=str(place), author=one) for place, one in enumerate(ODD_TEXT)
    ]
    found = reasons(records, [one for member in known for one in told(member)])
    assert found == [() if one in known else ("unknown-party",) for one in ODD_TEXT]


@pytest.mark.parametrize("numbers", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("half", [0, 1])
def test_numbers_of_any_size_are_different_members(numbers: list[int], half: int) -> None:
    known = numbers[half::2]
    nearby = [one + step for one in numbers for step in (-1, 0, 1)]
    everybody = sorted({one for one in nearby if -(2**63) <= one < 2**63})
    records = [
        replace(POST, record_id=place, author=one) for place, one in enumerate(everybody)
    ]
    facts = [one for member in known for one in told(member)]
    found = reasons(records, facts, ids="int")
    assert found == [() if one in known else ("unknown-party",) for one in everybody]


def test_numbers_in_records_find_text_in_facts() -> None:
    records = [
        replace(POST, record_id=place, author=one) for place, one in enumerate((7, 8, None))
    ]
    ready = compiled([FREE], as_rows([*register(), *told("7")]), ASKED)
    found = answers(decide_table(ready, to_arrow(records, "int")))
    assert [one for one, _ in found] == [(), ("unknown-party",), ("no-parties",)]


def test_text_in_records_finds_numbers_in_facts() -> None:
    records = [
        replace(POST, record_id=str(place), author=one)
        for place, one in enumerate(("7", "8", "", None))
    ]
    ready = compiled([FREE], as_rows([*register(), *told(7)]), ASKED)
    found = answers(decide_table(ready, to_arrow(records)))
    nobody = ("no-parties",)
    assert [one for one, _ in found] == [(), ("unknown-party",), nobody, nobody]


def test_text_that_is_no_number_among_numbers_names_nobody() -> None:
    ready = compiled([FREE], as_rows([*register(), *told(7)]), ASKED)
    (found,) = answers(decide_table(ready, to_arrow([replace(POST, author="seven")])))
    assert found[0] == ("unknown-party",)


def test_without_any_facts_everybody_is_unknown() -> None:
    for ids, author in (("string", "a"), ("int", 1)):
        table = to_arrow([replace(POST, record_id=author, author=author)], ids)  # type: ignore[arg-type] # one of two
        ready = compiled([FREE], [], ASKED)
        (found,) = answers(decide_table(ready, table))
        assert found[0] == ("unknown-party", "unknown-recipient")


@pytest.mark.parametrize("author", ["07", "007", "-07", "0_7"])
def test_text_that_is_not_how_a_number_is_written_is_no_members_number(author: str) -> None:
    """The plain rule says so: whoever has that id, it is not member 7."""
    facts = as_rows([*register(), *told(7), *told(-7)])
    ready = compiled([FREE], facts, ASKED)
    ((found, _),) = answers(decide_table(ready, to_arrow([replace(POST, author=author)])))
    assert found == ("unknown-party",)


# Lists and empty places


def test_empty_lists_and_null_lists_name_nobody() -> None:
    table = to_arrow([inmail(0, "a"), replace(POST, record_id="p")])
    for name in ("recipients", "quotes"):
        place = table.column_names.index(name)
        nulls = pa.nulls(table.num_rows, table.schema.field(name).type)
        table = table.set_column(place, name, nulls)
    ready = compiled([FREE], as_rows([*register(), *told()]), ASKED)
    found = answers(decide_table(ready, table))
    assert [one for one, _ in found] == [("explicit-only", "no-parties"), ()]


def test_null_lists_among_others_shift_nobody() -> None:
    lists = [["b"], None, ["a", "b"], [], None, ["b", None], ["a"]]
    records = [
        replace(inmail(place, "a"), recipients=tuple(one or ()))
        for place, one in enumerate(lists)
    ]
    yes = [said("2024-12-01", member="a", scope="all")]
    table = to_arrow(records)
    column = pa.array(lists, pa.list_(pa.string()))
    table = table.set_column(table.column_names.index("recipients"), "recipients", column)
    rows = as_rows([*register(), *told("a"), *yes])
    ready = compiled([FREE], rows, ASKED)
    expected = [one.reasons for one in plainly([FREE], rows, records, ASKED)]
    for part in (table, table.slice(1), table.slice(2, 4)):
        first = table.num_rows - part.num_rows if part.num_rows != 4 else 2
        found = answers(ready.decide(part))
        assert [one for one, _ in found] == expected[first : first + part.num_rows]
    assert expected[0] == ("unknown-party",)
    assert expected[5] == ("no-parties", "unknown-party")
    assert expected[6] == ()


def test_no_records_have_no_words() -> None:
    ready = compiled([FREE], as_rows([*register(), *told()]), ASKED)
    assert decide_table(ready, to_arrow([])).tolist() == []


def test_a_message_to_a_thousand_asks_each_of_them() -> None:
    names = [f"n{number}" for number in range(1000)]
    facts = [one for name in [*names, "a"] for one in told(name)]
    facts += [said("2024-12-01", member=name, scope="all") for name in [*names, "a"]]
    message = inmail(0, "a", *names)
    last = replace(inmail(1, "a", *names), record_id="last", recipients=(*names[:-1], "ghost"))
    group = replace(message, record_id="group", category="group-message")
    assert reasons([message, last, group], facts) == [(), ("unknown-party",), ()]
    closed = [*facts, fact("closed", "2025-05-01", member=names[500])]
    assert reasons([message, group], closed) == [("account-closed",), ()]
    everyone = {**FREE, "parties": {"group-message": "all"}}
    assert reasons([group], closed, policies=[everyone]) == [("account-closed",)]


# Who is asked, and when


def test_the_audience_of_a_group_is_asked_where_now_or_then_says_so() -> None:
    """Versions say `author`, then `all`, then `author` again: only then and now matter."""
    starts = {"2024-09-18": "author", "2025-01-01": "all", "2025-03-01": "author"}
    policies = [
        {
            **FREE,
            "version": start,
            "published_at": f"{start}T00:00:00Z",
            "effective_at": f"{start}T00:00:00Z",
            "parties": {"group-message": who},
        }
        for start, who in starts.items()
    ]
    made = ("2024-12-31", "2025-01-01", "2025-02-28", "2025-03-01")
    records = [
        replace(
            POST,
            record_id=on,
            category="group-message",
            created_at=day(on),
            recipients=("ghost",),
        )
        for on in made
    ]
    records.append(replace(records[0], record_id="bad", created_at=None))
    facts = [*told("a"), said("2024-11-30", scope="all")]
    asked = [() if on in {made[0], made[3]} else ("unknown-party",) for on in made]
    assert reasons(records, facts, policies=policies) == [*asked, ("bad-time",)]
    in_force = replace(ASKED, at=day("2025-02-28"), known=AT)
    assert reasons(records[:2], facts, policies=policies, asked=in_force) == [
        ("unknown-party",),
        ("unknown-party",),
    ]


def test_a_bad_time_asks_nothing_of_then() -> None:
    """`a` was in Germany until yesterday; `b` joined, and was reached, at the instant of use."""
    facts = [
        *told("a"),
        fact("jurisdiction", "2016-01-01", "DE", evidence="ip"),
        fact("jurisdiction", "2025-05-31", "US", evidence="ip"),
        *(replace(one, at=AT, recorded_at=AT) for one in told("b")),
    ]
    bad: tuple[str, ...] = ("bad-time",)
    then: tuple[str, ...] = ("jurisdiction-exempt",)
    waiting = ("objection-window",)
    unknown = ("unknown-party",)
    cases = {
        None: (bad, (*bad, *waiting)),
        AT + 1: (bad, (*bad, *waiting)),
        day("9999-12-31"): (bad, (*bad, *waiting)),
        AT: ((), ("before-notice", *waiting)),
        AT - 1: ((), unknown),
        day("2025-02-01"): (then, unknown),
        day("1000-01-01"): (unknown, unknown),
    }
    records = [
        replace(POST, record_id=f"{at} {author}", created_at=at, author=author)
        for at in cases
        for author in "ab"
    ]
    found = reasons(records, facts)
    assert dict(zip(cases, zip(found[::2], found[1::2], strict=True), strict=True)) == cases


def test_fractions_of_a_second_count_as_the_second_that_they_are_in() -> None:
    micros = AT * 1_000_000
    stamps = [micros - 1, micros, micros + 1, micros + 999_999, micros + 1_000_000, -1]
    table = to_arrow([replace(POST, record_id=str(one)) for one in stamps])
    column = pa.array(stamps, pa.timestamp("us", tz="UTC"))
    table = table.set_column(table.column_names.index("created_at"), "created_at", column)
    ready = compiled([FREE], as_rows([*register(), *told()]), ASKED)
    found = [one for one, _ in answers(ready.decide(table))]
    assert found == [(), (), (), (), ("bad-time",), ("unknown-party",)]


# Members who are almost alike, by name


def test_a_birth_date_not_reached_is_not_the_same_as_none() -> None:
    def born(member: str, on: str | None) -> list[Fact]:
        kept = [one for one in told(member) if one.fact != "birth_date"]
        known = [] if on is None else [fact("birth_date", "2015-01-01", on, member=member)]
        return [*kept, *known, said("2024-12-01", member=member, scope="all")]

    records = [replace(POST, record_id=name, author=name) for name in "abc"]
    orders = [("2015-01-01", None, "1990-01-01"), (None, "2015-01-01", "1990-01-01")]
    for dates in orders:
        facts = [one for name, on in zip("abc", dates, strict=True) for one in born(name, on)]
        found = dict(zip(dates, reasons(records, facts), strict=True))
        assert found == {"2015-01-01": ("minor", "uninformed"), None: (), "1990-01-01": ()}


# Many settings


def settings_told_apart(count: int, kinds: Sequence[str]) -> list[dict[str, object]]:
    """Give a version for each kind, whose settings all want an explicit yes for that kind alone.

    So each setting has another grant for each kind: as many columns as settings × kinds.
    """
    own = {
        **switch()[SETTING],
        "exempt": [],
        "default": [{"value": "on"}],
        "categories": ["content"],
        "live_from": "2020-01-01T00:00:00Z",
        "objection_window": "P1D",
    }
    return [
        policy(
            version=f"v{place}",
            published_at=f"2024-0{place + 1}-01T00:00:00Z",
            effective_at=f"2024-0{place + 1}-01T00:00:00Z",
            settings={
                f"s{number}": {**own, "explicit_only": [kind]} for number in range(count)
            },
            notices={NOTICE: {"effective_at": "2020-01-01T00:00:00Z"}},
            obligations=[],
            agreements={},
        )
        for place, kind in enumerate(kinds)
    ]


KINDS = ("post", "article", "comment", "profile", "ai-input", "inmail")


@pytest.mark.parametrize(("count", "kinds"), [(2, 3), (4, 6), (7, 6), (16, 6)])
def test_many_settings_with_many_grants_are_all_asked(count: int, kinds: int) -> None:
    """The first says yes to all content everywhere, the second only to what is to come."""
    facts = []
    for member, scope in (("a", "all"), ("b", "future")):
        facts += [one for one in told(member) if one.fact != "notice"]
        facts.append(fact("notice", "2020-02-01", NOTICE, member=member))
        facts += [
            said("2024-12-01", member=member, setting=f"s{number}", scope=scope)
            for number in range(count)
        ]
    records = [
        replace(POST, record_id=f"{kind} {member}", category=kind, author=member)
        for kind in KINDS[:5]
        for member in "ab"
    ]
    records = [replace(one, created_at=day("2022-01-01")) for one in records]
    found = reasons(records, facts, policies=settings_told_apart(count, KINDS[:kinds]))
    assert found == [(), ("before-consent",)] * 5


def test_more_settings_than_there_are_bits_are_an_error() -> None:
    policies = settings_told_apart(17, KINDS[:1])
    rows = as_rows([*register(), *told()])
    with pytest.raises(InputError, match="17 settings bite and 17 govern") as caught:
        in_bulk(policies, rows, [POST], ASKED)
    assert caught.value.code == "decide/too-many-settings"
    assert plainly(policies, rows, [POST], ASKED)[0].reasons == ("explicit-only",)


def test_two_readings_share_the_bits_that_there_are() -> None:  # [DEC-7]
    rows = columns_of(as_rows([*register(), *told()]))
    for count, fits in ((8, True), (9, False)):
        versions = history(map(version_from, settings_told_apart(count, KINDS[:1])))
        if fits:
            ready = compile_request(ASKED, versions, rows, by_entry=(versions, rows))
            alone = compile_request(ASKED, versions, rows)
            table = to_arrow([POST])
            assert answers(decide_table(ready, table)) == answers(decide_table(alone, table))
            continue
        with pytest.raises(InputError, match="36 settings bite and govern in two") as caught:
            compile_request(ASKED, versions, rows, by_entry=(versions, rows))
        assert caught.value.code == "decide/too-many-settings"


def test_who_is_known_to_one_reading_alone_is_an_unknown_party() -> None:  # [DEC-7]
    versions = history([version_from(FREE)])
    both = columns_of(as_rows([*register(), *told(), *told("b")]))
    turned = columns_of(as_rows([*register(), *told("b"), *told()]))
    alone = columns_of(as_rows([*register(), *told("b")]))
    table = to_arrow([POST, replace(POST, record_id="r2", author="b")])
    for first, second, expected in (
        (both, turned, [(), ()]),
        (both, alone, [("unknown-party",), ()]),
        (alone, both, [("unknown-party",), ()]),
    ):
        ready = compile_request(ASKED, versions, first, by_entry=(versions, second))
        assert [reasons for reasons, _ in answers(decide_table(ready, table))] == expected


# What the look-up tables take


def test_a_member_takes_at_most_24_bytes_and_a_breakpoint_12() -> None:
    facts = told("a") + told("b")
    days = [f"2025-0{month}-0{number}" for month in range(1, 6) for number in range(1, 9)]
    for number, on in enumerate(days):
        facts.append(said(on, "off" if number % 2 else "on", member="a"))
    states = compiled([FREE], as_rows([*register(), *facts]), ASKED).states
    assert states.bytes_a_member <= 24
    assert states.bytes_a_cut <= 12
    assert len(states.cuts) - 1 <= len(days) + 8


def test_rows_hold_no_date_so_that_many_members_share_few() -> None:
    """A hundred members do the same on a hundred different days: as many rows as one has."""

    def rows_of(members: Sequence[int]) -> tuple[int, int]:
        facts = []
        for number in members:
            moved = day("2024-10-01") + number * 86_400 + number
            facts += [
                replace(one, at=moved, recorded_at=moved)
                if one.fact in {"notice", "setting"}
                else one
                for one in [*told(f"m{number}"), said("2025-01-01", member=f"m{number}")]
            ]
        states = compiled([FREE], as_rows([*register(), *facts]), ASKED).states
        return len(states.now), len(states.then)

    assert rows_of(range(100)) == rows_of(range(1))


def test_what_came_after_the_instant_of_use_takes_no_room() -> None:
    later = [said(f"2026-01-0{number}", "off", member="a") for number in range(1, 9)]
    plain = compiled([POLICY], as_rows([*register(), *told()]), ASKED).states
    found = compiled([POLICY], as_rows([*register(), *told(), *later]), ASKED).states
    assert np.array_equal(found.cuts, plain.cuts)
    assert np.array_equal(found.members, plain.members)
