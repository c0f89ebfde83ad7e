# SPDX-License-Identifier: Apache-2.0
"""The versions of a policy as they entered a log: which entry, when, by whom, and what each changed.

For pages that everybody may read (docs/web.md). What a version changed is found by comparing what could be used before
its entry with what can be used after it, as whoever publishes it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import public_entries
from privity.app.workspace.rules import Rules
from privity.canonical.instants import Instant
from privity.decide.analysis.changes import Diff, compare
from privity.decide.analysis.space import settled
from privity.entries.attested import AttestedEntry
from privity.entries.claims import ClaimedVersion, policy_by_entry
from privity.entries.policy import PolicyEntry
from privity.policy.model import Version
from privity.policy.versions import History


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """A version, and the entry that it entered a log by.

    Attributes:
        index: The entry's index, which the version never loses.
        entered: The entry's time.
        version: What its text says. It was published when it entered; one that somebody attests, when that is claimed.
        by: Who attests that it was published before, or None: its controller published it by the entry.
        sha256: Of its text, which is a public object.
        size: The text's bytes.
    """

    index: int
    entered: Instant
    version: Version
    by: str | None
    sha256: str
    size: int


def publications_of(workspace: Workspace, rules: Rules) -> tuple[Publication, ...]:
    """Give every version that entered a log, in the order of its entries.

    Args:
        workspace: Whose log.
        rules: What its public entries say.

    Raises:
        ConflictError: As `public_entries`.
        VerificationError: As `public_entries`.
        UnavailableError: As `public_entries`.
    """
    claimed = [one.version for one in rules.texts]
    texts = {version.source: version for version in (*rules.versions, *claimed)}
    found = []
    for entry in public_entries(workspace, PolicyEntry.STREAM, AttestedEntry.STREAM):
        by: str | None = None
        says: object = entry.says
        if isinstance(says, AttestedEntry):
            by, says = says.statement.attester.name, says.statement.says
        version = texts.get(f"entry {entry.index}")
        if isinstance(says, PolicyEntry) and version is not None:
            found.append(
                Publication(
                    index=entry.index,
                    entered=entry.time,
                    version=version,
                    by=by,
                    sha256=says.sha256,
                    size=says.size,
                )
            )
    return tuple(found)


def changed_by(publications: Sequence[Publication], index: int) -> Diff:
    """Say what a version opened and closed when it entered, in every case there can be.

    That takes a second or so for a policy of many versions, and is the same for ever: keep it.

    Args:
        publications: All versions.
        index: The entry of the one that is asked about.

    Raises:
        KeyError: No version entered by that entry.
    """
    (asked,) = [one for one in publications if one.index == index] or (None,)
    if asked is None:
        raise KeyError(index)
    before = history_of([one for one in publications if one.index < index], asked.entered)
    after = history_of([one for one in publications if one.index <= index], asked.entered)
    at = settled(before, after)
    return compare(before, after, at=at, known=at)


def history_of(publications: Sequence[Publication], at: Instant) -> History:
    """Give versions as they can permit at an instant: one that is only claimed, from its entry on."""
    found = policy_by_entry(
        [one.version for one in publications if one.by is None],
        [
            ClaimedVersion(version=one.version, entered=one.entered, by=one.by)
            for one in publications
            if one.by is not None
        ],
        at,
    )
    return History(found.versions)
