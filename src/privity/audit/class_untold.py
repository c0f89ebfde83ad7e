# SPDX-License-Identifier: Apache-2.0
"""What a question about a class comes to, and of what it cannot be told (specs/audit.md, [AUD-36], [AUD-44]).

What cannot be looked at is never taken for a no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from privity.audit.acts import Act, acts_of
from privity.audit.class_acts import Asked
from privity.audit.class_count import Tally
from privity.audit.dumps import ANOTHER_TEXT, SEVERAL, Dumps
from privity.audit.evidence import AuditedLog, Evidence, Gap
from privity.audit.rows_held import LOOSE
from privity.entries.unknown import UnknownEntry

_OF_ROWS: Final = frozenset({"not-shown", "rows-gone", "not-bound", "sampled"})


def answer_of(evidence: Evidence, asked: Sequence[Asked], tally: Tally, *, hidden: bool) -> str:
    """Give `used`, `not-used` or `cannot-be-told`.

    Args:
        evidence: What was shown.
        asked: The acts that come into question.
        tally: What was found.
        hidden: Whether something is not there that could have shown more.
    """
    if tally.records():
        return "used"
    entries = {one.act.entry for one in asked} | _made(evidence.log, asked)
    lacking = any(
        gap.kind in _OF_ROWS
        and entries.intersection(gap.entries)
        and not gap.what.startswith(LOOSE)  # nothing is asked of these columns
        for gap in evidence.gaps
    )
    return "cannot-be-told" if tally.perhaps() or hidden or lacking else "not-used"


def may_hide(outside: Dumps) -> bool:
    """Tell whether rows that came to light may be of the class after all ([AUD-44])."""
    unclear = any(
        one.unmatched or one.how.get(ANOTHER_TEXT) or one.how.get(SEVERAL)
        for one in outside.dumps
    )
    return unclear or (bool(outside.dumps) and outside.bound is None)


def _made(log: AuditedLog, asked: Sequence[Asked]) -> set[int]:
    """Give the entries that made the revisions that were asked about."""
    keys = {
        (one.act.release, revision)
        for one in asked
        for revision in (one.act.revision, one.read)
    }
    return {
        act.entry
        for act in acts_of(log)
        if act.kind == "released" and (act.release, act.revision) in keys
    }


def gaps_of(
    evidence: Evidence, asked: Sequence[Asked], failed: Mapping[str, str]
) -> Iterator[Gap]:
    """Say of which acts not all rows could be asked ([AUD-36])."""
    rows = {
        (act.release, act.revision): act.rows or 0
        for act in acts_of(evidence.log)
        if act.kind == "released"
    }
    acts: dict[tuple[str, str], list[Act]] = defaultdict(list)
    counts: dict[tuple[str, str], int] = {}
    for one in asked:
        act = one.act
        of = f"of revision {act.revision} of the release {act.release}"
        there = max(rows.get((act.release, act.revision), 0), act.rows or 0)
        found: list[tuple[str, str, int]] = []
        if act.doubt:
            found.append(("not-bound", f"What was used {of}: {act.doubt}.", there))
        if act.release in failed:
            code = failed[act.release]
            found.append(
                ("not-bound", f"The rows {of} are not what its entry says ({code}).", there)
            )
        elif one.read is None:
            found.append(("not-shown", f"The rows {of} are not here.", there))
        elif one.rows < there:
            gone = one.read != act.revision
            kept = f"those that revision {one.read} still has" if gone else "some"
            kind = "rows-gone" if gone else "not-shown"
            found.append((kind, f"Of the rows {of} {kept} are here.", there - one.rows))
        for kind, what, count in found:
            acts[kind, what].append(act)
            counts[kind, what] = count
    for (kind, what), some in acts.items():
        entries = tuple(sorted({act.entry for act in some}))
        yield Gap(kind=kind, what=what, entries=entries, records=counts[kind, what])


def unread_of(log: AuditedLog) -> Iterator[Gap]:
    """Say which entries may tell of acts that nobody here can read."""
    entries = tuple(one.entry for one in log.public if isinstance(one.says, UnknownEntry))
    if entries:
        yield Gap(
            kind="unread",
            what="Public entries that this version of the program cannot read may tell of uses.",
            entries=entries,
        )
