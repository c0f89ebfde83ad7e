# SPDX-License-Identifier: Apache-2.0
"""What refuses in one governing setting, for one party ([DEC-50] to [DEC-56]).

A choice that is on refuses where it was not informed or does not reach back; silence refuses where the
default is off, the category wants a yes, or the notice has not come, not long enough ago, or too late.
"""

from __future__ import annotations

from collections.abc import Iterator

from privity.decide.explain.asking import Asking
from privity.decide.explain.causes import Cause
from privity.decide.explain.words import Moment, cause
from privity.decide.grant import Asked, Grant, first_delivery, grant, informed_yeses
from privity.members.facts import Fact
from privity.members.state import is_no, is_yes
from privity.policy.model import Setting, Version


def setting_causes(
    asking: Asking, asked: Asked, version: Version, setting: Setting
) -> Iterator[Cause]:
    """Find what refuses in a setting of the version in force that governs."""
    choice = asking.now.choice(setting.id)
    if choice is not None and is_yes(choice):
        yield from _of_a_yes(asking, asked, version, setting, choice)
    elif not is_no(choice) and asking.now.codes:
        yield from _of_silence(asking, asked, version, setting)


def _of_a_yes(
    asking: Asking, asked: Asked, version: Version, setting: Setting, choice: Fact
) -> Iterator[Cause]:
    now, then = asking.now, asking.case.then
    granted = grant(setting, asked, asking.case.world.policy, now.codes, default=False)
    yeses = informed_yeses(setting, granted, now)
    if not yeses:
        yield _uninformed(asking, version, setting, granted, choice)
    elif not yeses[-1].covers_all and then is not None and then < yeses[0].at:
        yield cause(
            "before-consent/future",
            party=asking.party,
            setting=setting,
            version=version,
            rule=f"settings.{setting.id}",
            fact=yeses[0],
        )


def _uninformed(
    asking: Asking, version: Version, setting: Setting, granted: Grant, yes: Fact
) -> Cause:
    """Say why the last yes was not informed: if it was not, none before it was."""
    now = asking.now
    told = first_delivery(granted, now)
    if told is None:
        return _untold("uninformed", asking, setting, granted, yes)
    if not now.after_reopening(yes):
        variant, rule = "before-reopening", "notice"
    elif yes.at < told.at:
        variant, rule = "before-told", "notice"
    elif yes.at < granted.live:
        variant, rule = "before-live", "live_from"
    else:
        variant, rule = "under-age", "minimum_age"
    return cause(
        f"uninformed/{variant}",
        party=asking.party,
        setting=setting,
        version=version,
        rule=f"settings.{setting.id}.{rule}",
        fact=yes,
        notice=setting.notice or "",
        told=told.at,
        live=granted.live,
        age=str(setting.minimum_age),
        reopened=now.reopened.at if now.reopened is not None else "",
    )


def _untold(
    reason: str, asking: Asking, setting: Setting, granted: Grant, yes: Fact | None = None
) -> Cause:
    """Say why no delivery of the setting's notice counts."""
    now, version = asking.now, granted.version
    deliveries = [fact for fact in now.all("notice") if fact.value == setting.notice]
    last = deliveries[-1] if deliveries else None
    if setting.notice is None:
        variant = "names-none"
    elif setting.notice not in version.notices:
        variant = "missing"
    elif last is None:
        variant = "never"
    elif not now.after_reopening(last):
        variant = "reopened-since"
    else:
        variant = "before-publication"
    return cause(
        f"{reason}/{variant}",
        party=asking.party,
        setting=setting,
        version=version,
        rule=f"settings.{setting.id}.notice",
        fact=yes if yes is not None else last,
        notice=setting.notice or "",
        told=last.at if last is not None else "",
        reopened=now.reopened.at if now.reopened is not None else "",
        published=granted.told_since,
    )


def _of_silence(
    asking: Asking, asked: Asked, version: Version, setting: Setting
) -> Iterator[Cause]:
    off = [
        (fact, moment)
        for moment, state, instant in asking.moments()
        for fact in state.jurisdictions
        if not setting.default_on(fact.value, instant)
    ]
    moments: dict[tuple[str, str], tuple[Fact, list[Moment]]] = {}
    for fact, moment in off:
        moments.setdefault((fact.evidence, fact.value), (fact, []))[1].append(moment)
    for (evidence, code), (fact, when) in moments.items():
        yield cause(
            "not-opted-in/default",
            party=asking.party,
            setting=setting,
            version=version,
            rule=f"settings.{setting.id}.default",
            fact=fact,
            moments=when,
            evidence=evidence,
            code=code,
        )
    if not any(moment is Moment.NOW for _, moment in off):
        yield from _of_a_default(asking, asked, version, setting)


def _of_a_default(
    asking: Asking, asked: Asked, version: Version, setting: Setting
) -> Iterator[Cause]:
    """Ask whether silence can be relied on: the default is on."""
    now, then = asking.now, asking.case.then
    if setting.wants_explicit(asked.category):
        yield cause(
            "explicit-only/silent",
            party=asking.party,
            setting=setting,
            version=version,
            rule=f"settings.{setting.id}.explicit_only",
            category=asked.category,
        )
    granted = grant(setting, asked, asking.case.world.policy, now.codes, default=True)
    told = first_delivery(granted, now)
    if told is None:
        yield _untold("no-notice", asking, setting, granted)
        return
    start = max(granted.live, told.at + granted.window)
    refusing = {
        "objection-window/open": asked.at < start,
        "before-notice/older": then is not None and then < start,
    }
    rule = "objection_window" if start > granted.live else "live_from"
    for key, holds in refusing.items():
        if holds:
            yield cause(
                key,
                party=asking.party,
                setting=setting,
                version=version,
                rule=f"settings.{setting.id}.{rule}",
                fact=told,
                notice=setting.notice or "",
                start=start,
            )
