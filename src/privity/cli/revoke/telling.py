# SPDX-License-Identifier: Apache-2.0
"""What several commands share: what became of messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from privity.app.releases.taking_back.notifying import Notified, Told
from privity.app.releases.taking_back.planning import failures
from privity.canonical.instants import format_instant


def messages_of(done: Notified) -> Mapping[str, Any]:
    """Give what became of messages as plain values for JSON."""
    return {"messages": [one.mapping() for one in done.told], "untold": failures(done.failed)}


def lines_of(done: Notified) -> Iterator[str]:
    """Say what became of messages."""
    yield from map(_line_of, done.told)
    for name, error in done.failed.items():
        yield f"{name}: nobody could be told: {error}"


def _line_of(one: Told) -> str:
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
