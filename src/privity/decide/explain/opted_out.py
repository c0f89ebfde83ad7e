# SPDX-License-Identifier: Apache-2.0
"""Every no that stands against a request, now and then ([DEC-36]).

A no is an off or an objection. Which later yes takes one back is the decision rule's; here each that is
not taken back is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from privity.decide.case import governing
from privity.decide.explain.asking import Asking, biting
from privity.decide.explain.causes import Cause
from privity.decide.explain.words import cause
from privity.decide.grant import Asked
from privity.decide.one import informed, is_retired
from privity.members.facts import Fact
from privity.members.state import State, is_no
from privity.policy.model import Setting, Version

_OFF = "off"


def opted_out_causes(asking: Asking, asked: Asked) -> Iterator[Cause]:
    """Find every no of a party that stands at the time of use, and those that stood then."""
    settings = _bitten(asking, asked)
    known = asking.case.world.policy.setting_names
    for fact in asking.now.stray_noes(known):
        yield _stray("opted-out", asking, fact)
    for name, (setting, version) in settings.items():
        yield from _standing(asking, name, setting, version)
    if asking.then is None:
        return
    for fact in asking.then.stray_noes(known):
        yield _stray("opted-out-then", asking, fact)
    for setting, version in settings.values():
        yield from _stood(asking, asking.then, setting, version)


def _bitten(asking: Asking, asked: Asked) -> Mapping[str, tuple[Setting, Version]]:
    """Give each setting that bites in a known version, as the last such version has it."""
    return {
        setting.id: (setting, version)
        for version in asking.case.world.policy.telling
        for setting in biting(version, asked)
    }


def _stray(reason: str, asking: Asking, fact: Fact) -> Cause:
    kind = "stray-objection" if fact.fact == "objection" else "stray-off"
    return cause(f"{reason}/{kind}", party=asking.party, fact=fact, stray=fact.setting or "")


def _objection(
    reason: str, asking: Asking, fact: Fact, setting: Setting, version: Version
) -> Cause:
    if fact.setting is None:  # one fact, whichever settings it refuses in
        return cause(f"{reason}/objection-to-all", party=asking.party, fact=fact)
    return cause(
        f"{reason}/objection",
        party=asking.party,
        setting=setting,
        version=version,
        rule=f"settings.{setting.id}",
        fact=fact,
    )


def _standing(asking: Asking, name: str, setting: Setting, version: Version) -> Iterator[Cause]:
    now = asking.now
    objection, choice = now.objection(name), now.choice(name)
    if objection is not None:
        yield _objection("opted-out", asking, objection, setting, version)
    if choice is None or not is_no(choice):
        return
    retired = is_retired(asking.case, name)
    if retired and _said_later(asking, choice):
        return
    key = "off" if choice.value == _OFF else "no-value"
    yield cause(
        "opted-out/retired" if retired else f"opted-out/{key}",
        party=asking.party,
        setting=setting,
        version=version,
        rule=f"settings.{name}",
        fact=choice,
        value=choice.value,
    )


def _said_later(asking: Asking, no: Fact) -> bool:
    """Tell whether an informed yes was said after the no in every governing setting."""
    settings = governing(asking.case)
    return bool(settings) and all(
        any(yes.order > no.order for yes in informed(asking.case, one, asking.now))
        for one in settings
    )


def _stood(asking: Asking, then: State, setting: Setting, version: Version) -> Iterator[Cause]:
    objection, choice = then.objection(setting.id), then.choice(setting.id)
    off = choice if choice is not None and is_no(choice) else None
    if (objection is None and off is None) or _taken_back(asking, setting):
        return
    if objection is not None:
        yield _objection("opted-out-then", asking, objection, setting, version)
    if off is not None:
        yield cause(
            "opted-out-then/off",
            party=asking.party,
            setting=setting,
            version=version,
            rule=f"settings.{setting.id}",
            fact=off,
        )


def _taken_back(asking: Asking, setting: Setting) -> bool:
    """Tell whether an informed yes names older content, and is no older than the last no."""
    settings = governing(asking.case)
    last_no = asking.now.last_no(setting.id)
    for one in [one for one in settings if one.id == setting.id] or settings:
        yeses = informed(asking.case, one, asking.now)
        if not yeses or not yeses[-1].covers_all:
            return False
        if last_no is not None and yeses[-1].at < last_no.at:
            return False
    return bool(settings)
