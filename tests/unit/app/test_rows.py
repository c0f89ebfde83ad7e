# SPDX-License-Identifier: Apache-2.0
"""Records and ids as Python's libraries hand them out: read as those of files are, or an error, and nobody's id is missed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from privity.app.rows import read_id, read_member, read_row
from privity.errors import InputError

ROW = {"record_id": "r", "category": "post", "created_at": None, "author": "a"}


def repr_of(value: Any) -> str:
    return f"{type(value).__name__}-{value!r}"


def code_of(value: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_id(value, "member")
    assert "471" not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("a", "a"),
        ("007", "007"),
        ("471", "471"),
        ("", ""),
        (471, 471),
        (-(1 << 63), -(1 << 63)),
        (np.int64(471), 471),
        (np.uint8(7), 7),
        (np.str_("a"), "a"),
    ],
    ids=repr_of,
)
def test_an_id_is_text_or_a_whole_number(value: Any, read: str | int) -> None:
    found = read_id(value, "member")
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    "value",
    [471.0, np.float64(471), b"471", True, None, Decimal(471), 1 << 63, ["a"], pd.NA],
    ids=repr_of,
)
def test_what_is_nobodys_id_is_an_error_that_does_not_repeat_it(value: Any) -> None:
    """A column with gaps makes `471.0` of 471: a no that is said of it would be nobody's."""
    assert code_of(value) == "records/column-type"


@pytest.mark.parametrize("text", ["471.0", "-1.0"])
def test_a_number_with_a_fraction_is_nobody_among_records_and_an_error_among_facts(
    text: str,
) -> None:
    assert read_id(text, "author") == text
    with pytest.raises(InputError) as caught:
        read_member(text)
    assert caught.value.code == "records/column-type"
    assert read_member("471") == "471"


@pytest.mark.parametrize(
    "missing", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT], ids=repr_of
)
def test_what_is_missing_is_missing(missing: Any) -> None:
    row = read_row({**ROW, "author": missing, "recipients": missing, "capacity": missing})
    assert (row["author"], row["recipients"], row["capacity"]) == (None, (), None)
    places = read_row({**ROW, "recipients": ["b", missing, ""]})
    assert places["recipients"] == ("b", None, None)


@pytest.mark.parametrize(
    "listed",
    [["b", "c"], ("b", "c"), np.array(["b", "c"]), pd.Series(["b", "c"])],
    ids=["list", "tuple", "array", "series"],
)
def test_a_list_is_whatever_holds_several(listed: Any) -> None:
    assert read_row({**ROW, "recipients": listed, "quotes": listed})["recipients"] == ("b", "c")


@pytest.mark.parametrize("listed", ["b", b"b", {"b": 1}, 7, ["b", 7.5], [["b"]]], ids=repr_of)
def test_what_is_no_list_of_ids_is_an_error(listed: Any) -> None:
    with pytest.raises(InputError) as caught:
        read_row({**ROW, "recipients": listed})
    assert caught.value.code == "records/column-type"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({**ROW, "record_id": None}, "records/null-id"),
        ({**ROW, "record_id": ""}, "records/null-id"),
        ({**ROW, "record_id": 1.5}, "records/column-type"),
        ({**ROW, "author": 471.0}, "records/column-type"),
        ({key: one for key, one in ROW.items() if key != "author"}, "records/missing-column"),
        ({**ROW, "Recipients": ["b"]}, "records/misnamed-column"),
        ([ROW], "records/column-type"),
    ],
)
def test_what_is_no_record_is_an_error(row: Any, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_row(row)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("made", "read"),
    [
        ("2024-06-01T00:00:00.400Z", "2024-06-01T00:00:00Z"),
        ("2024-06-01T00:00:00.999999+02:00", "2024-06-01T00:00:00+02:00"),
        (
            datetime(2024, 6, 1, 0, 0, 0, 400_000, tzinfo=UTC),
            datetime(2024, 6, 1, tzinfo=UTC),
        ),
    ],
)
def test_what_is_finer_than_a_second_is_cut_off(made: Any, read: Any) -> None:
    """As of a file (docs/sources.md)."""
    assert read_row({**ROW, "created_at": made})["created_at"] == read
