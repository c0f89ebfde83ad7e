# SPDX-License-Identifier: Apache-2.0
"""Clearing on a ledger where members are numbers: entries name them by text, records as the platform does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.test_workspace_clear import clear, once
from tests.integration.workspaces import Made, make, parties, read_set

from privity.app.workspace.knowing import gather
from privity.app.workspace.meanwhile import Meanwhile
from privity.app.workspace.opening import open_workspace
from privity.members.facts import Fact, MemberId
from privity.testing.plain import AT, fact, said, told


@pytest.fixture(params=["numbers", "digits"])
def made(tmp_path: Path, request: pytest.FixtureRequest) -> Made:
    """Records whose ids are numbers, or the same as text."""
    made = make(tmp_path, ids="int")
    if request.param == "digits":
        for path in made.sources:
            table = pq.read_table(path)
            text = pa.schema(
                one.with_type(
                    pa.list_(pa.string()) if pa.types.is_list(one.type) else pa.string()
                )
                if one.name in {"record_id", "author", "recipients", "quotes"}
                else one
                for one in table.schema
            )
            pq.write_table(table.cast(text), path, row_group_size=40)
    return made


def ids_in(out: Path) -> set[str]:
    return {str(one) for one in parties(read_set(out))}


@pytest.mark.parametrize("stage", ["decide", "copy"])
@pytest.mark.parametrize(
    "no",
    [
        fact("objection", "2025-06-01", member="3"),
        said("2025-06-01", "off", member="3"),
        fact("closed", "2025-06-01", member="3"),
        # It takes along the noes of 8, who said no long ago.
        fact("merged", "2025-06-01", "3", member="8"),
    ],
    ids=lambda one: one.fact,
)
def test_a_no_that_comes_meanwhile_is_heeded(made: Made, stage: str, no: Fact) -> None:
    """CLR-2, CLR-3, CLR-4: whichever way the platform writes its members' ids."""
    before = clear(made, "before")
    found = clear(made, progress=once(stage, lambda: made.record(no)))
    assert "3" in ids_in(before.set.out)
    assert "3" not in ids_in(found.set.out)
    assert found.set.manifest["withdrawn"] > 0
    assert read_set(found.set.out).equals(read_set(clear(made, "after").set.out))


def test_a_no_is_heeded_beside_somebody_new_whose_id_is_no_number(made: Made) -> None:
    """CLR-2: what was read as numbers until now has a text among it."""
    no = fact("objection", "2025-06-01", member="3")
    new = [one for one in told("somebody") if one.fact != "notice"]
    found = clear(made, progress=once("copy", lambda: made.record(*new, no)))
    assert "3" not in ids_in(found.set.out)
    assert len(ids_in(found.set.out)) > 20


@pytest.mark.parametrize("kind", [pa.string(), pa.int64()], ids=str)
def test_members_are_asked_about_as_they_are_held(made: Made, kind: pa.DataType) -> None:
    """What is known of somebody is found by her id as text and as a number, whichever the facts have."""
    made.record(fact("merged", "2025-05-01", "3", member="5"))
    with open_workspace(made.root, now=AT) as workspace:
        known = gather(workspace).known(at=AT)
        held = replace(known.facts, ids=known.facts.ids.cast(kind))
        meanwhile = Meanwhile(workspace, replace(known, facts=held), AT)
        made.record(fact("objection", "2025-06-01", member="3"))
        change = meanwhile.look(AT)
        asked: tuple[tuple[MemberId, ...], ...] = ((3,), ("3",), (5,), ("5",))
        found = [meanwhile.about(members).facts for members in asked]
    there = ["3", "5"] if kind == pa.string() else [3, 5]
    assert sorted(change.members, key=str) == there
    assert [sorted(one.ids.to_pylist()) for one in found] == [there] * 4
    assert {len(one.at) for one in found} == {len(found[0].at)}
    assert all("objection" in {said.fact for said in one.kinds} for one in found)
