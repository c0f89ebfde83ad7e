# SPDX-License-Identifier: Apache-2.0
"""A class asked of a whole workspace, of its public log alone, and of files that came to light ([AUD-44], [AUD-45], [AUD-46], [AUD-47]).

What must be found is read from the release's table and the platform's records, without the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import FOUNDED, MEMBERS, SETTINGS, Made, make, put_workspace

from privity.app.auditing.bundling.verifying import verify_audit
from privity.app.auditing.bundling.watching import WatchedEvidence
from privity.app.auditing.opening.opening import open_evidence
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.audit.columns import tables_of
from privity.canonical.instants import format_instant
from privity.testing.plain import AT, fact

USED, NOT_USED, NOT_TOLD = 20, 0, 21
LATER = AT + 86_400
HELD = frozenset(MEMBERS[::3])
"""Who holds an agreement."""

QUESTION: dict[str, Any] = {
    "class": "messages",
    "title": "Whoever sent or received messages",
    "members": {"sides": ["sender", "receiver"]},
    "records": {"categories": ["inmail"]},
    "use": {"purposes": ["genai-training"], "recipients": ["controller"]},
    "exposure": {"sum": 100, "currency": "EUR"},
}

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    found = make(tmp_path_factory.mktemp("class"))
    release(found)
    return found


@pytest.fixture(scope="module")
def records(made: Made) -> pa.Table:
    return pa.concat_tables([pq.read_table(one) for one in made.sources])


@pytest.fixture(scope="module")
def released(made: Made) -> set[str]:
    """The messages that are in the release."""
    tables = [pq.read_table(one) for one in sorted(folder_of(made).table.glob("*.parquet"))]
    table = pa.concat_tables(tables)
    return set(table.filter(pc.equal(table["category"], "inmail"))["record_id"].to_pylist())


@pytest.fixture
def ask(program: Program, made: Made, tmp_path: Path) -> Ask:
    def run(*words: str | Path, place: Path | None = None, **asked: Any) -> Any:
        path = tmp_path / "question.yaml"
        path.write_text(json.dumps({**QUESTION, **asked}), encoding="utf-8")
        where = made.root if place is None else place
        done = program("audit", "class", path, "--workspace", where, "--json", *words)
        assert done.code in {USED, NOT_USED, NOT_TOLD}, done.err
        return done.code, json.loads(done.out)

    return run


def beside(made: Made) -> list[str | Path]:
    return [word for one in made.sources for word in ("--records", one)]


def whose(records: pa.Table, ids: set[str]) -> set[str]:
    mine = records.filter(pc.is_in(records["record_id"], value_set=pa.array(sorted(ids))))
    people = {one for some in mine["recipients"].to_pylist() for one in some}
    return people | set(mine["author"].to_pylist())


def kinds(report: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in report["not_covered"]]


# --- releases


def test_a_class_is_found_in_a_release(ask: Ask, records: pa.Table, released: set[str]) -> None:
    code, report = ask()
    assert (code, report["answer"]) == (USED, "used")
    members = whose(records, released)
    assert report["figures"]["records"] == len(released) > 20
    assert report["figures"]["members"] == len(members)
    assert report["figures"]["exposure"] == 100 * len(members)


def test_the_items_say_of_each_record_where_it_is(
    ask: Ask, made: Made, released: set[str], tmp_path: Path
) -> None:
    ask("--out", tmp_path / "out")
    lines = (tmp_path / "out" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines]
    assert {one["record"] for one in items} == released
    table = folder_of(made).table
    for one in items:
        there = pq.read_table(table / one["file"], columns=["record_id"])
        assert there["record_id"][one["row"]].as_py() == one["record"]
    (created,) = [one["index"] for one in made.entries() if one["s"] == "release"]
    assert {act["entry"] for one in items for act in one["acts"]} == {created}


def test_for_another_recipient_nothing_was_used(ask: Ask) -> None:
    use = {**QUESTION["use"], "recipients": ["third-party"]}
    code, report = ask(use=use)
    assert (code, report["answer"]) == (NOT_USED, "not-used")
    (table,) = [one for one in report["tables"] if one["title"] == "What else was done"]
    assert [row[-1] for row in table["rows"]] == ["another recipient"]
    assert kinds(report) == ["not-logged"]


def test_from_the_public_log_alone_it_cannot_be_told(ask: Ask, made: Made) -> None:
    code, report = ask(place=made.root / "public")
    assert (code, report["answer"]) == (NOT_TOLD, "cannot-be-told")
    assert "not-shown" in kinds(report)
    use = {**QUESTION["use"], "recipients": ["third-party"]}
    assert ask(place=made.root / "public", use=use)[0] == NOT_USED


def test_an_agreement_is_read_from_what_members_sealed(
    ask: Ask, program: Program, tmp_path: Path
) -> None:
    here = make(tmp_path / "here", count=80)
    release(here)
    began = [fact("agreement", "2016-01-01", "gold", member=one) for one in sorted(HELD)]
    here.record(*began, at=LATER)
    program("ledger", "publish", here.root)
    members = {"agreement": "gold", "sides": ["sender"]}
    code, report = ask(place=here.root, members=members)
    assert code == USED
    table = folder_of(here).table
    rows = pa.concat_tables([pq.read_table(one) for one in sorted(table.glob("*.parquet"))])
    mine = [
        one["author"]
        for one in rows.to_pylist()
        if one["category"] == "inmail" and one["author"] in HELD
    ]
    assert report["figures"]["records"] == len(mine)
    assert report["figures"]["members"] == report["figures"]["senders"] == len(set(mine))
    public = ask(place=here.root / "public", members=members)
    assert public[1]["answer"] == "cannot-be-told"
    assert "private-facts" in kinds(public[1])


# --- what came to light


@pytest.fixture(params=["parquet", "jsonl", "csv"])
def dump(request: pytest.FixtureRequest, records: pa.Table, tmp_path: Path) -> Path:
    """Every record with its id and its text, and a row of somebody else's."""
    rows = records.select(["record_id", "body"]).to_pylist()
    rows.append(
        {"record_id": "elsewhere", "body": "What somebody wrote on another platform. " * 3}
    )
    path = tmp_path / f"dump.{request.param}"
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif request.param == "jsonl":
        path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    else:
        import csv  # noqa: PLC0415 - one of three formats

        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, ["record_id", "body"])
            writer.writeheader()
            writer.writerows(rows)
    return path


