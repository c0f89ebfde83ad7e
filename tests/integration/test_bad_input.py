# SPDX-License-Identifier: Apache-2.0
"""Bad input is one clear line: what was seen, what was expected, where; and nothing is lost or left.

Every case runs `privity clear` (or `decide`, where it reads) on files that are right but for one thing.
"""

from __future__ import annotations

import gzip
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from privity.cli import main

SMALL = Path(__file__).resolve().parents[2] / "examples" / "small"
INSTANT = pa.timestamp("us", tz="UTC")
POST: dict[str, Any] = {
    "record_id": "p1",
    "category": "post",
    "created_at": "2025-02-01T12:00:00Z",
    "author": "ana",
}


@dataclass
class World:
    """A folder with a policy, facts and records that are right, and a run of the program on them."""

    folder: Path
    capfd: pytest.CaptureFixture[str]
    records: list[str] = field(default_factory=lambda: ["records.jsonl"])

    def put(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")

    def put_table(self, name: str, **columns: Any) -> None:
        base: dict[str, Any] = {
            "record_id": ["p1", "p2"],
            "category": ["post", "post"],
            "created_at": pa.array([datetime(2025, 2, 1, tzinfo=UTC)] * 2, INSTANT),
            "author": ["ana", "ana"],
        }
        chosen = {k: v for k, v in {**base, **columns}.items() if v is not None}
        pq.write_table(pa.table(chosen), self.folder / name)
        self.records = [name]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(list(arguments))
        seen = self.capfd.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, seen.out, seen.err

    def asked(self) -> list[str]:
        return [
            *("--policy", "policy.yaml", "--facts", "facts.csv", "--purpose", "genai-training"),
            *("--recipient", "self", "--at", "2025-06-01T00:00:00Z"),
        ]

    def clear(self) -> tuple[int, str, str]:
        return self.run("clear", *self.records, *self.asked(), "--out", "out")

    def decide(self) -> dict[Any, list[str]]:
        sources = [word for name in self.records for word in ("--records", name)]
        code, out, err = self.run("decide", *sources, *self.asked())
        assert (code, err) == (0, "")
        rows = [json.loads(line) for line in out.splitlines()]
        return {row["record_id"]: row["reasons"] for row in rows}

    def refuses(self, says: str, code: int = 2) -> None:
        """The run ends with one line, its exit code, and neither output nor anything left aside."""
        before = sorted(path.name for path in self.folder.iterdir())
        got, out, err = self.clear()
        assert got == code
        assert out == ""
        first, *rest = err.splitlines()
        assert first.startswith("privity: ")
        assert says in first
        assert all(line.startswith("  hint: ") for line in rest)
        assert len(rest) <= 1
        assert sorted(path.name for path in self.folder.iterdir()) == before


@pytest.fixture
def world(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    for name in ("policy.yaml", "facts.csv", "records.jsonl"):
        (tmp_path / name).write_bytes((SMALL / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield World(tmp_path, capfd)
    signal.signal(signal.SIGTERM, before)


def line(**others: Any) -> str:
    """A record that is right but for what is said, as a line of JSON."""
    return json.dumps({**POST, **others}) + "\n"


def test_what_is_right_is_cleared(world: World) -> None:
    assert world.clear()[0] == 0


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        pytest.param({"author": None}, "r.parquet: column `author` is missing", id="missing"),
        pytest.param({"author": [1.5, 2.5]}, "column `author` is a number with", id="author"),
        pytest.param(
            {"category": [1, 2]}, "column `category` is a whole number", id="category"
        ),
        pytest.param(
            {"recipients": ["a", "b"]}, "`recipients` is text, expected a list", id="list"
        ),
        pytest.param({"created_at": [1, 2]}, "`created_at` is a whole number", id="epoch"),
        pytest.param(
            {"created_at": pa.array([1, 2], pa.timestamp("us"))},
            "column `created_at` is a time without a zone",
            id="naive time",
        ),
        pytest.param(
            {"record_id": ["a", None]}, "r.parquet row 1: `record_id` has no value", id="id"
        ),
    ],
)
def test_missing_and_mistyped_columns(world: World, columns: dict[str, Any], says: str) -> None:
    world.put_table("r.parquet", **columns)
    world.refuses(says)


def test_duplicate_record_ids_are_refused_not_lost(world: World) -> None:
    world.put("a.jsonl", line() + line(record_id="p2"))
    world.put("b.jsonl", line())
    world.records = ["a.jsonl", "b.jsonl"]
    code, out, _ = world.clear()
    assert code == 0
    assert "1 of 3 records permitted" in out
    assert pq.read_table("out/data").column("record_id").to_pylist() == ["p2"]


def test_a_null_time_is_refused_not_lost(world: World) -> None:
    world.put("r.jsonl", line(created_at=None) + line(record_id="p2"))
    world.records = ["r.jsonl"]
    assert world.decide() == {"p1": ["bad-time"], "p2": []}


def test_a_naive_time_is_an_error_with_its_line(world: World) -> None:
    world.put("r.jsonl", line() + line(record_id="p2", created_at="2025-02-01T12:00:00"))
    world.records = ["r.jsonl"]
    world.refuses("r.jsonl:2: `2025-02-01T12:00:00` in column `created_at` has no zone")


@pytest.mark.parametrize(
    ("fact", "seen"),
    [
        (
            "ana,jurisdiction,ZZ,2025-05-01T00:00:00Z,2025-05-01T00:00:00Z,\n",
            "unknown-jurisdiction",
        ),
        (
            'ana,setting,OFF,2025-05-01T00:00:00Z,2025-05-01T00:00:00Z,"{""setting"":""genai-improvement""}"\n',
            "opted-out",
        ),
    ],
)
def test_codes_and_values_that_nobody_knows_refuse(world: World, fact: str, seen: str) -> None:
    world.put("facts.csv", (SMALL / "facts.csv").read_text() + fact)
    assert seen in world.decide()["p1"]


def test_a_category_that_nobody_knows_refuses(world: World) -> None:
    world.put("r.jsonl", line(category="psot") + line(record_id="p2"))
    world.records = ["r.jsonl"]
    assert world.decide() == {"p1": ["unknown-category"], "p2": []}


@pytest.mark.parametrize("name", ["r.parquet", "r.jsonl", "r.csv"])
def test_an_empty_file_of_records(world: World, name: str) -> None:
    world.put(name, b"")
    world.records = [name]
    world.refuses(f"{name}: the file is empty (0 bytes)")


def cut_parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"record_id": list(range(1000))}), sink)
    return bytes(sink.getvalue())[:-200]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("r.parquet", cut_parquet(), "r.parquet: the file is cut short or damaged"),
        ("r.jsonl", (line() + line())[:-9].encode(), "r.jsonl:2:"),
        (
            "r.jsonl.gz",
            gzip.compress(line().encode() * 9)[:-12],
            "r.jsonl.gz: the compressed file",
        ),
        (
            "r.csv",
            b'record_id,category,created_at,author\np1,post,2025-02-01T12:00:00Z,"an',
            "r.csv:2: the file breaks off within a quoted cell",
        ),
        (
            "r.csv",
            b"record_id,category,created_at,author\np1,post,2025-02",
            "r.csv:2: the row has 3 cells, expected 4",
        ),
    ],
    ids=["parquet", "lines", "gzip", "cell", "row"],
)
def test_a_truncated_file_of_records(
    world: World, name: str, content: bytes, says: str
) -> None:
    world.put(name, content)
    world.records = [name]
    world.refuses(says)


