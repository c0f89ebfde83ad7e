# SPDX-License-Identifier: Apache-2.0
"""A plot shows shown numbers, and the same ones by the same bytes (REL-45)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from tests.unit.release.papers.pages import Element, read_page

from privity.errors import UnavailableError
from privity.release.papers.plots import (
    Bar,
    Grid,
    draw_bars,
    draw_grid,
    draw_shares,
    require_plots,
)

PROGRAM = """
import hashlib
from privity.release.papers.plots import Bar, Grid, draw_bars, draw_grid, draw_shares
bars = [Bar(name="post", value=12, whole=40), Bar(name="in_mail $x$", value=None, whole=None)]
grid = Grid(rows=("a", "b"), columns=("c", "d"), shares={("a", "c"): 0.4, ("b", "d"): None})
text = draw_shares("one", bars) + draw_bars("two", bars) + draw_grid("three", grid)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def drawn(text: str) -> Element:
    (found,) = read_page(text).all("svg")
    return found


def words(text: str) -> list[str]:
    return [one.words() for one in drawn(text).all("text")]


def test_the_same_numbers_give_the_same_bytes_in_every_process() -> None:
    bars = [
        Bar(name="post", value=12, whole=40),
        Bar(name="in_mail $x$", value=None, whole=None),
    ]
    grid = Grid(rows=("a", "b"), columns=("c", "d"), shares={("a", "c"): 0.4, ("b", "d"): None})
    text = draw_shares("one", bars) + draw_bars("two", bars) + draw_grid("three", grid)
    here = hashlib.sha256(text.encode()).hexdigest()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == here


def test_a_hidden_number_is_hatched_and_says_so() -> None:
    bars = [
        Bar(name="post", value=4321, whole=9000),
        Bar(name="inmail", value=None, whole=None),
    ]
    for text in (draw_shares("one", bars), draw_bars("one", bars)):
        assert "hidden" in words(text)
        assert any(one.startswith("4,321") for one in words(text))
        assert drawn(text).all("pattern")
    assert not drawn(draw_bars("one", bars[:1])).all("pattern")


def test_a_name_is_no_formula() -> None:
    assert "$x^2$ <b>" in words(draw_bars("one", [Bar(name="$x^2$ <b>", value=7)]))


def test_a_share_is_written_as_near_as_it_is_and_never_as_all_or_none() -> None:
    shares = {("r", "a"): 0.001, ("r", "b"): 0.999, ("r", "c"): 1.0, ("r", "d"): 0.25}
    text = draw_grid("one", Grid(rows=("r",), columns=("a", "b", "c", "d"), shares=shares))
    assert {"<1 %", ">99 %", "100 %", "25 %"} <= set(words(text))


def test_a_drawing_says_nothing_of_the_file_and_leaves_the_page_alone() -> None:
    found = drawn(draw_bars("one", [Bar(name="post", value=7)]))
    assert not found.all("metadata", "style", "script")
    assert all(one.attributes.get("id", "one-").startswith("one-") for one in found.all())


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    require_plots()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for draw in (require_plots, lambda: draw_bars("one", [Bar(name="post", value=7)])):
        with pytest.raises(UnavailableError) as caught:
            draw()
        assert caught.value.code == "release/no-matplotlib"


def test_nothing_to_show_is_no_error() -> None:
    assert "0" in words(draw_bars("one", [Bar(name="post", value=0)]))
    assert "post" in words(draw_shares("one", [Bar(name="post", value=0, whole=0)]))
