# SPDX-License-Identifier: Apache-2.0
"""The keys that sign for releases and for recipients: made once, read strictly, never replaced."""

from __future__ import annotations

import base64
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.release_story import SIGNER, made
from tests.unit.app.workspace.conftest import NOW, Open

from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import (
    exchange_release_key,
    make_keys,
    read_public,
    read_signer,
    release_signer,
    signer_of,
)
from privity.app.workspace.recording import record
from privity.entries.dsse import ATTESTATION, read_signed, sign_value
from privity.entries.key_files import public_to_pem, signer_from_pem, signer_to_pem
from privity.entries.release import CreatedRelease
from privity.errors import ConflictError, InputError, UnavailableError

OPENSSL = shutil.which("openssl")


def openssl(*arguments: str, folder: Path) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_key_is_made_when_it_is_needed_for_its_owner_alone(opened: Open) -> None:
    """[REL-152]"""
    with opened() as workspace:
        path = workspace.places.release_signer
        assert not path.exists()
        first = release_signer(workspace)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert release_signer(workspace) == first
        assert {one.name for one in path.parent.iterdir()} == {"log.key", "release.key"}


def test_two_at_once_have_one_key(opened: Open) -> None:
    """[REL-152]"""

    def first(_: int) -> bytes:
        with opened() as workspace:
            return release_signer(workspace).public

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(first, range(4)))) == 1


def test_a_lost_key_is_not_made_anew(opened: Open) -> None:
    """[REL-152]"""
    with opened() as workspace:
        record(workspace, made("a", NOW))
        with pytest.raises(UnavailableError) as refused:
            release_signer(workspace)
    assert refused.value.code == "release/signing-key"
    assert "backup" in str(refused.value.hint)


def test_nothing_is_said_of_a_release_with_another_key(opened: Open) -> None:
    """[REL-152]"""
    with opened() as workspace:
        mine = release_signer(workspace)
        record(workspace, made("a", NOW))
        release = register_of(workspace).release("a")
        with pytest.raises(ConflictError) as refused:
            signer_of(workspace, release)
        assert refused.value.code == "release/other-key"
        assert mine.public.hex() not in str(refused.value)
        workspace.places.release_signer.write_bytes(signer_to_pem(SIGNER))
        assert signer_of(workspace, release) == SIGNER


def test_after_an_exchange_each_release_is_signed_for_by_the_key_that_its_entry_names(
    opened: Open,
) -> None:
    """[REL-158]"""
    with opened() as workspace:
        places, states = workspace.places, []
        for number, name in enumerate(("a", "b", "c")):
            mine = release_signer(workspace)
            created, *_ = (one for one in made(name, NOW) if isinstance(one, CreatedRelease))
            record(workspace, [replace(created, key=mine.public)])
            states.append(register_of(workspace).release(name))
            done = exchange_release_key(workspace)
            assert done.previous == mine.public
            assert done.public == release_signer(workspace).public != mine.public
            assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
            assert len(places.former_release_signers()) == number + 1
        for state in states:
            assert signer_of(workspace, state).public == state.created.says.key
        places.former_release_signers()[0].unlink()
        refused = 0
        for state in states:
            try:
                signer_of(workspace, state)
            except ConflictError as error:
                refused += error.code == "release/other-key"
        assert refused == 1


def test_an_exchange_that_was_killed_is_made_again(opened: Open) -> None:
    """[REL-158]: the old key had its other name, and the new one was not there yet."""
    with opened() as workspace:
        places, old = workspace.places, release_signer(workspace)
        first = exchange_release_key(workspace)
        places.release_signer.unlink()
        places.release_signer.hardlink_to(first.kept)
        assert release_signer(workspace) == old
        again = exchange_release_key(workspace)
        assert (again.previous, again.kept) == (old.public, first.kept)
        assert again.public not in {old.public, first.public}
        assert read_signer(again.kept) == old


def test_a_lost_key_is_not_exchanged(opened: Open) -> None:
    """[REL-152]"""
    with opened() as workspace:
        record(workspace, made("a", NOW))
        with pytest.raises(UnavailableError):
            exchange_release_key(workspace)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_key_that_others_may_read_is_not_used(opened: Open, mode: int) -> None:
    """[REL-152]"""
    with opened() as workspace:
        release_signer(workspace)
        workspace.places.release_signer.chmod(mode)
        with pytest.raises(UnavailableError, match="others may read"):
            release_signer(workspace)


