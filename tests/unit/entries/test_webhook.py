# SPDX-License-Identifier: Apache-2.0
"""Signed messages: the vectors of Standard Webhooks, and that nothing else is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from privity.entries.dsse import EnvelopeSigner
from privity.entries.webhook import (
    ID,
    INSTANT,
    SIGNATURE,
    TOLERANCE,
    Message,
    public_of,
    public_text,
    sign_asymmetric,
    sign_symmetric,
    verify_message,
)
from privity.errors import InputError, VerificationError

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "webhook" / "messages.json").read_text()
)
SECRET = VECTORS["secret"]
NOW = VECTORS["timestamp"]
BODY = VECTORS["payload"].encode()
SIGNER = EnvelopeSigner(seed=bytes(range(32)))
PUBLIC = public_text(SIGNER.public)
SENT = Message(id="msg_7f", time=NOW, body=b'{"type":"release.revoked"}')


def given(signature: str) -> dict[str, str]:
    return {
        "Webhook-Id": VECTORS["msg_id"],
        "Webhook-Timestamp": str(NOW),
        "Webhook-Signature": signature,
    }


def test_the_signature_is_that_of_the_vector() -> None:
    """REL-120: HMAC-SHA-256 over name, instant and body."""
    message = Message(id=VECTORS["msg_id"], time=NOW, body=BODY)
    assert sign_symmetric(message, SECRET) == VECTORS["signature"]
    headers = given(VECTORS["signature"])
    assert verify_message(headers, BODY, key=SECRET, now=NOW) == message


def test_what_was_signed_is_verified_by_either_key() -> None:
    """REL-120."""
    by_key, by_secret = sign_asymmetric(SENT, SIGNER), sign_symmetric(SENT, SECRET)
    headers = SENT.headers("v1,AAAA", by_key, by_secret)
    assert (by_key[:4], by_secret[:3]) == ("v1a,", "v1,")
    for key in (PUBLIC, SECRET):
        assert verify_message(headers, SENT.body, key=key, now=NOW + TOLERANCE) == SENT
    assert public_of(PUBLIC) == SIGNER.public
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("key", [PUBLIC, SECRET])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": b'{"type":"release.revoked" }'}, "webhook/signature"),
        ({ID: "msg_8f"}, "webhook/signature"),
        ({ID: "msg.7f"}, "webhook/signature"),
        ({INSTANT: str(NOW + 1)}, "webhook/signature"),
        ({INSTANT: f"+{NOW}"}, "webhook/signature"),
        ({INSTANT: str(NOW - TOLERANCE - 1)}, "webhook/time"),
        ({INSTANT: str(NOW + TOLERANCE + 1)}, "webhook/time"),
        ({SIGNATURE: ""}, "webhook/signature"),
        ({SIGNATURE: "v1a"}, "webhook/signature"),
        ({SIGNATURE: "v1a,!"}, "webhook/signature"),
        ({SIGNATURE: "v2,AAAA"}, "webhook/signature"),
        ({SIGNATURE: None}, "webhook/signature"),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused(
    key: str, change: dict[str, str | bytes | None], code: str
) -> None:
    """REL-120: another body, name or instant, another signature, or a time that is not now."""
    headers: dict[str, str] = SENT.headers(
        sign_asymmetric(SENT, SIGNER), sign_symmetric(SENT, SECRET)
    )
    body = SENT.body
    for name, value in change.items():
        if isinstance(value, bytes):
            body = value
        elif value is None:
            del headers[name]
        else:
            headers[name] = value
    with pytest.raises(VerificationError) as caught:
        verify_message(headers, body, key=key, now=NOW)
    assert caught.value.code == code


@pytest.mark.parametrize("signature", VECTORS["invalid_signatures"])
def test_the_false_signatures_of_the_vectors_are_refused(signature: str) -> None:
    """REL-120."""
    with pytest.raises(VerificationError):
        verify_message(given(signature), BODY, key=SECRET, now=NOW)


def test_another_key_does_not_do() -> None:
    """REL-120: a signature of one kind is never taken for one of another."""
    other = EnvelopeSigner(seed=bytes(32))
    headers = SENT.headers(sign_asymmetric(SENT, other), sign_symmetric(SENT, SECRET))
    with pytest.raises(VerificationError):
        verify_message(headers, SENT.body, key=PUBLIC, now=NOW)
    with pytest.raises(VerificationError):
        verify_message(
            SENT.headers(sign_asymmetric(SENT, SIGNER)), SENT.body, key=SECRET, now=NOW
        )


@pytest.mark.parametrize("key", ["", "whsec_", "whsec_AAAA", "whpk_AAAA", "whpk_!", "secret"])
def test_a_key_that_is_none_is_said_without_repeating_it(key: str) -> None:
    headers = SENT.headers(sign_asymmetric(SENT, SIGNER), sign_symmetric(SENT, SECRET))
    with pytest.raises(InputError) as caught:
        verify_message(headers, SENT.body, key=key, now=NOW)
    assert caught.value.code == "webhook/key"
    assert "AAAA" not in caught.value.message


def test_a_name_has_no_full_stop() -> None:
    """REL-120: else it could be taken for another name and instant."""
    with pytest.raises(InputError):
        Message(id="msg.1", time=NOW, body=b"")
