# SPDX-License-Identifier: Apache-2.0
"""The facts of a made network, one Arrow table for each block of members (design.md part 5).

Most members are dull. The rest moved, paid, chose, objected, closed, came back, died, were minors, were
merged; some facts were recorded long after they were true. Shares stand beside each kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.sources.synthetic import history
from privity.sources.synthetic.countries import EUROPEAN
from privity.sources.synthetic.draws import Draws, Flags, Integers, Strings
from privity.sources.synthetic.history import (
    LAST_FACT,
    LIVE,
    TOLD,
    TOLD_AGAIN,
    TOLD_WIDELY,
    WIDENED,
    detail,
)
from privity.sources.synthetic.people import MERGED_SHARE, NEVER, People, country

SCHEMA: Final = pa.schema(
    [
        ("member", pa.int64()),
        ("fact", pa.string()),
        ("value", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("recorded_at", pa.timestamp("us", tz="UTC")),
        ("detail", pa.string()),
    ]
)
"""Member facts and, with a null member, platform facts."""

BLOCK: Final = 1 << 15
"""Members for each block."""

_DAY: Final = 86_400
_YEAR: Final = 365.2425 * _DAY
_DECLARED: Final = detail(evidence="declared")
_BILLING: Final = detail(evidence="billing")
_IP: Final = detail(evidence="ip")
_NAMED: Final = detail(setting=history.SETTING)

Text = str | Strings


def _chosen(method: str, scope: str) -> str:
    return detail(method=method, scope=scope, setting=history.SETTING)


_FUTURE: Final = _chosen("explicit", "future")
_ALL: Final = _chosen("explicit", "all")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """Columns under construction for the members of one block."""

    draws: Draws
    members: Integers
    tables: list[pa.Table] = field(default_factory=list)

    def add(
        self,
        fact: str,
        who: Flags,
        at: Integers,
        *,
        value: Text = "",
        detail: Text = "{}",
        late: float = 0.0,
    ) -> None:
        """Add one fact for each member of `who`; a share `late` of them was recorded late.

        Args:
            fact: The kind.
            who: Shape (n,), over the block's members.
            at: Shape (n,), seconds; what lies at NEVER is left out.
            value: One for all, or shape (n,).
            detail: One for all, or shape (n,).
            late: Share recorded up to weeks after `at`.
        """
        chosen = np.flatnonzero(who & (at < NEVER))
        members, instants = self.members[chosen], at[chosen]
        name = f"late/{fact}/{len(self.tables)}"
        delay = self.draws.waiting(name, members, 20)
        delay = np.where(self.draws.happens(f"{name}/whether", members, late), delay, 0)
        columns = [
            pa.array(members),
            _text(fact, chosen),
            _text(value, chosen),
            _instants(instants),
            _instants(instants + delay),
            _text(detail, chosen),
        ]
        self.tables.append(pa.Table.from_arrays(columns, schema=SCHEMA))


def _text(values: Text, chosen: Integers) -> pa.Array:
    if isinstance(values, str):
        return pa.repeat(pa.scalar(values, pa.string()), len(chosen))
    return pa.array(values[chosen], pa.string())


def _instants(seconds: Integers) -> pa.Array:
    return pa.array(seconds * 1_000_000, pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def fact_tables(people: People, *, until: int) -> Iterator[pa.Table]:
    """Yield the facts recorded before `until`: the platform's first, then members by block.

    Args:
        people: Whose facts.
        until: Seconds since 1970 UTC.
    """
    yield _before(_platform_facts(), until)
    for first in range(1, people.count + 1, BLOCK):
        last = min(first + BLOCK, people.count + 1)
        table = _member_facts(people, np.arange(first, last, dtype=np.int64))
        order = [("member", "ascending"), ("at", "ascending"), ("recorded_at", "ascending")]
        yield _before(table, until).sort_by(order)


def _before(table: pa.Table, until: int) -> pa.Table:
    limit = pa.scalar(until * 1_000_000, pa.timestamp("us", tz="UTC"))
    return table.filter(pc.less(table["recorded_at"], limit))


def _platform_facts() -> pa.Table:
    facts = history.CASE_FACTS + history.SEAT_FACTS
    instants = _instants(np.array([one.at for one in facts], np.int64))
    columns = [
        pa.nulls(len(facts), pa.int64()),
        pa.array([one.fact for one in facts]),
        pa.array([one.value for one in facts]),
        instants,
        instants,
        pa.array([one.detail for one in facts]),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _member_facts(people: People, members: Integers) -> pa.Table:
    rows = _Rows(draws=people.draws, members=members)
    joined = people.joined(members)
    everyone = np.full(len(members), fill_value=True)
    rows.add("joined", everyone, joined)
    rows.add("agreement", everyone, joined, value=history.USER_AGREEMENT)
    _add_places(rows, people, joined)
    _add_ages(rows, joined)
    _add_premium(rows, people)
    _add_notices(rows, joined)
    _add_choices(rows, joined)
    _add_objections(rows, joined)
    _add_ends(rows, people, joined)
    return pa.concat_tables(rows.tables)


def _add_places(rows: _Rows, people: People, joined: Integers) -> None:
    """0.4 % say nothing, 1 in 1,000 something that is no code, 6 % move, some evidence differs."""
    draws, members = rows.draws, rows.members
    said = ~draws.happens("place-unsaid", members, 0.004)
    garbled = draws.happens("place-garbled", members, 0.001)
    home = people.home(members)
    first = np.where(garbled, "UK", home)
    rows.add("jurisdiction", said, joined, value=first, detail=_DECLARED)

    end = np.full_like(members, LAST_FACT)
    moved_at = draws.between("moved-at", members, joined + _DAY, end)
    moved = said & draws.happens("moved", members, 0.06) & (moved_at > joined)
    new_home = country(draws.unit("new-home", members))
    rows.add("jurisdiction", moved, moved_at, value=new_home, detail=_DECLARED, late=0.3)

    billed = said & draws.happens("billed", members, 0.10)
    billed_at = draws.between("billed-at", members, joined, end)
    elsewhere = draws.happens("billed-elsewhere", members, 0.12)
    code = np.where(elsewhere, country(draws.unit("billed-in", members)), home)
    rows.add("jurisdiction", billed, billed_at, value=code, detail=_BILLING)

    seen = said & draws.happens("seen-by-ip", members, 0.06)
    seen_at = draws.between("seen-at", members, joined, end)
    travelled = draws.happens("travelled", members, 0.30)
    code = np.where(travelled, country(draws.unit("travelled-to", members)), home)
    rows.add("jurisdiction", seen, seen_at, value=code, detail=_IP)

    present = np.where(moved & (moved_at < WIDENED), new_home, home)
    told = said & (joined < WIDENED)
    widened = np.full_like(members, WIDENED)
    european = np.isin(present, list(EUROPEAN))
    rows.add("agreement", told & european, widened, value=history.REGIONAL_NOTICE)
    rows.add("agreement", told & (present == "GB"), widened, value=history.REGIONAL_NOTICE_UK)


def _add_ages(rows: _Rows, joined: Integers) -> None:
    """88 % gave a birth date; 1.5 % are minors at some time; 1 in 2,000 gave two dates."""
    draws, members = rows.draws, rows.members
    given = draws.happens("birth-given", members, 0.88)
    age = 18.1 + 42 * draws.unit("age", members) ** 1.6
    born = joined - (age * _YEAR).astype(np.int64)
    young = draws.happens("young", members, 0.015)
    youth = (13.5 + 5 * draws.unit("youth", members)) * _YEAR
    born = np.where(young, TOLD - youth.astype(np.int64), born)
    rows.add("birth_date", given, joined, value=_dates(born))

    twice = given & draws.happens("born-twice", members, 0.0005)
    other = born + draws.waiting("other-birth", members, 1500)
    rows.add("birth_date", twice, joined, value=_dates(other))

    suspected = draws.happens("minor-suspected", members, 0.006)
    at = draws.between("suspected-at", members, joined, np.full_like(members, LAST_FACT))
    rows.add("minor-suspected", suspected, at, late=0.2)
    cleared = suspected & draws.happens("minor-cleared", members, 0.5)
    rows.add("minor-cleared", cleared, at + draws.waiting("cleared-after", members, 90))


def _dates(seconds: Integers) -> Strings:
    return np.datetime_as_string(seconds.astype("datetime64[s]"), unit="D")


def _add_premium(rows: _Rows, people: People) -> None:
    """12 % pay at some time, about one in fifteen at any one time."""
    periods = people.premium(rows.members)
    for start, end in zip(periods.starts, periods.ends, strict=True):
        held = start < LAST_FACT
        rows.add("agreement", held, start, value=history.SUBSCRIPTION)
        ended = held & (end < LAST_FACT)
        rows.add("agreement-ended", ended, end, value=history.SUBSCRIPTION, late=0.05)


def _add_notices(rows: _Rows, joined: Integers) -> None:
    """The notice of September 2024 reached 88 %, within days; of some it was known late."""
    draws, members = rows.draws, rows.members
    reached = draws.happens("notice-reached", members, 0.88)
    at = np.maximum(TOLD + draws.waiting("notice-after", members, 4), joined + 60)
    rows.add("notice", reached, at, value=history.NOTICE, late=0.03)

    early = draws.happens("notice-early", members, 0.01) & (joined < TOLD - _DAY)
    before = np.full_like(members, TOLD - 4 * 3600)
    rows.add("notice", early, before, value=history.NOTICE)

    reminded = draws.happens("notice-again", members, 0.04)
    again = at + draws.waiting("again-after", members, 30)
    rows.add("notice", reminded, again, value=history.NOTICE)

    second = draws.happens("notice-2025", members, 0.8)
    at = np.maximum(TOLD_AGAIN + draws.waiting("notice-2025-after", members, 10), joined + 60)
    rows.add("notice", second, at, value=history.NOTICE)


def _add_choices(rows: _Rows, joined: Integers) -> None:
    """10 % said no, 7 % yes, 2 % sent a browser signal, 1.5 % were migrated, the rest nothing.

    Whoever left, came back, died or was merged has said something three times as often: there the order
    of things matters.
    """
    draws, members = rows.draws, rows.members
    kind = draws.unit("choice", members)
    kind = np.where(_eventful(rows), kind / 3, kind)
    quiet = draws.happens("choice-early", members, 0.2)
    early = draws.between(
        "choice-early-at", members, np.full_like(members, LIVE), np.full_like(members, TOLD)
    )
    later = TOLD + draws.waiting("choice-after", members, 25)
    at = np.maximum(np.where(quiet, early, later), joined + 120)
    second = at + draws.waiting("second-choice-after", members, 30)
    scope = np.where(draws.happens("scope-all", members, 0.4), _ALL, _FUTURE)
    turn = draws.unit("second-choice", members)

    off = kind < 0.10
    rows.add("setting", off, at, value="off", detail=_FUTURE, late=0.04)
    back = np.where(turn < 0.08, "unset", "on")
    rows.add("setting", off & (turn < 0.20), second, value=back, detail=scope)

    yes = (kind >= 0.10) & (kind < 0.17)
    rows.add("setting", yes, at, value="on", detail=scope, late=0.02)
    repeated = np.where((turn >= 0.10) & (turn < 0.14), "on", "off")
    other = np.where(draws.happens("scope-all-2", members, 0.5), _ALL, _FUTURE)
    rows.add("setting", yes & (turn < 0.17), second, value=repeated, detail=other)

    wavering = (kind < 0.17) & (turn < 0.10)
    third = second + draws.waiting("third-choice-after", members, 15)
    rows.add("setting", wavering, third, value="on", detail=other)

    signalled = (kind >= 0.17) & (kind < 0.19)
    rows.add("setting", signalled, at, value="off", detail=_chosen("signal", "future"))

    migrated = (kind >= 0.19) & (kind < 0.205)
    value = np.where(turn < 0.33, "off", "on")
    moved = np.maximum(np.full_like(members, LIVE), joined + 120)
    rows.add("setting", migrated, moved, value=value, detail=_chosen("migrated", "future"))

    garbled = (kind >= 0.205) & (kind < 0.2052)
    rows.add("setting", garbled, at, value="maybe", detail=_FUTURE)


def _add_objections(rows: _Rows, joined: Integers) -> None:
    """2 % sent the objection form, some years before the setting; four in ten withdrew.

    Whoever had said yes objects, and withdraws, more often: there it matters which word was the last.
    """
    draws, members = rows.draws, rows.members
    willing = draws.unit("choice", members)
    said_yes = (willing >= 0.10) & (willing < 0.17)
    share = np.where(said_yes | _eventful(rows), 0.10, 0.012)
    objects = draws.unit("objects", members) < share
    old = draws.happens("objects-early", members, 0.2)
    early = draws.between("objects-early-at", members, joined, np.full_like(members, LIVE))
    later = np.maximum(TOLD + draws.waiting("objects-after", members, 40), joined + 60)
    named = draws.happens("objection-named", members, 0.6)
    what = np.where(named, _NAMED, "{}")
    at = np.where(old & (joined < LIVE), early, later)
    rows.add("objection", objects, at, detail=what, late=0.1)
    share = np.where(said_yes, 0.7, 0.25)
    withdrawn = objects & (draws.unit("objection-withdrawn", members) < share)
    after = at + draws.waiting("withdrawn-after", members, 30)
    rows.add("objection-withdrawn", withdrawn, after, detail=what)


def _add_ends(rows: _Rows, people: People, joined: Integers) -> None:
    """4 % closed and a fifth of them came back, 1 % died, 0.6 % were merged into another."""
    draws, members = rows.draws, rows.members
    closed_at = _ended(rows, "closed", joined)
    rows.add("closed", _closes(rows), closed_at, late=0.1)
    returned = _closes(rows) & draws.happens("reopened", members, 0.2)
    returned_at = closed_at + draws.waiting("reopened-after", members, 20)
    rows.add("reopened", returned, returned_at)
    told = returned & draws.happens("told-on-return", members, 0.6)
    rows.add("notice", told, np.maximum(returned_at + 600, TOLD), value=history.NOTICE)

    rows.add("deceased", _dies(rows), _ended(rows, "died", joined), late=0.5)

    target = people.merged_into(members)
    value = target.astype(np.str_)
    rows.add("merged", target > 0, _ended(rows, "merged", joined), value=value)


def _closes(rows: _Rows) -> Flags:
    return rows.draws.happens("closed", rows.members, 0.04)


def _dies(rows: _Rows) -> Flags:
    return rows.draws.happens("died", rows.members, 0.01)


def _eventful(rows: _Rows) -> Flags:
    """Tell whose account was closed, or merged away, or outlived its member."""
    merges = rows.draws.happens("merged", rows.members, MERGED_SHARE)
    return _closes(rows) | _dies(rows) | merges


def _ended(rows: _Rows, name: str, joined: Integers) -> Integers:
    """Give an instant since joining; 6 of 10 lie in the months of the dispute."""
    draws, members = rows.draws, rows.members
    end = np.full_like(members, LAST_FACT)
    ever = draws.between(f"{name}-at", members, joined + _DAY, end)
    dispute = draws.between(
        f"{name}-in-the-dispute",
        members,
        np.maximum(joined + _DAY, LIVE),
        np.full_like(members, TOLD_WIDELY),
    )
    lately = draws.happens(f"{name}-lately", members, 0.6)
    return np.where(lately, dispute, ever)
