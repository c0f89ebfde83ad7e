# SPDX-License-Identifier: Apache-2.0
"""Laws of the decision rule, on random worlds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import assume, given, strategies

from privity.canonical.instants import LATEST, Instant, format_instant
from privity.decide.one import decide
from privity.decide.request import Decision, Record, RecordId, Request, world
from privity.members.facts import Fact, MemberId
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.versions import AGREEMENTS, SETTINGS
from privity.testing.worlds import RandomWorld, facts_of, worlds
from privity.vocabulary.places import GROUPS, members
from privity.vocabulary.terms import DECIDED, OBLIGATIONS, ROLES

some = worlds(records=30)
seeds = strategies.integers(min_value=0, max_value=2**32 - 1).map(Random)
which = strategies.integers(min_value=0, max_value=3)


def decided(
    made: RandomWorld,
    request: Request,
    *,
    facts: Iterable[Fact] | None = None,
    policies: Iterable[Mapping[str, Any]] | None = None,
    records: Sequence[Record] | None = None,
) -> list[Decision]:
    """Decide a world's records, with some of its parts replaced."""
    run = made.records if records is None else records
    given = facts_of(made.facts) if facts is None else facts
    versions = made.policies if policies is None else policies
    found = world(history(map(version_from, versions)), given, request.known, run)
    return [decide(record, request, found) for record in run]


def permitted(decisions: Iterable[Decision]) -> set[int]:
    """The places of the records that are permitted."""
    return {place for place, one in enumerate(decisions) if one.permit}


@given(some, which)
def test_a_permit_has_no_reason_and_a_refusal_no_obligation(
    made: RandomWorld, number: int
) -> None:
    for one in decided(made, made.requests[number]):
        assert one.permit is (not one.reasons)  # [DEC-1]
        assert list(one.reasons) == sorted(set(one.reasons))
        assert list(one.obligations) == sorted(set(one.obligations))
        assert set(one.reasons) <= set(DECIDED)
        assert set(one.obligations) <= set(OBLIGATIONS)
        assert not (one.reasons and one.obligations)


@given(some, which, seeds)
def test_the_order_of_facts_versions_and_records_never_matters(
    made: RandomWorld, number: int, random: Random
) -> None:
    def shuffled(items: Iterable[Any]) -> list[Any]:
        found = list(items)
        random.shuffle(found)
        return found

    request = made.requests[number]
    places = shuffled(range(len(made.records)))
    found = decided(
        made,
        request,
        facts=shuffled(facts_of(made.facts)),
        policies=shuffled(made.policies),
        records=[made.records[place] for place in places],
    )
    plain = decided(made, request)
    assert found == [plain[place] for place in places]  # [DEC-5]


@given(some, which)
def test_a_fact_said_twice_is_said_once(made: RandomWorld, number: int) -> None:
    facts = facts_of(made.facts)
    request = made.requests[number]
    assert decided(made, request, facts=facts + facts) == decided(made, request)


