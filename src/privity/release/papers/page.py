# SPDX-License-Identifier: Apache-2.0
"""A page in HTML: one file that needs nothing from outside and runs nothing ([REL-47], [REL-48]).

It is well-formed XML too. Every text is escaped where it is written, and the page's own rule
(`Content-Security-Policy`) lets a reader's program neither run nor load anything, should a text ever come through.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, assert_never

from privity.release.papers.blocks import (
    Block,
    Code,
    Facts,
    Number,
    Page,
    Paragraph,
    Plot,
    Points,
    Section,
    Span,
    Spans,
    Table,
)

_RULE: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_STYLE: Final = """
:root { color-scheme: light; --ink: #1c2026; --soft: #59616c; --line: #dfe3e8; --tint: #f6f7f9; --lead: #1b6e8c; }
* { box-sizing: border-box; }
html { background: #fff; color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 { border-top: 1px solid var(--line); font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-top: 1.5rem; }
p, ul { max-width: 46rem; }
li { margin: .3rem 0; }
code { background: var(--tint); border-radius: .2rem; font: .88em ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; padding: .1em .3em; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; margin: 1.25rem 0 0; max-width: none; padding: 0; }
a { color: var(--lead); }
dl { display: grid; gap: .3rem 1.5rem; grid-template-columns: minmax(9rem, max-content) 1fr; margin: 1rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.wide { margin: 1.25rem 0; overflow-x: auto; }
.wide:focus-visible { outline: 2px solid var(--lead); outline-offset: 2px; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { color: var(--soft); padding: 0 0 .5rem; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: .32rem .9rem .32rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; }
tbody th { background: #fff; font-weight: 400; left: 0; position: sticky; white-space: nowrap; }
thead th { min-width: 4.2rem; }
.number { text-align: right; white-space: nowrap; }
.hidden { color: var(--soft); font-style: italic; }
.none { color: #6b727c; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figcaption { font-weight: 600; margin: 0 0 .35rem; }
figure svg { display: block; height: auto; max-width: 100%; min-width: 34rem; width: 46rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
@media print { body { max-width: none; padding: 0; } nav { display: none; } figure, tr { break-inside: avoid; } }
"""


def write_page(page: Page) -> str:
    """Give a page as HTML."""
    return "".join(f"{line}\n" for line in _lines(page))


def _lines(page: Page) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8" />'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_RULE)}" />'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1" />'
    yield '<meta name="robots" content="noindex" />'
    yield f"<title>{_text(page.title)}</title>"
    yield f"<style>{_STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield "<header>"
    yield f"<h1>{_text(page.title)}</h1>"
    for block in page.lead:
        yield from _block(block)
    yield '<nav aria-label="On this page"><ul>'
    for section in page.sections:
        yield f'<li><a href="#{escape(section.id)}">{_text(section.title)}</a></li>'
    yield "</ul></nav>"
    yield "</header>"
    yield "<main>"
    for section in page.sections:
        yield from _section(section)
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _section(section: Section) -> Iterator[str]:
    yield f'<section aria-labelledby="{escape(section.id)}">'
    yield f'<h2 id="{escape(section.id)}">{_text(section.title)}</h2>'
    for block in section.blocks:
        yield from _block(block)
    yield "</section>"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(spans=spans):
            yield f"<p>{_spans(spans)}</p>"
        case Points(lines=points):
            yield "<ul>"
            for one in points:
                yield f"<li>{_spans(one)}</li>"
            yield "</ul>"
        case Facts(lines=facts):
            yield "<dl>"
            for name, value in facts:
                yield f"<dt>{_text(name)}</dt><dd>{_spans(value)}</dd>"
            yield "</dl>"
        case Table():
            yield from _table(block)
        case Plot():
            yield from _plot(block)
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    # Whoever has no mouse scrolls what can be focused.
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{_text(table.caption)}">'
    yield f"<table><caption>{_text(table.caption)}</caption>"
    numbers = [isinstance(cell, Number) for cell in (table.rows[0] if table.rows else ())]
    kinds = [' class="number"' if one else "" for one in numbers] or [""] * len(table.head)
    head = (
        f'<th scope="col"{kind}>{_text(name)}</th>'
        for name, kind in zip(table.head, kinds, strict=True)
    )
    yield f"<thead><tr>{''.join(head)}</tr></thead>"
    yield "<tbody>"
    for first, *rest in table.rows:
        yield f'<tr><th scope="row">{_span(first)}</th>{"".join(map(_cell, rest))}</tr>'
    yield "</tbody></table></div>"


def _cell(span: Span) -> str:
    if not isinstance(span, Number):
        return f"<td>{_span(span)}</td>"
    kind = {None: "number hidden", 0: "number none"}.get(span.value, "number")
    return f'<td class="{kind}">{_text(str(span))}</td>'


def _plot(plot: Plot) -> Iterator[str]:
    title, told = f"{plot.id}-title", f"{plot.id}-told"
    opened, rest = plot.svg.split(">", 1)
    yield f'<figure id="{escape(plot.id)}">'
    yield f'<figcaption aria-hidden="true">{_text(plot.title)}</figcaption>'
    yield f'{opened} role="img" aria-labelledby="{escape(title)}" aria-describedby="{escape(told)}">'
    yield f'<title id="{escape(title)}">{_text(plot.title)}</title>'
    yield f'<desc id="{escape(told)}">{_text(plot.told)}</desc>'
    yield rest
    yield "</figure>"


def _spans(spans: Spans) -> str:
    return "".join(_span(one) for one in spans)


def _span(span: Span) -> str:
    match span:
        case str():
            return _text(span)
        case Code(value=value):
            return f"<code>{_text(value)}</code>"
        case Number():
            return _text(str(span))
        case _:
            assert_never(span)


def _text(text: str) -> str:
    """Escape a text; what does not show, or turns the writing round, is shown as missing."""
    return escape("".join(char if char.isprintable() else "\ufffd" for char in text))
