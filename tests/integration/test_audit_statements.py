# SPDX-License-Identifier: Apache-2.0
"""What was said of the dispute, and what would have been otherwise, asked of both tellings (examples/inmail-dispute)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.dispute import ALLEGED, EXAMPLE, POLICIES, Telling

from privity.canonical.instants import parse_instant
from privity.decide.one import decide
from privity.decide.request import Record, Request, world
from privity.members.facts import Fact, parse_detail
from privity.policy.parse import read_policies

STATEMENTS: Final = EXAMPLE / "statements"
FOUND, NOT_TOLD = 20, 21
CODES: Final = {"holds": 0, "fails": FOUND, "cannot-be-told": NOT_TOLD, "compared": 0}
NOTICE: Final = "genai-2024-09"
SWITCHED_ON: Final = "2024-08-15T12:00:00Z"
"""When the setting came, a month before anybody was told of it."""
POSTS: Final = {
    "class": "posts",
    "title": "What members published, had the network used it itself",
    "members": {"sides": ["sender"]},
    "records": {"categories": ["public-content"]},
    "use": {
        "purposes": ["genai-training"],
        "recipients": ["controller"],
        "recipient": "network",
        "at": "2024-09-17T00:00:00Z",
    },
    "exposure": {"sum": 1000, "currency": "USD"},
}

Report = dict[str, Any]
Ask = Callable[..., Report]


@pytest.fixture
def ask(program: Program) -> Ask:
    """Ask a question of a workspace, with the items of its report."""

    def run(
        question: str, telling: Telling, *words: str | Path, out: Path | None = None
    ) -> Report:
        more = [] if out is None else ["--out", out]
        done = program("audit", question, *words, "--workspace", telling.root, "--json", *more)
        assert done.code in CODES.values(), done.err
        report: Report = json.loads(done.out)
        assert done.code == CODES[report["answer"]]
        if out is not None:
            lines = (out / "items.jsonl").read_text("utf-8").splitlines()
            report["items"] = [json.loads(one) for one in lines]
        return report

    return run


# --- the statements ---


@pytest.mark.parametrize(
    ("statement", "answers"),
    [
        ("before-the-notice", ("holds", "fails")),
        ("confidentiality", ("holds", "fails")),
        ("exempt-places", ("holds", "holds")),
        ("older-content", ("cannot-be-told", "fails")),
        ("private-messages", ("holds", "fails")),
    ],
)
def test_each_shipped_statement_of_both_tellings(
    promised: Telling,
    alleged: Telling,
    ask: Ask,
    statement: str,
    answers: tuple[str, str],
) -> None:
    """What was promised was kept; what is alleged breaks it; and of the time before the log no log can tell."""
    path = STATEMENTS / f"{statement}.yaml"
    found = tuple(ask("statement", telling, path)["answer"] for telling in (promised, alleged))
    assert found == answers


def test_every_statement_that_is_shipped_is_asked() -> None:
    assert len(list(STATEMENTS.iterdir())) == 5


def test_the_counter_examples_are_those_that_sql_counts(
    alleged: Telling, ask: Ask, tmp_path: Path
) -> None:
    """Private messages in what the pipeline sent, by their rows."""
    report = ask(
        "statement", alleged, STATEMENTS / "private-messages.yaml", out=tmp_path / "out"
    )
    found = {one["record"] for one in report["items"] if one["kind"] == "against"}
    rows = sorted((alleged.root / "vault" / "releases" / "dump").glob("part-*.parquet"))
    with duckdb.connect() as database:
        lying = database.execute(
            "SELECT record_id FROM read_parquet(?) WHERE category IN "
            "('private-message', 'inmail', 'direct-message')",
            [[str(one) for one in rows]],
        ).fetchall()
    assert found == {one for (one,) in lying}
    assert report["figures"]["records_against"] == len(found)
    entries = {
        entry for one in report["items"] if one["kind"] == "against" for entry in one["entries"]
    }
    assert entries == {alleged.releases["dump"], alleged.handed["dump-1"]}


def test_a_public_tree_tells_of_acts_and_of_nobodys_records(
    promised: Telling, program: Program, tmp_path: Path
) -> None:
    """What entries rule out is ruled out for everybody; where rows would have to, or the register of before the log, it cannot be told."""
    safety = tmp_path / "safety.yaml"
    never = {"use": {"purposes": ["safety"]}}
    safety.write_text(json.dumps({"statement": "s", "says": "Never.", "never": never}))
    tree = promised.root / "public"
    for path, answer in (
        (safety, "holds"),
        (STATEMENTS / "private-messages.yaml", "cannot-be-told"),
    ):
        done = program("audit", "statement", path, "--workspace", tree, "--json")
        assert json.loads(done.out)["answer"] == answer


# --- what if ---


def test_the_notice_would_not_have_helped_the_claim(alleged: Telling, ask: Ask) -> None:
    """The contract promised it, the network's rules forbade it, and no setting spoke of third parties."""
    report = ask(
        "whatif", alleged, EXAMPLE / "claim.yaml", "--notice", f"{NOTICE}={SWITCHED_ON}"
    )
    figures = report["figures"]
    assert figures["exposure_used"] == alleged.claim["dollars"]
    assert (
        figures["exposure_refused"] == figures["exposure_would_be"] == alleged.claim["dollars"]
    )
    reasons = {row[0]: row[1:] for row in report["tables"][0]["rows"]}
    for reason in ("agreement", "forbidden", "no-ground"):
        assert reasons[reason] == [256, 256, 0]


