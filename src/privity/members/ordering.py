# SPDX-License-Identifier: Apache-2.0
"""What is odd about the order of a member's facts: too late, at one instant, or ending nothing.

A fact *permits* where a decision could not permit without it. `birth_date` is none of these: it holds at
all times, whatever its instant, and the only thing that it can open is a proof of age.
"""

from __future__ import annotations

from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.canonical.instants import Instant
from privity.members.facts import Fact
from privity.members.findings import Finding, Level, Sought, example
from privity.members.rows import Places, Rows
from privity.members.state import SILENCE, YES
from privity.members.timeline import sort_key

DAY: Final = 86_400

LATE: Final = Sought(
    level=Level.ALARM,
    code="late-permit",
    message="fact that permits and was recorded more than a day after it was true",
)
AHEAD: Final = Sought(
    level=Level.ALARM,
    code="recorded-ahead",
    message="fact that is said to have been recorded after now; no decision heeds it before",
)
LATER: Final = Sought(
    level=Level.WARNING,
    code="true-ahead",
    message="fact of a member that is true only after now; until then nothing is heard of it",
)
TIE: Final = Sought(
    level=Level.WARNING,
    code="tie",
    message=(
        "contradiction between facts of one instant, recorded at one instant; what refuses stands"
    ),
)

PERMITTING: Final = frozenset(
    {
        "joined",
        "reopened",
        "agreement-ended",
        "notice",
        "objection-withdrawn",
        "minor-cleared",
        "recipient",
        "order-lifted",
        "seat-instruction",
    }
)
"""Kinds of facts that can only permit; a setting does as its value says."""
# What ends something, and what begins it.
_BEGINNINGS: Final = {
    "reopened": ("closed", "merged"),
    "agreement-ended": ("agreement",),
    "objection-withdrawn": ("objection",),
    "minor-cleared": ("minor-suspected",),
}
_PLATFORM_BEGINNINGS: Final = {
    "recipient-ended": ("recipient",),
    "order-lifted": ("order",),
    "seat-instruction-withdrawn": ("seat-instruction",),
}


def permits(fact: Fact) -> bool:
    """Tell whether a fact by itself can permit: an explicit yes or unset, a delivery, the end of a no."""
    if fact.fact == "setting":
        explicit = fact.detail.get("method", "explicit") == "explicit"
        return explicit and fact.value in (YES, SILENCE)
    return fact.fact in PERMITTING


def is_late(fact: Fact) -> bool:
    """Tell whether a fact that permits was recorded more than a day after it was true."""
    return permits(fact) and fact.recorded_at - fact.at > DAY


def late_findings(rows: Rows) -> list[Finding]:
    """Find what permits in retrospect: the alarm of facts, as back-dating is that of versions.

    A jurisdiction permits where it changes what stood for its evidence, or is the first.
    """
    columns = rows.columns
    lag = columns.recorded_at - columns.at
    places = np.concatenate([rows.where(permits), _moves(rows)])
    late = np.sort(places[lag[places] > DAY])
    platform = [fact for fact in columns.platform if is_late(fact)]
    return LATE.found(
        len(late) + len(platform),
        lambda: map(example, chain(platform, rows.facts(late))),
    )


def ahead_findings(rows: Rows, now: Instant) -> list[Finding]:
    """Find what was recorded, or is true, later than now: a no among it is not heard."""
    columns = rows.columns
    places = np.flatnonzero(columns.recorded_at > now)
    platform = [fact for fact in columns.platform if fact.recorded_at > now]
    found = AHEAD.found(
        len(places) + len(platform),
        lambda: map(example, chain(platform, rows.facts(places))),
    )
    # Seats and recipients are agreed upon ahead; what members say and are told is not.
    later = np.flatnonzero((columns.at > now) & (columns.recorded_at <= now))
    return [*found, *LATER.found(len(later), lambda: map(example, rows.facts(later)))]


def _moves(rows: Rows) -> Places:
    """Give the jurisdictions that differ from the one before, of the same member and evidence."""
    columns = rows.columns
    places = rows.where(lambda kind: kind.fact == "jurisdiction")
    member = rows.member[places]
    evidence = rows.codes(lambda kind: kind.evidence)[columns.kind[places]]
    code = rows.codes(lambda kind: kind.value)[columns.kind[places]]
    order = np.lexsort((np.arange(len(places)), evidence, member))
    same = np.zeros(len(places), np.bool_)
    same[order[1:]] = (
        (member[order][1:] == member[order][:-1])
        & (evidence[order][1:] == evidence[order][:-1])
        & (code[order][1:] == code[order][:-1])
    )
    return places[~same]


def ordering_findings(rows: Rows) -> list[Finding]:
    """Find contradictions at one instant, and ends of what nothing began."""
    found = _ties(rows)
    for end, beginnings in _BEGINNINGS.items():
        found += _ends(rows, end, beginnings)
    for end, beginnings in _PLATFORM_BEGINNINGS.items():
        found += _platform_ends(rows.columns.platform, end, beginnings)
    return found


# Contradictions


