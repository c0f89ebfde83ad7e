# SPDX-License-Identifier: Apache-2.0
"""A report as a PDF: the same paper, the same bytes ([AUD-145]).

The letters are part of the file and of this package, so that it is printed alike everywhere. A sign that they do not have,
or that runs from right to left, stands as its number in Unicode (`letters`). reportlab is in these two alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, assert_never

from privity.audit.papers.blocks import (
    Answered,
    Block,
    Box,
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
    Tone,
    Warned,
)
from privity.audit.papers.contents import NOTHING, cell_text
from privity.errors import UnavailableError

try:
    from reportlab import __version__ as version
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.platypus import (
        BaseDocTemplate,
        CondPageBreak,
        Flowable,
        Frame,
        PageTemplate,
        Paragraph as Text,
        Preformatted,
        Spacer,
        Table,
        TableStyle,
    )

    from privity.audit.papers.letters import (
        BOLD,
        CELL,
        INK,
        PLAIN,
        SOFT,
        clean,
        lines_of,
        style_of,
        take_letters,
        text_of,
    )
except ModuleNotFoundError as missing:
    raise UnavailableError(
        "reportlab is not installed, and a report is printed by it",
        code="audit/no-reportlab",
        hint="install the extra: `pip install 'privity[audit]'`",
    ) from missing

PRINTED_BY: Final = f"reportlab {version}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
"""What decides about the bytes of a PDF, besides the paper."""

_LINE, _TINT = "#d0d7de", "#f3f5f7"
_TONES: Final[dict[Tone, tuple[str, str]]] = {
    "found": ("#a3211b", "#fdf0ef"),
    "fine": ("#1a6b33", "#eef8f0"),
    "open": ("#7a5200", "#fff8e6"),
    "plain": ("#57606a", "#f3f5f7"),
}
_FILLS: Final = {
    "band": _TINT,
    "policy": "#0b5c8a",
    "notices": "#b3480b",
    "orders": "#a3211b",
    "claim": "#7d8590",
    "records": "#1a6b33",
    "releases": "#6f42a8",
    "disclosures": "#b01c6f",
    "runs": "#0a7068",
    "other": SOFT,
    "grid": _LINE,
    "label": INK,
    "lane": SOFT,
    "tick": SOFT,
    "inside": "#ffffff",
}
_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_FIGURES_A_ROW: Final = 4
_LONG: Final = 14
_HEADING: Final = 42.0
_TOGETHER: Final = 74.0
_PADDING: Final = 8.0
_LONGEST_WORD: Final = 170.0


def write_pdf(paper: Paper) -> bytes:
    """Give a paper as a PDF."""
    take_letters()
    target = BytesIO()
    template = BaseDocTemplate(
        target,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
        title=clean(paper.title),
        author="privity audit",
        subject=clean(paper.under),
        lang="en",
        displayDocTitle=True,
        # Without it the file would have the time of its making in it.
        invariant=1,
    )
    frame = Frame(
        _MARGIN, _MARGIN + 4 * mm, _WIDTH, A4[1] - 2 * _MARGIN - 4 * mm, 0, 0, 0, 0, id="page"
    )

    def on_page(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(PLAIN, 7)
        canvas.setFillColor(HexColor(SOFT))
        canvas.drawString(_MARGIN, _MARGIN - 2 * mm, clean(paper.foot))
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN - 2 * mm, f"page {document.page}")
        canvas.restoreState()

    template.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=on_page)])
    template.build(list(_flow(paper)))
    return target.getvalue()


def _flow(paper: Paper) -> Iterator[Any]:
    yield Text(text_of(paper.title), style_of("title"))
    yield Text(text_of(paper.under), style_of("under"))
    for block in paper.lead:
        yield from _block(block)
    for section in paper.sections:
        first = section.blocks[0] if section.blocks else None
        drawn = first.height * _WIDTH / first.width if isinstance(first, Drawing) else 0.0
        yield CondPageBreak(_HEADING + _TOGETHER + drawn)
        yield _Heading(section.id, section.title)
        for block in section.blocks:
            yield from _block(block)


class _Heading(Text):  # type: ignore[misc]  # reportlab has no types
    """A heading that the reader's list of contents has."""

    def __init__(self, key: str, title: str) -> None:
        super().__init__(text_of(title), style_of("heading"))
        self._mark = (key, clean(title))

    def draw(self) -> None:
        """Draw it, and mark its place."""
        key, title = self._mark
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(title, key, level=0)
        super().draw()


