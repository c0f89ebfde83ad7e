# SPDX-License-Identifier: Apache-2.0
"""The finite space in which two policies are compared (specs/analysis.md part 1).

Uses (a purpose, a category, a role) that neither policy tells apart form one *situation*; instants of making
between which neither changes its text form one *span*. What a member is to the two is `cells.py`. Nothing
here judges: that is the rule's, through `judge.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final, Literal

from privity.canonical.instants import EARLIEST, Instant, anniversary, parse_date
from privity.decide.grant import Asked
from privity.policy.model import Scope, Version
from privity.policy.versions import History
from privity.vocabulary.places import GROUPS, changes, codes, in_place, members
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

Use = tuple[str, str, str]
"""A purpose, a category and a role."""

Side = Literal[0, 1]
"""One of the two policies: 0 is the old one, 1 the new one."""

OLD: Final[Side] = 0
NEW: Final[Side] = 1
DAY: Final = 86_400
GROUP_MESSAGE: Final = "group-message"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Situation:
    """Uses that neither policy tells apart; each is itself alone.

    Attributes:
        asked: One of them, at the instant of use.
        uses: All of them, in the order of the vocabulary.
    """

    asked: Asked
    uses: tuple[Use, ...]

    @property
    def is_group(self) -> bool:
        """Whether it is about messages in groups, whose readers are asked or not."""
        return self.asked.category == GROUP_MESSAGE


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Instants of making from `start` on and before `end`, between which no text changes."""

    start: Instant
    end: Instant

    def __contains__(self, instant: Instant) -> bool:
        """Tell whether a record of this instant belongs to it."""
        return self.start <= instant < self.end


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """What two policies are compared on.

    Attributes:
        policies: The versions known of the old policy and of the new one.
        at: The instant of use.
        known: Up to when anything is believed.
        situations: The uses, grouped.
        spans: The instants of making, grouped, in order; the last ends after `at`.
        places: The places that either policy names, sorted.
        alike: For each code of ISO 3166 the first one that no place tells apart from it at `at`.
        ages: Every minimum age that either policy names, ascending.
        settings: The settings that each policy has, in whichever version.
        agreements: The agreements that either policy describes, sorted.
        group_changes: Where the membership of a group that is named changes, up to `at`, in order.
        low: Before everything that either policy names.
    """

    policies: tuple[History, History]
    at: Instant
    known: Instant
    situations: tuple[Situation, ...]
    spans: tuple[Span, ...]
    places: tuple[str, ...]
    alike: dict[str, str]
    ages: tuple[int, ...]
    settings: tuple[frozenset[str], frozenset[str]]
    agreements: tuple[str, ...]
    group_changes: tuple[Instant, ...]
    low: Instant

    def span_of(self, created_at: Instant) -> Span:
        """Give the span of a record that was made by `at`."""
        return next(span for span in self.spans if created_at in span)

    def reached(
        self, birth_date: str | None, created_at: Instant
    ) -> tuple[int, int] | tuple[None, None]:
        """Give how many of the ages somebody has reached at `at`, and had when a record was made."""
        if birth_date is None:
            return None, None
        born = parse_date(birth_date)
        instants = [anniversary(born, age) for age in self.ages]
        return (
            sum(one <= self.at for one in instants),
            sum(one <= created_at for one in instants),
        )

    def epoch_of(self, instant: Instant) -> Instant:
        """Give since when groups have had the members that they have at an instant."""
        place = bisect_right(self.group_changes, instant)
        return self.group_changes[place - 1] if place else EARLIEST

    def place_key(self, code: str, instant: Instant) -> tuple[bool, ...]:
        """Tell in which of the places a code lies at an instant."""
        return tuple(in_place(code, place, instant) for place in self.places)


