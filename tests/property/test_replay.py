# SPDX-License-Identifier: Apache-2.0
"""A replay decides as the plain rule does, in any world, whatever it remembers and in whatever portions it reads (AUD-60)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Literal

import hypothesis
from hypothesis import strategies

from privity.audit.again import Asked, Part, decide_again
from privity.audit.findings import kinds_of
from privity.audit.known_then import Rules, Then, dated_back
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.audit.story import story_of
from privity.audit.uses import Use, uses_of
from privity.canonical.instants import LATEST
from privity.decide.one import decide
from privity.decide.remembered import remembered_history, remembered_lines
from privity.decide.request import Record, Request, World, world
from privity.entries.claims import Given, readings
from privity.entries.run import RunStart
from privity.policy.parse import version_from
from privity.testing.claims import ClaimedWorld, claimed_world, claimed_worlds, world_of
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence
from privity.testing.worlds import RandomWorld, facts_of, worlds

DIGEST: Final = "0" * 64
NEVER: Final = ReplayQuestion(overdue=1_000_000)


def evidence_of(found: ClaimedWorld, attested: Literal["restrict", "accept"]) -> MadeEvidence:
    """Make a release of a world's records, in two files, and runs for everything else that is asked."""
    made = found.made
    first, *others = found.requests()
    half = len(made.records) // 2
    runs = [
        (
            one.at,
            RunStart(
                run=f"t{number}",
                recipient=one.recipient,
                releases=(("corpus", 1),),
                ledger_size=1,
                code=DIGEST,
                config=DIGEST,
            ),
        )
        for number, one in enumerate(others)
    ]
    return made_evidence(
        versions=found.given.versions,
        facts=found.given.facts,
        claims=found.given.claims,
        texts=found.given.texts,
        releases=[
            MadeRelease(
                release="corpus",
                time=first.at,
                files=[made.records[:half], made.records[half:]],
                purpose=first.purpose,
                recipient=first.recipient,
            )
        ],
        says=runs,
        attested=attested,
        ids=made.ids,
    )


def plainly(given: Given, use: Use, records: tuple[Record, ...]) -> list[tuple[str, ...]]:
    """Decide every record of a use by the plain rule, with everything that anybody said."""
    request = Request(purpose=use.purpose, recipient=use.recipient, at=use.at, known=LATEST)
    first, *others = readings(given, use.at)
    by_entry = [(one.policy, one.facts) for one in others]
    found = world(
        first.policy,
        first.facts,
        LATEST,
        records,
        by_entry=by_entry[0] if by_entry else None,
    )
    return [decide(one, request, found).reasons for one in records]


@hypothesis.given(
    found=claimed_worlds(records=30), attested=strategies.sampled_from(["restrict", "accept"])
)
@hypothesis.settings(deadline=None)
def test_every_use_is_decided_as_the_plain_rule_does(
    found: ClaimedWorld, attested: Literal["restrict", "accept"]
) -> None:
    """AUD-60, AUD-61, AUD-63, AUD-66: by the entries before it, and as if versions were as old as they say."""
    evidence = evidence_of(found, attested)
    records = found.made.records
    half = len(records) // 2
    expected = []
    for use in uses_of(story_of(evidence.log)):
        given = evidence.given(None, use.size)
        otherwise = plainly(dated_back(given), use, records)
        for number, reasons in enumerate(plainly(given, use, records)):
            if reasons:
                kinds = kinds_of(reasons) if otherwise[number] else {"back-dated-policy"}
                place = (f"part-00000{int(number >= half)}.parquet", number % half)
                expected.append((use.entry, *place, list(reasons), sorted(kinds)))
    report = answer_replay(evidence, NEVER)
    seen = [
        (one["entry"], one["file"], one["row"], one["reasons"], one["kinds"])
        for one in report.items
    ]
    assert seen == expected


@hypothesis.given(
    found=claimed_worlds(records=30),
    attested=strategies.sampled_from(["restrict", "accept"]),
    portion=strategies.integers(1, 40),
)
# A record that shares its id quotes one that quotes this id: whose the other one is, is asked too.
@hypothesis.example(
    found=claimed_world(1009817, records=30, ids="string"), attested="accept", portion=1
)
@hypothesis.settings(deadline=None)
def test_portions_change_nothing(
    found: ClaimedWorld, attested: Literal["restrict", "accept"], portion: int
) -> None:
    evidence = evidence_of(found, attested)
    uses = uses_of(story_of(evidence.log))
    asked = tuple(Asked(use=one, then=Then(size=one.size, at=one.at)) for one in uses)
    part = Part(release="corpus", revision=1, asked=asked, rows=len(found.made.records))

    def refused(portion: int) -> Iterator[Any]:
        for some in decide_again(evidence, Rules(evidence), [part], portion=portion):
            for one in some.refused:
                parties = tuple(sorted(map(str, one.parties)))
                yield one.asked.use.entry, one.row.file, one.row.row, one.reasons, parties

    assert sorted(refused(portion), key=str) == sorted(refused(10_000), key=str)


@hypothesis.given(made=worlds(records=60))
@hypothesis.settings(deadline=None)
def test_what_is_remembered_is_what_was_answered(made: RandomWorld) -> None:
    """However often it is asked."""
    whole = ClaimedWorld(made=made, given=_given(made))
    for request in made.requests:
        plain = world_of(whole.given, request, made.records)
        remembering = _remembered(plain)
        for _ in range(2):
            for record in made.records:
                assert decide(record, request, remembering) == decide(record, request, plain)


def _given(made: RandomWorld) -> Given:

    return Given(
        facts=tuple(facts_of(made.facts)),
        versions=tuple(version_from(one) for one in made.policies),
    )


def _remembered(plain: World) -> World:
    lines = remembered_lines({**dict(plain.members.items()), None: plain.platform})
    return replace(
        plain,
        policy=remembered_history(plain.policy),
        members={member: line for member, line in lines.items() if member is not None},
        platform=lines[None],
    )
