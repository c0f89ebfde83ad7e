# SPDX-License-Identifier: Apache-2.0
"""The dispute audited, in both tellings: what a court would have been shown (docs/case.md; examples/inmail-dispute).

As promised, the network's own releases are what its gate permits. As alleged, what the pipeline sends to the third party is
a release too. What must be found is counted by SQL that knows nothing of the program: the claim's, and the rule stated again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.dispute import ALLEGED, EXAMPLE, UNTIL, Telling
from tests.integration.planted import KINDS
from tests.integration.planted_rows import DAY

from privity.canonical.instants import format_instant

HERE = Path(__file__).parent
PLACES = HERE.parents[1] / "src" / "privity" / "vocabulary" / "data" / "eu_eea.csv"
FOUND, NOT_TOLD = 20, 21

Report = dict[str, Any]
Ask = Callable[..., tuple[int, Report]]


@pytest.fixture
def ask(program: Program) -> Ask:
    """Ask a question of a workspace, and give how it ended and the report."""

    def run(question: str, telling: Telling, *words: str | Path) -> tuple[int, Report]:
        done = program("audit", question, *words, "--workspace", telling.root, "--json")
        assert done.code in {0, FOUND, NOT_TOLD}, done.err
        return done.code, json.loads(done.out)

    return run


@pytest.fixture
def state(ask: Ask, tmp_path: Path) -> Callable[..., str]:
    """Ask whether a statement holds of a telling: `never` is as in its file."""

    def run(telling: Telling, **never: Any) -> str:
        path = tmp_path / "statement.yaml"
        path.write_text(json.dumps({"statement": "said", "says": "Never.", "never": never}))
        code, report = ask("statement", telling, path)
        assert (
            code == {"holds": 0, "fails": FOUND, "cannot-be-told": NOT_TOLD}[report["answer"]]
        )
        return str(report["answer"])

    return run


# --- the claim ---


def test_as_alleged_the_class_was_used_and_the_sum_is_the_claims(
    alleged: Telling, ask: Ask, tmp_path: Path
) -> None:
    """[AUD-182] And every record is named, with where it lies and what was done with it."""
    out = tmp_path / "report"
    code, report = ask("class", alleged, EXAMPLE / "claim.yaml", "--out", out)
    assert (code, report["answer"]) == (FOUND, "used")
    figures = report["figures"]
    assert figures["members"] == alleged.claim["premium_members"]
    assert figures["senders"] == alleged.claim["premium_senders"]
    assert figures["receivers"] == alleged.claim["premium_receivers"]
    assert figures["exposure"] == alleged.claim["dollars"]
    # Each record with where it lies, and with the entries of what was done with it.
    items = [json.loads(line) for line in (out / "items.jsonl").read_text("utf-8").splitlines()]
    assert len(items) == figures["records"] == report["items"]["count"]
    for one in items:
        assert one["release"] == "dump"
        rows = pq.read_table(alleged.root / "vault" / "releases" / "dump" / one["file"])
        assert rows["record_id"][one["row"]].as_py() == one["record"]
        acts = {act["entry"] for act in one["acts"]}
        assert acts == {alleged.releases["dump"], alleged.handed["dump-1"]}


def test_as_promised_the_class_was_not_used(promised: Telling, ask: Ask) -> None:
    code, report = ask("class", promised, EXAMPLE / "claim.yaml")
    assert (code, report["answer"]) == (0, "not-used")
    assert report["items"]["count"] == report["figures"]["exposure"] == 0
    assert "not-logged" in {one["kind"] for one in report["not_covered"]}


def test_the_dump_shows_what_no_entry_does(promised: Telling, ask: Ask) -> None:
    records = [
        word for path in promised.network.record_paths for word in ("--records", str(path))
    ]
    code, report = ask(
        "class", promised, EXAMPLE / "claim.yaml", "--disclosed", promised.dump, *records
    )
    assert (code, report["answer"]) == (FOUND, "used")
    assert report["figures"]["members"] == promised.claim["premium_members"]
    assert report["figures"]["exposure"] == promised.claim["dollars"]


# --- every release decided again ---


def refused_by_sql(telling: Telling, records: Path, role: str, at: int) -> dict[int, set[str]]:
    """Give what the rule, stated again in SQL, refuses of records, and why."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        variables = {
            "facts": str(telling.network.facts_path),
            "records": str(records),
            "places": str(PLACES),
            "role": role,
        }
        for name, value in variables.items():
            database.execute(f"SET VARIABLE {name} = ?", [value])
        database.execute("SET VARIABLE asked_at = ?::TIMESTAMPTZ", [format_instant(at)])
        database.execute((HERE / "inmail_dispute_gate.sql").read_text("utf-8"))
        rows = database.execute("SELECT record_id, reasons FROM verdict").fetchall()
    return {record: set(reasons) for record, reasons in rows if reasons}


