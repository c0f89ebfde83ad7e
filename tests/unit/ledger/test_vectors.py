# SPDX-License-Identifier: Apache-2.0
"""Every reader takes what the cases of `tests/vectors/ledger.json` say, and gives the same bytes back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.errors import InputError, VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.note import Note, Signer, Vkey
from privity.ledger.proof_file import ProofFile
from privity.ledger.tiles import Tile, encode_bundle, parse_bundle

Case = dict[str, Any]

FILE = Path(__file__).resolve().parents[2] / "vectors" / "ledger.json"
CASES: list[Case] = json.loads(FILE.read_text(encoding="utf-8"))
# What somebody configures is an input; what somebody serves is verified.
READERS: dict[str, tuple[Callable[[Case], bytes], type[Exception]]] = {
    "vkey": (lambda case: Vkey.parse(case["text"]).to_text().encode(), InputError),
    "signing-key": (lambda case: Signer.parse(case["text"]).to_text().encode(), InputError),
    "note": (lambda case: Note.parse(bytes_of(case)).to_bytes(), VerificationError),
    "checkpoint": (
        lambda case: Checkpoint.parse(case["text"]).to_text().encode(),
        VerificationError,
    ),
    "tile-path": (lambda case: Tile.parse(case["text"]).path().encode(), VerificationError),
    "bundle": (
        lambda case: encode_bundle(parse_bundle(bytes_of(case), case["width"])),
        VerificationError,
    ),
    "proof-file": (lambda case: ProofFile.parse(bytes_of(case)).to_bytes(), VerificationError),
}


def bytes_of(case: Case) -> bytes:
    encoded = case.get("base64")
    text: str = case.get("text", "")
    return text.encode() if encoded is None else base64.b64decode(encoded)


def ids(cases: list[Case]) -> list[str]:
    return [case["id"] for case in cases]


TAKEN = [case for case in CASES if case["taken"]]
REFUSED = [case for case in CASES if not case["taken"]]


def test_no_two_cases_share_an_id() -> None:
    assert len(set(ids(CASES))) == len(CASES)


@pytest.mark.parametrize("case", TAKEN, ids=ids(TAKEN))
def test_what_is_taken_is_written_the_same_again(case: Case) -> None:
    read, _ = READERS[case["form"]]
    assert read(case) == bytes_of(case)  # [LED-3]


@pytest.mark.parametrize("case", REFUSED, ids=ids(REFUSED))
def test_what_breaks_a_rule_is_refused_in_one_line(case: Case) -> None:
    read, error = READERS[case["form"]]
    with pytest.raises(error) as caught:
        read(case)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.isprintable()