def _block(block: Block) -> Iterator[Any]:
    match block:
        case Answered():
            yield from _answered(block)
        case Warned(text=text):
            yield _framed([Text(text_of(text), style_of("text"))], *_TONES["open"])
            yield Spacer(1, 5)
        case Paragraph(text=text):
            yield Text(text_of(text), style_of("text"))
        case Points(lines=lines):
            yield from (Text(text_of(one), style_of("point"), bulletText="•") for one in lines)
        case Facts() | Figures():
            yield _facts(block.lines) if isinstance(block, Facts) else _figures(block.lines)
        case Code(lines=codes):
            yield _framed(
                [Preformatted("\n".join(map(clean, codes)), style_of("code"))], SOFT, _TINT
            )
        case Grid():
            yield from _grid(block)
        case Drawing():
            yield _Drawn(block)
            yield Spacer(1, 4)
        case _:
            assert_never(block)


def _answered(block: Answered) -> Iterator[Any]:
    colour, tint = _TONES[block.tone]
    words = Text(f'<font color="{colour}">{text_of(block.words)}</font>', style_of("answer"))
    sentences = [Text(text_of(one), style_of("text")) for one in block.sentences]
    yield _framed([words, *sentences], colour, tint)
    yield Spacer(1, 7)


def _framed(content: list[Any], colour: str, tint: str) -> Any:
    return Table(
        [[content]],
        colWidths=[_WIDTH],
        style=TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(tint)),
                ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(colour)),
                ("LEFTPADDING", (0, 0), (-1, -1), 11),
                ("RIGHTPADDING", (0, 0), (-1, -1), 9),
                ("TOPPADDING", (0, 0), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ]
        ),
    )


def _facts(facts: tuple[tuple[str, str], ...]) -> Any:
    rows = [
        [Text(text_of(name), style_of("name")), Text(lines_of(value), style_of("text"))]
        for name, value in facts
    ]
    if not rows:
        return Spacer(1, 1)
    style = TableStyle([*_BARE, ("BOTTOMPADDING", (0, 0), (-1, -1), 0)])
    return Table(rows, colWidths=[_WIDTH * 0.24, _WIDTH * 0.76], style=style)


_BARE: Final = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
)


def _figures(figures: tuple[tuple[str, str], ...]) -> Any:
    cells = [
        [
            Text(text_of(value), style_of("figure" if len(value) <= _LONG else "text")),
            Text(text_of(name), style_of("caption")),
        ]
        for name, value in figures
    ]
    cells += [[] for _ in range(-len(cells) % _FIGURES_A_ROW)]
    rows = [cells[at : at + _FIGURES_A_ROW] for at in range(0, len(cells), _FIGURES_A_ROW)]
    return Table(
        rows,
        colWidths=[_WIDTH / _FIGURES_A_ROW] * _FIGURES_A_ROW,
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(_TINT)),
                ("INNERGRID", (0, 0), (-1, -1), 4, HexColor("#ffffff")),
                ("TOPPADDING", (0, 0), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        ),
    )


def _grid(grid: Grid) -> Iterator[Any]:
    # Not by keeping caption and table together: that would move a long table to the next page.
    yield CondPageBreak(_TOGETHER)
    yield Text(text_of(grid.caption), style_of("caption"))
    if not (grid.rows and grid.head):
        yield Text("none", style_of("text"))
        return
    texts = [[cell_text(one) for one in row] for row in grid.rows]
    least, wanted = _widths(grid.head, texts)
    if sum(least) > _WIDTH:
        yield from _row_by_row(grid.head, texts)
    else:
        yield _table(grid, texts, _shared(least, wanted))
    if grid.note:
        yield Text(text_of(grid.note), style_of("note"))


