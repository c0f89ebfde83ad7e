# SPDX-License-Identifier: Apache-2.0
"""A report as a page in HTML: one file that fetches nothing and runs nothing ([AUD-144]).

It is light or dark as its reader's screen is, and light on paper. What keeps it from running anything is in `papers.page`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from privity.audit.papers.blocks import (
    Answered,
    Block,
    Box,
    Cell,
    Code,
    Dot,
    Drawing,
    Facts,
    Figures,
    Grid,
    Letters,
    Paper,
    Paragraph,
    Points,
    Shape,
    Stroke,
    Warned,
    spans,
)
from privity.audit.papers.contents import cell_text
from privity.papers.page import contents_of, head_of, main_of, text_of, wide_of

_LONG: Final = 14
_LIGHT: Final = """--paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --tint: #f5f7f9; --lead: #0b5c8a;
  --found: #a3211b; --found-tint: #fdf0ef; --fine: #1a6b33; --fine-tint: #eef8f0; --open: #7a5200; --open-tint: #fff8e6;
  --policy: #0b5c8a; --notices: #b3480b; --orders: #a3211b; --claim: #7d8590; --records: #1a6b33; --releases: #6f42a8;
  --disclosures: #b01c6f; --runs: #0a7068; --other: #57606a;"""
_DARK: Final = """--paper: #0f1317; --ink: #e6eaee; --soft: #9aa5b1; --line: #303841; --tint: #171d23; --lead: #76b9e4;
  --found: #ff9a92; --found-tint: #2b1614; --fine: #79d092; --fine-tint: #10231a; --open: #eac26a; --open-tint: #2a2110;
  --policy: #76b9e4; --notices: #f2a46b; --orders: #ff9a92; --claim: #8b949e; --records: #79d092; --releases: #c2a2ee;
  --disclosures: #f08fc4; --runs: #5fcabf; --other: #9aa5b1;"""
