# SPDX-License-Identifier: Apache-2.0
"""Every figure of the demo, computed again by SQL that knows nothing of privity.

`inmail_dispute_gate.sql` states the decision rule, as far as this history reaches it, a second time;
`inmail_dispute_claim.sql` the claim. They share no code with the package: an error would have to be made
twice, in two languages, to stay unseen.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import dataset

from privity.app.demo import CLAIMED_AT, DATES, RECIPIENTS, Demo, Run, run_demo
from privity.canonical.instants import format_instant
from privity.errors import ConflictError, InputError, UnavailableError
from privity.vocabulary.terms import CATEGORIES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLE = ROOT / "examples" / "inmail-dispute"
PLACES = ROOT / "src" / "privity" / "vocabulary" / "data" / "eu_eea.csv"

MEMBERS, RECORDS, SEED = 16_000, 90_000, 1
ROLES = {"network": "controller", "parent": "affiliate", "lab": "third-party"}
RUNS = [(format_instant(at), recipient) for _, at in DATES for recipient in RECIPIENTS]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    out = tmp_path_factory.mktemp("demo") / "demo"
    return run_demo(out, example=EXAMPLE, members=MEMBERS, records=RECORDS, seed=SEED)


Ask = Callable[[str, str, str], duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    """Run one of the SQL files for an instant and a role, once for each."""
    done: dict[tuple[str, str, str], duckdb.DuckDBPyConnection] = {}

    def run(file: str, at: str, role: str) -> duckdb.DuckDBPyConnection:
        if (file, at, role) not in done:
            database = duckdb.connect(config={"threads": 2})
            database.execute("SET TimeZone = 'UTC'")
            variables = {
                "facts": str(demo.network.facts_path),
                "records": str(demo.network.path / "records" / "*.parquet"),
                "places": str(PLACES),
                "role": role,
            }
            for name, value in variables.items():
                database.execute(f"SET VARIABLE {name} = ?", [value])
            database.execute("SET VARIABLE asked_at = ?::TIMESTAMPTZ", [at])
            database.execute((HERE / file).read_text("utf-8"))
            done[file, at, role] = database
        return done[file, at, role]

    yield run
    for database in done.values():
        database.close()


def counts(database: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return dict(database.execute(query).fetchall())


def run_of(demo: Demo, at: str, recipient: str) -> Run:
    (found,) = [run for run in demo.runs if (run.at, run.recipient) == (at, recipient)]
    return found


# --- the claim ---


def test_the_claim_is_what_sql_counts(demo: Demo, ask: Ask) -> None:
    answer = ask("inmail_dispute_claim.sql", demo.claim.at, "third-party")
    figures = answer.fetchone()
    assert figures == (
        demo.claim.records,
        demo.claim.inmails,
        demo.claim.premium_senders,
        demo.claim.premium_receivers,
        demo.claim.premium_members,
        demo.claim.dollars,
    )
    assert demo.claim.at == format_instant(CLAIMED_AT) == "2024-09-17T00:00:00Z"
    assert 0 < demo.claim.premium_receivers < demo.claim.premium_senders
    assert demo.claim.dollars == 1000 * demo.claim.premium_members


def test_the_dump_is_what_was_claimed(demo: Demo) -> None:
    dump = dataset.dataset(demo.out / "dump.parquet").to_table()
    assert dump.num_rows == demo.claim.records
    assert dump.column_names == ["record_id", "body", "recipient"]
    assert dump["recipient"].unique().to_pylist() == ["lab"]


# --- the gate ---


@pytest.mark.parametrize(("at", "recipient"), RUNS)
def test_the_gate_permits_and_refuses_what_sql_does(
    demo: Demo, ask: Ask, at: str, recipient: str
) -> None:
    run = run_of(demo, at, recipient)
    answer = ask("inmail_dispute_gate.sql", at, ROLES[recipient])
    permitted = counts(
        answer, "SELECT category, count(*) FROM verdict WHERE len(reasons) = 0 GROUP BY ALL"
    )
    reasons = counts(
        answer,
        "SELECT reason, count(*) FROM (SELECT unnest(reasons) AS reason FROM verdict) GROUP BY ALL",
    )
    assert dict(run.by_category) == permitted
    assert dict(run.reasons) == reasons
    assert run.role == ROLES[recipient]
    assert run.permitted == sum(permitted.values())
    assert (run.records,) == answer.execute("SELECT count(*) FROM verdict").fetchone()


@pytest.mark.parametrize(("at", "recipient"), RUNS)
def test_the_cleared_records_are_those_that_sql_permits(
    demo: Demo, ask: Ask, at: str, recipient: str
) -> None:
    folder = demo.out / "cleared" / f"{at[:10]}-{recipient}" / "data"
    files = sorted(folder.glob("*.parquet"))
    cleared = dataset.dataset(files).to_table(columns=["record_id"]) if files else None
    ids = [] if cleared is None else sorted(cleared["record_id"].to_pylist())
    answer = ask("inmail_dispute_gate.sql", at, ROLES[recipient])
    permitted = answer.execute(
        "SELECT record_id FROM verdict WHERE len(reasons) = 0 ORDER BY record_id"
    )
    assert ids == [record_id for (record_id,) in permitted.fetchall()]


def test_the_history_shows_in_the_figures(demo: Demo) -> None:
    for recipient in RECIPIENTS:
        assert run_of(demo, RUNS[0][0], recipient).permitted == 0
    for at, _ in RUNS:
        assert run_of(demo, at, "lab").permitted == 0
    october, december = (run_of(demo, format_instant(at), "network") for _, at in DATES[1:])
    assert 0 < october.permitted < december.permitted < december.records / 5
    for run in demo.runs:
        assert not {"inmail", "direct-message", "credentials"} & set(run.by_category)
    assert set(december.by_category) < set(CATEGORIES.parents)


def test_the_network_reaches_the_reasons_that_the_policies_can_give(demo: Demo) -> None:
    reached = {reason for run in demo.runs for reason in run.reasons}
    assert reached == {
        "account-closed",
        "agreement",
        "before-consent",
        "before-notice",
        "deceased",
        "enterprise-seat",
        "explicit-only",
        "forbidden",
        "jurisdiction-exempt",
        "minor",
        "no-ground",
        "no-notice",
        "no-parties",
        "objection-window",
        "opted-out",
        "opted-out-then",
        "order",
        "unknown-category",
        "unknown-jurisdiction",
        "unknown-party",
        "unknown-quote",
        "uninformed",
    }


# --- one refused InMail ---


def test_the_explained_inmail_is_one_of_the_claim_and_its_reasons_are_those_of_sql(
    demo: Demo, ask: Ask
) -> None:
    assert demo.explanation is not None
    assert demo.addressee is not None
    assert demo.explanation.category == "inmail"
    assert demo.explanation.record_id == demo.claim.an_inmail
    answer = ask("inmail_dispute_gate.sql", demo.claim.at, "third-party")
    row = answer.execute(
        "SELECT reasons FROM verdict WHERE record_id = ?", [demo.claim.an_inmail]
    ).fetchone()
    assert row is not None
    assert list(demo.explanation.decision.reasons) == row[0]
    assert {"agreement", "forbidden", "no-ground"} <= set(row[0])
    sender, addressee = demo.explanation.parties
    assert demo.addressee.member == addressee
    assert not any(str(sender) in cause.text for cause in demo.addressee.causes)


# --- the command ---


def run_command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "privity"
    small = ["--members", "2000", "--records", "9000", "--example", str(EXAMPLE)]
    return subprocess.run(
        [program, "demo", *small, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "80"},
    )


def test_the_command_prints_the_figures_as_json_and_as_a_page(tmp_path: Path) -> None:
    printed = run_command("--json", "--gate-only", "--out", "demo", folder=tmp_path)
    assert printed.returncode == 0, printed.stderr
    figures: dict[str, Any] = json.loads(printed.stdout)
    assert len(figures["gate"]) == len(RUNS)
    assert figures == json.loads((tmp_path / "demo" / "demo.json").read_text("utf-8"))

    page = run_command("--gate-only", "--out", "demo", folder=tmp_path)
    assert page.returncode == 0, page.stderr
    assert f"${figures['claim']['dollars']:,}" in page.stdout
    for run in figures["gate"]:
        assert f"{run['permitted']:,}" in page.stdout or not run["permitted"]
    assert "\x1b" not in page.stdout
    head, _, _following = page.stdout.partition("What to try next")
    assert max(map(len, head.splitlines())) <= 80
    assert all(line == line.rstrip() for line in page.stdout.splitlines())


def test_what_to_try_next_can_be_tried(tmp_path: Path) -> None:
    page = run_command("--gate-only", "--out", "demo", folder=tmp_path).stdout
    _, _, following = page.partition("What to try next")
    program = str(Path(sys.executable).parent / "privity")
    commands = [
        line.strip() for line in following.splitlines() if line.strip().startswith(program)
    ]
    assert len(commands) == 4
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stderr
        assert done.stdout


def live_ids(release: Path) -> set[int]:
    lines = (release / "files.jsonl").read_text("utf-8").splitlines()
    files = [release / "table" / json.loads(line)["path"] for line in lines]
    return set(dataset.dataset(files).to_table(columns=["record_id"]).column(0).to_pylist())


def printed_by(asked: list[dict[str, Any]], command: str) -> list[str]:
    (step,) = (one for one in asked if " ".join(one["command"][1:3]) == command)
    return list(step["printed"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """All of the demo, on a small network: its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("whole")
    printed = run_command("--json", "--out", "demo", folder=folder)
    assert printed.returncode == 0, printed.stderr
    return folder / "demo", json.loads(printed.stdout)


