# SPDX-License-Identifier: Apache-2.0
"""What is asked of one party, step by step of specs/decision.md part 3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from privity.canonical.instants import parse_instant
from privity.testing.plain import POST, SETTING, ask, fact, policy, said, switch


def test_a_party_that_joined_later_is_asked_nothing_else() -> None:  # [DEC-30]
    closed = fact("closed", "2025-05-01")
    early = replace(POST, created_at=parse_instant("2014-12-31T23:59:59Z"))
    assert ask(early, facts=[closed]).reasons == ("unknown-party",)
    joined = replace(POST, created_at=parse_instant("2015-01-01T00:00:00Z"))
    assert "account-closed" in ask(joined, facts=[closed]).reasons  # [DEC-31]


def test_an_informed_yes_before_death_stands_in_every_governing_setting() -> None:  # [DEC-32]
    dead = fact("deceased", "2025-03-01")
    assert ask(facts=[dead, said("2024-10-01", scope="all")]).permit
    assert ask(facts=[dead, said("2025-03-01", scope="all")]).reasons == ("deceased",)
    off = said("2025-02-28", "off")
    assert "deceased" in ask(facts=[dead, said("2024-10-01", scope="all"), off]).reasons


def test_an_order_of_a_group_bites_where_the_member_was_then() -> None:  # [DEC-33]
    order = fact("order", "2025-05-01", "o", member=None, jurisdictions=["EEA"])
    moved = [
        fact("jurisdiction", "2025-01-01", "NO"),
        fact("jurisdiction", "2025-03-01", "US"),
    ]
    nowhere_exempt = [policy(settings=switch(exempt=[]))]
    assert ask(facts=[order, *moved], policies=nowhere_exempt).reasons == ("order",)
    assert ask(facts=[order, *moved[1:]], policies=nowhere_exempt).permit


def test_an_agreement_binds_by_the_text_of_then_and_by_that_of_now() -> None:  # [DEC-34]
    held = fact("agreement", "2025-01-01", "subscription")
    ended = fact("agreement-ended", "2025-03-01", "subscription")
    promise = {"promises": [{"id": "all", "forbid": {"categories": ["public-content"]}}]}
    promised = policy(agreements={"subscription": promise})
    assert ask(facts=[held, ended], policies=[promised]).reasons == ("agreement",)
    assert ask(facts=[held, ended]).permit
    described = policy(agreements=None)
    assert ask(facts=[held], policies=[described]).reasons == ("agreement",)


def test_an_exemption_is_asked_of_settings_that_only_overlap() -> None:  # [DEC-35]
    also = {"feed": {**policy()["settings"][SETTING], "label": "Feed", "categories": ["post"]}}
    also["feed"] |= {"exempt": ["US"], "live_from": "2030-01-01T00:00:00Z"}
    found = ask(policies=[policy(settings={**switch(), **also})])
    assert found.reasons == ("jurisdiction-exempt",)


def test_an_objection_gives_way_to_its_withdrawal_alone() -> None:  # [DEC-36]
    objection = fact("objection", "2025-03-01", setting=SETTING)
    withdrawn = fact("objection-withdrawn", "2025-04-01")
    assert ask(facts=[objection, said("2025-04-01", scope="all")]).reasons == ("opted-out",)
    assert ask(facts=[objection, withdrawn]).permit


def test_a_later_yes_for_everything_takes_back_the_no_of_then() -> None:  # [DEC-37]
    off = said("2025-01-01", "off")
    assert ask(facts=[off, said("2025-03-01", scope="all")]).permit
    assert ask(facts=[off, said("2025-03-01")]).reasons == ("before-consent", "opted-out-then")


def test_of_age_is_from_the_first_second_of_the_birthday() -> None:  # [DEC-38]
    born = fact("birth_date", "2015-01-01", "2007-02-01")
    at_17 = replace(POST, created_at=parse_instant("2025-01-31T23:59:59Z"))
    at_18 = replace(POST, created_at=parse_instant("2025-02-01T00:00:00Z"))
    assert ask(at_17, facts=[born], without=["birth_date"]).reasons == ("minor",)
    assert ask(at_18, facts=[born], without=["birth_date"]).permit


def test_a_missing_birth_date_refuses_only_where_proof_is_asked_for() -> None:  # [DEC-38]
    proof = policy(settings=switch(age_proof="required"))
    assert ask(without=["birth_date"]).permit
    assert ask(without=["birth_date"], policies=[proof]).reasons == ("age-unknown",)


def test_a_birth_date_proves_an_age_from_when_it_was_given() -> None:  # [TIM-12]
    proof = policy(settings=switch(age_proof="required"))
    given = fact("birth_date", "2025-06-02", "1990-05-05", recorded="2025-05-01")
    assert ask(facts=[given], without=["birth_date"], policies=[proof]).reasons == (
        "age-unknown",
    )
    young = fact("birth_date", "2025-06-02", "2010-05-05", recorded="2025-05-01")
    assert ask(facts=[young]).reasons == ("minor",)
    assert ask(facts=[given], policies=[proof]).permit


@pytest.mark.parametrize("code", ["UK", "us", "EU", "EEA", "QQ", ""])
def test_a_jurisdiction_is_an_iso_code(code: str) -> None:  # [DEC-39]
    lived = fact("jurisdiction", "2015-01-02", code)
    moved = fact("jurisdiction", "2025-03-01", "US")
    assert "unknown-jurisdiction" in ask(facts=[lived]).reasons
    assert "unknown-jurisdiction" in ask(facts=[lived, moved]).reasons
