# SPDX-License-Identifier: Apache-2.0
"""One record, told to one of its parties: what the plain explanation says, for each recipient, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from privity.decide.explain import explain, for_member
from privity.decide.explain.own_record import explain_own
from privity.decide.request import Record, Request, World, world
from privity.errors import InputError
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import AT, POST, fact, policy, register, said, told

ASKED = Request(purpose="genai-training", recipient="", at=AT, known=AT)
MAIL = replace(POST, record_id="m1", category="inmail", recipients=("b",))


def known(*facts: Fact, records: tuple[Record, ...] = ()) -> World:
    every = (*register(), *told("a"), *told("b"), *facts)
    return world(history([version_from(policy())]), every, AT, records)


def yes(member: str) -> Fact:
    return said("2024-10-01", "on", member=member, scope="all")


def test_each_recipient_of_the_register_gets_the_answer_of_the_plain_rule() -> None:
    there = known(yes("a"), records=(POST,))
    found = explain_own(POST, "a", ASKED, there)
    assert {one.recipient for one in found.uses} >= {"self", "parent"}
    for one in found.uses:
        asked = replace(ASKED, recipient=one.recipient)
        assert one.told == for_member(explain(POST, asked, there), "a")
    assert (found.is_author, found.parties, found.quotes) == (True, 1, False)


def test_of_two_parties_each_learns_honestly_that_the_other_refuses() -> None:
    there = known(yes("a"), said("2025-01-01", "off", member="b"), records=(MAIL,))
    hers = explain_own(MAIL, "a", ASKED, there)
    assert hers.parties == 2
    assert hers.tells_of_the_other
    his = explain_own(MAIL, "b", ASKED, there)
    assert not his.is_author
    # Nothing but his own no stands in it, so there is nothing to tell.
    (own,) = [one for one in his.uses if one.recipient == "self"]
    assert {cause.reason for cause in own.told.causes} >= {"opted-out"}


def test_of_three_nobody_learns_whose_no_it_is() -> None:
    three = replace(MAIL, recipients=("b", "c"))
    there = known(
        *told("c"), yes("a"), yes("b"), yes("c"), said("2025-01-01", "off", member="b")
    )
    found = explain_own(three, "a", ASKED, there)
    assert found.another_refuses
    assert not found.tells_of_the_other


def test_where_one_is_quoted_it_may_be_hers_or_the_quotations() -> None:
    quoter = replace(MAIL, quotes=("r1",))
    there = known(yes("a"), yes("b"), fact("closed", "2025-03-01"), records=(quoter, POST))
    found = explain_own(quoter, "b", ASKED, there)
    assert found.another_refuses
    assert not found.tells_of_the_other
    # The quoted one wrote this one, too: there is nobody else whose no it could be.
    assert found.others == 1
    assert found.may_tell_of_the_other


def test_where_another_is_quoted_nobody_learns_whose_no_it_is() -> None:
    quoter = replace(MAIL, quotes=("r1",))
    theirs = replace(POST, author="c")
    there = known(
        *told("c"),
        yes("a"),
        yes("b"),
        said("2025-01-01", "off", member="c"),
        records=(quoter, theirs),
    )
    found = explain_own(quoter, "a", ASKED, there)
    assert found.others == 2
    assert found.another_refuses
    assert not found.tells_of_the_other
    assert not found.may_tell_of_the_other


@pytest.mark.parametrize("member", ["c", "", 7])
def test_whoever_is_no_party_is_told_nothing(member: str | int) -> None:
    with pytest.raises(InputError) as caught:
        explain_own(MAIL, member, ASKED, known())
    assert caught.value.code == "explain/no-party"


def test_recipients_of_one_role_are_answered_alike_and_one_of_two_roles_for_itself() -> None:
    more = [
        fact("recipient", "2020-01-01", value, member=None, role=role)
        for value, role in (
            ("twin", "controller"),
            ("both", "controller"),
            ("both", "affiliate"),
            ("either", "controller"),
            ("either", "third-party"),
        )
    ]
    there = known(yes("a"), *more, records=(POST,))
    found = {one.recipient: one for one in explain_own(POST, "a", ASKED, there).uses}
    assert (found["both"].role, found["either"].role) == (None, None)
    assert found["twin"].told == found["self"].told
    for name, one in found.items():
        asked = replace(ASKED, recipient=name)
        assert one.told == for_member(explain(POST, asked, there), "a")
