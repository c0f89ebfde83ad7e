# SPDX-License-Identifier: Apache-2.0
"""Small workspaces with a simulated clock: a policy, a register, members who said yes, records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.integration.corpora import put_records, split, with_bodies

from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private, Recorded, record
from privity.canonical.instants import Instant, parse_instant
from privity.config.workspace import Claims, WorkspaceSettings
from privity.decide.request import Record, Request
from privity.entries.fact import FactEntry, entry_of
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.members.facts import Fact, MemberId
from privity.testing.plain import AT, POST, fact, policy, register, said, told
from privity.testing.worlds import IdKind, to_arrow

SETTINGS = WorkspaceSettings(origin="example.com/log/simulated", clock="simulated")
FOUNDED = parse_instant("2015-01-01T00:00:00Z")
PUBLISHED = parse_instant("2024-09-18T00:00:00Z")
SAID = parse_instant("2024-10-02T00:00:00Z")
REQUEST = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
MEMBERS = tuple(f"m{number}" for number in range(30))


@dataclass(frozen=True)
class Made:
    """A workspace and its records."""

    root: Path
    sources: tuple[Path, ...]

    def record(self, *says: PublicKind | Fact, at: Instant = AT) -> Recorded:
        """Record, as some other process would."""
        with open_workspace(self.root, now=at) as workspace:
            return record(workspace, [of(one) for one in says])

    def entries(self) -> list[dict[str, Any]]:
        """The public entries, in order, each with its index."""
        with open_workspace(self.root) as workspace:
            found = [
                {**json.loads(one.data), "index": one.place}
                for one in workspace.store.entries(0, workspace.store.head().size)
            ]
        return [one for one in found if one["s"] != "m"]

    def clearings(self) -> list[dict[str, Any]]:
        """What the log says of clearings."""
        return [
            {**one["p"], "index": one["index"]}
            for one in self.entries()
            if one["s"] == "clearing"
        ]


def of(one: PublicKind | Fact) -> PublicKind | Private:
    """Give what is recorded of a fact, in whichever stream it stands."""
    if not isinstance(one, Fact):
        return one
    entry = entry_of(one)
    return Private(member=one.member, says=entry) if isinstance(entry, FactEntry) else entry


def put_policy(workspace: Workspace, **keys: Any) -> Recorded:
    """Publish a version of the plain policy."""
    version = policy(obligations=[], **keys)
    text = json.dumps(version).encode()
    entry = PolicyEntry(
        policy=version["policy"],
        version=version["version"],
        effective_at=parse_instant(version["effective_at"]),
        sha256=sha256(text).hexdigest(),
        size=len(text),
    )
    return record(workspace, [entry], objects=[text])


def put_workspace(
    root: Path, attested: Claims = "restrict", members: Sequence[str] = MEMBERS
) -> None:
    """Make a workspace in which nearly everybody said yes to everything."""
    found_workspace(root, replace(SETTINGS, attested=attested), now=FOUNDED)
    with open_workspace(root, now=FOUNDED) as workspace:
        joined = [one for member in members for one in told(member) if one.fact != "notice"]
        record(workspace, [of(one) for one in (*register(), *joined)])
    with open_workspace(root, now=PUBLISHED) as workspace:
        put_policy(workspace)
    with open_workspace(root, now=SAID) as workspace:
        yes = [
            one
            for number, member in enumerate(members)
            for one in (
                fact("notice", "2024-09-20", "genai-2024-09", member=member),
                said(
                    "2024-10-01", "off" if number % 9 == 8 else "on", member=member, scope="all"
                ),
            )
        ]
        record(workspace, [of(one) for one in yes])


def records(random: Random, count: int = 300) -> list[Record]:
    """Make posts and messages between the members, some of which quote."""
    made = []
    for number in range(count):
        message = random.random() < 0.4
        made.append(
            replace(
                POST,
                record_id=f"r{number}",
                category="inmail" if message else "post",
                author=random.choice(MEMBERS),
                recipients=tuple(random.sample(MEMBERS, random.randint(1, 2)))
                if message
                else (),
                quotes=(f"r{random.randrange(count)}",) if random.random() < 0.1 else (),
            )
        )
    return made


def numbered(record: Record) -> Record:
    """Give a record with its own id and its members' as numbers: of `m3`, 3."""
    return replace(
        record,
        record_id=int(str(record.record_id)[1:]),
        author=_number(record.author),
        recipients=tuple(map(_number, record.recipients)),
        quotes=tuple(map(_number, record.quotes)),
    )


def _number(name: MemberId | None) -> int | None:
    return None if name is None else int(str(name)[1:])


def put_sources(
    folder: Path, made: Sequence[Record], ids: IdKind = "string"
) -> tuple[Path, ...]:
    """Write records into two files."""
    paths = []
    for number, table in enumerate(split(with_bodies(to_arrow(made, ids)), 2)):
        paths.append(folder / f"records-{number}.parquet")
        put_records(paths[-1], table, row_group=40)
    return tuple(paths)


def make(
    folder: Path,
    seed: int = 1,
    count: int = 300,
    attested: Claims = "restrict",
    ids: IdKind = "string",
) -> Made:
    """Make a workspace and records beside it; members are numbers where ids are."""
    members, made = MEMBERS, records(Random(seed), count)
    if ids == "int":
        members, made = tuple(one[1:] for one in MEMBERS), [numbered(one) for one in made]
    put_workspace(folder / "workspace", attested, members)
    return Made(root=folder / "workspace", sources=put_sources(folder, made, ids))


def read_set(out: Path) -> pa.Table:
    """Read the data of a set, in order."""
    return pa.concat_tables(pq.read_table(path) for path in sorted((out / "data").iterdir()))


def parties(table: pa.Table) -> set[MemberId]:
    """Give everybody who has a say in records."""
    lists: Iterable[list[MemberId]] = table["recipients"].to_pylist()
    return set(table["author"].to_pylist()) | {one for some in lists for one in some}