def make_space(
    old: History,
    new: History,
    at: Instant,
    known: Instant,
    wanted: Callable[[Use], bool] = lambda _use: True,
) -> Space:
    """Lay out what two policies are compared on.

    Args:
        old: All versions of the old policy; those published after `known` do not exist.
        new: Likewise of the new one.
        at: The instant of use.
        known: Up to when anything is believed.
        wanted: Which uses to compare.
    """
    policies = (old.known(known), new.known(known))
    versions = [version for policy in policies for version in policy.versions]
    places = tuple(sorted(set(_places(versions))))
    grouped = any(place in GROUPS for place in places)
    group_changes = sorted(
        {
            edge
            for code in {code for group in members().values() for code in group}
            for edge in changes(code)
            if edge <= at
        }
        if grouped
        else ()
    )
    settings = [setting for version in versions for setting in version.settings.values()]
    longest = max((setting.objection_window for setting in settings), default=0)
    return Space(
        policies=policies,
        at=at,
        known=known,
        situations=tuple(_situations(versions, at, wanted)),
        spans=tuple(_spans(policies, at)),
        places=places,
        alike=_alike(places, at),
        ages=tuple(
            sorted({one.minimum_age for one in settings if one.minimum_age is not None})
        ),
        settings=(_names(policies[OLD]), _names(policies[NEW])),
        agreements=tuple(sorted({name for version in versions for name in version.agreements})),
        group_changes=tuple(group_changes),
        low=min((at, *_instants(versions), *group_changes)) - longest - 10 * DAY,
    )


def settled(*policies: History) -> Instant:
    """Give an instant at which all that policies say has begun, and every window has run."""
    versions = [version for policy in policies for version in policy.versions]
    windows = [
        setting.objection_window
        for version in versions
        for setting in version.settings.values()
    ]
    return max(_instants(versions), default=0) + max(windows, default=0) + DAY


def _instants(versions: Iterable[Version]) -> list[Instant]:
    found = []
    for version in versions:
        found += [version.published_at, version.effective_at]
        found += [setting.live_from for setting in version.settings.values()]
        found += [notice.effective_at for notice in version.notices.values()]
    return found


def _names(policy: History) -> frozenset[str]:
    return frozenset(name for version in policy.versions for name in version.settings)


def _places(versions: Iterable[Version]) -> Iterator[str]:
    for version in versions:
        for setting in version.settings.values():
            yield from setting.exempt
            for line in setting.default:
                yield from line.places or ()


def _alike(places: tuple[str, ...], at: Instant) -> dict[str, str]:
    first: dict[tuple[bool, ...], str] = {}
    return {
        code: first.setdefault(tuple(in_place(code, place, at) for place in places), code)
        for code in sorted(codes())
    }


def _spans(policies: tuple[History, History], at: Instant) -> Iterator[Span]:
    # What is older than the first version is judged by the first: its start changes no text of then.
    edges = {
        version.start
        for policy in policies
        for version in policy.versions[1:]
        if version.start <= at
    }
    for start, end in pairwise([EARLIEST, *sorted(edges), at + 1]):
        yield Span(start=start, end=end)


def _situations(
    versions: list[Version], at: Instant, wanted: Callable[[Use], bool]
) -> Iterator[Situation]:
    """Group the uses that no scope of either policy tells apart."""
    scopes = [scope for version in versions for scope in _scopes(version)]
    explicit = [setting for version in versions for setting in version.settings.values()]
    groups: dict[object, list[Use]] = {}
    for use in product(PURPOSES, CATEGORIES, ROLES):
        if wanted(use):
            key = (
                tuple(test for one in scopes for test in (one.bites(*use), one.contains(*use))),
                tuple(setting.wants_explicit(use[1]) for setting in explicit),
                use[1] == GROUP_MESSAGE,
            )
            groups.setdefault(key, []).append(use)
    for uses in groups.values():
        purpose, category, role = uses[0]
        yield Situation(
            asked=Asked(purpose=purpose, category=category, role=role, at=at), uses=tuple(uses)
        )


def _scopes(version: Version) -> Iterator[Scope]:
    yield from (setting.scope for setting in version.settings.values())
    yield from (rule.scope for rule in version.forbid)
    for agreement in version.agreements.values():
        yield from (promise.scope for promise in agreement.promises)
    yield from (rule.scope for rule in version.obligations)
