# SPDX-License-Identifier: Apache-2.0
"""What refuses for one party, and by which fact (specs/decision.md, the table of the parties).

Walks the rows of the decision rule on a path of its own: where `privity.decide.one` asks whether anything
refuses, this asks what all does. Settings that govern are `privity.decide.explain.setting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from privity.decide.case import Case, governing
from privity.decide.explain.asking import Asking, ask, biting
from privity.decide.explain.causes import Cause
from privity.decide.explain.opted_out import opted_out_causes
from privity.decide.explain.setting import setting_causes
from privity.decide.explain.words import Moment, cause, listed
from privity.decide.grant import Asked, of_age
from privity.decide.one import bites, informed
from privity.decide.platform import Order, orders
from privity.members.facts import Fact, MemberId
from privity.members.timeline import Timeline
from privity.policy.model import Scope, Setting, Version
from privity.vocabulary.places import in_place, is_code


def party_causes(case: Case, party: MemberId) -> list[Cause]:
    """Find everything by which one party refuses, in the order of the decision rule."""
    asking, timeline = ask(case, party)
    if (asking.now if asking.then is None else asking.then).joined is None:
        return [_unknown_party(asking, timeline)]
    found = [*_account(asking), *_jurisdiction(asking)]
    if case.asked is not None and case.version is not None:
        asked, version = case.asked, case.version
        found += _orders(asking, asked)
        found += _agreements(asking, asked, version)
        found += _exemptions(asking, asked, version)
        found += _ages(asking, asked, version)
        found += _suspicions(asking, asked, version)
        found += _age_proofs(asking, asked, version)
        found += opted_out_causes(asking, asked)
        for setting in governing(case):
            found += setting_causes(asking, asked, version, setting)
    return _distinct(found)


def _distinct(found: Iterable[Cause]) -> list[Cause]:
    """Leave out what a fact that stands twice in the facts would say twice."""
    kept: list[Cause] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return kept


def _unknown_party(asking: Asking, timeline: Timeline) -> Cause:
    later = next((fact for fact in timeline.facts if fact.fact == "joined"), None)
    if later is None:
        return cause("unknown-party/never", party=asking.party)
    what = "time of use" if asking.then is None else "record was made"
    return cause("unknown-party/later", party=asking.party, fact=later, what=what)


def _account(asking: Asking) -> Iterator[Cause]:
    now, party = asking.now, asking.party
    if now.closed is not None:
        merged = now.closed.fact == "merged"
        yield cause(
            "account-closed/merged" if merged else "account-closed/closed",
            party=party,
            fact=now.closed,
            target=now.closed.value,
        )
    if now.death is None:
        return
    died = now.death
    settings = governing(asking.case)
    silent = [
        one.id
        for one in settings
        if not any(yes.at < died.at for yes in informed(asking.case, one, now))
    ]
    if not settings:
        yield cause("deceased/no-ground", party=party, fact=died)
    elif silent:
        yield cause("deceased/no-yes", party=party, fact=died, settings=listed(silent))


def _jurisdiction(asking: Asking) -> Iterator[Cause]:
    nowhere = [moment for moment, state, _ in asking.moments() if not state.codes]
    if nowhere:
        yield cause("unknown-jurisdiction/none", party=asking.party, moments=nowhere)
    for _, state, _ in asking.moments():
        for fact in state.jurisdictions:
            if not is_code(fact.value):
                yield cause(
                    "unknown-jurisdiction/no-code",
                    party=asking.party,
                    fact=fact,
                    code=fact.value,
                    evidence=fact.evidence,
                )


def _orders(asking: Asking, asked: Asked) -> Iterator[Cause]:
    for order in orders(asking.case.world.platform.at(asked.at)):
        if not bites(order.scope, asked):
            continue
        rule = f"order.{order.fact.value}"
        if order.places is None:
            key = "order/defective" if _defective(order) else "order/everywhere"
            yield cause(
                key, party=asking.party, rule=rule, fact=order.fact, order=order.fact.value
            )
            continue
        places: dict[tuple[str, str], list[Moment]] = {}
        for moment, state, instant in asking.moments():
            for fact in state.jurisdictions:
                if any(in_place(fact.value, place, instant) for place in order.places):
                    places.setdefault((fact.evidence, fact.value), []).append(moment)
        for (evidence, code), moments in places.items():
            yield cause(
                "order/place",
                party=asking.party,
                rule=rule,
                fact=order.fact,
                moments=moments,
                order=order.fact.value,
                places=listed(order.places),
                evidence=evidence,
                code=code,
            )


def _defective(order: Order) -> bool:
    """Tell whether an order bites everywhere because a list of it cannot be read."""
    return order.scope == Scope() and bool(order.fact.detail)


def _agreements(asking: Asking, asked: Asked, version: Version) -> Iterator[Cause]:
    """Find the broken promises: now by the version in force, then by the texts of then."""
    broken: dict[tuple[str, str | None, str], tuple[Fact, Version, list[Moment]]] = {}
    held_by = [
        (moment, state, text)
        for moment, state, _ in asking.moments()
        for text in (asking.case.texts_of_then if moment is Moment.THEN else [version])
    ]
    for moment, state, held in held_by:
        for fact in state.agreements:
            text = held.agreements.get(fact.value)
            promises: list[str | None] = [None]
            if text is not None:
                promises = [one.id for one in text.promises if bites(one.scope, asked)]
            for promise in promises:
                key = (fact.value, promise, held.version)
                broken.setdefault(key, (fact, held, []))[2].append(moment)
    for (agreement, promise, _), (fact, held, moments) in broken.items():
        rule = f"agreements.{agreement}"
        yield cause(
            "agreement/undescribed" if promise is None else "agreement/promise",
            party=asking.party,
            version=held,
            rule=rule if promise is None else f"{rule}.promises.{promise}",
            fact=fact,
            moments=moments,
            agreement=agreement,
            promise=promise or "",
        )


def _exemptions(asking: Asking, asked: Asked, version: Version) -> Iterator[Cause]:
    held: dict[tuple[str, str, int], tuple[Setting, Version, Fact]] = {}
    places: dict[tuple[str, str, int], dict[str, list[Moment]]] = {}
    for moment, state, instant, one in asking.versions(version):
        for setting in biting(one, asked):
            for fact in state.jurisdictions:
                key = (setting.id, one.version, id(fact))
                for place in setting.exempt:
                    if in_place(fact.value, place, instant):
                        held[key] = (setting, one, fact)
                        places.setdefault(key, {}).setdefault(place, []).append(moment)
    for key, (setting, one, fact) in held.items():
        # A country may lie in several exempt groups: those that hold at the same instants are one.
        at: dict[tuple[Moment, ...], list[str]] = {}
        for place, moments in places[key].items():
            at.setdefault(tuple(moments), []).append(place)
        for when, named in at.items():
            own = fact.value in named
            yield cause(
                "jurisdiction-exempt/code" if own else "jurisdiction-exempt/group",
                party=asking.party,
                setting=setting,
                version=one,
                rule=f"settings.{setting.id}.exempt",
                fact=fact,
                moments=when,
                code=fact.value,
                evidence=fact.evidence,
                places=listed([fact.value] if own else named),
            )


def _ages(asking: Asking, asked: Asked, version: Version) -> Iterator[Cause]:
    under: dict[tuple[str, str], tuple[Setting, Version, list[Moment]]] = {}
    for moment, _, instant, held in asking.versions(version):
        for setting in biting(held, asked):
            if instant < of_age(setting, asking.now):
                key = (setting.id, held.version)
                under.setdefault(key, (setting, held, []))[2].append(moment)
    for setting, held, moments in under.values():
        yield cause(
            "minor/age",
            party=asking.party,
            setting=setting,
            version=held,
            rule=f"settings.{setting.id}.minimum_age",
            fact=asking.birth,
            moments=moments,
            age=str(setting.minimum_age),
        )


def _suspicions(asking: Asking, asked: Asked, version: Version) -> Iterator[Cause]:
    suspected: dict[int, tuple[Fact, list[Moment]]] = {}
    for moment, state, _ in asking.moments():
        if state.suspicion is not None:
            suspected.setdefault(id(state.suspicion), (state.suspicion, []))[1].append(moment)
    for setting in biting(version, asked):
        if setting.minimum_age is None:
            continue
        for fact, moments in suspected.values():
            yield cause(
                "minor/suspected",
                party=asking.party,
                setting=setting,
                version=version,
                rule=f"settings.{setting.id}.minimum_age",
                fact=fact,
                moments=moments,
                age=str(setting.minimum_age),
            )


def _age_proofs(asking: Asking, asked: Asked, version: Version) -> Iterator[Cause]:
    if asking.now.birth_dates:
        return
    for setting in biting(version, asked):
        if setting.age_proof:
            yield cause(
                "age-unknown/proof" if asking.birth is None else "age-unknown/later",
                party=asking.party,
                setting=setting,
                version=version,
                rule=f"settings.{setting.id}.age_proof",
                since=asking.birth.at if asking.birth is not None else "",
            )
