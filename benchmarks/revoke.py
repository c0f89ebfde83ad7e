# SPDX-License-Identifier: Apache-2.0
"""Taking a hundred members' records back from a release, beside making it anew.

Their records lie together, as those of a month or of one service do: at the end of the sources, and in the last of the
release's files. A hundred of these members then object; what is measured is a whole run: finding what is due,
writing the files concerned anew with what stands beside them, the papers, the entries, and publishing.

What it costs as the release grows is measured on posts alone, of members who may be in it: then a release has as many rows as
there are records, and is made in less time.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.child import Work, run
from benchmarks.data import PURPOSE, RECIPIENT
from benchmarks.ids import Numbers, member_numbers, record_numbers
from benchmarks.people import AT, seconds
from benchmarks.race import NOW
from benchmarks.records import ROW_GROUP, schema
from benchmarks.words import bodies
from privity.app.releases.taking_back.planning import plan_revocations
from privity.app.releases.taking_back.revoking import revoke
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Private, publish_now, record
from privity.app.workspace.sets import clear_workspace
from privity.entries.fact import FactEntry
from privity.release.files import Manifest
from privity.sources.native import open_records

RECORDS: Final = 10_000_000
ALL: Final = 100_000
"""Members of the platform. What is known of all of them is read once, whatever is taken back."""
MEMBERS: Final = 100
"""Who objects."""
APART: Final = 600
"""Members whose records lie together; not all of them have any in the release."""
EACH: Final = 100
SIZES: Final = (1_000_000, 10_000_000, 50_000_000)
"""Rows of releases that grow."""
NAME: Final = "release"
_BODY: Final = 60
_FILES: Final = 8
_MONTH: Final = 30 * 86_400
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


def grow(folder: Path, sizes: Sequence[int], members: int) -> dict[str, Any]:
    """Give what it costs to take the same hundred members' records out of releases of more and more rows."""
    rows = []
    for size in sizes:
        place = folder / "revoke"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        facts = {"members": members, "kind": "int"}
        made = run("data:make", folder=folder, facts_of=facts, records_of=None).found
        root, sources = place / "workspace", place / "sources"
        run("race:founding", root=root, facts=made["facts"])
        files = run("revoke:posts", root=root, to=sources, rows=size, members=members).found
        apart_of = {"files": files["files"], "out": sources / "apart.parquet"}
        run("revoke:apart", **apart_of, records=size, members=members)
        created = run(
            "create:releasing",
            root=root,
            files=[*files["files"], str(sources / "apart.parquet")],
            name=NAME,
        )
        shutil.rmtree(sources)
        run("revoke:objecting", root=root, members=members)
        revoked = run("revoke:revoking", root=root)
        shutil.rmtree(place)
        rows.append(
            {
                "rows": created.found["rows"],
                "files": created.found["files"],
                "create_cpu_s": round(created.cpu, 1),
                **revoked.found,
                "revoke_s": round(revoked.wall, 2),
                "revoke_cpu_s": round(revoked.cpu, 2),
                "revoke_peak_mib": round(revoked.peak),
            }
        )
    return {"rows": rows, "growth": rows[-1]["revoke_cpu_s"] / rows[0]["revoke_cpu_s"]}


def posts(root: str, to: str, rows: int, members: int) -> Work:
    """Prepare to write posts of members whose posts are permitted, but for those whose records lie apart."""
    folder = Path(to)

    def work() -> dict[str, Any]:
        folder.mkdir()
        everybody = folder / "everybody.parquet"
        others = np.arange(members - APART)
        pq.write_table(
            _posts(np.arange(rows, rows + len(others)), member_numbers(others)), everybody
        )
        clear_workspace(
            root,
            open_records([everybody]),
            purpose=PURPOSE,
            recipient=RECIPIENT,
            now=NOW,
            out=folder / "set",
        )
        data = (folder / "set" / "data").glob("*.parquet")
        permitted = np.concatenate([pq.read_table(one)["author"].to_numpy() for one in data])
        everybody.unlink()
        files = [folder / f"part-{number}.parquet" for number in range(_FILES)]
        for number, path in enumerate(files):
            first, end = (rows * one // _FILES for one in (number, number + 1))
            with pq.ParquetWriter(path, schema("int"), compression="zstd") as writer:
                for start in range(first, end, ROW_GROUP):
                    some = np.arange(start, min(start + ROW_GROUP, end))
                    generator = np.random.Generator(np.random.SFC64([6, start]))
                    writer.write_table(_posts(some, generator.choice(permitted, len(some))))
        return {"files": files, "permitted": len(permitted)}

    return work


def _posts(indices: Numbers, authors: Numbers) -> pa.Table:
    """Make posts of a month."""
    count = len(indices)
    generator = np.random.Generator(np.random.SFC64([7, int(indices[0])]))
    created = seconds(AT) - 1 - generator.integers(0, _MONTH, count)
    columns = [
        record_numbers(indices),
        pa.array(["post"]).take(pa.array(np.zeros(count, np.int8))),
        pa.array(created * 1_000_000, pa.timestamp("us", "UTC")),
        authors,
        pa.ListArray.from_arrays(
            pa.array(np.zeros(count + 1, np.int32)), pa.array([], pa.int64())
        ),
        pa.nulls(count, pa.string()),
        pa.nulls(count, pa.list_(pa.int64())),
        bodies(generator, indices, _BODY),
    ]
    return pa.table(columns, schema=schema("int"))


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
