# SPDX-License-Identifier: Apache-2.0
"""What several commands share: what became of a message, in a line."""

from __future__ import annotations

from typing import assert_never

from privity.app.releases.taking_back.notifying import Told
from privity.canonical.instants import format_instant


def line_of(one: Told) -> str:
    """Say in a line what became of a message."""
    match one.became:
        case "told":
            became = "told"
        case "waits":
            when = "" if one.next_at is None else f" from {format_instant(one.next_at)} on"
            became = f"not reached, tried again{when} by `privity revoke notify`"
        case "given-up":
            became = "not reached, and given up: tell it by another way"
        case "no-address":
            became = "has no address for messages: give it the folder by another way"
        case other:
            assert_never(other)
    return f"{one.recipient}: {became} ({one.revocation} of {one.release})"
