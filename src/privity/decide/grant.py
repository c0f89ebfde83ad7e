# SPDX-License-Identifier: Apache-2.0
"""The grant: since when a setting can be relied on, for one party (specs/decision.md part 4).

A grant never reaches back: it is the unbroken row of versions, up to the one in force, in which nothing
that matters to this party was different. Part of the executable specification: plain before fast.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.canonical.instants import EARLIEST, Instant, anniversary, parse_date
from privity.members.facts import Fact
from privity.members.state import State
from privity.policy.model import Setting, Version, any_in
from privity.policy.versions import History


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a setting is asked for: one request, one category, the recipient's role."""

    purpose: str
    category: str
    role: str
    at: Instant


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What the rows of versions come to: of a party's jurisdictions the strictest counts.

    Attributes:
        version: The version in force.
        live: From when a yes or a default can count.
        told_since: From when a delivery of the notice counts.
        window: Seconds between a delivery that counts and the default's start.
        notice: The notice, or None if it can reach nobody.
    """

    version: Version
    live: Instant
    told_since: Instant
    window: int
    notice: str | None


def grant(
    setting: Setting, asked: Asked, policy: History, codes: frozenset[str], *, default: bool
) -> Grant:
    """Give the grant of a setting of the version in force ([DEC-40] to [DEC-44]).

    Args:
        setting: A setting of the version in force that governs.
        asked: The request and the record's category.
        policy: The known versions; one is in force at `asked.at`.
        codes: The party's present jurisdictions.
        default: Whether silence is relied on, which must then have meant yes throughout.
    """
    each = [
        _grant_in(setting, asked, policy, here, default=default)
        for here in ([frozenset((code,)) for code in sorted(codes)] or [codes])
    ]
    return Grant(
        version=each[0].version,
        live=max(one.live for one in each),
        told_since=max(one.told_since for one in each),
        window=max(one.window for one in each),
        notice=each[0].notice,
    )


def _grant_in(
    setting: Setting, asked: Asked, policy: History, here: frozenset[str], *, default: bool
) -> Grant:
    """Give the grant for one jurisdiction, or for none."""
    started = [version for version in policy.versions if version.start <= asked.at]
    row = [started[-1]]
    if _holds(started[-1], setting, asked, here, default=default):
        for version in reversed(started[:-1]):
            if not _holds(version, setting, asked, here, default=default):
                break
            row.insert(0, version)
    mine = [version.settings[setting.id] for version in row]
    named = [
        version.notices[setting.notice]
        for version in row
        if setting.notice is not None and setting.notice in version.notices
    ]
    from_first = row[0] is policy.versions[0]
    live = max(
        *(one.live_from for one in mine),
        *(one.effective_at for one in named),
        EARLIEST if from_first else row[0].start,
    )
    return Grant(
        version=row[-1],
        live=live,
        told_since=EARLIEST if from_first else row[0].published_at,
        window=max(one.objection_window for one in mine),
        notice=setting.notice if setting.notice in row[-1].notices else None,
    )


def _holds(
    version: Version, setting: Setting, asked: Asked, codes: frozenset[str], *, default: bool
) -> bool:
    """Tell whether the setting stood in this version as it stands now, for this party."""
    own = version.settings.get(setting.id)
    return (
        own is not None
        and own.scope.contains(asked.purpose, asked.category, asked.role)
        and not version.forbids(asked.purpose, asked.category, asked.role)
        and not any_in(codes, own.exempt, asked.at)
        and own.notice == setting.notice
        and (
            not default
            or (
                all(own.default_on(code, asked.at) for code in codes)
                and not own.wants_explicit(asked.category)
            )
        )
    )


def first_delivery(granted: Grant, state: State) -> Fact | None:
    """Give the first delivery of the grant's notice that counts, or None ([DEC-45])."""
    if granted.notice is None:
        return None
    return next(iter(state.deliveries(granted.notice, granted.told_since)), None)


def informed_yeses(setting: Setting, granted: Grant, state: State) -> tuple[Fact, ...]:
    """Give the yeses of the standing run that were informed, in order ([DEC-46])."""
    told = first_delivery(granted, state)
    if told is None:
        return ()
    since = max(granted.live, told.at, of_age(setting, state))
    return tuple(
        yes
        for yes in state.standing_run(setting.id)
        if yes.at >= since and state.after_reopening(yes)
    )


def of_age(setting: Setting, state: State) -> Instant:
    """Give when the member reached the setting's minimum age; always, where either is missing."""
    if setting.minimum_age is None or state.birth_date is None:
        return EARLIEST
    return anniversary(parse_date(state.birth_date), setting.minimum_age)
