# SPDX-License-Identifier: Apache-2.0
"""Facts are read strictly from every format, and every error says its line or row."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from privity.canonical.instants import parse_instant
from privity.errors import InputError
from privity.members import files
from privity.members.columns import fact_columns
from privity.members.reading import read_facts

HEADER = "member,fact,value,at,recorded_at,detail\n"
T = "2015-01-01T00:00:00Z"
JOINED = f"ana,joined,,{T},{T},\n"
INSTANT = pa.timestamp("us", tz="UTC")
Put = Callable[[str, Any], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write text, bytes or a table into a file."""

    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        if isinstance(content, pa.Table):
            writer = feather.write_feather if name.endswith(".arrow") else pq.write_table
            writer(content, str(path))
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    return write


def read(path: Path) -> pa.Table:
    table = pa.Table.from_batches(read_facts(path))
    table.validate(full=True)
    return table


def problem(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(read_facts(path))
    text = str(caught.value)
    assert "\n" not in text
    return text.replace(f"{path.parent}/", "")


def table(**others: Any) -> pa.Table:
    """Two facts: one of a member, one of the platform."""
    base = {
        "member": pa.array([7, None]),
        "fact": ["joined", "recipient"],
        "value": [None, "self"],
        "at": pa.array([0, 1_000_000], INSTANT),
        "recorded_at": pa.array([0, 0], pa.timestamp("ns", "Europe/Berlin")),
        "detail": [None, '{"role": "controller"}'],
    }
    chosen = {name: values for name, values in {**base, **others}.items() if values is not None}
    return pa.table(chosen)


def line(**others: Any) -> str:
    base = {
        "member": "ana",
        "fact": "joined",
        "value": "",
        "at": T,
        "recorded_at": T,
        "detail": "",
    }
    return json.dumps({**base, **others}) + "\n"


def test_csv_gives_text_and_instants(put: Put) -> None:
    rows = ',recipient,self,2015-01-01T02:00:00+02:00,2015-01-01T00:00:01.000Z,"{""role"":""controller""}"\n'
    got = read(put("f.csv", HEADER + JOINED + rows))
    assert got.schema == pa.schema(
        [
            ("member", pa.string()),
            ("fact", pa.string()),
            ("value", pa.string()),
            ("at", INSTANT),
            ("recorded_at", INSTANT),
            ("detail", pa.string()),
        ]
    )
    assert got.to_pylist()[1] == {
        "member": "",
        "fact": "recipient",
        "value": "self",
        "at": datetime(2015, 1, 1, tzinfo=UTC),
        "recorded_at": datetime(2015, 1, 1, 0, 0, 1, tzinfo=UTC),
        "detail": '{"role":"controller"}',
    }


@pytest.mark.parametrize("name", ["f.parquet", "f.arrow"])
def test_tables_keep_ids_that_are_numbers(put: Put, name: str) -> None:
    got = read(put(name, table()))
    assert got.schema.field("member").type == pa.int64()
    assert got.column("member").to_pylist() == [7, None]
    assert got.column("value").to_pylist() == ["", "self"]
    assert got.column("at").to_pylist()[1] == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "others",
    [
        {"member": pa.array(["ana", None]).dictionary_encode()},
        {"member": pa.array(["ana", ""], pa.large_string())},
        {"member": pa.array([7, None], pa.uint8())},
        {"fact": pa.array(["joined", "recipient"]).dictionary_encode()},
        {"at": [T, "2015-01-01T00:00:00.0+00:00"]},
        {"at": pa.array([0, 1], pa.timestamp("s", "UTC"))},
    ],
)
def test_columns_may_come_in_any_form_of_their_type(put: Put, others: dict[str, Any]) -> None:
    facts = fact_columns(read_facts(put("f.parquet", table(**others))))
    assert (facts.members, facts.facts, len(facts.platform)) == (1, 1, 1)


def test_a_stream_of_arrow_is_read_too(put: Put) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table().schema) as writer:
        writer.write_table(table())
    assert read(put("f.arrow", bytes(sink.getvalue()))).num_rows == 2


