# SPDX-License-Identifier: Apache-2.0
"""The parts of a member, varied one at a time; settings have a module of their own, `settings.py`.

For each part, every value of it that the two policies may tell apart is tried on members whom the one policy
permits in all else (specs/analysis.md part 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from privity.canonical.instants import Instant
from privity.decide.analysis.bases import ORDERS, Bases, Codes
from privity.decide.analysis.cells import MOMENTS, Part, age_of, agreement_of
from privity.decide.analysis.entries import Entry, Finds
from privity.decide.analysis.judge import NONE, Reasons
from privity.decide.analysis.noes import no_scripts
from privity.decide.analysis.space import NEW, OLD, Situation, Span
from privity.decide.analysis.stories import moments
from privity.decide.analysis.trials import (
    Trial,
    birth_dates,
    fact,
    grown_up,
    timeline_of,
    years_before,
)
from privity.members.facts import Fact

_NOWHERE: Final[Codes] = frozenset()


def _readers(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    judge = finds.judge
    late = min(span.end - 1, judge.space.at)
    if (
        situation.is_group
        and judge.asks_readers(finds.refusing, situation, late)
        and not judge.asks_readers(finds.permitting, situation, late)
    ):
        for base in bases.all_members(situation, span):
            entry = Entry(
                direction=finds.direction,
                situation=situation,
                span=span,
                part=Part(kind="readers"),
                reasons=NONE,
                place=None,
            )
            finds.entries.setdefault(entry, base)
            return


def _agreements(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    judge, space = finds.judge, finds.judge.space
    created_at = min(span.end - 1, space.at)
    for name, when in product(space.agreements, MOMENTS):
        reasons = agreement_of(judge, situation, created_at, name, when).reasons
        if not reasons[finds.refusing] or reasons[finds.permitting]:
            continue
        for base in bases.all_members(situation, span):
            later = base.created_at + 1
            had = fact(space, "agreement", space.low, name)
            if later > space.at:
                facts: tuple[Fact, ...] = (had,)  # then is now
            elif when == "then":
                facts = (had, fact(space, "agreement-ended", later, name))
            else:
                facts = (fact(space, "agreement", later, name),)
            if "agreement" in finds.report(situation, base.with_facts(*facts)):
                break


def _places_now(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    for codes in bases.place_sets(situation):
        if finds.judge.exempt(finds.refusing, situation, codes):
            for base in bases.members_in(situation, span, codes):
                if finds.report(situation, base):
                    break


def _places_then(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    judge, seen = finds.judge, set[tuple[bool, ...]]()
    for created_at in moments(bases.frame(span), ()):
        if created_at >= judge.space.at:
            continue
        for then in bases.classes_then(created_at):
            (code,) = then
            key = judge.space.place_key(code, created_at)
            if (
                key in seen
                or not judge.exempt_then(finds.refusing, situation, code, created_at)
                or judge.exempt_then(finds.permitting, situation, code, created_at)
            ):
                continue
            if _moved_from(finds, bases, situation, then, created_at):
                seen.add(key)


def _moved_from(
    finds: Finds, bases: Bases, situation: Situation, then: Codes, created_at: Instant
) -> bool:
    for codes in bases.common_places(situation):
        blank = bases.blank(codes, then, created_at)
        for order in ORDERS:
            base = bases.complete(situation, blank, order, fixed=frozenset())
            if base is not None and finds.report(situation, base):
                return True
    return False


def _ages(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    space = finds.judge.space
    # What matters is how many of the ages were reached then, and how many since.
    gaps = [years_before(space.at, years) for years in _gaps(space.ages)]
    frame = replace(bases.frame(span), edges=())
    seen: set[object] = set()
    for created_at in moments(frame, gaps):
        born = (None, grown_up(space), *birth_dates((created_at, space.at), space.ages))
        for date, proved, suspected in product(born, (True, False), (False, True)):
            value = (space.reached(date, created_at), date is None or proved, suspected)
            if value in seen:
                continue
            person = Trial(
                codes=_NOWHERE,
                codes_then=_NOWHERE,
                created_at=created_at,
                birth_date=date,
                proved=proved,
                further=(fact(space, "minor-suspected", space.low),) if suspected else (),
            )
            reasons = age_of(
                finds.judge, situation, created_at, timeline_of(space, person)
            ).reasons
            if (
                not reasons[finds.refusing]
                or reasons[finds.permitting]
                or _report_somewhere(finds, bases, situation, person)
            ):
                seen.add(value)


def _report_somewhere(finds: Finds, bases: Bases, situation: Situation, person: Trial) -> bool:
    """Report a member wherever the policy permits it, however it answers."""
    for codes in bases.common_places(situation):
        for order, then in product(
            ORDERS, tuple(bases.then_choices(situation, codes, person.created_at))
        ):
            base = bases.complete(
                situation,
                replace(person, codes=codes, codes_then=then),
                order,
                fixed=frozenset(),
            )
            if base is not None and finds.report(situation, base):
                return True
    return False


def _deaths(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    space = finds.judge.space
    for base in _as_both_ask(bases, situation, span):
        dead = base.with_facts(fact(space, "deceased", space.at))
        if base.said and "deceased" in finds.report(situation, dead):
            return


def _noes(finds: Finds, bases: Bases, situation: Situation, span: Span) -> None:
    judge, space = finds.judge, finds.judge.space
    names = sorted(space.settings[OLD] | space.settings[NEW])
    seen: set[tuple[Reasons, ...]] = set()
    for base in _as_both_ask(bases, situation, span):
        said = {one.setting for one in base.said}
        for script in no_scripts(space, base.created_at, names, said):
            trial = base.with_facts(*script)
            line = timeline_of(space, trial)
            states = line.at(space.at), line.at(base.created_at)
            refused, permitted = (
                tuple(
                    judge.noes(side, situation, base.created_at, name, states) for name in names
                )
                for side in (finds.refusing, finds.permitting)
            )
            parted = any(refused) and not any(permitted)
            if parted and refused not in seen and "no" in finds.report(situation, trial):
                seen.add(refused)


def _as_both_ask(bases: Bases, situation: Situation, span: Span) -> Iterator[Trial]:
    for base in bases.all_members(situation, span):
        yield from bases.as_both_ask(situation, base)


def _gaps(ages: Sequence[int]) -> set[int]:
    return {elder - younger for elder in ages for younger in ages if elder > younger}


PARTS: Final[Sequence[Callable[[Finds, Bases, Situation, Span], None]]] = (
    _readers,
    _agreements,
    _places_now,
    _places_then,
    _ages,
    _deaths,
    _noes,
)
"""Each part that is tried in every situation and span."""
