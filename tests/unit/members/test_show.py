# SPDX-License-Identifier: Apache-2.0
"""A timeline reads as what each fact means at one instant, and what they come to."""

from __future__ import annotations

import pytest
from hypothesis import given

from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.members.facts import Fact, MemberId
from privity.members.show import (
    Row,
    Shown,
    Standing,
    accounts_into,
    fact_words,
    lines,
    mapping,
    show_timeline,
)
from privity.members.timeline import Timeline, timelines
from privity.testing.worlds import RandomWorld, facts_of, worlds

AT = parse_instant("2025-06-01T00:00:00Z")


def fact(
    kind: str,
    at: str,
    value: str = "",
    *,
    member: MemberId = "a",
    recorded: str | None = None,
    **detail: str,
) -> Fact:
    return Fact(
        member=member,
        fact=kind,
        value=value,
        at=parse_instant(f"{at}T00:00:00Z"),
        recorded_at=parse_instant(f"{recorded or at}T00:00:00Z"),
        detail=detail,
    )


def shown(*facts: Fact) -> Shown:
    return show_timeline("a", facts, at=AT, known=AT)


def meant(*facts: Fact) -> list[tuple[str, str]]:
    """What each fact means, in the order of the timeline."""
    return [(row.standing.value, row.note) for row in shown(*facts).rows]


JOINED = fact("joined", "2020-01-01")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            [fact("joined", "2020-01-01"), fact("joined", "2021-01-01")],
            [("stands", ""), ("superseded", "the one of 2020-01-01T00:00:00Z counts")],
        ),
        (
            [fact("closed", "2024-01-01"), fact("reopened", "2024-02-01")],
            [("superseded", "by reopened of 2024-02-01T00:00:00Z"), ("stands", "")],
        ),
        (
            [
                fact("jurisdiction", "2020-01-01", "US"),
                fact("jurisdiction", "2024-01-01", "DE"),
            ],
            [("superseded", "by jurisdiction DE of 2024-01-01T00:00:00Z"), ("stands", "")],
        ),
        (
            [
                fact("jurisdiction", "2020-01-01", "US"),
                fact("jurisdiction", "2024-01-01", "DE", evidence="billing"),
            ],
            [("stands", ""), ("stands", "")],
        ),
        (
            [
                fact("birth_date", "2020-01-01", "1990-05-05"),
                fact("birth_date", "2020-01-02", "1980-05-05"),
            ],
            [("stands", ""), ("superseded", "a younger birth date counts")],
        ),
        (
            [fact("agreement", "2023-01-01", "x"), fact("agreement-ended", "2024-01-01", "x")],
            [("superseded", "by agreement-ended x of 2024-01-01T00:00:00Z"), ("stands", "")],
        ),
        (
            [fact("agreement", "2023-01-01", "x"), fact("agreement-ended", "2024-01-01", "y")],
            [("stands", ""), ("stands", "")],
        ),
        (
            [fact("minor-suspected", "2023-01-01"), fact("minor-cleared", "2024-01-01")],
            [("superseded", "by minor-cleared of 2024-01-01T00:00:00Z"), ("stands", "")],
        ),
        (
            [fact("notice", "2023-01-01", "n"), fact("reopened", "2024-01-01")],
            [
                (
                    "superseded",
                    "tells nobody since the account was reopened at 2024-01-01T00:00:00Z",
                ),
                ("stands", ""),
            ],
        ),
        (
            [
                fact("setting", "2023-01-01", "off", setting="s"),
                fact("setting", "2024-01-01", "on", setting="s"),
                fact("setting", "2024-02-01", "on", setting="s"),
                fact("setting", "2024-03-01", "on", setting="s", method="migrated"),
            ],
            [
                ("superseded", "by setting s on of 2024-01-01T00:00:00Z"),
                ("stands", "with the later yes"),
                ("stands", ""),
                ("passed over", "only an explicit yes or unset counts"),
            ],
        ),
        (
            [
                fact("setting", "2024-01-01", "on", setting="s"),
                fact("reopened", "2024-02-01"),
            ],
            [
                ("stands", "as the choice, but said before the account was reopened"),
                ("stands", ""),
            ],
        ),
        (
            [fact("setting", "2024-01-01", "NO", setting="s")],
            [("stands", "`NO` counts as off")],
        ),
        (
            [
                fact("objection", "2024-01-01"),
                fact("objection-withdrawn", "2024-02-01", setting="s"),
            ],
            [("stands", "except for `s`, which later facts name"), ("stands", "")],
        ),
        (
            [
                fact("objection", "2024-01-01", setting="s"),
                fact("objection-withdrawn", "2024-02-01"),
            ],
            [("superseded", "by objection-withdrawn of 2024-02-01T00:00:00Z"), ("stands", "")],
        ),
        (
            [fact("setting", "2026-01-01", "off", setting="s", recorded="2025-01-01")],
            [("not yet true", "")],
        ),
        (
            [fact("setting", "2024-01-01", "off", setting="s", recorded="2025-07-01")],
            [("not yet known", "")],
        ),
    ],
)
def test_each_fact_says_what_it_means_now(
    facts: list[Fact], expected: list[tuple[str, str]]
) -> None:
    assert meant(*facts) == expected


