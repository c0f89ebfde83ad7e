# SPDX-License-Identifier: Apache-2.0
"""Of evidence from which something was taken away, a statement is answered the same, or cannot be told ([AUD-108])."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis
from hypothesis import strategies

from privity.audit.certainty import NO, PERHAPS, YES, is_under, joined
from privity.audit.evidence import UNREADABLE, Gap, Rows, Told
from privity.audit.statement import StatementQuestion, statement_of
from privity.audit.statement_answer import answer_statement
from privity.decide.request import Record
from privity.entries.disclosure import HandedOver
from privity.entries.kinds import PublicKind
from privity.entries.release import CreatedRelease
from privity.entries.unknown import UnknownEntry
from privity.members.facts import Fact
from privity.testing.chance import Chance
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence
from privity.vocabulary.terms import CATEGORIES

DAY = 86_400


def evidence_of(seed: int) -> MadeEvidence:
    """A few members who moved and paid, and releases of a few records: nobody asked whether they may be."""
    chance = Chance.of(seed)
    facts = [_fact(None, "recipient", 0, one, role=one) for one in ("third-party", "affiliate")]
    members = ["ada", "bob"][: chance.count(1, 2)]
    for member in members:
        facts.append(_fact(member, "joined", chance.count(0, 2)))
        facts += [
            _fact(member, "jurisdiction", chance.count(0, 8), chance.one(["FR", "US", "GB"]))
            for _ in range(chance.count(0, 3))
        ]
        facts += [
            _fact(member, chance.one(["agreement", "agreement-ended"]), day, "subscription")
            for day in sorted({chance.count(0, 8) for _ in range(chance.count(0, 3))})
        ]
    releases, says = [], list[tuple[int, PublicKind]]()
    for number in range(chance.usual([1, 2])):
        rows = [
            _record(chance, f"{number}-{one}", members) for one in range(chance.count(1, 3))
        ]
        recipient = chance.one(["third-party", "affiliate", "nobody"])
        releases.append(
            MadeRelease(
                release=f"r{number}",
                time=(10 + number) * DAY,
                files=[rows[:1], rows[1:]],
                purpose=chance.one(["genai-training", "safety", "model-training"]),
                recipient=recipient,
            )
        )
    entries = [
        one.says
        for one in made_evidence(facts=facts, releases=releases).log.public
        if isinstance(one.says, CreatedRelease)
    ]
    for number, entry in enumerate(entries):
        handed = HandedOver(
            disclosure=f"d{number}",
            release=entry.release,
            revision=1,
            recipient=entry.recipient,
            files_root=entry.content.files_root,
            certificate="0" * 64,
        )
        says.append(((15 + number) * DAY, handed))
    return made_evidence(facts=facts, releases=releases, says=says)


def _fact(member: str | None, fact: str, day: int, value: str = "", **detail: str) -> Fact:
    at = day * DAY
    return Fact(member=member, fact=fact, value=value, at=at, recorded_at=at, detail=detail)


def _record(chance: Chance, name: str, members: list[str]) -> Record:
    return Record(
        record_id=name,
        category=chance.one(["post", "inmail", "direct-message", "message"]),
        created_at=chance.count(1, 9) * DAY,
        author=chance.one(members),
        recipients=(chance.one(members),),
    )


def some_of(draw: Callable[..., Any], known: list[str]) -> list[str]:
    """One of a few words, and mostly none: then what is asked of members decides."""
    found: list[str] = draw(strategies.sampled_from([[], [], [], *([one] for one in known)]))
    return found


@strategies.composite
def statements(draw: Callable[..., Any]) -> StatementQuestion:
    members: dict[str, Any] = draw(
        strategies.sampled_from(
            [
                {},
                {"in": ["EU"]},
                {"in": ["EU"]},
                {"agreement": "subscription"},
                {"agreement": "subscription"},
                {"in": ["US", "GB"], "agreement": "subscription"},
            ]
        )
    )
    if members:
        members |= draw(strategies.sampled_from([{}, {"when": ["made"]}, {"when": ["used"]}]))
    never = {
        "members": members,
        "records": {"categories": some_of(draw, ["private-message", "public-content"])},
        "use": {
            "purposes": some_of(draw, ["genai-training", "processing"]),
            "recipients": some_of(draw, ["third-party", "affiliate"]),
            "acts": some_of(draw, ["released", "handed-over"]),
        },
    }
    kept = {
        key: {word: one for word, one in part.items() if one} for key, part in never.items()
    }
    plain = {"statement": "s", "says": "Never.", "never": {k: one for k, one in kept.items() if one}}  # fmt: skip
    return statement_of(plain, file="s")


# What may be taken away, and how that is said


def without_rows(evidence: MadeEvidence, chance: Chance) -> MadeEvidence:
    """A revision is not shown."""
    gone = chance.one([*sorted(evidence.made), ("nothing", 1)])
    return replace(evidence, made={k: one for k, one in evidence.made.items() if k != gone})


def without_a_file(evidence: MadeEvidence, chance: Chance) -> MadeEvidence:
    """A file of a revision is not shown: its entry says how many rows there are."""
    key = chance.one([*sorted(evidence.made), ("nothing", 1)])
    rows: tuple[Rows, ...] = evidence.made.get(key, ())[1:]
    return replace(evidence, made={**evidence.made, key: rows})


def erased(evidence: MadeEvidence, chance: Chance) -> MadeEvidence:
    """A member is erased, whole."""
    member = chance.one(["ada", "bob"])
    told = tuple(one for one in evidence.everything if one.fact.member != member)
    gaps = (*evidence.gaps, Gap(kind="erased", what="Somebody was erased."))
    return replace(evidence, everything=told, gaps=gaps)


def unreadable(evidence: MadeEvidence, chance: Chance) -> MadeEvidence:
    """An entry of a member cannot be read: what stands for it says so."""
    lost = chance.one([*_moves(evidence), None])

    def hide(one: Told) -> Told:
        detail = {"setting": UNREADABLE}
        off = replace(one.fact, fact="setting", value="off", detail=detail)
        return replace(one, fact=off) if one is lost else one

    return replace(evidence, everything=tuple(map(hide, evidence.everything)))


def private(evidence: MadeEvidence, chance: Chance) -> MadeEvidence:
    """A fact of a member is not shown, and nobody says whose."""
    lost = chance.one([*_moves(evidence), None])
    told = tuple(one for one in evidence.everything if one is not lost)
    gaps = (*evidence.gaps, Gap(kind="private-facts", what="A fact was not shown."))
    return replace(evidence, everything=told, gaps=gaps)


def _moves(evidence: MadeEvidence) -> list[Told]:
    """What says where a member is, and what it holds."""
    kinds = ("jurisdiction", "agreement", "agreement-ended")
    return [one for one in evidence.everything if one.fact.fact in kinds]


def unknown(evidence: MadeEvidence, chance: Chance) -> MadeEvidence:
    """A hand-over is of a kind that nobody here can read."""
    public = list(evidence.log.public)
    place = chance.one(
        [at for at, one in enumerate(public) if isinstance(one.says, HandedOver)]
    )
    public[place] = replace(public[place], says=UnknownEntry(kind="later", content={}))
    return replace(evidence, log=replace(evidence.log, public=tuple(public)))


WAYS = [without_rows, without_a_file, erased, unreadable, private, unknown]


@hypothesis.given(
    seed=strategies.integers(0, 5_000),
    question=statements(),
    ways=strategies.lists(strategies.sampled_from(WAYS), min_size=1, max_size=2, unique=True),
)
@hypothesis.settings(deadline=None, max_examples=400)
def test_less_evidence_never_turns_one_answer_into_the_other(
    seed: int, question: StatementQuestion, ways: list[Callable[..., MadeEvidence]]
) -> None:
    """[AUD-108] It can only make one that cannot be told."""
    evidence, chance = evidence_of(seed), Chance.of(seed + 1)
    before = answer_statement(evidence, question).answer
    for way in ways:
        evidence = way(evidence, chance)
    after = answer_statement(evidence, question).answer
    assert after in {before, "cannot-be-told"}
    hypothesis.event(f"{before} to {after}")


@hypothesis.given(
    term=strategies.sampled_from([*CATEGORIES, None, "later"]),
    asked=strategies.lists(strategies.sampled_from(list(CATEGORIES)), max_size=3),
)
def test_a_term_is_under_another_by_the_tree_alone(term: str | None, asked: list[str]) -> None:
    """[AUD-102] Yes where each reading of it is, no where none is."""
    found = is_under(term, asked, CATEGORIES)
    within = [one for one in CATEGORIES if term is not None and CATEGORIES.contains(term, one)]
    readings = within if term in CATEGORIES else list(CATEGORIES)
    each = {
        not asked or any(CATEGORIES.contains(outer, one) for outer in asked) for one in readings
    }
    assert (found == NO) == (each == {False})
    if found == YES:
        assert each == {True}


def test_a_no_of_now_is_no_more_than_a_perhaps_where_it_was_a_yes() -> None:
    """[AUD-109] All nine."""
    for now in (NO, PERHAPS, YES):
        for then in (NO, PERHAPS, YES):
            assert joined(now, then) == (PERHAPS if (now, then) == (NO, YES) else now)
