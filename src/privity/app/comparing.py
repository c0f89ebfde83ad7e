# SPDX-License-Identifier: Apache-2.0
"""Compare two policies that lie in files: what `privity policy diff` asks for (docs/policy-diff.md).

Which cells open or close is `privity.decide.analysis`; how many records and members of a platform that is, is
counted by deciding all of them under both policies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.inputs import load_facts, request
from privity.app.running import decided_run, opened
from privity.canonical.instants import Instant
from privity.decide.analysis.changes import Diff, compare
from privity.decide.analysis.space import Use, settled
from privity.decide.bits import BIT, REASON_MASK
from privity.decide.many import SLOTS, compile_request
from privity.decide.request import Request
from privity.errors import InputError
from privity.members.facts import MemberId
from privity.policy.drafts import read_drafts
from privity.policy.findings import Finding
from privity.policy.versions import History, history
from privity.release.decided import Chunk, Decided
from privity.vocabulary.terms import CATEGORIES, quoted

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_REASONS: Final = np.uint64(REASON_MASK)
# A record waits for a notice where nothing else refuses it.
_UNTOLD: Final = np.uint64(BIT["no-notice"])
_GROUP: Final = "group-message"


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """The policies that are compared, and when.

    Attributes:
        old: The old policy's versions.
        new: The new policy's.
        follows: Whether the new policy is the old one and a version that follows.
        at: When the data would be used.
        known: Up to when anything is believed.
    """

    old: History
    new: History
    follows: bool
    at: Instant
    known: Instant


@dataclass(kw_only=True, slots=True)
class Counted:
    """How many records, and of whom.

    Attributes:
        records: By category.
        members: Their authors and, of messages, addressees.
    """

    records: Counter[str] = field(default_factory=Counter)
    members: set[MemberId] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How many records and members of a platform a change reaches.

    Attributes:
        request: What was asked, under both policies.
        records: How many records there are.
        opens: Those that only the new policy permits.
        closes: Those that only the old one does.
        waits: Those that neither permits, and the new one refuses for want of a notice alone.
    """

    request: Request
    records: int
    opens: Counted
    closes: Counted
    waits: Counted


def load_pair(
    old: Path,
    new: Path,
    *,
    alone: bool = False,
    at: Instant | None = None,
    known: Instant | None = None,
    tell: Callable[[Finding], None] = lambda _note: None,
) -> Compared:
    """Read two policies, each a file or a folder ([ANA-33], [ANA-34]).

    Args:
        old: The old policy.
        new: The new one; a file that can follow the old policy's versions does.
        alone: Take the new policy as it is, even if it could follow.
        at: When the data would be used; None: when all that both say has begun, and every window has run.
        known: Up to when anything is believed; None: `at`.
        tell: Told of each text that is not published yet ([POL-35]).

    Raises:
        InputError: A file cannot be read, or the two are not one policy.
    """
    before, after = read_drafts([old], tell), read_drafts([new], tell)
    names = {version.policy for policy in (before, after) for version in policy.versions}
    if len(names) > 1:
        first, second = (policy.versions[0].policy for policy in (before, after))
        raise InputError(
            f"policies {quoted(first)} and {quoted(second)} are compared, expected two texts of one "
            "policy",
            code="policy/mixed",
        )
    following = not alone and not new.is_dir() and follows(before, after)
    if following:
        after = history([*before.versions, *after.versions])
    used = settled(before, after) if at is None else at
    return Compared(
        old=before,
        new=after,
        follows=following,
        at=used,
        known=used if known is None else known,
    )


def follows(before: History, after: History) -> bool:
    """Tell whether a single version can follow all versions of a policy."""
    (version,) = after.versions
    return all(
        one.version != version.version
        and one.published_at < version.published_at
        and one.start <= version.start
        for one in before.versions
    )