def test_as_alleged_each_record_is_found_for_the_reasons_that_sql_gives(
    alleged: Telling, ask: Ask
) -> None:
    """[AUD-182] The rule stated again in SQL refuses all of it, and a replay finds just that."""
    code, report = ask("replay", alleged, "--release", "dump")
    assert (code, report["answer"]) == (FOUND, "findings")
    found: dict[str, set[int]] = defaultdict(set)
    for one in report["findings"]:
        if one["entry"] == alleged.releases["dump"] and one["records"]:
            found[one["kind"]] |= set(one["records"])
    rows = alleged.root / "vault" / "releases" / "dump" / "part-*.parquet"
    expected: dict[str, set[int]] = defaultdict(set)
    for record, reasons in refused_by_sql(alleged, rows, "third-party", ALLEGED).items():
        for reason in reasons:
            expected[KINDS.get(reason, "used-without-authority")].add(record)
    assert {kind: found[kind] for kind in expected} == expected
    # On that day nothing at all was permitted to the third party.
    everything = set().union(*expected.values())
    lying = [pq.read_table(path, columns=["record_id"]) for path in rows.parent.glob(rows.name)]
    assert everything == {one for table in lying for one in table["record_id"].to_pylist()}


def test_as_promised_only_what_a_stop_came_upon_is_found(promised: Telling, ask: Ask) -> None:
    """Nothing was used without authority; what Hong Kong's stop concerns stayed in a release for over a month."""
    code, report = ask("replay", promised)
    assert (code, report["answer"]) == (FOUND, "findings")
    (overdue,) = report["findings"]
    assert (overdue["kind"], overdue["release"]) == ("revocation-overdue", "network-october")
    rows = promised.root / "vault" / "releases" / "network-october" / "part-*.parquet"
    month_before, end = UNTIL - 30 * DAY, UNTIL
    refused = [
        refused_by_sql(promised, rows, "controller", at).keys() for at in (month_before, end)
    ]
    assert set(overdue["records"]) == refused[0] & refused[1] != set()
    assert "order" in overdue["reasons"]


# --- what was said in public ---

TO_OTHERS = {"use": {"recipients": ["third-party"]}}
MESSAGES = {"records": {"categories": ["private-message"]}}
PAYING = {"members": {"agreement": "subscription"}}


def test_private_messages_were_never_given_to_third_parties(
    promised: Telling, alleged: Telling, state: Callable[..., str]
) -> None:
    assert state(promised, **MESSAGES, **TO_OTHERS) == "holds"
    assert state(alleged, **MESSAGES, **TO_OTHERS) == "fails"


def test_private_messages_were_never_used_by_anybody(
    promised: Telling, alleged: Telling, state: Callable[..., str]
) -> None:
    assert state(promised, **MESSAGES) == "holds"
    assert state(alleged, **MESSAGES) == "fails"


def test_nothing_of_paying_members_went_to_third_parties(
    promised: Telling, alleged: Telling, state: Callable[..., str]
) -> None:
    assert state(promised, **PAYING, **TO_OTHERS) == "holds"
    assert state(alleged, **PAYING, **TO_OTHERS) == "fails"


@pytest.mark.parametrize(
    ("place", "since", "as_promised"),
    [
        # Exempt from the beginning, and so of either release.
        ("EU", None, "holds"),
        ("GB", None, "holds"),
        # In scope until its regulator's stop, which came between the releases.
        ("HK", None, "fails"),
        ("HK", "2024-10-10T10:00:00Z", "holds"),
        # In scope all along.
        ("US", None, "fails"),
    ],
)
def test_who_lived_where_was_never_used(
    promised: Telling,
    state: Callable[..., str],
    place: str,
    since: str | None,
    as_promised: str,
) -> None:
    assert state(promised, **lived_in(place, since)) == as_promised


@pytest.mark.parametrize("place", ["EU", "GB", "HK", "US"])
def test_the_pipeline_asks_nobody_where_anybody_lives(
    alleged: Telling, state: Callable[..., str], place: str
) -> None:
    assert state(alleged, **lived_in(place, None)) == "fails"


def test_after_the_notice_the_tellings_are_the_same(
    alleged: Telling, state: Callable[..., str]
) -> None:
    assert state(alleged, **lived_in("EU", "2024-09-18T12:00:00Z")) == "holds"


def lived_in(place: str, since: str | None) -> dict[str, Any]:
    use = {"use": {"from": since}} if since else {}
    return {"members": {"in": [place], "when": ["used"]}, **use}