def test_what_came_to_light_is_matched_with_the_records(
    ask: Ask, made: Made, records: pa.Table, dump: Path
) -> None:
    use = {**QUESTION["use"], "recipients": ["third-party"]}
    code, report = ask("--disclosed", dump, *beside(made), use=use)
    messages = set(
        records.filter(pc.equal(records["category"], "inmail"))["record_id"].to_pylist()
    )
    assert (code, report["answer"]) == (USED, "used")
    assert report["figures"]["records"] == len(messages)
    assert report["figures"]["members"] == len(whose(records, messages))
    assert report["figures"]["rows_outside"] == records.num_rows + 1
    assert report["figures"]["rows_unmatched"] == 1


def test_texts_tell_records_whose_ids_were_changed(
    ask: Ask, records: pa.Table, tmp_path: Path
) -> None:
    texts = [
        f"{one}, and what else there was to say about it in so many words"
        for one in records["body"].to_pylist()
    ]
    texts[::5] = ["Too short"] * len(texts[::5])
    place = records.schema.get_field_index("body")
    whole, dump = tmp_path / "whole.parquet", tmp_path / "dump.parquet"
    pq.write_table(records.set_column(place, "body", pa.array(texts)), whole)
    loud = pa.table({"number": range(len(texts)), "said": [one.upper() for one in texts]})
    pq.write_table(loud, dump)
    words = ["--training", dump, "--records", whole]
    use = {**QUESTION["use"], "recipients": ["third-party"]}
    code, report = ask(*words, use=use)
    assert code == NOT_TOLD
    assert [one for one in report["not_covered"] if "texts" in one["what"]]
    pq.write_table(loud.rename_columns(["number", "body"]), dump)
    code, report = ask(*words, use=use)
    assert code == USED
    told = [
        text != "Too short" and category == "inmail"
        for text, category in zip(texts, records["category"].to_pylist(), strict=True)
    ]
    assert report["figures"]["records"] == sum(told)
    assert report["figures"]["rows_unmatched"] == texts.count("Too short")


@pytest.fixture
def shaped(records: pa.Table, tmp_path: Path) -> list[str | Path]:
    """The records as two exports of other shapes, each with its binding."""
    words: list[str | Path] = []
    for category, names in (("inmail", ["mail", "sender"]), ("post", ["post", "writer"])):
        mine = records.filter(pc.equal(records["category"], category))
        table = mine.rename_columns(
            [
                {"record_id": names[0], "author": names[1]}.get(one, one)
                for one in mine.column_names
            ]
        )
        pq.write_table(table, path := tmp_path / f"{category}.parquet")
        binding = tmp_path / f"{category}.toml"
        binding.write_text(f'[columns]\nrecord_id = "{names[0]}"\nauthor = "{names[1]}"\n')
        words += ["--records", path, "--binding", binding]
    return words


