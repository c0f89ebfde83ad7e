# SPDX-License-Identifier: Apache-2.0
"""The letters of a print: what is in the package, how they are set, and what stands for a sign that they lack ([AUD-143])."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

from privity.audit.papers.blocks import spans
from privity.papers.page import shown

PLAIN: Final = "DejaVuSans"
BOLD: Final = "DejaVuSans-Bold"
MONO: Final = "DejaVuSansMono"
INK: Final = "#1b1f24"
SOFT: Final = "#57606a"
CELL: Final = 7.2
"""How large the letters of tables are."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


@cache
def take_letters() -> None:
    """Make the letters known to reportlab."""
    # Of the process, as reportlab keeps them: the same letters whoever asks first.
    rl_config.invariant = 1
    for name in (PLAIN, BOLD, MONO):
        registerFont(_font(name))
    registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


@cache
def style_of(name: str) -> Any:
    """Give how a kind of text is set."""
    plain: dict[str, Any] = {
        "fontName": PLAIN,
        "fontSize": 9,
        "leading": 13.5,
        "textColor": HexColor(INK),
        "splitLongWords": 1,
    }
    more: dict[str, dict[str, Any]] = {
        "title": {"fontName": BOLD, "fontSize": 18, "leading": 23, "spaceAfter": 3},
        "under": {"textColor": HexColor(SOFT), "spaceAfter": 6},
        "heading": {
            "fontName": BOLD,
            "fontSize": 12.5,
            "leading": 16,
            "spaceBefore": 16,
            "spaceAfter": 5,
        },
        "text": {"spaceAfter": 5},
        "point": {"leftIndent": 11, "bulletIndent": 1, "spaceAfter": 3},
        "answer": {"fontName": BOLD, "fontSize": 13, "leading": 18},
        "name": {"textColor": HexColor(SOFT)},
        "figure": {"fontSize": 11.5, "leading": 15},
        "caption": {
            "textColor": HexColor(SOFT),
            "fontSize": 8,
            "leading": 11,
            "spaceBefore": 6,
            "spaceAfter": 3,
        },
        "cell": {"fontSize": CELL, "leading": 9.6},
        "head": {"fontName": BOLD, "fontSize": CELL, "leading": 9.6},
        "number": {"fontSize": CELL, "leading": 9.6, "alignment": TA_RIGHT},
        "head-number": {
            "fontName": BOLD,
            "fontSize": CELL,
            "leading": 9.6,
            "alignment": TA_RIGHT,
        },
        "code": {"fontName": MONO, "fontSize": 7.6, "leading": 11},
        "row": {
            "fontSize": CELL,
            "leading": 10.2,
            "leftIndent": 9,
            "firstLineIndent": -9,
            "spaceAfter": 4,
        },
        "note": {"textColor": HexColor(SOFT), "fontSize": 8, "leading": 11, "spaceBefore": 3},
    }
    return ParagraphStyle(name, **{**plain, **more[name]})


@cache
def _letters() -> frozenset[int]:
    """Give the signs that the letters have."""
    return frozenset(_font(PLAIN).face.charToGlyph)


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


def text_of(text: str) -> str:
    """Write a sentence as reportlab reads it; names between backticks in letters of one width."""
    return "".join(
        f'<font name="{MONO}">{escape(clean(part))}</font>' if name else escape(clean(part))
        for part, name in spans(text)
    )


def lines_of(text: str) -> str:
    """Write lines as they stand, blanks at their beginnings too."""
    found = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        found.append("\u00a0" * (len(line) - len(bare)) + text_of(bare))
    return "<br/>".join(found)