def test_no_rows_are_an_empty_set(world: World) -> None:
    world.put("r.csv", "record_id,category,created_at,author\n")
    world.records = ["r.csv"]
    code, out, _ = world.clear()
    assert code == 0
    assert out.startswith("out: 0 of 0 records permitted")


@pytest.mark.parametrize("name", ["r.jsonl", "r.csv", "r.parquet"])
def test_a_body_of_five_megabytes_passes_through(world: World, name: str) -> None:
    body = "word " * (1 << 20)
    if name == "r.parquet":
        world.put_table(name, body=[body, ""])
    elif name == "r.csv":
        world.put(name, f"{','.join(POST)},body\n{','.join(POST.values())},{body}\n")
    else:
        world.put(name, line(body=body))
    world.records = [name]
    assert world.clear()[0] == 0
    rows = pq.read_table("out/data").select(["record_id", "body"]).to_pylist()
    assert {"record_id": "p1", "body": body} in rows


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "policy.yaml"),
        (b"\xff\xfe", "policy.yaml"),
        (b"policy: [", "policy.yaml:1:"),
        (b"", "policy.yaml"),
    ],
    ids=["missing", "no UTF-8", "no YAML", "empty"],
)
def test_an_unreadable_policy(world: World, content: bytes | None, says: str) -> None:
    if content is None:
        (world.folder / "policy.yaml").unlink()
    else:
        world.put("policy.yaml", content)
    world.refuses(says)


