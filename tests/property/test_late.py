# SPDX-License-Identifier: Apache-2.0
"""Facts that come while a set is made take out of it what they refuse, and nothing else.

The judge is clearing itself: what stays is what both the facts of before and those of after permit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.integration.corpora import put_records, split, with_bodies
from tests.property.comparison import as_rows, compiled

from privity.decide.many import Compiled
from privity.decide.request import Record, Request
from privity.release.clear import clear, staged
from privity.release.job import Job
from privity.release.late import Late
from privity.release.summary import Summary, cells_of, without
from privity.release.takeout import shares, take_out
from privity.sources.native import open_records
from privity.testing.plain import AT, POST, fact, policy, register, said, told
from privity.testing.worlds import to_arrow

ASKED = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
MEMBERS = [f"m{number}" for number in range(40)]
"""Most of them are told and said yes; a few never were."""
RECORDS = 400


def quiet(stage: str, rows: int) -> None:
    del stage, rows


def before() -> list[Mapping[str, Any]]:
    facts = register()
    for number, member in enumerate(MEMBERS):
        facts += told(member) if number % 7 else told(member)[:2]
        facts.append(said("2024-10-01", member=member, scope="all"))
    return as_rows(facts)


def after(random: Random) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Some members say no in one way or another."""
    members = random.sample(MEMBERS, random.randint(0, 8))
    noes = [
        lambda member: said("2025-05-01", "off", member=member),
        lambda member: fact("objection", "2025-05-01", member=member),
        lambda member: fact("closed", "2025-05-01", member=member),
        lambda member: fact("jurisdiction", "2025-05-01", "DE", member=member, evidence="ip"),
        # Not every new fact refuses.
        lambda member: said("2025-05-01", member=member, scope="all"),
    ]
    return members, as_rows([random.choice(noes)(member) for member in members])


def records(random: Random) -> list[Record]:
    made = []
    for number in range(RECORDS):
        message = random.random() < 0.4
        made.append(
            replace(
                POST,
                record_id=f"r{number}",
                category=random.choice(["inmail", "direct-message"]) if message else "post",
                author=random.choice(MEMBERS),
                recipients=tuple(random.sample(MEMBERS, random.randint(1, 3)))
                if message
                else (),
                quotes=(f"r{random.randrange(RECORDS)}",) if random.random() < 0.2 else (),
            )
        )
    return made


def cleared(out: Path) -> list[str]:
    tables = [pq.read_table(path) for path in sorted((out / "data").iterdir())]
    return [row for table in tables for row in table["record_id"].to_pylist()]


def put_sources(folder: Path, random: Random) -> list[Path]:
    paths = []
    for number, table in enumerate(split(with_bodies(to_arrow(records(random))), 2)):
        paths.append(folder / f"records-{number}.parquet")
        put_records(paths[-1], table, row_group=37)
    return paths


def made_while(
    folder: Path, sources: Sequence[Path], old: Compiled, new: Compiled, members: Sequence[str]
) -> Summary:
    """Clear by the old facts, and take out what the new ones refuse."""
    files = open_records(list(sources))
    job = Job(out=folder / "late", threads=2, most=50)
    with staged(old, files, job, quiet) as made:
        late = Late(made.decided, seed=7)
        tally = new.empty_tally()
        late.reconsider(members, lambda table: new.decide(table, tally))
        summary = without(made.summary, made.decided, late, cells_of(tally, new.states.places))
        parts, ids = shares(made.parts, late)
        take_out(made.folder / "data", ids, 2)
        found = [pq.read_metadata(part.path).num_rows for part in parts]
        assert [part.rows for part in parts] == found
    return summary


@pytest.mark.parametrize("seed", range(16))
def test_what_stays_is_what_old_and_new_facts_permit(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    sources = put_sources(tmp_path, random)
    members, facts = after(random)
    versions = [policy(obligations=[])]
    old, new = compiled(versions, before(), ASKED), compiled(versions, before() + facts, ASKED)
    summary = made_while(tmp_path, sources, old, new, members)
    by_old = clear(old, open_records(sources), Job(out=tmp_path / "old"), quiet)
    by_new = clear(new, open_records(sources), Job(out=tmp_path / "new"), quiet)
    permitted = set(cleared(by_new.out))
    assert cleared(tmp_path / "late") == [
        one for one in cleared(by_old.out) if one in permitted
    ]
    assert summary.permitted == len(cleared(tmp_path / "late"))
    assert summary.records == RECORDS
    assert sum(permits for _, permits in summary.by_category.values()) == summary.permitted
    # The made records would prove little if nobody's no reached any of them.
    assert by_old.summary.permitted > RECORDS // 4
    refusing = {
        fact["member"] for fact in facts if (fact["fact"], fact["value"]) != ("setting", "on")
    }
    assert (summary.permitted < by_old.summary.permitted) == bool(refusing)
