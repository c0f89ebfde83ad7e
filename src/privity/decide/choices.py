# SPDX-License-Identifier: Apache-2.0
"""What a member's choices come to: switches, objections, notices, closure and death, as bits.

The fourth component of a state, and the only one that settings and grants look at. It is folded once for
each shape (`shapes.py`), over the dates of one member that has it; what depends on a date comes back as a
*cover*: which event it hangs on, plus how many seconds, and never before which instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from privity.canonical.instants import EARLIEST, Instant
from privity.decide.bits import ALL, BIT
from privity.decide.grant import Grant, first_delivery, grant, informed_yeses
from privity.decide.plan import CategoryClass, Column, Plan
from privity.members.facts import Fact
from privity.members.state import State, is_no, is_yes

_STRAY = "?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """An instant that hangs on an event: `max(floor, at of the event + add)`.

    Attributes:
        position: The event's place among the member's, or None where nothing is older.
        add: Seconds after the event.
        floor: Never before this.
    """

    position: int | None = None
    add: int = 0
    floor: Instant = EARLIEST


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What choices come to at `at`, without dates.

    Attributes:
        now: For each class: the reasons.
        keep: For each class: the mask of what of then is still asked.
        older: For each column: the reason for records older than its cover.
        waits: For each column: the reason while its cover lies ahead.
    """

    now: tuple[int, ...]
    keep: tuple[int, ...]
    older: tuple[int, ...]
    waits: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one column comes to for one member.

    Attributes:
        choice: The standing choice, or None.
        yeses: The informed yeses of the standing run.
        default_on: Whether silence means yes in every present jurisdiction.
        told: Whether a delivery counts.
        older: The reason for records older than the cover.
        cover: The cover.
    """

    choice: Fact | None
    yeses: tuple[Fact, ...] = ()
    default_on: bool = False
    told: bool = False
    older: int = 0
    cover: Cover = Cover()


def token_of(plan: Plan) -> Callable[[Fact], Fact | None]:
    """Make the function that reduces a fact to what matters of it for this request, or None."""
    known = plan.known_settings()
    bitten = {name for one in plan.classes for name in one.bitten}
    notices = {column.setting.notice for column in plan.columns}

    def reduce(fact: Fact) -> Fact | None:
        match fact.fact:
            case "closed" | "merged":
                return replace(fact, fact="closed", value="", detail={})
            case "reopened" | "deceased":
                return fact
            case "notice":
                return fact if fact.value in notices else None
            case "setting":
                return _reduce_setting(fact, known, bitten)
            case "objection" | "objection-withdrawn":
                relevant = (
                    fact.setting is None or fact.setting in bitten or fact.setting not in known
                )
                return fact if relevant else None
            case _:
                return None

    return reduce


def _reduce_setting(fact: Fact, known: frozenset[str], bitten: set[str]) -> Fact | None:
    if is_no(fact):
        if fact.setting not in known:
            return replace(fact, value="off", detail={"setting": _STRAY})
        return (
            replace(fact, value="off", detail={"setting": fact.setting})
            if (fact.setting in bitten)
            else None
        )
    if fact.setting not in bitten or fact.detail.get("method", "explicit") != "explicit":
        return None
    scope = "all" if fact.covers_all else "future"
    return replace(fact, detail={"setting": fact.setting, "scope": scope})


def grants_of(plan: Plan, codes: frozenset[str]) -> tuple[tuple[Grant, Grant], ...]:
    """Give for each column the grant of a yes and the grant of a default, in these places."""
    return tuple(
        (
            grant(column.setting, column.asked, plan.policy, codes, default=False),
            grant(column.setting, column.asked, plan.policy, codes, default=True),
        )
        for column in plan.columns
    )


def landmarks(grants: tuple[tuple[Grant, Grant], ...]) -> tuple[Instant, ...]:
    """Give the instants that a choice or a delivery may come before or after."""
    return tuple(
        sorted({edge for pair in grants for one in pair for edge in (one.live, one.told_since)})
    )


def fold_now(
    plan: Plan, state: State, codes: frozenset[str], grants: tuple[tuple[Grant, Grant], ...]
) -> tuple[Standing, tuple[Cover, ...]]:
    """Say what choices come to at `at`.

    Args:
        plan: The plan.
        state: The member's reduced choices up to `at`, and its birth date.
        codes: Its present jurisdictions.
        grants: What `grants_of` gives for them.
    """
    answers = tuple(
        _answer(column, state, codes, pair)
        for column, pair in zip(plan.columns, grants, strict=True)
    )
    standing = Standing(
        now=tuple(_now_bits(plan, one, state, codes, answers) for one in plan.classes),
        keep=tuple(_keep(plan, one, state, codes, answers) for one in plan.classes),
        older=tuple(answer.older for answer in answers),
        waits=tuple(BIT["objection-window"] if answer.told else 0 for answer in answers),
    )
    return standing, tuple(answer.cover for answer in answers)


def fold_noes(plan: Plan, state: State) -> list[tuple[int, int]]:
    """Give the noes as words, from each event on: its position, and the bits of what stands.

    The bits are of `plan.then_bit`, and `opted-out-then` itself for noes that nothing takes back.
    """
    steps: list[tuple[int, int]] = []
    standing = 0
    for position, fact in enumerate(state.facts):
        if position + 1 < len(state.facts) and state.facts[position + 1].at == fact.at:
            continue  # a state is made of all the facts of an instant
        word = _noes_word(plan, State(state.facts[: position + 1], None))
        if word != standing:
            steps.append((position, word))
            standing = word
    return steps


def _noes_word(plan: Plan, state: State) -> int:
    word = BIT["opted-out-then"] if state.stray_noes(plan.known_settings()) else 0
    for name, bit in plan.then_bit.items():
        if is_no(state.choice(name)) or state.objection(name) is not None:
            word |= bit
    return word


def noes_mask(plan: Plan, one: CategoryClass) -> int:
    """Give the bits of noes that a class asks for."""
    if one.asked is None:
        return 0
    mask = BIT["opted-out-then"]
    for name in one.bitten:
        mask |= plan.then_bit[name]
    return mask


def _answer(
    column: Column, state: State, codes: frozenset[str], grants: tuple[Grant, Grant]
) -> Answer:
    setting = column.setting
    choice = state.choice(setting.id)
    if is_yes(choice):
        yeses = informed_yeses(setting, grants[0], state)
        if not yeses or yeses[-1].covers_all:
            return Answer(choice=choice, yeses=yeses)
        return Answer(
            choice=choice,
            yeses=yeses,
            older=BIT["before-consent"],
            cover=Cover(position=_position(state, yeses[0]), floor=EARLIEST),
        )
    on = all(setting.default_on(code, column.asked.at) for code in codes)
    if is_no(choice) or not codes or not on:
        return Answer(choice=choice, default_on=bool(codes) and on)
    told = first_delivery(grants[1], state)
    if told is None:
        return Answer(choice=choice, default_on=True)
    return Answer(
        choice=choice,
        default_on=True,
        told=True,
        older=BIT["before-notice"],
        cover=Cover(
            position=_position(state, told), add=grants[1].window, floor=grants[1].live
        ),
    )


def _position(state: State, fact: Fact) -> int:
    return next(place for place, one in enumerate(state.facts) if one is fact)


def _now_bits(
    plan: Plan,
    one: CategoryClass,
    state: State,
    codes: frozenset[str],
    answers: tuple[Answer, ...],
) -> int:
    mine = [answers[column] for column in one.columns]
    bits = BIT["account-closed"] if state.closed is not None else 0
    death = state.death
    if death is not None and not (
        mine and all(any(yes.at < death.at for yes in answer.yeses) for answer in mine)
    ):
        bits |= BIT["deceased"]
    if one.asked is None:
        return bits
    if state.stray_noes(plan.known_settings()) or any(
        _stands(plan, name, state, mine) for name in one.bitten
    ):
        bits |= BIT["opted-out"]
    for setting, answer in zip(one.governing, mine, strict=True):
        if is_yes(answer.choice):
            bits |= 0 if answer.yeses else BIT["uninformed"]
        elif not is_no(answer.choice) and codes:
            bits |= _default_bits(answer, explicit=setting.wants_explicit(one.asked.category))
    return bits


def _default_bits(answer: Answer, *, explicit: bool) -> int:
    if not answer.default_on:
        return BIT["not-opted-in"]
    bits = BIT["explicit-only"] if explicit else 0
    return bits if answer.told else bits | BIT["no-notice"]


def _stands(plan: Plan, name: str, state: State, mine: list[Answer]) -> bool:
    """Tell whether a no stands at `at` in a setting that bites."""
    if state.objection(name) is not None:
        return True
    choice = state.choice(name)
    if choice is None or not is_no(choice):
        return False
    given_way = bool(mine) and all(
        any(yes.order > choice.order for yes in answer.yeses) for answer in mine
    )
    return not (given_way and _is_retired(plan, name))


def _is_retired(plan: Plan, name: str) -> bool:
    versions = plan.policy.versions
    past = versions[: versions.index(plan.version)] if plan.version is not None else ()
    return all(name not in one.settings for one in versions[len(past) :])


def _keep(
    plan: Plan,
    one: CategoryClass,
    state: State,
    codes: frozenset[str],
    answers: tuple[Answer, ...],
) -> int:
    """Give the mask of what of then is still asked: not what a later yes takes back."""
    keep = ALL
    own = dict(zip((setting.id for setting in one.governing), one.columns, strict=True))
    for name in one.bitten:
        columns = (own[name],) if name in own else one.columns
        last_no = state.last_no(name)
        if columns and all(_takes_back(answers[column], last_no) for column in columns):
            keep &= ~plan.then_bit[name]
    for setting, column in zip(one.governing, one.columns, strict=True):
        # Once a member has chosen, or where nobody knows its place, no default is asked.
        choice = answers[column].choice
        if is_yes(choice) or is_no(choice) or not codes:
            keep &= ~plan.off_bit[setting.id]
    return keep & ALL


def _takes_back(answer: Answer, last_no: Fact | None) -> bool:
    if not answer.yeses or not answer.yeses[-1].covers_all:
        return False
    return last_no is None or answer.yeses[-1].at >= last_no.at
