# SPDX-License-Identifier: Apache-2.0
"""Who attests has a key of their own, and shows the hash of what they rest on."""

from __future__ import annotations

import base64
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from privity.app.workspace.attesting import attestation, make_key, read_key
from privity.entries.attested import AttestedEntry
from privity.entries.order import OrderEntry
from privity.errors import ConflictError, InputError, UnavailableError

SEED = bytes(range(32))


def pem(key: Ed25519PrivateKey | X25519PrivateKey, password: bytes | None = None) -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def put(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_key_that_is_made_is_one_that_others_read(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    assert key.private_bytes_raw() == read_key(path)
    assert path.read_bytes() == pem(key)


def test_a_key_that_others_made_is_read(tmp_path: Path) -> None:
    data = pem(Ed25519PrivateKey.from_private_bytes(SEED))
    assert read_key(put(tmp_path / "key.pem", data)) == SEED
    assert read_key(put(tmp_path / "dos.pem", data.replace(b"\n", b"\r\n"))) == SEED


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make_key(path)
    before = path.read_bytes()
    with pytest.raises(ConflictError, match="never written over"):
        make_key(path)
    assert path.read_bytes() == before


def test_a_key_that_others_may_read_is_none(tmp_path: Path) -> None:
    data = pem(Ed25519PrivateKey.from_private_bytes(SEED))
    with pytest.raises(UnavailableError, match="others may read") as caught:
        read_key(put(tmp_path / "key.pem", data, 0o640))
    assert caught.value.code == "workspace/key"


def test_a_key_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be read: No such file"):
        read_key(tmp_path / "key.pem")
    with pytest.raises(UnavailableError, match="cannot be made: No such file"):
        make_key(tmp_path / "nowhere" / "key.pem")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PRIVATE+KEY+example.com+00000000+AAAA\n",
        pem(X25519PrivateKey.from_private_bytes(SEED)),
        pem(Ed25519PrivateKey.from_private_bytes(SEED), b"password"),
        pem(Ed25519PrivateKey.from_private_bytes(SEED))[:-1],
        pem(Ed25519PrivateKey.from_private_bytes(SEED)) + b"\n",
        b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n====\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n"
        + base64.b64encode(SEED)
        + b"\n-----END PRIVATE KEY-----\n",
    ],
    ids=["empty", "note", "other", "password", "cut", "more", "nothing", "no-base64", "raw"],
)
def test_anything_else_is_no_key_and_is_not_shown(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_key(put(tmp_path / "key.pem", data))
    assert caught.value.code == "workspace/attester-key"
    assert caught.value.message == (
        "this is no private Ed25519 key in PEM, expected one without a password"
    )


def test_evidence_is_a_file_or_its_hash(tmp_path: Path) -> None:
    key, file = tmp_path / "key.pem", put(tmp_path / "evidence", b"a letter")
    make_key(key)
    of_file = attestation("A", key=key, evidence=str(file), url="https://example.com/a")
    digest = sha256(b"a letter").hexdigest()
    assert of_file.evidence.sha256 == digest
    assert attestation("A", key=key, evidence=digest).evidence.sha256 == digest
    with pytest.raises(InputError, match="the evidence cannot be read") as caught:
        attestation("A", key=key, evidence=digest.upper())
    assert caught.value.code == "workspace/evidence"


def test_what_is_attested_is_signed_for_one_log(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    make_key(key)
    made = attestation("A. Auditor", key=key, evidence="0" * 64)
    says = OrderEntry(action="issued", id="hk", at=0)
    entry = made.entry(says, claimed_at=5, origin="example.com/log")
    assert (entry.statement.origin, entry.statement.claimed_at) == ("example.com/log", 5)
    assert AttestedEntry.parse(entry.to_payload()) == entry
    assert "seed" not in repr(made)
