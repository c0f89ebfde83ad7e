# SPDX-License-Identifier: Apache-2.0
"""The plots of a card, drawn from shown numbers alone ([REL-45]).

The same numbers give the same bytes: no date, no random name, no font of the machine. A drawing needs nothing from outside
and leaves the page around it alone.
"""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

from privity.errors import UnavailableError
from privity.release.papers.strict import Count

SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "privity",
    "font.family": "sans-serif",
    "font.size": 10,
    "hatch.linewidth": 0.6,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a8f98",
    "axes.labelcolor": "#3a4048",
    "xtick.color": "#3a4048",
    "ytick.color": "#1c2026",
}
_INK: Final = "#1c2026"
_YES: Final = "#1b6e8c"
_NO: Final = "#dfe3e8"
_BAR: Final = "#a4513b"
_HATCH: Final[dict[str, Any]] = {
    "facecolor": "#f4f5f7",
    "edgecolor": "#9aa1ab",
    "hatch": "////",
    "linewidth": 0,
}
_WIDTH: Final = 8.6
_ROW: Final = 0.29
_LETTER: Final = 0.081
"""How wide a letter of a name is, in inches, at the most and on the whole."""
_SLANT: Final = math.radians(35)
_RISE: Final = math.sin(_SLANT)
_RUN: Final = math.cos(_SLANT)
_BRIGHT: Final = 0.179
"""The luminance from which on black is read more easily than white."""
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A bar of a plot.

    Attributes:
        name: What it is of.
        value: How many; None is hidden.
        whole: Out of how many, or None.
    """

    name: str
    value: Count
    whole: Count = None


def draw_shares(plot: str, bars: Sequence[Bar]) -> str:
    """Draw which share of each whole is permitted."""
    with _axes([bar.name for bar in bars]) as axes:
        for place, bar in enumerate(bars):
            if bar.value is None or not bar.whole:
                axes.barh(place, 100, height=0.68, **_HATCH)
                _label(axes, 101.5, place, "hidden")
                continue
            share = 100 * bar.value / bar.whole
            axes.barh(place, 100, height=0.68, color=_NO)
            axes.barh(place, share, height=0.68, color=_YES)
            _label(axes, 101.5, place, f"{bar.value:,} of {bar.whole:,}")
        axes.set_xlim(0, 140)
        axes.set_xticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.spines["bottom"].set_bounds(0, 100)
        return _svg(axes, plot)


def draw_bars(plot: str, bars: Sequence[Bar]) -> str:
    """Draw numbers as bars of their length."""
    longest = max([bar.value for bar in bars if bar.value is not None], default=1) or 1
    with _axes([bar.name for bar in bars]) as axes:
        for place, bar in enumerate(bars):
            if bar.value is None:
                axes.barh(place, longest * 0.04, height=0.68, **_HATCH)
                _label(axes, longest * 0.055, place, "hidden")
            else:
                axes.barh(place, bar.value, height=0.68, color=_BAR)
                _label(axes, bar.value + longest * 0.015, place, f"{bar.value:,}")
        axes.set_xlim(0, longest * 1.16)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.locator_params(axis="x", nbins=5, integer=True)
        return _svg(axes, plot)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Shares by row and column.

    Attributes:
        rows: The names of the rows.
        columns: The names of the columns.
        shares: From 0 to 1 by row and column; None is hidden, and what is left out is none.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shares: Mapping[tuple[str, str], float | None]


def draw_grid(plot: str, grid: Grid) -> str:
    """Draw shares as cells, the darker the more."""
    with _axes(grid.rows, above=grid.columns) as axes:
        for y, row in enumerate(grid.rows):
            for x, column in enumerate(grid.columns):
                share = grid.shares.get((row, column), 0.0)
                _cell(axes, x, y, share)
        axes.set_xlim(-0.5, len(grid.columns) - 0.5)
        axes.set_xticks(
            range(len(grid.columns)),
            grid.columns,
            rotation=math.degrees(_SLANT),
            ha="left",
            rotation_mode="anchor",
        )
        axes.xaxis.tick_top()
        axes.spines[:].set_visible(False)
        return _svg(axes, plot)


def _cell(axes: Any, x: int, y: int, share: float | None) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - see `_axes`

    look: dict[str, Any] = (
        _HATCH if share is None else {"facecolor": _shade(share), "linewidth": 0}
    )
    axes.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, **look))
    if share:
        colour = "black" if _luminance(_shade(share)) > _BRIGHT else "white"
        axes.text(x, y, _percent(share), ha="center", va="center", fontsize=8, color=colour)


def _shade(share: float) -> tuple[float, float, float]:
    """Give the colour of a share: from nearly white to the colour of bars."""
    low, high = (0.965, 0.968, 0.972), (0.45, 0.16, 0.10)
    strength = share**0.6
    red, green, blue = (
        round(begin + (end - begin) * strength, 4) for begin, end in zip(low, high, strict=True)
    )
    return red, green, blue


def _luminance(colour: tuple[float, float, float]) -> float:
    """Give how bright a colour is, from 0 to 1, as WCAG measures it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the standard's
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _percent(share: float) -> str:
    if share < 0.01:  # noqa: PLR2004 - one in a hundred, the least that is written as a whole
        return "<1 %"
    if 0.99 < share < 1:  # noqa: PLR2004 - the same, from above
        return ">99 %"
    return f"{share:.0%}".replace("%", " %")


