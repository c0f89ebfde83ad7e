# SPDX-License-Identifier: Apache-2.0
"""Random worlds recorded in a workspace: what was recorded at an instant enters at it, by a simulated clock."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Private, Recorded, record
from privity.canonical.encode import digest, encode
from privity.canonical.instants import Instant
from privity.config.workspace import Claims, WorkspaceSettings
from privity.entries.fact import FactEntry, entry_of
from privity.entries.kinds import PublicKind
from privity.entries.policy import PolicyEntry
from privity.members.facts import Fact
from privity.policy.parse import parse_policy

ORIGIN = "example.com/ledger/simulated"
Said = PublicKind | Private


@contextmanager
def workspace_at(
    folder: Path | None = None, *, attested: Claims = "restrict", now: Instant = 0
) -> Iterator[Workspace]:
    """Make a workspace whose clock is simulated, and open it; in a folder of its own if none is given."""
    with tempfile.TemporaryDirectory() as own:
        root = Path(folder or own) / "workspace"
        settings = WorkspaceSettings(origin=ORIGIN, clock="simulated", attested=attested)
        found_workspace(root, settings, now=now)
        with open_workspace(root) as workspace:
            yield workspace


def record_at(
    workspace: Workspace, now: Instant, says: Sequence[Said], objects: Sequence[bytes] = ()
) -> Recorded:
    """Record what is said at an instant."""
    return record(replace(workspace, now=lambda: now), says, objects=objects)


def said_of(fact: Fact) -> Said:
    """Make of a fact what is recorded of it."""
    entry = entry_of(fact)
    return Private(member=fact.member, says=entry) if isinstance(entry, FactEntry) else entry


def policy_said(text: bytes) -> PolicyEntry:
    """Make of the text of a version what is recorded of it."""
    version = parse_policy(text.decode(), file="policy")
    return PolicyEntry(
        policy=version.policy,
        version=version.version,
        effective_at=version.effective_at,
        sha256=digest(text),
        size=len(text),
    )


def record_world(
    workspace: Workspace,
    facts: Sequence[Fact],
    policies: Sequence[Mapping[str, Any] | bytes],
    between: Callable[[], object] = lambda: None,
) -> None:
    """Record facts and versions in the order of time, each instant's by one commit."""
    told: list[tuple[Instant, Said, bytes | None]] = [
        (fact.recorded_at, said_of(fact), None) for fact in facts
    ]
    texts = [one if isinstance(one, bytes) else encode(one) for one in policies]
    versions = [(parse_policy(text.decode(), file="policy"), text) for text in texts]
    # Of one second, in the order that files have: by their names ([POL-31]).
    versions.sort(key=lambda pair: pair[0].version)
    told += [(one.published_at, policy_said(text), text) for one, text in versions]
    told.sort(key=lambda one: one[0])
    for now, some in groupby(told, key=lambda one: one[0]):
        together = list(some)
        objects = [text for *_, text in together if text is not None]
        record_at(workspace, now, [said for _, said, _ in together], objects)
        between()
