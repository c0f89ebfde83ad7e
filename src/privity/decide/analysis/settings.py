# SPDX-License-Identifier: Apache-2.0
"""Settings, varied over every story that the two policies may tell apart (specs/analysis.md part 3).

What a story comes to is asked of the rule once for settings with the same landmarks; whether a member of whom
it is told can be permitted in all else is asked in each place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from privity.canonical.instants import EARLIEST, anniversary, parse_date
from privity.decide.analysis.bases import ORDERS, Bases, Codes
from privity.decide.analysis.cells import Part
from privity.decide.analysis.entries import Entry, Finds
from privity.decide.analysis.judge import Reasons
from privity.decide.analysis.space import Situation, Span
from privity.decide.analysis.stories import Birth, Frame, Pair, Story, silences, yeses
from privity.decide.analysis.trials import Trial, Yes, birth_dates, grown_up


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """A story by which the one policy refuses: with what defaults of then, and for what reasons."""

    story: Story
    defaults: tuple[bool, ...]
    reasons: Reasons


@dataclass(kw_only=True, slots=True)
class Settings:
    """Tries settings.

    Attributes:
        finds: Where what is found goes.
        bases: Makes members whom the one policy permits.
    """

    finds: Finds
    bases: Bases
    _stories: dict[object, list[_Told]] = field(default_factory=dict)

    def look(self, situation: Situation, span: Span) -> None:
        """Try every story of every setting by which the one policy may refuse."""
        judge = self.finds.judge
        theirs = judge.governing(self.finds.permitting, situation)
        for codes in self.bases.common_places(situation):
            for name in sorted(judge.governing(self.finds.refusing, situation)):
                pair: Pair = (
                    judge.landmarks(self.finds.refusing, situation, codes, name),
                    judge.landmarks(self.finds.permitting, situation, codes, name)
                    if name in theirs
                    else None,
                )
                for told in self._parting(situation, span, codes, pair, name):
                    if (
                        self._entry(situation, span, codes, name, told)
                        not in self.finds.entries
                    ):
                        self._tell(situation, codes, name, pair, told)

    def _parting(
        self, situation: Situation, span: Span, codes: Codes, pair: Pair, name: str
    ) -> Sequence[_Told]:
        """Give the stories by which the one policy refuses and the other does not."""
        key = (name, span, *(None if one is None else one.numbers for one in pair))
        found = self._stories.get(key)
        if found is None:
            frame = self.bases.frame(span)
            births = _births_of(pair, frame)
            found = self._stories[key] = []
            for story in (*silences(pair, frame), *yeses(pair, frame, births)):
                found += self._told(situation, codes, name, pair, story)
        return found

    def _told(
        self, situation: Situation, codes: Codes, name: str, pair: Pair, story: Story
    ) -> Iterator[_Told]:
        seen = set()
        classes = self.bases.classes_then(story.created_at)
        for then in (
            (codes, *classes) if story.created_at < self.finds.judge.space.at else (codes,)
        ):
            defaults = _defaults(pair, then, story)
            if defaults in seen:
                continue
            seen.add(defaults)
            trial = self._telling(codes, then, name, story)
            reasons = self.bases.setting_reasons(self.finds.refusing, situation, trial, name)
            if reasons and not self.bases.setting_reasons(
                self.finds.permitting, situation, trial, name
            ):
                yield _Told(story=story, defaults=defaults, reasons=reasons)

    def _telling(self, codes: Codes, then: Codes, name: str, story: Story) -> Trial:
        return replace(
            self.bases.blank(codes, then, story.created_at),
            birth_date=story.birth_date or grown_up(self.finds.judge.space),
            told=story.told,
            said=tuple(Yes(setting=name, at=at, scope=scope) for at, scope in story.yeses),
        )

    def _entry(
        self, situation: Situation, span: Span, codes: Codes, name: str, told: _Told
    ) -> Entry:
        return Entry(
            direction=self.finds.direction,
            situation=situation,
            span=span,
            part=Part(kind="setting", name=name, value=(told.story.said,)),
            reasons=told.reasons,
            place=self.finds.judge.signature(situation, codes),
        )

    def _tell(
        self, situation: Situation, codes: Codes, name: str, pair: Pair, told: _Told
    ) -> None:
        """Look for a member of whom a story is told, and whom the policy permits in all else."""
        for then in self.bases.then_choices(situation, codes, told.story.created_at):
            if _defaults(pair, then, told.story) != told.defaults:
                continue
            trial = self._telling(codes, then, name, told.story)
            for order, deliver in product(ORDERS, (True, False)):
                whole = self.bases.complete(
                    situation, trial, order, fixed=frozenset((name,)), deliver=deliver
                )
                if (
                    whole is not None
                    and self.bases.setting_reasons(self.finds.refusing, situation, whole, name)
                    == told.reasons
                    and self.finds.report(situation, whole)
                ):
                    return


def _defaults(pair: Pair, then: Codes, story: Story) -> tuple[bool, ...]:
    """Tell for each policy whether silence meant yes then; who said yes is not asked."""
    if story.yeses:
        return ()
    return tuple(
        all(one.setting.default_on(code, story.created_at) for code in then)
        for one in pair
        if one is not None
    )


def _births_of(pair: Pair, frame: Frame) -> Sequence[Birth]:
    """Give birth dates for each order of two minimum ages; where they are the same, none matters."""
    ages = [None if one is None else one.setting.minimum_age for one in pair]
    plain = Birth(date=None, of_age=(EARLIEST, EARLIEST))
    if pair[1] is None or ages[0] == ages[1]:
        return (plain,)
    instants = {frame.at, frame.first, min(frame.end - 1, frame.at)} | {
        edge
        for one in pair
        if one is not None
        for edge in (one.yes, one.yes_told)
        if edge > frame.early
    }
    born = birth_dates(sorted(instants), [age for age in ages if age is not None])
    found = [plain]
    for text in born:
        day = parse_date(text)
        first, second = (EARLIEST if age is None else anniversary(day, age) for age in ages)
        found.append(Birth(date=text, of_age=(first, second)))
    return found
