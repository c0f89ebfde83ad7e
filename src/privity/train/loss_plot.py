# SPDX-License-Identifier: Apache-2.0
"""The loss as a picture: an SVG of a few lines, and one line of blocks for a terminal. Equal losses are equal bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_WIDTH: Final = 640
_HEIGHT: Final = 320
_LEFT: Final = 56
_RIGHT: Final = 16
_TOP: Final = 36
_BOTTOM: Final = 44
_TICKS: Final = 4
_FONT: Final = 'role="img" font-family="sans-serif" font-size="12"'
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def loss_svg(losses: Sequence[float | None], *, title: str) -> str:
    """Give a plot of the loss of each step.

    Args:
        losses: In nats a byte; None where nothing was learnt.
        title: What stands above, text without marks.
    """
    known = [(step, loss) for step, loss in enumerate(losses) if loss is not None]
    highest = max(1, math.ceil(max((loss for _, loss in known), default=1)))
    last = max(1, len(losses) - 1)

    def across(step: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * step / last

    def down(loss: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - loss / highest)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_FONT}>',
        f"<title>{title}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="14">{title}</text>',
    ]
    for tick in range(_TICKS + 1):
        loss = highest * tick / _TICKS
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{down(loss):.1f}" y2="{down(loss):.1f}" '
            'stroke="#d0d0d0"/>'
            f'<text x="{_LEFT - 8}" y="{down(loss) + 4:.1f}" text-anchor="end">{loss:g}</text>'
        )
        step = round((len(losses) - 1) * tick / _TICKS) if losses else 0
        parts.append(
            f'<text x="{across(step):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
            f"{step + 1}</text>"
        )
    middle = f"{_HEIGHT / 2:g}"
    turned = f'transform="rotate(-90 14 {middle})"'
    points = " ".join(f"{across(step):.1f},{down(loss):.1f}" for step, loss in known)
    parts += [
        f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="2"/>',
        f'<text x="{_WIDTH / 2:g}" y="{_HEIGHT - 8}" text-anchor="middle">step</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" {turned}>nats a byte</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def loss_line(losses: Sequence[float | None], *, width: int = 40) -> str:
    """Give the loss as one line of blocks, the highest for the highest loss."""
    known = [loss for loss in losses if loss is not None]
    if not known:
        return ""
    count = min(width, len(known))
    cuts = [round(len(known) * at / count) for at in range(count + 1)]
    means = [sum(known[start:end]) / (end - start) for start, end in pairwise(cuts)]
    low, high = min(means), max(means)
    steps = (len(_BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BLOCKS[round((mean - low) * steps)] for mean in means)
