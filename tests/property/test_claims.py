# SPDX-License-Identifier: Apache-2.0
"""Laws of claims, on random worlds: what nobody saw refuses at once, and permits from its entry on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import assume, example, given, strategies
from tests.property.comparison import answers, as_rows

from privity.canonical.instants import LATEST
from privity.decide.attested import rests_on
from privity.decide.bits import BIT
from privity.decide.case import make_case
from privity.decide.count_attested import Words, count_attested
from privity.decide.explain import explain, for_member
from privity.decide.explain.member import explain_member
from privity.decide.explain.own_record import explain_own
from privity.decide.many import compile_request, decide_table
from privity.decide.one import decide, own_reasons
from privity.decide.point import reasons_of
from privity.decide.request import Record, Request, World, world
from privity.entries.claims import Claim, ClaimedVersion, Given, readings
from privity.members.claims import facts_by_entry, restricts
from privity.members.columns import FactColumns, columns_of
from privity.members.facts import Fact, MemberId
from privity.policy.versions import History
from privity.testing.claims import ClaimedWorld, claimed_world, claimed_worlds, world_of
from privity.testing.worlds import RandomWorld, facts_of, to_arrow, worlds

some = claimed_worlds(records=30)
seeds = strategies.integers(min_value=0, max_value=2**32 - 1).map(Random)
EVERYBODY = ("auditor", "platform")


def permitted(known: Given, request: Request, records: Sequence[Record]) -> set[int]:
    """The places of the records that are permitted."""
    believing = world_of(known, request, records)
    return {
        place
        for place, record in enumerate(records)
        if decide(record, request, believing).permit
    }


def in_plain(
    facts: Iterable[Fact], policy: History, request: Request, records: Sequence[Record]
) -> set[int]:
    """The places that are permitted where everything is as some facts and versions say."""
    believing = world(policy, facts, request.known, records)
    return {
        place
        for place, record in enumerate(records)
        if decide(record, request, believing).permit
    }


def without_one(found: ClaimedWorld, random: Random) -> tuple[Given, Claim | ClaimedVersion]:
    """What is given without one of the claims, and that one."""
    full = found.given
    assume(full.names)
    if full.texts and (not full.claims or random.random() < 0.25):
        text = random.choice(full.texts)
        return replace(full, texts=tuple(one for one in full.texts if one is not text)), text
    claim = random.choice(full.claims)
    return replace(full, claims=tuple(one for one in full.claims if one is not claim)), claim


@given(some, seeds)
def test_a_claim_permits_nothing_before_it_entered(found: ClaimedWorld, random: Random) -> None:
    less, claim = without_one(found, random)
    records = found.made.records
    for request in found.requests():
        for one in (request, replace(request, at=claim.entered - 1, known=LATEST)):
            if one.at < claim.entered:  # [CLM-30]
                assert permitted(found.given, one, records) <= permitted(less, one, records)


@given(some, seeds)
def test_a_claim_that_restricts_permits_nothing_ever(
    found: ClaimedWorld, random: Random
) -> None:
    restricting = [one for one in found.given.claims if restricts(one.fact)]
    assume(restricting)
    claim = random.choice(restricting)
    less = replace(
        found.given, claims=tuple(one for one in found.given.claims if one is not claim)
    )
    for request in found.requests():  # [CLM-31], [CLM-12]
        records = found.made.records
        assert permitted(found.given, request, records) <= permitted(less, request, records)


@given(some)
def test_what_is_permitted_on_claims_is_permitted_as_claimed(found: ClaimedWorld) -> None:
    records = found.made.records
    for request in found.requests():
        known = found.given.known(request.known)
        entered = [one.entered for one in known.claims] + [one.entered for one in known.texts]
        if all(one <= request.at for one in entered):
            accepted = known.accepting(EVERYBODY)
            assert accepted.names == ()
            assert permitted(known, request, records) <= permitted(
                accepted, request, records
            )  # [CLM-32], [CLM-20]


@given(some, seeds)
def test_what_a_claim_newly_permits_holds_if_it_is_said_when_it_entered(
    found: ClaimedWorld, random: Random
) -> None:
    """Of the time before its entry a claim says nothing that permits, not even of records made then."""
    assume(found.given.claims)
    records = found.made.records
    claim = random.choice(found.given.claims)
    # Nothing else happens at the second of its entry, so that what comes first there does not matter.
    odd = max(claim.entered, claim.fact.recorded_at) + 7
    claim = replace(claim, entered=odd)
    less = replace(
        found.given,
        claims=tuple(one for one in found.given.claims if one.fact is not claim.fact),
    )
    full = replace(less, claims=(*less.claims, claim))
    fact = replace(claim.told, at=max(claim.fact.at, odd), recorded_at=odd)
    entered = [(one.told, one.entered) for one in less.claims]
    said = facts_by_entry((*less.facts, fact), entered)
    for asked in found.requests():
        request = replace(asked, at=max(asked.at, odd), known=LATEST)
        policy = readings(less, request.at)[-1].policy
        fresh = permitted(full, request, records) - permitted(less, request, records)
        assert fresh <= in_plain(said, policy, request, records)  # [CLM-33], [CLM-14]


@given(worlds(records=30), seeds)
def test_a_claim_of_its_own_instant_is_as_if_the_ledger_had_seen_it(
    made: RandomWorld, random: Random
) -> None:
    facts = [replace(one, recorded_at=one.at) for one in facts_of(made.facts)]
    claimed = [one for one in facts if random.random() < 0.5]
    known = Given(
        facts=tuple(one for one in facts if one not in claimed),
        claims=tuple(Claim(fact=one, entered=one.at, by="auditor") for one in claimed),
    )
    for request in made.requests:
        for reading in readings(known.known(request.known), request.at):
            seen = world(reading.policy, facts, request.known, made.records)
            got = world(reading.policy, reading.facts, request.known, made.records)
            for record in made.records:
                assert decide(record, request, got) == decide(record, request, seen)  # [CLM-2]


@given(some, seeds)
def test_the_order_of_claims_never_matters(found: ClaimedWorld, random: Random) -> None:
    full = found.given
    shuffled = Given(
        facts=tuple(random.sample(full.facts, len(full.facts))),
        claims=tuple(random.sample(full.claims, len(full.claims))),
        versions=tuple(random.sample(full.versions, len(full.versions))),
        texts=tuple(random.sample(full.texts, len(full.texts))),
    )
    request = found.made.requests[0]
    records = found.made.records
    first, second = world_of(full, request, records), world_of(shuffled, request, records)
    for record in records:
        assert decide(record, request, first) == decide(record, request, second)


@given(some)
def test_a_permit_rests_on_claims_where_it_would_be_refused_without(
    found: ClaimedWorld,
) -> None:
    records = found.made.records
    for request in found.requests()[:3]:

        def asked(known: Given, request: Request = request) -> World:
            return world_of(known, request, records)

        full = found.given
        accepted, witnessed = asked(full.accepting(full.names)), asked(full)
        each = {name: asked(one) for name, one in full.doubting_each().items()}
        resting = [rests_on(one, request, accepted, witnessed, each) for one in records]
        for record, names in zip(records, resting, strict=True):
            permit = decide(record, request, accepted).permit
            assert bool(names) is (permit and not decide(record, request, witnessed).permit)
            assert set(names) <= set(full.names)  # [CLM-21]
        counted = count_attested(
            words_of(records, request, accepted),
            words_of(records, request, witnessed),
            {name: words_of(records, request, one) for name, one in each.items()},
        )
        assert counted.permits == sum(map(bool, resting))  # [CLM-22]
        assert counted.by == {
            name: sum(name in names for names in resting) for name in full.names
        }


def words_of(records: Sequence[Record], request: Request, believing: World) -> Words:
    """The words of the plain rule's decisions."""
    return np.array(
        [
            sum(BIT[reason] for reason in decide(one, request, believing).reasons)
            for one in records
        ],
        np.uint64,
    )


