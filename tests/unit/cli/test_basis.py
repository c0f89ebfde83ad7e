# SPDX-License-Identifier: Apache-2.0
"""`--workspace` in place of loose files: the same answers, and what has to be said of a ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.property.recorded import ORIGIN, record_at, record_world, workspace_at
from tests.unit.cli.conftest import ASKED, SMALL, Run

from privity.app.inputs import facts_of, load_facts
from privity.app.workspace.recording import Private
from privity.canonical.instants import parse_instant
from privity.config.workspace import Claims
from privity.entries.attested import Evidence, Statement, attest, attester_of
from privity.entries.fact import FactEntry

FACTS = list(facts_of(load_facts(SMALL / "facts.csv")))
POLICY = (SMALL / "policy.yaml").read_bytes()
LATER = parse_instant("2025-05-01T00:00:00Z")
KEY = bytes(range(32))
USED = ("--at", "2025-06-01T00:00:00Z")
RECORDS = ("--records", str(SMALL / "records.jsonl"))
SELF = ("--purpose", "genai-training", "--recipient", "self")
SIMULATED = f"the instants of {ORIGIN} were set and not witnessed: its clock is simulated"


def make(folder: Path, attested: Claims = "restrict", *, claim: bool = False) -> Path:
    """Record the small example in a workspace; and, if that is claimed, that the notice reached eli."""
    with workspace_at(folder, attested=attested, now=0) as workspace:
        record_world(workspace, FACTS, [POLICY])
        if claim:
            said = FactEntry(
                member="eli",
                fact="notice",
                value="genai-2024-09",
                at=parse_instant("2024-09-20T08:00:00Z"),
            )
            statement = Statement(
                origin=ORIGIN,
                attester=attester_of("Sam Porter", KEY),
                claimed_at=said.at,
                evidence=Evidence(sha256="00" * 32),
                says=said,
            )
            record_at(workspace, LATER, [Private(member="eli", says=attest(statement, KEY))])
    return folder / "workspace"


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_workspace_decides_as_the_files_that_were_recorded_in_it(
    run: Run, tmp_path: Path
) -> None:
    root = make(tmp_path)
    loose = run("decide", *ASKED, *RECORDS, "--recipient", "self")
    by_log = run("decide", "--workspace", root, *RECORDS, *SELF, *USED)
    assert (by_log.code, by_log.out) == (0, loose.out)
    assert by_log.err == f"{SIMULATED}\n"


@pytest.mark.parametrize("known", ["2025-03-15T00:00:00Z", "33"])
def test_known_is_an_instant_or_a_size(run: Run, tmp_path: Path, known: str) -> None:
    root = make(tmp_path)
    # Before the member's no, which is the last entry.
    done = run("decide", "--workspace", root, *RECORDS, *SELF, *USED, "--known", known)
    assert {one["record_id"]: one["permit"] for one in lines(done.out)}["c1"] is True


def test_a_size_that_the_log_does_not_have_is_an_error(run: Run, tmp_path: Path) -> None:
    root = make(tmp_path)
    done = run("decide", "--workspace", root, *RECORDS, *SELF, *USED, "--known", "999")
    assert (done.code, done.out) == (2, "")
    assert "the log has 34 entries" in done.err


@pytest.mark.parametrize("engine", ["arrow", "one"])
def test_a_permit_that_rests_on_a_claim_says_so(run: Run, tmp_path: Path, engine: str) -> None:
    root = make(tmp_path, "accept", claim=True)
    asked = ("--workspace", root, *RECORDS, *SELF, *USED, "--engine", engine)
    done = run("decide", *asked)
    told = {one["record_id"]: one for one in lines(done.out)}
    # By a notice of September; by its entry in May eli's comment of March is older.
    assert told["c2"]["permit"] is True
    assert told["c2"]["attested"] == ["Sam Porter"]
    assert "attested" not in told["p1"]
    assert done.err.splitlines() == [
        SIMULATED,
        "1 of the permits are attested by Sam Porter, not witnessed",
    ]


def test_a_claim_that_is_not_accepted_opens_nothing_older(run: Run, tmp_path: Path) -> None:
    root = make(tmp_path, "restrict", claim=True)
    done = run("decide", "--workspace", root, *RECORDS, *SELF, *USED)
    told = {one["record_id"]: one for one in lines(done.out)}
    assert told["c2"]["permit"] is False
    assert told["c2"]["reasons"] == ["before-notice"]
    assert done.err.splitlines() == [SIMULATED]


def test_the_doctor_counts_what_rests_on_claims(run: Run, tmp_path: Path) -> None:
    root = make(tmp_path, "accept", claim=True)
    asked = ("--workspace", root, *RECORDS, *SELF, *USED)
    assert run("doctor", *asked).lines[-2:] == [
        "1 of the permits are attested by Sam Porter, not witnessed",
        SIMULATED,
    ]
    told = json.loads(run("doctor", *asked, "--json").out)
    assert told["attested"] == [{"records": 1, "says": "attested by Sam Porter, not witnessed"}]
    assert told["ledger"] == {
        "origin": ORIGIN,
        "size": 35,
        "time": "2025-06-01T00:00:00Z",
        "clock": "simulated",
        "claims": {"count_as": "accept", "of": {"Sam Porter": 1}},
        "unread": {},
        "unheeded": 0,
    }


def test_an_explanation_says_on_whose_word_a_permit_rests(run: Run, tmp_path: Path) -> None:
    root = make(tmp_path, "accept", claim=True)
    asked = ("--workspace", root, *RECORDS, *SELF, *USED, "--record", "c2")
    done = run("explain", *asked)
    assert done.code == 0
    assert done.lines[-2:] == [
        "what may be used here is attested by Sam Porter, not witnessed",
        SIMULATED,
    ]
    told = json.loads(run("explain", *asked, "--json").out)
    assert told["attested"] == [{"says": "attested by Sam Porter, not witnessed"}]
    assert told["ledger"]["clock"] == "simulated"
    other = run("explain", *asked[:-1], "p1")
    assert other.lines[-1] == SIMULATED
    assert "not witnessed" not in other.out.replace(SIMULATED, "")


def test_a_member_reads_on_whose_word_something_may_be_used(run: Run, tmp_path: Path) -> None:
    root = make(tmp_path, "accept", claim=True)
    asked = ("--workspace", root, *SELF, *USED, "--member")
    assert "what may be used here is attested by Sam Porter, not witnessed" in (
        run("explain", *asked, "eli").out
    )
    assert "attested" not in run("explain", *asked, "ben").out


def test_a_timeline_says_what_of_it_is_claimed(run: Run, tmp_path: Path) -> None:
    root = make(tmp_path, claim=True)
    asked = ("members", "show", "eli", "--workspace", root, *USED)
    assert run(*asked).lines[-2:] == [
        "1 of these facts are attested by Sam Porter, not witnessed",
        SIMULATED,
    ]
    told = json.loads(run(*asked, "--json").out)
    assert told["claims"] == [{"facts": 1, "says": "attested by Sam Porter, not witnessed"}]
    loose = run("members", "show", "ben", "--facts", SMALL / "facts.csv", *USED)
    by_log = run("members", "show", "ben", "--workspace", root, *USED)
    assert by_log.out == f"{loose.out}\n{SIMULATED}\n"


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (
            ["--workspace", "w", "--policy", "p"],
            "both `--workspace` and `--policy` are given, expected a workspace or loose files",
        ),
        (
            ["--workspace", "w", "--facts", "f"],
            "both `--workspace` and `--facts` are given, expected a workspace or loose files",
        ),
        ([], "nothing is known, expected `--policy` and `--facts`, or `--workspace`"),
        (["--policy", "p"], "missing option `--facts` beside the other loose files"),
        (["--facts", "f"], "missing option `--policy` beside the other loose files"),
        (
            ["--policy", "p", "--facts", "f", "--known", "120"],
            "`--known 120` is the size of a ledger, expected an instant where there is no",
        ),
        (
            ["--workspace", "w", "--known", "yesterday"],
            "`yesterday` is neither a ledger's size nor an instant",
        ),
        (["--workspace", "nowhere"], "`nowhere` is no workspace"),
    ],
)
def test_one_form_is_given_and_not_both(run: Run, arguments: list[str], seen: str) -> None:
    for command in (["decide"], ["doctor"], ["explain", "--record", "p1"]):
        done = run(*command, *RECORDS, *SELF, *USED, *arguments)
        assert done.code == 2
        assert seen in done.err


def test_a_timeline_needs_facts_or_a_workspace(run: Run) -> None:
    done = run("members", "show", "ana", *USED)
    assert done.code == 2
    assert "nothing is known, expected `--facts`, or `--workspace`" in done.err


def test_left_out_the_instant_of_use_is_now_by_the_workspaces_clock(
    run: Run, tmp_path: Path
) -> None:
    root = make(tmp_path)
    newest = json.loads(run("ledger", "status", root, "--json").out)["newest_at"]
    for asked in (
        ("decide", *RECORDS, *SELF),
        ("doctor", *RECORDS, *SELF, "--json"),
        ("explain", *RECORDS, *SELF, "--record", "c1", "--json"),
        ("members", "show", "chi", "--json"),
    ):
        now = run(*asked, "--workspace", root)
        said = run(*asked, "--workspace", root, "--at", newest)
        assert now.out
        assert (now.code, now.out) == (said.code, said.out)


def test_loose_files_have_no_clock(run: Run) -> None:
    loose = ("--policy", SMALL / "policy.yaml", "--facts", SMALL / "facts.csv")
    done = run("decide", *loose, *RECORDS, *SELF)
    assert (done.code, done.out) == (2, "")
    assert "missing option `--at`" in done.err