def test_lines_may_leave_empty_places_out_and_nest_the_detail(put: Put) -> None:
    text = line() + json.dumps(
        {
            "fact": "recipient",
            "value": "self",
            "at": T,
            "recorded_at": T,
            "detail": {"role": "controller"},
        }
    )
    got = read(put("f.jsonl", text))
    assert got.column("member").to_pylist() == ["ana", None]
    assert got.column("detail").to_pylist() == ["", '{"role":"controller"}']


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ([7, None, 8], pa.int64()),
        ([None, 7, 8], pa.int64()),
        (["7", 8, None], pa.string()),
    ],
)
def test_the_first_id_of_the_lines_says_what_ids_are(
    put: Put, members: list[Any], kind: pa.DataType
) -> None:
    text = "".join(
        line(member=one)
        if one is not None
        else line(member=None, fact="recipient-ended", value="lab")
        for one in members
    )
    assert read(put("f.jsonl", text)).schema.field("member").type == kind


def test_facts_of_the_platform_alone_leave_room_for_both_kinds_of_id(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MOST_ROWS", 1)
    text = line(member=None, fact="recipient-ended", value="lab") + line(member=7)
    assert read(put("f.jsonl", text)).column("member").to_pylist() == [None, "7"]


@pytest.mark.parametrize("name", ["f.csv.gz", "f.jsonl.gz"])
def test_facts_may_be_compressed(put: Put, name: str) -> None:
    text = HEADER + JOINED if "csv" in name else line()
    assert read(put(name, gzip.compress(text.encode()))).num_rows == 1
    cut = gzip.compress((text * 999).encode())[:-20]
    assert "cut short or damaged" in problem(put(name, cut))


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz"])
def test_a_last_line_of_csv_that_may_be_cut_short_is_an_error(put: Put, name: str) -> None:
    text = f"detail,recorded_at,at,value,fact,member\n,{T},{T},,joined,ana\n"
    text += f'"{{""setting"":""x""}}",{T},{T},off,setting,ana-maria'

    def content(text: str) -> str | bytes:
        return gzip.compress(text.encode()) if name.endswith(".gz") else text

    for cut in (text, text[: -len("-maria")]):
        assert problem(put(name, content(cut))) == (
            f"{name}:3: the file breaks off within this row, or has no line end after it, expected a line end"
        )
    for end in ("\n", "\r\n"):
        assert read(put(name, content(text + end))).num_rows == 2
    # What breaks off elsewhere is no instant, no fact or no JSON, and a whole row needs no line end.
    others = f"member,value,fact,at,recorded_at,detail\nana,,joined,{T},{T},"
    assert read(put(name, content(others))).num_rows == 1


def test_no_rows_are_no_facts(put: Put) -> None:
    assert list(read_facts(put("f.csv", HEADER))) == []
    assert list(read_facts(put("f.parquet", table().slice(0, 0)))) == []


def test_columns_may_stand_in_any_order(put: Put) -> None:
    text = f"detail,recorded_at,at,value,fact,member\n,{T},{T},,joined,ana\n"
    assert read(put("f.csv", text)).column("member").to_pylist() == ["ana"]


def test_a_byte_order_mark_is_no_column(put: Put) -> None:
    assert read(put("f.csv", b"\xef\xbb\xbf" + (HEADER + JOINED).encode())).num_rows == 1


@pytest.mark.parametrize(
    "row",
    [
        f'ana,setting,OFF,{T},{T},"{{""setting"":""x""}}"\n',
        f"ana,jurisdiction,ZZ,{T},{T},\n",
        f'""," order",x,{T},{T},\n'.replace('" order"', "order"),
        f',order,x,{T},{T},"{{""jurisdictions"":[""USA""],""purposes"":[]}}"\n',
        f"ana,agreement,nobody-knows,{T},{T},{{}}\n",
    ],
)
def test_what_a_decision_reads_as_a_no_is_let_through(put: Put, row: str) -> None:
    assert read(put("f.csv", HEADER + row)).num_rows == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f"b,joind,,{T},{T},\n", "unknown fact `joind`, expected `joined`"),
        (f"b,joined,,2015-01-01,{T},\n", "`2015-01-01` in `at` is no instant"),
        (
            f"b,joined,,2015-01-01T00:00:00,{T},\n",
            "`2015-01-01T00:00:00` in `at` is no instant",
        ),
        (f"b,joined,,2015-01-01 00:00:00Z,{T},\n", "`2015-01-01 00:00:00Z` in `at`"),
        (f"b,joined,,{T},2015-01-01T00:00:00.5Z,\n", "00.5Z` in `recorded_at` is no instant"),
        (
            f"b,joined,,2015-02-30T00:00:00Z,{T},\n",
            "`2015-02-30T00:00:00Z` in `at` is no instant",
        ),
        (f"b,joined,,2015-13-01T00:00:00+00:00,{T},\n", "in `at` is no instant"),
        (f"b,joined,,{T},,\n", "nothing in `recorded_at` is no instant"),
        (f"b,joined,yes,{T},{T},\n", "fact `joined` with value `yes`, expected none"),
        (f"b,notice,,{T},{T},\n", "fact `notice` without a value"),
        (f"b,birth_date,05/05/1990,{T},{T},\n", "`05/05/1990` is no date"),
        (f"b,setting,on,{T},{T},\n", "fact `setting` without detail `setting`"),
        (f'b,setting,on,{T},{T},"{{""setting"":"\n', "is no JSON"),
        (f'b,joined,,{T},{T},"{{""x"":1}}"\n', "unknown detail `x`"),
        (f'b,jurisdiction,US,{T},{T},"{{""evidence"":""vpn""}}"\n', "unknown evidence `vpn`"),
        (f"b,recipient,x,{T},{T},\n", "fact `recipient` with a member"),
        (f",joined,,{T},{T},\n", "fact `joined` without a member"),
        (f"b,joined,,{T}\n", "the row has 4 cells, expected 6"),
    ],
)
def test_a_row_that_is_no_fact_is_one_error_with_its_line(
    put: Put, row: str, says: str
) -> None:
    spread = f'"c\nd",joined,,{T},{T},\n'
    text = problem(put("f.csv", HEADER + JOINED + spread + row))
    assert text.startswith("f.csv:5: ")
    assert says in text