_QUESTIONS: Final = {
    "closed": "account",
    "merged": "account",
    "reopened": "account",
    "agreement": "agreement {value}",
    "agreement-ended": "agreement {value}",
    "objection": "objection {setting}",
    "objection-withdrawn": "objection {setting}",
    "minor-suspected": "age",
    "minor-cleared": "age",
    "jurisdiction": "jurisdiction {evidence}",
}


def _question(kind: Fact) -> str | None:
    """Name what a kind of fact answers, if another fact of the same instant can contradict it."""
    if kind.fact == "setting":
        # A migrated or signalled yes or unset is passed over, so it contradicts nothing.
        counts = permits(kind) or kind.value not in (YES, SILENCE)
        return f"setting {kind.setting}" if counts else None
    asked = _QUESTIONS.get(kind.fact)
    if asked is None:
        return None
    return asked.format(value=kind.value, setting=kind.setting, evidence=kind.evidence)


def _answer(kind: Fact) -> str:
    match kind.fact:
        case "setting":
            if kind.value == YES:
                return "on, all" if kind.covers_all else "on"
            return SILENCE if kind.value == SILENCE else "off"
        case "merged":
            return "closed"
        case "jurisdiction":
            return kind.value
        case other:
            return other


def _ties(rows: Rows) -> list[Finding]:
    columns = rows.columns
    questions, answers = rows.codes(_question), rows.codes(_answer)
    beside = _same_as_before(rows.member, columns.at, columns.recorded_at)
    beside[:-1] |= beside[1:]  # both of two that are alike
    places = np.flatnonzero(beside & (questions[columns.kind] >= 0))
    kind = columns.kind[places]
    at, recorded_at = columns.at[places], columns.recorded_at[places]
    order = np.lexsort((answers[kind], recorded_at, at, questions[kind], rows.member[places]))
    alike = _same_as_before(
        rows.member[places][order], questions[kind][order], at[order], recorded_at[order]
    )
    answer = answers[kind][order]
    differs = np.zeros(len(order), np.bool_)
    differs[1:] = alike[1:] & (answer[1:] != answer[:-1])
    # One contradiction, however many facts take part in it.
    first = np.unique(np.cumsum(~alike)[differs], return_index=True)[1]
    found = places[order[np.flatnonzero(differs)[first]]]
    return TIE.found(len(found), lambda: map(example, rows.facts(found)))


def _same_as_before(
    *columns: npt.NDArray[np.int64] | npt.NDArray[np.int32],
) -> npt.NDArray[np.bool_]:
    """Tell of each row whether it is the same as the one before, in all columns."""
    same = np.ones(len(columns[0]), np.bool_)
    same[:1] = False
    for column in columns:
        same[1:] &= column[1:] == column[:-1]
    return same


# Ends of what nothing began


def _sought_end(end: str, beginnings: tuple[str, ...]) -> Sought:
    before = " or ".join(f"`{one}`" for one in beginnings)
    return Sought(
        level=Level.WARNING,
        code=f"{end}-ends-nothing",
        message=f"`{end}` without {before} before it",
    )


def _ends(rows: Rows, end: str, beginnings: tuple[str, ...]) -> list[Finding]:
    """Find each end that no beginning of its member's precedes, or whose beginning had ended."""
    places = rows.where(lambda kind: kind.fact == end or kind.fact in beginnings)
    open_now: set[tuple[int, str | None]] = set()
    found: list[np.int64] = []
    # Within a member the rows are in timeline order; ends are rare enough to walk.
    ending = np.unique(rows.member[rows.where(lambda kind: kind.fact == end)])
    walked = places[np.isin(rows.member[places], ending)]
    for place, kind in zip(walked, rows.kinds_of(walked), strict=True):
        member = int(rows.member[place])
        what = kind.value if kind.fact.startswith("agreement") else kind.setting
        if kind.fact in beginnings:
            open_now.add((member, what))
        elif not _end_one(open_now, member, what, end):
            found.append(place)
    return _sought_end(end, beginnings).found(
        len(found), lambda: map(example, rows.facts(found))
    )


def _end_one(
    open_now: set[tuple[int, str | None]], member: int, what: str | None, end: str
) -> bool:
    """End what stands open, and tell whether anything did.

    A withdrawal that names no setting ends every objection; one that names a setting also answers an
    objection that names none, which goes on standing for the other settings.
    """
    if end == "objection-withdrawn":
        if what is None:
            named = {one for one in open_now if one[0] == member}
            open_now -= named
            return bool(named)
        held = (member, what) in open_now or (member, None) in open_now
    else:
        held = (member, what) in open_now
    open_now.discard((member, what))
    return held


def _platform_ends(
    platform: tuple[Fact, ...], end: str, beginnings: tuple[str, ...]
) -> list[Finding]:
    open_now: set[str] = set()
    found = []
    for fact in sorted(platform, key=sort_key):
        if fact.fact in beginnings:
            open_now.add(fact.value)
        elif fact.fact == end:
            if fact.value not in open_now:
                found.append(fact)
            open_now.discard(fact.value)
    return _sought_end(end, beginnings).found(len(found), map(example, found))
