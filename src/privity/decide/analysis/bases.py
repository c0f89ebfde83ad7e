# SPDX-License-Identifier: Apache-2.0
"""Made members whom a policy permits: what a comparison varies one part of (specs/analysis.md part 3).

A member is permitted as far as settings and places go where any member of its kind is: it answers by silence
that was told of at once, by a yes at the last moment, or by one as soon as that can count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from privity.canonical.instants import Instant
from privity.decide.analysis.judge import Judge, Landmarks, Reasons, Signature
from privity.decide.analysis.space import DAY, Side, Situation, Span
from privity.decide.analysis.stories import Frame
from privity.decide.analysis.trials import Trial, Yes, grown_up, timeline_of
from privity.vocabulary.places import codes as all_codes

Codes = frozenset[str]
Way = Literal["silence", "late yes", "early yes"]

ORDERS: Final[tuple[tuple[Way, ...], ...]] = (
    ("silence", "late yes", "early yes"),
    ("late yes", "early yes", "silence"),
    ("early yes", "silence", "late yes"),
)
"""Which ways to answer are tried first; each permits where any answer of its kind does."""


@dataclass(kw_only=True, slots=True)
class Bases:
    """Makes members whom one of the two policies permits.

    Attributes:
        judge: Asks the rule.
        refusing: The policy that is to refuse.
        permitting: The policy that permits.
    """

    judge: Judge
    refusing: Side
    permitting: Side
    _made: dict[tuple[Situation, Span, Codes], list[Trial]] = field(default_factory=dict)
    _places: dict[Situation, list[Codes]] = field(default_factory=dict)
    _then: dict[Instant, tuple[Codes, ...]] = field(default_factory=dict)

    def place_sets(self, situation: Situation) -> list[Codes]:
        """Give jurisdictions for each thing that they can come to and that is not exempt."""
        found = self._places.get(situation)
        if found is None:
            judge = self.judge
            singles: dict[Signature, Codes] = {}
            for code in dict.fromkeys(judge.space.alike.values()):
                singles.setdefault(
                    judge.signature(situation, frozenset((code,))), frozenset((code,))
                )
            # Several jurisdictions come to what the strictest of them do, so sets of sets close.
            sets = dict(singles)
            waiting = list(singles.values())
            while waiting:
                mine = waiting.pop(0)
                for other in singles.values():
                    both = mine | other
                    signature = judge.signature(situation, both)
                    if signature not in sets:
                        sets[signature] = both
                        waiting.append(both)
            found = self._places[situation] = [
                codes
                for codes in sets.values()
                if not judge.exempt(self.permitting, situation, codes)
            ]
        return found

    def common_places(self, situation: Situation) -> Iterator[Codes]:
        """Give those that neither policy exempts: elsewhere, the place is what parts them."""
        for codes in self.place_sets(situation):
            if not self.judge.exempt(self.refusing, situation, codes):
                yield codes

    def all_members(self, situation: Situation, span: Span) -> Iterator[Trial]:
        """Give members in every place that neither policy exempts."""
        for codes in self.common_places(situation):
            yield from self.members_in(situation, span, codes)

    def members_in(self, situation: Situation, span: Span, codes: Codes) -> Sequence[Trial]:
        """Give members in these jurisdictions whom the policy permits, one for each order of ways."""
        key = (situation, span, codes)
        found = self._made.get(key)
        if found is None:
            # The later a record, the more covers it; before the last moment, things may still change.
            end = min(span.end - 1, self.judge.space.at)
            late = [end] if end - 1 < self.frame(span).first else [end - 1, end]
            found = self._made[key] = [
                base
                for created_at in late
                for base in self.members_at(situation, codes, created_at)
            ]
        return found

    def members_at(
        self, situation: Situation, codes: Codes, created_at: Instant
    ) -> Iterator[Trial]:
        """Give a member for each order of ways, whose record was made at an instant."""
        for order in ORDERS:
            for then in self.then_choices(situation, codes, created_at):
                base = self.complete(
                    situation, self.blank(codes, then, created_at), order, fixed=frozenset()
                )
                if base is not None:
                    yield base
                    break

    def blank(self, codes: Codes, then: Codes, created_at: Instant) -> Trial:
        """Give a grown-up member of whom nothing but places is known."""
        return Trial(
            codes=codes,
            codes_then=then,
            created_at=created_at,
            birth_date=grown_up(self.judge.space),
        )

    def then_choices(
        self, situation: Situation, codes: Codes, created_at: Instant
    ) -> Iterator[Codes]:
        """Give jurisdictions of then that the policy does not exempt, those of now first."""
        others = self.classes_then(created_at) if created_at < self.judge.space.at else ()
        for some in (codes, *others):
            if not any(
                self.judge.exempt_then(self.permitting, situation, code, created_at)
                for code in some
            ):
                yield some

    def classes_then(self, created_at: Instant) -> tuple[Codes, ...]:
        """Give a jurisdiction for each class that the places make at an instant."""
        epoch = self.judge.space.epoch_of(created_at)
        found = self._then.get(epoch)
        if found is None:
            first: dict[tuple[bool, ...], Codes] = {}
            for code in sorted(all_codes()):
                first.setdefault(self.judge.place_key(code, created_at), frozenset((code,)))
            found = self._then[epoch] = tuple(first.values())
        return found

    def complete(
        self,
        situation: Situation,
        trial: Trial,
        order: Iterable[Way],
        *,
        fixed: frozenset[str],
        deliver: bool = True,
    ) -> Trial | None:
        """Answer the settings that govern, so that none of them refuses; None where none can.

        Args:
            situation: The use.
            trial: A member without those answers.
            order: Which ways to answer are tried first.
            fixed: Settings that are answered already.
            deliver: Whether notices may be delivered for it.
        """
        judge, side = self.judge, self.permitting
        for name in sorted(judge.governing(side, situation).keys() - fixed):
            marks = judge.landmarks(side, situation, trial.codes, name)
            for way in order:
                answered = self._answered(trial, name, marks, way, deliver=deliver)
                if answered is not None and not self.setting_reasons(
                    side, situation, answered, name
                ):
                    trial = answered
                    break
            else:
                return None
        return trial

    def as_both_ask(self, situation: Situation, base: Trial) -> Iterator[Trial]:
        """Give a member as it is, and once more so that the other policy's settings do not refuse it either.

        A setting that refuses covers a no and a death ([ANA-23]): what these part shows only where none refuses.
        """
        yield base
        judge, side, trial = self.judge, self.refusing, base
        for name in sorted(judge.governing(side, situation)):
            if not self.setting_reasons(side, situation, trial, name):
                continue
            marks = judge.landmarks(side, situation, trial.codes, name)
            for way in ORDERS[0]:
                answered = self._answered(trial, name, marks, way, deliver=True)
                if answered is not None and not self.setting_reasons(
                    side, situation, answered, name
                ):
                    trial = answered
                    break
            else:
                return
        if trial is not base:
            yield trial

    def _answered(
        self, trial: Trial, name: str, marks: Landmarks, way: Way, *, deliver: bool
    ) -> Trial | None:
        space = self.judge.space
        since = marks.silence_told if way == "silence" else marks.yes_told
        told_at = max(since, self._early)
        told = trial.told
        if deliver and marks.notice is not None:
            told = (*told, (marks.notice, told_at))
        if way == "silence":
            return replace(trial, told=told)
        at = space.at if way == "late yes" else max(marks.yes, told_at)
        if at > space.at:
            return None
        return replace(
            trial, told=told, said=(*trial.said, Yes(setting=name, at=at, scope="all"))
        )

    def setting_reasons(
        self, side: Side, situation: Situation, trial: Trial, name: str
    ) -> Reasons:
        """Give why a policy refuses a made member by one setting."""
        line = timeline_of(self.judge.space, trial)
        now, then = line.at(self.judge.space.at), line.at(trial.created_at)
        return self.judge.setting(side, situation, trial.created_at, name, (now, then))

    @property
    def _early(self) -> Instant:
        return self.judge.space.low + DAY

    def frame(self, span: Span) -> Frame:
        """Give within which instants stories of a span are told."""
        space = self.judge.space
        return Frame(
            early=self._early,
            first=max(span.start, space.low + 2 * DAY),
            end=span.end,
            at=space.at,
            edges=space.group_changes,
        )
