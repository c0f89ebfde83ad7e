# SPDX-License-Identifier: Apache-2.0
"""Texts looked over before a ledger publishes them: they do not say yet when that was ([POL-35]).

One without `published_at` is taken as published when it takes effect, which no ledger lets be earlier. So the same text
gives the same answer on every day. Nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from privity.canonical.instants import format_instant
from privity.policy.findings import Finding, Place, note
from privity.policy.model import Version
from privity.policy.parse import inspect_policy, policy_files, read_file, sound
from privity.policy.reading import Reading
from privity.policy.versions import History, history


def inspect_draft(path: Path) -> Reading:
    """Read a policy file that need not be published yet, and collect every problem of its text.

    Raises:
        InputError: The file cannot be read.
    """
    return inspect_policy(read_file(path), file=str(path), draft=True)


def read_drafts(paths: Iterable[Path], tell: Callable[[Finding], None]) -> History:
    """Read the versions of one policy, as `read_policies` does; they need not be published yet.

    Args:
        paths: Files and directories.
        tell: Told of each that is not.

    Raises:
        InputError: As `read_policies`.
    """
    versions = []
    for path in policy_files(paths):
        reading = inspect_draft(path)
        version = sound(reading)
        if reading.unpublished:
            tell(unpublished(version, Place(version.source, reading.marks)))
        versions.append(version)
    return history(versions)


def unpublished(version: Version, place: Place) -> Finding:
    """Make the note that a version is not published yet."""
    return note(
        "policy-check/unpublished",
        "the text does not say when it was published: it is taken as published when it takes effect, at "
        f"{format_instant(version.effective_at)}",
        place("effective_at"),
        "on a ledger its entry says when; elsewhere write `published_at`",
    )
