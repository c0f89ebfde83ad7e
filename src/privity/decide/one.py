# SPDX-License-Identifier: Apache-2.0
"""The decision rule for one record, as plainly as it can be said: the executable specification.

Follows specs/decision.md step by step; the marks are its requirements. Every faster path is held to
this one. No clock, no I/O, no engine; a refusal is a value, and whatever is missing refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from privity.canonical.instants import Instant, anniversary, parse_date
from privity.decide.case import Case, governing, is_empty, make_case, parties
from privity.decide.grant import Asked, first_delivery, grant, informed_yeses
from privity.decide.platform import Order, instructed, orders, role_of
from privity.decide.request import Decision, Record, Request, World
from privity.members.facts import Fact
from privity.members.state import State, is_no, is_yes
from privity.members.timeline import Timeline
from privity.policy.model import Scope, Setting, Version, any_in
from privity.vocabulary.places import is_code
from privity.vocabulary.terms import CATEGORIES, PURPOSES


def decide(record: Record, request: Request, world: World) -> Decision:
    """Decide one record; the records that it quotes are looked up in the world ([DEC-1])."""
    reasons: set[str] = set()
    obligations: set[str] = set()
    waiting, seen = [record], {id(record)}
    while waiting:  # [DEC-3] quoted records join, to any depth and in rings
        current = waiting.pop()
        cases = [make_case(current, request, reading) for reading in world.readings]
        reasons |= own_reasons(*cases)
        for case in cases:
            obligations |= own_obligations(case)
        for quoted in current.quotes:
            found = world.records.get(quoted, ()) if quoted is not None else ()
            if not found:
                reasons.add("unknown-quote")
            waiting += [one for one in found if id(one) not in seen]
            seen |= {id(one) for one in found}
    return Decision(
        record_id=record.record_id,
        permit=not reasons,
        reasons=tuple(sorted(reasons)),
        obligations=() if reasons else tuple(sorted(obligations)),
    )


def own_reasons(*cases: Case) -> set[str]:
    """Give a record's reasons without those of what it quotes.

    Args:
        cases: The record in each reading; what any of them refuses is refused ([DEC-7]).
    """
    reasons = {reason for case in cases for reason in record_reasons(case)}
    for party in {one for case in cases for one in parties(case)}:
        found = {
            reason
            for case in cases
            for reason in party_reasons(case, case.world.members.get(party, Timeline()))
        }
        reasons |= {"unknown-party"} if "unknown-party" in found else found
    return reasons


def own_obligations(case: Case) -> set[str]:
    """Give the obligations that bite on a record ([DEC-90])."""
    if case.asked is None or case.version is None:
        return set()
    return {
        name
        for rule in case.version.obligations
        if bites(rule.scope, case.asked)
        for name in rule.do
    }


# The record ([DEC-20] to [DEC-29])


def record_reasons(case: Case) -> Iterator[str]:
    """Ask what does not depend on who its parties are."""
    record, request, asked = case.record, case.request, case.asked
    platform = case.world.platform.at(request.at)
    role = role_of(request.recipient, platform)
    if len(case.world.records.get(record.record_id, ())) > 1:
        yield "duplicate-record"
    if any(map(is_empty, (record.author, *record.recipients))) or _lacks_addressee(record):
        yield "no-parties"
    if case.then is None:
        yield "bad-time"
    if record.capacity != "personal" and not instructed(
        record.capacity, record.category, request.purpose, role, platform
    ):
        yield "enterprise-seat"
    yield from _unknowns(case, role)
    if asked is not None and case.version is not None:
        if not governing(case):
            yield "no-ground"
        if case.version.forbids(asked.purpose, asked.category, asked.role):
            yield "forbidden"


def _unknowns(case: Case, role: str | None) -> Iterator[str]:
    if case.record.category not in CATEGORIES:
        yield "unknown-category"
    if case.request.purpose not in PURPOSES:
        yield "unknown-purpose"
    if role is None:
        yield "unknown-recipient"
    if case.version is None:
        yield "no-policy"


def _lacks_addressee(record: Record) -> bool:
    private = CATEGORIES.contains("message", record.category or "")
    return private and record.category != "group-message" and not record.recipients


# The parties ([DEC-30] to [DEC-39])


def party_reasons(case: Case, timeline: Timeline) -> Iterator[str]:
    """Ask one party: its state now, and its state then."""
    now = timeline.at(case.request.at)
    then = timeline.at(case.then) if case.then is not None else None
    if (then or now).joined is None:
        yield "unknown-party"
        return
    if now.closed is not None:
        yield "account-closed"
    if now.death is not None and not outlives(case, now):
        yield "deceased"
    states = [now] if then is None else [now, then]
    if any(not one.codes or not all(map(is_code, one.codes)) for one in states):
        yield "unknown-jurisdiction"
    if case.asked is not None and case.version is not None:
        yield from refusals(case, case.asked, case.version, now, then)
        for setting in governing(case):
            yield from setting_reasons(case, case.asked, setting, now, then)


def refusals(
    case: Case, asked: Asked, version: Version, now: State, then: State | None
) -> Iterator[str]:
    """Ask what refuses by overlap, whatever governs."""
    if any(
        order_stops(order, case, now, then)
        for order in orders(case.world.platform.at(asked.at))
    ):
        yield "order"
    if broken_promise(version, asked, now) or (
        then is not None
        and any(broken_promise(text, asked, then) for text in case.texts_of_then)
    ):
        yield "agreement"
    mine = biting(version, asked)
    mine_then = tuple(one for text in case.texts_of_then for one in biting(text, asked))
    if any(any_in(now.codes, one.exempt, asked.at) for one in mine) or (
        then is not None
        and case.then is not None
        and any(any_in(then.codes, one.exempt, case.then) for one in mine + mine_then)
    ):
        yield "jurisdiction-exempt"
    if (
        _under_age(mine, now, asked.at)
        or (case.then is not None and _under_age(mine + mine_then, now, case.then))
        or _suspected(mine, now, then)
    ):
        yield "minor"
    if not now.birth_dates and any(one.age_proof for one in mine):
        yield "age-unknown"
    yield from _opted_out(case, asked, now, then)


def biting(version: Version | None, asked: Asked) -> tuple[Setting, ...]:
    """Give the settings of a version that bite on what is asked ([DEC-12])."""
    if version is None:
        return ()
    return version.biting(asked.purpose, asked.category, asked.role)


def _under_age(settings: Iterable[Setting], state: State, at: Instant) -> bool:
    ages = [one.minimum_age for one in settings if one.minimum_age is not None]
    if not ages or state.birth_date is None:
        return False
    return at < anniversary(parse_date(state.birth_date), max(ages))


def _suspected(settings: Iterable[Setting], now: State, then: State | None) -> bool:
    suspected = now.suspicion is not None or (then is not None and then.suspicion is not None)
    return suspected and any(one.minimum_age is not None for one in settings)


def broken_promise(version: Version, asked: Asked, state: State) -> Fact | None:
    """Give an agreement that promises not to, or that the version does not describe."""
    for fact in state.agreements:
        text = version.agreements.get(fact.value)
        if text is None or any(bites(promise.scope, asked) for promise in text.promises):
            return fact
    return None


def _opted_out(case: Case, asked: Asked, now: State, then: State | None) -> Iterator[str]:
    """Ask the noes, of now and of then, in every setting that any known version has ([DEC-36])."""
    known = case.world.policy.setting_names
    bitten = {one.id for version in case.world.policy.telling for one in biting(version, asked)}
    if now.stray_noes(known) or any(stands_now(case, name, now) for name in bitten):
        yield "opted-out"
    if then is not None and (
        then.stray_noes(known) or any(stood_then(case, name, now, then) for name in bitten)
    ):
        yield "opted-out-then"


def stands_now(case: Case, name: str, now: State) -> bool:
    """Tell whether a no in a setting that bites stands at `at` ([DEC-36])."""
    if now.objection(name) is not None:
        return True
    choice = now.choice(name)
    if choice is None or not is_no(choice):
        return False
    return not (is_retired(case, name) and _all_said_later(case, choice, now))


def is_retired(case: Case, name: str) -> bool:
    """Tell whether only past versions have the setting."""
    versions = case.world.policy.versions
    past = versions[: versions.index(case.version)] if case.version else ()
    return all(name not in one.settings for one in versions if one not in past)


def _all_said_later(case: Case, no: Fact, now: State) -> bool:
    settings = governing(case)
    return bool(settings) and all(
        any(yes.order > no.order for yes in informed(case, one, now)) for one in settings
    )


def stood_then(case: Case, name: str, now: State, then: State) -> bool:
    """Tell whether a no in a setting that bites stood then, and no later yes takes it back ([DEC-37])."""
    if not is_no(then.choice(name)) and then.objection(name) is None:
        return False
    last_no = now.last_no(name)
    asked_of = [one for one in governing(case) if one.id == name] or governing(case)
    taken_back = bool(asked_of) and all(
        yeses[-1].covers_all and (last_no is None or yeses[-1].at >= last_no.at)
        if (yeses := informed(case, one, now))
        else False
        for one in asked_of
    )
    return not taken_back


def outlives(case: Case, now: State) -> bool:
    """Tell whether in every governing setting an informed yes was said before the death ([DEC-32])."""
    settings = governing(case)
    return bool(settings) and all(
        any(now.death is not None and yes.at < now.death.at for yes in informed(case, one, now))
        for one in settings
    )


# The settings that govern ([DEC-50] to [DEC-56])


def informed(case: Case, setting: Setting, now: State) -> tuple[Fact, ...]:
    """Give the informed yeses of the standing run in a governing setting."""
    if case.asked is None:
        return ()
    granted = grant(setting, case.asked, case.world.policy, now.codes, default=False)
    return informed_yeses(setting, granted, now)


def setting_reasons(
    case: Case, asked: Asked, setting: Setting, now: State, then: State | None
) -> Iterator[str]:
    """Ask one governing setting of one party."""
    choice = now.choice(setting.id)
    if is_yes(choice):
        yeses = informed(case, setting, now)
        if not yeses:
            yield "uninformed"
        elif not yeses[-1].covers_all and case.then is not None and case.then < yeses[0].at:
            yield "before-consent"
    elif not is_no(choice) and now.codes:
        on_now = all(setting.default_on(code, asked.at) for code in now.codes)
        if not on_now or (
            then is not None
            and case.then is not None
            and not all(setting.default_on(code, case.then) for code in then.codes)
        ):
            yield "not-opted-in"
        if on_now:
            yield from _default_reasons(case, asked, setting, now)


def _default_reasons(case: Case, asked: Asked, setting: Setting, now: State) -> Iterator[str]:
    """Ask whether silence can be relied on: the default is on."""
    if setting.wants_explicit(asked.category):
        yield "explicit-only"
    granted = grant(setting, asked, case.world.policy, now.codes, default=True)
    told = first_delivery(granted, now)
    if told is None:
        yield "no-notice"
        return
    start = max(granted.live, told.at + granted.window)
    if asked.at < start:
        yield "objection-window"
    if case.then is not None and case.then < start:
        yield "before-notice"


def order_stops(order: Order, case: Case, now: State, then: State | None) -> bool:
    """Tell whether an order stops the use of this party's record."""
    if case.asked is None or not bites(order.scope, case.asked):
        return False
    return (
        order.places is None
        or any_in(now.codes, order.places, case.request.at)
        or (
            then is not None
            and case.then is not None
            and any_in(then.codes, order.places, case.then)
        )
    )


def bites(scope: Scope, asked: Asked) -> bool:
    """Tell whether a scope bites on what is asked ([DEC-12])."""
    return scope.bites(asked.purpose, asked.category, asked.role)
