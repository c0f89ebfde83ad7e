# SPDX-License-Identifier: Apache-2.0
"""Obligations: what is performed on rows, and what refuses because it cannot be."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, strategies

from privity.errors import InputError
from privity.release.obligations import (
    Performance,
    performance,
    pseudonym,
    recipient_key,
)

SECRET = bytes(range(32))
LAB, PARENT = (recipient_key(SECRET, name) for name in ("lab", "parent"))
LISTS: list[list[str | None] | None] = [["b", "a"], [], None, ["a", None, "a"], ["b"]]


def table(ids: pa.DataType | None = None, **others: pa.Array) -> pa.Table:
    """Five rows with authors and recipients, as text or as numbers."""
    kind = ids or pa.string()
    number = {"a": 1, "b": -2, None: None}

    def named(one: str | None) -> str | int | None:
        return one if pa.types.is_string(kind) else number[one]

    lists = [None if some is None else [named(one) for one in some] for some in LISTS]
    columns = {
        "record_id": [f"r{row}" for row in range(5)],
        "author": pa.array([named(one) for one in ("a", "b", None, "a", "b")], kind),
        "recipients": pa.array(lists, pa.list_(kind)),
        "quotes": pa.array([[], [], [], [], []], pa.list_(pa.string())),
        **others,
    }
    return pa.table(columns)


def pseudonymous(rows: pa.Table, key: bytes = LAB) -> pa.Table:
    found = Performance(names=frozenset({"pseudonymise"}), key=key)
    made = found.change(rows)
    assert made.schema == found.schema(rows.schema)
    made.validate(full=True)
    return made


# Pseudonyms


@pytest.mark.parametrize("ids", [pa.string(), pa.int64()])
def test_members_become_pseudonyms_wherever_they_stand(ids: pa.DataType) -> None:
    rows = table(ids)
    made = pseudonymous(rows)
    a, b = made["author"][0].as_py(), made["author"][1].as_py()
    assert made["author"].to_pylist() == [a, b, None, a, b]
    assert made["recipients"].to_pylist() == [[b, a], [], [], [a, None, a], [b]]
    assert len({a, b}) == 2
    for one in (a, b):
        assert len(one) == 32
        assert set(one) <= set("0123456789abcdef")
    assert made["record_id"] == rows["record_id"]


def test_pseudonyms_are_stable_and_each_recipients_own() -> None:
    assert pseudonymous(table()).equals(pseudonymous(table()))
    lab, parent = pseudonymous(table()), pseudonymous(table(), PARENT)
    assert not set(lab["author"].drop_null().to_pylist()) & set(parent["author"].to_pylist())


@pytest.mark.parametrize("ids", [pa.string(), pa.int64()])
def test_rows_in_pieces_get_the_same_pseudonyms(ids: pa.DataType) -> None:
    rows = table(ids)
    pieces = pa.concat_tables([rows.slice(0, 2), rows.slice(2, 0), rows.slice(2)])
    assert pseudonymous(pieces).to_pylist() == pseudonymous(rows).to_pylist()
    assert pseudonymous(rows.slice(3)).to_pylist() == pseudonymous(rows).slice(3).to_pylist()
    assert pseudonymous(rows.slice(0, 0)).num_rows == 0


def test_text_and_the_number_that_it_spells_are_different_members() -> None:
    assert pseudonym(LAB, "1") != pseudonym(LAB, 1)
    assert pseudonym(LAB, None) is None


@given(strategies.lists(strategies.text() | strategies.integers(), unique=True))
def test_no_two_members_share_a_pseudonym(members: list[str | int]) -> None:
    assert len({pseudonym(LAB, one) for one in members}) == len(members)


@given(strategies.binary(min_size=32, max_size=32), strategies.text(max_size=20))
def test_the_secret_is_in_no_key_of_a_recipient(secret: bytes, name: str) -> None:
    key = recipient_key(secret, name)
    assert len(key) == 32
    assert key != secret
    assert key != recipient_key(secret, f"{name}.")
    assert key != recipient_key(bytes([secret[0] ^ 1]) + secret[1:], name)


def test_a_short_secret_is_an_error() -> None:
    with pytest.raises(
        InputError, match="the key has 31 bytes, expected at least 32"
    ) as caught:
        recipient_key(SECRET[:31], "lab")
    assert caught.value.code == "clear/short-key"


# Quotations

BODY = "I agree.\n> what she said\n  > and more\nSee you\n"


def quoting(*bodies: str | None, quoted: Sequence[int] = (0,), **others: pa.Array) -> pa.Table:
    quotes = [["r9"] if row in quoted else [] for row in range(5)]
    return table(
        quotes=pa.array(quotes, pa.list_(pa.string())),
        body=pa.array([*bodies, *[None] * (5 - len(bodies))], pa.string()),
        **others,
    )


def dropped(rows: pa.Table, *text: str) -> pa.Table:
    made = Performance(names=frozenset({"drop-quotes"}), text=text).change(rows)
    assert made.schema == rows.schema
    made.validate(full=True)
    return made


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (BODY, "I agree.\nSee you\n"),
        ("> all of it", ""),
        ("> one\n> two\n", ""),
        ("\t>\tone\nmine", "mine"),
        ("mine\r\n> hers\r\nmine again\r\n", "mine\r\nmine again\r\n"),
        (">> deeper\n>no space\nmine", "mine"),
        ("a > b\n> hers\n", "a > b\n"),
        ("mine\n\n> hers\n\nmine", "mine\n\n\nmine"),
        ("mine\n>", "mine\n"),
    ],
)
def test_marked_lines_are_cut_and_the_rest_stays(body: str, left: str) -> None:
    made = dropped(quoting(body), "body")
    assert made["body"][0].as_py() == left
    assert made["quotes"].to_pylist() == [[]] * 5


def test_who_does_not_quote_needs_no_mark_and_may_have_no_text() -> None:
    made = dropped(quoting(BODY, "mine", None), "body")
    assert made["body"].to_pylist()[1:] == ["mine", None, None, None]


@pytest.mark.parametrize("body", ["mine", "", None, "a > b", "&gt; hers"])
def test_a_quotation_without_a_mark_refuses(body: str | None) -> None:
    with pytest.raises(InputError, match="record `r0` quotes, and no line") as caught:
        dropped(quoting(body), "body")
    assert caught.value.code == "clear/unmarked-quote"
    assert caught.value.hint


def test_a_mark_in_any_of_the_columns_of_text_is_enough() -> None:
    title = pa.array(["> hers", None, None, None, None], pa.string())
    assert dropped(quoting("mine", title=title), "body", "title")["title"][0].as_py() == ""
    with pytest.raises(InputError, match="record `r0` quotes"):
        dropped(quoting("mine", title=title), "body")
    with pytest.raises(InputError, match="record `r1` quotes"):
        dropped(quoting(BODY, "mine", quoted=(0, 1), title=title), "body", "title")


def test_without_a_column_of_text_no_quotation_can_be_cut() -> None:
    with pytest.raises(InputError, match="record `r0` quotes"):
        dropped(quoting(BODY))
    assert dropped(quoting(BODY, quoted=())).num_rows == 5


def test_both_obligations_are_performed_together() -> None:
    both = Performance(
        names=frozenset({"pseudonymise", "drop-quotes"}), key=LAB, text=("body",)
    )
    made = both.change(quoting(BODY))
    assert made["body"][0].as_py() == "I agree.\nSee you\n"
    assert made["author"].to_pylist() == pseudonymous(table())["author"].to_pylist()


# What cannot be performed


def prepare(*names: str, key: bytes = b"", text: tuple[str, ...] = ()) -> Performance:
    return performance(names, quoting(BODY).schema, key=key, text=text)


@pytest.mark.parametrize("name", ["redact-contact", "expires"])
def test_an_obligation_that_nobody_performs_here_refuses(name: str) -> None:
    with pytest.raises(InputError, match=f"the obligation `{name}`") as caught:
        prepare("pseudonymise", name, key=LAB)
    assert caught.value.code == "clear/obligation"


def test_pseudonyms_need_a_key() -> None:
    with pytest.raises(InputError, match="expected a key") as caught:
        prepare("pseudonymise")
    assert caught.value.code == "clear/no-key"


def test_quotations_are_cut_from_columns_that_somebody_names() -> None:
    """A post may have another one pasted into it and quote nothing: nobody called that dropped has looked."""
    with pytest.raises(InputError, match="of `body`") as caught:
        prepare("drop-quotes")
    assert caught.value.code == "clear/no-text"
    schema = quoting(BODY).schema
    without = schema.remove(schema.get_field_index("body"))
    bare = performance(["drop-quotes"], without, key=b"", text=())
    assert bare.names == {"drop-quotes"}


@pytest.mark.parametrize("name", ["nothing", "author_", "quotes", "recipients"])
def test_text_that_is_no_column_of_text_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match=f"`{name}` is no column of text") as caught:
        prepare("drop-quotes", text=("body", name))
    assert caught.value.code == "clear/text-column"


def test_what_is_not_carried_needs_nothing() -> None:
    assert prepare().names == frozenset()
    assert prepare(text=("nothing",)).names == frozenset()
