# SPDX-License-Identifier: Apache-2.0
"""Digests of many messages that are alike: put together from parts of the same length, each a constant or one a message.

A release with a million members takes some ten million such digests; one by one they are its longest part.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from privity.decide.kernel.hashing import hash_padded
from privity.ledger.tree import HASH_SIZE

Bytes = npt.NDArray[np.uint8]
Part = bytes | Bytes
"""The same bytes for all, or shape (messages, length)."""

_BLOCK: Final = 64
_AT_ONCE: Final = 1 << 13
"""Messages that are filled up together, so that they stay in near memory."""
_SIZE: Final = 8
_INNER: Final = 0x36
_OUTER: Final = 0x5C


def sha256_of(count: int, *parts: Part) -> Bytes:
    """Give SHA-256 of each of `count` messages, shape (messages, 32): their parts one after the other."""
    length = sum(map(_width, parts))
    blocks = -(-(length + 1 + _SIZE) // _BLOCK)
    filled = np.zeros((min(count, _AT_ONCE), blocks * _BLOCK), np.uint8)
    filled[:, length] = 0x80
    filled[:, -_SIZE:] = np.frombuffer((length * 8).to_bytes(_SIZE, "big"), np.uint8)
    out = np.empty((count, HASH_SIZE), np.uint8)
    for begin in range(0, count, _AT_ONCE):
        some = filled[: min(_AT_ONCE, count - begin)]
        at = 0
        for part in parts:
            width = _width(part)
            some[:, at : at + width] = (
                np.frombuffer(part, np.uint8)
                if isinstance(part, bytes)
                else part[begin : begin + len(some)]
            )
            at += width
        hash_padded(some.view(np.uint32), out[begin : begin + len(some)].view(np.uint32))
    return out


def hmac_by_keys(keys: Bytes, text: bytes) -> Bytes:
    """Give HMAC-SHA-256 of one text by each key, shape (keys, 32) (RFC 2104)."""
    count, width = keys.shape
    inner, outer = (bytes((pad,)) * (_BLOCK - width) for pad in (_INNER, _OUTER))
    hashed = sha256_of(count, keys ^ np.uint8(_INNER), inner, text)
    return sha256_of(count, keys ^ np.uint8(_OUTER), outer, hashed)


def hmac_of_texts(key: bytes, count: int, *parts: Part) -> Bytes:
    """Give HMAC-SHA-256 of each text, put together from parts, by one key of at most 64 bytes."""
    inner, outer = (
        bytes(byte ^ pad for byte in key.ljust(_BLOCK, b"\0")) for pad in (_INNER, _OUTER)
    )
    return sha256_of(count, outer, sha256_of(count, inner, *parts))


def _width(part: Part) -> int:
    return len(part) if isinstance(part, bytes) else int(part.shape[1])
