# SPDX-License-Identifier: Apache-2.0
"""What would have been otherwise, on random worlds: evidence that is changed decides as a world that was made so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis
from hypothesis import strategies

from privity.audit.changes import ChangedEvidence, Changes
from privity.audit.evidence import Evidence
from privity.audit.whatif_answer import answer_whatif
from privity.canonical.instants import parse_instant
from privity.decide.one import decide
from privity.decide.request import Decision, Record, world
from privity.entries.claims import readings
from privity.members.facts import Fact
from privity.policy.model import Version
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence
from privity.testing.worlds import RandomWorld, facts_of, random_world

LATER = parse_instant("2040-01-01T00:00:00Z")


def evidence_of(made: RandomWorld) -> MadeEvidence:
    return made_evidence(
        versions=[version_from(one) for one in made.policies], facts=facts_of(made.facts)
    )


def by_evidence(made: RandomWorld, evidence: Evidence) -> list[Decision]:
    """Decide the first request by what evidence gives after all its entries."""
    request = replace(made.requests[0], known=LATER)
    people = {one for row in made.records for one in (row.author, *row.recipients)}
    given = evidence.given(
        {one for one in people if one is not None}, evidence.log.checkpoint.size
    )
    (first,) = readings(given, request.at)
    found = world(first.policy, first.facts, LATER, made.records)
    return [decide(one, request, found) for one in made.records]


def plainly(made: RandomWorld, versions: list[Version], facts: list[Fact]) -> list[Decision]:
    """Decide it in a world that was made so."""
    request = replace(made.requests[0], known=LATER)
    found = world(history(versions), facts, LATER, made.records)
    return [decide(one, request, found) for one in made.records]


def notices_of(versions: list[Version]) -> list[str]:
    return sorted({name for one in versions for name in one.notices})


@hypothesis.given(
    seed=strategies.integers(0, 10_000),
    places=strategies.lists(strategies.sampled_from(["US", "GB", "EU", "IN"]), min_size=1, max_size=2, unique=True),
)  # fmt: skip
@hypothesis.settings(max_examples=25, deadline=None)
def test_a_longer_list_is_a_policy_with_that_list(seed: int, places: list[str]) -> None:
    """[AUD-121] Written into the policy's files, it decides the same."""
    made = random_world(seed, records=60)
    changed = ChangedEvidence(evidence_of(made), Changes(exempt=tuple(places)))
    written = []
    for plain in made.policies:
        settings = {
            name: {**setting, "exempt": [*setting.get("exempt", []), *places]}
            for name, setting in plain.get("settings", {}).items()
        }
        written.append(version_from({**plain, "settings": settings}))
    assert by_evidence(made, changed) == plainly(made, written, list(facts_of(made.facts)))
    files = Changes(versions=tuple(written))
    assert by_evidence(made, ChangedEvidence(evidence_of(made), files)) == by_evidence(
        made, changed
    )


@hypothesis.given(seed=strategies.integers(0, 10_000), days=strategies.integers(-400, 400))
@hypothesis.settings(max_examples=25, deadline=None)
def test_a_notice_at_another_time_is_facts_and_policies_that_say_so(
    seed: int, days: int
) -> None:
    """[AUD-122] Without the real deliveries, and with one for each who joined."""
    made = random_world(seed, records=60)
    versions = [version_from(one) for one in made.policies]
    names = notices_of(versions)
    hypothesis.assume(names)
    notice, came = names[0], versions[0].published_at + days * 86_400
    evidence = evidence_of(made)
    changed = ChangedEvidence(evidence, Changes(notices=((notice, came),)))
    facts = [one for one in facts_of(made.facts) if (one.fact, one.value) != ("notice", notice)]
    first: dict[Any, Fact] = {}
    for told in evidence.told(None, evidence.log.checkpoint.size):
        if told.fact.fact == "joined":
            first.setdefault(told.fact.member, told.fact)
    facts += [
        Fact(
            member=one.member,
            fact="notice",
            value=notice,
            at=max(came, one.at),
            recorded_at=max(came, one.at),
        )
        for one in first.values()
    ]
    naming = {
        name
        for one in versions
        for name, setting in one.settings.items()
        if setting.notice == notice
    }
    moved = []
    for one in versions:
        settings = {
            name: replace(setting, notice=notice)
            if setting.notice is None and name in naming
            else setting
            for name, setting in one.settings.items()
        }
        notices = dict(one.notices)
        for setting in settings.values():
            if setting.notice == notice:
                held = versions[0].notices.get(notice) or next(
                    version.notices[notice] for version in versions if notice in version.notices
                )
                notices[notice] = replace(held, effective_at=came)
        moved.append(replace(one, settings=settings, notices=notices))
    assert by_evidence(made, changed) == plainly(made, moved, facts)


@hypothesis.given(seed=strategies.integers(0, 10_000))
@hypothesis.settings(max_examples=20, deadline=None)
def test_the_same_policies_change_nothing(seed: int) -> None:
    """[AUD-120] What is not otherwise is decided as it was: nothing is opened, nothing closed."""
    made = random_world(seed, records=40)
    request = made.requests[0]
    some: list[Record] = [one for one in made.records if one.author] or list(made.records[:1])
    time = max(request.at, *(parse_instant(one["published_at"]) for one in made.policies))
    evidence = made_evidence(
        versions=[version_from(one) for one in made.policies],
        facts=facts_of(made.facts),
        releases=[
            MadeRelease(
                release="r",
                time=time,
                files=[some],
                purpose=request.purpose,
                recipient=request.recipient,
            )
        ],
    )
    same = Changes(versions=tuple(version_from(one) for one in made.policies))
    figures = answer_whatif(evidence, same).figures
    assert figures["would_be_permitted_instead"] == figures["would_be_refused_instead"] == 0
    assert figures["refused"] == figures["would_be_refused"]
