# SPDX-License-Identifier: Apache-2.0
"""What a page is made of, whichever way it is written: text, facts, tables, plots.

A block holds plain values. Only `page.py` and `markdown.py` turn them into a language, and each escapes whatever it
writes, so that no text of a policy or of a log becomes more than text ([REL-48]).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from privity.papers.page import Section
from privity.release.papers.strict import Count

HIDDEN: Final = "hidden"
"""What stands where a number is not shown."""


@dataclass(frozen=True, slots=True)
class Code:
    """A name, a digest or a command: shown in letters of one width."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number of records; None is hidden."""

    value: Count

    def __str__(self) -> str:
        """Give it as people read it."""
        return HIDDEN if self.value is None else f"{self.value:,}"


Span = str | Code | Number
Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    lines: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so: a name and a value each."""

    lines: tuple[tuple[str, Spans], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table; its first column names the row.

    Attributes:
        caption: What it shows, in one sentence.
        head: The names of the columns.
        rows: The cells.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """A plot, which shows what the table beside it says.

    Attributes:
        id: Its name in the page, of small letters and `-`.
        title: What it shows.
        told: What is seen in it, for who cannot see it.
        svg: The drawing, an `svg` element that needs nothing from outside.
        text: The same in letters, or empty where the table is enough.
    """

    id: str
    title: str
    told: str
    svg: str
    text: str


Block = Paragraph | Points | Facts | Table | Plot


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page.

    Attributes:
        title: Its heading.
        lead: What it is, in some sentences.
        sections: Its parts.
    """

    title: str
    lead: tuple[Block, ...]
    sections: tuple[Section[Block], ...]
