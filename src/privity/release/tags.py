# SPDX-License-Identifier: Apache-2.0
"""What stands for a member in one release, and for her records there (specs/release.md, part 2).

A tag is made with a key that only the member and the operator have; so nobody finds one in two releases, or guesses
whose it is. What it is bound to is salted with the release's secret: a neighbour in somebody's proof tells nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from privity.canonical.encode import encode_canonical
from privity.entries.fields import write_member
from privity.members.facts import MemberId

RecordId = str | int

TAG: Final = b"privity/release/v1\0"
_MEMBER: Final = b"privity/release-member/v1\0"
SALT: Final = b"privity/release-salt/v1\0"
LEAF: Final = b"privity/release-leaf/v1\0"
COUNT_SIZE: Final = 8
_LENGTH_SIZE: Final = 4


def release_tag(key: bytes, name: str) -> bytes:
    """Give a member's tag in a release ([REL-25]).

    Args:
        key: The key of her stream, or `key_without_stream`.
        name: The release's name.
    """
    return hmac.digest(key, TAG + name.encode(), "sha256")


def key_without_stream(salt: bytes, member: MemberId) -> bytes:
    """Give the key of a member who has no stream, for one release ([REL-26]).

    Args:
        salt: The release's secret.
        member: Her id.
    """
    return hmac.digest(salt, _MEMBER + encode_canonical(write_member(member)), "sha256")


def leaf_salt(salt: bytes, tag: bytes) -> bytes:
    """Give the salt of a tag's leaf ([REL-27])."""
    return hmac.digest(salt, SALT + tag, "sha256")


def leaf_value(own_salt: bytes, count: int, records: bytes) -> bytes:
    """Give the value of a leaf ([REL-28]).

    Args:
        own_salt: Of this leaf.
        count: How many records.
        records: The SHA-256 of what `packed` gives.
    """
    return sha256(LEAF + own_salt + count.to_bytes(COUNT_SIZE, "big") + records).digest()


def packed(ids: Iterable[RecordId]) -> tuple[int, bytes]:
    """Give how many different records there are, and their ids as they are hashed.

    Each once, in the order of their bytes: its length as 4 bytes, the highest first, and its text as UTF-8.
    """
    texts = sorted({str(one).encode() for one in ids})
    return len(texts), b"".join(
        part for text in texts for part in (len(text).to_bytes(_LENGTH_SIZE, "big"), text)
    )


def value_of(own_salt: bytes, ids: Iterable[RecordId]) -> bytes:
    """Give the value of a leaf from the records' ids."""
    count, data = packed(ids)
    return leaf_value(own_salt, count, sha256(data).digest())
