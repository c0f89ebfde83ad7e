# SPDX-License-Identifier: Apache-2.0
"""What a new policy opens and closes, as values (specs/analysis.md part 4).

Cells that open or close by one part, for the same reasons, are put together: their uses, their spans of
making, the places. Nothing is lost by that, and each group keeps a member to show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from privity.canonical.instants import EARLIEST, Instant
from privity.decide.analysis.cells import Direction, Kind
from privity.decide.analysis.entries import Entry
from privity.decide.analysis.judge import Judge, Signature
from privity.decide.analysis.search import search
from privity.decide.analysis.space import NEW, OLD, Situation, Space, Span, Use, make_space
from privity.decide.analysis.trials import Trial, facts_of, record_of
from privity.decide.request import Record
from privity.members.facts import Fact
from privity.policy.versions import History
from privity.vocabulary.places import codes as all_codes
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

_KINDS: Final[tuple[Kind, ...]] = (
    "ground",
    "readers",
    "setting",
    "agreement",
    "place",
    "place-then",
    "age",
    "no",
    "deceased",
)
_VALUED: Final[frozenset[Kind]] = frozenset(("place-then", "age"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Uses:
    """Every purpose with every category and every role."""

    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    recipients: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """Records made from `start` on, or at any time before `until`; None has no bound."""

    start: Instant | None
    until: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """A notice that has to reach members before anything of theirs is used by a setting.

    Attributes:
        setting: The setting.
        notice: The notice.
        since: From when a delivery counts, or None where every one does.
        live: From when silence counts at the earliest, or a yes where only a yes does.
        window: Seconds that silence waits after the delivery; None where silence is no yes.
    """

    setting: str
    notice: str
    since: Instant | None
    live: Instant
    window: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Age:
    """How old a member is.

    Attributes:
        now: How many of the ages it has reached, or None where no birth date is known.
        then: How many it had reached when the record was made.
        proved: Whether a birth date was given by the instant of use.
        suspected: Whether it was suspected to be under age, now or then.
    """

    now: int | None
    then: int | None
    proved: bool
    suspected: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Cells that open, or close, by one part of what a member is.

    Attributes:
        direction: Which.
        kind: The part.
        name: The agreement or the setting that it is about, or the empty text.
        said: What the member said, for a ground or a setting; `now` or `then` for an agreement.
        reasons: Why the one policy refuses; of a reader, whatever reasons there are.
        uses: What for, what and to whom.
        made: When the records were made; empty is whenever.
        places: ISO codes: where the members are now, or were then for `place-then`; None where it
            does not matter.
        several: Whether some who are in several places at once belong to it whatever `places` says.
        ages: The ages, for an age.
        moved_from: Where the member that shows it was when the record was made, if not where it is now.
        needs: For what opens: which notice has to reach them first.
        facts: What is known of a member that shows it; `m` is the member.
        record: Its record.
    """

    direction: Direction
    kind: Kind
    name: str
    said: str
    reasons: tuple[str, ...]
    uses: tuple[Uses, ...]
    made: tuple[Made, ...]
    places: tuple[str, ...] | None
    several: bool
    ages: tuple[Age, ...]
    moved_from: tuple[str, ...]
    needs: tuple[Need, ...]
    facts: tuple[Fact, ...]
    record: Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Burden:
    """Uses whose permits carry other obligations.

    Attributes:
        uses: The uses.
        added: What the new policy asks for and the old one does not.
        dropped: What the old policy asks for and the new one does not.
    """

    uses: tuple[Uses, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    """What a new policy changes, against an old one, at an instant of use.

    Attributes:
        old: The versions known of the old policy.
        new: Those of the new one.
        at: The instant of use.
        known: Up to when anything is believed.
        ages: The minimum ages that either names, ascending; `Age` counts them.
        opens: What nobody could use, and somebody can. What exposes people comes first.
        closes: What somebody could use, and nobody can.
        burdens: Where obligations change.
    """

    old: History
    new: History
    at: Instant
    known: Instant
    ages: tuple[int, ...]
    opens: tuple[Change, ...]
    closes: tuple[Change, ...]
    burdens: tuple[Burden, ...]


def compare(
    old: History,
    new: History,
    *,
    at: Instant,
    known: Instant,
    wanted: Callable[[Use], bool] = lambda _use: True,
) -> Diff:
    """Compare two policies in every cell, by the rule.

    Args:
        old: The old policy's versions; none at all permits nothing.
        new: The new policy's.
        at: When the data would be used.
        known: Up to when versions are believed.
        wanted: Which uses to compare; all, if left out.
    """
    space = make_space(old, new, at, known, wanted)
    judge = Judge(space)
    return Diff(
        old=space.policies[OLD],
        new=space.policies[NEW],
        at=at,
        known=known,
        ages=space.ages,
        opens=_changes(judge, "opens"),
        closes=_changes(judge, "closes"),
        burdens=_burdens(judge),
    )


def _changes(judge: Judge, direction: Direction) -> tuple[Change, ...]:
    found = search(judge, direction)
    alike: dict[tuple[object, ...], list[tuple[Entry, Trial]]] = {}
    for entry, trial in found.items():
        value = () if entry.part.kind in _VALUED else entry.part.value
        key = (entry.part.kind, entry.part.name, value, entry.reasons)
        alike.setdefault(key, []).append((entry, trial))
    changes = [
        change for entries in alike.values() for change in _grouped(judge, direction, entries)
    ]
    return tuple(sorted(changes, key=_gravest_first))


def _gravest_first(change: Change) -> tuple[int, bool, int, str]:
    """Order by part; silence before what was said; the wider before the narrower."""
    uses = sum(
        len(one.purposes) * len(one.categories) * len(one.recipients) for one in change.uses
    )
    return (_KINDS.index(change.kind), change.said != "nothing", -uses, change.name)


def _grouped(
    judge: Judge, direction: Direction, entries: Iterable[tuple[Entry, Trial]]
) -> Iterable[Change]:
    """Put the entries of one part and reason together, as far as uses, spans and places go."""
    # For each situation and span, all values and places.
    cells: dict[tuple[Situation, Span], list[tuple[Entry, Trial]]] = {}
    for entry, trial in entries:
        cells.setdefault((entry.situation, entry.span), []).append((entry, trial))
    spans: dict[tuple[Situation, _Extent], list[Span]] = {}
    shown: dict[tuple[Situation, _Extent], tuple[Entry, Trial]] = {}
    for (situation, span), some in cells.items():
        key = (situation, _extent(judge, some))
        spans.setdefault(key, []).append(span)
        shown.setdefault(key, some[0])
    situations: dict[tuple[_Extent, tuple[Span, ...]], list[Situation]] = {}
    for (situation, extent), mine in spans.items():
        situations.setdefault((extent, tuple(mine)), []).append(situation)
    for (extent, made), some_situations in situations.items():
        entry, trial = shown[some_situations[0], extent]
        codes, several, values = extent
        yield Change(
            direction=direction,
            kind=entry.part.kind,
            name=entry.part.name,
            said="" if entry.part.kind in _VALUED else "".join(map(str, entry.part.value)),
            reasons=tuple(sorted(entry.reasons)),
            uses=rectangles(use for one in some_situations for use in one.uses),
            made=_made(made, judge.space),
            places=None if codes is None else tuple(sorted(codes)),
            several=several,
            ages=tuple(_age(value) for value in sorted(values, key=str)),
            moved_from=tuple(sorted(trial.codes_then - trial.codes)),
            needs=_needs(judge, entry, trial) if direction == "opens" else (),
            facts=tuple(facts_of(judge.space, trial)),
            record=record_of(entry.situation, trial),
        )


_Extent = tuple[frozenset[str] | None, bool, frozenset[tuple[object, ...]]]
"""Places, whether there are members who are in several at once, and ages."""


def _extent(judge: Judge, entries: Iterable[tuple[Entry, Trial]]) -> _Extent:
    places: set[str] = set()
    by_place, several = False, False
    values = set()
    for entry, trial in entries:
        if entry.part.kind == "place-then":
            by_place = True
            places |= {
                code
                for code in all_codes()
                if judge.place_key(code, trial.created_at) == entry.part.value
            }
        elif entry.place is not None:
            by_place = True
            single = _codes_of(judge, entry.situation).get(entry.place)
            several |= single is None
            places |= single or set()
        elif entry.part.kind == "age":
            values.add(entry.part.value)
    return (frozenset(places) if by_place else None, several, frozenset(values))


def _codes_of(judge: Judge, situation: Situation) -> Mapping[Signature, set[str]]:
    found: dict[Signature, set[str]] = {}
    for code in judge.space.alike:
        signature = judge.signature(situation, frozenset((code,)))
        found.setdefault(signature, set()).add(code)
    return found


def _age(value: tuple[object, ...]) -> Age:
    now, then, proved, suspected = value
    return Age(
        now=now if isinstance(now, int) else None,
        then=then if isinstance(then, int) else None,
        proved=bool(proved),
        suspected=bool(suspected),
    )


def _made(spans: Iterable[Span], space: Space) -> tuple[Made, ...]:
    """Join spans that follow each other; all of them together are whenever."""
    found: list[Made] = []
    for span in sorted(spans, key=lambda one: one.start):
        start = None if span.start == EARLIEST else span.start
        until = None if span.end > space.at else span.end
        if found and found[-1].until == start and start is not None:
            start = found.pop().start
        found.append(Made(start=start, until=until))
    return () if found == [Made(start=None, until=None)] else tuple(found)


def _needs(judge: Judge, entry: Entry, trial: Trial) -> tuple[Need, ...]:
    """Give the notices that have to come first, where the shown member is."""
    found = []
    situation = entry.situation
    for name in sorted(judge.governing(NEW, situation)):
        marks = judge.landmarks(NEW, situation, trial.codes, name)
        silent = name not in {one.setting for one in trial.said}
        since = marks.silence_told if silent else marks.yes_told
        found.append(
            Need(
                setting=name,
                notice=marks.notice or "",  # a setting that reaches nobody opens nothing
                since=None if since == EARLIEST else since,
                live=marks.silence if silent else marks.yes,
                window=marks.window if silent else None,
            )
        )
    return tuple(found)


def rectangles(uses: Iterable[Use]) -> tuple[Uses, ...]:
    """Put uses together: every purpose with every category and every role of a group."""
    categories: dict[tuple[str, str], set[str]] = {}
    for purpose, category, role in uses:
        categories.setdefault((purpose, role), set()).add(category)
    roles: dict[tuple[str, frozenset[str]], set[str]] = {}
    for (purpose, role), some in categories.items():
        roles.setdefault((purpose, frozenset(some)), set()).add(role)
    purposes: dict[tuple[frozenset[str], frozenset[str]], set[str]] = {}
    for (purpose, some_categories), some in roles.items():
        purposes.setdefault((some_categories, frozenset(some)), set()).add(purpose)
    return tuple(
        Uses(
            purposes=tuple(one for one in PURPOSES if one in some),
            categories=tuple(one for one in CATEGORIES if one in some_categories),
            recipients=tuple(one for one in ROLES if one in some_roles),
        )
        for (some_categories, some_roles), some in purposes.items()
    )


def _burdens(judge: Judge) -> tuple[Burden, ...]:
    found: dict[tuple[frozenset[str], frozenset[str]], list[Use]] = {}
    for situation in judge.space.situations:
        if judge.ground(OLD, situation) or judge.ground(NEW, situation):
            continue
        old, new = (judge.obligations(side, situation) for side in (OLD, NEW))
        if old != new:
            found.setdefault((new - old, old - new), []).extend(situation.uses)
    return tuple(
        Burden(
            uses=rectangles(uses), added=tuple(sorted(added)), dropped=tuple(sorted(dropped))
        )
        for (added, dropped), uses in found.items()
    )
