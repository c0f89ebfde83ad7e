# SPDX-License-Identifier: Apache-2.0
"""How it stands between a member and a setting: what she said or what silence means, and what she was told (docs/web.md).

For the page on which she flips the switch. Whether a record may be used is answered by the rule; this says of one setting
what the rule would look at, and where categories or recipients differ, what protects more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from privity.canonical.instants import Instant, anniversary, parse_date
from privity.decide.grant import Asked, Grant, first_delivery, grant
from privity.decide.request import World
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline
from privity.policy.model import Setting, Version, any_in
from privity.policy.versions import History
from privity.vocabulary.sentences import say
from privity.vocabulary.terms import PURPOSES


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingStanding:
    """How it stands.

    Attributes:
        setting: The setting's id.
        label: What the member reads.
        live: Whether the switch works already.
        choice: What she said last, or None.
        objection: The objection that stands, or None.
        covers_older: Whether her yes covers what she wrote before it.
        exempt: The codes of her jurisdictions in which it may not be used at all, sorted.
        silence: What silence means for her, `on` or `off`; unknown where no jurisdiction of hers is known.
        young: Whether she is under its minimum age.
        notice: The notice that tells of it, or None where the policy has none: then it has reached nobody.
        begins: When that notice takes effect, or None.
        told: The first delivery of it that counts, or None.
        window_ends: Until when she may object before silence counts, or None where nothing was delivered.
    """

    setting: str
    label: str
    live: bool
    choice: Fact | None
    objection: Fact | None
    covers_older: bool
    exempt: tuple[str, ...]
    silence: str | None
    young: bool
    notice: str | None
    begins: Instant | None
    told: Fact | None
    window_ends: Instant | None

    @property
    def waits(self) -> bool:
        """Whether the member is still to be told."""
        return self.notice is not None and self.told is None


def standings(
    member: MemberId, *, purpose: str, at: Instant, world: World
) -> tuple[SettingStanding, ...]:
    """Say how it stands between a member and each setting of the version in force that is about a purpose.

    Args:
        member: Whose page it is; nothing need be known of her.
        purpose: The use.
        at: When she looks.
        world: What is believed; where something is only claimed, its first reading is shown.
    """
    version = world.policy.in_force(at)
    if version is None:
        return ()
    state = world.members.get(member, Timeline()).at(at)
    return tuple(
        _standing(setting, version, _Asking(purpose=purpose, at=at, policy=world.policy), state)
        for setting in version.settings.values()
        if PURPOSES.any_contains(setting.scope.purposes or (), purpose)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """What every setting is asked for."""

    purpose: str
    at: Instant
    policy: History


def _standing(
    setting: Setting, version: Version, asking: _Asking, state: State
) -> SettingStanding:
    choice, at = state.choice(setting.id), asking.at
    grants = list(_grants(setting, version, asking, state))
    told = [first_delivery(one, state) for one in grants]
    delivered = (
        None if not told or None in told else max(filter(None, told), key=lambda one: one.order)
    )
    notice = version.notices.get(setting.notice or "")
    silence = (
        None
        if not state.codes
        else "on"
        if all(setting.default_on(code, at) for code in state.codes)
        else "off"
    )
    return SettingStanding(
        setting=setting.id,
        label=say(setting.label),
        live=setting.live_from <= at,
        choice=choice,
        objection=state.objection(setting.id),
        covers_older=choice is not None and choice.value == "on" and choice.covers_all,
        exempt=tuple(sorted(one for one in state.codes if any_in((one,), setting.exempt, at))),
        silence=silence,
        young=setting.minimum_age is not None
        and state.birth_date is not None
        and at < anniversary(parse_date(state.birth_date), setting.minimum_age),
        notice=None if notice is None else notice.id,
        begins=None if notice is None else notice.effective_at,
        told=delivered,
        window_ends=None
        if delivered is None
        else max(max(one.live, delivered.at + one.window) for one in grants),
    )


def _grants(
    setting: Setting, version: Version, asking: _Asking, state: State
) -> Iterator[Grant]:
    """Give the grants of everything that the setting opens: the latest of what they say is what protects."""
    scope = setting.scope
    for category, role in product(scope.categories or (), scope.recipients or ()):
        if version.forbids(asking.purpose, category, role):
            continue
        asked = Asked(purpose=asking.purpose, category=category, role=role, at=asking.at)
        yield grant(setting, asked, asking.policy, state.codes, default=False)
