# SPDX-License-Identifier: Apache-2.0
"""A look over facts names what contradicts, ends nothing, names nothing known, or came late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

import pytest
from hypothesis import given

from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.members.check import check_columns, check_facts
from privity.members.columns import columns_of
from privity.members.facts import Fact, MemberId
from privity.members.findings import EXAMPLES, Finding, Level, lines, mapping
from privity.members.ordering import DAY, is_late, permits
from privity.members.timeline import sort_key
from privity.testing.worlds import RandomWorld, facts_of, worlds


def fact(
    kind: str,
    at: str,
    value: str = "",
    *,
    member: MemberId | None = "a",
    recorded: str | None = None,
    **detail: str | list[str],
) -> Fact:
    return Fact(
        member=member,
        fact=kind,
        value=value,
        at=parse_instant(f"{at}T00:00:00Z"),
        recorded_at=parse_instant(f"{recorded or at}T00:00:00Z"),
        detail=detail,
    )


JOINED = fact("joined", "2020-01-01")


def found(*facts: Fact) -> dict[str, int]:
    """How often each thing was found, of a member that joined."""
    return {one.code: one.count for one in check_facts([JOINED, *facts])}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], {}),
        ([fact("setting", "2024-01-01", "OFF", setting="s")], {"setting-value": 1}),
        ([fact("setting", "2024-01-01", "off", setting="s")], {}),
        ([fact("jurisdiction", "2024-01-01", "UK")], {"unknown-code": 1}),
        ([fact("jurisdiction", "2024-01-01", "GB")], {}),
        ([fact("notice", "2024-01-01", "n", member="b")], {"never-joined": 1}),
        (
            [
                fact("birth_date", "2024-01-01", "1990-05-05"),
                fact("birth_date", "2024-01-02", "1990-05-05"),
            ],
            {},
        ),
        (
            [
                fact("birth_date", "2024-01-01", "1990-05-05"),
                fact("birth_date", "2024-01-02", "1991-05-05"),
            ],
            {"birth-dates": 1},
        ),
        ([fact("reopened", "2024-01-01")], {"reopened-ends-nothing": 1}),
        ([fact("closed", "2024-01-01"), fact("reopened", "2024-01-02")], {}),
        (
            [
                fact("closed", "2024-01-01"),
                fact("reopened", "2024-01-02"),
                fact("reopened", "2024-01-03"),
            ],
            {"reopened-ends-nothing": 1},
        ),
        (
            [fact("agreement", "2024-01-01", "x"), fact("agreement-ended", "2024-01-02", "y")],
            {"agreement-ended-ends-nothing": 1},
        ),
        (
            [fact("agreement", "2024-01-01", "x"), fact("agreement-ended", "2024-01-02", "x")],
            {},
        ),
        ([fact("objection-withdrawn", "2024-01-01")], {"objection-withdrawn-ends-nothing": 1}),
        (
            [
                fact("objection", "2024-01-01", setting="s"),
                fact("objection-withdrawn", "2024-01-02", setting="t"),
            ],
            {"objection-withdrawn-ends-nothing": 1},
        ),
        (
            [
                fact("objection", "2024-01-01", setting="s"),
                fact("objection-withdrawn", "2024-01-02"),
            ],
            {},
        ),
        (
            [
                fact("objection", "2024-01-01"),
                fact("objection-withdrawn", "2024-01-02", setting="s"),
            ],
            {},
        ),
        ([fact("minor-cleared", "2024-01-01")], {"minor-cleared-ends-nothing": 1}),
        ([fact("merged", "2024-01-01", "z")], {"merged-into-unknown": 1}),
        ([fact("merged", "2024-01-01", "a")], {"merge-ring": 1}),
        (
            [
                fact("merged", "2024-01-01", "b"),
                fact("joined", "2020-01-01", member="b"),
                fact("merged", "2024-01-01", "a", member="b"),
                fact("joined", "2020-01-01", member="c"),
                fact("merged", "2024-01-01", "a", member="c"),
            ],
            {"merge-ring": 2},
        ),
        (
            [
                fact("setting", "2024-01-01", "on", setting="s"),
                fact("setting", "2024-01-01", "off", setting="s"),
            ],
            {"tie": 1},
        ),
        (
            [
                fact("setting", "2024-01-01", "on", setting="s"),
                fact("setting", "2024-01-01", "off", setting="t"),
                fact("setting", "2024-01-01", "off", setting="s", recorded="2024-01-02"),
                fact("setting", "2024-01-01", "unset", setting="s", method="signal"),
            ],
            {},
        ),
        (
            [
                fact("setting", "2024-01-01", "on", setting="s"),
                fact("setting", "2024-01-01", "on", setting="s", scope="all"),
                fact("setting", "2024-01-01", "unset", setting="s"),
            ],
            {"tie": 1},
        ),
        (
            [
                fact("jurisdiction", "2024-01-01", "US"),
                fact("jurisdiction", "2024-01-01", "GB"),
                fact("jurisdiction", "2024-01-01", "DE", evidence="ip"),
            ],
            {"tie": 1},
        ),
        (
            [
                fact("order", "2024-01-01", "o", member=None, jurisdictions=[]),
                fact("order", "2024-01-01", "o", member=None, jurisdictions=["UK"]),
                fact("order", "2024-01-01", "o", member=None, purposes=["fun"]),
                fact("order", "2024-01-01", "o", member=None, jurisdictions=["GB", "EEA"]),
            ],
            {"order-defect": 3},
        ),
        (
            [
                fact("seat-instruction", "2024-01-01", "x", member=None, purposes=["safety"]),
                fact(
                    "seat-instruction",
                    "2024-01-01",
                    "x",
                    member=None,
                    purposes=["safety"],
                    categories=["content"],
                    recipients=["controller"],
                ),
            ],
            {"instruction-defect": 1},
        ),
        (
            [
                fact("recipient", "2024-01-01", "lab", member=None, role="affiliate"),
                fact("recipient", "2024-01-01", "lab", member=None, role="third-party"),
                fact("recipient", "2024-01-02", "lab", member=None, role="affiliate"),
            ],
            {"two-roles": 1},
        ),
        (
            [
                fact("order-lifted", "2024-01-01", "o", member=None),
                fact("recipient-ended", "2024-01-01", "lab", member=None),
                fact("seat-instruction-withdrawn", "2024-01-01", "x", member=None),
            ],
            {
                "order-lifted-ends-nothing": 1,
                "recipient-ended-ends-nothing": 1,
                "seat-instruction-withdrawn-ends-nothing": 1,
            },
        ),
    ],
)
def test_each_kind_of_thing_is_found_and_counted(
    facts: list[Fact], expected: dict[str, int]
) -> None:
    assert found(*facts) == expected


@pytest.mark.parametrize(
    ("one", "late"),
    [
        (fact("notice", "2024-01-01", "n", recorded="2024-01-02"), False),
        (fact("notice", "2024-01-01", "n", recorded="2024-01-03"), True),
        (fact("setting", "2024-01-01", "on", setting="s", recorded="2024-02-01"), True),
        (fact("setting", "2024-01-01", "unset", setting="s", recorded="2024-02-01"), True),
        (fact("setting", "2024-01-01", "off", setting="s", recorded="2024-02-01"), False),
        (
            fact(
                "setting",
                "2024-01-01",
                "on",
                setting="s",
                method="signal",
                recorded="2024-02-01",
            ),
            False,
        ),
        (fact("objection", "2024-01-01", recorded="2024-02-01"), False),
        (fact("objection-withdrawn", "2024-01-01", recorded="2024-02-01"), True),
        (fact("closed", "2024-01-01", recorded="2024-02-01"), False),
        (fact("birth_date", "2024-01-01", "1990-05-05", recorded="2024-02-01"), False),
        (fact("order", "2024-01-01", "o", member=None, recorded="2024-02-01"), False),
        (fact("order-lifted", "2024-01-01", "o", member=None, recorded="2024-02-01"), True),
    ],
)
def test_what_permits_and_was_recorded_late_is_an_alarm(one: Fact, late: bool) -> None:  # noqa: FBT001 - one of two expected answers
    assert is_late(one) is late
    alarms = [each.code for each in check_facts([JOINED, one]) if each.level is Level.ALARM]
    assert alarms == ["late-permit"] * late


def test_a_late_jurisdiction_is_an_alarm_where_it_changes_what_stood() -> None:
    home = fact("jurisdiction", "2020-01-01", "DE")
    same = fact("jurisdiction", "2024-01-01", "DE", recorded="2024-02-01")
    moved = fact("jurisdiction", "2024-01-01", "US", recorded="2024-02-01")
    first = fact("jurisdiction", "2024-01-01", "US", recorded="2024-02-01", evidence="ip")
    assert found(home, same) == {}
    assert found(home, moved) == {"late-permit": 1}
    assert found(home, first) == {"late-permit": 1}


def test_what_was_recorded_after_now_is_an_alarm() -> None:
    now = parse_instant("2024-02-01T00:00:00Z")
    heard = fact("setting", "2024-02-01", "off", setting="s")
    never = fact("setting", "2024-02-01", "off", setting="s", recorded="6123-01-01")
    order = fact("order", "2024-02-02", "training", member=None)
    findings = check_facts([JOINED, heard, never, order], now=now)
    ahead = [one for one in findings if one.code == "recorded-ahead"]
    assert [(one.level, one.count) for one in ahead] == [(Level.ALARM, 2)]
    assert [one.code for one in findings if one.level is Level.WARNING] == []
    assert "6123-01-01" in "".join(ahead[0].examples)
    assert "recorded-ahead" not in found(never)


def test_what_is_true_only_later_is_a_warning() -> None:
    now = parse_instant("2024-02-01T00:00:00Z")
    no = fact("setting", "2052-02-01", "off", setting="s", recorded="2024-02-01")
    order = fact("order", "2024-02-02", "training", member=None, recorded="2024-01-01")
    findings = check_facts([JOINED, no, order], now=now)
    assert [(one.level, one.code, one.count) for one in findings] == [
        (Level.WARNING, "true-ahead", 1)
    ]


def test_alarms_come_first() -> None:
    late = fact("notice", "2024-01-01", "n", recorded="2024-02-01", member="b")
    levels = [one.level for one in check_facts([late])]
    assert levels == [Level.ALARM, Level.WARNING]


def test_names_are_looked_up_where_they_are_given() -> None:
    facts = [
        JOINED,
        fact("setting", "2024-01-01", "on", setting="s"),
        fact("setting", "2024-01-01", "on", setting="t"),
        fact("objection", "2024-01-01"),
        fact("objection", "2024-01-01", setting="t"),
        fact("notice", "2024-01-01", "n"),
        fact("agreement", "2024-01-01", "x"),
    ]
    assert check_facts(facts) == ()
    counts = {
        one.code: one.count
        for one in check_facts(facts, settings={"s"}, notices={"m"}, agreements={"y"})
    }
    assert counts == {"unknown-setting": 2, "unknown-notice": 1, "unknown-agreement": 1}
    assert not check_facts(facts, settings={"s", "t"}, notices={"n"}, agreements={"x"})


def test_integer_ids_are_looked_up_by_their_text() -> None:
    facts = [fact("joined", "2020-01-01", member=number) for number in (7, 8, -3, 1 << 62)] + [
        fact("merged", "2024-01-01", text, member=8)
        for text in ("7", "-3", str(1 << 62), "007", "9", "x", "9" * 30, str(1 << 63))
    ]
    assert [(one.code, one.count) for one in check_facts(facts)] == [("merged-into-unknown", 5)]


def test_three_examples_are_given_and_none_holds_a_birth_date() -> None:
    facts = [
        fact("setting", f"2024-01-0{day}", "maybe", setting="s", recorded="2024-02-01")
        for day in range(1, 6)
    ]
    (one,) = check_facts([JOINED, *facts])
    assert one.count == 5
    assert one.examples == tuple(
        f"member `a`: setting s maybe, at 2024-01-0{day}T00:00:00Z, "
        "recorded 2024-02-01T00:00:00Z"
        for day in range(1, EXAMPLES + 1)
    )
    born = [
        fact("birth_date", "2024-01-01", date, member="b")
        for date in ("1990-05-05", "1991-05-05")
    ]
    assert "199" not in str(check_facts(born))


def test_findings_are_shown_as_lines_and_as_plain_values() -> None:
    findings = check_facts([JOINED, fact("reopened", "2024-01-01")])
    assert lines(findings) == [
        "warning: 1 × `reopened` without `closed` or `merged` before it [reopened-ends-nothing]",
        "  such as member `a`: reopened, at 2024-01-01T00:00:00Z",
    ]
    assert mapping(findings) == {
        "findings": [
            {
                "level": "warning",
                "code": "reopened-ends-nothing",
                "count": 1,
                "message": "`reopened` without `closed` or `merged` before it",
                "examples": ["member `a`: reopened, at 2024-01-01T00:00:00Z"],
            }
        ]
    }
    assert lines([]) == ["nothing found"]


def test_no_facts_have_nothing_odd_about_them() -> None:
    assert check_columns(columns_of([])) == ()
    assert check_facts([]) == ()


# The same, member by member and fact by fact


def plainly(facts: Sequence[Fact]) -> Counter[str]:
    """Count what can be counted by walking each member's facts in order."""
    counts: Counter[str] = Counter()
    ours = [one for one in facts if one.member is not None]
    members = sorted({one.member for one in ours if one.member is not None}, key=str)
    for member in members:
        mine = sorted((one for one in ours if one.member == member), key=sort_key)
        counts["never-joined"] += not any(one.fact == "joined" for one in mine)
        counts["birth-dates"] += (
            len({one.value for one in mine if one.fact == "birth_date"}) > 1
        )
        counts["tie"] += ties(mine)
        place: dict[str, str] = {}
        for one in mine:
            permitting = permits(one)
            if one.fact == "jurisdiction":
                permitting = place.get(one.evidence) != one.value
                place[one.evidence] = one.value
            counts["late-permit"] += permitting and one.recorded_at - one.at > DAY
    counts["late-permit"] += sum(is_late(one) for one in facts if one.member is None)
    return +counts


