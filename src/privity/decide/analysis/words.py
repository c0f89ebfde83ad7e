# SPDX-License-Identifier: Apache-2.0
"""A diff in words: whom a change exposes, where, from when, and who must be told first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from privity.canonical.instants import Instant
from privity.decide.analysis.cells import Kind
from privity.decide.analysis.changes import Age, Change, Made, Need, Uses
from privity.vocabulary.places import EEA, EU, codes as all_codes, members, place_name
from privity.vocabulary.sentences import By, Listing, day, listed, say, span
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
    return _WHO[change.kind](change, ages, at)


def made(change: Change) -> str | None:
    """Say when the records were made; None is whenever."""
    return Listing([_made(one) for one in change.made], By.OR) or None


def places(change: Change, at: Instant) -> str:
    """Say where: by names, by groups, or as everywhere but some."""
    found = frozenset(change.places or ())
    text = (
        _everywhere_but(found, at) if len(found) > len(all_codes()) // 2 else named(found, at)
    )
    # Who is in several places at once belongs to the strictest; said only where nobody else is meant.
    return text if found or not change.several else say("several places at once")


def needs(change: Change) -> Iterator[str]:
    """Say which notices must come first, and what silence and a yes wait for."""
    for one in change.needs:
        yield _need(one)


def _need(one: Need) -> str:
    held = {"notice": quoted(one.notice), "setting": quoted(one.setting)}
    told = (
        say("notice {notice} of {setting} must have reached them", **held)
        if one.since is None
        else say(
            "notice {notice} of {setting} must have reached them on or after {day}",
            day=day(one.since),
            **held,
        )
    )
    live = day(one.live)
    if one.window is None:
        return say("{told}; a yes counts after that, and from {day} on", told=told, day=live)
    if not one.window:
        return say("{told}; silence counts after that, and from {day} on", told=told, day=live)
    return say(
        "{told}; silence counts {time} after that, and from {day} on",
        told=told,
        time=span(one.window),
        day=live,
    )


def _made(one: Made) -> str:
    if one.start is None:
        return say("before {day}", day=day(one.until or 0))
    if one.until is None:
        return say("since {day}", day=day(one.start))
    return say("since {day}, before {until}", day=day(one.start), until=day(one.until))


def _age(one: Age, ages: tuple[int, ...], *, proof: bool) -> str:
    if one.suspected:
        return say("who may be under age")
    if one.now is None or one.then is None:
        return say("whose birth date is not known")
    if proof and not one.proved:
        return say("whose birth date was not known yet")
    now, then = _years(one.now, ages), _years(one.then, ages)
    if now == then:
        return say("who are {age}", age=now)
    return say("who are {age}, and were {then} when it was made", age=now, then=then)


def _years(reached: int, ages: tuple[int, ...]) -> str:
    if reached == 0:
        return say("under {age}", age=ages[0])
    if reached == len(ages):
        return say("{age} or older", age=ages[-1])
    return say("{age} or older and under {older}", age=ages[reached - 1], older=ages[reached])


def _everywhere_but(found: Collection[str], at: Instant) -> str:
    others = all_codes() - frozenset(found)
    return (
        say("any place but {places}", places=named(others, at)) if others else say("any place")
    )


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
    return listed(names) if names else say("no place")


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
    if change.direction == "opens":
        return say(
            "members who would refuse as readers of a group: readers are no longer asked"
        )
    return say("members who would refuse as readers of a group: readers are asked from now on")


def _of_agreement(change: Change, _ages: tuple[int, ...], _at: Instant) -> str:
    name = quoted(change.name)
    if change.said == "now":
        return say("members who have the agreement {agreement}", agreement=name)
    return say("members who had the agreement {agreement} when it was made", agreement=name)


def _of_ages(change: Change, ages: tuple[int, ...], _at: Instant) -> str:
    proof = "age-unknown" in change.reasons
    found = dict.fromkeys(_age(one, ages, proof=proof) for one in change.ages)
    return say("members {ages}", ages=Listing(list(found), By.SEMICOLON_OR))


def _of_noes(change: Change, _ages: tuple[int, ...], _at: Instant) -> str:
    name = quoted(change.name)
    now, then = (reason in change.reasons for reason in ("opted-out", "opted-out-then"))
    if now and then:
        return say(
            "members whose no in {setting} stands and stood when it was made", setting=name
        )
    if then:
        return say("members whose no in {setting} stood when it was made", setting=name)
    return say("members whose no in {setting} stands", setting=name)


_SAID: Final[Mapping[str, str]] = {
    "nothing": say("nothing"),
    "yes": say("yes"),
    "yes, for all": say("yes, for all"),
    "no": say("no"),
}
_WHO: Final[Mapping[Kind, Callable[[Change, tuple[int, ...], Instant], str]]] = {
    "ground": lambda change, _ages, _at: say(
        "members who said {said}", said=_SAID[change.said]
    ),
    "readers": _of_readers,
    "agreement": _of_agreement,
    "place": lambda change, _ages, at: say(
        "members who are in {places}", places=places(change, at)
    ),
    "place-then": lambda change, _ages, at: say(
        "members who were in {places} when it was made", places=places(change, at)
    ),
    "age": _of_ages,
    "deceased": lambda _change, _ages, _at: say("members who have died"),
    "setting": lambda change, _ages, _at: say(
        "members who said {said} in {setting}",
        said=_SAID[change.said],
        setting=quoted(change.name),
    ),
    "no": _of_noes,
}