def test_a_no_of_a_merged_account_says_where_it_came_from() -> None:
    off = fact("setting", "2023-01-01", "off", setting="s", member="b")
    merged = fact("merged", "2024-01-01", "a", member="b")
    found = shown(JOINED, off, merged)
    assert [(row.fact.fact, row.merged) for row in found.rows] == [
        ("joined", False),
        ("setting", True),
    ]
    assert any("from an account merged into this one" in line for line in lines(found))


def test_accounts_come_in_by_chains_and_rings() -> None:
    facts = [
        fact("merged", "2024-01-01", "a", member="b"),
        fact("merged", "2024-01-01", "b", member="c"),
        fact("merged", "2024-01-01", "c", member="a"),
        fact("merged", "2024-01-01", "z", member="y"),
        fact("joined", "2020-01-01", member="q"),
    ]
    assert accounts_into("a", facts) == {"a", "b", "c"}
    assert accounts_into("q", facts) == {"q"}


def test_an_account_with_an_integer_id_is_found_by_the_text_of_a_merge() -> None:
    assert accounts_into(7, [fact("merged", "2024-01-01", "7", member=8)]) == {7, 8}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (fact("joined", "2020-01-01"), "joined"),
        (fact("merged", "2020-01-01", "b"), "merged into b"),
        (
            fact("setting", "2020-01-01", "on", setting="s", scope="all"),
            "setting s on (scope all)",
        ),
        (
            Fact(
                member=None,
                fact="order",
                value="o",
                at=AT,
                recorded_at=AT,
                detail={"jurisdictions": ["GB", "HK"], "purposes": ["safety"]},
            ),
            "order o (jurisdictions GB+HK, purposes safety)",
        ),
    ],
)
def test_a_fact_is_said_in_few_words(one: Fact, words: str) -> None:
    assert fact_words(one) == words


def test_the_state_is_summed_up() -> None:
    found = shown(
        JOINED,
        fact("jurisdiction", "2020-01-01", "US"),
        fact("birth_date", "2020-01-01", "1990-05-05"),
        fact("minor-suspected", "2024-01-01"),
        fact("agreement", "2023-01-01", "subscription"),
        fact("setting", "2024-01-01", "on", setting="s", scope="all"),
        fact("setting", "2024-01-01", "NO", setting="t"),
        fact("setting", "2024-01-01", "unset", setting="u"),
        fact("setting", "2024-01-01", "on", setting="v", method="signal"),
        fact("objection", "2024-01-01"),
        fact("objection", "2024-01-02", setting="s"),
        fact("notice", "2024-01-01", "n"),
        fact("notice", "2024-02-01", "n"),
        fact("deceased", "2025-01-01"),
    )
    assert found.state == (
        ("account", "open, since 2020-01-01T00:00:00Z"),
        ("died", "2025-01-01T00:00:00Z"),
        ("jurisdiction", "US (declared, since 2020-01-01T00:00:00Z)"),
        ("birth date", "known"),
        ("age", "suspected to be a minor since 2024-01-01T00:00:00Z"),
        ("agreement", "subscription, since 2023-01-01T00:00:00Z"),
        ("setting s", "on, for older content too, since 2024-01-01T00:00:00Z"),
        ("setting t", "off (said `NO`), since 2024-01-01T00:00:00Z"),
        ("setting u", "unset, which is no choice, since 2024-01-01T00:00:00Z"),
        ("setting v", "no choice"),
        ("objection", "to every setting, since 2024-01-01T00:00:00Z"),
        ("objection", "to s, since 2024-01-02T00:00:00Z"),
        ("notice", "n, reached the member at 2024-01-01T00:00:00Z"),
    )


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([], "none"),
        ([JOINED, fact("closed", "2024-01-01")], "closed, since 2024-01-01T00:00:00Z"),
        (
            [JOINED, fact("merged", "2024-01-01", "b")],
            "merged into b, since 2024-01-01T00:00:00Z",
        ),
        (
            [JOINED, fact("closed", "2024-01-01"), fact("reopened", "2024-02-01")],
            "open, since it was reopened at 2024-02-01T00:00:00Z",
        ),
    ],
)
def test_an_account_is_open_closed_merged_or_none(facts: list[Fact], words: str) -> None:
    assert dict(shown(*facts).state)["account"] == words