def test_a_longer_list_would_have_refused_who_lived_there(
    promised: Telling, ask: Ask, tmp_path: Path
) -> None:
    """Had Hong Kong been exempt from the beginning: just what the statement finds of its members."""
    report = ask("whatif", promised, "--exempt", "HK", out=tmp_path / "out")
    never = {"members": {"in": ["HK"]}}
    path = tmp_path / "statement.yaml"
    path.write_text(json.dumps({"statement": "hk", "says": "Never.", "never": never}))
    said = ask("statement", promised, path, out=tmp_path / "said")
    expected = {one["record"] for one in said["items"] if one["kind"] == "against"}
    assert expected
    assert {one["record"] for one in report["items"]} == expected
    assert all(one["would_be"] == ["jurisdiction-exempt"] for one in report["items"])
    assert report["figures"]["refused"] == 0


def test_had_the_notice_come_with_the_setting_some_posts_were_permitted(
    promised: Telling, ask: Ask, tmp_path: Path
) -> None:
    """Counted again by the rule, over facts and policies in which it did."""
    question = tmp_path / "posts.yaml"
    question.write_text(json.dumps(POSTS))
    report = ask(
        "whatif",
        promised,
        question,
        "--notice",
        f"{NOTICE}={SWITCHED_ON}",
        "--disclosed",
        promised.dump,
        *(word for path in promised.network.record_paths for word in ("--records", path)),
    )
    (row,) = next(
        table["rows"]
        for table in report["tables"]
        if table["title"] == "What came to light outside"
    )
    records = records_of(promised)
    sent = set(pq.read_table(promised.dump, columns=["record_id"])["record_id"].to_pylist())
    posts = [
        one
        for one in records
        if one.record_id in sent
        and one.category in {"public-content", "post", "article", "comment"}
    ]
    was = refused(promised, posts, records, told=False)
    would = refused(promised, posts, records, told=True)
    assert row[3:] == [len(posts), len(was), len(would), len(was - would), len(would - was)]
    assert 0 < len(was - would) < len(was)
    assert report["figures"]["exposure_refused"] > report["figures"]["exposure_would_be"] > 0


def records_of(telling: Telling) -> list[Record]:
    rows = [
        row for path in telling.network.record_paths for row in pq.read_table(path).to_pylist()
    ]
    return [
        Record(
            record_id=row["record_id"],
            category=row["category"],
            created_at=None
            if row["created_at"] is None
            else int(row["created_at"].timestamp()),
            author=row["author"],
            recipients=tuple(row["recipients"] or ()),
            capacity=row["capacity"] or "personal",
            quotes=tuple(row["quotes"] or ()),
        )
        for row in rows
    ]


def refused(
    telling: Telling, asked: Sequence[Record], records: Sequence[Record], *, told: bool
) -> set[int | str]:
    """Decide records by the files of the example; where everybody was told, by files that say so."""
    facts = pq.read_table(telling.network.facts_path)
    facts = facts.filter(pc.is_valid(facts["fact"]))
    came = parse_instant(SWITCHED_ON)
    held = [
        Fact(
            member=row["member"],
            fact=row["fact"],
            value=row["value"],
            at=int(row["at"].timestamp()),
            recorded_at=int(row["recorded_at"].timestamp()),
            detail=parse_detail(row["detail"]),
        )
        for row in facts.to_pylist()
    ]
    versions = read_policies([POLICIES])
    if told:
        held = [one for one in held if (one.fact, one.value) != ("notice", NOTICE)]
        joined = {one.member: one for one in reversed(held) if one.fact == "joined"}
        held += [
            replace(
                one,
                fact="notice",
                value=NOTICE,
                at=max(came, one.at),
                recorded_at=max(came, one.at),
            )
            for one in joined.values()
        ]
        versions = replace(
            versions,
            versions=tuple(
                replace(
                    one,
                    settings={
                        name: replace(setting, notice=NOTICE)
                        for name, setting in one.settings.items()
                    },
                    notices={
                        NOTICE: replace(versions.versions[2].notices[NOTICE], effective_at=came)
                    },
                )
                for one in versions.versions
            ),
        )
    request = Request(purpose="genai-training", recipient="network", at=ALLEGED, known=ALLEGED)
    found = world(versions, held, ALLEGED, records)
    return {one.record_id for one in asked if not decide(one, request, found).permit}
