# SPDX-License-Identifier: Apache-2.0
"""Places: ISO 3166-1 codes and the dated groups EU and EEA (specs/vocabulary.md part 3).

The groups serve protection: a state that leaves counts until its transition ends, and the EEA is the
EU's members with Iceland, Norway and Liechtenstein. A date is the instant 00:00 UTC.
"""

from __future__ import annotations

import csv
import difflib
import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from privity.canonical.instants import LATEST, Instant, parse_date, start_of
from privity.errors import InputError
from privity.vocabulary.sentences import Country, say
from privity.vocabulary.terms import quoted

EU: Final = "EU"
EEA: Final = "EEA"
GROUPS: Final = (EU, EEA)
_DAY: Final = 86_400
_CLOSE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open interval of instants: `start` counts, `end` does not."""

    start: Instant
    end: Instant

    def __contains__(self, at: Instant) -> bool:
        """Tell whether the instant lies in the span."""
        return self.start <= at < self.end


@cache
def codes() -> frozenset[str]:
    """Give the officially assigned ISO 3166-1 alpha-2 codes."""
    import pycountry  # noqa: PLC0415 - 1 MB of tables that most commands never need

    return frozenset(country.alpha_2 for country in pycountry.countries)


def is_code(code: str) -> bool:
    """Tell whether `code` is an ISO 3166-1 alpha-2 code."""
    return code in codes()


@cache
def members() -> Mapping[str, Mapping[str, Span]]:
    """Give for each built-in group the span of membership of each code."""
    text = resources.files("privity.vocabulary").joinpath("data/eu_eea.csv").read_text("utf-8")
    eu: dict[str, Span] = {}
    eea: dict[str, Span] = {}
    for row in csv.DictReader(text.splitlines()):
        # A transition's last day still counts: its end is the following midnight.
        end = _day(row["transition_to"]) + _DAY if row["transition_to"] else LATEST
        # The EU's members are the EEA's, whichever treaty came first.
        starts = [_day(row[column]) for column in ("eu_from", "eea_from") if row[column]]
        eea[row["iso2"]] = Span(min(starts), end)
        if row["eu_from"]:
            eu[row["iso2"]] = Span(_day(row["eu_from"]), end)
    return {EU: eu, EEA: eea}


def _day(text: str) -> Instant:
    return start_of(parse_date(text))


def in_place(code: str, place: str, at: Instant) -> bool:
    """Tell whether `code` is the place, or lies in the dated group of that name at `at`."""
    if place in GROUPS:
        span = members()[place].get(code)
        return span is not None and at in span
    return code == place


def changes(code: str) -> tuple[Instant, ...]:
    """Give the instants at which the code enters or leaves a built-in group, in order."""
    spans = [group[code] for group in members().values() if code in group]
    return tuple(sorted({edge for span in spans for edge in (span.start, span.end)} - {LATEST}))


def place_name(place: str) -> str:
    """Give what people call a place, by its ISO code or as a built-in group; otherwise as it is."""
    if place in _GROUP_NAMES:
        return _GROUP_NAMES[place]
    import pycountry  # noqa: PLC0415 - 1 MB of tables that most commands never need

    country = pycountry.countries.get(alpha_2=place)
    if country is None:
        return place
    return Country(getattr(country, "common_name", country.name), place)


def country_in(country: Country, locale: str) -> str:
    """Give a country's name in another language, in English where that is not known.

    Args:
        country: The country.
        locale: The language, as `de` or `pt_BR`.
    """
    return _countries_in(locale).gettext(country)


@cache
def _countries_in(locale: str) -> gettext.NullTranslations:
    import pycountry  # noqa: PLC0415 - as above

    return gettext.translation(
        "iso3166-1", pycountry.LOCALES_DIR, languages=[locale], fallback=True
    )


_GROUP_NAMES: Final = {
    EU: say("European Union (EU)"),
    EEA: say("European Economic Area (EEA)"),
}

# Reserved at the request of others for what has its own official code.
_SAID_FOR: Final = {"UK": "GB", "EL": "GR"}


def unknown_place(seen: str, groups: Iterable[str] = ()) -> InputError:
    """Make the error for a place that is not known, naming the code that was probably meant.

    Args:
        seen: What was written.
        groups: Names of the policy's own groups, which might have been meant.
    """
    known = [*groups, *GROUPS]
    meant = _meant(seen)
    near = (
        [meant]
        if meant is not None
        else difflib.get_close_matches(seen, known, n=2, cutoff=_CLOSE)
    )
    expected = (
        " or ".join(f"`{place}`" for place in near)
        if near
        else "an ISO 3166-1 code such as `GB`, or " + " or ".join(f"`{one}`" for one in known)
    )
    return InputError(
        f"unknown place {quoted(seen)}, expected {expected}",
        code="vocabulary/unknown-place",
        hint=f"write `{near[0]}`" if near else None,
    )


def _meant(seen: str) -> str | None:
    """Find the code for another spelling: a reserved code, lower case, three letters, a name."""
    import pycountry  # noqa: PLC0415 - 1 MB of tables that most commands never need

    upper = seen.upper()
    if upper in _SAID_FOR or upper in GROUPS:
        return _SAID_FOR.get(upper, upper)
    try:
        found: str = pycountry.countries.lookup(seen).alpha_2
    except LookupError:
        return None
    return found
