# SPDX-License-Identifier: Apache-2.0
"""What a replay asks, and of which rows (specs/audit.md, part 3).

Each use is asked of the rows that it used. Where those are gone, it is asked of what a later revision still has of them,
and how many are missing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from privity.audit.again import Asked, Part
from privity.audit.evidence import Evidence
from privity.audit.known_then import Then
from privity.audit.sets import SET, sets_of
from privity.audit.story import Release, Story
from privity.audit.uses import Use, clearing_use, uses_of
from privity.canonical.instants import Instant

_DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a replay is about.

    Attributes:
        evidence: What was shown.
        story: What the log says of releases.
        only: Which releases; None is all, and what was cleared besides.
        cleared: The uses of sets that are shown and became no release.
        uses: All uses, in the order of their entries.
        end: The instant by which something is overdue.
        overdue: Days after which what is refused, and stays in a live release, is.
    """

    evidence: Evidence
    story: Story
    only: frozenset[str] | None
    cleared: tuple[Use, ...]
    uses: tuple[Use, ...]
    end: Instant
    overdue: int

    def entered(self, part: Part) -> int | None:
        """Give the entry that rows are held to."""
        release = self.story.releases.get(part.release)
        return part.asked[0].use.entry if release is None else release.entered(part.revision)


def scope_of(
    evidence: Evidence,
    story: Story,
    *,
    releases: Sequence[str] | None,
    at: Instant | None,
    overdue: int,
) -> Scope:
    """Say what a replay is about.

    Args:
        evidence: What was shown.
        story: What the log says of releases.
        releases: Which releases; None is all, and what was cleared besides.
        at: The instant by which something is overdue; None is the end of the log.
        overdue: Days after which what is refused, and stays in a live release, is.
    """
    only = None if releases is None else frozenset(releases)
    sets = (clearing_use(story, name) for name in sets_of(evidence))
    cleared = tuple(one for one in sets if one is not None and only is None)
    mine = [one for one in uses_of(story) if only is None or one.release in only]
    return Scope(
        evidence=evidence,
        story=story,
        only=only,
        cleared=cleared,
        uses=tuple(sorted([*mine, *cleared], key=lambda one: one.entry)),
        end=max(story.end, at or story.end),
        overdue=overdue,
    )


def parts_of(scope: Scope) -> tuple[list[Part], dict[Use, int]]:
    """Say what is asked of the rows that are here, and how many rows of a use are gone."""
    evidence, story = scope.evidence, scope.story
    found: list[Part] = []
    missing: dict[Use, int] = {}
    begins = 0
    for name, release in story.releases.items():
        if scope.only is not None and name not in scope.only:
            continue
        here = [one for one in evidence.revisions(name) if release.entered(one) is not None]
        uses = [
            one
            for one in scope.uses
            if one.release == name and release.entered(one.revision) is not None
        ]
        for revision in here:
            earlier = [one for one in here if one < revision]
            mine = [use for use in uses if max(earlier, default=0) < use.revision <= revision]
            for use in mine:
                missing[use] = _missing(release, use.revision, revision)
            asked = [_asked_of(one) for one in mine]
            if revision == release.revision:
                asked += _asked_overdue(scope, release, uses)
            rows = release.rows(revision)
            part = Part(
                release=name, revision=revision, asked=tuple(asked), rows=rows, begins=begins
            )
            found.append(part)
            begins += rows
        for use in uses:
            if use.revision > max(here, default=0):
                missing[use] = release.rows(use.revision)
    return [*found, *_parts_of_sets(scope, begins)], missing


def _parts_of_sets(scope: Scope, begins: int) -> Iterator[Part]:
    """Say what is asked of the rows of sets that are shown."""
    for use in scope.cleared:
        rows = scope.story.clearings[use.name][2].permitted
        yield Part(
            release=f"{SET}{use.name}",
            revision=1,
            asked=(Asked(use=use, then=Then(size=use.size, at=use.at)),),
            rows=rows,
            begins=begins,
        )
        begins += rows


def _asked_overdue(scope: Scope, release: Release, uses: Sequence[Use]) -> list[Asked]:
    """Ask of a live release what has been refused for long ([AUD-69])."""
    before = scope.end - scope.overdue * _DAY
    if release.time > before or not release.live(scope.end):
        return []
    newest = next(
        one
        for one in reversed(uses)
        if one.kind in {"release", "revision"} and one.revision == release.revision
    )
    log = scope.evidence.log
    size = next((one.entry for one in log.public if one.time > before), log.checkpoint.size)
    now = Then(size=log.checkpoint.size, at=max(scope.end, newest.at))
    then = Then(size=size, at=max(before, newest.at), until=before)
    return [Asked(use=newest, then=now, before=then)]


def _missing(release: Release, used: int, here: int) -> int:
    """Give how many rows of a revision are not here, where those of another are read for it.

    A later one that did not become less shows nothing of what an earlier one had.
    """
    had = [
        release.rows(one) for one in range(used, here + 1) if release.entered(one) is not None
    ]
    became_less = all(after < before for before, after in pairwise(had))
    return had[0] - had[-1] if became_less else had[0]


def _asked_of(use: Use) -> Asked:
    return Asked(
        use=use,
        then=Then(size=use.size, at=use.at),
        late=None if use.entered is None else Then(size=use.size, at=use.entered),
        # A clearing may speak of an instant to come, and what is made of it be there before.
        early=Then(size=use.size, at=use.time) if use.at > use.time else None,
    )
