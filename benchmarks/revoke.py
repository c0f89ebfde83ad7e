# SPDX-License-Identifier: Apache-2.0
"""Taking a hundred members' records back from a release, beside making it anew.

Their records lie together, as those of a month or of one service do: at the end of the sources, and in the last of the
release's files. A hundred of these members then object; what is measured is a whole run: finding what is due,
writing the files concerned anew with what stands beside them, the papers, the entries, and publishing.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.child import Work, run
from benchmarks.ids import member_numbers, record_numbers
from benchmarks.race import NOW
from privity.app.releases.planning import plan_revocations
from privity.app.releases.revoking import revoke
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Private, publish_now, record
from privity.entries.fact import FactEntry
from privity.release.files import Manifest

RECORDS: Final = 10_000_000
ALL: Final = 100_000
"""Members of the platform. What is known of all of them is read once, whatever is taken back."""
MEMBERS: Final = 100
"""Who objects."""
APART: Final = 600
"""Members whose records lie together; not all of them have any in the release."""
EACH: Final = 100
NAME: Final = "release"
_LATER: Final = NOW + 86_400


def measure(folder: Path, records: int, members: int) -> dict[str, Any]:
    """Give how long a release takes to make, and how long a hundred members' records take to go."""
    # Everybody else is in the other records: the last members have theirs apart.
    shape = {"records": records, "members": members - APART, "body": 340, "kind": "int"}
    facts = {"members": members, "kind": "int"}
    made = dict(run("data:make", folder=folder, facts_of=facts, records_of=shape).found)
    place = folder / "revoke"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    root, apart = place / "workspace", place / "apart.parquet"
    run("revoke:apart", files=made["files"], out=apart, records=records, members=members)
    run("race:founding", root=root, facts=made["facts"])
    created = run("create:releasing", root=root, files=[*made["files"], str(apart)], name=NAME)
    run("revoke:objecting", root=root, members=members)
    planned = run("revoke:planning", root=root)
    revoked = run("revoke:revoking", root=root)
    shutil.rmtree(place)
    return {
        "records": records,
        "rows": created.found["rows"],
        "members": created.found["members"],
        "files": created.found["files"],
        "objecting": MEMBERS,
        **revoked.found,
        "create_s": round(created.wall, 2),
        "create_cpu_s": round(created.cpu, 2),
        "plan_s": round(planned.wall, 2),
        "revoke_s": round(revoked.wall, 2),
        "revoke_cpu_s": round(revoked.cpu, 2),
        "revoke_ratio": round(revoked.wall / created.wall, 3),
        "revoke_cpu_ratio": round(revoked.cpu / created.cpu, 3),
        "revoke_peak_mib": round(revoked.peak),
    }


def apart(files: list[str], out: str, records: int, members: int) -> Work:
    """Prepare to write records of the last members alone: posts of others, under their names."""

    def work() -> dict[str, Any]:
        with pq.ParquetFile(files[0]) as file:
            table = pa.Table.from_batches(
                [next(file.iter_batches(batch_size=APART * EACH * 8))], file.schema_arrow
            )
        table = table.filter(pc.equal(table["category"].cast(pa.string()), "post"))
        table = table.slice(0, APART * EACH)
        rows = np.arange(table.num_rows)
        authors = member_numbers(members - 1 - rows % APART)
        for name, values in (
            ("author", authors),
            ("record_id", record_numbers(records * 2 + rows)),
        ):
            place = table.schema.get_field_index(name)
            field = table.schema.field(place)
            table = table.set_column(place, field, pa.array(values).cast(field.type))
        quotes = table.schema.get_field_index("quotes")
        if quotes >= 0:
            field = table.schema.field(quotes)
            table = table.set_column(quotes, field, pa.nulls(table.num_rows, field.type))
        pq.write_table(table, out)
        return {"rows": table.num_rows}

    return work


def objecting(root: str, members: int) -> Work:
    """Prepare to let a hundred of these members object, who have records in the release."""

    def work() -> dict[str, Any]:
        private = Path(root) / "vault" / "releases" / NAME
        folder = Path(root) / "releases" / NAME
        lines = Manifest.parse((folder / "files.jsonl").read_bytes()).lines
        theirs = member_numbers(members - 1 - np.arange(APART))
        found = np.concatenate(
            [
                pq.read_table(private / line.path, columns=["author"])["author"].to_numpy()
                for line in lines
            ]
        )
        mine = np.intersect1d(theirs, found)[:MEMBERS].tolist()
        with open_workspace(Path(root), now=_LATER) as workspace:
            record(
                workspace,
                [
                    Private(
                        member=one,
                        says=FactEntry(member=one, fact="objection", value="", at=_LATER),
                    )
                    for one in mine
                ],
            )
            publish_now(workspace)
        return {"members": len(mine)}

    return work


def planning(root: str) -> Work:
    """Prepare to say what is due."""

    def work() -> dict[str, Any]:
        with open_workspace(Path(root), now=_LATER) as workspace:
            (one,) = plan_revocations(workspace).releases
        return {"due": one.due.records, "due_members": one.members}

    return work


def revoking(root: str) -> Work:
    """Prepare to take back what is due."""

    def work() -> dict[str, Any]:
        with open_workspace(Path(root), now=_LATER) as workspace:
            (one,) = revoke(workspace).releases
            publish_now(workspace)
        folder = Path(root) / "releases" / NAME
        lines = Manifest.parse((folder / "files.jsonl").read_bytes()).lines
        anew = sum(line.path.endswith("-r2.parquet") for line in lines)
        return {"taken_back": one.records, "files_anew": anew}

    return work
