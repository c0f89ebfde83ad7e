# SPDX-License-Identifier: Apache-2.0
"""A page in HTML: one file that needs nothing from outside and runs nothing ([REL-47], [REL-48]).

What keeps it from that is in `papers.page`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, assert_never

from privity.papers.page import contents_of, head_of, main_of, text_of, wide_of
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
    yield from head_of(page.title, _STYLE)
    yield "<body>"
    yield "<header>"
    yield f"<h1>{text_of(page.title)}</h1>"
    for block in page.lead:
        yield from _block(block)
    yield from contents_of("On this page", page.sections)
    yield "</header>"
    yield from main_of(page.sections, lambda block, _section: _block(block))
    yield "</body>"
    yield "</html>"


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
                yield f"<dt>{text_of(name)}</dt><dd>{_spans(value)}</dd>"
            yield "</dl>"
        case Table():
            yield from _table(block)
        case Plot():
            yield from _plot(block)
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield from wide_of(table.caption)
    numbers = [isinstance(cell, Number) for cell in (table.rows[0] if table.rows else ())]
    kinds = [' class="number"' if one else "" for one in numbers] or [""] * len(table.head)
    head = (
        f'<th scope="col"{kind}>{text_of(name)}</th>'
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
    return f'<td class="{kind}">{text_of(str(span))}</td>'


def _plot(plot: Plot) -> Iterator[str]:
    title, told = f"{plot.id}-title", f"{plot.id}-told"
    opened, rest = plot.svg.split(">", 1)
    yield f'<figure id="{escape(plot.id)}">'
    yield f'<figcaption aria-hidden="true">{text_of(plot.title)}</figcaption>'
    yield f'{opened} role="img" aria-labelledby="{escape(title)}" aria-describedby="{escape(told)}">'
    yield f'<title id="{escape(title)}">{text_of(plot.title)}</title>'
    yield f'<desc id="{escape(told)}">{text_of(plot.told)}</desc>'
    yield rest
    yield "</figure>"


def _spans(spans: Spans) -> str:
    return "".join(_span(one) for one in spans)


def _span(span: Span) -> str:
    match span:
        case str():
            return text_of(span)
        case Code(value=value):
            return f"<code>{text_of(value)}</code>"
        case Number():
            return text_of(str(span))
        case _:
            assert_never(span)
