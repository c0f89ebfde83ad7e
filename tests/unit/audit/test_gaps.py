# SPDX-License-Identifier: Apache-2.0
"""What was not looked at is said by a word of a closed list (AUD-1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from privity.audit.evidence import GAPS, Gap

SPEC = Path(__file__).parents[3] / "specs" / "audit.md"


def test_a_gap_is_of_a_kind_that_the_specification_has() -> None:  # AUD-1
    with pytest.raises(ValueError, match="no kind of gap"):
        Gap(kind="forgotten", what="something")
    part = SPEC.read_text(encoding="utf-8").split("[AUD-1]")[1].split("##")[0]
    assert all(f"| `{kind}` |" in part for kind in GAPS)
    assert part.count("\n| `") == len(GAPS)
