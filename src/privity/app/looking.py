# SPDX-License-Identifier: Apache-2.0
"""Facts of a file looked over: what `privity members check` asks for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from privity.app.inputs import load_facts, load_policy
from privity.canonical.instants import Instant
from privity.members.check import check_columns
from privity.members.findings import Finding


def check_members(
    facts: Sequence[Path], policies: Sequence[Path] = (), *, at: Instant | None = None
) -> tuple[tuple[Finding, ...], Mapping[str, int]]:
    """Look over the facts of files.

    Args:
        facts: The files, of which all are looked over together.
        policies: Policy files and folders to look settings, notices and agreements up in; none: they are
            not looked up.
        at: The instant that nothing may have been recorded after; None is now.

    Returns:
        What was found, and how many facts of members, members, and facts of the platform there are.

    Raises:
        InputError: A file cannot be read.
    """
    columns = load_facts(facts)
    counts = {
        "facts": columns.facts,
        "members": columns.members,
        "platform": len(columns.platform),
    }
    now = int(time.time()) if at is None else at  # noqa: TID251 - a file of facts has no clock of its own
    if not policies:
        return check_columns(columns, now=now), counts
    versions = load_policy(policies).versions
    found = check_columns(
        columns,
        settings={name for version in versions for name in version.settings},
        notices={name for version in versions for name in version.notices},
        agreements={name for version in versions for name in version.agreements},
        now=now,
    )
    return found, counts