def test_exports_of_other_shapes_are_records_too(
    ask: Ask, records: pa.Table, dump: Path, shaped: list[str | Path], tmp_path: Path
) -> None:
    """[AUD-167] The bundle has their bindings, and answers the same by them."""
    use = {**QUESTION["use"], "recipients": ["third-party"]}
    out = tmp_path / "out"
    code, report = ask("--disclosed", dump, *shaped, "--out", out, use=use)
    messages = set(
        records.filter(pc.equal(records["category"], "inmail"))["record_id"].to_pylist()
    )
    assert (code, report["figures"]["records"]) == (USED, len(messages))
    assert report["figures"]["members"] == len(whose(records, messages))
    given = [dump, *(one for one in shaped if Path(one).suffix == ".parquet")]
    found = verify_audit(out, outside=tuple(map(Path, given)))
    assert found.report.answer == "used"


def test_as_many_bindings_as_records_are_given_or_one(
    program: Program, made: Made, dump: Path, shaped: list[str | Path], tmp_path: Path
) -> None:
    question = tmp_path / "question.yaml"
    question.write_text(json.dumps(QUESTION), encoding="utf-8")
    done = program(
        *("audit", "class", question, "--workspace", made.root, "--disclosed", dump),
        *(*shaped, "--records", dump),
    )
    assert done.code == 2
    assert "2 bindings for 3 of records" in done.err


def test_records_that_no_clearing_had_are_not_held_to_the_log(
    ask: Ask, made: Made, records: pa.Table, tmp_path: Path
) -> None:
    dump, other = tmp_path / "dump.parquet", tmp_path / "records.parquet"
    pq.write_table(records.select(["record_id"]).slice(0, 3), dump)
    held = ask("--disclosed", dump, *beside(made))[1]
    assert "not-bound" not in kinds(held)
    pq.write_table(records, other)
    loose = ask("--disclosed", dump, "--records", other)[1]
    assert "not-bound" in kinds(loose)
    # Posts are of nobody in the class: then only what is not told is left to say.
    use = {**QUESTION["use"], "recipients": ["third-party"]}
    posts = records.filter(pc.equal(records["category"], "post")).select(["record_id"])
    pq.write_table(posts, dump)
    assert ask("--disclosed", dump, *beside(made), use=use)[0] == NOT_USED
    assert ask("--disclosed", dump, "--records", other, use=use)[0] == NOT_TOLD
    pq.write_table(pa.table({"record_id": ["elsewhere"]}), dump)
    assert ask("--disclosed", dump, *beside(made), use=use)[0] == NOT_TOLD


def test_what_came_to_light_is_decided_as_the_gate_would_have(
    ask: Ask, made: Made, records: pa.Table, released: set[str], tmp_path: Path
) -> None:
    dump = tmp_path / "dump.parquet"
    pq.write_table(records.select(["record_id", "body"]), dump)
    words = ["--disclosed", dump, *beside(made), "--at", format_instant(AT)]
    report = ask(*words)[1]
    messages = pc.sum(pc.equal(records["category"], "inmail")).as_py()
    assert report["figures"]["decided"] == messages
    assert report["figures"]["would_be_permitted"] == len(released) < messages
    early = ask(*words, "--known", "2024-10-01T00:00:00Z")[1]
    assert early["figures"]["would_be_permitted"] == 0
    third = ask(*words, "--recipient", "lab")[1]
    assert third["asked"]["use"]["recipient"] == "lab"
    # Nothing of it is a record of the platform's: then nothing is to be decided.
    pq.write_table(pa.table({"id": ["zz"], "body": ["nothing that anybody here wrote"]}), dump)
    none = ask(*words)[1]
    assert none["figures"].get("decided", 0) == 0
    assert none["figures"]["rows_unmatched"] == 1


