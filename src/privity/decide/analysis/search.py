# SPDX-License-Identifier: Apache-2.0
"""Every part by which one policy refuses and the other does not, each with a member to show it.

The parts of a cell do not look at each other, so it is enough to vary one of them at a time, over members
whom the other policy permits in all else (specs/analysis.md part 3).
"""

from __future__ import annotations

from collections.abc import Mapping

from privity.decide.analysis.bases import Bases
from privity.decide.analysis.cells import Direction
from privity.decide.analysis.entries import Entry, Finds
from privity.decide.analysis.judge import Judge
from privity.decide.analysis.parts import PARTS
from privity.decide.analysis.settings import Settings
from privity.decide.analysis.space import Situation, Span
from privity.decide.analysis.trials import Trial


def search(judge: Judge, direction: Direction) -> Mapping[Entry, Trial]:
    """Look in every situation and span for what opens, or for what closes.

    Returns:
        Each part by which the one policy refuses and the other does not, with a made member that shows it.
    """
    finds = Finds(judge=judge, direction=direction)
    bases = Bases(judge=judge, refusing=finds.refusing, permitting=finds.permitting)
    settings = Settings(finds=finds, bases=bases)
    for situation in judge.space.situations:
        if not judge.ground(finds.permitting, situation):
            for span in judge.space.spans:
                _look(finds, bases, settings, situation, span)
    return finds.entries


def _look(
    finds: Finds, bases: Bases, settings: Settings, situation: Situation, span: Span
) -> None:
    if finds.judge.ground(finds.refusing, situation):
        # Whoever the one policy permits, the other refuses.
        for codes in bases.place_sets(situation):
            for member in bases.members_in(situation, span, codes):
                finds.report(situation, member)
        return
    for look in PARTS:
        look(finds, bases, situation, span)
    settings.look(situation, span)
