# SPDX-License-Identifier: Apache-2.0
"""Tags and leaves of many members at a time: what `release.tags` gives of each (specs/release.md, part 2)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from privity.ledger.tree import HASH_SIZE
from privity.release.alike import hmac_by_keys, hmac_of_texts, sha256_of
from privity.release.tags import COUNT_SIZE, LEAF, SALT, TAG

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


def release_tags(keys: Iterable[bytes], name: str) -> Bytes:
    """Give what `release_tag` gives of each key, which has 32 bytes, shape (keys, 32)."""
    return hmac_by_keys(_rows(b"".join(keys)), TAG + name.encode())


def leaf_values(salt: bytes, tags: Bytes, counts: Ints, lists: Iterable[memoryview]) -> Bytes:
    """Give the values of many leaves, shape (leaves, 32).

    Args:
        salt: The release's secret, 32 bytes.
        tags: Shape (leaves, 32).
        counts: Shape (leaves): how many records each has.
        lists: What `packed` gives of each.
    """
    own = hmac_of_texts(salt, len(tags), SALT, tags)
    sizes = counts.astype(">u8").view(np.uint8).reshape(-1, COUNT_SIZE)
    records = _rows(b"".join([sha256(one).digest() for one in lists]))
    return sha256_of(len(tags), LEAF, own, sizes, records)


def _rows(hashes: bytes) -> Bytes:
    return np.frombuffer(hashes, np.uint8).reshape(-1, HASH_SIZE)