def test_a_public_key_is_told_from_the_secret_one(tmp_path: Path) -> None:
    _, beside = make_keys(tmp_path / "lab.key")
    with pytest.raises(
        InputError, match="this is a public key, expected the secret one"
    ) as told:
        read_signer(beside)
    assert told.value.message.count("expected") == 1
    assert told.value.hint is not None
    assert "without `.pub`" in told.value.hint


def test_no_key_shows_its_secret(tmp_path: Path) -> None:
    make_keys(tmp_path / "lab.key")
    signer = read_signer(tmp_path / "lab.key")
    assert signer.seed.hex() not in repr(signer)
    assert str(signer.seed) not in repr(signer)


def test_a_recipient_makes_a_pair_and_signs_with_it(tmp_path: Path) -> None:
    """[REL-153]"""
    public, beside = make_keys(tmp_path / "lab.key")
    assert beside == tmp_path / "lab.key.pub"
    assert stat.S_IMODE((tmp_path / "lab.key").stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["lab.key", "lab.key.pub"]
    signer = read_signer(tmp_path / "lab.key")
    assert signer.public == public == read_public(beside)
    signed = sign_value(ATTESTATION, {"gone": True}, signer).to_bytes()
    assert read_signed(signed, payload_type=ATTESTATION, public=public) == {"gone": True}


@pytest.mark.parametrize("there", ["lab.key", "lab.key.pub"])
def test_no_key_is_written_over(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(ConflictError) as refused:
        make_keys(tmp_path / "lab.key")
    assert refused.value.code == "release/key-there"
    assert [one.name for one in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_key_that_openssl_makes_is_taken(tmp_path: Path) -> None:
    """[REL-153] And what it makes of ours is the same."""
    openssl("genpkey", "-algorithm", "ed25519", "-out", "a.key", folder=tmp_path)
    openssl("pkey", "-in", "a.key", "-pubout", "-out", "a.pub", folder=tmp_path)
    (tmp_path / "a.key").chmod(0o600)
    signer = read_signer(tmp_path / "a.key")
    assert read_public(tmp_path / "a.pub") == signer.public
    assert (tmp_path / "a.pub").read_bytes() == public_to_pem(signer.public)
    assert (tmp_path / "a.key").read_bytes() == signer_to_pem(signer)


def test_a_public_key_is_taken_as_base64(tmp_path: Path) -> None:
    """[REL-153]"""
    path = tmp_path / "key"
    for end in ("", "\n", "\r\n"):
        path.write_bytes(base64.b64encode(SIGNER.public) + end.encode())
        assert read_public(path) == SIGNER.public


RSA = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----
"""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"lab",
        b"\xff\xfe",
        base64.b64encode(SIGNER.public)[:-1],
        base64.b64encode(SIGNER.public[:31]),
        base64.b64encode(SIGNER.public) + b"\n\n",
        base64.b64encode(bytes(32)),
        b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        RSA.encode(),
        b"a" * 5000,
    ],
    ids=range(11),
)
def test_what_is_no_public_key_is_refused(tmp_path: Path, data: bytes) -> None:
    """[REL-153]"""
    path = tmp_path / "key"
    path.write_bytes(data)
    with pytest.raises(InputError) as refused:
        read_public(path)
    assert refused.value.code == "entry/key-file"
    assert refused.value.where is not None


def test_nobody_is_given_a_private_key(tmp_path: Path) -> None:
    """[REL-153]"""
    make_keys(tmp_path / "lab.key")
    with pytest.raises(InputError, match="this is a private key") as refused:
        read_public(tmp_path / "lab.key")
    text = (tmp_path / "lab.key").read_text().splitlines()[1]
    assert text not in str(refused.value)
    assert ".pub" in str(refused.value.hint)


@pytest.mark.parametrize("data", [b"", b"lab", public_to_pem(SIGNER.public), RSA.encode()])
def test_what_is_no_private_key_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        signer_from_pem(data)
    assert refused.value.code == "entry/key-file"


def test_a_key_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="is missing"):
        read_signer(tmp_path / "lab.key")
    with pytest.raises(InputError, match="cannot be read"):
        read_public(tmp_path / "lab.key")
