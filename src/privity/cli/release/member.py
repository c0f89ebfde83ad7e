# SPDX-License-Identifier: Apache-2.0
"""How what a proof shows a member of releases is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from privity.canonical.instants import format_instant
from privity.cli.counting import counted
from privity.members.facts import MemberId
from privity.release.member_proof import Shown


def line_of(shown: Shown) -> str:
    """Give what a release has of hers."""
    mine = counted(len(shown.records), "record") if shown.records else "nothing"
    entry = f"entry {shown.index:,} of {format_instant(shown.time)}"
    return f"  {shown.says.release}, revision {shown.says.revision}: {mine} of hers ({entry})"


def mapping_of(shown: Sequence[Shown], member: MemberId, origin: str) -> Mapping[str, Any]:
    """Give it as plain values for JSON."""
    return {
        "independently_witnessed": False,
        "member": member,
        "origin": origin,
        "releases": [
            {
                "entry": one.index,
                "records": list(one.records),
                "release": one.says.release,
                "revision": one.says.revision,
                "size": one.checkpoint.size,
                "time": format_instant(one.time),
            }
            for one in shown
        ],
    }
