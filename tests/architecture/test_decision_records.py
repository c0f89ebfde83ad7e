# SPDX-License-Identifier: Apache-2.0
"""A decision record has a number of its own, and says what is bad about the decision."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "docs" / "adr" / "template.md"
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def test_no_two_records_share_a_number() -> None:
    numbers = [path.name.partition("-")[0] for path in RECORDS]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", RECORDS, ids=[path.stem for path in RECORDS])
def test_a_record_has_every_part_of_the_template(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert HEADING.findall(text) == HEADING.findall(TEMPLATE.read_text(encoding="utf-8"))
    number = path.name.partition("-")[0]
    assert text.startswith(f"# {number} ")