def test_lines_give_time_meaning_fact_and_state() -> None:
    off = fact("setting", "2024-01-01", "off", setting="s", recorded="2024-02-01")
    on = fact("setting", "2024-03-01", "on", setting="s")
    found = show_timeline("a", [JOINED, off, on], at=AT, known=AT + 1)
    assert lines(found) == [
        "member a, at 2025-06-01T00:00:00Z, as known at 2025-06-01T00:00:01Z",
        "",
        "2020-01-01T00:00:00Z  stands         joined",
        "2024-01-01T00:00:00Z  superseded     setting s off, recorded 2024-02-01T00:00:00Z",
        "                                     by setting s on of 2024-03-01T00:00:00Z",
        "2024-03-01T00:00:00Z  stands         setting s on",
        "",
        "at 2025-06-01T00:00:00Z",
        "  account       open, since 2020-01-01T00:00:00Z",
        "  jurisdiction  unknown",
        "  birth date    unknown",
        "  setting s     on, since 2024-03-01T00:00:00Z",
    ]


def test_a_member_of_whom_nothing_is_known_has_no_facts() -> None:
    assert lines(shown()) == ["member a, at 2025-06-01T00:00:00Z", "", "no facts"]


def test_plain_values_have_the_columns_of_a_fact() -> None:
    found = mapping(shown(fact("jurisdiction", "2020-01-01", "US", evidence="ip")))
    assert found["facts"] == [
        {
            "member": "a",
            "fact": "jurisdiction",
            "value": "US",
            "at": "2020-01-01T00:00:00Z",
            "recorded_at": "2020-01-01T00:00:00Z",
            "detail": {"evidence": "ip"},
            "standing": "stands",
            "note": "",
            "merged": False,
        }
    ]
    assert encode(found)


def believed(found: RandomWorld, member: MemberId) -> tuple[Shown, Timeline]:
    facts, request = facts_of(found.facts), found.requests[0]
    timeline = timelines(facts, request.known).get(member, Timeline())
    return show_timeline(member, facts, at=request.at, known=request.known), timeline


@given(worlds(records=1))
def test_what_is_shown_is_the_timeline_and_what_is_not_yet_known(found: RandomWorld) -> None:
    facts, request = facts_of(found.facts), found.requests[0]
    for member in sorted({one.member for one in facts if one.member is not None}, key=str)[:6]:
        seen, timeline = believed(found, member)
        rows = [row.fact for row in seen.rows if row.standing is not Standing.UNKNOWN]
        assert rows == list(timeline.facts)
        unknown = [row for row in seen.rows if row.standing is Standing.UNKNOWN]
        assert len(unknown) == sum(
            one.member == member and one.recorded_at > request.known for one in facts
        )
        assert lines(seen)
        assert encode(mapping(seen))


@given(worlds(records=1))
def test_what_a_state_rests_on_stands(found: RandomWorld) -> None:
    for member in ("m1", "m2", "m3") if found.ids == "string" else (1, 2, 3):
        seen, timeline = believed(found, member)
        state = timeline.at(seen.at)
        deciding = [
            *state.jurisdictions,
            *state.agreements,
            *(
                one
                for one in (state.joined, state.closed, state.death, state.suspicion)
                if one is not None
            ),
            *(
                choice
                for name in {one.setting for one in state.all("setting")}
                if (choice := state.choice(name or "")) is not None
            ),
        ]
        standing = {row_key(row) for row in seen.rows if row.standing is Standing.STANDS}
        assert {str(one) for one in deciding} <= standing


def row_key(row: Row) -> str:
    return str(row.fact)
