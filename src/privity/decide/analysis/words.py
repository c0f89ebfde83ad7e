# SPDX-License-Identifier: Apache-2.0
"""A diff in words: whom a change exposes, where, from when, and who must be told first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from privity.canonical.instants import Instant
from privity.decide.analysis.cells import Kind
from privity.decide.analysis.changes import Age, Change, Made, Need, Uses
from privity.policy.plain import day, listed, span
from privity.vocabulary.places import EEA, EU, codes as all_codes, members, place_name
from privity.vocabulary.terms import CATEGORIES, PURPOSES, Tree, quoted

_NAMED: Final = 8


def uses_of(uses: Uses) -> str:
    """Say what for, what and to whom, in the words of the vocabulary."""
    return (
        f"{', '.join(_widest(PURPOSES, uses.purposes))}: "
        f"{', '.join(_widest(CATEGORIES, uses.categories))} "
        f"to {', '.join(uses.recipients)}"
    )


def who(change: Change, ages: tuple[int, ...], at: Instant) -> str:
    """Say of whom, or of whose records, a change is."""
    return "members " + _WHO[change.kind](change, ages, at)


def made(change: Change) -> str | None:
    """Say when the records were made; None is whenever."""
    return " or ".join(map(_made, change.made)) or None


def places(change: Change, at: Instant) -> str:
    """Say where: by names, by groups, or as everywhere but some."""
    found = frozenset(change.places or ())
    text = (
        _everywhere_but(found, at) if len(found) > len(all_codes()) // 2 else named(found, at)
    )
    # Who is in several places at once belongs to the strictest; said only where nobody else is meant.
    return text if found or not change.several else "several places at once"


def needs(change: Change) -> Iterator[str]:
    """Say which notices must come first, and what silence and a yes wait for."""
    for one in change.needs:
        yield _need(one)


def _need(one: Need) -> str:
    setting = quoted(one.setting)
    when = "" if one.since is None else f" on or after {day(one.since)}"
    told = f"notice {quoted(one.notice)} of {setting} must have reached them{when}"
    if one.window is None:
        return f"{told}; a yes counts after that, and from {day(one.live)} on"
    wait = f" {span(one.window)} after that" if one.window else " after that"
    return f"{told}; silence counts{wait}, and from {day(one.live)} on"


def _made(one: Made) -> str:
    if one.start is None:
        return f"before {day(one.until or 0)}"
    return f"since {day(one.start)}" + (
        "" if one.until is None else f", before {day(one.until)}"
    )


def _age(one: Age, ages: tuple[int, ...], *, proof: bool) -> str:
    if one.suspected:
        return "who may be under age"
    if one.now is None or one.then is None:
        return "whose birth date is not known"
    if proof and not one.proved:
        return "whose birth date was not known yet"
    now, then = _years(one.now, ages), _years(one.then, ages)
    return (
        f"who are {now}" if now == then else f"who are {now}, and were {then} when it was made"
    )


def _years(reached: int, ages: tuple[int, ...]) -> str:
    if reached == 0:
        return f"under {ages[0]}"
    if reached == len(ages):
        return f"{ages[-1]} or older"
    return f"{ages[reached - 1]} or older and under {ages[reached]}"


def _everywhere_but(found: Collection[str], at: Instant) -> str:
    others = all_codes() - frozenset(found)
    return f"any place but {named(others, at)}" if others else "any place"


def named(found: Collection[str], at: Instant) -> str:
    """Name places: a group that is there as a whole by its name, then codes, or few names."""
    rest = set(found)
    names = []
    for group in (EEA, EU):
        inside = {code for code, held in members()[group].items() if at in held}
        if inside <= rest:
            rest -= inside
            names.append(group)
    short = len(rest) > _NAMED
    names += sorted(rest) if short else [place_name(code) for code in sorted(rest)]
    return listed(names) if names else "no place"


def widest(tree: Tree, terms: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Let a term of which every kind is there stand for all of them; tell of each whether all that it has is there."""
    found = set(terms)
    whole = {
        term for term in found if {one for one in tree if tree.contains(term, one)} <= found
    }
    for term in tree:
        if term in found and not any(one in whole for one in tree.ancestors(term)[1:]):
            yield term, term in whole


def _widest(tree: Tree, terms: Iterable[str]) -> list[str]:
    """Name the widest terms, and say where one has kinds."""
    kinds = {term for one in tree for term in tree.ancestors(one)[1:]}
    return [
        f"{term} (all kinds)" if whole and term in kinds else term
        for term, whole in widest(tree, terms)
    ]


# Of whom a change is, by its part.


def _of_readers(change: Change, _ages: tuple[int, ...], _at: Instant) -> str:
    asked = "no longer asked" if change.direction == "opens" else "asked from now on"
    return f"who would refuse as readers of a group: readers are {asked}"


def _of_agreement(change: Change, _ages: tuple[int, ...], _at: Instant) -> str:
    held = "have" if change.said == "now" else "had"
    when = "" if change.said == "now" else " when it was made"
    return f"who {held} the agreement {quoted(change.name)}{when}"


def _of_ages(change: Change, ages: tuple[int, ...], _at: Instant) -> str:
    proof = "age-unknown" in change.reasons
    return "; or ".join(dict.fromkeys(_age(one, ages, proof=proof) for one in change.ages))


def _of_noes(change: Change, _ages: tuple[int, ...], _at: Instant) -> str:
    now, then = (reason in change.reasons for reason in ("opted-out", "opted-out-then"))
    stands = " and ".join(
        text for text, holds in (("stands", now), ("stood when it was made", then)) if holds
    )
    return f"whose no in {quoted(change.name)} {stands}"


_WHO: Final[Mapping[Kind, Callable[[Change, tuple[int, ...], Instant], str]]] = {
    "ground": lambda change, _ages, _at: f"who said {change.said}",
    "readers": _of_readers,
    "agreement": _of_agreement,
    "place": lambda change, _ages, at: f"who are in {places(change, at)}",
    "place-then": lambda change, _ages, at: (
        f"who were in {places(change, at)} when it was made"
    ),
    "age": _of_ages,
    "deceased": lambda _change, _ages, _at: "who have died",
    "setting": lambda change, _ages, _at: f"who said {change.said} in {quoted(change.name)}",
    "no": _of_noes,
}
