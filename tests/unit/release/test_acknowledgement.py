# SPDX-License-Identifier: Apache-2.0
"""An acknowledgement and a ticket are read back as they were signed, and as nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st
from tests.unit.release.made_standing import CONTENT, HANDED, MADE, ORIGIN, OTHER, SIGNER, START

from privity.entries.dsse import ACKNOWLEDGEMENT, RUN_TICKET, sign_value
from privity.errors import InputError, PrivityError, VerificationError
from privity.release.acknowledgement import (
    Acknowledgement,
    check_acknowledges,
    read_acknowledgement,
)
from privity.release.ticket import RunTicket, TicketRelease, read_ticket

SAID = Acknowledgement.of(HANDED, origin=ORIGIN, at=MADE)
TICKET = RunTicket(
    origin=ORIGIN,
    start=START,
    index=21,
    at=MADE,
    until=MADE + 86_400,
    releases=(TicketRelease(release="corpus", revision=1, files_root=CONTENT.files_root),),
)
Parse = Callable[[Mapping[str, Any]], Acknowledgement | RunTicket]
EACH: list[tuple[Acknowledgement | RunTicket, Parse]] = [
    (SAID, Acknowledgement.parse),
    (TICKET, RunTicket.parse),
    (replace(TICKET, start=replace(START, base="m0")), RunTicket.parse),
]


def test_they_are_read_back_from_their_envelopes() -> None:
    """REL-66, REL-75."""
    assert read_acknowledgement(SAID.signed(SIGNER), SIGNER.public) == SAID
    assert read_ticket(TICKET.signed(SIGNER), SIGNER.public) == TICKET


def test_what_another_key_signed_is_refused() -> None:
    """REL-67, REL-75."""
    with pytest.raises(VerificationError):
        read_acknowledgement(SAID.signed(OTHER), SIGNER.public)
    with pytest.raises(VerificationError):
        read_ticket(TICKET.signed(OTHER), SIGNER.public)


def test_one_is_not_taken_for_the_other() -> None:
    with pytest.raises(InputError):
        read_ticket(SAID.signed(SIGNER), SIGNER.public)
    with pytest.raises(InputError):
        read_ticket(sign_value(RUN_TICKET, SAID.to_payload(), SIGNER).to_bytes(), SIGNER.public)
    with pytest.raises(InputError):
        read_acknowledgement(
            sign_value(ACKNOWLEDGEMENT, TICKET.to_payload(), SIGNER).to_bytes(), SIGNER.public
        )


@pytest.mark.parametrize(("value", "parse"), EACH, ids=["acknowledgement", "ticket", "base"])
def test_every_key_is_needed_and_no_other_is_taken(
    value: Acknowledgement | RunTicket, parse: Parse
) -> None:
    payload = value.to_payload()
    assert parse(payload) == value
    for key in payload.keys() - {"base"}:
        less = {name: one for name, one in payload.items() if name != key}
        with pytest.raises(PrivityError):
            parse(less)
    with pytest.raises(PrivityError):
        parse({**payload, "more": 1})


@given(
    which=st.sampled_from(EACH),
    data=st.data(),
    other=st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
)
def test_a_changed_value_is_refused_or_read_as_it_is(
    which: tuple[Acknowledgement | RunTicket, Parse], data: st.DataObject, other: object
) -> None:
    value, parse = which
    payload = value.to_payload()
    key = data.draw(st.sampled_from(sorted(payload)))
    changed = {**payload, key: other}
    try:
        found = parse(changed)
    except PrivityError:
        return
    assert found.to_payload() == changed


@pytest.mark.parametrize(
    "other",
    [
        replace(HANDED, disclosure="d2"),
        replace(HANDED, release="other"),
        replace(HANDED, revision=2),
        replace(HANDED, recipient="other"),
        replace(HANDED, files_root=b"\7" * 32),
        replace(HANDED, certificate="cd" * 32),
    ],
    ids=str,
)
def test_an_acknowledgement_is_of_one_hand_over_and_all_of_it(other: Any) -> None:
    """REL-67."""
    check_acknowledges(SAID, HANDED, origin=ORIGIN)
    with pytest.raises(VerificationError) as caught:
        check_acknowledges(SAID, other, origin=ORIGIN)
    assert caught.value.code == "release/acknowledgement"
    with pytest.raises(VerificationError):
        check_acknowledges(SAID, HANDED, origin="example.com/other")


def test_a_ticket_names_the_releases_of_its_entry() -> None:
    with pytest.raises(InputError):
        replace(TICKET, releases=(replace(TICKET.releases[0], revision=2),))
