# SPDX-License-Identifier: Apache-2.0
"""The public names are the ones that were agreed: a diff of `api.txt` is the review of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

import privity

ROOT = Path(__file__).resolve().parents[2]
API = (Path(__file__).parent / "api.txt").read_text(encoding="utf-8").split()


def test_the_public_names_are_those_of_api_txt() -> None:
    assert list(privity.__all__) == API


def test_the_public_names_are_sorted() -> None:
    assert sorted(API) == API


@pytest.mark.parametrize("name", API)
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert getattr(privity, name).__doc__


@pytest.mark.parametrize("name", API)
def test_a_public_name_is_documented(name: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"privity.{name}" in page.read_text(encoding="utf-8") for page in pages)
