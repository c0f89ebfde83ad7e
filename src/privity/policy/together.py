# SPDX-License-Identifier: Apache-2.0
"""What the parts of a version come to together: contradictions, and gaps (specs/policy.md part 5).

`idle.py` looks at each rule, setting and line by itself. Here settings, agreements and rules stand beside each
other: a setting that another one keeps shut, silence that is never a yes, an agreement that nobody of a setting can
have, a place that no line is for. Found by trying every request and place, never by guessing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from privity.canonical.instants import Instant
from privity.policy.covered import Cell, contained
from privity.policy.findings import Finding, Place, note, warning
from privity.policy.idle import lines_that_work
from privity.policy.model import Places, Setting, Version, any_in
from privity.vocabulary.places import changes, codes
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, in_short, quoted

_LISTS: Final = (("purposes", PURPOSES), ("categories", CATEGORIES), ("recipients", ROLES))
_FORBIDDEN: Final = "forbid rules bite all of it"
_EXEMPT: Final = "every place is exempt, here or in settings that bite on it"


def together_findings(version: Version, place: Place) -> Iterator[Finding]:
    """Give what settings, rules and agreements of a version come to together."""
    for setting in version.settings.values():
        if setting.notice not in version.notices or not contained(setting.scope):
            continue  # by itself it permits nothing, and `idle.py` says so
        barred = {
            cell: _why_barred(version, setting, cell) for cell in contained(setting.scope)
        }
        possible = [cell for cell, why in barred.items() if why is None]
        if possible:
            yield from _terms(setting, barred, place)
            yield from _silence(version, setting, possible, place)
            yield from _promised(version, setting, possible, place)
            yield from _unmatched(setting, version.start, place)
        elif not _shut_by_itself(setting, version.start, barred.values()):
            path = f"settings.{in_short(setting.id)}"
            yield warning(
                "policy-check/setting-blocked",
                f"setting {quoted(setting.id)} can never permit anything: "
                f"{_reasons(barred.values())}",
                place(path),
            )


def _why_barred(version: Version, setting: Setting, cell: Cell) -> str | None:
    """Say why nothing that a setting governs is ever permitted for a request; None where it may be."""
    if version.forbids(*cell):
        return _FORBIDDEN
    for other in _beside(version, setting, cell):
        if other.notice not in version.notices:
            return f"setting {quoted(other.id)} governs it too, and has reached nobody"
    if _all_exempt(_exempt(version, cell), version.start):
        return _EXEMPT
    return None


def _beside(version: Version, setting: Setting, cell: Cell) -> tuple[Setting, ...]:
    """Give the other settings that govern a request whenever this one does."""
    since = max(setting.live_from, version.start)
    return tuple(one for one in version.governing(*cell, at=since) if one.id != setting.id)


def _exempt(version: Version, cell: Cell) -> Places:
    return tuple(sorted({one for mine in version.biting(*cell) for one in mine.exempt}))


@cache
def _all_exempt(places: Places, start: Instant) -> bool:
    return bool(places) and all(
        any_in((code,), places, at) for code in codes() for at in _instants(code, start)
    )


def _instants(code: str, start: Instant) -> tuple[Instant, ...]:
    return (start, *(edge for edge in changes(code) if edge > start))


def _shut_by_itself(setting: Setting, start: Instant, whys: Iterable[str | None]) -> bool:
    return set(whys) == {_FORBIDDEN} or _all_exempt(tuple(sorted(setting.exempt)), start)


def _reasons(whys: Iterable[str | None]) -> str:
    return "; ".join(sorted({why for why in whys if why is not None}))


def _terms(
    setting: Setting, barred: Mapping[Cell, str | None], place: Place
) -> Iterator[Finding]:
    """Name the terms of a setting of which nothing is ever permitted, though of others it is."""
    for position, (key, tree) in enumerate(_LISTS):
        for index, term in enumerate(getattr(setting.scope, key) or ()):
            whys = [why for cell, why in barred.items() if tree.contains(term, cell[position])]
            forbidden = key == "categories" and set(whys) == {_FORBIDDEN}  # `idle.py` says so
            if None not in whys and not forbidden:
                yield note(
                    "policy-check/never-permitted",
                    f"{quoted(term)} of setting {quoted(setting.id)} is never permitted: "
                    f"{_reasons(whys)}",
                    place(f"settings.{in_short(setting.id)}.{key}[{index}]"),
                )


def _silence(
    version: Version, setting: Setting, possible: Sequence[Cell], place: Place
) -> Iterator[Finding]:
    working = lines_that_work(setting)[1]
    if not any(setting.default[index].on for index in working):
        return
    # Where several settings govern, one may be a yes by silence and the others said.
    silent = [cell for cell in possible if not setting.wants_explicit(cell[1])]
    exempt = {_exempt(version, cell) for cell in silent}
    if any(_silent_somewhere(setting, places, version.start) for places in exempt):
        return
    yield warning(
        "policy-check/idle-silence",
        f"silence under setting {quoted(setting.id)} can never be a yes: "
        + (
            "every place where it would be is exempt in settings that bite on the same"
            if silent
            else "`explicit_only` wants an explicit yes for all that it governs"
        ),
        place(f"settings.{in_short(setting.id)}.default"),
    )


def _silent_somewhere(setting: Setting, exempt: Places, start: Instant) -> bool:
    return any(
        setting.default_on(code, at) and not any_in((code,), exempt, at)
        for code in codes()
        for at in _instants(code, max(start, setting.live_from))
    )


def _promised(
    version: Version, setting: Setting, possible: Sequence[Cell], place: Place
) -> Iterator[Finding]:
    for agreement in version.agreements.values():
        if all(
            any(promise.scope.bites(*cell) for promise in agreement.promises)
            for cell in possible
        ):
            yield note(
                "policy-check/setting-promised",
                f"agreement {quoted(agreement.id)} promises not to do anything that setting "
                f"{quoted(setting.id)} governs: nothing of whoever has it is used",
                place(f"agreements.{in_short(agreement.id)}"),
            )


def _unmatched(setting: Setting, start: Instant, place: Place) -> Iterator[Finding]:
    if not setting.default:
        return
    missed = sorted(
        code
        for code in codes()
        if any(
            not any(
                line.places is None or any_in((code,), line.places, at)
                for line in setting.default
            )
            and not any_in((code,), setting.exempt, at)
            for at in _instants(code, start)
        )
    )
    if missed:
        count = "one place" if len(missed) == 1 else f"{len(missed)} places"
        yield note(
            "policy-check/default-gap",
            f"no line of the default of setting {quoted(setting.id)} is for {count} that "
            f"{'is' if len(missed) == 1 else 'are'} not exempt, such as {quoted(missed[0])}: "
            "silence is a no there",
            place(f"settings.{in_short(setting.id)}.default"),
        )
