# SPDX-License-Identifier: Apache-2.0
"""A report as a PDF: the same paper, the same bytes ([AUD-145]).

The letters are part of the file and of this package, so that it is printed alike everywhere. A sign that they do not have,
or that runs from right to left, stands as its number in Unicode. Here alone is reportlab.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any, Final, assert_never
from xml.sax.saxutils import escape

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
    shown,
    spans,
)
from privity.audit.papers.contents import NOTHING, cell_text
from privity.errors import UnavailableError

try:
    from reportlab import __version__ as version, rl_config
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily, stringWidth
    from reportlab.pdfbase.ttfonts import TTFont
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
except ModuleNotFoundError as missing:
    raise UnavailableError(
        "reportlab is not installed, and a report is printed by it",
        code="audit/no-reportlab",
        hint="install the extra: `pip install 'privity[audit]'`",
    ) from missing

PRINTED_BY: Final = f"reportlab {version}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
"""What decides about the bytes of a PDF, besides the paper."""

_PLAIN, _BOLD, _MONO = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
_INK, _SOFT, _LINE, _TINT = "#1b1f24", "#57606a", "#d0d7de", "#f3f5f7"
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
    "other": _SOFT,
    "grid": _LINE,
    "label": _INK,
    "lane": _SOFT,
    "tick": _SOFT,
    "inside": "#ffffff",
}
_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_FIGURES_A_ROW: Final = 4
_LONG: Final = 14
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_HEADING: Final = 42.0
_TOGETHER: Final = 74.0
_CELL: Final = 7.2
_PADDING: Final = 8.0
_LONGEST_WORD: Final = 170.0


def write_pdf(paper: Paper) -> bytes:
    """Give a paper as a PDF."""
    _fonts()
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
        canvas.setFont(_PLAIN, 7)
        canvas.setFillColor(HexColor(_SOFT))
        canvas.drawString(_MARGIN, _MARGIN - 2 * mm, clean(paper.foot))
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN - 2 * mm, f"page {document.page}")
        canvas.restoreState()

    template.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=on_page)])
    template.build(list(_flow(paper)))
    return target.getvalue()


@cache
def _fonts() -> None:
    # Of the process, as reportlab keeps them: the same letters whoever asks first.
    rl_config.invariant = 1
    for name in (_PLAIN, _BOLD, _MONO):
        registerFont(_font(name))
    registerFontFamily(_PLAIN, normal=_PLAIN, bold=_BOLD, italic=_PLAIN, boldItalic=_BOLD)


@cache
def _style(name: str) -> Any:
    plain: dict[str, Any] = {
        "fontName": _PLAIN,
        "fontSize": 9,
        "leading": 13.5,
        "textColor": HexColor(_INK),
        "splitLongWords": 1,
    }
    more: dict[str, dict[str, Any]] = {
        "title": {"fontName": _BOLD, "fontSize": 18, "leading": 23, "spaceAfter": 3},
        "under": {"textColor": HexColor(_SOFT), "spaceAfter": 6},
        "heading": {
            "fontName": _BOLD,
            "fontSize": 12.5,
            "leading": 16,
            "spaceBefore": 16,
            "spaceAfter": 5,
        },
        "text": {"spaceAfter": 5},
        "point": {"leftIndent": 11, "bulletIndent": 1, "spaceAfter": 3},
        "answer": {"fontName": _BOLD, "fontSize": 13, "leading": 18},
        "name": {"textColor": HexColor(_SOFT)},
        "figure": {"fontSize": 11.5, "leading": 15},
        "caption": {
            "textColor": HexColor(_SOFT),
            "fontSize": 8,
            "leading": 11,
            "spaceBefore": 6,
            "spaceAfter": 3,
        },
        "cell": {"fontSize": _CELL, "leading": 9.6},
        "head": {"fontName": _BOLD, "fontSize": _CELL, "leading": 9.6},
        "number": {"fontSize": _CELL, "leading": 9.6, "alignment": TA_RIGHT},
        "head-number": {
            "fontName": _BOLD,
            "fontSize": _CELL,
            "leading": 9.6,
            "alignment": TA_RIGHT,
        },
        "code": {"fontName": _MONO, "fontSize": 7.6, "leading": 11},
        "row": {
            "fontSize": _CELL,
            "leading": 10.2,
            "leftIndent": 9,
            "firstLineIndent": -9,
            "spaceAfter": 4,
        },
        "note": {"textColor": HexColor(_SOFT), "fontSize": 8, "leading": 11, "spaceBefore": 3},
    }
    return ParagraphStyle(name, **{**plain, **more[name]})


def _flow(paper: Paper) -> Iterator[Any]:
    yield Text(_text(paper.title), _style("title"))
    yield Text(_text(paper.under), _style("under"))
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
        super().__init__(_text(title), _style("heading"))
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
            yield _framed([Text(_text(text), _style("text"))], *_TONES["open"])
            yield Spacer(1, 5)
        case Paragraph(text=text):
            yield Text(_text(text), _style("text"))
        case Points(lines=lines):
            yield from (Text(_text(one), _style("point"), bulletText="•") for one in lines)
        case Facts() | Figures():
            yield _facts(block.lines) if isinstance(block, Facts) else _figures(block.lines)
        case Code(lines=codes):
            yield _framed(
                [Preformatted("\n".join(map(clean, codes)), _style("code"))], _SOFT, _TINT
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
    words = Text(f'<font color="{colour}">{_text(block.words)}</font>', _style("answer"))
    sentences = [Text(_text(one), _style("text")) for one in block.sentences]
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
        [Text(_text(name), _style("name")), Text(_lines(value), _style("text"))]
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
            Text(_text(value), _style("figure" if len(value) <= _LONG else "text")),
            Text(_text(name), _style("caption")),
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
    yield Text(_text(grid.caption), _style("caption"))
    if not grid.rows:
        yield Text("none", _style("text"))
        return
    texts = [[cell_text(one) for one in row] for row in grid.rows]
    least, wanted = _widths(grid.head, texts)
    if sum(least) > _WIDTH:
        yield from _row_by_row(grid.head, texts)
    else:
        yield _table(grid, texts, _shared(least, wanted))
    if grid.note:
        yield Text(_text(grid.note), _style("note"))


def _table(grid: Grid, texts: list[list[str]], widths: list[float]) -> Any:
    numbers = [
        all(isinstance(one, int | None) for one in cells)
        for cells in zip(*grid.rows, strict=True)
    ]
    kinds = ["number" if number else "cell" for number in numbers]
    heads = ["head-number" if number else "head" for number in numbers]
    head = [Text(_text(one), _style(kind)) for one, kind in zip(grid.head, heads, strict=True)]
    body = [
        [Text(_text(one), _style(kind)) for one, kind in zip(row, kinds, strict=True)]
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
                ("LINEBELOW", (0, 0), (-1, 0), 1, HexColor(_INK)),
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
            f'<font color="{_SOFT}">{_text(name)}</font>\u00a0{_text(one)}'
            for name, one in zip(head, row, strict=True)
            if one != NOTHING
        )
        yield Text(said, _style("row"))


def _widths(head: tuple[str, ...], rows: list[list[str]]) -> tuple[list[float], list[float]]:
    """Give for each column how wide its longest word is, and its longest text."""
    least, wanted = [], []
    for column, name in enumerate(head):
        texts = [clean(row[column]) for row in rows]
        words = {word for text in texts for word in text.split()}
        titles = max(stringWidth(word, _BOLD, _CELL) for word in name.split() or [""])
        widest = max((stringWidth(word, _PLAIN, _CELL) for word in words), default=0.0)
        least.append(max(min(widest, _LONGEST_WORD), titles) + _PADDING)
        whole = max(stringWidth(text, _PLAIN, _CELL) for text in texts)
        wanted.append(max(whole, stringWidth(name, _BOLD, _CELL)) + _PADDING)
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
            canvas.setFont(_PLAIN, 9)
            write = {
                "start": canvas.drawString,
                "middle": canvas.drawCentredString,
                "end": canvas.drawRightString,
            }[anchor]
            write(x, height - y, clean(text))
        case _:
            assert_never(shape)


@cache
def _letters() -> frozenset[int]:
    """Give the signs that the letters have."""
    return frozenset(_font(_PLAIN).face.charToGlyph)


def _font(name: str) -> Any:
    folder = resources.files("privity.audit.papers").joinpath("fonts")
    return TTFont(name, BytesIO(folder.joinpath(f"{name}.ttf").read_bytes()))


def clean(text: str) -> str:
    """Give a text with nothing that the letters cannot write as it is meant."""
    return "".join(_sign(one) for one in shown(text))


@cache
def _sign(char: str) -> str:
    if ord(char) in _letters() and unicodedata.bidirectional(char) not in _RIGHT_TO_LEFT:
        return char
    return f"⟨U+{ord(char):04X}⟩"


def _text(text: str) -> str:
    return "".join(
        f'<font name="{_MONO}">{escape(clean(part))}</font>' if name else escape(clean(part))
        for part, name in spans(text)
    )


def _lines(text: str) -> str:
    """Write lines as they stand, blanks at their beginnings too."""
    found = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        found.append("\u00a0" * (len(line) - len(bare)) + _text(bare))
    return "<br/>".join(found)
