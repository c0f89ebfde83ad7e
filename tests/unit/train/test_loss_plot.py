# SPDX-License-Identifier: Apache-2.0
"""The loss is shown as a picture and as a line, the same for the same losses."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from privity.train.loss_plot import loss_line, loss_svg

LOSSES = [5.5, 4.0, None, 3.0, 2.5]


def test_a_picture_has_a_point_for_each_step_that_learnt() -> None:
    text = loss_svg(LOSSES, title="small: loss of each step")
    assert text == loss_svg(LOSSES, title="small: loss of each step")
    root = ET.fromstring(text)  # noqa: S314 - our own picture
    (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    points = [tuple(map(float, one.split(","))) for one in line.attrib["points"].split()]
    assert len(points) == 4
    # To the right, and down as the loss goes down.
    assert points == sorted(points)
    heights = [down for _, down in points]
    assert heights == sorted(heights)


def test_a_picture_of_one_step_or_of_none_is_one_too() -> None:
    for losses in ([], [2.0], [None]):
        assert ET.fromstring(loss_svg(losses, title="t")) is not None  # noqa: S314 - as above


def test_a_line_has_blocks_that_go_down_with_the_loss() -> None:
    assert loss_line(LOSSES) == "█▅▂▁"
    assert loss_line([5.0] * 100, width=10) == "▁" * 10
    assert loss_line([None]) == ""
    assert len(loss_line([float(one) for one in range(100)], width=40)) == 40
