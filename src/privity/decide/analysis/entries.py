# SPDX-License-Identifier: Apache-2.0
"""What a comparison has found: parts by which one policy refuses and the other does not.

Nothing is entered before the rule, asked about a whole record of a made member under both policies, has
refused it under the one and permitted it under the other (specs/analysis.md part 3).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import get_args

from privity.decide.analysis.cells import (
    BY_PLACE,
    Direction,
    Kind,
    Part,
    Standing,
    cell_of,
)
from privity.decide.analysis.judge import Judge, Reasons, Signature
from privity.decide.analysis.space import NEW, OLD, Side, Situation, Span
from privity.decide.analysis.trials import MEMBER, Trial, record_of, timeline_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A part of cells that open, or close.

    Attributes:
        direction: Which.
        situation: The uses.
        span: When the record was made.
        part: The part.
        reasons: Why the one policy refuses by it; the other does not.
        place: What the member's jurisdictions come to, where the part hangs on it.
    """

    direction: Direction
    situation: Situation
    span: Span
    part: Part
    reasons: Reasons
    place: Signature | None


@dataclass(kw_only=True, slots=True)
class Finds:
    """What one direction of a comparison has found.

    Attributes:
        judge: Asks the rule.
        direction: What is looked for.
        entries: Each entry, with a made member of it.
    """

    judge: Judge
    direction: Direction
    entries: dict[Entry, Trial] = field(default_factory=dict)

    @property
    def refusing(self) -> Side:
        """The policy that refuses."""
        return OLD if self.direction == "opens" else NEW

    @property
    def permitting(self) -> Side:
        """The policy that permits."""
        return NEW if self.direction == "opens" else OLD

    def report(self, situation: Situation, trial: Trial) -> Collection[Kind]:
        """Ask both policies about a made member; give the parts that were entered."""
        judge, record = self.judge, record_of(situation, trial)
        line = timeline_of(judge.space, trial)
        if not judge.decide(self.permitting, situation, record, {MEMBER: line}).permit:
            return ()
        if judge.decide(self.refusing, situation, record, {MEMBER: line}).permit:
            return ()
        cell = cell_of(judge, situation, trial.created_at, (line, line))
        told = _worth_telling(cell.standings)
        for standing in told:
            entry = Entry(
                direction=self.direction,
                situation=situation,
                span=cell.span,
                part=standing.part,
                reasons=standing.reasons[self.refusing],
                place=cell.place if standing.part.kind in BY_PLACE else None,
            )
            self.entries.setdefault(entry, trial)
        return {standing.part.kind for standing in told}


def _worth_telling(standings: Sequence[Standing]) -> list[Standing]:
    """Leave out what another part covers wholly.

    Where nobody's is permitted, nobody in particular is; who is in a place that is exempt is not reached by
    settings there either; and a yes that does not count neither outlives its member nor takes a no back.
    """
    kinds = {standing.part.kind for standing in standings}
    covered: frozenset[Kind] = frozenset()
    if "setting" in kinds:
        covered = frozenset(("deceased", "no"))
    for kind in ("place", "ground"):
        if kind in kinds:
            covered = frozenset(get_args(Kind)) - {kind}
    return [standing for standing in standings if standing.part.kind not in covered]