def test_columns_may_be_named(
    ask: Ask, program: Program, made: Made, records: pa.Table, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.parquet"
    columns = pa.table({"key": records["record_id"], "body": records["body"]})
    pq.write_table(columns, dump)
    words = ["--disclosed", dump, *beside(made), "--text", "body", "--id", "key"]
    report = ask(*words)[1]
    (table,) = [one for one in report["tables"] if one["title"] == "By what rows were matched"]
    assert [row[1:] for row in table["rows"]] == [
        ["the same id, and the same text", records.num_rows]
    ]
    question = tmp_path / "question.yaml"
    for option, name in (("--text", "other"), ("--id", "other"), ("--text", "key")):
        done = program(
            "audit", "class", question, "--workspace", made.root, "--disclosed", dump,
            *beside(made), option, name,
        )  # fmt: skip
        assert done.code == 2, option
        assert name in done.err


def test_what_came_to_light_needs_the_records_beside_it(
    program: Program, made: Made, tmp_path: Path
) -> None:
    question = tmp_path / "question.yaml"
    question.write_text(json.dumps(QUESTION), encoding="utf-8")
    done = program(
        "audit", "class", question, "--workspace", made.root, "--disclosed", made.sources[0]
    )
    assert done.code == 2
    assert "--records" in done.err


def test_an_agreement_that_nothing_knows_is_a_slip(
    program: Program, made: Made, tmp_path: Path
) -> None:
    """Nobody held it, and no use would be found."""
    question = tmp_path / "question.yaml"
    members = {"agreement": "subscripton", "sides": ["sender"]}
    question.write_text(json.dumps({**QUESTION, "members": members}), encoding="utf-8")
    done = program("audit", "class", question, "--workspace", made.root)
    assert done.code == 2
    assert "expected `subscription`" in done.err


def test_who_has_the_bundle_and_the_files_finds_the_same(
    ask: Ask, program: Program, made: Made, records: pa.Table, tmp_path: Path
) -> None:
    dump, out = tmp_path / "dump.parquet", tmp_path / "out"
    pq.write_table(records.select(["record_id", "body"]), dump)
    ask("--disclosed", dump, *beside(made), "--out", out, "--at", format_instant(AT))
    alone = program("audit", "verify", out)
    assert alone.code == 2
    assert "--outside" in alone.err
    given = [word for one in (dump, *made.sources) for word in ("--outside", one)]
    done = program("audit", "verify", out, *given)
    assert done.code == 0, done.err


def test_nobody_is_in_the_bundle_whose_record_is_not_asked_about(
    ask: Ask, records: pa.Table, released: set[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ask("--out", out, members={"agreement": "subscription", "sides": ["sender"]})
    mine = records.filter(pc.is_in(records["record_id"], value_set=pa.array(sorted(released))))
    senders = set(mine["author"].to_pylist())
    opened = (out / "bundle" / "payloads.jsonl").read_text(encoding="utf-8")
    for member in MEMBERS:
        assert (f'"{member}"' in opened or f'\\"{member}\\"' in opened) == (member in senders)


@pytest.mark.parametrize("member", [pa.int64(), pa.string()])
def test_what_is_told_in_columns_is_what_is_told(member: pa.DataType, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    if pa.types.is_integer(member):
        found_workspace(root, SETTINGS, now=FOUNDED)
    else:
        put_workspace(root)
    before = tmp_path / "before.parquet"
    put_facts(before, member)
    with open_workspace(root, now=LATER) as workspace:
        record_baseline(workspace, before, claimed_by="platform")
        publish_now(workspace)
    evidence = WatchedEvidence(open_evidence(str(root)))
    kinds, size = (
        {"agreement", "agreement-ended", "merged", "joined"},
        evidence.log.checkpoint.size,
    )

    def lines(tables: Iterable[pa.Table]) -> list[str]:
        rows = [
            {**one, "member": str(one["member"])}
            for table in tables
            for one in table.to_pylist()
        ]
        return sorted(map(str, rows))

    told = lines(tables_of(evidence.told(None, size), kinds))
    assert len(told) >= 5 + len(MEMBERS) * pa.types.is_string(member)
    assert lines(evidence.told_in_columns(kinds, size)) == told
    assert evidence.everybody


def put_facts(path: Path, member: pa.DataType) -> None:
    """A baseline: two members, what they held, one merged, and facts of other kinds and of the platform."""
    kinds = ["joined", "joined", "agreement", "agreement-ended", "merged", "jurisdiction"]
    values = ["", "", "gold", "gold", "8", "US"]
    whose = [7, 8, 7, 7, 7, 8]
    at = pa.array([1_600_000_000_000_000 + 1_000_000 * one for one in range(6)])
    stamp = at.cast(pa.timestamp("us", tz="UTC"))
    table = pa.table(
        {
            "member": pa.array(whose).cast(member),
            "fact": kinds,
            "value": values,
            "at": stamp,
            "recorded_at": stamp,
            "detail": [""] * 6,
        }
    )
    pq.write_table(table, path, row_group_size=2)


def test_the_schema_is_printed(program: Program) -> None:
    printed = json.loads(program("audit", "schema").out)
    assert printed["properties"]["records"]["required"] == ["categories"]
