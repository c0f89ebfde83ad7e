# SPDX-License-Identifier: Apache-2.0
"""A member has one key and one stream, and after erasure nothing of either is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from privity.errors import ConflictError
from privity.store.keys import Keys, create_keys, open_keys

ORIGIN = "example.com/log"

ORIGIN = "example.com/log"


def secret(number: int) -> bytes:
    return bytes([number % 256, number // 256]) * 16


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.db"


@pytest.fixture
def keys(path: Path) -> Iterator[Keys]:
    made = create_keys(path, origin=ORIGIN)
    yield made
    made.close()


def test_a_member_gets_a_stream_with_its_key(keys: Keys) -> None:
    keys.add([("alice", secret(1)), ("bob", secret(2))])
    keys.add([("7", secret(3))])
    alice = keys.get("alice")
    assert alice is not None
    assert (alice.member, alice.stream, alice.secret) == ("alice", 1, secret(1))
    assert keys.of_stream(2) == keys.get("bob")
    assert keys.get("carol") is None
    assert keys.of_stream(9) is None
    assert [key.member for key in keys.all()] == ["alice", "bob", "7"]
    assert "secret" not in repr(alice)


def test_a_second_key_is_refused_and_none_of_its_batch_is_kept(keys: Keys) -> None:
    keys.add([("alice", secret(1))])
    with pytest.raises(ConflictError) as refused:
        keys.add([("bob", secret(2)), ("alice", secret(3))])
    assert refused.value.code == "store/key-there"
    with pytest.raises(ConflictError):
        keys.add([("bob", b"short")])
    assert [key.member for key in keys.all()] == ["alice"]


def test_after_erasure_nothing_is_left_in_any_file(path: Path, keys: Keys) -> None:
    members = [f"member-{number:05}" for number in range(2000)]
    keys.add([(member, secret(at)) for at, member in enumerate(members)])
    gone = members[5:1500:7]
    assert keys.erase(gone, erasures=1) == len(gone)
    assert keys.erase(["nobody"], erasures=1) == 0
    assert keys.get(gone[0]) is None
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    named = {match.decode() for match in re.findall(rb"member-\d{5}", raw)}
    assert named == set(members) - set(gone)
    assert not any(secret(members.index(member)) in raw for member in gone)
    assert len(list(keys.all())) == len(members) - len(gone)


def test_the_stream_of_an_erased_member_is_never_given_again(path: Path, keys: Keys) -> None:
    keys.add([("alice", secret(1)), ("bob", secret(2))])
    keys.erase(["bob"], erasures=1)
    keys.close()
    again = open_keys(path, origin=ORIGIN)
    again.add([("bob", secret(3))])
    bob = again.get("bob")
    assert bob is not None
    assert bob.stream == 3
    again.close()


def test_a_backup_has_the_keys_and_has_to_be_adopted(keys: Keys, tmp_path: Path) -> None:
    keys.add([("alice", secret(1))])
    keys.back_up(tmp_path / "backup.db")
    with pytest.raises(ConflictError) as refused:
        open_keys(tmp_path / "backup.db", origin=ORIGIN)
    assert refused.value.code == "store/copied"
    again = open_keys(tmp_path / "backup.db", origin=ORIGIN, adopt=True)
    assert again.get("alice") == keys.get("alice")
    again.close()
