# SPDX-License-Identifier: Apache-2.0
"""Of what a replay could find nothing (specs/audit.md, part 3): what is not here, or not all of it, and what was not drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from privity.audit.again import Part
from privity.audit.evidence import Gap
from privity.audit.replay_parts import Scope
from privity.audit.replay_report import Counts
from privity.audit.sets import SET
from privity.audit.wording import counted
from privity.canonical.instants import Instant
from privity.entries.clearing import CommittedClearing

_UNSURE: Final = frozenset({"private-facts", "unread", "not-bound", "not-shown"})


def gaps_of(
    scope: Scope, counts: Counts, parts: Sequence[Part], lost: Sequence[Part]
) -> Iterator[Gap]:
    """Say of what nothing could be found.

    Args:
        scope: What the replay is about.
        counts: What it counted.
        parts: The rows that were asked about.
        lost: Those that are not what their entries commit to.
    """
    said = {
        entry
        for one in scope.evidence.gaps
        if one.kind in {"rows-gone", "not-shown"}
        for entry in one.entries
    }
    gone = {use: one for use, one in counts.uses.items() if one.missing}
    unsaid = [use for use in gone if use.entry not in said]
    if unsaid:
        yield Gap(
            kind="rows-gone",
            what=f"records of {counted(len(unsaid), 'use')} that are not here, or no longer; what was left of "
            "them in a later revision was decided again",
            entries=tuple(sorted({one.entry for one in unsaid})),
            records=sum(gone[one].missing for one in unsaid),
        )
    untold = {use: one for use, one in counts.uses.items() if one.untold}
    if untold:
        yield Gap(
            kind="private-facts",
            what="records of members of whom not everything is shown, where nothing else refuses them",
            entries=tuple(sorted({one.entry for one in untold})),
            records=sum(one.untold for one in untold.values()),
        )
    for part in lost:
        what = (
            f"the rows of revision {part.revision} of release `{part.release}`"
            if part.release in scope.story.releases
            else f"the rows of the set of clearing `{part.release.removeprefix(SET)}`"
        )
        entry = scope.entered(part)
        yield Gap(
            kind="not-bound",
            what=f"{what}: not all could be held to it",
            entries=() if entry is None else (entry,),
        )
    if counts.bounds is not None:
        yield Gap(
            kind="sampled",
            what=f"records that were not drawn, of {counted(len(parts), 'revision')}",
            records=counts.population - counts.records,
        )
    elsewhere = _sets_elsewhere(scope)
    if elsewhere:
        yield Gap(
            kind="not-shown",
            what=f"{counted(len(elsewhere), 'set')} that were cleared and are no release's",
            entries=tuple(entry for entry, _, _ in elsewhere),
            records=sum(says.permitted for _, _, says in elsewhere),
        )


def _sets_elsewhere(scope: Scope) -> list[tuple[int, Instant, CommittedClearing]]:
    """Give the sets that were cleared of which no release was made: they lie elsewhere."""
    if scope.only is not None:
        return []
    mine = {one.says.clearing for one in scope.story.releases.values()}
    mine |= {one.name for one in scope.cleared}
    return [one for name, one in scope.story.clearings.items() if name not in mine]


def is_unsure(scope: Scope, counts: Counts, lost: Sequence[Part]) -> bool:
    """Tell whether something is not there that could have shown more ([AUD-73])."""
    return (
        any(one.missing or one.untold for one in counts.uses.values())
        or any(one.kind in _UNSURE for one in scope.evidence.gaps)
        or bool(lost or _sets_elsewhere(scope))
    )
