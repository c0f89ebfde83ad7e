# SPDX-License-Identifier: Apache-2.0
"""A page in Markdown, for a repository or a terminal ([REL-48]).

What Markdown or HTML would take for its own is escaped, and a text stays on its line. Plots are drawn in letters; the numbers
are in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from privity.papers.page import shown
from privity.release.papers.blocks import (
    Block,
    Code,
    Facts,
    Number,
    Page,
    Paragraph,
    Plot,
    Points,
    Span,
    Spans,
    Table,
)

_SIGNS: Final = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINKS: Final = re.compile(r"(?i)(https?|ftp|www|mailto)([:.])")
_LEADS: Final = re.compile(r"^(\d+)([.)])|^([-+=#])")


def write_markdown(page: Page) -> str:
    """Give a page as Markdown."""
    lines = [f"# {_text(page.title)}", ""]
    lines += _blocks(page.lead)
    for section in page.sections:
        lines += [f"## {_text(section.title)}", "", *_blocks(section.blocks)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _blocks(blocks: Iterable[Block]) -> list[str]:
    """Give blocks with an empty line after each; what has nothing in letters has none."""
    lines = []
    for block in blocks:
        written = list(_block(block))
        lines += [*written, ""] if written else []
    return lines


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(spans=spans):
            yield _line(spans)
        case Points(lines=points):
            for one in points:
                yield f"- {_line(one)}"
        case Facts(lines=facts):
            for name, value in facts:
                yield f"- **{_text(name)}:** {_spans(value)}"
        case Table():
            yield from _table(block)
        case Plot(text=text):
            if text:
                yield f"{_line((block.title,))}:"
                yield ""
                yield from (f"    {shown(line)}" for line in text.splitlines())
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield _line((table.caption,))
    yield ""
    numbers = [isinstance(cell, Number) for cell in (table.rows[0] if table.rows else ())]
    rules = ["---:" if one else "---" for one in numbers] or ["---"] * len(table.head)
    yield f"| {' | '.join(map(_text, table.head))} |"
    yield f"| {' | '.join(rules)} |"
    for row in table.rows:
        yield f"| {' | '.join(map(_span, row))} |"


def _line(spans: Spans) -> str:
    """Give spans as a line that begins no list, no heading, no rule and no block of code."""
    return _LEADS.sub(_lead, _spans(spans).lstrip())


def _lead(found: re.Match[str]) -> str:
    number, dot, sign = found.groups()
    return f"{number}\\{dot}" if dot else f"\\{sign}"


def _spans(spans: Spans) -> str:
    return "".join(_span(one) for one in spans)


def _span(span: Span) -> str:
    match span:
        case str():
            return _text(span)
        case Code(value=value):
            return _code(value)
        case Number():
            return _text(str(span))
        case _:
            assert_never(span)


def _code(value: str) -> str:
    """Give a name between backticks; one that has backticks or a bar itself is a text."""
    plain = shown(value)
    return _text(value) if re.search(r"[`|]", plain) or not plain.strip() else f"`{plain}`"


def _text(text: str) -> str:
    escaped = _SIGNS.sub(r"\\\1", shown(text))
    for sign, entity in _ENTITIES.items():
        escaped = escaped.replace(sign, entity)
    # Some readers make links of bare addresses; ours are none.
    return _LINKS.sub(lambda found: f"{found[1]}&#{ord(found[2])};", escaped)
