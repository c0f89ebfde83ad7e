# SPDX-License-Identifier: Apache-2.0
"""What a workspace's log says to everybody: orders, recipients, policies, baselines.

What a baseline claims of orders and recipients nobody else sees; decisions go by it, and so it is told here too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypedDict

from privity.app.workspace.baselines import MISSING, platform_claims
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.app.workspace.rules import STREAMS, Rules, apart, read_rules
from privity.canonical.instants import Instant
from privity.entries import order, recipient
from privity.entries.claims import Claim
from privity.entries.decode import PublicEntry, decode
from privity.entries.kinds import PublicKind
from privity.entries.unknown import UnknownEntry
from privity.errors import UnavailableError
from privity.members.claims import facts_by_entry
from privity.members.facts import Fact
from privity.store.projection import Projection
from privity.store.projection_rows import PublicRow

_OURS: Final = frozenset((*order.FACTS.values(), *recipient.FACTS.values()))


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """What a workspace knows of orders and recipients.

    Attributes:
        facts: The facts, as decisions have them.
        public: Those of them that have entries of their own, and were true no earlier.
        baselines: What baselines claim.
    """

    facts: tuple[Fact, ...]
    public: tuple[Fact, ...]
    baselines: tuple[Claim, ...]

    def claimed_by(self, fact: Fact) -> str | None:
        """Give who claims one of the facts in a baseline, or None: it has an entry of its own."""
        if fact in self.public:
            return None
        forms = ((one.by, one.told, _by_entry(one)) for one in self.baselines)
        return next((by for by, told, moved in forms if fact in (told, moved)), None)


def platform_of(workspace: Workspace, *also: Fact) -> Platform:
    """Give what is known of orders and recipients.

    What is claimed of the time before its entry permits from its entry on, unless the workspace believes it.

    Args:
        workspace: Whose log.
        also: What would be recorded now besides, at the instants of its entry.

    Raises:
        ConflictError: As `public_entries`.
        InputError: As `read_rules`, and `platform_claims`.
        VerificationError: As `public_entries`, `read_rules`, and `platform_claims`.
        UnavailableError: As `public_entries`, `read_rules`, and `platform_claims`.
    """
    rules, baselines = _with_baselines(workspace)
    seen, earlier = apart(also, rules.controller)
    facts, claims = (*rules.platform, *seen), (*rules.claims, *earlier, *baselines)
    if workspace.settings.attested == "accept":
        found = (*facts, *(one.told for one in claims))
    else:
        found = facts_by_entry(facts, [(one.told, one.entered) for one in claims])
    return Platform(facts=found, public=facts, baselines=baselines)


def platform_facts(workspace: Workspace, *also: Fact) -> tuple[Fact, ...]:
    """Give the facts of `platform_of`."""
    return platform_of(workspace, *also).facts


def _with_baselines(workspace: Workspace) -> tuple[Rules, tuple[Claim, ...]]:
    """Give what public entries say, and what baselines claim of orders and recipients."""
    rules = rules_of(workspace)
    while True:
        try:
            return rules, tuple(
                claim
                for one in rules.baselines
                for claim in platform_claims(workspace.places.baselines, one)
                if claim.fact.fact in _OURS
            )
        except UnavailableError as error:
            # Who erases from a baseline enters another one, and removes the file.
            before, rules = rules, rules_of(workspace)
            if error.code != MISSING or rules.baselines == before.baselines:
                raise


def _by_entry(claim: Claim) -> Fact:
    """Give a claim as it is read where it permits from its entry on ([CLM-14])."""
    return replace(claim.told, at=claim.entered, recorded_at=claim.told.at)


class Names(TypedDict):
    """The names that versions have, as `check_columns` takes them; None, where there is no version yet: then no name is wrong."""

    settings: frozenset[str] | None
    notices: frozenset[str] | None
    agreements: frozenset[str] | None


def names_of(workspace: Workspace) -> Names:
    """Give the settings, notices and agreements of all versions; raises as `rules_of`."""
    rules = rules_of(workspace)
    versions = (*rules.versions, *(one.version for one in rules.texts))
    if not versions:
        return Names(settings=None, notices=None, agreements=None)
    return Names(
        settings=frozenset(name for one in versions for name in one.settings),
        notices=frozenset(name for one in versions for name in one.notices),
        agreements=frozenset(name for one in versions for name in one.agreements),
    )
