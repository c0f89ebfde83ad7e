# SPDX-License-Identifier: Apache-2.0
"""Which batches of a run held some records: from their ids, a release's salt and the run's journal ([REL-89])."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from privity.train.batches import Line
from privity.train.slots import Order, order_key


def holding(
    lines: Iterable[Line], *, release: str, salt: bytes, ids: Collection[bytes]
) -> Sequence[Line]:
    """Give the lines of the batches that held any of some records.

    The order is a pure function of the release, so that neither the release nor the batches are read.

    Args:
        lines: The journal.
        release: The release that the records are, or were, in.
        salt: Its salt.
        ids: The records' ids as `id_bytes` gives them.
    """
    wanted = list(ids)
    key = order_key(salt)
    numbers: dict[tuple[int, int], frozenset[int]] = {}
    found = []
    for line in lines:
        if line.release != release:
            continue
        reading = line.epoch, line.of
        if reading not in numbers:
            order = Order(key=key, batches=line.of)
            numbers[reading] = frozenset(
                order.numbers(order.slots(wanted, line.epoch)).tolist()
            )
        if line.batch in numbers[reading]:
            found.append(line)
    return found
