# SPDX-License-Identifier: Apache-2.0
"""Copies of refused private messages in a clearing: refused or reported, counted, and nothing of them left."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.corpora import Corpus, put_corpus
from tests.integration.workspaces import Made, put_policy, put_workspace, read_set
from tests.property.comparison import as_rows

import privity
from privity.app.workspace.clearing import LedgerClearing, clear_on_ledger
from privity.app.workspace.opening import open_workspace
from privity.decide.request import Record, Request
from privity.errors import InputError
from privity.release.job import Job
from privity.sources.native import open_records
from privity.testing.plain import AT, POST, fact, policy, register, said, told
from privity.testing.worlds import to_arrow

COPY: Final = "copy-of-refused"
HUSHED: Final = "Between us: the merger is off, the bank said no on Friday, and the staff will be told on Monday at nine."
"""Made up. *b* wrote it to *n*, who said no."""
PLAIN: Final = "Thanks, talk to you next week!"


def message(name: str, *parties: str, **more: Any) -> Record:
    author, *others = parties
    return replace(
        POST, record_id=name, category="inmail", author=author, recipients=tuple(others), **more
    )


def post(name: str, author: str = "a", **more: Any) -> Record:
    return replace(POST, record_id=name, author=author, **more)


RECORDS: Final[Sequence[tuple[Record, str | None]]] = (
    (message("refused", "b", "n"), f"{HUSHED}\n-- \nB. Example"),
    (message("short", "b", "n"), PLAIN),
    (message("agreed", "a", "b"), "Shall we meet on Tuesday at the usual place, or is Thursday better for you?"),
    (post("copy"), HUSHED.upper()),
    (post("quoted"), f"See what I got:\n> {HUSHED[:40]}\n> {HUSHED[40:]}\nWhat now?"),
    (post("part"), HUSHED[:60]),
    (post("quoter", quotes=("copy",)), "My answer to that."),
    (message("again", "a", "b"), f"Fwd: {HUSHED}"),
    (post("thanks"), f"{PLAIN} {PLAIN}"),
    (post("free"), "Shall we meet on Tuesday at the usual place, or is Thursday better for you?"),
    (post("empty"), ""),
    (post("nothing"), None),
)  # fmt: skip


def put(folder: Path, copies: Mapping[str, str] | None = None) -> Corpus:
    facts = register()
    for member in "abn":
        facts += [
            *told(member),
            said("2024-12-01", "off" if member == "n" else "on", member=member, scope="all"),
        ]
    table = to_arrow([record for record, _ in RECORDS])
    table = table.append_column("body", pa.array([text for _, text in RECORDS], pa.string()))
    rule = {} if copies is None else {"copies": dict(copies)}
    return put_corpus(
        folder / "in", [table], as_rows(facts), [policy(obligations=[], **rule)], row_group=5
    )  # fmt: skip


def ids(out: Path) -> set[str]:
    return {
        name
        for path in (out / "data").iterdir()
        for name in pq.read_table(path)["record_id"].to_pylist()
    }


def test_copies_are_refused_with_whoever_quotes_them(program: Program, tmp_path: Path) -> None:
    """REL-135, REL-137, REL-143."""
    found = put(tmp_path, {"private-message": "refuse"})
    out = tmp_path / "out"
    done = program(
        "clear", *found.sources, *found.options, "--text", "body", "--refused", "--out", out
    )
    assert (done.code, done.err) == (0, "")
    assert ids(out) == {"agreed", "part", "thanks", "free", "empty", "nothing"}
    named = {
        row["record_id"]: row["reasons"]
        for row in pq.read_table(out / "refused.parquet").to_pylist()
    }
    assert {name for name, reasons in named.items() if reasons == [COPY]} == {
        "copy",
        "quoted",
        "again",
        "quoter",
    }
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["counts"]["copies"] == {"refused": 3, "reported": 0}
    assert manifest["counts"]["reasons"][COPY] == 4
    assert f"  {COPY}" in done.out
    lines = (out / "summary.csv").read_text().splitlines()
    assert [line for line in lines if line.startswith(COPY)] == [
        f"{COPY},inmail,(record),1",
        f"{COPY},post,(record),2",
        f"{COPY},post,(quoted record),1",
    ]  # fmt: skip


def test_copies_are_reported_and_stay(program: Program, tmp_path: Path) -> None:
    """REL-138."""
    plain = put(tmp_path / "1")
    found = put(tmp_path / "2", {"private-message": "report"})
    done = program(
        "clear", *found.sources, *found.options, "--text", "body", "--out", tmp_path / "out"
    )
    assert done.code == 0
    assert "3 permitted with the text of a refused private message in them" in done.out
    privity.clear(list(plain.sources), out=tmp_path / "plain", **plain.asked)
    assert ids(tmp_path / "out") == ids(tmp_path / "plain")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["counts"]["copies"] == {"refused": 0, "reported": 3}
    assert COPY not in manifest["counts"]["reasons"]


def test_passages_may_be_refused_too(tmp_path: Path) -> None:
    """REL-136: what is shorter than a passage is looked for whole."""
    found = put(tmp_path, {"private-message": "report", "passages": "refuse"})
    done = privity.clear(
        list(found.sources), out=tmp_path / "out", text=["body"], **found.asked
    )
    # The secret has less than 96 letters, so it has no passage.
    assert done.summary.copies is not None
    assert (done.summary.copies.refused, done.summary.copies.reported) == (0, 3)


@pytest.mark.parametrize(
    ("text", "code"), [([], "clear/copies-text"), (["author_id"], "clear/text-column"), (["quotes"], "clear/text-column")]
)  # fmt: skip
def test_without_text_nothing_is_cleared(tmp_path: Path, text: list[str], code: str) -> None:
    """REL-140: and nothing is decided before."""
    stages: list[str] = []
    found = put(tmp_path, {"private-message": "report"})
    with pytest.raises(InputError) as caught:
        privity.clear(
            list(found.sources),
            out=tmp_path / "out",
            text=text,
            progress=lambda stage, _: stages.append(stage),
            **found.asked,
        )
    assert caught.value.code == code
    assert not stages
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def test_a_policy_that_says_nothing_costs_nothing(tmp_path: Path) -> None:
    """REL-130: no text is read to be compared, and nothing is counted."""
    stages: set[str] = set()
    found = put(tmp_path)
    done = privity.clear(
        list(found.sources),
        out=tmp_path / "out",
        text=["body"],
        progress=lambda stage, _: stages.add(stage),
        **found.asked,
    )
    assert stages == {"decide", "copy"}
    assert done.summary.copies is None
    assert "copies" not in done.manifest["counts"]
    assert {"copy", "quoted", "again"} <= ids(tmp_path / "out")


def test_two_runs_write_the_same_and_no_text_of_what_is_refused(tmp_path: Path) -> None:
    """REL-141: keys are new in each run, and nothing that is written depends on them."""
    found = put(tmp_path, {"private-message": "refuse"})
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        privity.clear(list(found.sources), out=out, text=["body"], refused=True, **found.asked)
    one, two = (
        {
            path.relative_to(out): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }
        for out in outs
    )
    assert one == two
    for path, data in one.items():
        text = (
            data
            if path.suffix != ".parquet"
            else str(pq.read_table(outs[0] / path).to_pylist()).encode()
        )
        assert b"staff will be told" not in text.lower(), path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "one", "two"]


# On a ledger

YES: Final = ("m1", "m2", "m3", "m4")
LEDGER: Final[Sequence[tuple[Record, str | None]]] = (
    (message("late", "m1", "m2"), HUSHED),
    (post("copy", "m3"), f"> {HUSHED}"),
    (post("quoter", "m4", quotes=("copy",)), "My answer to that."),
    (message("passed on", "m3", "m4"), f"{HUSHED} And there is more, which I can only say to you: the chairman goes."),
    (post("copy of that", "m4"), "Between us: the merger is off, the bank said no on Friday, and the staff will be told on Monday at nine. And there is more, which I can only say to you: the chairman goes."),
    (post("free", "m3"), "Something else."),
)  # fmt: skip


def put_ledger(folder: Path, answer: str) -> Made:
    put_workspace(folder / "workspace")
    with open_workspace(folder / "workspace", now=AT - 1) as workspace:
        put_policy(
            workspace,
            version="2025-05-31",
            published_at="2025-05-31T23:59:59Z",
            effective_at="2025-05-31T23:59:59Z",
            copies={"private-message": answer},
        )
    table = to_arrow([record for record, _ in LEDGER])
    table = table.append_column("body", pa.array([text for _, text in LEDGER], pa.string()))
    pq.write_table(table, folder / "records.parquet")
    return Made(root=folder / "workspace", sources=(folder / "records.parquet",))


def clear_late(made: Made, act: Callable[[], object]) -> LedgerClearing:
    """Clear, and act once when all is decided and compared."""
    lock, done = threading.Lock(), list[bool]()

    def tell(stage: str, rows: int) -> None:
        del rows
        with lock:
            if stage == "copy" and not done:
                done.append(True)
                act()

    with open_workspace(made.root, now=AT) as workspace:
        job = Job(out=made.root.parent / "set", most=2, text=("body",), seed=11)
        asked = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
        return clear_on_ledger(workspace, open_records(list(made.sources)), asked, job, tell)


def test_copies_of_what_is_refused_late_are_taken_out(tmp_path: Path) -> None:
    """REL-142: with what quotes them, and copies of what is refused for that."""
    made = put_ledger(tmp_path, "refuse")
    found = clear_late(made, lambda: made.record(fact("objection", "2025-06-01", member="m2")))
    assert read_set(found.set.out)["record_id"].to_pylist() == ["free"]
    assert found.set.manifest["withdrawn"] == 5
    assert found.set.manifest["counts"]["copies"] == {"refused": 3, "reported": 0}
    assert found.set.manifest["counts"]["reasons"] == {COPY: 4, "opted-out": 1}
    assert found.set.summary.permitted == 1
    committed = made.clearings()[-1]
    assert (committed["step"], committed["permitted"]) == ("committed", 1)


def test_nothing_is_a_copy_while_nothing_is_refused(tmp_path: Path) -> None:
    """REL-142."""
    found = clear_late(put_ledger(tmp_path, "refuse"), lambda: None)
    assert found.set.summary.permitted == len(LEDGER)
    assert found.set.manifest["counts"]["copies"] == {"refused": 0, "reported": 0}


def test_copies_of_what_is_refused_late_are_reported(tmp_path: Path) -> None:
    """REL-138, REL-142."""
    made = put_ledger(tmp_path, "report")
    found = clear_late(made, lambda: made.record(fact("objection", "2025-06-01", member="m2")))
    assert found.set.manifest["withdrawn"] == 1
    assert found.set.manifest["counts"]["copies"] == {"refused": 0, "reported": 3}


@pytest.mark.parametrize("answer", ["refuse", "report"])
def test_a_release_has_no_copies_either(program: Program, tmp_path: Path, answer: str) -> None:
    """REL-137, REL-138: it is cleared the same way."""
    made = put_ledger(tmp_path, answer)
    made.record(fact("objection", "2025-05-31", member="m2"))
    asked = ("--purpose", "genai-training", "--recipient", "self")
    where = ("--workspace", made.root, "--now", "2025-06-02T00:00:00Z", "--text", "body")
    done = program("release", "create", "spring", "--source", made.sources[0], *asked, *where)
    assert (done.code, done.err) == (0, "")
    table = made.root / "releases" / "spring" / "table"
    found = {
        name
        for path in table.glob("*.parquet")
        for name in pq.read_table(path, columns=["record_id"])["record_id"].to_pylist()
    }
    copies = {"copy", "quoter", "passed on", "copy of that"}
    assert found == {"free", *(copies if answer == "report" else ())}