# The other ways to decide, and to explain


def in_columns(facts: Iterable[Fact]) -> FactColumns:
    rows = [
        {**row, "member": None if row["member"] == "" else row["member"]}
        for row in as_rows(facts)
    ]
    return columns_of(rows)


@given(some)
@example(claimed_world(894, records=30))  # a claimed text that ends where no version begins
def test_the_bulk_path_decides_both_readings_as_the_plain_rule_does(
    found: ClaimedWorld,
) -> None:
    records, ids = found.made.records, found.made.ids
    for request in found.requests():
        first, *others = readings(found.given.known(request.known), request.at)
        compiled = compile_request(
            request,
            first.policy,
            in_columns(first.facts),
            by_entry=(others[0].policy, in_columns(others[0].facts)) if others else None,
        )
        believing = world_of(found.given, request, records)
        bulk = answers(decide_table(compiled, to_arrow(records, ids)))
        for record, got in zip(records, bulk, strict=True):
            plain = decide(record, request, believing)
            assert (plain.reasons, plain.obligations) == got  # [DEC-7]
        for record in records[:5]:
            cases = [make_case(record, request, one) for one in believing.readings]
            alone = {one for one in own_reasons(*cases) if one != "duplicate-record"}
            assert set(reasons_of(compiled, record)) == alone


