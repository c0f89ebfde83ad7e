# SPDX-License-Identifier: Apache-2.0
"""The vectors of entries, which were made without this package: every one reads, or is refused, as it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from privity.entries.decode import decode, open_payload, open_sealed
from privity.entries.dsse import Envelope, EnvelopeSigner, read_signed, sign_value, verify
from privity.entries.envelope import MemberEvent, parse_event
from privity.entries.payload import Payload
from privity.entries.receipts import Receipt, open_receipt
from privity.entries.seal import seal, unseal
from privity.entries.streams import commit, event_key, public_stream_key, tag_of
from privity.entries.unknown import UnknownEntry
from privity.errors import PrivityError

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "entry"
Case = dict[str, Any]


def read(name: str) -> list[Case]:
    found: list[Case] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return found


def cases(name: str) -> pytest.MarkDecorator:
    found = read(name)
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def given_bytes(case: Case) -> bytes:
    given = case["input"]
    return given["text"].encode() if "text" in given else bytes.fromhex(given["hex"])


@cases("streams")
def test_a_stream_has_these_keys_tags_and_commitments(case: Case) -> None:
    """[ENT-20] [ENT-21] [ENT-22] [ENT-23] [ENT-25] [ENT-26]"""
    given, expected = case["input"], case["output"]
    if "origin" in given:
        key = public_stream_key(given["origin"], given["stream"])
        assert key.hex() == expected["key"]
    else:
        key = bytes.fromhex(given["key"])
    opening = event_key(key, given["number"])
    assert opening.hex() == expected["event_key"]
    assert tag_of(opening).hex() == expected["tag"]
    if "payload" in given:
        payload, number = given["payload"].encode(), given["number"]
        commitment = commit(opening, payload)
        assert commitment.hex() == expected["commitment"]
        assert seal(key, number, payload).hex() == expected["sealed"]
        assert unseal(key, number, bytes.fromhex(expected["sealed"])) == payload
        event = MemberEvent(commitment=commitment, tag=tag_of(opening), time=given["time"])
        assert event.to_bytes().decode() == expected["entry"]


@cases("entries")
def test_an_entry_is_taken_or_refused(case: Case) -> None:
    """[ENT-10] [ENT-11] [ENT-24] [ENT-32] [ENT-34] [ENT-81] [ENT-82] [ENT-83] [ENT-84] [ENT-85] [ENT-86] [ENT-87]"""
    data, expected = given_bytes(case), case["output"]
    if not expected["taken"]:
        with pytest.raises(PrivityError) as refused:
            decode(data, origin=case["input"]["origin"])
        assert refused.value.code == expected["code"], refused.value
        return
    entry = decode(data, origin=case["input"]["origin"])
    assert parse_event(data).to_bytes() == data
    if isinstance(entry, MemberEvent):
        assert expected["kind"] == "m"
    else:
        assert entry.event.stream == expected["kind"]
        if isinstance(entry.says, UnknownEntry):
            assert entry.says.content == json.loads(data)["p"]
        else:
            assert entry.says.to_payload() == json.loads(data)["p"]


@cases("payloads")
def test_a_private_payload_is_taken_or_refused(case: Case) -> None:
    """[ENT-27] [ENT-30] [ENT-33] [ENT-35]"""
    given, expected = case["input"], case["output"]
    key, number, payload = (
        bytes.fromhex(given["key"]),
        given["number"],
        given["payload"].encode(),
    )
    event, origin = MemberEvent.parse(given["entry"].encode()), given["origin"]
    sealed = seal(key, number, payload)
    if not expected["taken"]:
        with pytest.raises(PrivityError) as refused:
            open_sealed(event, sealed, key=key, number=number, origin=origin)
        assert refused.value.code == expected["code"], refused.value
        return
    entry = open_sealed(event, sealed, key=key, number=number, origin=origin)
    assert entry == open_payload(event, payload, key=event_key(key, number), origin=origin)
    assert entry.number == number
    read = Payload.parse(payload)
    assert read.to_bytes() == payload
    assert read.schema == expected["schema"]
    if isinstance(entry.says, UnknownEntry):
        assert entry.says == UnknownEntry(kind=read.schema, content=read.content)
    else:
        assert entry.says.to_payload() == read.content


@cases("receipts")
def test_a_receipt_is_taken_or_refused(case: Case) -> None:
    """[ENT-70] [ENT-71] [ENT-72]"""
    data, expected = given_bytes(case), case["output"]
    if not expected["taken"]:
        with pytest.raises(PrivityError) as refused:
            open_receipt(Receipt.parse(data))
        assert refused.value.code == expected["code"], refused.value
        return
    receipt = Receipt.parse(data)
    assert receipt.to_bytes() == data
    assert len(open_receipt(receipt)) == expected["events"]


@cases("envelopes")
def test_an_envelope_is_believed_or_refused(case: Case) -> None:
    """[ENT-90] [ENT-91] [ENT-92] [ENT-93] [ENT-94]"""
    given, expected = case["input"], case["output"]
    data, public = given["text"].encode(), bytes.fromhex(given["key"])
    if not expected["taken"]:
        with pytest.raises(PrivityError) as refused:
            read_signed(data, payload_type=given["type"], public=public)
        assert refused.value.code == expected["code"], refused.value
        return
    envelope = Envelope.parse(data)
    assert envelope.to_bytes() == data
    assert json.loads(verify(envelope, public)) == expected["value"]
    assert read_signed(data, payload_type=given["type"], public=public) == expected["value"]


def test_a_signature_is_the_one_that_anybody_makes() -> None:
    """[ENT-91] Ed25519 has one signature of one text by one key."""
    (case,) = (one for one in read("envelopes") if one["id"] == "one")
    signer = EnvelopeSigner(seed=bytes([7]) * 32)
    made = sign_value(case["input"]["type"], case["output"]["value"], signer)
    assert made.to_bytes().decode() == case["input"]["text"]
