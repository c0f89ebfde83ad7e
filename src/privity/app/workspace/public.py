# SPDX-License-Identifier: Apache-2.0
"""What a workspace's log says to everybody: orders, recipients, policies, baselines."""

from __future__ import annotations

from dataclasses import dataclass

from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.app.workspace.rules import STREAMS, Rules, apart, read_rules
from privity.canonical.instants import Instant
from privity.entries.decode import PublicEntry, decode
from privity.entries.kinds import PublicKind
from privity.entries.unknown import UnknownEntry
from privity.members.claims import facts_by_entry
from privity.members.facts import Fact
from privity.store.projection import Projection
from privity.store.projection_rows import PublicRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Public:
    """An entry that everybody can read.

    Attributes:
        index: Its index in the log.
        time: When it was entered.
        says: What it says.
    """

    index: int
    time: Instant
    says: PublicKind


def public_entries(workspace: Workspace, *streams: str) -> list[Public]:
    """Give the entries of some public streams, in the order of the log.

    Raises:
        ConflictError: As `projecting.catch_up`.
        VerificationError: An entry is not what it must be.
        UnavailableError: As `projecting.catch_up`.
    """
    rows = projected(
        workspace,
        lambda projection: list(projection.public(streams, projection.extent().size)),
    )
    found = []
    for row in rows:
        entry = decode(row.data, origin=workspace.settings.origin)
        if isinstance(entry, PublicEntry) and not isinstance(entry.says, UnknownEntry):
            found.append(Public(index=row.entry, time=entry.event.time, says=entry.says))
    return found


def rules_of(workspace: Workspace) -> Rules:
    """Give what the public entries of a log say that decisions rest on; raises as `public_entries`, and `read_rules`."""

    def read(projection: Projection) -> tuple[list[PublicRow], int]:
        size = projection.extent().size
        return list(projection.public(STREAMS, size)), size

    rows, size = projected(workspace, read)
    return read_rules(workspace, rows, size=size)


def platform_facts(workspace: Workspace, *also: Fact) -> tuple[Fact, ...]:
    """Give what the log knows of orders and recipients.

    What is claimed of the time before its entry permits from its entry on, unless the workspace believes it.

    Args:
        workspace: Whose log.
        also: What would be recorded now besides, at the instants of its entry.

    Raises:
        ConflictError: As `public_entries`.
        InputError: As `read_rules`.
        VerificationError: As `public_entries`, and `read_rules`.
        UnavailableError: As `public_entries`, and `read_rules`.
    """
    rules = rules_of(workspace)
    seen, earlier = apart(also, rules.controller)
    facts, claims = (*rules.platform, *seen), (*rules.claims, *earlier)
    if workspace.settings.attested == "accept":
        return (*facts, *(one.fact for one in claims))
    return facts_by_entry(facts, [(one.fact, one.entered) for one in claims])


def names_of(workspace: Workspace) -> dict[str, frozenset[str] | None]:
    """Give the settings, notices and agreements of all versions, as `check_columns` takes them; raises as `rules_of`.

    None, where there is no version yet: then no name is wrong.
    """
    rules = rules_of(workspace)
    versions = (*rules.versions, *(one.version for one in rules.texts))
    found = {
        "settings": frozenset(name for one in versions for name in one.settings),
        "notices": frozenset(name for one in versions for name in one.notices),
        "agreements": frozenset(name for one in versions for name in one.agreements),
    }
    return {key: names if versions else None for key, names in found.items()}
