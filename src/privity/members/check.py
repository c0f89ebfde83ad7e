# SPDX-License-Identifier: Apache-2.0
"""Facts looked over before anybody relies on them: what contradicts, ends nothing, or came late.

Works on columns, a pass or two over ten million facts. Decides nothing: wherever facts leave a choice,
a decision takes the reading that refuses, and a finding says that it did. Facts that cannot be read at
all are errors, and found while reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.errors import InputError
from privity.members.columns import FactColumns, columns_of
from privity.members.facts import Fact, MemberId
from privity.members.findings import Finding, Level, Sought, example
from privity.members.merges import merge_findings
from privity.members.ordering import ahead_findings, late_findings, ordering_findings
from privity.members.register import register_findings
from privity.members.rows import Rows
from privity.vocabulary.places import is_code, unknown_place
from privity.vocabulary.terms import unknown

_VALUES: Final = frozenset({"on", "off", "unset"})

SETTING_VALUE: Final = Sought(
    level=Level.WARNING,
    code="setting-value",
    message="choice whose value is none of on, off and unset; it counts as off",
)
UNKNOWN_CODE: Final = Sought(
    level=Level.WARNING,
    code="unknown-code",
    message="jurisdiction that is no ISO 3166-1 code; what its member is party to is refused",
)
NEVER_JOINED: Final = Sought(
    level=Level.WARNING,
    code="never-joined",
    message="member with facts and no `joined` among them; what they are party to is refused",
)
UNKNOWN_MEMBER: Final = Sought(
    level=Level.ALARM,
    code="unknown-member",
    message="member of whom nothing was known, and who has not joined: where the id is mistyped, what was said reaches nobody",
)
BIRTH_DATES: Final = Sought(
    level=Level.WARNING,
    code="birth-dates",
    message="member with several birth dates; the youngest counts",
)
UNKNOWN_SETTING: Final = Sought(
    level=Level.WARNING,
    code="unknown-setting",
    message="fact with a setting that no policy version has; a no in it refuses everything",
)
UNKNOWN_NOTICE: Final = Sought(
    level=Level.WARNING,
    code="unknown-notice",
    message="delivery of a notice that no policy version has; it tells nobody anything",
)
UNKNOWN_AGREEMENT: Final = Sought(
    level=Level.WARNING,
    code="unknown-agreement",
    message="agreement that no policy version describes; what falls under it is refused",
)


def check_facts(
    facts: Iterable[Fact],
    *,
    settings: Collection[str] | None = None,
    notices: Collection[str] | None = None,
    agreements: Collection[str] | None = None,
    now: Instant | None = None,
) -> tuple[Finding, ...]:
    """Look over facts, alarms first; see `check_columns`, which is for many."""
    rows = [
        {
            "member": fact.member,
            "fact": fact.fact,
            "value": fact.value,
            "at": fact.at,
            "recorded_at": fact.recorded_at,
            "detail": encode(dict(fact.detail)).decode(),
        }
        for fact in facts
    ]
    return check_columns(
        columns_of(rows), settings=settings, notices=notices, agreements=agreements, now=now
    )


def check_columns(
    columns: FactColumns,
    *,
    settings: Collection[str] | None = None,
    notices: Collection[str] | None = None,
    agreements: Collection[str] | None = None,
    now: Instant | None = None,
) -> tuple[Finding, ...]:
    """Look over facts in columns, alarms first.

    Args:
        columns: The facts, whenever they were recorded.
        settings: The settings of all versions of a policy; left out, no setting is looked up.
        notices: Its notices; left out, none is looked up.
        agreements: Its agreements; left out, none is looked up.
        now: The instant; left out, nothing is said of when facts were recorded but that it was late.
    """
    rows = Rows(columns)
    found = [
        *late_findings(rows),
        *(() if now is None else ahead_findings(rows, now)),
        *_of_kinds(rows, SETTING_VALUE, _has_odd_value),
        *_of_kinds(rows, UNKNOWN_CODE, _has_no_code, lambda kind: unknown_place(kind.value)),
        *_never_joined(rows),
        *_birth_dates(rows),
        *ordering_findings(rows),
        *merge_findings(rows),
        *register_findings(columns.platform),
    ]
    for known, sought, names in (
        (settings, UNKNOWN_SETTING, ("setting", "objection", "objection-withdrawn")),
        (notices, UNKNOWN_NOTICE, ("notice",)),
        (agreements, UNKNOWN_AGREEMENT, ("agreement",)),
    ):
        if known is not None:
            found += _of_kinds(
                rows,
                sought,
                _names_none_of(frozenset(known), names),
                partial(_unknown, known),
            )
    return tuple(sorted(found, key=lambda one: one.level is not Level.ALARM))


def _of_kinds(
    rows: Rows,
    sought: Sought,
    holds: Callable[[Fact], bool],
    problem: Callable[[Fact], InputError] | None = None,
) -> list[Finding]:
    """Count the facts of the kinds of which something holds; `problem` knows what was meant by one."""
    found = rows.where(holds)

    def shown(fact: Fact) -> str:
        hint = None if problem is None else problem(fact).hint
        return example(fact) if hint is None else f"{example(fact)}: {hint}"

    return sought.found(len(found), lambda: map(shown, rows.facts(found)))


def _has_odd_value(kind: Fact) -> bool:
    return kind.fact == "setting" and kind.value not in _VALUES


def _has_no_code(kind: Fact) -> bool:
    return kind.fact == "jurisdiction" and not is_code(kind.value)


def _names_none_of(known: frozenset[str], names: tuple[str, ...]) -> Callable[[Fact], bool]:
    def holds(kind: Fact) -> bool:
        named = _named(kind) if kind.fact in names else None
        return named is not None and named not in known

    return holds


def _named(kind: Fact) -> str | None:
    """Give the notice, agreement or setting that a fact is about."""
    return kind.value if kind.fact in ("notice", "agreement") else kind.setting


def _unknown(known: Collection[str], kind: Fact) -> InputError:
    return unknown("word", _named(kind) or "", known)


def _never_joined(rows: Rows) -> list[Finding]:
    absent = _not_joined(rows)
    return NEVER_JOINED.found(len(absent), lambda: _members(rows, absent))


def _not_joined(rows: Rows) -> npt.NDArray[np.integer]:
    joined = np.zeros(rows.columns.members, np.bool_)
    joined[rows.member[rows.where(lambda kind: kind.fact == "joined")]] = True
    return np.flatnonzero(~joined)


def without_joining(columns: FactColumns) -> list[MemberId]:
    """Give the members with facts and no `joined` among them."""
    found: list[MemberId] = columns.ids.take(_not_joined(Rows(columns))).to_pylist()
    return found


def unknown_members(members: Collection[MemberId]) -> list[Finding]:
    """Give the finding of members of whom nobody knows anything."""
    return UNKNOWN_MEMBER.found(
        len(members), (f"member `{one}`" for one in sorted(members, key=str))
    )


def _birth_dates(rows: Rows) -> list[Finding]:
    """Count members with different birth dates; the same one recorded twice is none."""
    born = rows.where(lambda kind: kind.fact == "birth_date")
    date = rows.codes(lambda kind: kind.value)[rows.columns.kind[born]]
    member = rows.member[born]
    order = np.lexsort((date, member))
    other = (member[order][1:] == member[order][:-1]) & (date[order][1:] != date[order][:-1])
    several = np.unique(member[order][1:][other])
    return BIRTH_DATES.found(len(several), lambda: _members(rows, several))


def _members(rows: Rows, places: npt.NDArray[np.integer]) -> Iterator[str]:
    return (f"member `{rows.columns.ids[int(place)].as_py()}`" for place in places)
