# SPDX-License-Identifier: Apache-2.0
"""What each command prints and exits with, on the small example."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

RECORDS = ("--records", str(SMALL / "records.jsonl"))


def refusals(out: str) -> dict[str, list[str]]:
    """Each refused record with its reasons."""
    rows = [json.loads(line) for line in out.splitlines()]
    return {row["record_id"]: row["reasons"] for row in rows if not row["permit"]}


@pytest.mark.parametrize("engine", ["one", "arrow"])
def test_decide_prints_one_line_for_each_record_in_input_order(run: Run, engine: str) -> None:
    done = run("decide", *ASKED, *RECORDS, "--recipient", "lab", "--engine", engine)
    assert done.code == 0
    assert done.err == ""
    assert done.lines[:3] == [
        '{"record_id":"p1","permit":true,"reasons":[],"obligations":["pseudonymise"]}',
        '{"record_id":"p2","permit":false,"reasons":["before-consent"],"obligations":[]}',
        '{"record_id":"m1","permit":false,"reasons":["agreement"],"obligations":[]}',
    ]
    assert len(done.lines) == 8


def test_decide_reads_the_same_from_every_format(run: Run, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (SMALL / "records.jsonl").read_text().splitlines()]
    parquet, csv = tmp_path / "r.parquet", tmp_path / "r.csv"
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    cells = [
        ",".join(
            ";".join(cell) if isinstance(cell, list) else f'"{cell}"' for cell in row.values()
        )
        for row in rows
    ]
    csv.write_text("\n".join([",".join(rows[0]), *cells]) + "\n")
    printed = {
        run("decide", *ASKED, "--records", path, "--recipient", "self").out
        for path in (parquet, csv, SMALL / "records.jsonl")
    }
    assert len(printed) == 1


@pytest.mark.parametrize("engine", ["one", "arrow"])
@pytest.mark.parametrize("ids", ["numbers", "text"])
@pytest.mark.parametrize("facts", ["csv", "parquet"])
def test_ids_that_are_numbers_find_their_facts(
    run: Run, tmp_path: Path, engine: str, ids: str, facts: str
) -> None:
    numbers = {"ana": 1, "ben": 2, "chi": 3, "dora": 4, "eli": 5}
    text = (SMALL / "facts.csv").read_text()
    for name, number in numbers.items():
        text = text.replace(f"\n{name},", f"\n{number},")
    path = tmp_path / "facts.csv"
    path.write_text(text)
    if facts == "parquet":
        table = pa.csv.read_csv(
            path,
            convert_options=pa.csv.ConvertOptions(
                column_types={"member": pa.int64(), "value": pa.string(), "detail": pa.string()}
            ),
        )
        path = tmp_path / "facts.parquet"
        stamps = {"at": pa.timestamp("us", "UTC"), "recorded_at": pa.timestamp("us", "UTC")}
        for name, kind in stamps.items():
            place = table.column_names.index(name)
            table = table.set_column(place, name, table.column(name).cast(kind))
        pq.write_table(table, path)
    rows = [json.loads(line) for line in (SMALL / "records.jsonl").read_text().splitlines()]
    named = {
        name: number if ids == "numbers" else str(number) for name, number in numbers.items()
    }
    for row in rows:
        row["author"] = named[row["author"]]
        row["recipients"] = [named[one] for one in row["recipients"]]
    records = tmp_path / "records.jsonl"
    records.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [str(path) if one == str(SMALL / "facts.csv") else one for one in ASKED]
    done = run(
        "decide", *asked, "--records", records, "--recipient", "self", "--engine", engine
    )
    assert done.out == run("decide", *ASKED, *RECORDS, "--recipient", "self").out


def test_decide_believes_what_was_known_then(run: Run) -> None:
    known = ("--known", "2025-03-01T00:00:00Z")
    now = refusals(run("decide", *ASKED, *RECORDS, "--recipient", "self").out)
    then = refusals(run("decide", *ASKED, *RECORDS, "--recipient", "self", *known).out)
    assert now["c1"] == ["opted-out"]
    assert "c1" not in then


def test_clear_leaves_what_decide_permits(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    source = SMALL / "records.jsonl"
    done = run("clear", source, *ASKED, "--recipient", "self", "--out", out, "--refused")
    assert done.code == 0
    assert done.lines[0] == f"{out}: 2 of 8 records permitted"
    printed = run("decide", *ASKED, *RECORDS, "--recipient", "self").out
    refused = refusals(printed)
    cleared = pq.read_table(out / "data").column("record_id").to_pylist()
    assert set(cleared) == {"p1", "m1"}
    rows = pq.read_table(out / "refused.parquet").to_pylist()
    assert {row["record_id"]: sorted(row["reasons"]) for row in rows} == refused
    again = run("clear", source, *ASKED, "--recipient", "self", "--out", out)
    assert again.code == 4
    assert again.err.startswith(f"privity: {out}: the output exists")


def test_clear_prints_its_manifest(run: Run, tmp_path: Path) -> None:
    arguments = (*ASKED, "--recipient", "lab", "--out", tmp_path / "out", "--json")
    key = tmp_path / "key"
    done = run("clear", SMALL / "records.jsonl", *arguments, "--pseudonym-key", key)
    manifest = json.loads(done.out)
    assert manifest == json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["counts"]["permitted"] == 1
    assert len(key.read_bytes()) == 32


def test_explain_names_what_decided_and_exits_with_1_for_a_refusal(run: Run) -> None:
    asked = (*ASKED, *RECORDS, "--recipient", "self")
    refused = run("explain", *asked, "--record", "m2")
    assert refused.code == 1
    assert refused.lines[0].endswith(": refuse")
    assert "jurisdiction DE (evidence declared) of member dora" in refused.out
    permitted = run("explain", *asked, "--record", "p1", "--json")
    assert permitted.code == 0
    assert json.loads(permitted.out)["permit"] is True


def test_explain_follows_quotes(run: Run) -> None:
    done = run("explain", *ASKED, *RECORDS, "--recipient", "self", "--record", "p3")
    assert done.code == 1
    assert "(from quoted record m2)" in done.out


def test_explain_tells_a_member_nothing_of_others(run: Run) -> None:
    asked = (*ASKED, *RECORDS, "--recipient", "self", "--record", "m2")
    own = run("explain", *asked, "--member", "ben")
    assert own.code == 1
    assert "dora" not in own.out
    assert "DE" not in own.out
    other = run("explain", *asked, "--member", "chi")
    assert other.code == 2
    assert "`chi` is no party of record `m2`" in other.err


def test_explain_answers_a_member_for_everybody_on_the_register(run: Run) -> None:
    everybody = json.loads(run("explain", *ASKED, "--member", "ana", "--json").out)
    assert {use["recipient"] for use in everybody["uses"]} == {"self", "parent", "lab"}
    one = json.loads(
        run("explain", *ASKED, "--member", "ana", "--recipient", "lab", "--json").out
    )
    assert {use["recipient"] for use in one["uses"]} == {"lab"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "neither `--record` nor `--member`"),
        (["--record", "m2"], "missing option `--recipient`"),
        (["--record", "m2", "--recipient", "self"], "missing option `--records`"),
        (["--member", "zoe"], "no fact tells of member `zoe`, expected one of the 5 members"),
        ([*RECORDS, "--recipient", "self", "--record", "x"], "no record `x` in the 8 records"),
    ],
)
def test_explain_says_what_it_lacks(run: Run, arguments: list[str], says: str) -> None:
    done = run("explain", *ASKED, *arguments)
    assert done.code == 2
    assert says in done.err


def test_doctor_counts_what_blocks_alone_and_names_the_remedy(run: Run) -> None:
    asked = (*ASKED, *RECORDS, "--recipient", "self")
    found = json.loads(run("doctor", *asked, "--json").out)
    assert (found["records"], found["permitted"], found["explained"]) == (8, 2, 6)
    alone = {one["reason"]: one["alone"] for one in found["blocks"]}
    assert alone == {
        "before-consent": 1,
        "enterprise-seat": 1,
        "explicit-only": 0,
        "jurisdiction-exempt": 0,
        "no-notice": 1,
        "opted-out": 1,
    }
    (notice,) = [one for one in found["missing"] if one["reason"] == "no-notice"]
    assert "genai-2024-09" in notice["remedy"]
    assert (notice["alone"], notice["exact"], notice["members"]) == (1, True, 1)
    text = run("doctor", *asked).out
    assert "8 records: 2 permitted, 6 refused" in text
    assert "what is missing, by 6 refusals explained" in text


def test_doctor_explains_a_spread_of_many(run: Run, tmp_path: Path) -> None:
    posts = [
        {
            "record_id": number,
            "category": "comment" if number % 3 else "post",
            "created_at": "2025-03-01T07:45:00Z",
            "author": ["eli", "chi", "zoe"][number % 3 % 2 + number % 2],
        }
        for number in range(3000)
    ]
    path = tmp_path / "records.jsonl"
    path.write_text("".join(json.dumps(post) + "\n" for post in posts))
    asked = (*ASKED, "--records", path, "--recipient", "self", "--json")
    found = json.loads(run("doctor", *asked).out)
    assert found["records"] == 3000
    assert sum(block["alone"] for block in found["blocks"]) == found["refused"] == 3000
    assert 0 < found["explained"] <= 6 * 20
    assert {one["exact"] for one in found["missing"]} == {False}
    by_reason = {block["reason"]: block["alone"] for block in found["blocks"]}
    assert {one["reason"]: one["alone"] for one in found["missing"]} == by_reason


def test_one_of_something_is_said_as_one(run: Run, tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    head = "member,fact,value,at,recorded_at,detail\n"
    facts.write_text(head + "ana,joined,,2020-01-01T00:00:00Z,2020-01-01T00:00:00Z,\n")
    done = run("members", "check", facts)
    assert done.lines == ["nothing found", "1 fact of 1 member and 0 of the platform"]


def test_members_check_finds_what_facts_contradict(run: Run, tmp_path: Path) -> None:
    assert run("members", "check", SMALL / "facts.csv", "--strict").code == 0
    then = run(
        "members", "check", SMALL / "facts.csv", "--strict", "--at", "2025-01-01T00:00:00Z"
    )
    assert then.code == 2
    assert "recorded-ahead" in then.out
    path = tmp_path / "facts.csv"
    late = 'ana,setting,ja,2024-10-01T00:00:00Z,2024-10-01T00:00:00Z,"{""setting"":""x""}"\n'
    path.write_text((SMALL / "facts.csv").read_text() + late)
    done = run("members", "check", path, "--policy", SMALL / "policy.yaml")
    assert done.code == 0
    assert "[setting-value]" in done.out
    assert "[unknown-setting]" in done.out
    strict = run("members", "check", path, "--strict", "--json")
    assert strict.code == 2
    assert [one["code"] for one in json.loads(strict.out)["findings"]] == ["setting-value"]


def test_members_show_prints_a_timeline(run: Run) -> None:
    asked = ("members", "show", "chi", "--facts", SMALL / "facts.csv")
    done = run(*asked, "--at", "2025-06-01T00:00:00Z")
    assert "setting genai-improvement  off, since 2025-04-01T12:00:00Z" in done.out
    earlier = run(*asked, "--at", "2025-01-01T00:00:00Z", "--json")
    assert json.loads(earlier.out)["known"] == "2025-01-01T00:00:00Z"
    nobody = run("members", "show", "zoe", *asked[3:], "--at", "2025-06-01T00:00:00Z")
    assert (nobody.code, nobody.out) == (2, "")


def test_members_from_table_writes_facts_that_are_read(run: Run, tmp_path: Path) -> None:
    asked = ("members", "from-table", SMALL / "accounts.toml", SMALL / "accounts.csv")
    printed = run(*asked)
    assert printed.lines[0] == '"member","fact","value","at","recorded_at","detail"'
    for name in ("facts.csv", "facts.parquet", "facts.arrow"):
        done = run(*asked, "--out", tmp_path / name)
        assert (done.code, done.out) == (0, "")
        assert done.err == f"{tmp_path / name}: {len(printed.lines) - 1} facts\n"
        checked = run("members", "check", tmp_path / name, "--json")
        assert json.loads(checked.out)["facts"] == len(printed.lines) - 1
    bad = run(*asked, "--out", tmp_path / "facts.txt")
    assert (bad.code, bad.err.count("\n")) == (2, 1)


def test_a_purpose_that_nobody_knows_is_said_to_be_one(run: Run) -> None:
    asked = [*ASKED, "--recipient", "self"]
    asked[asked.index("genai-training")] = "genai-traning"
    done = run("decide", *asked, *RECORDS)
    assert done.code == 0
    assert done.err.startswith(
        "warning: unknown purpose `genai-traning`, expected `genai-training` or "
    )
    assert all("unknown-purpose" in reasons for reasons in refusals(done.out).values())


def test_a_slip_in_a_case_is_named_though_the_case_passes(run: Run, tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(
        "request: {purpose: genai-training, role: controller, at: 2025-06-01T00:00:00Z}\n"
        "members:\n"
        "  ana: {in: US, born: 1990-05-05, told: {genai-2024-90: 2024-09-20T08:00:00Z}}\n"
        "cases:\n"
        "  - name: who was told of something else was not told\n"
        "    record: {category: post, created_at: 2025-02-01T12:00:00Z, author: ana}\n"
        "    expect: {permit: false}\n",
        encoding="utf-8",
    )
    done = run("policy", "test", cases, "--policy", SMALL / "policy.yaml")
    assert (done.code, done.lines[-1]) == (0, "1 case: 1 passed, 0 failed")
    assert "did you mean `genai-2024-09`?" in done.err


@pytest.mark.parametrize(
    ("expect", "code", "doubts"),
    [
        ("{permit: false}", 0, 1),
        ("{reasons: [unknown-party]}", 0, 0),
        ("{permit: true}", 1, 0),
    ],
)
def test_a_case_that_passes_because_nobody_is_known_is_named(
    run: Run, tmp_path: Path, expect: str, code: int, doubts: int
) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(
        "request: {purpose: genai-training, role: controller, at: 2025-06-01T00:00:00Z}\n"
        "members:\n"
        "  ana: {in: US, born: 1990-05-05}\n"
        "cases:\n"
        "  - name: a post of anna\n"
        "    record: {category: post, created_at: 2025-02-01T12:00:00Z, author: anna}\n"
        f"    expect: {expect}\n",
        encoding="utf-8",
    )
    done = run("policy", "test", cases, "--policy", SMALL / "policy.yaml")
    told = done.err.count("such as `a post of anna`: unknown-party")
    assert (done.code, told) == (code, doubts)
