# SPDX-License-Identifier: Apache-2.0
"""Timelines on random worlds: order-insensitive, foldable, and blind to what is not yet known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from random import Random

from hypothesis import given, strategies

from privity.canonical.instants import LATEST, Instant
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline, sort_key, timelines
from privity.testing.versions import SETTINGS
from privity.testing.worlds import RandomWorld, facts_of, worlds

small = worlds(records=1)
randoms = strategies.integers(min_value=0, max_value=2**32 - 1).map(Random)
NAMES = (*SETTINGS, "cookies", None)


def instants(facts: Iterable[Fact]) -> list[Instant]:
    """Every instant at which something changes, and the second before it."""
    found = {fact.at for fact in facts}
    return sorted(found | {at - 1 for at in found})


def canonical(lines: Mapping[MemberId | None, Timeline]) -> dict[MemberId | None, list[Fact]]:
    """Timelines with facts of different kinds that tie in everything else in one order."""
    return {
        member: sorted(line.facts, key=lambda fact: (*sort_key(fact), fact.fact))
        for member, line in lines.items()
    }


@given(small, randoms)
def test_the_order_of_the_input_never_matters(made: RandomWorld, random: Random) -> None:
    facts = facts_of(made.facts)
    known = made.requests[0].known
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert canonical(timelines(facts, known)) == canonical(
        timelines(shuffled, known)
    )  # [TIM-10]


@given(small)
def test_what_is_recorded_later_changes_nothing(made: RandomWorld) -> None:
    facts = facts_of(made.facts)
    for request in made.requests:
        believed = [fact for fact in facts if fact.recorded_at <= request.known]
        assert timelines(facts, request.known) == timelines(believed, LATEST)  # [TIM-10]


@given(small)
def test_more_is_known_later_and_nothing_less_but_noes_that_merges_pass(
    made: RandomWorld,
) -> None:
    facts = facts_of(made.facts)
    early, late = sorted(request.known for request in made.requests)[:2]
    before, after = timelines(facts, early), timelines(facts, late)
    for member, line in before.items():
        for fact in line.facts:
            assert fact in after[member].facts or fact.fact in ("setting", "objection")


# A state by a fold that is as naive as it can be: tie by tie, and in each tie the no wins.

ENDS = {
    "closed": ("reopened",),
    "merged": ("reopened",),
    "agreement": ("agreement-ended",),
    "objection": ("objection-withdrawn",),
    "minor-suspected": ("minor-cleared",),
}


def ties(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    """Facts of one (`at`, `recorded_at`) together, in order."""
    ordered = sorted(facts, key=lambda fact: fact.order)
    for _, tie in groupby(ordered, key=lambda fact: fact.order):
        yield list(tie)


def stands(facts: Iterable[Fact], *starts: str) -> bool:
    """Whether what these kinds start stands at the end."""
    standing = False
    for tie in ties(facts):
        kinds = {fact.fact for fact in tie}
        if kinds & set(starts):
            standing = True
        elif kinds & set(ENDS[starts[0]]):
            standing = False
    return standing


def naive_choice(facts: Iterable[Fact], setting: str) -> str | None:
    """The choice in a setting: `off`, `unset`, `on` or None."""
    found = None
    for tie in ties(fact for fact in facts if fact.fact == "setting"):
        values = {
            fact.value if fact.value in ("on", "unset") else "off"
            for fact in tie
            if fact.setting == setting
            and (
                fact.value not in ("on", "unset")
                or fact.detail.get("method") in (None, "explicit")
            )
        }
        for value in ("off", "unset", "on"):
            if value in values:
                found = value
                break
    return found


def naive_codes(facts: Iterable[Fact]) -> set[str]:
    """The jurisdictions: of each kind of evidence the last tie."""
    found: dict[str, set[str]] = {}
    for tie in ties(fact for fact in facts if fact.fact == "jurisdiction"):
        for evidence in {fact.evidence for fact in tie}:
            found[evidence] = {fact.value for fact in tie if fact.evidence == evidence}
    return {code for codes in found.values() for code in codes}


def spoken(state: State, setting: str) -> str | None:
    """The state's own answer, with every other value read as off."""
    choice = state.choice(setting)
    if choice is None:
        return None
    return choice.value if choice.value in ("on", "unset") else "off"


@given(small)
def test_a_state_is_what_a_naive_fold_gives(made: RandomWorld) -> None:
    for member, line in timelines(facts_of(made.facts), LATEST).items():
        if member is None:
            continue
        for at in instants(line.facts):
            facts = [fact for fact in line.facts if fact.at <= at]
            state = line.at(at)
            assert (state.closed is not None) == stands(facts, "closed", "merged")  # [TIM-11]
            assert (state.suspicion is not None) == stands(facts, "minor-suspected")
            assert state.codes == naive_codes(facts)  # [TIM-37]
            for setting in SETTINGS:
                assert spoken(state, setting) == naive_choice(facts, setting)  # [TIM-32]
            for name in NAMES:
                heard = [fact for fact in facts if fact.setting in (None, name)]
                assert (state.objection(name) is not None) == stands(heard, "objection")
            held = {fact.value for fact in facts if fact.fact == "agreement"}
            of_one = {
                name: [fact for fact in facts if fact.value == name or not fact.value]
                for name in held
            }
            assert {fact.value for fact in state.agreements} == {
                name for name in held if stands(of_one[name], "agreement")
            }  # [TIM-38]


@given(small)
def test_a_merge_passes_every_no_that_stands_in_the_account(made: RandomWorld) -> None:
    lines = timelines(facts_of(made.facts), LATEST)
    members = {str(member): member for member in lines if member is not None}
    for line in lines.values():
        for merge in [fact for fact in line.facts if fact.fact == "merged"]:
            state = line.at(merge.at)
            target = members.get(merge.value, merge.value)
            passed = [
                fact
                for fact in (lines[target].facts if target in lines else ())
                if fact.at == merge.at and fact.recorded_at >= merge.recorded_at
            ]
            offs = {fact.setting for fact in passed if fact.value == "off"}
            assert {
                name for name in SETTINGS if spoken(state, name) == "off"
            } <= offs  # [TIM-21]
            if state.objection(None) is not None:
                assert any(fact.fact == "objection" and fact.setting is None for fact in passed)


@given(small)
def test_timelines_are_sorted_and_keep_every_fact_that_is_known(made: RandomWorld) -> None:
    facts = facts_of(made.facts)
    known = made.requests[0].known
    for member, line in timelines(facts, known).items():
        assert list(line.facts) == sorted(line.facts, key=sort_key)
        own = [fact for fact in facts if fact.member == member and fact.recorded_at <= known]
        assert all(fact in line.facts for fact in own)