def _label(axes: Any, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, ha="left", va="center", fontsize=9, color=_INK)


def require_plots() -> None:
    """Check that plots can be drawn, before the log speaks of what has some.

    Raises:
        UnavailableError: matplotlib is not installed (`release/no-matplotlib`).
    """
    if find_spec("matplotlib") is None:
        raise UnavailableError(
            "matplotlib is not installed, and a release's card has plots",
            code="release/no-matplotlib",
            hint="pip install 'privity[release]'",
        )


@contextmanager
def _axes(rows: Sequence[str], above: Sequence[str] = ()) -> Iterator[Any]:
    """Give what is drawn in: a row of one height for each name, in the style of the card.

    The room for names is reckoned from their letters, which takes a tenth of the time of trying it out.

    Args:
        rows: The names at the left.
        above: Names that stand aslant above columns.

    Raises:
        UnavailableError: matplotlib is not installed (`release/no-matplotlib`).
    """
    require_plots()
    import matplotlib as mpl  # noqa: PLC0415 - it takes half a second, and only cards need it
    from matplotlib.figure import Figure  # noqa: PLC0415 - the same

    left = _LETTER * max(map(len, rows), default=0) + 0.15
    longest = _LETTER * max(map(len, above), default=0)
    top, right = (0.25 + longest * _RISE, 0.15 + longest * _RUN) if above else (0.05, 0.1)
    bottom = 0.05 if above else 0.35
    high = _ROW * len(rows)
    whole = top + high + bottom
    with mpl.rc_context(_STYLE):
        axes = Figure(figsize=(_WIDTH, whole)).add_axes(
            (left / _WIDTH, bottom / whole, (_WIDTH - left - right) / _WIDTH, high / whole)
        )
        axes.set_yticks(range(len(rows)), rows)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(length=0)
        yield axes


def _svg(axes: Any, plot: str) -> str:
    """Write a drawing as an element that can stand in a page beside others."""
    out = io.BytesIO()
    axes.figure.savefig(
        out,
        format="svg",
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    root = ET.fromstring(out.getvalue())  # noqa: S314 - written by the line above, read by nobody else
    _clean(root, plot)
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


def _clean(root: ET.Element, plot: str) -> None:
    """Take out what speaks of the file, and make names the plot's own."""
    for parent in root.iter():
        for child in list(parent):
            if child.tag in {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}:
                parent.remove(child)
    # What the style sheet said of every element it says of this drawing alone.
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    width, height = root.attrib.pop("width"), root.attrib.pop("height")
    root.set("viewBox", f"0 0 {width.removesuffix('pt')} {height.removesuffix('pt')}")
    for one in root.iter():
        for name, value in list(one.attrib.items()):
            if name == "id":
                one.set(name, f"{plot}-{value}")
            elif name == f"{{{_XLINK}}}href":
                one.set(name, f"#{plot}-{value.removeprefix('#')}")
            else:
                one.set(name, _REFERENCE.sub(rf"url(#{plot}-\1)", value))
