# SPDX-License-Identifier: Apache-2.0
"""What an operator hides round the log takes no answer for a no: not by the tail of a log, the papers of a table, or an end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import folder_of, release
from tests.integration.test_audit_evidence import publish
from tests.integration.workspaces import Made, make

from privity.app.auditing.answering.asking import Inputs, answer
from privity.app.auditing.bundling.bundled_payloads import BundledPayloads
from privity.app.auditing.opening.log import PrivateEntries
from privity.app.auditing.opening.opening import open_evidence
from privity.app.auditing.opening.payloads import Opened, open_payloads
from privity.audit.class_report import answer_class
from privity.audit.evidence import AuditedLog, Gap, Said
from privity.audit.question import parse_question
from privity.audit.rules import read_rules
from privity.canonical.encode import encode_canonical
from privity.entries.baseline import BaselineEntry, Replaced
from privity.entries.envelope import MemberEvent
from privity.entries.erasure import ErasedEntry
from privity.entries.payload import Payload
from privity.entries.release import EndedRelease
from privity.entries.streams import commit, event_key, tag_of
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.forms import to_base64
from privity.testing.evidence import MadeRelease, made_evidence
from privity.testing.plain import AT

SECRET = bytes(range(32))
NOBODY = b"""\
statement: nobody
says: Posts of members in Brazil were never used.
never:
  members: {in: [BR]}
  records: {categories: [post]}
"""
NOTHING = b"""\
statement: nothing
says: Articles were never used.
never:
  records: {categories: [article]}
"""
CLASS = """\
class: articles
title: Whoever wrote an article
members: {sides: [sender]}
records: {categories: [article]}
use: {purposes: [genai-training], recipients: [controller]}
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path, count=40)
    release(made)
    publish(made)
    return made


def said_of(made: Made, statement: bytes) -> str:
    inputs = Inputs(kind="statement", files={"statement.yaml": statement})
    return answer(open_evidence(made.root), inputs).answer


def class_of(made: Made) -> str:
    inputs = Inputs(
        kind="class", options={"question": "c.yaml"}, files={"c.yaml": CLASS.encode()}
    )
    return answer(open_evidence(made.root), inputs).answer


def as_if_articles(made: Made) -> None:
    """Let the rows beside a table say that they are of another category than they are."""
    for path in (made.root / "vault" / "releases" / "first").glob("*.parquet"):
        table = pq.read_table(path)
        place = table.schema.get_field_index("category")
        # Of posts and profiles nobody but the author is a party: the tags stay the same.
        said = ["profile" if one == "post" else one for one in table["category"].to_pylist()]
        other = pa.array(said).cast(table.schema.field(place).type)
        pq.write_table(table.set_column(place, "category", other), path)


def test_rows_are_held_to_their_table_whatever_the_tail_says(made: Made) -> None:
    """AUD-11, AUD-14: an entry that is not published lets nobody pass."""
    assert class_of(made) == "not-used"
    as_if_articles(made)
    made.record(EndedRelease(release="first", why="withdrawn"))
    evidence = open_evidence(made.root)
    assert not evidence.mismatches
    assert [one.kind for one in evidence.gaps].count("not-bound") == 2
    assert not list(evidence.rows("first", 1))
    assert class_of(made) == "cannot-be-told"
    assert said_of(made, NOTHING) == "cannot-be-told"


def test_a_statement_about_members_needs_to_know_whose_rows_are_whose(made: Made) -> None:
    """AUD-107: rows whose parties nothing holds may be anybody's."""
    assert said_of(made, NOBODY) == "holds"
    (made.root / "releases" / "first" / "salt.key").unlink()
    assert said_of(made, NOBODY) == "cannot-be-told"
    # Of what they are the table still speaks.
    assert said_of(made, NOTHING) == "holds"


PAPERS: dict[str, Callable[[Path], object]] = {
    "a file more": lambda log: (log / "00000000000000000001.json").write_text(
        '{"add":{"path":"part-more.parquet"}}\n'
    ),
    "a checkpoint": lambda log: (log / "_last_checkpoint").write_text("{}"),
    "no commit": lambda log: (log / "00000000000000000001.json").write_text("5\n"),
    "a commit without end": lambda log: (log / "00000000000000000001.json").write_text(
        "[" * 200_000
    ),
}


@pytest.mark.parametrize("damage", PAPERS.values(), ids=PAPERS.keys())
def test_what_other_tools_take_for_a_table_is_asked_too(
    made: Made, damage: Callable[[Path], object]
) -> None:
    """AUD-13: files that go with a table, and that no manifest names, may be of anything."""
    assert (class_of(made), said_of(made, NOTHING)) == ("not-used", "holds")
    damage(folder_of(made).table / "_delta_log")
    assert [one.kind for one in open_evidence(made.root).mismatches] == ["bytes-without-entry"]
    assert (class_of(made), said_of(made, NOTHING)) == ("cannot-be-told", "cannot-be-told")


def test_no_record_by_an_entry_is_none_where_the_files_say_so() -> None:
    """AUD-37, AUD-107: an entry that counts none beside files that are not its own rules nothing out."""
    kept: dict[str, Any] = {
        "releases": [MadeRelease(release="first", time=AT, files=[[]])],
    }
    question = parse_question(CLASS.replace("[controller]", "[third-party]"), file="c.yaml")
    for gaps, answers in (
        ([], ("not-used", "holds")),
        (
            [Gap(kind="not-bound", what="rows", entries=tuple(range(9)))],
            ("cannot-be-told", "cannot-be-told"),
        ),
    ):
        evidence = made_evidence(**kept, gaps=gaps)
        inputs = Inputs(kind="statement", files={"statement.yaml": NOTHING})
        found = answer_class(evidence, question).answer, answer(evidence, inputs).answer
        assert found == answers


def test_a_stream_that_ended_is_one_of_somebody_who_was_erased() -> None:
    """AUD-5: whether or not a public entry counts her, what she said is not told."""
    private = PrivateEntries()
    key = event_key(SECRET, 1)
    payload = Payload(number=1, schema=ErasedEntry.SCHEMA, content={}).to_bytes()
    private.add(3, MemberEvent(tag=tag_of(key), commitment=commit(key, payload), time=1))
    line = {
        "events": [{"entry": 3, "number": 1, "payload": payload.decode()}],
        "key": to_base64(SECRET),
        "stream": "tana",
    }
    payloads = BundledPayloads.read(encode_canonical(line) + b"\n")
    opened = open_payloads(payloads, payloads, private, origin="x.example/log", size=5)
    assert (opened.ended, opened.closed) == (1, 0)
    assert Opened().ended == 0


@pytest.mark.parametrize(
    ("erased", "tags", "odd"),
    [(2, (bytes(32),), False), (1, (bytes(32),), True), (2, (), True)],
)
def test_a_baseline_is_replaced_by_what_is_left_of_it(
    erased: int,
    tags: tuple[bytes, ...],
    odd: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """AUD-6: else nothing shows what it told."""
    first = BaselineEntry(claimed_by="platform", commitment=bytes(32), rows=9)
    second = BaselineEntry(
        claimed_by="platform",
        commitment=SECRET,
        rows=7,
        replaces=Replaced(entry=1, erased=erased, tags=tags),
    )
    log = AuditedLog(
        checkpoint=Checkpoint(origin="x.example/log", size=3, root=bytes(32)),
        signed_by=(),
        given=True,
        public=(Said(entry=1, time=1, says=first), Said(entry=2, time=2, says=second)),
        private=0,
        texts={},
    )
    (baseline,) = read_rules(log).baselines
    assert baseline.odd == odd
    assert baseline.entries == (1, 2)
