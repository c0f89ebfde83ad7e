# SPDX-License-Identifier: Apache-2.0
"""What is due in a release is what the rule refuses of all its records now, however little was decided again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.workspaces import REQUEST, make, put_policy, records
from tests.property.recorded import record_world, workspace_at

from privity.app.releases.standing.due import Due, Held, due_records
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.knowing import known
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant, parse_instant
from privity.config.workspace import Claims
from privity.decide.bits import BIT, REASON_MASK
from privity.decide.many import compile_request, decide_table
from privity.decide.request import Request
from privity.entries.kinds import PublicKind
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.members.facts import Fact
from privity.testing.chance import DAY
from privity.testing.plain import AT, SETTING, fact, said, switch
from privity.testing.worlds import IdKind, RandomWorld, facts_of, random_world, to_arrow

REASONS = np.uint64(REASON_MASK)


def words_now(workspace: Workspace, request: Request, table: pa.Table) -> np.ndarray:
    found = known(workspace, until=request.known, at=request.at)
    compiled = compile_request(request, found.policy, found.facts, by_entry=found.by_entry)
    return decide_table(compiled, table) & REASONS


def put_release(folder: Path, table: pa.Table, random: Random) -> dict[str, int]:
    """Write decision columns as a release keeps them: some files, some row groups in each."""
    files = {}
    ends = sorted(random.sample(range(table.num_rows + 1), min(3, table.num_rows + 1)))
    for number, (first, end) in enumerate(
        zip([0, *ends], [*ends, table.num_rows], strict=True)
    ):
        name = f"part-{number:06}.parquet"
        files[name] = end - first
        pq.write_table(table.slice(first, end - first), folder / name, row_group_size=7)
    return files


def found_ids(due: Due) -> list[object]:
    return [one for file in due.files for one in file.ids.to_pylist()]


def check_world(
    world: RandomWorld, attested: Claims, random: Random, seen: Counter[object]
) -> None:
    """Make a release at an instant, and ask what is due at the end of the world."""
    facts = facts_of(world.facts)
    times = sorted(one.recorded_at for one in facts)
    table = to_arrow(world.records, world.ids)
    with workspace_at(attested=attested) as workspace, tempfile.TemporaryDirectory() as folder:
        record_world(workspace, facts, world.policies)
        for request in world.requests:
            then = times[-1 - random.randrange(len(times) // 6)]
            made = replace(request, at=then, known=then)
            kept = table.filter(pa.array(words_now(workspace, made, table) == 0))
            files = put_release(Path(folder), kept, random)
            now = times[-1] + random.choice([0, DAY, 400 * DAY])
            held = Held(
                name="r",
                revision=1,
                purpose=request.purpose,
                recipient=request.recipient,
                size=known(workspace, until=then).size,
                at=then,
                folder=Path(folder),
                files=files,
            )
            (due,) = due_records(replace(workspace, now=partial(int, now)), [held])
            compare(workspace, request, kept, due, now)
            kind = "everything" if due.everything else "some" if due.asked else "nothing"
            seen[kind] += 1
            seen["refused", kind] += due.records


def compare(
    workspace: Workspace, request: Request, kept: pa.Table, due: Due, now: Instant
) -> None:
    """Compare what was found with a decision of all records of the release."""
    words = words_now(workspace, replace(request, at=now, known=now), kept)
    refused = np.flatnonzero(words)
    assert found_ids(due) == kept["record_id"].take(pa.array(refused)).to_pylist()
    said: Sequence[int] = [one for file in due.files for one in file.words.tolist()]
    assert said == words[refused].tolist()
    rows: list[int] = []
    first = 0
    found = {file.name: file for file in due.files}
    for name in due.held.files:
        if name in found:
            rows += (found[name].rows + first).tolist()
        first += pq.read_metadata(due.held.folder / name).num_rows
    assert rows == refused.tolist()


@pytest.mark.parametrize(("attested", "ids"), [("accept", "string"), ("restrict", "int")])
def test_due_is_what_is_refused_of_all_records_now(attested: Claims, ids: IdKind) -> None:
    """REL-100, REL-101: in random worlds, whichever way the change was found."""
    seen: Counter[object] = Counter()
    for seed in range(10):
        check_world(random_world(seed, records=80, ids=ids), attested, Random(seed), seen)
    assert min(seen["everything"], seen["some"]) > 5, seen


NOES: Mapping[str, Sequence[PublicKind | Fact]] = {
    "off": [said("2025-06-02", "off", member="m3")],
    "objection": [fact("objection", "2025-06-02", member="m4")],
    "closed": [fact("closed", "2025-06-02", member="m5")],
    "moved": [fact("jurisdiction", "2025-06-02", "DE", member="m6", evidence="ip")],
    "merged": [
        fact("merged", "2025-06-02", "m7", member="m8"),
        fact("objection", "2025-06-02", member="m8"),
    ],
    "later": [fact("closed", "2025-06-03", member="m9", recorded="2025-06-02")],
    "much later": [fact("closed", "2025-07-03", member="m9", recorded="2025-06-02")],
    "order": [
        OrderEntry(
            action="issued",
            id="stop",
            at=parse_instant("2025-06-02T00:00:00Z"),
            jurisdictions=("US",),
        )
    ],
    "ended": [
        RecipientEntry(action="ended", id="self", at=parse_instant("2025-06-02T00:00:00Z"))
    ],
    "another recipient": [
        RecipientEntry(
            action="added", id="lab", at=parse_instant("2025-06-02T00:00:00Z"), role="affiliate"
        )
    ],
    "yes": [said("2025-06-02", "on", member="m3", scope="all")],
}
EVERYTHING = {"order", "ended"}
NOTHING = {"much later", "another recipient", "yes"}


@pytest.mark.parametrize("what", NOES)
@pytest.mark.parametrize("seed", range(2))
def test_each_no_makes_due_what_it_refuses(tmp_path: Path, what: str, seed: int) -> None:
    """REL-100, REL-101: asked are the members concerned alone, or everybody where a rule changed."""
    made = make(tmp_path, seed)
    table = to_arrow(records(Random(seed)))
    now = parse_instant("2025-06-05T00:00:00Z")
    with open_workspace(made.root, now=now) as workspace:
        kept = table.filter(pa.array(words_now(workspace, REQUEST, table) == 0))
        held = held_of(workspace, tmp_path, kept, Random(seed))
        made.record(*NOES[what], at=parse_instant("2025-06-02T00:00:00Z"))
        (due,) = due_records(workspace, [held])
        compare(workspace, REQUEST, kept, due, now)
    assert due.everything == (what in EVERYTHING)
    assert bool(due.records) == (what not in NOTHING)


@pytest.mark.parametrize("how", ["version", "live", "erased"])
def test_what_nobody_can_be_named_for_asks_everybody(tmp_path: Path, how: str) -> None:
    """REL-100: a version that begins, a setting that goes live by itself, an erasure."""
    made = make(tmp_path)
    table = to_arrow(records(Random(1)))
    now = parse_instant("2025-06-05T00:00:00Z")
    with open_workspace(made.root, now=AT) as workspace:
        if how == "live":
            # It was published before, and governs from an instant on at which nobody records anything.
            second = {**switch()[SETTING], "live_from": "2025-06-03T00:00:00Z"}
            put_policy(workspace, version="2", settings={**switch(), "second": second})
            kept = table.filter(pa.array(words_now(workspace, REQUEST, table) == 0))
            assert kept.num_rows > 100
        kept = table.filter(pa.array(words_now(workspace, REQUEST, table) == 0))
        held = held_of(workspace, tmp_path, kept, Random(1))
    with open_workspace(made.root, now=now) as workspace:
        if how == "version":
            put_policy(
                workspace, version="2", forbid=[{"id": "mail", "categories": ["inmail"]}]
            )
        if how == "erased":
            erase_members(workspace, ["m3"])
        (due,) = due_records(workspace, [held])
        compare(workspace, REQUEST, kept, due, now)
    assert due.everything
    assert due.records


def test_of_what_ended_the_records_of_the_erased_are_due_however_long_ago(
    tmp_path: Path,
) -> None:
    """REL-157: it need not have happened since the release was looked at last."""
    made = make(tmp_path)
    table = to_arrow(records(Random(1)))
    with open_workspace(made.root, now=AT) as workspace:
        kept = table.filter(pa.array(words_now(workspace, REQUEST, table) == 0))
        held = held_of(workspace, tmp_path, kept, Random(1))
        erase_members(workspace, ["m3"])
        made.record(fact("objection", "2025-06-01", member="m4"))
        held = replace(held, ended=True, size=workspace.store.head().size)
        (due,) = due_records(workspace, [held])
        words = words_now(workspace, REQUEST, kept)
    erased = np.flatnonzero(words & np.uint64(BIT["unknown-party"]))
    assert 0 < len(erased) < np.count_nonzero(words)
    assert found_ids(due) == kept["record_id"].take(pa.array(erased)).to_pylist()


@pytest.mark.parametrize("statistics", [True, False])
def test_what_quotes_is_due_though_a_file_has_no_statistics(
    tmp_path: Path, *, statistics: bool
) -> None:
    """REL-101: a file that was copied by another program may have none."""
    made = make(tmp_path)
    table = to_arrow(records(Random(1)))
    with open_workspace(made.root, now=AT) as workspace:
        kept = table.filter(pa.array(words_now(workspace, REQUEST, table) == 0))
        held = held_of(workspace, tmp_path, kept, Random(1))
        for name in held.files:
            rows = pq.read_table(held.folder / name)
            pq.write_table(rows, held.folder / name, write_statistics=statistics)
        quoted, quoter = next(quotations(kept))
        made.record(fact("objection", "2025-06-01", member=quoted["author"]))
        (due,) = due_records(workspace, [held])
        compare(workspace, REQUEST, kept, due, AT)
    assert {quoted["record_id"], quoter["record_id"]} <= set(found_ids(due))


def quotations(kept: pa.Table) -> Iterator[tuple[Any, Any]]:
    """Give what is quoted by a record of which its author is no party, with that record."""
    rows = {row["record_id"]: row for row in kept.to_pylist()}
    for quoter in rows.values():
        for one in quoter["quotes"]:
            if rows[one]["author"] not in {quoter["author"], *quoter["recipients"]}:
                yield rows[one], quoter


def held_of(workspace: Workspace, folder: Path, kept: pa.Table, random: Random) -> Held:
    (folder / "held").mkdir()
    return Held(
        name="r",
        revision=1,
        purpose=REQUEST.purpose,
        recipient=REQUEST.recipient,
        size=workspace.store.head().size,
        at=AT,
        folder=folder / "held",
        files=put_release(folder / "held", kept, random),
    )
