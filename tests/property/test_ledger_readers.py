# SPDX-License-Identifier: Apache-2.0
"""Whatever a reader of the log's forms takes it gives back byte for byte; almost nothing else is taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies
from tests.unit.ledger.logs import OTHER, SIGNER, checkpoint_over, published

from privity.errors import InputError, PrivityError, VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.forms import LARGEST, from_base64, from_decimal, to_base64
from privity.ledger.note import Note, Signature, Signer, Vkey, sign
from privity.ledger.proof_file import ProofFile
from privity.ledger.proofs import inclusion_proof
from privity.ledger.tiles import ENTRIES, Tile, encode_bundle, parse_bundle

Read = Callable[[bytes], bytes]

BUNDLE = [b"one", b"", b"three"]
NOTE = sign(checkpoint_over(BUNDLE).to_text(), [SIGNER, OTHER])
PROOF = ProofFile(
    index=1,
    hashes=inclusion_proof(1, 3, published(BUNDLE)),
    checkpoint=NOTE,
    extra=b"of a friend",
)
TILE = Tile(level=1, index=1_234_067, width=17)


def reading(parse: Callable[[str], bytes]) -> Read:
    """A reader of text as one of bytes, as where a file is read."""

    def read(data: bytes) -> bytes:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError("no UTF-8", code="input/utf8") from error
        return parse(text)

    return read


# Each reader with what it takes: it reads bytes and writes what it understood.
READERS: dict[str, tuple[Read, bytes]] = {
    "note": (lambda data: Note.parse(data).to_bytes(), NOTE.to_bytes()),
    "checkpoint": (
        reading(lambda text: Checkpoint.parse(text).to_text().encode()),
        NOTE.text.encode(),
    ),
    "vkey": (
        reading(lambda text: Vkey.parse(text).to_text().encode()),
        SIGNER.vkey.to_text().encode(),
    ),
    "signing-key": (
        reading(lambda text: Signer.parse(text).to_text().encode()),
        SIGNER.to_text().encode(),
    ),
    "tile-path": (
        reading(lambda text: Tile.parse(text).path().encode()),
        TILE.path().encode(),
    ),
    "bundle": (lambda data: encode_bundle(parse_bundle(data, 3)), encode_bundle(BUNDLE)),
    "proof-file": (lambda data: ProofFile.parse(data).to_bytes(), PROOF.to_bytes()),
}

every_reader = pytest.mark.parametrize(("read", "plain"), READERS.values(), ids=READERS.keys())


def mutants(plain: bytes) -> strategies.SearchStrategy[bytes]:
    """Bytes with a few places changed, taken out, put in or doubled."""
    places = strategies.integers(0, len(plain))
    pieces = strategies.one_of(
        strategies.binary(max_size=3),
        strategies.sampled_from(
            [b"\n", b"\r\n", b" ", b"\t", b"\0", b"+", b"=", b"0", b"\xc2\xa0", b"\xe2\x80\xa8"]
        ),
    )

    def change(edits: list[tuple[int, int, bytes]]) -> bytes:
        data = plain
        for at, taken, put in edits:
            data = data[:at] + put + data[at + taken :]
        return data

    edit = strategies.tuples(places, strategies.integers(0, 3), pieces)
    return strategies.lists(edit, min_size=1, max_size=3).map(change)


@every_reader
def test_what_is_plain_is_read(read: Read, plain: bytes) -> None:
    assert read(plain) == plain  # [LED-3]


@every_reader
@given(strategies.data())
def test_what_is_taken_of_a_mutant_is_written_the_same_again(
    read: Read, plain: bytes, data: strategies.DataObject
) -> None:
    mutant = data.draw(mutants(plain))
    try:
        written = read(mutant)
    except PrivityError:
        return
    assert written == mutant  # [LED-3]


@every_reader
@given(strategies.binary(max_size=200))
def test_junk_is_refused_and_breaks_nothing(read: Read, plain: bytes, junk: bytes) -> None:
    assert junk != plain
    try:
        written = read(junk)
    except PrivityError:
        return
    assert written == junk  # [LED-3]


@pytest.mark.parametrize("kind", ["vkey", "signing-key", "bundle"])
def test_every_cut_and_every_longer_form_is_refused(kind: str) -> None:
    read, plain = READERS[kind]
    for end in range(len(plain)):
        with pytest.raises((InputError, VerificationError)):
            read(plain[:end])
    for more in (b"\n", b" ", b"\0", b"0", b"="):
        with pytest.raises((InputError, VerificationError)):
            read(plain + more)


@pytest.mark.parametrize("kind", ["vkey", "signing-key"])
def test_every_bit_of_a_key_counts(kind: str) -> None:
    read, plain = READERS[kind]
    for place in range(8 * len(plain)):
        flipped = bytearray(plain)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(InputError):
            read(bytes(flipped))  # [LED-32] [LED-34]


# --- values that somebody makes ---

texts = strategies.text(strategies.characters(min_codepoint=32, exclude_categories=["Cs"]))
names = texts.filter(
    lambda text: bool(text) and "+" not in text and not any(map(str.isspace, text))
)
hashes = strategies.binary(min_size=32, max_size=32)
numbers = strategies.integers(0, LARGEST)
signatures = strategies.builds(
    Signature,
    name=names,
    key_id=strategies.binary(min_size=4, max_size=4),
    data=strategies.binary(min_size=1, max_size=80),
)
notes = strategies.builds(
    Note,
    text=strategies.lists(texts, max_size=6).map(lambda lines: "\n".join(lines) + "\n"),
    signatures=strategies.lists(signatures, min_size=1, max_size=4).map(tuple),
)
checkpoints = strategies.builds(
    Checkpoint,
    origin=texts.filter(bool),
    size=numbers.filter(bool),
    root=hashes,
    extensions=strategies.lists(texts.filter(bool), max_size=3).map(tuple),
)
proofs = strategies.builds(
    ProofFile,
    index=numbers,
    hashes=strategies.lists(hashes, max_size=63).map(tuple),
    checkpoint=checkpoints.map(lambda made: SIGNER.sign(made.to_text())),
    extra=strategies.binary(max_size=40),
)
tiles = strategies.builds(
    Tile,
    level=strategies.integers(ENTRIES, 63),
    index=numbers,
    width=strategies.integers(1, 256),
)


@given(notes)
def test_a_note_survives_its_bytes(note: Note) -> None:
    assert Note.parse(note.to_bytes()) == note  # [LED-30]


@given(checkpoints)
def test_a_checkpoint_survives_its_text(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.to_text()) == checkpoint  # [LED-40]


@given(proofs)
def test_a_proof_survives_its_file(proof: ProofFile) -> None:
    assert ProofFile.parse(proof.to_bytes()) == proof  # [LED-53]


@given(tiles)
def test_a_tile_survives_its_path(tile: Tile) -> None:
    assert Tile.parse(tile.path()) == tile  # [LED-21] [LED-22]


@given(strategies.lists(strategies.binary(max_size=300), max_size=20))
def test_entries_survive_their_bundle(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert parse_bundle(data, len(entries)) == entries  # [LED-23]
    for width in (len(entries) - 1, len(entries) + 1):
        with pytest.raises(VerificationError):
            parse_bundle(data, width)


@given(names, hashes)
def test_a_key_survives_its_text(name: str, secret: bytes) -> None:
    signer = Signer(name=name, seed=secret)
    assert Signer.parse(signer.to_text()) == signer  # [LED-34]
    assert Vkey.parse(signer.vkey.to_text()) == signer.vkey  # [LED-32]


@given(strategies.binary(max_size=50), numbers)
def test_bytes_and_numbers_have_one_spelling(data: bytes, number: int) -> None:
    assert from_base64(to_base64(data)) == data  # [LED-2]
    assert from_decimal(str(number)) == number
    for text in (f"0{number}", f"+{number}", f" {number}", f"{number} ", f"{number}_0", ""):
        assert from_decimal(text) is None
    assert from_decimal(str(LARGEST + 1 + number)) is None
    for text in (to_base64(data) + "\n", to_base64(data) + "=", "\u00e9"):
        assert from_base64(text) is None
