# SPDX-License-Identifier: Apache-2.0
"""What a receipt cannot be, beside its vectors."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privity.canonical.encode import encode_canonical
from privity.entries import seal as sealing
from privity.entries.compose import compose_private
from privity.entries.decode import PrivateEntry, open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent
from privity.entries.payload import Payload
from privity.entries.receipts import LARGEST_RECEIPT, Receipt, ReceiptEvent, open_receipt
from privity.entries.seal import seal, unseal
from privity.entries.streams import commit, event_key, tag_of
from privity.errors import InputError, VerificationError

KEY = bytes(range(32))
ORIGIN = "example.com/ledger"
ENROLLED = compose_private(EnrolEntry(member="a"), key=KEY, number=1, time=1, origin=ORIGIN)


def receipt(*events: ReceiptEvent, member: str = "a") -> Receipt:
    return Receipt(origin=ORIGIN, member=member, key=KEY, events=events)


def event(payload: bytes | None) -> ReceiptEvent:
    return ReceiptEvent(index=5, entry=ENROLLED.data, payload=payload)


def test_a_payload_that_is_no_text_is_not_written() -> None:
    """[ENT-70]"""
    with pytest.raises(InputError, match="expected UTF-8"):
        receipt(event(b"\xff")).to_bytes()


def test_an_id_that_no_json_can_say_is_not_written() -> None:
    """[ENT-1] [ENT-70]"""
    with pytest.raises(InputError, match="surrogate"):
        receipt(event(None), member="\ud800").to_bytes()


def test_a_receipt_has_at_most_16_mib() -> None:
    """[ENT-70]"""
    with pytest.raises(InputError, match="expected at most 16777216"):
        Receipt.parse(b" " * (LARGEST_RECEIPT + 1))


@pytest.mark.parametrize(
    "change",
    [{"events": {}}, {"events": None}, {"events": [{"entry": 1, "index": 5}]}, {"events": [5]}],
)
def test_the_events_of_a_receipt_are_a_list_of_texts(change: dict[str, object]) -> None:
    """[ENT-70]"""
    value = {
        "events": [],
        "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "member": "a",
        "origin": ORIGIN,
        "schema": Receipt.SCHEMA,
    }
    with pytest.raises(InputError):
        Receipt.parse(encode_canonical(value | change))


def test_a_payload_that_says_it_is_another_event_is_refused_wherever_it_is_read() -> None:
    """[ENT-27] [ENT-72]"""
    payload = Payload(number=9, schema="privity/later/v1", content={}).to_bytes()
    opening = event_key(KEY, 1)
    entry = MemberEvent(commitment=commit(opening, payload), tag=tag_of(opening), time=1)
    with pytest.raises(VerificationError, match="number 9, expected 1"):
        open_sealed(entry, seal(KEY, 1, payload), key=KEY, number=1, origin=ORIGIN)
    with pytest.raises(VerificationError, match="says that it is number 9"):
        open_receipt(receipt(ReceiptEvent(index=5, entry=entry.to_bytes(), payload=payload)))


def test_an_enrolment_that_was_lost_still_says_whose_stream_it_is() -> None:
    """[ENT-71] Else a stream of anybody's, its payloads said to be lost, would pass for hers."""
    (opened,) = open_receipt(receipt(event(None)))
    assert isinstance(opened, PrivateEntry)
    assert opened.says == EnrolEntry(member="a")
    with pytest.raises(VerificationError) as refused:
        open_receipt(receipt(event(None), member="b"))
    assert refused.value.code == "entry/commitment"


def test_a_payload_is_an_object_in_an_object() -> None:
    """[ENT-30]"""
    contents: list[object] = [[], None, "x", 1]
    for content in contents:
        with pytest.raises(InputError):
            Payload.parse(encode_canonical({"i": 1, "p": content, "schema": "privity/fact/v1"}))


def test_whoever_has_the_key_cannot_seal_one_payload_in_two_ways() -> None:
    """[ENT-25] [ENT-26]"""
    nonce = bytes(12)
    other = nonce + AESGCM(sealing._seal_key(KEY, 1)).encrypt(nonce, b"x", None)
    assert other != seal(KEY, 1, b"x")
    with pytest.raises(VerificationError, match="does not open"):
        unseal(KEY, 1, other)