@given(some, which, seeds)
def test_what_is_recorded_after_known_changes_nothing(
    made: RandomWorld, number: int, random: Random
) -> None:
    request = made.requests[number]
    facts = facts_of(made.facts)
    late = [
        replace(fact, recorded_at=request.known + random.randint(1, 10**8))
        for fact in random.sample(facts, len(facts) // 2)
    ]
    policies = deepcopy(list(made.policies))
    published = format_instant(request.known + 1)
    unpublished = {**random.choice(policies), "version": "unpublished", "settings": {}}
    unpublished["published_at"] = published
    found = decided(made, request, facts=facts + late, policies=[*policies, unpublished])
    assert found == decided(made, request)  # [DEC-2]


# Noes


def a_no(random: Random, made: RandomWorld, at: Instant) -> Fact:
    """Make any fact that only ever refuses."""
    member: MemberId = random.choice([one.author for one in made.records if one.author] or [1])
    setting = {"setting": random.choice((*SETTINGS, "cookies"))}
    kind, value, detail = random.choice(
        (
            ("setting", random.choice(("off", "maybe")), setting),
            ("setting", "off", {**setting, "method": random.choice(("migrated", "signal"))}),
            ("objection", "", setting),
            ("closed", "", {}),
            ("deceased", "", {}),
            ("agreement", random.choice((*AGREEMENTS, "lifetime")), {}),
            ("minor-suspected", "", {}),
            ("birth_date", "2015-01-01", {}),
            ("merged", str(random.choice([one.author for one in made.records])), {}),
            ("order", "o", {}),
            ("order", "o", {"jurisdictions": ["US"], "categories": ["content"]}),
            ("recipient-ended", "self", {}),
            ("seat-instruction-withdrawn", "acme", {}),
        )
    )
    platform = kind in ("order", "recipient-ended", "seat-instruction-withdrawn")
    return Fact(
        member=None if platform else member,
        fact=kind,
        value=value,
        at=at if kind != "birth_date" else LATEST,
        recorded_at=random.choice((at, at, at - 10**7, at + 10**7)),
        detail=detail,
    )


@given(some, which, seeds)
def test_another_no_never_permits_more(made: RandomWorld, number: int, random: Random) -> None:
    request = made.requests[number]
    facts = facts_of(made.facts)
    instants = [fact.at for fact in facts]
    more = [a_no(random, made, random.choice(instants)) for _ in range(3)]
    before = permitted(decided(made, request))
    assert permitted(decided(made, request, facts=[*facts, *more])) <= before  # [DEC-6]


@given(some, which, seeds)
def test_another_country_beside_each_never_permits_more(
    made: RandomWorld, number: int, random: Random
) -> None:
    request = made.requests[number]
    facts = facts_of(made.facts)
    code = random.choice(("US", "GB", "DE", "IN", "HK", "IS", "QQ"))
    beside = [replace(fact, value=code) for fact in facts if fact.fact == "jurisdiction"]
    before = permitted(decided(made, request))
    assert permitted(decided(made, request, facts=[*facts, *beside])) <= before  # [DEC-47]


@given(some, which)
def test_an_order_about_everything_stops_every_known_party(
    made: RandomWorld, number: int
) -> None:
    request = made.requests[number]
    order = Fact(member=None, fact="order", value="stop", at=0, recorded_at=0)
    plain = decided(made, request)
    found = decided(made, request, facts=[*facts_of(made.facts), order])
    assert not permitted(found)
    for before, after in zip(plain, found, strict=True):
        assert set(after.reasons) - set(before.reasons) <= {"order"}  # [DEC-33]


@given(some, which, seeds)
def test_another_addressee_never_permits_more(
    made: RandomWorld, number: int, random: Random
) -> None:
    request = made.requests[number]
    people = [one.author for one in made.records]
    crowded = [
        replace(one, recipients=(*one.recipients, random.choice(people)))
        if one.recipients
        else one
        for one in made.records
    ]
    for before, after in zip(
        decided(made, request), decided(made, request, records=crowded), strict=True
    ):
        assert set(before.reasons) <= set(after.reasons)  # [DEC-15]


@given(some, which, seeds)
def test_who_is_party_to_no_record_has_no_say(
    made: RandomWorld, number: int, random: Random
) -> None:
    request = made.requests[number]
    stranger: MemberId = "stranger" if made.ids == "string" else 10**6
    noes = [a_no(random, made, random.choice(facts_of(made.facts)).at) for _ in range(5)]
    theirs = [
        replace(one, member=stranger)
        for one in noes
        if one.member is not None and one.fact != "merged"
    ]
    found = decided(made, request, facts=[*facts_of(made.facts), *theirs])
    assert found == decided(made, request)


# Quotes


def reach(start: Record, by_id: Mapping[RecordId, list[Record]]) -> list[Record]:
    """Every record that one reaches by quoting, itself included."""
    found: list[Record] = []
    waiting = [start]
    while waiting:
        record = waiting.pop()
        if any(record is one for one in found):
            continue
        found.append(record)
        for quoted in record.quotes:
            waiting += by_id.get(quoted, []) if quoted is not None else []
    return found


@given(some, which)
def test_the_reasons_of_a_record_are_the_union_over_what_it_quotes(
    made: RandomWorld, number: int
) -> None:
    request = made.requests[number]
    by_id: dict[RecordId, list[Record]] = {}
    for record in made.records:
        by_id.setdefault(record.record_id, []).append(record)
    alone = [replace(record, quotes=()) for record in made.records]
    own = {
        id(record): set(one.reasons)
        for record, one in zip(made.records, decided(made, request, records=alone), strict=True)
    }
    for record, one in zip(made.records, decided(made, request), strict=True):
        expected: set[str] = set()
        for other in reach(record, by_id):
            expected |= own[id(other)]
            if any(quoted is None or quoted not in by_id for quoted in other.quotes):
                expected.add("unknown-quote")
        assert set(one.reasons) == expected  # [DEC-3]


# A grant never reaches back


def widened(version: Mapping[str, Any], random: Random, at: Instant) -> dict[str, Any]:
    """Make a version published at the last moment that takes more, from more, for more."""
    made = deepcopy(dict(version))
    made |= {"version": "wider", "published_at": format_instant(at)}
    made["effective_at"] = format_instant(at - random.choice((0, 10**8)))
    for setting in made["settings"].values():
        wider: dict[str, Any] = {
            "recipients": list(ROLES),
            "categories": ["content"],
            "purposes": ["processing"],
            "live_from": "2001-01-01T00:00:00Z",
            "exempt": [],
            "default": [{"value": "on"}],
            "explicit_only": [],
            "objection_window": "P0D",
        }
        for key in random.sample(sorted(wider), random.randint(1, len(wider))):
            setting[key] = wider[key]
    if random.random() < 0.5:
        for notice in made["notices"].values():
            notice["effective_at"] = "2001-01-01T00:00:00Z"
    return made


def settled(facts: Iterable[Fact], before: Instant) -> list[Fact]:
    """Facts of members who never moved, none of them told or asked again at the end."""
    dated = {code for group in GROUPS for code in members()[group]}
    found = []
    for fact in facts:
        if fact.fact == "jurisdiction" and (fact.at > 1_400_000_000 or fact.value in dated):
            continue
        if fact.fact in ("notice", "setting") and fact.at >= before:
            continue
        found.append(fact)
    return found


@given(some, which, seeds)
def test_a_version_that_takes_more_opens_nothing_until_people_are_told(
    made: RandomWorld, number: int, random: Random
) -> None:
    request = made.requests[number]
    request = replace(request, known=max(request.known, request.at))
    facts = settled(facts_of(made.facts), request.at)
    started = [one for one in made.policies if version_from(one).start < request.at]
    current = history(map(version_from, started)).in_force(request.at)
    assume(current is not None)
    in_force = next(one for one in started if current and one["version"] == current.version)
    before = decided(made, request, facts=facts, policies=started)
    wider = widened(in_force, random, request.at)
    after = decided(made, request, facts=facts, policies=[*started, wider])
    assert permitted(after) <= permitted(before)  # [DEC-40] to [DEC-45]