def test_the_line_is_that_of_the_file_also_in_later_blocks(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_BLOCK", 4096)
    rows = [f"m{number},joined,,{T},{T},\n" for number in range(1000)]
    rows[800] = f"m800,joined,,never,{T},\n"
    assert problem(put("f.csv", HEADER + "".join(rows))).startswith("f.csv:802: `never`")


def test_a_byte_that_is_no_utf8_is_found_in_its_line(put: Put) -> None:
    text = problem(
        put("f.csv", (HEADER + JOINED).encode() + f"\xff,joined,,{T},{T},\n".encode("latin1"))
    )
    assert text.startswith("f.csv:3: no CSV: a byte is no UTF-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "f.jsonl: the file is empty"),
        (line() + '{"member": "b', "f.jsonl:2:12: the last line breaks off"),
        (line() + "x\n", "f.jsonl:2:1: no JSON"),
        (line() + "[]\n", "f.jsonl:2: the line is no JSON object"),
        (line(at=5), "f.jsonl:1: `5` in `at` is no text"),
        (line(member=True), "f.jsonl:1: `True` in `member` is no text"),
        (line(member=2**63), "in `member` is no text"),
        (line(scope="all"), "f.jsonl:1: column `scope` is none of a fact"),
        ('{"fact": "joined"}\n', "f.jsonl:1: column `at` is missing"),
        (line(member=1) + line(member="b"), "f.jsonl:2: `b` in `member` is text"),
        (line() + line(fact="joind"), "f.jsonl:2: unknown fact `joind`"),
        (line().replace('"ana"', '"ana", "member": "ben"'), "key `member` stands twice"),
    ],
)
def test_a_bad_line_is_one_clear_error(put: Put, text: str, says: str) -> None:
    assert says in problem(put("f.jsonl", text))


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"at": None}, "f.parquet: column `at` is missing"),
        ({"note": ["x", "y"]}, "f.parquet: column `note` is none of a fact"),
        ({"member": [1.0, None]}, "column `member` is of type double"),
        (
            {"member": pa.array([1, 2**63], pa.uint64())},
            "f.parquet row 1: `9223372036854775808`",
        ),
        ({"value": [1, 2]}, "column `value` is of type int64, expected text"),
        ({"at": pa.array([0, 1], pa.timestamp("us"))}, "column `at` is of type timestamp[us]"),
        ({"at": pa.array([0, 1], pa.date32())}, "column `at` is of type date32"),
        (
            {"at": pa.array([0, None], INSTANT)},
            "f.parquet row 1: nothing in `at` is no instant",
        ),
        ({"at": pa.array([0, 1], INSTANT)}, "f.parquet row 1: `1970-01-01 00:00:00.000001Z`"),
        (
            {"at": pa.array([0, 1], pa.timestamp("ns", "UTC"))},
            "f.parquet row 1: `1970-01-01 00:00:00.000000001Z` in `at` is a fraction of a second",
        ),
        ({"detail": [None, "{}"]}, "f.parquet row 1: fact `recipient` without detail `role`"),
    ],
)
def test_a_column_or_row_of_a_table_that_does_not_fit(
    put: Put, others: dict[str, Any], says: str
) -> None:
    assert says in problem(put("f.parquet", table(**others)))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("f.txt", HEADER, "`f.txt` has no known ending"),
        ("f.parquet.gz", b"x", "`f.parquet.gz` has no known ending"),
        ("f.csv", "", "f.csv: the file is empty (0 bytes)"),
        ("f.csv", "member,fact,value,at,recorded,detail\n", "column `recorded_at` is missing"),
        ("f.csv", HEADER.replace("value", "fact"), "column `value` is missing"),
        ("f.csv", HEADER.strip() + ",member\n", "column `member` stands twice"),
        ("f.parquet", b"PAR1", "the file is cut short or damaged"),
        ("f.arrow", b"ARROW1xxxx", "the file is cut short or damaged"),
    ],
)
def test_a_file_that_holds_no_facts_is_an_error(
    put: Put, name: str, content: Any, says: str
) -> None:
    assert says in problem(put(name, content))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    assert (
        problem(tmp_path / "none.csv")
        == "none.csv: cannot read the facts: No such file or directory"
    )
    assert problem(tmp_path / "none") == "none: there is no such file, expected facts"