def ties(mine: Iterable[Fact]) -> int:
    count = 0
    for _, group in groupby(mine, key=lambda one: one.order):
        answers: dict[tuple[str, str | None], set[object]] = {}
        for one in group:
            question, answer = said(one)
            answers.setdefault(question, set()).add(answer)
        answers.pop(("none", None), None)
        count += sum(len(found) > 1 for found in answers.values())
    return count


def said(one: Fact) -> tuple[tuple[str, str | None], object]:
    """What a fact answers, and how."""
    match one.fact:
        case "setting" if permits(one) or one.value not in ("on", "unset"):
            value = one.value if one.value in ("on", "unset") else "off"
            return ("setting", one.setting), (value, one.covers_all and value == "on")
        case "closed" | "merged" | "reopened":
            return ("account", None), one.fact == "reopened"
        case "agreement" | "agreement-ended" | "objection" | "objection-withdrawn":
            named = one.value or one.setting
            return (one.fact.partition("-")[0], named), one.fact
        case "minor-suspected" | "minor-cleared":
            return ("age", None), one.fact
        case "jurisdiction":
            return ("place", one.evidence), one.value
        case _:
            return ("none", None), None


@given(worlds(records=1))
def test_columns_find_what_a_walk_through_each_timeline_finds(world: RandomWorld) -> None:
    facts = facts_of(world.facts)
    findings = check_columns(columns_of(world.facts), settings=(), notices=(), agreements=())
    assert encode(mapping(findings))
    counted: dict[str, Finding] = {one.code: one for one in findings}
    expected = plainly(facts)
    for code in ("never-joined", "birth-dates", "tie", "late-permit"):
        assert (counted[code].count if code in counted else 0) == expected[code]
    assert all(one.count >= len(one.examples) > 0 for one in findings)


def test_the_nearest_known_word_is_named() -> None:
    """Whoever mistyped one reads which was meant; where none is near, the example stands alone."""
    facts = [
        fact("jurisdiction", "2024-01-01", "UK"),
        fact("setting", "2024-01-01", "off", setting="genai-improvment"),
        fact("notice", "2024-01-01", "genai-2024-9"),
        fact("agreement", "2024-01-01", "something-else"),
    ]
    found = check_facts(
        facts, settings=["genai-improvement"], notices=["genai-2024-09"], agreements=["premium"]
    )
    said = {one.code: one.examples[0] for one in found if one.code.startswith("unknown")}
    assert said["unknown-code"].endswith(": write `GB`")
    assert said["unknown-setting"].endswith(": did you mean `genai-improvement`?")
    assert said["unknown-notice"].endswith(": did you mean `genai-2024-09`?")
    assert said["unknown-agreement"].endswith("Z")
