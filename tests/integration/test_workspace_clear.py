# SPDX-License-Identifier: Apache-2.0
"""Clearing on a ledger: what is entered when, what a set heeds, and what changes everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.integration.release_story import story
from tests.integration.workspaces import (
    MEMBERS,
    REQUEST,
    SETTINGS,
    Made,
    make,
    of,
    parties,
    put_policy,
    read_set,
)

from privity.app.workspace.clearing import LedgerClearing, clear_on_ledger
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import record
from privity.app.workspace.sets import check_set
from privity.entries.order import OrderEntry
from privity.errors import ConflictError, InputError, VerificationError
from privity.members.facts import Fact
from privity.release.job import Job
from privity.sources.native import open_records
from privity.testing.plain import AT, fact, said

Progress = Callable[[str, int], None]


def quiet(stage: str, rows: int) -> None:
    del stage, rows


def clear(made: Made, name: str = "set", *, progress: Progress = quiet) -> LedgerClearing:
    with open_workspace(made.root, now=AT) as workspace:
        job = Job(out=made.root.parent / name, threads=2, most=40)
        return clear_on_ledger(
            workspace, open_records(list(made.sources)), REQUEST, job, progress
        )


def once(stage: str, act: Callable[[], object]) -> Progress:
    """Act when a stage has begun, once, from whatever thread tells of it."""
    lock, done = threading.Lock(), list[bool]()

    def tell(seen: str, rows: int) -> None:
        del rows
        with lock:
            if seen == stage and not done:
                done.append(True)
                act()

    return tell


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def test_a_set_is_prepared_and_committed_and_named_by_its_manifest(made: Made) -> None:
    """CLR-10, CLR-12: `prepared`, then `committed` with the manifest's SHA-256 and the counts."""
    found = clear(made)
    prepared, committed = made.clearings()
    assert (prepared["step"], committed["step"]) == ("prepared", "committed")
    assert prepared["clearing"] == committed["clearing"] == found.name
    assert prepared["ledger_size"] == prepared["index"]
    text = (found.set.out / "manifest.json").read_bytes()
    assert committed["manifest"] == sha256(text).hexdigest()
    assert committed["permitted"] == read_set(found.set.out).num_rows > 100
    manifest = json.loads(text)
    assert manifest["ledger"]["origin"] == SETTINGS.origin
    assert manifest["ledger"]["clock"] == "simulated"
    assert manifest["ledger"]["size"] == committed["ledger_size"] == committed["index"]
    assert manifest["withdrawn"] == 0
    assert sorted(path.name for path in found.set.out.iterdir()) == [
        "data", "manifest.json", "summary.csv",
    ]  # fmt: skip


def test_nothing_of_the_output_exists_before_it_is_prepared(made: Made) -> None:
    """CLR-10: when the first record is decided, the log says already what is being made."""
    seen: list[int] = []
    clear(made, progress=once("decide", lambda: seen.append(len(made.clearings()))))
    assert seen == [1]


def test_the_past_cannot_be_cleared(made: Made) -> None:
    """CLR-1."""
    job = Job(out=made.root.parent / "set")
    with open_workspace(made.root, now=AT + 10) as workspace:
        files = open_records(list(made.sources))
        with pytest.raises(InputError) as caught:
            clear_on_ledger(workspace, files, REQUEST, job, quiet)
    assert caught.value.code == "clear/past"
    assert made.clearings() == []


@pytest.mark.parametrize("stage", ["decide", "copy"])
@pytest.mark.parametrize(
    "no",
    [
        fact("objection", "2025-06-01", member="m3"),
        said("2025-06-01", "off", member="m3"),
        fact("closed", "2025-06-01", member="m3"),
        # Recorded now, of long ago.
        fact("objection", "2025-01-01", member="m3"),
    ],
    ids=lambda one: f"{one.fact}-{one.at}",
)
def test_a_no_that_comes_meanwhile_is_heeded(made: Made, stage: str, no: Fact) -> None:
    """CLR-2, CLR-3: and nobody else is the worse for it."""
    before = clear(made, "before")
    found = clear(made, progress=once(stage, lambda: made.record(no)))
    assert "m3" in parties(read_set(before.set.out))
    assert "m3" not in parties(read_set(found.set.out))
    after = clear(made, "after")
    assert read_set(found.set.out).equals(read_set(after.set.out))
    assert found.set.summary.permitted == after.set.summary.permitted
    # Who was refused before is not asked again: only what was taken out has the new reason.
    assert set(found.set.summary.reasons) == set(after.set.summary.reasons)
    assert found.set.manifest["withdrawn"] > 0
    assert found.size == found.index