def test_a_policy_with_a_word_that_nobody_knows(world: World) -> None:
    text = (SMALL / "policy.yaml").read_text()
    world.put(
        "policy.yaml", text.replace("purposes: [genai-training]", "purposes: [genai-trainin]")
    )
    world.refuses("unknown purpose `genai-trainin`, expected `genai-training`")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("ana,joind,,{t},{t},", "facts.csv:29: unknown fact `joind`, expected `joined`"),
        ("ana,joined,,2025-05-01,{t},", "facts.csv:29: `2025-05-01` in `at` is no instant"),
        ("ana,joined,,2025-05-01T00:00:00,{t},", "facts.csv:29: `2025-05-01T00:00:00` in `at`"),
        ("ana,joined,,{t},,", "facts.csv:29: nothing in `recorded_at` is no instant"),
        ("ana,setting,on,{t},{t},", "facts.csv:29: fact `setting` without detail `setting`"),
        ('ana,joined,,{t},{t},"{{"', "facts.csv:29: detail `{` is no JSON"),
        ('ana,joined,,{t},{t},"{{""x"":1}}"', "facts.csv:29: unknown detail `x`"),
        ("ana,birth_date,1990-02-30,{t},{t},", "facts.csv:29: `1990-02-30` is no date"),
        (",joined,,{t},{t},", "facts.csv:29: fact `joined` without a member"),
        ("ana,order,x,{t},{t},", "facts.csv:29: fact `order` with a member"),
        ("ana,joined,,{t}", "facts.csv:29: the row has 4 cells, expected 6"),
    ],
)
def test_a_row_that_is_no_fact(world: World, row: str, says: str) -> None:
    text = (SMALL / "facts.csv").read_text()
    world.put("facts.csv", f"{text}{row.format(t='2025-05-01T00:00:00Z')}\n")
    world.refuses(says)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("facts.csv", b"", "facts.csv: the file is empty (0 bytes)"),
        ("facts.csv", b"member,fact\n", "facts.csv:1: column `value` is missing"),
        ("facts.csv", None, "facts.csv: cannot read the facts: No such file"),
    ],
    ids=["empty", "columns", "missing"],
)
def test_a_file_that_holds_no_facts(
    world: World, name: str, content: bytes | None, says: str
) -> None:
    (world.folder / name).unlink()
    if content is not None:
        world.put(name, content)
    world.refuses(says)


def test_facts_that_contradict_each_other_refuse(world: World) -> None:
    at = "2024-10-01T09:30:00Z"
    contradiction = f'ana,setting,off,{at},{at},"{{""setting"":""genai-improvement""}}"\n'
    world.put("facts.csv", (SMALL / "facts.csv").read_text() + contradiction)
    assert "opted-out" in world.decide()["p1"]


def test_an_output_that_exists_is_a_conflict_and_stays_as_it_is(world: World) -> None:
    (world.folder / "out").mkdir()
    world.put("out/mine.txt", "keep")
    world.refuses("out: the output exists", code=4)
    assert (world.folder / "out" / "mine.txt").read_text() == "keep"


def test_a_folder_that_cannot_be_made_is_unavailable(world: World) -> None:
    world.put("file", "")
    code, out, err = world.run("clear", *world.records, *world.asked(), "--out", "file/out")
    assert (code, out) == (5, "")
    assert err.startswith("privity: file/out: ")
    assert err.count("\n") == 1


def test_facts_cut_at_any_byte_are_read_whole_or_refused(world: World) -> None:
    """A cut within a row may leave a shorter fact only where that is no less strict."""
    whole = (SMALL / "facts.csv").read_bytes()
    before = world.decide()
    last = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    for end in range(last, len(whole)):
        world.put("facts.csv", whole[:end])
        sources = [word for name in world.records for word in ("--records", name)]
        code, out, _ = world.run("decide", *sources, *world.asked())
        assert code in {0, 2}
        if code == 0 and end not in {last, len(whole) - 1}:
            rows = [json.loads(one) for one in out.splitlines()]
            permitted = {row["record_id"] for row in rows if row["permit"]}
            assert permitted <= {name for name, reasons in before.items() if not reasons}
