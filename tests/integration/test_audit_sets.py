# SPDX-License-Identifier: Apache-2.0
"""Sets that were cleared on a ledger and became no release are replayed where they are shown (AUD-18)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.corpora import with_bodies
from tests.integration.test_audit_evidence import publish
from tests.integration.workspaces import Made, make

from privity.app.auditing.opening.opening import open_evidence
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.sets import clear_workspace
from privity.audit.evidence import COLUMNS
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.audit.report import Report
from privity.audit.sets import SET
from privity.decide.request import Record
from privity.entries.clearing import CommittedClearing, Inputs
from privity.errors import InputError, VerificationError
from privity.testing.plain import AT, POST
from privity.testing.worlds import to_arrow


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path, count=40)


def cleared(made: Made) -> Path:
    """Clear a set on the ledger."""
    out = made.root.parent / "cleared"
    clear_workspace(
        made.root, made.sources, purpose="genai-training", recipient="self", out=out, now=AT
    )
    publish(made)
    return out


def by_hand(made: Made, rows: Sequence[Record], **described: object) -> Path:
    """Make a set round the gate, and let an entry commit to it."""
    out = made.root.parent / "by-hand"
    (out / "data").mkdir(parents=True)
    path = out / "data" / "part-00000.parquet"
    pq.write_table(with_bodies(to_arrow(rows)), path)
    name = "data/part-00000.parquet"
    data = [{"name": name, "records": len(rows), "bytes": path.stat().st_size}]
    manifest = json.dumps({"data": data, "obligations": [], **described}).encode()
    (out / "manifest.json").write_bytes(manifest)
    with open_workspace(made.root, now=AT) as workspace:
        size = workspace.store.head().size
    made.record(
        CommittedClearing(
            clearing="by-hand",
            purpose="genai-training",
            recipient="self",
            at=AT,
            ledger_size=size,
            policy="genai-training",
            version="2024-09-18",
            inputs=Inputs.of(["0" * 64]),
            records=len(rows),
            permitted=len(rows),
            manifest=sha256(manifest).hexdigest(),
        )
    )
    publish(made)
    return out


def posts(*authors: str) -> list[Record]:
    return [
        replace(POST, record_id=f"p{place}", author=one) for place, one in enumerate(authors)
    ]


def replayed(made: Made, *sets: Path) -> Report:
    return answer_replay(open_evidence(made.root, sets=sets), ReplayQuestion())


def test_a_set_that_was_cleared_has_nothing_against_it(made: Made) -> None:
    out = cleared(made)
    hidden = replayed(made)
    assert [one.kind for one in hidden.not_covered] == ["not-shown", "not-logged"]
    shown = replayed(made, out)
    assert shown.findings == ()
    # Its manifest has no hash of a row: what is in it is the word of who shows it.
    assert [one.kind for one in shown.not_covered] == ["not-bound", "not-logged"]
    assert shown.figures["records"] == sum(
        pq.read_metadata(path).num_rows for path in (out / "data").iterdir()
    )


def test_what_was_cleared_round_the_gate_is_found(made: Made) -> None:
    out = by_hand(made, posts("m1", "m8", "m2", "stranger"))
    report = replayed(made, out)
    assert [(one.kind, one.release, one.records) for one in report.findings] == [
        ("used-without-authority", None, ("p3",)),
        ("use-after-no", None, ("p1",)),
    ]
    assert all(one.what.startswith("set `by-hand` was cleared") for one in report.findings)


def test_a_set_that_no_entry_commits_to_is_refused(made: Made) -> None:
    out = cleared(made)
    manifest = out / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    with pytest.raises(VerificationError, match="no entry of the log commits") as error:
        open_evidence(made.root, sets=[out])
    assert error.value.code == "audit/set"


@pytest.mark.parametrize("what", ["longer", "gone", "no Parquet"])
def test_a_set_of_other_files_is_refused(made: Made, what: str) -> None:
    out = by_hand(made, posts("m1", "m2"))
    path = out / "data" / "part-00000.parquet"
    match what:
        case "longer":
            pq.write_table(with_bodies(to_arrow(posts("m1", "m2", "m3"))), path)
        case "gone":
            path.unlink()
        case _:
            path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(VerificationError) as error:
        open_evidence(made.root, sets=[out])
    assert error.value.code == "audit/set"


def test_what_is_no_set_is_said(made: Made, tmp_path: Path) -> None:
    publish(made)
    with pytest.raises(InputError) as error:
        open_evidence(made.root, sets=[tmp_path])
    assert error.value.code == "audit/no-set"


def test_of_pseudonyms_nothing_is_decided(made: Made) -> None:
    out = by_hand(made, posts("8a", "b7"), obligations=["pseudonymise"])
    evidence = open_evidence(made.root, sets=[out])
    assert evidence.sets == ()
    assert [one.kind for one in evidence.gaps] == ["not-shown"]
    assert replayed(made, out).findings == ()


def test_rows_of_a_set_are_read_as_they_were(made: Made) -> None:
    out = by_hand(made, posts("m1", "m2"))
    evidence = open_evidence(made.root, sets=[out])
    (rows,) = evidence.rows(f"{SET}by-hand", 1, ["author"])
    assert rows.table.to_pylist() == [{"author": "m1"}, {"author": "m2"}]
    assert evidence.revisions(f"{SET}by-hand") == (1,)
    pq.write_table(
        with_bodies(to_arrow(posts("m1", "m3"))), out / "data" / "part-00000.parquet"
    )
    with pytest.raises(VerificationError, match="changed meanwhile"):
        list(evidence.rows(f"{SET}by-hand", 1))


def test_a_bundle_has_of_a_set_what_its_answer_rests_on(
    made: Made, tmp_path: Path, program: Program
) -> None:
    out = by_hand(made, posts("m1", "m8"))
    report = tmp_path / "report"
    done = program("audit", "replay", "--workspace", made.root, "--set", out, "--out", report)
    assert (done.code, done.err) == (20, "")
    bundled = report / "bundle" / "sets" / "0001" / "data" / "part-00000.parquet"
    assert pq.read_schema(bundled).names == list(COLUMNS)
    assert set(pq.read_schema(out / "data" / "part-00000.parquet").names) > set(COLUMNS)
    verified = program("audit", "verify", report / "bundle")
    assert (verified.code, verified.err) == (0, "")
    bundled.unlink()
    assert program("audit", "verify", report / "bundle").code == 3