def test_a_no_is_heeded_where_only_some_files_have_words_by_a_dictionary(made: Made) -> None:
    """CLR-3: pandas writes a category so; the rows of both files are decided again together."""
    table = pq.read_table(made.sources[0])
    place = table.column_names.index("category")
    column = table.column("category").dictionary_encode()
    pq.write_table(table.set_column(place, "category", column), made.sources[0])
    no = fact("objection", "2025-06-01", member="m3")
    found = clear(made, progress=once("copy", lambda: made.record(no)))
    assert "m3" not in parties(read_set(found.set.out))
    assert found.set.manifest["withdrawn"] > 0


def test_a_yes_that_comes_meanwhile_opens_nothing(made: Made) -> None:
    """CLR-3: what was refused at the beginning stays refused."""
    yes = said("2025-06-01", member="m8", scope="all")
    found = clear(made, progress=once("copy", lambda: made.record(yes)))
    assert "m8" not in parties(read_set(found.set.out))


def test_a_merge_that_comes_meanwhile_takes_the_noes_along(made: Made) -> None:
    """CLR-4: the account that it went into is decided again."""
    merged = fact("merged", "2025-06-01", "m3", member="m8")
    found = clear(made, progress=once("copy", lambda: made.record(merged)))
    assert "m3" not in parties(read_set(found.set.out))
    assert read_set(found.set.out).equals(read_set(clear(made, "after").set.out))


def test_a_fact_that_becomes_true_meanwhile_is_heeded(made: Made) -> None:
    """CLR-4: it was recorded before, of a time that came while the set was made."""
    made.record(fact("closed", "2025-06-02", member="m3"))
    day = fact("joined", "2025-06-02").at

    with open_workspace(made.root, now=AT) as workspace:
        times = iter([AT] * 4)
        moving = replace(workspace, now=lambda: next(times, day))
        job = Job(out=made.root.parent / "set", most=40)
        found = clear_on_ledger(moving, open_records(list(made.sources)), REQUEST, job, quiet)
    assert "m3" not in parties(read_set(found.set.out))
    assert len(parties(read_set(found.set.out))) > len(MEMBERS) // 2


def order(name: str) -> OrderEntry:
    return OrderEntry(action="issued", id=name, at=AT, jurisdictions=("US",))


def test_an_order_that_comes_meanwhile_has_the_set_made_again(made: Made) -> None:
    """CLR-5."""
    found = clear(made, progress=once("copy", lambda: made.record(order("stop"))))
    assert read_set(found.set.out).num_rows == 0
    assert [one["step"] for one in made.clearings()] == [
        "prepared", "abandoned", "prepared", "committed",
    ]  # fmt: skip
    assert made.clearings()[1]["why"] == "clear/moved"


def test_a_policy_that_comes_meanwhile_has_the_set_made_again(made: Made) -> None:
    """CLR-5."""

    def publish() -> None:
        with open_workspace(made.root, now=AT) as workspace:
            put_policy(workspace, version="2025-06-01", effective_at="2025-06-01T00:00:00Z")

    found = clear(made, progress=once("copy", publish))
    assert made.clearings()[-1]["version"] == "2025-06-01"
    assert found.set.manifest["policy"]["in_force"] == "2025-06-01"


def test_rules_that_change_again_and_again_end_the_clearing(made: Made) -> None:
    """CLR-5: after three times, without a set."""
    count = iter(range(1000))

    def tell(stage: str, rows: int) -> None:
        del rows
        if stage == "copy":
            made.record(order(f"stop-{next(count)}"))

    with pytest.raises(ConflictError) as caught:
        clear(made, progress=tell)
    assert caught.value.code == "clear/moved"
    assert [one["step"] for one in made.clearings()] == ["prepared", "abandoned"] * 3
    assert not (made.root.parent / "set").exists()


