# SPDX-License-Identifier: Apache-2.0
"""Cases: what is read, what they come to, what is said of those that fail (CAS-1 to CAS-22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from privity.decide.cases.model import PolicyCase, Ran, Suite
from privity.decide.cases.reading import MADE_RECIPIENT, parse_cases
from privity.decide.cases.running import run_suite
from privity.decide.cases.show import lines, mapping
from privity.errors import InputError
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import POLICY, day, policy

HEAD = """\
request: {purpose: genai-training, role: controller, at: 2025-06-01T00:00:00Z}
members:
  a:
    in: US
    born: 1990-05-05
    told: {genai-2024-09: 2024-09-20T00:00:00Z}
"""
POST = "    record: {category: post, created_at: 2025-02-01T12:00:00Z, author: a}\n"
CASE = f"cases:\n  - name: a post\n{POST}"


def suite(text: str) -> Suite:
    return parse_cases(text, file="cases.yaml")


def case(text: str = "", *, head: str = HEAD, expect: str = "{permit: true}") -> PolicyCase:
    (found,) = suite(f"{head}{CASE}{text}    expect: {expect}\n").cases
    return found


def ran(text: str, on: Mapping[str, Any] = POLICY) -> tuple[Ran, ...]:
    return run_suite(suite(text), history([version_from(on)]))


def problem(text: str) -> str:
    with pytest.raises(InputError) as raised:
        suite(text)
    return f"{raised.value} [{raised.value.code}]"


# Text


def test_a_problem_is_named_with_its_line_and_column() -> None:
    """[CAS-1]"""
    said = problem(f"{HEAD}{CASE}    expekt: {{}}\n    expect: {{permit: true}}\n")
    assert said == (
        "cases.yaml:10:5: unknown key `expekt` in `cases[0]`, expected `expect` [policy/unknown-key]"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file of cases is empty, expected a mapping [policy/empty]"),
        ("cases: []", "`cases` is an empty list, expected at least one entry"),
        ("cases: [&a {}]", "an anchor `&a` stands here"),
        ("cases: [", "the file of cases is no YAML 1.2"),
        ("- 1", "the file of cases is a list, expected a mapping"),
        ("request: {}", "the file of cases has no key `cases`"),
        (f"{HEAD}{CASE}", "`cases[0]` has no key `expect`"),
        (
            f"{HEAD}{CASE}    expect: {{}}\n",
            "`cases[0].expect` is a mapping, expected `permit`, `reasons` or `obligations`",
        ),
        (f"{HEAD}{CASE}    expect: {{permit: yes}}\n", "expected `true` or `false`"),
        (
            f"{HEAD}{CASE}    expect: {{reasons: [minr]}}\n",
            "unknown reason `minr`, expected `minor`",
        ),
        (f"{HEAD}{CASE}    expect: {{obligations: [x]}}\n", "unknown obligation `x`"),
        (
            f"{HEAD}{CASE}    expect: {{permit: true, reasons: [minor]}}\n",
            "`cases[0].expect` contradicts itself",
        ),
        (
            f"{HEAD}{CASE}    expect: {{reasons: [], permit: false}}\n",
            "[cases/contradiction]",
        ),
        (
            f"{HEAD}{CASE}    expect: {{reasons: [minor], obligations: [pseudonymise]}}\n",
            "[cases/contradiction]",
        ),
    ],
)
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    """[CAS-1], [CAS-2], [CAS-15]"""
    assert said in problem(text)


def test_two_cases_have_two_names() -> None:
    """[CAS-2]"""
    one = f"  - name: a post\n{POST}    expect: {{permit: true}}\n"
    said = problem(f"{HEAD}cases:\n{one}{one}")
    assert said.startswith("cases.yaml:11:5: case `a post` stands twice")


def test_a_record_must_say_what_when_and_whose() -> None:
    """[CAS-2]"""
    text = f"{HEAD}cases: [{{name: x, record: {{category: post}}, expect: {{permit: true}}}}]"
    assert "`cases[0].record` has no key `created_at`" in problem(text)


@pytest.mark.parametrize(
    ("request_line", "said"),
    [
        ("{purpose: genai-training, at: 2025-06-01T00:00:00Z}", "has no `role` in `request`"),
        ("{role: controller, at: 2025-06-01T00:00:00Z}", "has no `purpose` in `request`"),
        ("{purpose: safety, role: controller}", "has no `at` in `request`"),
        (
            "{purpose: safety, role: partner, at: 2025-06-01T00:00:00Z}",
            "unknown role `partner`",
        ),
        ("{role: controller, recipient: lab}", "has `role` and `recipient`"),
        ("{at: 2025-06-01}", "expected an instant such as"),
    ],
)
def test_a_request_is_whole(request_line: str, said: str) -> None:
    """[CAS-11]"""
    assert said in problem(f"request: {request_line}\n{CASE}    expect: {{permit: true}}\n")


# What a case says


def test_what_a_case_writes_replaces_the_top_of_the_request() -> None:
    """[CAS-10]"""
    found = case("    request: {role: affiliate, known: 2025-01-01T00:00:00Z}\n")
    assert found.request.purpose == "genai-training"
    assert (found.request.at, found.request.known) == (day("2025-06-01"), day("2025-01-01"))
    (register,) = [one for one in found.facts if one.fact == "recipient"]
    assert (register.value, register.detail) == (MADE_RECIPIENT, {"role": "affiliate"})
    assert register.recorded_at == day("2025-01-01")


def test_a_recipient_of_the_facts_stands_in_place_of_a_role() -> None:
    found = case("    request: {recipient: lab}\n")
    assert found.request.recipient == "lab"
    assert not [one for one in found.facts if one.fact == "recipient"]


def test_a_member_of_a_case_replaces_the_one_at_the_top() -> None:
    """[CAS-10]"""
    found = case("    members:\n      a: {in: DE}\n")
    assert [(one.fact, one.value) for one in found.facts if one.member == "a"] == [
        ("joined", ""),
        ("jurisdiction", "DE"),
    ]


def test_a_member_is_described_in_few_words() -> None:
    """[CAS-12]"""
    found = case(
        "    members:\n"
        "      b:\n"
        "        joined: 2015-01-01T00:00:00Z\n"
        "        in: {GB: 2015-01-01T00:00:00Z, US: 2020-01-01T00:00:00Z}\n"
        "        told: {n: [2024-09-20T00:00:00Z, 2025-01-01T00:00:00Z]}\n"
        "        said:\n"
        "          - {setting: s, value: off, at: 2024-10-01T00:00:00Z, method: signal}\n"
        "        agreements:\n"
        "          held: 2020-01-01T00:00:00Z\n"
        "          ended: {from: 2020-01-01T00:00:00Z, until: 2021-01-01T00:00:00Z}\n"
    )
    mine = [one for one in found.facts if one.member == "b"]
    assert all(one.at == one.recorded_at for one in mine)
    assert [(one.fact, one.value, one.at, dict(one.detail)) for one in mine] == [
        ("joined", "", day("2015-01-01"), {}),
        ("jurisdiction", "GB", day("2015-01-01"), {}),
        ("jurisdiction", "US", day("2020-01-01"), {}),
        ("notice", "n", day("2024-09-20"), {}),
        ("notice", "n", day("2025-01-01"), {}),
        ("setting", "off", day("2024-10-01"), {"setting": "s", "method": "signal"}),
        ("agreement", "held", day("2020-01-01"), {}),
        ("agreement", "ended", day("2020-01-01"), {}),
        ("agreement-ended", "ended", day("2021-01-01"), {}),
    ]


def test_a_member_may_be_in_several_places_at_once() -> None:
    found = case("    members:\n      a: {in: [US, DE], born: 1990-05-05}\n")
    places = [one for one in found.facts if one.fact == "jurisdiction"]
    assert {(one.value, one.at) for one in places} == {("US", 0), ("DE", 0)}


def test_a_birth_date_is_a_date() -> None:
    said = problem(f"members: {{a: {{born: 5 May}}}}\n{CASE}    expect: {{permit: true}}\n")
    assert "in `members.a.born`: `5 May` is no date" in said


def test_facts_are_those_of_the_facts_format() -> None:
    """[CAS-13]"""
    found = case(
        "    facts:\n"
        "      - {fact: order, value: o, at: 2025-01-01T00:00:00Z, detail: {jurisdictions: [US]}}\n"
        "      - {member: a, fact: closed, at: 2025-01-01T00:00:00Z, recorded_at: 2025-02-01T00:00:00Z}\n"
    )
    order, closed = [one for one in found.facts if one.fact in {"order", "closed"}]
    assert (order.member, order.detail) == (None, {"jurisdictions": ["US"]})
    assert (closed.at, closed.recorded_at) == (day("2025-01-01"), day("2025-02-01"))


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("{fact: joind, member: a, at: 2025-01-01T00:00:00Z}", "unknown fact `joind`"),
        (
            "{fact: order, value: o, member: a, at: 2025-01-01T00:00:00Z}",
            "fact `order` with a member",
        ),
        ("{fact: setting, value: on, member: a, at: 2025-01-01T00:00:00Z}", "detail `setting`"),
        (
            "{fact: closed, member: a, at: 2025-01-01T00:00:00Z, detail: x}",
            "expected a mapping",
        ),
        ("{fact: notice, value: 7, member: a, at: 2025-01-01T00:00:00Z}", "expected text"),
    ],
)
def test_a_fact_that_is_none_is_said(fact: str, said: str) -> None:
    assert said in problem(f"facts: [{fact}]\n{CASE}    expect: {{permit: true}}\n")


def test_what_a_record_lacks_is_a_case_of_its_own() -> None:
    """[CAS-2] An empty value is a missing one."""
    text = (
        f"{HEAD}cases:\n  - name: nobody's\n"
        "    record: {category: haiku, created_at: null, author: null, capacity: ''}\n"
        "    expect: {reasons: [bad-time, enterprise-seat, no-parties, unknown-category]}\n"
    )
    (one,) = ran(text)
    assert one.passed, one.missed


def test_quoted_records_are_looked_up_among_further_ones() -> None:
    """[CAS-14]"""
    text = (
        f"{HEAD}"
        "records: [{record_id: m, category: inmail, created_at: 2025-02-01T00:00:00Z, author: a, recipients: [a]}]\n"
        "cases:\n  - name: a quotation\n"
        "    record: {category: post, created_at: 2025-02-01T12:00:00Z, author: a, quotes: [m]}\n"
        "    expect: {reasons: [explicit-only]}\n"
        "  - name: a lost one\n"
        "    record: {category: post, created_at: 2025-02-01T12:00:00Z, author: a, quotes: [x]}\n"
        "    expect: {reasons: [unknown-quote]}\n"
    )
    assert [one.missed for one in ran(text)] == [(), ()]


# What becomes of it


def test_a_case_passes_where_the_answer_is_what_it_expects() -> None:
    """[CAS-20]"""
    (one,) = ran(f"{HEAD}{CASE}    expect: {{permit: true, reasons: [], obligations: []}}\n")
    assert one.passed
    assert one.causes == ()


def test_a_case_that_fails_says_what_was_expected_what_is_so_and_why() -> None:
    """[CAS-20]"""
    closed = policy(forbid=[{"id": "no-posts", "categories": ["post"]}])
    text = f"{HEAD}{CASE}    expect: {{permit: true, reasons: [], obligations: []}}\n"
    (one,) = ran(text, closed)
    assert one.missed == ("expected a permit", "unexpected reason `forbidden`")
    said = "\n".join(lines([(suite(text), [one])]))
    assert said.splitlines()[:6] == [
        "cases.yaml",
        "  FAILED  a post",
        "          at cases.yaml:8:5",
        "          expected a permit",
        "          unexpected reason `forbidden`",
        "          it is refused: forbidden",
    ]
    assert "rule `no-posts`" in said
    assert said.endswith("1 case: 0 passed, 1 failed")


def test_what_is_expected_and_missing_is_said_of_reasons_and_obligations() -> None:
    text = (
        f"{HEAD}cases:\n  - name: one\n{POST}    expect: {{reasons: [minor]}}\n"
        f"  - name: two\n{POST}    expect: {{permit: false}}\n"
        f"  - name: three\n    request: {{role: affiliate}}\n{POST}"
        "    expect: {obligations: [pseudonymise, expires]}\n"
    )
    assert [one.missed for one in ran(text)] == [
        ("expected reason `minor`",),
        ("expected a refusal",),
        ("expected obligation `expires`", "unexpected obligation `redact-contact`"),
    ]
    said = "\n".join(lines([(suite(text), ran(text))]))
    assert "it is permitted: pseudonymise, redact-contact" in said
    assert said.endswith("3 cases: 0 passed, 3 failed")


def test_what_became_of_cases_is_plain_data() -> None:
    text = f"{HEAD}{CASE}    why: because\n    expect: {{permit: true}}\n"
    plain = mapping([(suite(text), ran(text))])
    assert (plain["passed"], plain["failed"]) == (1, 0)
    assert plain["cases"] == [
        {
            "file": "cases.yaml",
            "line": 8,
            "name": "a post",
            "why": "because",
            "passed": True,
            "missed": [],
            "expected": {"permit": True, "reasons": None, "obligations": None},
            "decided": {"permit": True, "reasons": [], "obligations": []},
            "causes": [],
        }
    ]


def test_a_file_names_its_policy_or_several() -> None:
    """[CAS-22] Which one counts is the command's."""
    rest = f"{HEAD}{CASE}    expect: {{permit: true}}\n"
    assert suite(rest).policies == ()
    assert suite(f"policy: here\n{rest}").policies == ("here",)
    assert suite(f"policy: [one, two]\n{rest}").policies == ("one", "two")
    assert "`policy` is an empty list" in problem(f"policy: []\n{rest}")