@given(some)
@example(claimed_world(195, records=30))  # an addressee of a group who is asked by entry only
def test_the_causes_of_a_record_are_its_reasons_in_both_readings(found: ClaimedWorld) -> None:
    for request in found.requests()[:3]:
        believing = world_of(found.given, request, found.made.records)
        for record in found.made.records:
            explained = explain(record, request, believing)
            reasons = decide(record, request, believing).reasons
            assert {one.reason for one in explained.causes} == set(reasons)
            plain = {one.reason for one in explained.causes if not one.by_entry}
            assert plain <= set(
                decide(record, request, replace(believing, by_entry=None)).reasons
            ) | {"unknown-party"}


@given(claimed_worlds(records=1))
def test_a_members_stretches_hold_in_both_readings(found: ClaimedWorld) -> None:
    request = found.requests()[-1]
    believing = world_of(found.given, request, found.made.records)
    for member in sorted(believing.members, key=str)[:2]:
        view = explain_member(
            member,
            purpose=request.purpose,
            at=request.at,
            known=request.known,
            world=believing,
            recipients=[request.recipient],
            categories=["post", "inmail"],
        )
        for use in view.uses:
            edges = {one.start for one in use.stretches if one.start is not None}
            for made in {edge + step for edge in edges for step in (-1, 0)}:
                if made > request.at:
                    continue
                record = Record(
                    record_id="",
                    category=use.category,
                    created_at=made,
                    author=member,
                    recipients=(member,),
                )
                permit = decide(record, request, replace(believing, records={})).permit
                (stretch,) = (
                    one
                    for one in use.stretches
                    if (one.start is None or one.start <= made)
                    and (one.end is None or made < one.end)
                )
                assert stretch.permit is permit


@given(claimed_worlds(records=1))
def test_a_member_is_told_the_same_whatever_is_claimed_of_others(found: ClaimedWorld) -> None:
    request = found.requests()[-1]
    believing = world_of(found.given, request, found.made.records)
    for member in sorted(believing.members, key=str)[:3]:
        view, alone = (
            explain_member(
                member,
                purpose=request.purpose,
                at=request.at,
                known=request.known,
                world=each,
                categories=["post", "inmail"],
            )
            for each in (believing, _with_alone(believing, [member]))
        )
        assert view == alone


@example(claimed_world(224, records=3))  # a record that stands there twice
@given(claimed_worlds(records=3))
def test_a_party_is_told_what_the_plain_explanation_says(found: ClaimedWorld) -> None:
    request = found.requests()[-1]
    believing = world_of(found.given, request, found.made.records)
    for record in found.made.records:
        if not record.author:
            continue
        named = [one for one in (record.author, *record.recipients) if one is not None]
        alone = _without_records(_with_alone(believing, named))
        for use in explain_own(record, record.author, request, alone).uses:
            asked = replace(request, recipient=use.recipient)
            plain = explain(record, asked, _without_records(believing))
            assert use.told == for_member(plain, record.author)


def _without_records(world: World) -> World:
    """Leave out all other records, in each reading."""
    other = None if world.by_entry is None else _without_records(world.by_entry)
    return replace(world, records={}, by_entry=other)


def _with_alone(world: World, members: Collection[MemberId]) -> World:
    """Leave out whatever is believed of other members, in each reading."""
    mine = {one: line for one, line in world.members.items() if one in members}
    other = None if world.by_entry is None else _with_alone(world.by_entry, members)
    return replace(world, members=mine, by_entry=other)
