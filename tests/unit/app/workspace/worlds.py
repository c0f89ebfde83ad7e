# SPDX-License-Identifier: Apache-2.0
"""What is done to workspaces in tests: said, taken in, put back, looked at byte by byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.checking import check_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private, publish_now, record
from privity.entries.fact import FactEntry
from privity.members.facts import MemberId

DATABASES = ("state/ledger.db", "vault/keys.db")


def says(member: MemberId, value: str = "on") -> Private:
    """A member's setting."""
    return Private(
        member=member,
        says=FactEntry(
            member=member,
            fact="setting",
            value=value,
            at=1_700_000_000,
            detail={"setting": "genai-improvement", "scope": "all"},
        ),
    )


def put(workspace: Workspace, *members: MemberId) -> None:
    """Record a setting of each, and publish."""
    record(workspace, [says(member) for member in members])
    publish_now(workspace)


def put_baseline(workspace: Workspace, folder: Path, members: Sequence[MemberId]) -> Path:
    """Take in a baseline with a fact of each, in plain bytes; gives the file."""
    path = folder / "facts.parquet"
    count = len(members)
    instants = pa.array([1_600_000_000_000_000] * count, pa.timestamp("us", tz="UTC"))
    table = pa.table(
        {
            "member": list(members),
            "fact": ["closed"] * count,
            "value": [""] * count,
            "at": instants,
            "recorded_at": instants,
            "detail": [""] * count,
        }
    )
    pq.write_table(table, path, compression="none", use_dictionary=False, row_group_size=2)
    record_baseline(workspace, path, claimed_by="the network")
    publish_now(workspace)
    return path


def members_of(path: Path) -> list[MemberId]:
    """Whose facts are in a file."""
    found: list[MemberId] = pq.read_table(path)["member"].to_pylist()
    return found


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes, but for locks, which say only who had them last."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def put_back(root: Path, kept: Path, *names: str) -> None:
    """Write what was kept into the files as they are: they stay the same files, and become older."""
    for name in names:
        with (root / name).open("r+b") as file:
            file.write((kept / name).read_bytes())
            file.truncate()


def keep(root: Path, name: str = "kept") -> Path:
    """Copy everything as it is, for later."""
    kept = root.with_name(name)
    shutil.copytree(root, kept)
    return kept


def problems(root: Path) -> list[str]:
    """What a check of everything finds, by its codes."""
    return [one.code for one in check_workspace(root).problems]


def tags_twice(workspace: Workspace) -> Iterator[bytes]:
    """The tags that stand twice in the log."""
    seen: set[bytes] = set()
    for entry in workspace.store.entries(0, workspace.store.head().size):
        tag = entry.data.split(b'"m":"')[1][:44]
        if tag in seen:
            yield tag
        seen.add(tag)
