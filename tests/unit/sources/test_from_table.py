# SPDX-License-Identifier: Apache-2.0
"""Tables tell what they know; what they cannot know stays unknown, and the reading that refuses holds."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.told_tables import AS_OF, PERIODS, Make, period, whole, year

from privity.errors import InputError, UnavailableError
from privity.members.reading import read_facts
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding
from privity.sources.write_facts import write_facts

CURRENT = f"""
table = "current"
as_of = {AS_OF}
member = "id"
[[fact]]
fact = "joined"
at = "signed_up"
[[fact]]
fact = "setting"
setting = "s"
value = {{column = "ai", values = {{true = "on", false = "off"}}}}
"""
CHANGES = """
table = "changes"
at = "when"
recorded_at = "when"
member = "id"
[[fact]]
fact = "setting"
setting = "s"
value = {column = "new", values = {1 = "on", 0 = "off"}}
method = "explicit"
where = {column = "field", is = ["ai"]}
"""


def test_a_current_table_says_what_holds_at_its_time(make: Make) -> None:
    table = f"id,signed_up,ai\na,{year(2015)},true\n"
    assert make(CURRENT, table) == [
        ("a joined", "", year(2015), ""),
        ("a setting", "on", AS_OF, '{"method":"migrated","setting":"s"}'),
    ]


def test_a_no_of_unknown_age_stands_since_the_member_joined(make: Make) -> None:
    told = make(CURRENT, f"id,signed_up,ai\na,{year(2015)},false\n")
    no = '{"method":"migrated","setting":"s"}'
    assert told[1:] == [
        ("a setting", "off", year(2015), no),
        ("a setting", "off", AS_OF, no),
    ]


@pytest.mark.parametrize(
    ("fact", "value"), [("objection", ""), ("agreement", "gold"), ("minor-suspected", "")]
)
def test_what_only_refuses_and_is_of_unknown_age_stands_since_the_member_joined(
    make: Make, fact: str, value: str
) -> None:
    binding = CURRENT + f'[[fact]]\nfact = "{fact}"\nwhere = {{column = "ai", is = ["obj"]}}\n'
    binding += f'value = "{value}"\n' if value else ""
    binding = binding.replace('false = "off"}', 'false = "off"}, otherwise = "skip"')
    told = make(binding, f"id,signed_up,ai\na,{year(2015)},obj\n")
    assert [one[:3] for one in told if one[0] != "a joined"] == [
        (f"a {fact}", value, year(2015)),
        (f"a {fact}", value, AS_OF),
    ]


def test_a_time_that_the_table_has_is_taken(make: Make) -> None:
    binding = CURRENT.replace(
        'setting = "s"', 'setting = "s"\nat = "since"\nmethod = "explicit"'
    )
    told = make(
        binding, f"id,signed_up,ai,since\na,{year(2015)},false,{year(2020)}\nb,,true,\n"
    )
    assert told == [
        ("a joined", "", year(2015), ""),
        ("a setting", "off", year(2020), '{"method":"explicit","setting":"s"}'),
    ]


def test_an_empty_cell_tells_nothing(make: Make) -> None:
    assert make(CURRENT, "id,signed_up,ai\na,,\n") == []


def test_what_was_recorded_is_known_from_the_tables_time_on(make: Make, tmp_path: Path) -> None:
    make(CURRENT, f"id,signed_up,ai\na,{year(2015)},true\n")
    recorded = whole(CURRENT, [tmp_path / "t.csv"]).column("recorded_at").to_pylist()
    assert set(recorded) == {"2025-06-01 00:00:00.000000Z"}


@pytest.mark.parametrize(
    ("fact", "value", "seen"),
    [("joined", "", 1), ("closed", "", 0), ("agreement", "p", 0), ("notice", "n", 1)],
)
def test_parts_of_a_second_are_rounded_to_where_they_permit_less(
    make: Make, fact: str, value: str, seen: int
) -> None:
    said = f'value = "{value}"\n' if value else ""
    binding = (
        f'table = "current"\nas_of = {AS_OF}\nmember = "id"\n'
        f'[[fact]]\nfact = "{fact}"\nat = "when"\n{said}'
    )
    (told,) = make(binding, "id,when\na,2015-01-01T00:00:00.25Z\n")
    assert told[2] == f"2015-01-01T00:00:0{seen}Z"


def test_the_platforms_own_facts_come_from_tables_too(make: Make) -> None:
    binding = f"""
    table = "periods"
    as_of = {AS_OF}
    from = "begins"
    to = "ends"
    [[fact]]
    fact = "recipient"
    value = {{column = "id"}}
    role = {{column = "role"}}
    [[fact]]
    fact = "order"
    value = "stop-1"
    jurisdictions = ["HK"]
    where = {{column = "role", is = ["affiliate"]}}
    """
    rows = ["x," + period(2015, 2018, "affiliate"), "x," + period(2018, 2020, "controller")]
    told = make(binding, "id,begins,ends,role\n" + "".join(rows))
    assert told == [
        ("None order", "stop-1", year(2015), '{"jurisdictions":["HK"]}'),
        ("None order-lifted", "stop-1", year(2018), ""),
        ("None recipient", "x", year(2015), '{"role":"affiliate"}'),
        ("None recipient", "x", year(2018), '{"role":"controller"}'),
        ("None recipient-ended", "x", year(2020), ""),
    ]


def test_a_change_log_says_what_became_and_when(make: Make) -> None:
    rows = [f"a,{year(2020)},ai,1\n", f"a,{year(2020)},name,\n", f"a,{year(2021)},ai,0\n"]
    told = make(CHANGES, "id,when,field,new\n" + "".join(rows))
    assert [fact[1:3] for fact in told] == [("off", year(2021)), ("on", year(2020))]


def test_a_change_to_nothing_must_be_given_a_meaning(make: Make) -> None:
    table = f"id,when,field,new\na,{year(2020)},ai,\n"
    with pytest.raises(InputError, match=r"t\.csv:2: column `new` is empty") as caught:
        make(CHANGES, table)
    assert caught.value.hint == 'say what an empty cell means: values = {"" = "unset"}'
    meant = CHANGES.replace("values = {1", 'values = {"" = "unset", 1')
    assert [fact[1] for fact in make(meant, table)] == ["unset"]


def test_how_it_was_said_may_be_a_column(make: Make) -> None:
    binding = CHANGES.replace(
        'method = "explicit"',
        'method = {column = "by", values = {user = "explicit", gpc = "signal"}, otherwise = "skip"}',
    )
    rows = [
        f"a,{year(2020)},ai,1,user\n",
        f"a,{year(2021)},ai,1,\n",
        f"a,{year(2022)},ai,1,job\n",
    ]
    told = make(binding, "id,when,field,new,by\n" + "".join(rows))
    methods = [fact[3].split('"')[3] for fact in sorted(told, key=lambda fact: fact[2])]
    assert methods == ["explicit", "migrated", "migrated"]


@pytest.mark.parametrize(
    ("extra", "cell"),
    [
        ('unit = "s"', "1577836800"),
        ('unit = "ms"', "1577836800000"),
        ('zone = "Europe/Berlin"', "2020-01-01 01:00:00"),
        ("", "2020-01-01T01:00:00+01:00"),
        ("", "2020-01-01 01:00:00+01"),
        ('zone = "Asia/Tokyo"', "2020-01-01 01:00:00+01"),
        ('zone = "Asia/Tokyo"', "2020-01-01 00:00:00.0+00:00"),
    ],
)
def test_times_are_read_as_the_binding_says(make: Make, extra: str, cell: str) -> None:
    binding = CHANGES.replace('at = "when"', f'at = "when"\n{extra}', 1)
    assert make(binding, f"id,when,field,new\na,{cell},ai,1\n")[0][2] == year(2020)


def test_tables_of_parquet_keep_ids_that_are_numbers(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2],
            "signed_up": pa.array(
                [datetime(2015, 1, 1, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC")
            ),
            "ai": [True, None],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    bound = parse_table_binding(CURRENT, source="binding.toml")
    out = tmp_path / "facts.parquet"
    assert write_facts(facts_from_tables(bound, [tmp_path / "t.parquet"]), out) == 3
    facts = pa.Table.from_batches(read_facts(out))
    assert facts.column("member").to_pylist() == [1, 2, 1]
    assert facts.column("value").to_pylist() == ["", "", "on"]


def test_several_tables_are_read_as_one(tmp_path: Path) -> None:
    paths = [tmp_path / "1.csv", tmp_path / "2.jsonl"]
    paths[0].write_text("id,begins,ends,ai\na," + period(2015, 2018, "1"))
    paths[1].write_text(f'{{"id": "a", "begins": "{year(2018)}", "ends": null, "ai": 1}}\n')
    assert whole(PERIODS, paths).column("value").to_pylist() == ["on", "on"]


@pytest.mark.parametrize(
    ("binding", "table", "says"),
    [
        (
            CURRENT,
            "id,signed_up,ai\na,,maybe\n",
            "t.csv:2: `maybe` in column `ai` has no meaning",
        ),
        (
            CURRENT,
            "id,signed_up,ai\na,2015-01-01,\n",
            "t.csv:2: `2015-01-01` in column `signed_up`",
        ),
        (
            CURRENT,
            "id,signed_up,ai\n,,true\n",
            "t.csv:2: column `id` is empty, expected a member",
        ),
        (CURRENT, "id,ai\na,true\n", "column `signed_up` of the binding is missing"),
        (CURRENT, "", "t.csv: the file is empty"),
        (
            PERIODS,
            "id,begins,ends,ai\na," + period(2018, 2015, "1"),
            "t.csv:2: the period ends before",
        ),
        (PERIODS, f"id,begins,ends,ai\na,,{year(2015)},1\n", "t.csv:2: a row without a time"),
        (
            PERIODS,
            "id,begins,ends,ai\na," + period(2015, 2018, "1") + "a," + period(2017, 2020, "0"),
            "t.csv:3: the period overlaps that of",
        ),
        (
            CHANGES,
            "id,when,field,new\na,,ai,1\n",
            "t.csv:2: a row without a time tells of `setting`",
        ),
        (
            CHANGES.replace('at = "when"', 'at = "when"\nunit = "s"', 1),
            "id,when,field,new\na,1740000000,ai,1\nb,1740000000000,ai,0\n",
            "t.csv:3: `1740000000000` in column `when` is no instant of the years 1 to 9999",
        ),
        (
            CURRENT + '[[fact]]\nfact = "birth_date"\nvalue = {column = "ai"}\n',
            "id,signed_up,ai\na,,true\n",
            "t.csv:2: `true` is no date",
        ),
    ],
)
def test_a_row_that_says_something_else_is_one_clear_error(
    make: Make, binding: str, table: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        make(binding, table)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    bound = parse_table_binding(CURRENT, source="binding.toml")
    table = tmp_path / "t.csv"
    table.write_text(f"id,signed_up,ai\na,{year(2015)},maybe\n")
    with pytest.raises(InputError):
        write_facts(facts_from_tables(bound, [table]), tmp_path / "facts.parquet")
    assert list(tmp_path.iterdir()) == [table]
    with pytest.raises(UnavailableError, match="cannot write the facts"):
        write_facts([], tmp_path / "none" / "facts.csv")


def test_a_file_of_facts_is_for_its_owner_alone(tmp_path: Path) -> None:
    for name in ("f.csv", "f.parquet", "f.arrow"):
        write_facts([], tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_no_facts_are_a_file_without_rows(tmp_path: Path) -> None:
    for name in ("f.csv", "f.parquet", "f.arrow"):
        assert write_facts([], tmp_path / name) == 0
        assert list(read_facts(tmp_path / name)) == []
