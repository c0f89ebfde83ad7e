# SPDX-License-Identifier: Apache-2.0
"""Rows that came to light are records by id and by text, and nothing else is ([AUD-40], [AUD-41], [AUD-42], [AUD-43])."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from privity.audit.matching import Matches, Source, match
from privity.audit.texts import LEAST, Needles, digest_of, fold, looked_for, share_a_part
from privity.release import texts as released

LONG = "The offer stands until Friday; please do not tell the others what you would earn here."
OTHER = (
    "We were never told that anybody would read this, let alone that a machine would learn it."
)
SHORT = "Thanks, see you soon."

Row = tuple[str | None, str | None]


def source(rows: Sequence[Row], *, ids: bool = True, texts: bool = True) -> Source:
    table = pa.table(
        {
            "record_id": pa.array([one for one, _ in rows], pa.string()),
            "body": pa.array([text for _, text in rows], pa.string()),
        }
    )
    return tabled(table, ids=ids, texts=texts)


def tabled(table: pa.Table, *, ids: bool = True, texts: bool = True) -> Source:
    def tables() -> Iterator[pa.Table]:
        # In pieces, so that nothing depends on where a table ends.
        for start in range(0, max(table.num_rows, 1), 2):
            yield table.slice(start, 2)

    return Source(
        tables=tables, id="record_id" if ids else None, text="body" if texts else None
    )


def records(rows: Sequence[Row], *, texts: bool = True) -> Source:
    count = len(rows)
    lists = pa.list_(pa.string())
    table = pa.table(
        {
            "record_id": pa.array([one for one, _ in rows], pa.string()),
            "category": pa.array(["inmail"] * count, pa.string()),
            "created_at": pa.array(range(count), pa.int64()),
            "author": pa.array(["ada"] * count, pa.string()),
            "recipients": pa.array([["ben"]] * count, lists),
            "capacity": pa.array(["personal"] * count, pa.string()),
            "quotes": pa.array([[]] * count, lists),
            "body": pa.array([text for _, text in rows], pa.string()),
        }
    )
    return tabled(table, texts=texts)


def found(matches: Matches) -> list[tuple[str, str, int]]:
    columns = matches.records.select(["record_id", "how", "row"]).to_pydict()
    return list(zip(*columns.values(), strict=True))


def test_the_same_id_and_text_is_the_record() -> None:
    matches = match(source([("b", LONG), ("x", OTHER)]), records([("a", OTHER), ("b", LONG)]))
    assert matches.how == {"id-and-text": 1, "text": 1}
    assert found(matches) == [("a", "text", 1), ("b", "id-and-text", 0)]
    assert matches.unmatched == 0


def test_case_and_punctuation_do_not_make_another_text() -> None:
    altered = LONG.upper().replace(" ", "\n — ")
    matches = match(source([(None, altered)]), records([("a", LONG)]))
    assert found(matches) == [("a", "text", 0)]


def test_without_texts_the_id_alone_tells() -> None:
    dump, mine = [("a", LONG), ("q", OTHER)], [("a", OTHER), ("b", LONG)]
    for matches in (
        match(source(dump, texts=False), records(mine)),
        match(source(dump), records(mine, texts=False)),
        match(source([("a", None), ("q", None)]), records(mine)),
    ):
        assert found(matches) == [("a", "id", 0)]
        assert matches.unmatched == 1


def test_an_id_with_part_of_the_text_is_the_record() -> None:
    redacted = LONG[: len(LONG) // 2 + 20] + " [removed] 12345"
    matches = match(source([("a", redacted)]), records([("a", LONG)]))
    assert found(matches) == [("a", "id-and-part", 0)]
    shorter = match(source([("a", "thanks!")]), records([("a", SHORT)]))
    assert found(shorter) == [("a", "id-and-part", 0)]


def test_an_id_with_another_text_is_not_the_record() -> None:
    matches = match(source([("a", OTHER)]), records([("a", LONG)]))
    assert matches.how == {"id-and-another-text": 1}
    assert matches.records.num_rows == 0


def test_a_number_that_is_an_id_by_chance_gives_way_to_the_text() -> None:
    matches = match(source([("1", LONG), ("2", OTHER)]), records([("1", OTHER), ("2", LONG)]))
    assert matches.how == {"text": 2}
    assert found(matches) == [("1", "text", 1), ("2", "text", 0)]


def test_an_altered_row_is_found_beside_a_whole_one_of_the_same_id() -> None:
    cut = LONG[:70]
    matches = match(source([("a", LONG), ("a", cut), ("a", OTHER)]), records([("a", LONG)]))
    assert matches.how == {"id-and-text": 1, "id-and-part": 1, "id-and-another-text": 1}
    assert found(matches) == [("a", "id-and-text", 0)]


def test_a_short_text_says_nothing_without_an_id() -> None:
    matches = match(source([(None, SHORT)]), records([("a", SHORT)]))
    assert matches.unmatched == 1
    assert matches.records.num_rows == 0


def test_a_text_of_several_records_is_theirs_where_there_are_as_many_rows() -> None:
    mine = [("a", LONG), ("b", LONG), ("c", OTHER)]
    enough = match(source([(None, LONG), (None, LONG)]), records(mine))
    assert found(enough) == [("a", "text", 0), ("b", "text", 1)]
    more = match(source([(None, LONG)] * 3), records(mine))
    assert more.how == {"text": 3}
    assert [one for one, _, _ in found(more)] == ["a", "b"]
    fewer = match(source([(None, LONG)]), records(mine))
    assert fewer.how == {"text-of-several": 1}
    assert found(fewer) == []


def test_who_has_its_id_is_no_longer_one_of_several() -> None:
    mine = [("a", LONG), ("b", LONG)]
    matches = match(source([("a", LONG), (None, LONG)]), records(mine))
    assert found(matches) == [("a", "id-and-text", 0), ("b", "text", 1)]


def test_a_text_inside_another_is_found() -> None:
    around = f"From my inbox:\n> {LONG}\nand below it\n> {OTHER}\nWhat a world."
    mine = [("a", f"{LONG}\n--\nAda, recruiting"), ("b", OTHER), ("c", SHORT)]
    matches = match(source([("new", around)]), records(mine))
    assert matches.how == {"copy": 1}
    assert [(one, how) for one, how, _ in found(matches)] == [("a", "copy"), ("b", "copy")]


def test_a_text_inside_another_that_several_have_is_nobody_s() -> None:
    around = f"It said: {LONG} And no more."
    matches = match(source([(None, around)]), records([("a", LONG), ("b", LONG)]))
    assert matches.how == {"text-of-several": 1}
    assert matches.records.num_rows == 0


@pytest.mark.parametrize("rows", [[], [(None, None)]])
def test_nothing_matches_nothing(rows: list[Row]) -> None:
    matches = match(source(rows), records([]))
    assert (matches.rows, matches.unmatched, matches.how) == (len(rows), len(rows), {})
    assert match(source([("a", LONG)]), records([])).unmatched == 1
    assert match(source([]), records([("a", LONG)])).rows == 0


def test_ids_may_be_numbers_on_one_side_and_texts_on_the_other() -> None:
    numbers = pa.table({"record_id": pa.array([7, None, 8]), "body": [LONG, None, OTHER]})
    matches = match(tabled(numbers), records([("7", LONG), ("x", OTHER)]))
    assert found(matches) == [("7", "id-and-text", 0), ("x", "text", 2)]


# What is compared of a text


@given(st.text())
def test_what_is_compared_is_what_the_makers_of_sets_compare(text: str) -> None:
    assert fold(text) == released.fold(text)


lines = st.lists(
    st.sampled_from(
        [LONG, OTHER, SHORT, "> " + LONG, "--", "", "-- ", "  > quoted", "Ünïcode ﬁ 汉字"]
    ),
    max_size=6,
).map("\n".join)


@given(lines)
def test_what_is_looked_for_is_what_the_makers_of_sets_look_for(text: str) -> None:
    assert set(looked_for(text)) == set(released.needles(text))


@given(st.lists(lines, max_size=5), st.lists(lines, max_size=5))
def test_needles_are_found_wherever_they_stand(private: list[str], texts: list[str]) -> None:
    needles = Needles()
    for owner, text in enumerate(private):
        for needle in looked_for(text):
            needles.add(needle, owner)
    needles.close()
    hits = needles.find({10 + place: fold(text) for place, text in enumerate(texts)})
    seen = {(row - 10, owner) for row, owners in hits for owner in owners}
    assert seen == {
        (place, owner)
        for place, text in enumerate(texts)
        for owner, one in enumerate(private)
        if released.is_copy(text, one)
    }


@given(st.text("ab", min_size=0, max_size=300), st.integers(0, 200), st.integers(0, 100))
def test_a_shared_part_is_found_where_it_is_long_enough(
    text: str, start: int, length: int
) -> None:
    part = text[start : start + length]
    if len(part) >= 2 * LEAST - 1:
        assert share_a_part("xyz" + part, text)
    assert not share_a_part("", text)


def test_a_digest_is_of_what_is_compared() -> None:
    assert digest_of(fold("Ab, c!")) == digest_of("abc")
    assert digest_of("abc") != digest_of("abz")