def test_what_becomes_of_releases_meanwhile_changes_no_set(made: Made) -> None:
    """CLR-5, ENT-88: no entry of any of these kinds has a set made again, or opens or closes a record."""
    before = clear(made, "before")
    first = len(made.clearings())
    told = once("copy", lambda: made.record(*story("inmail", AT)))
    found = clear(made, progress=told)
    assert {one["s"] for one in made.entries()} >= {
        "release", "disclosure", "revocation", "revocation.ack", "run.start", "run.end", "model",
    }  # fmt: skip
    steps = [one["step"] for one in made.clearings()[first:] if "inmail" not in one["clearing"]]
    assert steps == ["prepared", "committed"]
    assert read_set(found.set.out).equals(read_set(before.set.out))
    assert found.set.manifest["withdrawn"] == 0
    after = clear(made, "after")
    assert read_set(after.set.out).equals(read_set(before.set.out))


def test_what_fails_is_abandoned_and_says_why_without_names(made: Made) -> None:
    """The code of an error is public, its text is not: it may name a file or a column."""
    (made.root.parent / "set").mkdir()
    (made.root.parent / "set" / "mine").touch()
    with pytest.raises(ConflictError):
        clear(made)
    assert [one["step"] for one in made.clearings()] == ["prepared", "abandoned"]
    assert made.clearings()[1]["why"] == "clear/exists"
    assert (made.root.parent / "set" / "mine").exists()


def test_two_clearings_at_once_do_not_disturb_each_other(made: Made) -> None:
    """Each is of no account to the other."""
    found = clear(made, progress=once("copy", lambda: clear(made, "other")))
    assert read_set(found.set.out).equals(read_set(made.root.parent / "other"))
    assert [one["step"] for one in made.clearings()] == [
        "prepared", "prepared", "committed", "committed",
    ]  # fmt: skip


def test_the_last_look_is_the_only_writers(made: Made) -> None:
    """CLR-11: who records between the last look and the entry waits, and is not in time."""
    found = clear(made)
    late = fact("objection", "2025-06-01", member="m3")
    with open_workspace(made.root, now=AT) as workspace:
        index = record(workspace, [of(late)]).first
    assert index > found.index
    assert "m3" in parties(read_set(found.set.out))


def test_a_reader_asks_the_log_whether_a_set_is_one(made: Made) -> None:
    """CLR-12: a set that no entry commits to is refused, and so is one whose manifest was changed."""
    found = clear(made)
    says = check_set(made.root, found.set.out)
    assert (says.clearing, says.permitted) == (found.name, found.set.summary.permitted)
    manifest = found.set.out / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n")
    for out in (found.set.out, made.root):
        with pytest.raises(VerificationError) as caught:
            check_set(made.root, out)
        assert caught.value.code == "clear/not-committed"


def test_what_rests_on_claims_says_whose_and_how_much(tmp_path: Path) -> None:
    """What was said before it was recorded is the controller's claim: a set that believes it says so."""
    wary, trusting = make(tmp_path / "a"), make(tmp_path / "b", attested="accept")
    objection = fact("objection", "2025-06-01", member="m3")
    for one in (wary, trusting):
        one.record(said("2024-12-01", member="m8"), at=fact("joined", "2025-05-01").at)
    few = clear(wary, progress=once("copy", lambda: wary.record(objection)))
    many = clear(trusting, progress=once("copy", lambda: trusting.record(objection)))
    more = many.set.summary.permitted - few.set.summary.permitted
    assert more > 0
    resting = [{"records": more, "says": "attested by network, not witnessed"}]
    assert many.set.manifest["ledger"]["attested"] == resting
    assert few.set.manifest["ledger"]["attested"] == []
    committed = trusting.clearings()[-1]
    assert committed.get("attested", []) == [
        {"attester": "network", "records": one["records"]} for one in resting
    ]


def test_a_set_of_nothing_is_committed_too(tmp_path: Path) -> None:
    made = make(tmp_path, count=0)
    no = fact("objection", "2025-06-01", member="m3")
    found = clear(made, progress=once("copy", lambda: made.record(no)))
    assert (found.set.summary.records, read_set(found.set.out).num_rows) == (0, 0)
    assert [one["step"] for one in made.clearings()] == ["prepared", "committed"]
