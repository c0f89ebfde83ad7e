# SPDX-License-Identifier: Apache-2.0
"""A paper as one HTML file that needs nothing from outside and runs nothing ([REL-47], [REL-48], [AUD-144]).

It is well-formed XML too. Every text is escaped where it is written, and the page's own rule (`Content-Security-Policy`)
lets a reader's program neither run nor load anything, should a text ever come through. What stands in it, and how it looks,
say `release.papers` and `audit.papers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Generic, TypeVar

Block = TypeVar("Block")

RULE: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Section(Generic[Block]):
    """A part of a paper.

    Attributes:
        id: Its name in the page, of small letters and `-`.
        title: Its heading.
        blocks: What it has.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]


def shown(text: str) -> str:
    """Give a text in which what does not show, or turns the writing round, is shown as missing."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def text_of(text: str) -> str:
    """Escape a text."""
    return escape(shown(text))


def head_of(title: str, style: str) -> Iterator[str]:
    """Write what stands before the body."""
    yield "<head>"
    yield '<meta charset="utf-8" />'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(RULE)}" />'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1" />'
    yield '<meta name="robots" content="noindex" />'
    yield f"<title>{text_of(title)}</title>"
    yield f"<style>{escape(style, quote=False)}</style>"
    yield "</head>"


def contents_of(label: str, sections: Sequence[Section[Block]]) -> Iterator[str]:
    """Write the links to the sections."""
    yield f'<nav aria-label="{text_of(label)}"><ul>'
    for section in sections:
        yield f'<li><a href="#{escape(section.id)}">{text_of(section.title)}</a></li>'
    yield "</ul></nav>"


def main_of(
    sections: Iterable[Section[Block]], write: Callable[[Block, str], Iterable[str]]
) -> Iterator[str]:
    """Write the sections.

    Args:
        sections: The sections.
        write: Writes a block, given the name of its section.
    """
    yield "<main>"
    for section in sections:
        name = escape(section.id)
        yield f'<section aria-labelledby="{name}">'
        yield f'<h2 id="{name}">{text_of(section.title)}</h2>'
        for block in section.blocks:
            yield from write(block, section.id)
        yield "</section>"
    yield "</main>"


def wide_of(caption: str) -> Iterator[str]:
    """Open a table in a region of its own: whoever has no mouse scrolls what can be focused."""
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{text_of(caption)}">'
    yield f"<table><caption>{text_of(caption)}</caption>"