_STYLE: Final = f"""
:root {{ color-scheme: light dark; {_LIGHT} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
* {{ box-sizing: border-box; }}
html {{ background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }}
body {{ margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; }}
h1 {{ font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; text-wrap: balance; }}
h2 {{ border-top: 1px solid var(--line); font-size: 1.25rem; margin: 2.75rem 0 .9rem; padding-top: 1.5rem; }}
p, ul {{ margin: .6rem 0; max-width: 46rem; }}
li {{ margin: .3rem 0; }}
a {{ color: var(--lead); }}
.under {{ color: var(--soft); }}
.answer {{ background: var(--tint); border-left: .3rem solid var(--soft); border-radius: .25rem; margin: 1.5rem 0 1rem; padding: .9rem 1.2rem; }}
.answer strong {{ display: block; font-size: 1.3rem; line-height: 1.3; }}
.answer.found {{ background: var(--found-tint); border-color: var(--found); }} .answer.found strong {{ color: var(--found); }}
.answer.fine {{ background: var(--fine-tint); border-color: var(--fine); }} .answer.fine strong {{ color: var(--fine); }}
.answer.open {{ background: var(--open-tint); border-color: var(--open); }} .answer.open strong {{ color: var(--open); }}
.warned {{ border: 1px solid var(--open); border-radius: .25rem; color: var(--open); padding: .6rem .9rem; }}
pre {{ background: var(--tint); border-radius: .25rem; margin: .8rem 0; overflow-x: auto; padding: .7rem .9rem; }}
code, pre {{ font: .86rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
code {{ background: var(--tint); border-radius: .2rem; overflow-wrap: anywhere; padding: .05em .25em; }}
nav ul {{ display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; max-width: none; padding: 0; }}
dl {{ display: grid; gap: .35rem 1.5rem; grid-template-columns: minmax(9rem, max-content) 1fr; margin: 1rem 0; }}
dt {{ color: var(--soft); }}
dd {{ margin: 0; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; }}
dl.figures {{ gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); }}
dl.figures div {{ background: var(--tint); border-radius: .25rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .7rem .9rem; }}
dl.figures dd {{ font-size: 1.25rem; font-variant-numeric: tabular-nums; line-height: 1.3; }}
dl.figures dd.long {{ font-size: 1rem; }}
dl.figures dt {{ font-size: .85rem; }}
.wide {{ margin: 1.1rem 0; overflow-x: auto; }}
.wide:focus-visible {{ outline: 2px solid var(--lead); outline-offset: 2px; }}
table {{ border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; width: 100%; }}
caption {{ color: var(--soft); padding: 0 0 .5rem; text-align: left; }}
th, td {{ border-bottom: 1px solid var(--line); padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; }}
td {{ min-width: 4rem; overflow-wrap: break-word; }}
thead th {{ border-bottom: 2px solid var(--ink); vertical-align: bottom; }}
tbody th {{ font-weight: 400; }}
.number {{ text-align: right; white-space: nowrap; }}
.none {{ color: var(--soft); }}
.note {{ color: var(--soft); font-size: .875rem; }}
figure {{ margin: 1.25rem 0; overflow-x: auto; }}
figure svg {{ display: block; font: 10px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; height: auto; min-width: 44rem; width: 100%; }}
svg text {{ fill: var(--ink); }} svg text.lane {{ fill: var(--soft); }} svg text.tick {{ fill: var(--soft); }}
svg text.inside {{ fill: var(--paper); }}
svg .band {{ fill: var(--tint); }} svg .grid {{ stroke: var(--line); }}
svg .policy {{ fill: var(--policy); }} svg .notices {{ fill: var(--notices); }} svg .orders {{ fill: var(--orders); }}
svg .claim {{ fill: var(--claim); }} svg .records {{ fill: var(--records); }} svg .releases {{ fill: var(--releases); }}
svg .disclosures {{ fill: var(--disclosures); }} svg .runs {{ fill: var(--runs); }} svg .other {{ fill: var(--other); }}
footer {{ border-top: 1px solid var(--line); color: var(--soft); font-size: .8rem; margin-top: 3rem; overflow-wrap: anywhere; padding-top: 1rem; }}
@media (max-width: 40rem) {{ dl {{ grid-template-columns: 1fr; gap: 0; }} dd {{ margin-bottom: .6rem; }} }}
@media print {{ html {{ font-size: 12px; }} body {{ max-width: none; padding: 0; }} nav {{ display: none; }}
  .wide, figure {{ overflow: visible; }} figure svg {{ min-width: 0; }} figure, tr, .answer {{ break-inside: avoid; }} h2 {{ break-after: avoid; }} thead {{ display: table-header-group; }} }}
"""


def write_page(paper: Paper) -> bytes:
    """Give a paper as HTML: the same paper, the same bytes."""
    return "".join(f"{line}\n" for line in _lines(paper)).encode()


def _lines(paper: Paper) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en" xmlns="http://www.w3.org/1999/xhtml">'
    yield from head_of(paper.title, _STYLE)
    yield "<body>"
    yield "<header>"
    yield f"<h1>{_bdi(paper.title)}</h1>"
    yield f'<p class="under">{_text(paper.under)}</p>'
    for block in paper.lead:
        yield from _block(block, "lead")
    yield from contents_of("In this report", paper.sections)
    yield "</header>"
    yield from main_of(paper.sections, _block)
    yield f"<footer>{_text(paper.foot)}</footer>"
    yield "</body>"
    yield "</html>"


def _block(block: Block, section: str) -> Iterator[str]:
    match block:
        case Answered():
            yield from _answered(block)
        case Warned(text=text):
            yield f'<p class="warned" role="note">{_sentence(text)}</p>'
        case Paragraph(text=text):
            yield f"<p>{_sentence(text)}</p>"
        case Points(lines=points):
            yield f"<ul>{''.join(f'<li>{_sentence(one)}</li>' for one in points)}</ul>"
        case Facts() | Figures():
            yield from _named(block)
        case Code(lines=lines):
            yield f'<pre tabindex="0">{"<br />".join(map(_text, lines))}</pre>'
        case Grid():
            yield from _grid(block)
        case Drawing():
            yield from _drawing(block, section)
        case _:
            assert_never(block)


