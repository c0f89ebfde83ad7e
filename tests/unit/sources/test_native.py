# SPDX-License-Identifier: Apache-2.0
"""The files of one run agree on what an id is, and are named as the user named them."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.conftest import Content, bare_lines, columns, lines, whole

from privity.errors import InputError, UnavailableError
from privity.sources.binding import parse_binding
from privity.sources.native import open_records

Put = Callable[[str, Content], Path]
HEADER = "record_id,category,created_at,author\n"


def test_formats_may_be_mixed(put: Put) -> None:
    paths = [
        put("a.parquet", columns()),
        put("b.jsonl", bare_lines({"record_id": "r3"})),
        put("c.csv", HEADER + "r4,post,,7\n"),
    ]
    records = open_records(paths)
    assert [one.name for one in records] == [str(path) for path in paths]
    assert whole(records, ["record_id"]).column("record_id").to_pylist() == [
        "r1",
        "r2",
        "r3",
        "r4",
    ]
    assert whole(records, ["author"]).column("author").to_pylist()[-1] == "7"


POSTS = parse_binding(
    '[columns]\nrecord_id = "id"\ncreated_at = "at"\nauthor = "by"\ncategory = {constant = "post"}\n',
    source="posts.toml",
)
MAILS = parse_binding('[columns]\nrecord_id = "mail"\nauthor = "sender"\n', source="mails.toml")


def test_each_path_has_a_binding_of_its_own(put: Put, tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    paths = [
        tmp_path / "posts",
        put(
            "mails.csv", "mail,category,created_at,sender\nm1,inmail,2025-01-01T00:00:00Z,ben\n"
        ),
    ]
    for name in ("a", "b"):
        put(f"posts/{name}.csv", f"id,at,by\n{name},2025-01-01T00:00:00Z,ana\n")
    found = open_records(paths, binding=[POSTS, MAILS])
    rows = whole(found, ["record_id", "category", "author"])
    assert rows.column("record_id").to_pylist() == ["a", "b", "m1"]
    assert rows.column("category").to_pylist() == ["post", "post", "inmail"]
    assert rows.column("author").to_pylist() == ["ana", "ana", "ben"]
    assert [one.binding for one in found] == [POSTS.sha256] * 2 + [MAILS.sha256]


def test_the_same_binding_twice_is_one(put: Put) -> None:
    """What some of its files have and others lack is said, as of one that is of all."""
    text = '[columns]\nrecord_id = "id"\ncreated_at = "at"\nauthor = "by"\ncategory = {constant = "post"}\n'
    paths = [
        put("a.csv", "id,at,by,capacity\na,,ana,seat:acme\n"),
        put("b.csv", "id,at,by\nb,,ana\n"),
    ]
    each = [parse_binding(more + text, source="posts.toml") for more in ("", "# the same\n")]
    with pytest.raises(InputError, match="missing here and stands in"):
        open_records(paths, binding=each)


def test_a_binding_is_of_all_paths_or_there_are_as_many(put: Put) -> None:
    paths = [put(f"{name}.csv", f"id,at,by\n{name},,ana\n") for name in "abc"]
    for one in (POSTS, [POSTS]):
        assert len(open_records(paths, binding=one)) == 3
    with pytest.raises(
        InputError, match="2 bindings for 3 of records, expected one"
    ) as refused:
        open_records(paths, binding=[POSTS, MAILS])
    assert refused.value.code == "binding/count"


def test_a_binding_of_queries_alone_is_refused(put: Put) -> None:
    query = put("posts.sql.toml", "[source]\n")
    with pytest.raises(InputError, match="every source is a query") as refused:
        open_records([query], binding=POSTS)
    assert refused.value.code == "binding/query"


def test_a_csv_of_numbers_follows_the_others(put: Put) -> None:
    csv = put("c.csv", HEADER + "1,post,,7\n")
    numbers = put("a.jsonl", bare_lines({"record_id": 2, "author": 8}))
    texts = put("b.jsonl", bare_lines({"record_id": "2", "author": 8}))
    assert whole(open_records([csv, numbers]), ["record_id"]).column(0).to_pylist() == [1, 2]
    assert whole(open_records([csv, texts]), ["record_id"]).column(0).to_pylist() == ["1", "2"]


def test_a_file_without_ids_follows_the_others(put: Put) -> None:
    paths = [
        put("a.csv", HEADER),
        put("b.parquet", columns(record_id=[1, 2], author=pa.nulls(2))),
        put("c.jsonl", bare_lines({"record_id": 3, "author": 4})),
    ]
    records = open_records(paths)
    assert {one.schema.field("author").type for one in records} == {pa.int64()}
    assert whole(records, ["author"]).column("author").to_pylist() == [None, None, 4]


@pytest.mark.parametrize("name", ["record_id", "author"])
def test_files_that_disagree_on_ids_are_an_error(put: Put, name: str) -> None:
    paths = [put("a.parquet", columns()), put("b.parquet", columns(**{name: [1, 2]}))]
    with pytest.raises(
        InputError, match=r"b\.parquet: ids of \w+ are whole numbers here and text in"
    ):
        open_records(paths)


@pytest.mark.parametrize(("name", "lists"), [("record_id", "quotes"), ("author", "recipients")])
@pytest.mark.parametrize("listed", [False, True])
def test_the_hint_for_files_that_disagree_on_ids_works(
    put: Put, name: str, lists: str, *, listed: bool
) -> None:
    paths = [
        put("a.parquet", columns(**{lists: [["x"], []] if listed else None})),
        put("b.parquet", columns(**{name: [1, 2], lists: [[3], []] if listed else None})),
    ]
    with pytest.raises(InputError) as caught:
        open_records(paths)
    say, _, rest = str(caught.value.hint).partition(": ")[2].partition(", and so of ")
    assert rest == f"`{lists}` where it is there"
    said = f"[columns]\n{say}\n" + (say.replace(name, lists) if listed else "")
    found = open_records(paths, binding=parse_binding(said, source="b.toml"))
    assert whole(found, [name]).column(0).to_pylist()[2:] == ["1", "2"]
    assert whole(found, [lists]).column(0).to_pylist()[2:] == (
        [["3"], []] if listed else [[], []]
    )


def test_a_folder_stands_for_its_files(put: Put, tmp_path: Path) -> None:
    for name in ("x/2.parquet", "x/1.parquet", "x/sub/3.parquet"):
        put(name, columns(record_id=[name + "a", name + "b"]))
    put("x/_SUCCESS", "")
    put("x/.hidden/4.parquet", columns())
    records = open_records([tmp_path / "x"])
    assert [Path(one.name).name for one in records] == ["1.parquet", "2.parquet", "3.parquet"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none.parquet", "cannot read the records: No such file"),
        ("dta", "there is no such file or folder, expected records"),
        ("r.txt", "`r.txt` has no known ending"),
        ("r.parquet.gz", "`r.parquet.gz` has no known ending"),
        ("folder", "the folder has no files"),
    ],
)
def test_what_is_no_source_is_an_error(put: Put, tmp_path: Path, name: str, says: str) -> None:
    put("r.txt", "x")
    put("r.parquet.gz", "x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=re.escape(says)):
        open_records([tmp_path / name])


def test_a_file_given_twice_is_an_error(put: Put, tmp_path: Path) -> None:
    path = put("x/r.parquet", columns())
    with pytest.raises(InputError, match="the file is given twice"):
        open_records([path, tmp_path / "x"])


def test_staged_files_lie_where_the_caller_says_and_stay_his(put: Put, tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    staging.mkdir()
    records = open_records([put("r.jsonl", lines({}))], staging=staging)
    assert list(staging.iterdir())
    assert whole(records).num_rows == 1
    del records
    gc.collect()
    assert list(staging.iterdir())


def test_staged_files_of_our_own_go_with_the_records(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setenv("TMPDIR", str(aside))
    records = open_records([put("a.jsonl", bare_lines({})), put("b.parquet", columns())])
    assert list(aside.iterdir())
    kept = records.pop(0)
    del records
    gc.collect()
    assert kept.read(0).num_rows == 1
    del kept
    gc.collect()
    assert not list(aside.iterdir())
    with pytest.raises(InputError):
        open_records([put("c.jsonl", lines({}) + "x\n")])
    assert not list(aside.iterdir())


def test_a_folder_that_cannot_be_staged_into_is_unavailable(put: Put, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot stage"):
        open_records([put("r.jsonl", lines({}))], staging=tmp_path / "missing")


def test_a_ring_of_links_is_no_file(tmp_path: Path) -> None:
    ring = tmp_path / "ring.jsonl"
    ring.symlink_to(ring)
    with pytest.raises(InputError) as refused:
        open_records([ring])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("turned", [False, True])
def test_the_hint_on_other_kinds_of_id_is_of_the_binding_with_numbers(
    put: Put,
    turned: bool,  # noqa: FBT001 - which comes first
) -> None:
    text = put("posts.jsonl", '{"id":"p1","at":"2025-01-01T00:00:00Z","by":"ana"}\n')
    numbers = put("mails.jsonl", '{"no":7,"at":"2025-01-01T00:00:00Z","by":"ana"}\n')
    mails = parse_binding(
        '[columns]\nrecord_id = "no"\ncreated_at = "at"\nauthor = "by"\ncategory = {constant = "post"}\n',
        source="m.toml",
    )
    both = [(text, POSTS), (numbers, mails)]
    paths, bindings = zip(*(reversed(both) if turned else both), strict=True)
    with pytest.raises(InputError, match="expected one kind in all") as refused:
        open_records(paths, binding=bindings)
    hint = str(refused.value.hint)
    assert "in the binding of `" in hint
    assert "mails.jsonl`" in hint
    assert 'record_id = {column = "no", as = "string"}' in hint


def test_the_hint_on_times_without_a_zone_is_of_the_records_column(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    table = pa.table({"id": ["p1"], "at": pa.array([0], pa.timestamp("us")), "by": ["ana"]})
    pq.write_table(table, path)
    with pytest.raises(InputError, match="is a time without a zone") as refused:
        open_records([path], binding=POSTS)
    assert str(refused.value.hint).endswith(': created_at = {column = "at", zone = "UTC"}')
