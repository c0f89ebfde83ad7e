# SPDX-License-Identifier: Apache-2.0
"""A statement is read strictly, and written as it was read."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from privity.audit.statement import parse_statement, schema, statement_of
from privity.canonical.instants import parse_instant
from privity.errors import InputError

WHOLE = """\
statement: messages
says: Private messages of Premium members in the EU were never given to third parties.
by: network
said_at: 2025-01-22T00:00:00Z
never:
  members: {in: [EU, GB], agreement: subscription, sides: [receiver], when: [used]}
  records: {categories: [private-message], before: 2024-09-18T00:00:00Z}
  use:
    acts: [trained, released]
    purposes: [genai-training]
    recipients: [third-party]
    from: 2024-08-15T00:00:00Z
    before: 2025-01-22T00:00:00Z
"""


def test_a_whole_statement_is_read() -> None:
    """[AUD-100] Every key."""
    read = parse_statement(WHOLE, file="s.yaml")
    assert read.places == ("EU", "GB")
    assert read.sides == ("receiver",)
    assert read.whens == ("used",)
    assert read.acts == ("released", "trained")
    assert read.made.end == parse_instant("2024-09-18T00:00:00Z")
    assert read.used.start == parse_instant("2024-08-15T00:00:00Z")
    assert read.about_members


def test_what_is_left_out_stands_for_all() -> None:
    """[AUD-101] The shortest says that nothing was ever done."""
    read = parse_statement("{statement: nothing, says: We never did., never: {}}", file="s")
    assert (read.categories, read.purposes, read.roles, read.places) == ((), (), (), ())
    assert read.acts == ("released", "handed-over", "trained")
    assert read.sides == ("sender", "receiver")
    assert read.whens == ("made", "used")
    assert not read.about_members


@pytest.mark.parametrize(
    "text", [WHOLE, "{statement: nothing, says: We never did., never: {}}"]
)
def test_what_is_written_is_read_again(text: str) -> None:
    """[AUD-101] `to_plain` and `statement_of` are one another's other way."""
    read = parse_statement(text, file="s")
    assert statement_of(read.to_plain(), file="again") == read


@pytest.mark.parametrize(
    ("old", "new", "said", "code"),
    [
        ("categories", "category", "unknown key `category`", "policy/unknown-key"),
        ("private-message", "private-mesage", "`private-message`", "vocabulary/unknown-category"),
        ("third-party", "thirdparty", "`third-party`", "vocabulary/unknown-role"),
        ("[EU, GB]", "[EU, UK]", "`GB`", "vocabulary/unknown-place"),
        ("[receiver]", "[reader]", "`sender` or `receiver`", "policy/type"),
        ("[trained, released]", "[]", "an empty list", "policy/empty-list"),
        (", agreement: subscription, ", ", ", "", ""),
        ("in: [EU, GB], agreement: subscription, ", "", "`in` or `agreement`", "audit/members"),
        ("2025-01-22T00:00:00Z\n", "2024-01-22T00:00:00Z\n", "after its beginning", "audit/period"),
        ("by: network", "bye: network", "unknown key `bye`", "policy/unknown-key"),
    ],
)  # fmt: skip
def test_a_problem_is_named_where_it_stands(old: str, new: str, said: str, code: str) -> None:
    """[AUD-100] With line and column, and what was meant."""
    head, _, tail = WHOLE.rpartition(old)
    text = head + new + tail
    if not code:
        assert parse_statement(text, file="s.yaml").agreement is None
        return
    with pytest.raises(InputError) as caught:
        parse_statement(text, file="s.yaml")
    assert caught.value.code == code
    assert said in f"{caught.value} {caught.value.hint}"
    assert caught.value.where is not None
    assert caught.value.where.line is not None


def test_nothing_is_said_of_a_period_whose_beginning_cannot_be_read() -> None:
    """[AUD-100] Its end stands first in the text, and is no problem."""
    head, _, _ = WHOLE.partition("    from: ")
    text = f"{head}    before: 1969-01-01T00:00:00Z\n    from: soon\n"
    with pytest.raises(InputError, match=r"`never.use.from` is `soon`") as caught:
        parse_statement(text, file="s.yaml")
    assert caught.value.code == "policy/type"


SHIPPED = sorted((Path(__file__).parents[3] / "examples").rglob("statement*/*.yaml"))


def test_the_schema_takes_what_is_read() -> None:
    """[AUD-101] Every key, and every file that is shipped."""
    assert SHIPPED
    for text in (WHOLE, *(path.read_text("utf-8") for path in SHIPPED)):
        plain = parse_statement(text, file="s").to_plain()
        Draft202012Validator(schema()).validate(plain)


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("members", {"sides": ["sender"]}),
        ("members", {"in": []}),
        ("members", {"in": ["France"]}),
        ("records", {"categories": ["letters"]}),
        ("use", {"acts": ["sold"]}),
        ("use", {"from": "yesterday"}),
        ("use", {"untl": "2024-09-18T00:00:00Z"}),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(
    part: str, broken: dict[str, object]
) -> None:
    """[AUD-100] An editor says no more than the reader does."""
    plain = deepcopy(parse_statement(WHOLE, file="s").to_plain())
    plain["never"][part] = broken
    assert not Draft202012Validator(schema()).is_valid(plain)
    with pytest.raises(InputError):
        statement_of(plain, file="s")