def _table(grid: Grid, texts: list[list[str]], widths: list[float]) -> Any:
    numbers = [
        all(isinstance(one, int | None) for one in cells)
        for cells in zip(*grid.rows, strict=True)
    ]
    kinds = ["number" if number else "cell" for number in numbers]
    heads = ["head-number" if number else "head" for number in numbers]
    head = [
        Text(text_of(one), style_of(kind)) for one, kind in zip(grid.head, heads, strict=True)
    ]
    body = [
        [Text(text_of(one), style_of(kind)) for one, kind in zip(row, kinds, strict=True)]
        for row in texts
    ]
    return Table(
        [head, *body],
        colWidths=widths,
        hAlign="LEFT",
        repeatRows=1,
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("LINEBELOW", (0, 0), (-1, 0), 1, HexColor(INK)),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(_LINE)),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING - 1),
                ("TOPPADDING", (0, 0), (-1, -1), 2.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
            ]
        ),
    )


def _row_by_row(head: tuple[str, ...], texts: list[list[str]]) -> Iterator[Any]:
    """Write a table that is wider than the page: each row as what it says, by name."""
    for row in texts:
        said = " · ".join(
            f'<font color="{SOFT}">{text_of(name)}</font>\u00a0{text_of(one)}'
            for name, one in zip(head, row, strict=True)
            if one != NOTHING
        )
        yield Text(said, style_of("row"))


def _widths(head: tuple[str, ...], rows: list[list[str]]) -> tuple[list[float], list[float]]:
    """Give for each column how wide its longest word is, and its longest text."""
    least, wanted = [], []
    for column, name in enumerate(head):
        texts = [clean(row[column]) for row in rows]
        words = {word for text in texts for word in text.split()}
        titles = max(stringWidth(word, BOLD, CELL) for word in name.split() or [""])
        widest = max((stringWidth(word, PLAIN, CELL) for word in words), default=0.0)
        least.append(max(min(widest, _LONGEST_WORD), titles) + _PADDING)
        whole = max(stringWidth(text, PLAIN, CELL) for text in texts)
        wanted.append(max(whole, stringWidth(name, BOLD, CELL)) + _PADDING)
    return least, wanted


def _shared(least: list[float], wanted: list[float]) -> list[float]:
    """Give columns what their texts take; where that is too much, what their words take and a share of the rest."""
    if sum(wanted) <= _WIDTH:
        return wanted
    rest = _WIDTH - sum(least)
    more = [max(one - low, 0.0) for low, one in zip(least, wanted, strict=True)]
    return [low + rest * one / sum(more) for low, one in zip(least, more, strict=True)]


class _Drawn(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A drawing, as wide as the page."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self._drawing = drawing
        self._scale = _WIDTH / drawing.width

    def wrap(self, *available: float) -> tuple[float, float]:
        """Give its size."""
        del available
        return _WIDTH, self._drawing.height * self._scale

    def draw(self) -> None:
        """Draw it."""
        canvas = self.canv
        canvas.scale(self._scale, self._scale)
        for shape in self._drawing.shapes:
            _draw(canvas, shape, self._drawing.height)


def _draw(canvas: Any, shape: Shape, height: float) -> None:
    colour = HexColor(_FILLS[shape.kind])
    canvas.setFillColor(colour)
    match shape:
        case Stroke(x=x, y=y, to_x=to_x, to_y=to_y):
            canvas.setStrokeColor(colour)
            canvas.setLineWidth(0.8)
            canvas.line(x, height - y, to_x, height - to_y)
        case Box(x=x, y=y, width=width, height=tall):
            canvas.roundRect(x, height - y - tall, width, tall, 2, stroke=0, fill=1)
        case Dot(x=x, y=y, radius=radius):
            canvas.circle(x, height - y, radius, stroke=0, fill=1)
        case Letters(x=x, y=y, text=text, anchor=anchor):
            canvas.setFont(PLAIN, 9)
            write = {
                "start": canvas.drawString,
                "middle": canvas.drawCentredString,
                "end": canvas.drawRightString,
            }[anchor]
            write(x, height - y, clean(text))
        case _:
            assert_never(shape)
