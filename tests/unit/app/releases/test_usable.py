# SPDX-License-Identifier: Apache-2.0
"""Who may get a release is asked of the register, and who may not is told why."""

from __future__ import annotations

import pytest

from privity.app.releases.standing.usable import role_on_register
from privity.errors import ConflictError
from privity.members.facts import Fact
from privity.testing.plain import AT, fact

LAB = fact("recipient", "2024-01-01", "lab", member=None, role="third-party")
OTHER = fact("recipient", "2024-01-01", "other", member=None, role="affiliate")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ([], "release/recipient-unregistered"),
        ([OTHER], "release/recipient-unregistered"),
        (
            [LAB, fact("recipient-ended", "2025-01-01", "lab", member=None)],
            "release/recipient-ended",
        ),
        (
            [LAB, fact("recipient", "2024-01-01", "lab", member=None, role="affiliate")],
            "release/recipient-ended",
        ),
        ([fact("recipient", "2026-01-01", "lab", member=None, role="affiliate")], "release/recipient-ended"),
    ],
    ids=["nobody", "another", "ended", "two-roles", "not-yet"],
)  # fmt: skip
def test_who_has_no_role_now_is_refused(facts: list[Fact], code: str) -> None:
    """REL-68."""
    with pytest.raises(ConflictError) as caught:
        role_on_register(tuple(facts), "lab", AT)
    assert caught.value.code == code


def test_who_has_one_has_it() -> None:
    """REL-68."""
    assert role_on_register((LAB, OTHER), "lab", AT) == "third-party"
