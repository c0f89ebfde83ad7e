# SPDX-License-Identifier: Apache-2.0
"""The front in Python: what it takes, in which forms, and what it says of what it cannot take."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies
from tests.property.comparison import as_rows

import privity
from privity.app.api import Engine, compiled
from privity.app.inputs import load_facts, load_policy
from privity.decide.many import Compiled
from privity.decide.request import Decision
from privity.errors import InputError, PrivityError
from privity.sources.binding import Binding
from privity.sources.native import open_records
from privity.testing.plain import AT, POST, policy, register, told
from privity.testing.worlds import RandomWorld, to_arrow, worlds

RULES = policy(obligations=[])
FACTS = as_rows([*register(), *told("a")])
ASKED: dict[str, Any] = {
    "policy": [RULES],
    "facts": FACTS,
    "purpose": "genai-training",
    "recipient": "self",
    "at": AT,
}
RECORD: Mapping[str, Any] = {
    "record_id": "r1",
    "category": "post",
    "created_at": "2025-02-01T12:00:00Z",
    "author": "a",
}
PERMITTED = {"record_id": "r1", "permit": True, "reasons": [], "obligations": []}
INSTANT = pa.timestamp("us", tz="UTC")
ENGINES: tuple[Engine, ...] = ("one", "arrow")

engines = pytest.mark.parametrize("engine", ENGINES)


def batch(**others: Any) -> pa.Table:
    """The record as a table, with columns of its own; None leaves one out."""
    table = to_arrow([POST])
    columns = {name: table[name] for name in table.column_names} | others
    return pa.table({name: one for name, one in columns.items() if one is not None})


def decide_rows(table: Any, **others: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = privity.decide_batch(table, **ASKED | others).to_pylist()
    return rows


def refused(decide: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        decide()
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return caught.value


# The three forms of policy, facts and instants


def policies(folder: Path) -> dict[str, Any]:
    path = folder / "policy" / "one.yaml"
    path.parent.mkdir()
    path.write_text(json.dumps(RULES))
    return {
        "file": path,
        "name of a file": str(path),
        "folder": path.parent,
        "files": [path],
        "mapping": RULES,
        "mappings": [RULES],
        "history": load_policy([RULES]),
        "versions": load_policy([RULES]).versions,
    }


def fact_table(member: pa.DataType | None = None) -> pa.Table:
    columns: dict[str, Any] = {
        name: pa.array([row[name] for row in FACTS], pa.string())
        for name in ("member", "fact", "value", "detail")
    }
    for name in ("at", "recorded_at"):
        columns[name] = pa.array([datetime.fromisoformat(row[name]) for row in FACTS], INSTANT)
    if member is not None:
        columns["member"] = columns["member"].cast(member)
    return pa.table(columns)


def facts(folder: Path) -> dict[str, Any]:
    path = folder / "facts.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(FACTS[0]))
        writer.writeheader()
        writer.writerows(FACTS)
    parquet = folder / "facts.parquet"
    pq.write_table(fact_table(), parquet)
    (whole,) = fact_table().to_batches()
    spelled = [
        {
            **row,
            "at": datetime.fromisoformat(row["at"]),
            "recorded_at": datetime.fromisoformat(row["recorded_at"]),
            "detail": json.loads(row["detail"]),
        }
        for row in FACTS
    ]
    return {
        "file": path,
        "name of a file": str(path),
        "parquet": parquet,
        "table": fact_table(),
        "batch": whole,
        "chunked table": pa.concat_tables([fact_table().slice(0, 3), fact_table().slice(3)]),
        "rows": FACTS,
        "rows with datetimes and mappings": spelled,
        "columns": load_facts(FACTS),
    }


@engines
def test_policy_and_facts_are_taken_in_any_form(tmp_path: Path, engine: str) -> None:
    for form, given_policy in policies(tmp_path).items():
        assert decide_rows(batch(), policy=given_policy, engine=engine) == [PERMITTED], form
    for form, given_facts in facts(tmp_path).items():
        assert decide_rows(batch(), facts=given_facts, engine=engine) == [PERMITTED], form
        assert privity.decide(RECORD, **ASKED | {"facts": given_facts}).permit, form


@pytest.mark.parametrize(
    "at",
    [
        AT,
        "2025-06-01T00:00:00Z",
        "2025-06-01T02:00:00+02:00",
        datetime(2025, 6, 1, tzinfo=UTC),
        datetime(2025, 5, 31, 19, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_an_instant_may_be_text_seconds_or_a_datetime(at: Any) -> None:
    """One second before the record was made it was not there to be used."""
    record = {**RECORD, "created_at": AT}
    assert privity.decide(record, **ASKED | {"at": at}).permit
    later = {**RECORD, "created_at": AT + 1}
    assert privity.decide(later, **ASKED | {"at": at}).reasons == ("bad-time",)


@pytest.mark.parametrize(
    "at",
    ["2025-06-01", "2025-06-01T00:00:00", "", datetime(2025, 6, 1), 1.5, True, None],  # noqa: DTZ001 - naive on purpose
)
def test_what_is_no_instant_is_an_error(at: Any) -> None:
    error = refused(lambda: privity.decide(RECORD, **ASKED | {"at": at}))
    assert error.code == "input/instant"


def test_known_is_the_instant_of_use_unless_it_is_said() -> None:
    late = as_rows(told("b"))
    late = [{**row, "recorded_at": "2025-06-02T00:00:00Z"} for row in late]
    record = {**RECORD, "author": "b"}
    asked = ASKED | {"facts": [*FACTS, *late]}
    assert privity.decide(record, **asked).reasons == ("unknown-party",)
    assert privity.decide(record, **asked, known="2025-06-02T00:00:00Z").permit


# One record


def test_a_decision_is_a_value_with_reasons() -> None:
    found = privity.decide({**RECORD, "author": "z", "category": "inmail"}, **ASKED)
    assert found == Decision(
        record_id="r1",
        permit=False,
        reasons=("no-parties", "unknown-party"),
        obligations=(),
    )


def test_quoted_records_are_looked_up_among_those_given() -> None:
    record = {**RECORD, "quotes": ["r2"]}
    quoted = {**RECORD, "record_id": "r2", "author": "z"}
    assert privity.decide(record, **ASKED).reasons == ("unknown-quote",)
    assert privity.decide(record, **ASKED, records=[quoted]).reasons == ("unknown-party",)


@pytest.mark.parametrize("name", ["record_id", "category", "created_at", "author"])
def test_a_record_without_what_it_needs_is_an_error(name: str) -> None:
    record = {key: value for key, value in RECORD.items() if key != name}
    error = refused(lambda: privity.decide(record, **ASKED))
    assert error.code == "records/missing-column"
    assert f"`{name}`" in error.message


@pytest.mark.parametrize("name", ["recipients", "quotes"])
def test_text_where_a_list_belongs_is_an_error(name: str) -> None:
    error = refused(lambda: privity.decide({**RECORD, name: "bob"}, **ASKED))
    assert error.code == "records/column-type"


@pytest.mark.parametrize(
    ("capacity", "permit"), [(None, True), ("personal", True), ("", False), ("seat:x", False)]
)
@engines
def test_only_a_missing_capacity_is_personal(
    engine: str,
    capacity: str | None,
    permit: bool,  # noqa: FBT001 - a case
) -> None:
    record = {**RECORD, "capacity": capacity}
    assert privity.decide(record, **ASKED).permit is permit
    table = batch(capacity=pa.array([capacity], pa.string()))
    assert decide_rows(table, engine=engine)[0]["permit"] is permit


@pytest.mark.parametrize("author", ["7", 7], ids=["text", "number"])
def test_ids_are_read_as_the_facts_have_them(author: str | int) -> None:
    for known in ("7", 7):
        given_facts = as_rows([*register(), *told(known)])
        asked = ASKED | {"facts": given_facts}
        assert privity.decide({**RECORD, "author": author}, **asked).permit
        table = batch(author=[author], recipients=None)
        for engine in ENGINES:
            assert decide_rows(table, facts=given_facts, engine=engine) == [PERMITTED]


@pytest.mark.parametrize("author", ["07", " 7", "+7", "7_0", "7.0", "seven", "70"])
def test_text_that_is_not_how_a_number_is_written_is_nobody(author: str) -> None:
    given_facts = as_rows([*register(), *told(7)])
    found = privity.decide({**RECORD, "author": author}, **ASKED | {"facts": given_facts})
    assert found.reasons == ("unknown-party",)


# A batch


@given(worlds(records=40), strategies.integers(min_value=0, max_value=3))
def test_both_engines_answer_alike(made: RandomWorld, number: int) -> None:
    request = made.requests[number]
    asked: dict[str, Any] = {
        "policy": list(made.policies),
        "facts": list(made.facts),
        "purpose": request.purpose,
        "recipient": request.recipient,
        "at": request.at,
        "known": request.known,
    }
    table = to_arrow(made.records, made.ids)
    one, arrow = (privity.decide_batch(table, engine=engine, **asked) for engine in ENGINES)
    assert one.schema == arrow.schema
    assert one.to_pylist() == arrow.to_pylist()
    assert one["record_id"].to_pylist() == table["record_id"].to_pylist()
    for row in arrow.to_pylist():
        assert row["permit"] is not bool(row["reasons"])
        assert row["reasons"] == sorted(row["reasons"])
        assert not (row["reasons"] and row["obligations"])


@pytest.mark.parametrize("binding", [3, b"b.toml", [b"b.toml"], {"a": "b.toml"}, [["b.toml"]]])
def test_what_is_no_binding_is_said(tmp_path: Path, binding: Any) -> None:
    with pytest.raises(InputError, match="is no binding, expected one") as refused:
        privity.clear(batch(), out=tmp_path / "out", binding=binding, **ASKED)
    assert refused.value.code == "input/binding"


def test_none_is_the_binding_of_own_names(tmp_path: Path) -> None:
    rows = batch()
    made = privity.clear(rows, out=tmp_path / "out", binding=[None], **ASKED)
    assert made.summary.records == rows.num_rows


@pytest.mark.parametrize("engine", ENGINES)
def test_an_instant_that_no_calendar_has_is_a_bad_time(engine: Engine) -> None:
    """Milliseconds that were read as seconds are such, and a record must not stop the others."""
    micros = [2**63 - 1, 300_000_000_000_000_000, -(2**63), AT * 1_000_000 - 1]
    made = pa.array(micros, pa.int64()).cast(pa.timestamp("us", "UTC"))
    table = pa.concat_tables([batch().slice(0, 1)] * len(micros))
    for name, column in (("record_id", pa.array(["a", "b", "c", "d"])), ("created_at", made)):
        table = table.set_column(table.column_names.index(name), name, column)
    found = privity.decide_batch(table, engine=engine, **ASKED)["reasons"].to_pylist()
    assert found == [["bad-time"], ["bad-time"], ["unknown-party"], []]


def test_a_batch_answers_in_the_published_columns() -> None:
    found = privity.decide_batch(batch(), **ASKED)
    words = pa.list_(pa.string())
    assert found.schema == pa.schema(
        {
            "record_id": pa.string(),
            "permit": pa.bool_(),
            "reasons": words,
            "obligations": words,
        }
    )
    empty = privity.decide_batch(batch().slice(0, 0), **ASKED)
    assert (empty.num_rows, empty.schema) == (0, found.schema)


COLUMNS: dict[str, dict[str, Any]] = {
    "payload": {"body": ["text"]},
    "no lists and no capacity": dict.fromkeys(("recipients", "quotes", "capacity")),
    "a record batch": {},
    "large text": {
        "record_id": pa.array(["r1"], pa.large_string()),
        "author": pa.array(["a"], pa.large_string()),
        "category": pa.array(["post"], pa.large_string()),
        "recipients": pa.array([[]], pa.large_list(pa.large_string())),
    },
    "dictionaries": {
        "author": pa.array(["a"]).dictionary_encode(),
        "category": pa.array(["post"]).dictionary_encode(),
    },
    "lists of nothing": {
        "recipients": pa.array([[]], pa.list_(pa.null())),
        "quotes": pa.array([None], pa.null()),
    },
    "nanoseconds": {
        "created_at": pa.array([POST.created_at * 10**9 + 1], pa.timestamp("ns", tz="UTC"))  # type: ignore[operator] # it has one
    },
    "another zone": {
        "created_at": pa.array([POST.created_at], pa.timestamp("s", tz="Asia/Kolkata"))
    },
    "text for instants": {"created_at": ["2025-02-01T13:00:00+01:00"]},
}


@engines
@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS.keys())
def test_a_batch_may_have_its_columns_in_other_types(
    engine: str, columns: dict[str, Any]
) -> None:
    table = batch(**columns)
    assert decide_rows(table, engine=engine) == [PERMITTED]
    (piece,) = table.to_batches()
    assert decide_rows(piece, engine=engine) == [PERMITTED]


MISFITS: dict[str, tuple[dict[str, Any], str]] = {
    "no author": ({"author": None}, "records/missing-column"),
    "no category": ({"category": None}, "records/missing-column"),
    "naive times": (
        {"created_at": pa.array([0], pa.timestamp("us"))},
        "records/instant",
    ),
    "naive text": ({"created_at": ["2025-02-01T12:00:00"]}, "records/instant"),
    "a missing id": ({"record_id": pa.array([None], pa.string())}, "records/null-id"),
    "an empty id": ({"record_id": pa.array([""])}, "records/null-id"),
    "a fraction for an id": ({"author": [1.5]}, "records/column-type"),
    "quotes of another kind": ({"quotes": pa.array([[1]])}, "records/mixed-ids"),
    "recipients of another kind": ({"recipients": pa.array([[1]])}, "records/mixed-ids"),
    "text for a list": ({"recipients": ["bob"]}, "records/column-type"),
    "a number for a category": ({"category": [1]}, "records/column-type"),
}


@engines
@pytest.mark.parametrize(("columns", "code"), MISFITS.values(), ids=MISFITS.keys())
def test_a_column_that_does_not_fit_is_an_error(
    engine: str, columns: dict[str, Any], code: str
) -> None:
    error = refused(lambda: decide_rows(batch(**columns), engine=engine))
    assert error.code == code
    assert str(error).startswith("<records>")


# What cannot be read


def test_facts_that_are_none_are_errors() -> None:
    table = fact_table()
    naive = table.set_column(
        table.column_names.index("at"), "at", table["at"].cast(pa.timestamp("us"))
    )
    cases = {
        "facts/columns": [
            table.drop(["detail"]),
            [{"member": "a", "fact": "joined", "at": AT}],
            [b"joined"],
            table.append_column("at", table["at"]),
        ],
        "facts/column-type": [naive],
        "facts/unreadable": ["nowhere.csv"],
        "vocabulary/unknown-fact": [[{**FACTS[-1], "fact": "joind"}]],
        "facts/detail": [[{**FACTS[-1], "detail": "{"}]],
        "input/instant": [[{**FACTS[-1], "at": "2025-01-01"}]],
    }
    for code, all_facts in cases.items():
        for given_facts in all_facts:
            error = refused(lambda one=given_facts: decide_rows(batch(), facts=one))
            assert error.code == code


def test_policies_that_are_none_are_errors(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    cases: dict[str, Any] = {
        "policy/no-file": tmp_path / "nowhere.yaml",
        "policy/missing-key": {"policy": "genai-training"},
        "policy/unknown-key": [{**RULES, "setings": {}}],
        "policy/version-reused": [RULES, {**RULES, "controller": "other"}],
    }
    for code, given_policy in cases.items():
        error = refused(lambda one=given_policy: decide_rows(batch(), policy=one))
        assert error.code == code


def test_without_versions_or_facts_everything_is_refused() -> None:
    assert decide_rows(batch(), policy=[])[0]["reasons"] == ["no-policy"]
    nobody = ["unknown-party", "unknown-recipient"]
    assert decide_rows(batch(), facts=[])[0]["reasons"] == nobody


# Ready once, asked often


def test_a_request_made_ready_decides_and_clears_as_one_that_is_not(tmp_path: Path) -> None:
    ready = compiled(**ASKED)
    assert isinstance(ready, Compiled)
    source = tmp_path / "records.parquet"
    pq.write_table(batch(), source)
    first = privity.clear(source, out=tmp_path / "first", ready=ready, **ASKED)
    second = privity.clear([str(source)], out=str(tmp_path / "second"), **ASKED)
    assert first.summary == second.summary
    assert first.manifest == second.manifest
    assert first.out == tmp_path / "first"


def test_errors_of_the_front_are_of_one_family(tmp_path: Path) -> None:
    source = tmp_path / "records.parquet"
    pq.write_table(batch(), source)
    with pytest.raises(PrivityError) as caught:
        privity.clear(source, out=source / "out", **ASKED)
    assert (caught.value.code, caught.value.exit_code) == ("clear/disk", 5)
    assert caught.value.where is not None


def test_a_binding_says_what_the_columns_of_a_platform_are(tmp_path: Path) -> None:
    table = batch().rename_columns({"record_id": "id", "author": "writer"})
    source = tmp_path / "records.parquet"
    pq.write_table(table, source)
    binding = tmp_path / "binding.toml"
    binding.write_text('[columns]\nrecord_id = "id"\nauthor = "writer"\n')
    out = tmp_path / "out"
    privity.clear(source, out=out, binding=binding, **ASKED)
    rows = pq.read_table(out / "data").to_pylist()
    assert [row["record_id"] for row in rows] == ["r1"]


def test_a_binding_of_sources_that_are_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(
        '{"record_id":"p1","category":"post","created_at":"2025-02-01T00:00:00Z","author":"ana"}\n'
    )
    with pytest.raises(InputError, match="are opened already") as refused:
        privity.clear(open_records([path]), out=tmp_path / "out", binding=Binding(), **ASKED)
    assert refused.value.code == "input/binding"