def _answered(block: Answered) -> Iterator[str]:
    yield f'<div class="answer {block.tone}"><strong>{_text(block.words)}</strong>'
    yield from (f"<p>{_sentence(one)}</p>" for one in block.sentences)
    yield "</div>"


def _named(block: Facts | Figures) -> Iterator[str]:
    big = isinstance(block, Figures)
    yield f"<dl{_class('figures' * big)}>"
    for name, value in block.lines:
        size = _class("long" * (big and len(value) > _LONG))
        line = f"<dt>{_text(name)}</dt><dd{size}>{_bdi(value)}</dd>"
        yield f"<div>{line}</div>" if big else line
    yield "</dl>"


def _grid(grid: Grid) -> Iterator[str]:
    yield from wide_of(grid.caption)
    numbers = [
        bool(grid.rows) and all(isinstance(one, int | None) for one in cells)
        for cells in zip(*grid.rows, strict=True)
    ] or [False] * len(grid.head)
    head = (
        f'<th scope="col"{_class("number" if number else "")}>{_text(name)}</th>'
        for name, number in zip(grid.head, numbers, strict=True)
    )
    yield f"<thead><tr>{''.join(head)}</tr></thead>"
    yield "<tbody>"
    for row in grid.rows:
        cells = (_cell(one, number=number) for one, number in zip(row, numbers, strict=True))
        yield f"<tr>{''.join(cells)}</tr>"
    if not grid.rows:
        yield f'<tr><td colspan="{len(grid.head)}" class="none">none</td></tr>'
    yield "</tbody></table></div>"
    if grid.note:
        yield f'<p class="note">{_sentence(grid.note)}</p>'


def _cell(cell: Cell, *, number: bool) -> str:
    words = ["number"] * number + ["none"] * (cell is None)
    return f"<td{_class(' '.join(words))}><bdi>{_sentence(cell_text(cell))}</bdi></td>"


def _drawing(drawing: Drawing, section: str) -> Iterator[str]:
    title, told = f"{section}-title", f"{section}-told"
    yield "<figure>"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_at(drawing.width)} {_at(drawing.height)}" role="img" '
        f'aria-labelledby="{title}" aria-describedby="{told}">'
    )
    yield f'<title id="{title}">{_text(drawing.title)}</title>'
    yield f'<desc id="{told}">{_text(drawing.told)}</desc>'
    yield from map(_shape, drawing.shapes)
    yield "</svg></figure>"


def _shape(shape: Shape) -> str:
    match shape:
        case Stroke(x=x, y=y, to_x=to_x, to_y=to_y, kind=kind):
            return f'<line class="{kind}" x1="{_at(x)}" y1="{_at(y)}" x2="{_at(to_x)}" y2="{_at(to_y)}" />'
        case Box(x=x, y=y, width=width, height=height, kind=kind):
            size = f'width="{_at(width)}" height="{_at(height)}"'
            return f'<rect class="{kind}" x="{_at(x)}" y="{_at(y)}" {size} rx="2" />'
        case Dot(x=x, y=y, radius=radius, kind=kind):
            return f'<circle class="{kind}" cx="{_at(x)}" cy="{_at(y)}" r="{_at(radius)}" />'
        case Letters(x=x, y=y, text=text, kind=kind, anchor=anchor):
            return f'<text class="{kind}" x="{_at(x)}" y="{_at(y)}" text-anchor="{anchor}">{_text(text)}</text>'
        case _:
            assert_never(shape)


def _at(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _class(words: str) -> str:
    return f' class="{words}"' if words else ""


def _bdi(text: str) -> str:
    """Write a text whose letters may run the other way, so that it turns nothing beside it round."""
    return f"<bdi>{_text(text)}</bdi>"


def _sentence(text: str) -> str:
    return "".join(
        f"<code>{_text(part)}</code>" if name else _text(part) for part, name in spans(text)
    )


def _text(text: str) -> str:
    """Escape a text; its lines stay lines."""
    return "\n".join(map(text_of, text.split("\n")))