def test_the_nearest_name_is_the_hint(put: Put) -> None:
    with pytest.raises(InputError) as caught:
        list(read_facts(put("f.csv", "member,fact,value,at,recorded,detail\n")))
    assert caught.value.hint == "rename `recorded` to `recorded_at`"


LATER = "2024-01-01T00:00:00Z"
LINE = {"member": "ana", "fact": "joined", "at": T}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.csv", f"member,fact,value,at,detail\nana,joined,,{T},\n"),
        ("f.csv", f"{HEADER}ana,joined,,{T},,\n"),
        ("f.jsonl", f"{json.dumps(LINE)}\n"),
        ("f.jsonl", f"{json.dumps({**LINE, 'recorded_at': None})}\n"),
        (
            "f.parquet",
            pa.table(
                {
                    "value": [""],
                    "detail": [""],
                    **{k: [v] for k, v in LINE.items()},
                }
            ),
        ),
        (
            "f.arrow",
            pa.table(
                {
                    **{key: [value] for key, value in LINE.items()},
                    "value": [""],
                    "detail": [""],
                    "recorded_at": pa.array([None], pa.timestamp("ns", tz="Asia/Tokyo")),
                }
            ),
        ),
    ],
)
def test_who_records_now_may_leave_out_when(put: Put, name: str, content: Any) -> None:
    now = parse_instant(LATER)
    [batch] = read_facts(put(name, content), recorded_at=now)
    assert batch.column("recorded_at").cast(pa.int64()).to_pylist() == [now * 1_000_000]
    assert batch.column("at").cast(pa.int64()).to_pylist() == [parse_instant(T) * 1_000_000]


def test_who_records_now_may_say_when_all_the_same(put: Put) -> None:
    [batch] = read_facts(put("f.csv", HEADER + JOINED), recorded_at=parse_instant(LATER))
    assert batch.column("recorded_at") == batch.column("at")


def test_nothing_else_may_be_left_out(put: Put) -> None:
    with pytest.raises(InputError, match="column `at` is missing"):
        list(read_facts(put("f.csv", "member,fact,value,detail\n"), recorded_at=0))
    with pytest.raises(InputError, match="nothing in `at` is no instant"):
        list(read_facts(put("g.csv", f"{HEADER}ana,joined,,,{T},\n"), recorded_at=0))
    number = pa.table(
        {**{k: [v] for k, v in LINE.items()}, "value": [""], "detail": [""], "recorded_at": [1]}
    )
    with pytest.raises(InputError, match="`recorded_at` is of type int64"):
        list(read_facts(put("h.parquet", number), recorded_at=0))


@pytest.mark.parametrize("column", ["at", "recorded_at"])
@pytest.mark.parametrize("year", [-1, 0, 10_000, 57_000])
def test_what_no_calendar_has_is_no_instant(put: Put, column: str, year: int) -> None:
    """A no that is said in the year 57,000 would count for nothing."""
    odd = int((year - 1970) * 365.2425) * 86_400 * 1_000_000
    pq_file = put("f.parquet", "")
    pq.write_table(table(**{column: pa.array([0, odd], INSTANT)}), pq_file)
    said = problem(pq_file)
    assert said.startswith("f.parquet row 1: ")
    assert f"in `{column}` is no instant of the years 1 to 9999" in said
