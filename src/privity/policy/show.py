# SPDX-License-Identifier: Apache-2.0
"""A policy's page: the version asked for in plain language, and all versions (specs/policy.md part 6).

The sentences are those of `privity.policy.plain`; this module puts them on a page, as text or as plain
values. It decides nothing and reads no clock.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from privity.canonical.instants import Instant, format_instant
from privity.policy.model import Version
from privity.policy.plain import Line, Section, sections_of
from privity.policy.versions import History
from privity.vocabulary.sentences import day

_WIDTH: Final = 96
_INDENT: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A version and when it is in force: from `start`, until `until` or on and on."""

    version: Version
    start: Instant
    until: Instant | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A policy as people read it.

    Attributes:
        title: Whose policy it is, and of what name.
        shown: The version that the sections tell of, or None where none is in force.
        at: The instant that was asked about, or None for the newest version.
        sections: What the version says.
        periods: Every version, in order.
    """

    title: str
    shown: Version | None
    at: Instant | None
    sections: tuple[Section, ...]
    periods: tuple[Period, ...]


def page_of(policy: History, at: Instant | None = None) -> Page:
    """Make the page of the version in force at `at`, or of the newest one.

    Args:
        policy: At least one version.
        at: The instant asked about, or None.

    Raises:
        ValueError: The history is empty.
    """
    if not policy.versions:
        message = "a page needs at least one version"
        raise ValueError(message)
    newest = policy.versions[-1]
    shown = newest if at is None else policy.in_force(at)
    told = shown or newest
    return Page(
        title=f"What {told.controller} may do with what its members write: policy {told.policy}",
        shown=shown,
        at=at,
        sections=() if shown is None else tuple(sections_of(shown, policy)),
        periods=periods_of(policy),
    )


def periods_of(policy: History) -> tuple[Period, ...]:
    """Give every version with when it is in force, in order."""
    following: list[Instant | None] = [two.start for _, two in pairwise(policy.versions)]
    return tuple(
        Period(version=version, start=version.start, until=until)
        for version, until in zip(policy.versions, [*following, None], strict=False)
    )


def text_of(page: Page, width: int = _WIDTH) -> tuple[str, ...]:
    """Render a page as lines of text."""
    lines = [*textwrap.wrap(page.title, width), *textwrap.wrap(_standing(page), width)]
    for section in (*page.sections, _history_section(page)):
        lines += ["", *textwrap.wrap(section.heading, width)]
        for line in section.lines:
            lines += _render(line, width)
    return tuple(lines)


def data_of(page: Page) -> dict[str, object]:
    """Give a page as plain values for JSON."""
    return {
        "title": page.title,
        "at": None if page.at is None else format_instant(page.at),
        "version": None if page.shown is None else page.shown.version,
        "sections": [
            {
                "heading": section.heading,
                "lines": [
                    {"label": line.label, "sentences": list(line.sentences)}
                    for line in section.lines
                ],
            }
            for section in page.sections
        ],
        "versions": [
            {
                "version": period.version.version,
                "published_at": format_instant(period.version.published_at),
                "effective_at": format_instant(period.version.effective_at),
                "back_dated": period.version.back_dated,
                "start": format_instant(period.start),
                "until": None if period.until is None else format_instant(period.until),
            }
            for period in page.periods
        ],
    }


# --- the page's head and foot


def _standing(page: Page) -> str:
    if page.shown is None:
        asked = day(page.at or 0)
        return f"No version is in force on {asked}: nothing may be used."
    period = next(one for one in page.periods if one.version is page.shown)
    until = "" if period.until is None else f" until {day(period.until)}"
    return f"Version {page.shown.version}, in force from {day(period.start)}{until}."


def _history_section(page: Page) -> Section:
    lines = []
    for period in page.periods:
        version = period.version
        if period.until == period.start:
            said = f"Never in force: another version starts with it on {day(period.start)}."
        else:
            until = "on" if period.until is None else f"until {day(period.until)}"
            said = f"In force from {day(period.start)} {until}."
        published = f"Published on {day(version.published_at)}."
        if version.back_dated:
            published = (
                f"Published on {day(version.published_at)}, although it says that it takes effect "
                f"on {day(version.effective_at)}: it counts from its publication."
            )
        lines.append(Line(label=version.version, sentences=(said, published)))
    return Section(heading="Versions of this policy", lines=tuple(lines))


def _render(line: Line, width: int) -> list[str]:
    lines: list[str] = []
    label = f"  {line.label}"
    indent = " " * _INDENT
    if len(label) >= _INDENT:
        lines.append(label)
        label = ""
    for sentence in line.sentences:
        lines += textwrap.wrap(
            sentence,
            width,
            initial_indent=label.ljust(_INDENT),
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        label = ""
    return lines
