# SPDX-License-Identifier: Apache-2.0
"""What is known with so many entries, and what of it is only claimed (AUD-7, AUD-8)."""

from __future__ import annotations

from dataclasses import replace

from privity.audit.evidence import Told
from privity.audit.held_facts import HeldFacts
from privity.audit.known import (
    accounts_into,
    claimed_late,
    given_after,
    is_unreadable,
    unreadable,
)
from privity.audit.rules import Rules
from privity.canonical.instants import parse_instant
from privity.entries.claims import ClaimedVersion
from privity.members.facts import Fact, MemberId
from privity.policy.parse import version_from
from privity.testing.plain import policy

NOON = parse_instant("2025-01-01T12:00:00Z")
FIRST = version_from(policy())
SECOND = version_from(policy(version="2", controller="successor"))
RULES = Rules(
    origin="example.com/log",
    accept=False,
    versions=((3, FIRST), (6, SECOND)),
    texts=(),
    platform=(),
    baselines=(),
)


def told(
    entry: int,
    member: MemberId | None = "ada",
    fact: str = "joined",
    *,
    late: int = 0,
    by: str | None = None,
    value: str = "",
) -> Told:
    time = NOON + entry
    said = Fact(member=member, fact=fact, value=value, at=time - late, recorded_at=time)
    return Told(entry=entry, fact=said, entered=time, by=by)


def seat(entry: int) -> Told:
    return told(entry, None, "seat-instruction", value="acme")


def test_nothing_is_known_before_its_entry() -> None:
    given = given_after(RULES, 6, members=(), platform=[seat(2), seat(8)])
    assert [one.version for one in given.versions] == [FIRST.version]
    assert [one.recorded_at for one in given.facts] == [NOON + 2]
    assert len(given_after(RULES, 9, members=(), platform=[seat(2), seat(8)]).facts) == 2


def test_what_entered_late_is_claimed_by_who_publishes_then() -> None:
    for size, by in ((3, "example.com/log"), (4, FIRST.controller), (7, "successor")):
        (one,) = claimed_late([told(1, late=5)], RULES.controller(size))
        assert one.by == by
        given = given_after(RULES, size, members=[one], platform=())
        assert [claim.by for claim in given.claims] == [by]
        assert given.facts == ()
    assert list(claimed_late([told(1)], "anybody")) == [told(1)]
    attested = told(1, late=5, by="auditor")
    assert list(claimed_late([attested], "anybody")) == [attested]


def test_where_claims_are_accepted_they_are_facts() -> None:
    text = ClaimedVersion(version=replace(FIRST, version="0"), entered=NOON, by="auditor")
    rules = replace(RULES, accept=True, texts=((1, text),))
    given = given_after(rules, 9, members=[told(2, late=5, by="auditor")], platform=())
    assert (len(given.facts), given.claims, given.texts) == (1, (), ())
    assert [one.version for one in given.versions] == [FIRST.version, "2", "0"]


def test_one_that_nobody_can_read_takes_the_platforms_instructions_away() -> None:  # AUD-4
    order = told(3, None, "order", value="stop", by="auditor")
    given = given_after(
        RULES, 9, members=(), platform=[seat(2), order, unreadable(5, None, NOON + 5)]
    )
    assert given.facts == ()
    assert [one.fact.fact for one in given.claims] == ["order"]
    before = given_after(RULES, 5, members=(), platform=[seat(2), unreadable(5, None, NOON)])
    assert [one.fact for one in before.facts] == ["seat-instruction"]


def test_what_cannot_be_read_is_no_claim() -> None:  # AUD-4
    one = unreadable(5, "ada", NOON)
    assert is_unreadable(one)
    assert list(claimed_late([one], "anybody")) == [one]
    given = given_after(RULES, 9, members=[one], platform=())
    assert [fact.value for fact in given.facts] == ["off"]


def test_merges_are_followed_to_the_end_and_round() -> None:
    merges = [("a", "b"), ("b", "c"), ("x", "c"), ("c", "a"), ("y", "z")]
    assert accounts_into(["c"], merges) == {"a", "b", "c", "x"}
    assert accounts_into(["z"], merges) == {"y", "z"}
    assert accounts_into(["nobody"], merges) == {"nobody"}


def test_held_facts_are_given_as_they_were_added() -> None:
    everything = [
        told(1, 5),
        told(2, "ada", "merged", value="5"),
        seat(3),
        told(4, 5, "setting", value="on", late=9, by="auditor"),
        told(5, "05"),
    ]
    held = HeldFacts()
    for one in everything[::-1]:
        held.add(one)
    held.settle()
    members = [one for one in everything if one.fact.member is not None]
    assert list(held.of(None)) == members
    # The text of an id is whose it is: `05` is nobody's 5.
    assert list(held.of(["5"])) == [everything[0], everything[3]]
    assert list(held.of(["05", "ada", "nobody"])) == [everything[1], everything[4]]
    assert list(held.of_platform()) == [everything[2]]
    assert list(held.merges()) == [(2, "ada", "5")]
    held.drop("ada")
    assert list(held.of(None)) == [members[0], *members[2:]]
    assert list(held.merges()) == []