def test_who_was_asked_is_released_and_taken_back(whole: tuple[Path, dict[str, Any]]) -> None:
    out, told = whole
    asked = told["asked"]
    commands = [" ".join(step["command"][1:3]) for step in asked]
    assert commands[:2] == ["init demo/ledger", "members baseline"]
    assert [one for one in commands if one.startswith(("release", "revoke", "recipient apply"))] == [
        "release create", "release hand-over", "revoke plan", "revoke run", "recipient apply",
        "revoke attest", "release status",
    ]  # fmt: skip
    # Who said no is in neither copy any more.
    released = out / "ledger" / "releases" / "lab-2026-04"
    assert live_ids(released) == live_ids(out / "at-the-lab")
    (due,) = re.findall(
        r"(\d+) of (\d[\d,]*) records? due", "\n".join(printed_by(asked, "revoke plan"))
    )
    assert 0 < int(due[0]) == int(due[1].replace(",", "")) - len(live_ids(released))
    assert "deletion attested" in "\n".join(printed_by(asked, "release status"))


def test_the_audit_counts_whom_the_claim_counts(whole: tuple[Path, dict[str, Any]]) -> None:
    _, told = whole
    alleged, promised, leaked = (
        "\n".join(step["printed"])
        for step in told["audited"]
        if step["command"][1:3] == ["audit", "class"]
    )
    members = re.search(r"of the class was used: [\d,]+ records of ([\d,]+) members", alleged)
    assert members is not None
    assert int(members[1].replace(",", "")) == told["claim"]["premium_members"] > 0
    assert "No use was found" in promised
    assert "the rule permits 0 of" in leaked


