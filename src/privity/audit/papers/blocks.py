# SPDX-License-Identifier: Apache-2.0
"""What a report's papers are made of, whichever way they are written: text, facts, tables, a drawing.

A block holds plain values; only `page` and `pdf` turn them into a language, and each escapes whatever it writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from privity.papers.page import Section

Tone = Literal["found", "open", "fine", "plain"]
"""How an answer is taken: something was found, it is open, nothing is wrong, neither. Words say it too."""
Cell = str | int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """The answer, as it is seen first.

    Attributes:
        tone: How it is taken.
        words: What it is, in a few words.
        sentences: The same in sentences.
    """

    tone: Tone
    words: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that nobody may overlook."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so: a name and a value each; a value of more than one line keeps its lines."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and sums, each with its name."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that a person types or compares, as they are."""

    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A table.

    Attributes:
        caption: What it shows.
        head: The names of its columns.
        rows: The cells.
        note: What stands below it, or nothing.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line of a drawing: from, to, and its kind."""

    x: float
    y: float
    to_x: float
    to_y: float
    kind: str


@dataclass(frozen=True, slots=True)
class Box:
    """A filled box of a drawing: its upper left corner, its size, and its kind."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle of a drawing: its middle, its radius, and its kind."""

    x: float
    y: float
    radius: float
    kind: str


@dataclass(frozen=True, slots=True)
class Letters:
    """A text of a drawing: where its line begins or ends, and its kind."""

    x: float
    y: float
    text: str
    kind: str
    anchor: Literal["start", "middle", "end"] = "start"


Shape = Stroke | Box | Dot | Letters


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """A drawing; y grows downwards.

    Attributes:
        title: What it shows.
        told: What is seen in it, for who cannot see it.
        width: Its width.
        height: Its height.
        shapes: What is drawn, the first undermost.
    """

    title: str
    told: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


Block = Answered | Warned | Paragraph | Points | Facts | Figures | Code | Grid | Drawing


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A report as people read it.

    Attributes:
        title: Its heading.
        under: A few words below the heading.
        lead: What is seen first.
        sections: Its parts.
        foot: What stands at the foot of each printed page.
    """

    title: str
    under: str
    lead: tuple[Block, ...]
    sections: tuple[Section[Block], ...]
    foot: str


def spans(text: str) -> tuple[tuple[str, bool], ...]:
    """Give the parts of a sentence, and whether each is a name that stands between backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return ((text, False),)
    return tuple((part, at % 2 == 1) for at, part in enumerate(parts) if part)
