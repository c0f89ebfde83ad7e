# SPDX-License-Identifier: Apache-2.0
"""What entries speak of was made by entries before them, and what lies in a workspace is theirs (AUD-70)."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pyarrow as pa
import pytest
from tests.unit.audit.replayed import (
    DIGEST,
    POSTS,
    ROOT,
    Says,
    acknowledged,
    attested,
    done,
    due,
    ended,
    evidence_of,
    failed,
    handed,
    kinds,
    only,
    post,
    release,
    replay,
    run,
)
from tests.unit.release.made_standing import CONTENT

from privity.audit.evidence import Mismatch
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.entries.disclosure import AcknowledgedDisclosure, HandedOver
from privity.entries.model import ModelEntry
from privity.entries.release import RevisedRelease
from privity.entries.revocation import DoneRevocation, DueRevocation, NotifiedRevocation
from privity.entries.run import RunEnd
from privity.testing.evidence import MadeRelease, rows_of
from privity.testing.plain import day

LATER = "2025-06-10"
FAR = ReplayQuestion(overdue=10_000)


def revised(on: str = "2025-06-05", **keys: object) -> MadeRelease:
    return release(*POSTS[1:], time=day(on), revision=2, **keys)


@pytest.mark.parametrize(
    "says",
    [
        handed(LATER, of="nothing"),
        handed(LATER, revision=2),
        run(LATER, ("nothing", 1)),
        run(LATER, ("corpus", 2)),
        run(LATER, base="nothing"),
        acknowledged(LATER, "nothing"),
        failed(LATER, "nothing"),
        done(LATER, name="nothing"),
        attested(LATER, name="nothing"),
        (day(LATER), RunEnd(run="nothing", how="completed", batches=0, batches_root=ROOT)),
        (day(LATER), ModelEntry(model="m", run="nothing", sha256=DIGEST)),
        (
            day(LATER),
            NotifiedRevocation(revocation="nothing", recipient="lab", message="m1", ok=True),
        ),
        due(LATER, revision=2),
    ],
)
def test_what_no_entry_made_is_found(says: Says) -> None:
    """AUD-70."""
    report = replay(says=[says], question=FAR)
    assert "bytes-without-entry" in kinds(report)
    one = next(one for one in report.findings if one.kind == "bytes-without-entry")
    assert "no entry before it" in one.what


def test_a_model_is_made_of_one_that_is_there() -> None:
    """AUD-70."""
    made = ModelEntry(model="m", run="t1", sha256=DIGEST, base="nothing")
    report = replay(says=[run(LATER), (day(LATER), made)])
    assert kinds(report) == ["bytes-without-entry"]
    assert "model `nothing`, which no entry before it made" in only(report).what


OF_ANOTHER = (
    day("2025-06-03"),
    replace(cast("DueRevocation", due("2025-06-03")[1]), release="other"),
)
AGAIN = RevisedRelease(
    release="corpus", revision=3, ledger_size=1, content=CONTENT, revocation="corpus-2"
)


@pytest.mark.parametrize(
    "says",
    [
        [],
        [due("2025-06-03", name="corpus-3")],
        [OF_ANOTHER],
        [due("2025-06-03"), done("2025-06-06"), (day("2025-06-07"), AGAIN)],
    ],
    ids=["none", "another", "another release's", "done before"],
)
def test_a_revision_is_of_what_is_due_and_not_done(says: list[Says]) -> None:
    """AUD-70."""
    report = replay(releases=[release(), revised()], says=says, question=FAR)
    told = [one for one in report.findings if one.kind == "bytes-without-entry"]
    assert "made it due of this release and not yet done" in told[-1].what


@pytest.mark.parametrize(
    "says",
    [
        [due("2025-06-03"), done("2025-06-06", revision=3)],
        [due("2025-06-03"), due("2025-06-04", name="other"), done("2025-06-06", name="other")],
        [due("2025-06-05", revision=2), done("2025-06-06")],
    ],
    ids=["never made", "made of another", "the same"],
)
def test_what_is_said_to_be_done_was_made(says: list[Says]) -> None:
    """AUD-70: and what is not done is overdue."""
    report = replay(releases=[release(), revised()], says=[*says, ended("2025-12-01")])
    assert "revocation-overdue" in kinds(report)
    told = [one for one in report.findings if one.kind == "bytes-without-entry"]
    assert "which no entry before it made of it" in told[-1].what


@pytest.mark.parametrize(
    "says",
    [
        [handed(LATER), acknowledged(LATER), handed("2025-06-11")],
        [run(LATER), run("2025-06-11")],
        [due(LATER), due("2025-06-11")],
        [
            run(LATER),
            (day(LATER), ModelEntry(model="m", run="t1", sha256=DIGEST)),
            (day(LATER), ModelEntry(model="m", run="t1", sha256=DIGEST)),
        ],
    ],
)
def test_a_name_is_given_once(says: list[Says]) -> None:
    """AUD-70."""
    report = replay(says=says, question=FAR)
    assert kinds(report) == ["entry-without-bytes"]
    assert "a second time" in only(report).what


def test_a_release_is_made_once_and_a_revision_too() -> None:
    """AUD-70."""
    again = replay(releases=[release(), release(time=day(LATER))])
    assert "entry-without-bytes" in kinds(again)
    twice = replay(
        releases=[release(), revised(), revised("2025-06-07")],
        says=[due("2025-06-03"), done("2025-06-08")],
    )
    assert kinds(twice) == ["entry-without-bytes"]
    skipped = replay(releases=[release(), release(time=day(LATER), revision=3)])
    assert "bytes-without-entry" in kinds(skipped)


def test_a_hand_over_is_of_the_files_that_the_entry_has() -> None:
    """AUD-70."""
    at, says = handed(LATER)
    assert isinstance(says, HandedOver)
    other = (at, replace(says, files_root=bytes(32)))
    report = replay(says=[other, acknowledged(LATER)])
    assert kinds(report) == ["bytes-without-entry"]
    assert "other files" in only(report).what


def test_what_lies_there_and_what_entries_say_is_compared() -> None:
    """AUD-70."""
    mismatches = (
        Mismatch(
            kind="entry-without-bytes",
            what="a file is gone",
            entry=19,
            release="corpus",
            revision=1,
        ),
        Mismatch(kind="bytes-without-entry", what="a folder is of no release", release="stray"),
        Mismatch(kind="bytes-without-entry", what="another is not either", release="stray"),
    )
    made = replace(evidence_of(), mismatches=mismatches)
    report = answer_replay(made, ReplayQuestion())
    assert [(one.kind, one.entry, one.release) for one in report.findings] == [
        ("entry-without-bytes", 19, "corpus"),
        ("bytes-without-entry", None, "stray"),
        ("bytes-without-entry", None, "stray"),
    ]
    one = answer_replay(made, ReplayQuestion(releases=("corpus",)))
    assert kinds(one) == ["entry-without-bytes"]
    # Rows that were left out since they do not agree are not found a second time.
    (rows,) = made.made["corpus", 1]
    shown = {("corpus", 1): (replace(rows, table=rows.table.slice(0, 2)),)}
    fewer = answer_replay(replace(made, made=shown), ReplayQuestion(releases=("corpus",)))
    assert fewer.findings == one.findings
    assert fewer.figures["missing"] == 1


def test_a_revision_has_as_many_rows_as_its_entry_says() -> None:
    """AUD-70."""
    made = evidence_of()
    (rows,) = made.made["corpus", 1]
    longer = pa.concat_tables([rows.table, rows_of([post("p4")])])
    for kind, table in (
        ("entry-without-bytes", rows.table.slice(0, 2)),
        ("bytes-without-entry", longer),
    ):
        shown = {("corpus", 1): (replace(rows, table=table),)}
        report = answer_replay(replace(made, made=shown), FAR)
        assert kinds(report) == [kind]
        assert report.figures["missing"] == (kind == "entry-without-bytes")


def test_nothing_is_found_twice_of_one_place() -> None:
    """AUD-65."""
    report = replay(
        says=[
            handed(LATER),
            (day(LATER), AcknowledgedDisclosure(disclosure="h2", acknowledgement=DIGEST)),
        ]
    )
    places = [(one.entry, one.release, one.revision, one.kind) for one in report.findings]
    assert len(set(places)) == len(places) == 2


def test_a_taking_back_that_is_done_twice_is_done_when_it_was_done_first() -> None:
    """AUD-69."""
    later = (
        day("2025-09-01"),
        DoneRevocation(revocation="corpus-2", release="corpus", revision=2),
    )
    report = replay(
        releases=[release(), revised()], says=[due("2025-06-03"), done("2025-06-06"), later]
    )
    assert report.findings == ()
