# SPDX-License-Identifier: Apache-2.0
"""Where a record stands in a training run: its slot, and the batch that its slot falls in (specs/release.md, part 5).

A slot is a keyed hash of the record's id and of nothing else, and the batches are equal ranges of slots, as many as the
first revision asked for. So what is removed later leaves its slot empty, and nobody else's batch moves.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.errors import InputError

ORDER: Final = b"privity/order/v1"
MOST_BATCHES: Final = (1 << 32) - 1

_SLOT_SIZE: Final = 8
_EPOCH_SIZE: Final = 16
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(MOST_BATCHES)

Slots = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """The order in which a release is read: a pure function of its salt, its first rows and the batch size.

    Attributes:
        key: 32 bytes, made from the release's salt ([REL-80]).
        batches: How many batches each epoch has; 0 where the release never had a record.
    """

    key: bytes
    batches: int

    def slots(self, ids: Iterable[bytes], epoch: int) -> Slots:
        """Give the slots of records in an epoch ([REL-80]).

        Args:
            ids: The records' ids as `id_bytes` gives them.
            epoch: Which reading of the release, from 0.
        """
        keyed = hashlib.blake2b(
            digest_size=_SLOT_SIZE, key=self.key, salt=epoch.to_bytes(_EPOCH_SIZE, "big")
        )

        def slot(record: bytes) -> bytes:
            one = keyed.copy()
            one.update(record)
            return one.digest()

        return np.frombuffer(b"".join([slot(one) for one in ids]), ">u8").astype(np.uint64)

    def numbers(self, slots: Slots) -> Numbers:
        """Give the number of the batch that each slot falls in, from 0: floor(slot × batches / 2^64) ([REL-81])."""
        batches = np.uint64(self.batches)
        high, low = slots >> _HALF, slots & _LOW
        return ((high * batches + (low * batches >> _HALF)) >> _HALF).astype(np.int64)


def order_of(salt: bytes, *, rows: int, batch_size: int) -> Order:
    """Give the order of a release.

    Args:
        salt: The release's salt, 32 bytes.
        rows: How many records its first revision had.
        batch_size: How many records a batch has, on the mean.

    Raises:
        InputError: The batch size is no positive number, or there would be 2^32 batches (`train/batch-size`).
    """
    if batch_size < 1:
        raise InputError(
            f"a batch of {batch_size} records, expected at least 1", code="train/batch-size"
        )
    batches = -(-rows // batch_size)
    if batches > MOST_BATCHES:
        raise InputError(
            f"{rows} records in batches of {batch_size} are {batches} batches, expected at most "
            f"{MOST_BATCHES}",
            code="train/batch-size",
            hint="take larger batches",
        )
    return Order(key=order_key(salt), batches=batches)


def order_key(salt: bytes) -> bytes:
    """Give the key of slots: HMAC-SHA-256 of `ORDER` by a release's salt ([REL-80])."""
    return hmac.digest(salt, ORDER, "sha256")


def id_bytes(ids: pa.Array | pa.ChunkedArray) -> Sequence[bytes]:
    """Give record ids as bytes: text in UTF-8, an integer as its decimal digits.

    Raises:
        InputError: An id is missing (`train/no-id`).
    """
    if ids.null_count:
        raise InputError(
            f"{ids.null_count} records have no id, expected one for each", code="train/no-id"
        )
    found: list[bytes] = ids.cast(pa.string()).cast(pa.binary()).to_pylist()
    return found
