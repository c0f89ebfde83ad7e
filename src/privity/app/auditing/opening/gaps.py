# SPDX-License-Identifier: Apache-2.0
"""What the evidence of an audit does not tell (specs/audit.md, part 1)."""

from __future__ import annotations

from collections.abc import Iterator

from privity.app.auditing.opening.payloads import Opened
from privity.audit.evidence import AuditedLog, Gap
from privity.audit.rules import Rules
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.entries.unknown import UnknownEntry


def releases_of(log: AuditedLog) -> tuple[tuple[int, CreatedRelease | RevisedRelease], ...]:
    """Give the entries of all revisions of releases, in the order of the log, each with its index."""
    return tuple(
        (one.entry, one.says)
        for one in log.public
        if isinstance(one.says, CreatedRelease | RevisedRelease)
    )


def unread(log: AuditedLog) -> Iterator[Gap]:
    """Say which public entries are of a later version of the program."""
    entries = tuple(one.entry for one in log.public if isinstance(one.says, UnknownEntry))
    if entries:
        what = (
            f"{len(entries):,} public entries say what this version of the program cannot read"
        )
        yield Gap(kind="unread", what=what, entries=entries)


def not_shown(log: AuditedLog, rules: Rules) -> Iterator[Gap]:
    """Say what whoever has the public tree alone is not told."""
    if log.private:
        what = f"{log.private:,} entries about members say nothing to whoever lacks their keys"
        yield Gap(kind="private-facts", what=what)
    for one in rules.baselines:
        what = (
            f"the file of the baseline of entry {one.entry}, which has {one.says.rows:,} facts, "
            "is not shown"
        )
        yield Gap(kind="private-facts", what=what, entries=one.entries)
    if releases := releases_of(log):
        yield Gap(
            kind="not-shown",
            what=f"the rows of {len(releases):,} revisions of releases are not shown",
            entries=tuple(entry for entry, _ in releases),
            records=sum(says.content.rows for _, says in releases),
        )


def closed(opened: Opened, erased: int) -> Iterator[Gap]:
    """Say what of members is not told."""
    if opened.unread:
        members = {one for one in opened.unread.values() if one is not None}
        yield Gap(
            kind="unread",
            what=f"{len(opened.unread):,} entries about members whose keys are here cannot be read; "
            "each counts as a no",
            entries=tuple(sorted(opened.unread)),
            members=len(members),
        )
    if opened.closed and not erased:
        what = f"{opened.closed:,} entries are of streams whose keys are not here"
        yield Gap(kind="private-facts", what=what)
    elif erased:
        yield Gap(
            kind="erased",
            what=f"{erased:,} members were erased, and {opened.closed:,} entries are of streams whose "
            "keys are not here",
            members=erased,
        )


def replaced(rules: Rules) -> Iterator[Gap]:
    """Say which baselines were replaced by one that lacks other facts than those of who was erased ([AUD-6])."""
    for one in rules.baselines:
        if one.odd:
            what = (
                f"what the baseline of entry {one.entry} told before it was replaced, by one that is not said to "
                "lack just the facts of members who were erased"
            )
            yield Gap(kind="private-facts", what=what, entries=one.entries)
