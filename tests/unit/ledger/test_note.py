# SPDX-License-Identifier: Apache-2.0
"""A note counts when a known key signed it, and not when a known key's signature is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.ledger.logs import ORIGIN, OTHER, SIGNER

from privity.errors import InputError, VerificationError
from privity.ledger.note import (
    LONGEST_NOTE,
    Note,
    Signature,
    Signer,
    Vkey,
    sign,
    verify,
)

TEXT = "one\n\ntwo\n"
# From the specification of signed notes.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNED = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def code_of(note: Note, *vkeys: Vkey) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(note, vkeys)
    return caught.value.code


def test_the_example_of_the_specification_verifies() -> None:
    vkey = Vkey.parse(VKEY)
    note = Note.parse(SIGNED.encode())
    assert verify(note, [vkey]) == (vkey,)  # [LED-32] [LED-33]
    assert note.text == "This is an example message.\n"


def test_who_signed_is_told_in_the_order_of_the_signatures() -> None:
    note = sign(TEXT, [OTHER, SIGNER])
    assert verify(note, [SIGNER.vkey, OTHER.vkey]) == (OTHER.vkey, SIGNER.vkey)
    assert verify(note, [SIGNER.vkey]) == (SIGNER.vkey,)  # [LED-33]
    assert Note.parse(note.to_bytes()) == note  # [LED-30]


def test_a_note_that_no_known_key_signed_counts_for_nothing() -> None:
    assert code_of(SIGNER.sign(TEXT)) == "ledger/unsigned"  # [LED-33]
    assert code_of(SIGNER.sign(TEXT), OTHER.vkey) == "ledger/unsigned"


def test_a_key_is_known_by_name_and_id_together() -> None:
    same_key = Signer(name="example.com/other", seed=SIGNER.seed)
    same_name = Signer(name=SIGNER.name, seed=OTHER.seed)
    assert code_of(SIGNER.sign(TEXT), same_key.vkey) == "ledger/unsigned"  # [LED-33]
    assert code_of(SIGNER.sign(TEXT), same_name.vkey) == "ledger/unsigned"


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    note = sign(TEXT, [SIGNER, OTHER])
    of_another_text = SIGNER.signature("three\n")
    for wrong in (
        of_another_text,
        replace(of_another_text, data=b"\0"),
        replace(of_another_text, data=bytes(64)),
    ):
        mixed = replace(note, signatures=(*note.signatures, wrong))
        assert code_of(mixed, SIGNER.vkey, OTHER.vkey) == "ledger/signature"  # [LED-33]
        assert verify(mixed, [OTHER.vkey]) == (OTHER.vkey,)


def test_a_key_signs_once() -> None:
    note = Note.parse(SIGNED.encode())
    twice = replace(note, signatures=note.signatures * 2)
    assert code_of(twice, Vkey.parse(VKEY)) == "ledger/signature"  # [LED-33]


def test_the_same_text_gets_the_same_note() -> None:
    assert SIGNER.sign(TEXT) == SIGNER.sign(TEXT)


def test_two_keys_of_one_log_sign_while_they_change() -> None:
    new = Signer(name=ORIGIN, seed=OTHER.seed)
    note = sign(TEXT, [SIGNER, new])
    for known in ([SIGNER.vkey], [new.vkey], [SIGNER.vkey, new.vkey]):
        assert verify(note, known) == tuple(known)  # [LED-42]


@pytest.mark.parametrize(
    ("text", "signatures"),
    [
        ("no newline", SIGNER.sign(TEXT).signatures),
        ("", SIGNER.sign(TEXT).signatures),
        ("tab\t\n", SIGNER.sign(TEXT).signatures),
        (TEXT, ()),
        (TEXT, SIGNER.sign(TEXT).signatures * 65),
        (TEXT, (Signature(name="", key_id=bytes(4), data=b"x"),)),
        (TEXT, (Signature(name="a b", key_id=bytes(4), data=b"x"),)),
        (TEXT, (Signature(name="a", key_id=bytes(3), data=b"x"),)),
        (TEXT, (Signature(name="a", key_id=bytes(4), data=b""),)),
    ],
)
def test_what_cannot_be_a_note_is_not_made(
    text: str, signatures: tuple[Signature, ...]
) -> None:
    with pytest.raises(VerificationError, match="this is no signed note: "):
        Note(text=text, signatures=signatures)  # [LED-30]


def test_a_note_has_at_most_a_mebibyte() -> None:
    note = SIGNER.sign("x" * (LONGEST_NOTE - 200) + "\n").to_bytes()
    assert Note.parse(note).to_bytes() == note
    with pytest.raises(VerificationError, match="expected at most 1048576"):
        Note.parse(b"x" * 200 + note)  # [LED-30]


def test_a_signing_key_is_written_and_read() -> None:
    assert Signer.parse(SIGNER.to_text()) == SIGNER  # [LED-34]
    assert SIGNER.to_text().startswith(f"PRIVATE+KEY+{ORIGIN}+{SIGNER.vkey.key_id.hex()}+")


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33)])
def test_a_signing_key_has_32_secret_bytes(seed: bytes) -> None:
    with pytest.raises(InputError, match="a signing key has 32 secret bytes"):
        Signer(name=ORIGIN, seed=seed)


def test_a_key_needs_a_name_that_notes_can_carry() -> None:
    with pytest.raises(InputError, match="`two words` is no name of a key"):
        Signer(name="two words", seed=bytes(32))  # [LED-31]
    with pytest.raises(InputError, match=r"`a\\nb` is no name of a key"):
        Vkey(name="a\nb", public=bytes(32))  # [LED-31]
    with pytest.raises(InputError, match="has 32 bytes, not 31"):
        Vkey(name=ORIGIN, public=bytes(31))


def test_no_message_and_no_description_tells_the_secret() -> None:
    secret = SIGNER.to_text().rpartition("+")[2]
    hidden = (secret, SIGNER.seed.hex(), repr(SIGNER.seed)[2:12])
    shown = [repr(SIGNER), str(SIGNER)]
    for broken in (
        SIGNER.to_text() + "\n",
        SIGNER.to_text().replace("PRIVATE", "private"),
        SIGNER.to_text().replace(ORIGIN, "other"),
        SIGNER.to_text().replace("+AQ", "+BA"),
        SIGNER.to_text()[:-3],
    ):
        with pytest.raises(InputError) as caught:
            Signer.parse(broken)
        shown.append(str(caught.value))
    assert [text for text in shown if any(part in text for part in hidden)] == []  # [LED-34]