def compare_pair(pair: Compared, purposes: Collection[str] = ()) -> Diff:
    """Compare in every cell.

    Args:
        pair: The policies.
        purposes: For which purposes; none: for all.
    """

    def wanted(use: Use) -> bool:
        return not purposes or use[0] in purposes

    return compare(pair.old, pair.new, at=pair.at, known=pair.known, wanted=wanted)


def reach_of(
    pair: Compared,
    *,
    facts: Sequence[Path],
    records: Sequence[Path],
    bindings: Sequence[Path],
    purpose: str,
    recipient: str,
    threads: int = 2,
    progress: Callable[[str, int], None] = lambda _stage, _rows: None,
) -> Reach:
    """Count what a change reaches, by deciding all records under both policies ([ANA-35]).

    Raises:
        InputError: Facts or records cannot be read.
    """
    asked = request(purpose, recipient, pair.at, pair.known)
    columns = load_facts(facts)
    counts = (Counted(), Counted(), Counted())
    with (
        opened(records, bindings) as files,
        decided_run(
            compile_request(asked, pair.old, columns), files, threads=threads, progress=progress
        ) as old,
        decided_run(
            compile_request(asked, pair.new, columns), files, threads=threads, progress=progress
        ) as new,
    ):
        for chunk, again in zip(old.chunks, new.chunks, strict=True):
            before = old.words_of(chunk) & _REASONS
            after = new.words_of(again) & _REASONS
            which = (
                (before != 0) & (after == 0),
                (before == 0) & (after != 0),
                (before != 0) & (after != 0) & (after & ~_UNTOLD == 0),
            )
            _count(old, chunk, which, counts)
        opens, closes, waits = counts
        return Reach(request=asked, records=old.rows, opens=opens, closes=closes, waits=waits)


def reach_lines(reach: Reach) -> list[str]:
    """Say how many records and members a change reaches."""
    asked = reach.request
    lines = [f"Of {reach.records:,} records, for {asked.purpose} to {asked.recipient}:"]
    for label, counted in (
        ("open", reach.opens),
        ("close", reach.closes),
        ("wait for a notice", reach.waits),
    ):
        records, members = sum(counted.records.values()), len(counted.members)
        whose = f", of {members:,} member{'' if members == 1 else 's'}" if records else ""
        lines.append(f"  {label:<20} {records:>12,}{whose}")
        lines += [
            f"    {category:<18} {count:>12,}"
            for category, count in sorted(counted.records.items())
        ]
    return lines


def reach_mapping(reach: Reach) -> Mapping[str, Any]:
    """Give the same as plain values."""
    return {
        "purpose": reach.request.purpose,
        "recipient": reach.request.recipient,
        "records": reach.records,
        **{
            name: {
                "records": sum(counted.records.values()),
                "members": len(counted.members),
                "categories": dict(sorted(counted.records.items())),
            }
            for name, counted in (
                ("opens", reach.opens),
                ("closes", reach.closes),
                ("waits", reach.waits),
            )
        },
    }


def _count(
    decided: Decided,
    chunk: Chunk,
    which: tuple[Flags, Flags, Flags],
    counts: tuple[Counted, Counted, Counted],
) -> None:
    if not any(flags.any() for flags in which):
        return
    slots = decided.slots[chunk.first : chunk.first + chunk.rows]
    people = chunk.file.read(chunk.number, ["author", "recipients"])
    for flags, counted in zip(which, counts, strict=True):
        for slot, count in zip(*np.unique(slots[flags], return_counts=True), strict=True):
            # A record of an unknown category is never permitted, nor does it wait.
            counted.records[SLOTS[slot]] += int(count)
        messages = flags & np.isin(slots, _MESSAGES)
        counted.members.update(
            people.column("author").filter(pa.array(flags)).unique().to_pylist()
        )
        addressed = people.column("recipients").filter(pa.array(messages)).combine_chunks()
        counted.members.update(pc.list_flatten(addressed).unique().to_pylist())


_MESSAGES: Final = np.array(
    [
        place
        for place, category in enumerate(SLOTS)
        if CATEGORIES.overlaps("message", category) and category != _GROUP
    ],
    np.uint8,
)