def test_in_what_the_program_itself_made_nothing_is_found(
    whole: tuple[Path, dict[str, Any]],
) -> None:
    """[AUD-181] The release, its hand-over, the run on it and what was taken back: each as the rule has it."""
    out, _ = whole
    program = Path(sys.executable).parent / "privity"
    words = ["audit", "replay", "--workspace", str(out / "ledger"), "--json"]
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert report["figures"]["uses"] >= 3
    assert report["figures"]["refused"] == 0 < report["figures"]["decided"]
    # What was taken back is nowhere: that nothing of it was wrong, nobody can tell any more.
    assert report["answer"] == "cannot-be-told"
    assert "rows-gone" in {one["kind"] for one in report["not_covered"]}


def test_what_the_audit_answers_holds_elsewhere(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out, told = whole
    assert "everything holds" in "\n".join(printed_by(told["audited"], "audit verify"))
    shutil.move(
        shutil.copytree(out / "audit" / "bundle", tmp_path / "copy"), tmp_path / "bundle"
    )
    program = Path(sys.executable).parent / "privity"
    vkey = str(out / "ledger" / "public" / "vkey")
    words = ["audit", "verify", "bundle", "--vkey", vkey]
    done = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (out / "shown-to-the-auditor" / "keys").exists()


def test_a_member_of_the_class_is_shown_that_nothing_of_hers_is_there(
    whole: tuple[Path, dict[str, Any]],
) -> None:
    _, told = whole
    (checked,) = (
        step for step in told["audited"] if step["command"][1:3] == ["release", "check-proof"]
    )
    assert re.search(r"it holds: \d+ has records in 0 of 1 release", checked["printed"][0])


def test_who_took_back_is_known_to_the_network_that_goes_on(
    whole: tuple[Path, dict[str, Any]],
) -> None:
    out, told = whole
    (said,) = (step for step in told["asked"] if step["command"][1:3] == ["members", "set"])
    assert (out / "asked" / "who-said-no").read_text("ascii") == said["command"][3]


# --- what stops it ---


def test_an_earlier_demo_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    first = run_demo(out, example=EXAMPLE, members=200, records=500)
    again = run_demo(out, example=EXAMPLE, members=200, records=500)
    assert first.network.files == again.network.files
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("mine", "utf-8")
    with pytest.raises(ConflictError, match="holds something else"):
        run_demo(tmp_path / "mine", example=EXAMPLE)
    assert (tmp_path / "mine" / "letter").read_text("utf-8") == "mine"


def test_without_the_example_it_says_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no folder `as-promised/policies`") as caught:
        run_demo(tmp_path / "demo", example=tmp_path)
    assert caught.value.hint is not None
    assert not (tmp_path / "demo").exists()


def test_a_pipeline_that_does_not_run_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "example"
    shutil.copytree(EXAMPLE, broken)
    (broken / "as-alleged" / "run.py").write_text("raise SystemExit('out of order')\n", "utf-8")
    with pytest.raises(UnavailableError, match="it said: out of order"):
        run_demo(tmp_path / "demo", example=broken, members=200, records=500)


def test_a_network_too_small_for_an_inmail_explains_none(tmp_path: Path) -> None:
    small = run_demo(tmp_path / "demo", example=EXAMPLE, members=2, records=3, seed=8)
    assert small.claim.an_inmail is None
    assert small.explanation is None
    assert small.to_json()["explained"] is None
