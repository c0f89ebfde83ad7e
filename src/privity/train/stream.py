# SPDX-License-Identifier: Apache-2.0
"""A release read in batches: in the order of slots, in bounded memory, from any place on (specs/release.md, part 5).

The same release, batch size and epoch give the same batches, on any machine; going on from a place gives the very rest. A batch
whose records were all removed is given too, without a row, so that every other keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.errors import ConflictError, InputError
from privity.train.batches import Batch, Line, digest_of
from privity.train.slots import Order, Slots, id_bytes, order_of
from privity.train.source import ID, Source, opened
from privity.train.spool import Spool

FORMAT: Final = "privity-stream/1"
MEMORY: Final = 256 << 20
"""Bytes that the rows which wait may take, unless said otherwise."""

_ROWS: Final = 1 << 13
_MOST_BUCKETS: Final = 1 << 14
_SLOT: Final = "privity slot"
_WIDENING: Final = (
    3  # what a column takes in memory, as a multiple of what its file says, at the most
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """Which batches one of several readers takes, dealt in turn from the place where they begin.

    Attributes:
        number: Which reader, from 0.
        of: How many there are.
    """

    number: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.of:
            raise InputError(
                f"reader {self.number} of {self.of}, expected one from 0 to {self.of - 1}",
                code="train/share",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """How a release is read.

    Attributes:
        source: The release.
        order: Its order.
        schema: The id, the columns that a batch has, and the slot.
        columns: The columns that a batch has.
        buckets: In how many parts the rows are sorted.
        epochs: How often it is read.
        memory: Bytes that the rows which wait may take; what Arrow needs to read a row group comes on top.
        folder: Where rows that are too many are sorted; None is the system's place for such.
    """

    source: Source
    order: Order
    schema: pa.Schema
    columns: tuple[str, ...]
    buckets: int
    epochs: int
    memory: int
    folder: Path | None

    def __len__(self) -> int:
        """Give how many batches there are, in all epochs."""
        return self.order.batches * self.epochs

    def read(
        self, start: int = 0, share: Share | None = None, *, stop: int | None = None
    ) -> Iterator[Batch]:
        """Read batches.

        Args:
            start: The place of the first one in the whole of all epochs, from 0.
            share: Which of them; None is all.
            stop: The place before which to end; None reads to the end.

        Raises:
            InputError: There is no such place (`train/position`).
            VerificationError: A file is not what the manifest says (`train/file`).
            ConflictError: A file is gone: the release was revised meanwhile (`train/revised`).
            UnavailableError: The disk is full or fails (`train/disk`).
        """
        if not 0 <= start <= len(self):
            raise InputError(
                f"batch {start}, expected one from 0 to {len(self)}", code="train/position"
            )
        taken = Share() if share is None else share
        batches = self.order.batches
        end = len(self) if stop is None else min(stop, len(self))
        places = range(start + taken.number, end, taken.of)
        for epoch in range(self.epochs):
            before = epoch * batches
            mine = _within(places, before, before + batches)
            if mine:
                wanted = range(mine.start - before, mine.stop - before, mine.step)
                yield from self._epoch(epoch, wanted)

    def state(self, position: int) -> dict[str, Any]:
        """Give what `position_of` needs to go on from a place, as plain values."""
        return {
            "format": FORMAT,
            "release": self.source.release,
            "revision": self.source.revision,
            "batches": self.order.batches,
            "position": position,
        }

    def position_of(self, state: Mapping[str, Any]) -> int:
        """Give the place that a state names; the revision may be a later one now.

        Raises:
            InputError: It is no state (`train/state`).
            ConflictError: It is one of another release, of other batches, or of a later revision
                (`train/other-state`).
        """
        if state.get("format") != FORMAT or not all(
            type(state.get(key)) is int and state[key] >= 0
            for key in ("revision", "batches", "position")
        ):
            raise InputError(
                f"this is no state of a reading, expected `{FORMAT}`", code="train/state"
            )
        mine = self.state(0)
        other = [key for key in ("release", "batches") if state.get(key) != mine[key]]
        if other or state["revision"] > mine["revision"]:
            key = other[0] if other else "revision"
            raise ConflictError(
                f"the state is one of {key} `{state.get(key)}`, and this is `{mine[key]}`",
                code="train/other-state",
                hint="go on with the release and the batch size that you began with, in the same revision or a "
                "later one",
            )
        position: int = state["position"]
        return position

    def _epoch(self, epoch: int, wanted: range) -> Iterator[Batch]:
        """Read some batches of one epoch, in order."""
        buckets, batches = self.buckets, self.order.batches
        with Spool(buckets, self.schema, memory=self.memory // 2, folder=self.folder) as spool:
            for rows, slots in self._rows(epoch):
                numbers = self.order.numbers(slots)
                keep = (numbers >= wanted.start) & ((numbers - wanted.start) % wanted.step == 0)
                spool.add(numbers[keep] * buckets // batches, rows.filter(pa.array(keep)))
            for bucket in range(buckets):
                # INVARIANT: bucket = floor(number × buckets / batches), as above.
                low, high = (-(-one * batches // buckets) for one in (bucket, bucket + 1))
                if mine := _within(wanted, low, high):
                    yield from self._bucket(epoch, spool.take(bucket), mine)

    def _bucket(self, epoch: int, rows: pa.Table, wanted: range) -> Iterator[Batch]:
        """Give the batches of a bucket."""
        slots = rows[_SLOT].to_numpy()
        order = _sorted(slots, rows[ID])
        numbers = self.order.numbers(slots[order])
        rows = rows.combine_chunks().take(pa.array(order))
        starts = np.searchsorted(numbers, wanted, side="left").tolist()
        ends = np.searchsorted(numbers, wanted, side="right").tolist()
        for number, start, end in zip(wanted, starts, ends, strict=True):
            mine = rows.slice(start, end - start)
            line = Line(
                release=self.source.release,
                epoch=epoch,
                batch=number,
                of=self.order.batches,
                records=mine.num_rows,
                digest=digest_of(self.source.salt, id_bytes(mine[ID])),
            )
            yield Batch(
                line=line,
                position=epoch * self.order.batches + number,
                table=mine.select(self.columns),
            )

    def _rows(self, epoch: int) -> Iterator[tuple[pa.RecordBatch, Slots]]:
        """Read the rows of all files with their slots, in the order of the files."""
        fields = list(self.schema)[:-1]
        names = [field.name for field in fields]
        for file in self.source.files:
            with opened(self.source.table, file) as table:
                for read in table.iter_batches(_ROWS, columns=names, use_threads=False):
                    slots = self.order.slots(id_bytes(read[ID]), epoch)
                    columns = [read[field.name].cast(field.type) for field in fields]
                    rows = pa.record_batch([*columns, pa.array(slots)], schema=self.schema)
                    yield rows, slots


def stream_of(
    source: Source,
    *,
    columns: Sequence[str],
    batch_size: int,
    epochs: int = 1,
    memory: int = MEMORY,
    folder: Path | None = None,
) -> Stream:
    """Make a stream of a release.

    Args:
        source: The release.
        columns: The columns that a batch has, in this order.
        batch_size: How many records a batch has, on the mean.
        epochs: How often it is read, each time in another order.
        memory: Bytes that the rows which wait may take.
        folder: Where rows that are too many are sorted; None is the system's place for such.

    Raises:
        InputError: A column is not there (`train/column`), or the batch size or the epochs are no positive number.
        VerificationError: The first file is not what the manifest says.
    """
    if epochs < 1:
        raise InputError(f"{epochs} epochs, expected at least 1", code="train/epochs")
    there = source.schema()
    for name in columns:
        if name not in there.names:
            listed = ", ".join(f"`{one}`" for one in there.names)
            raise InputError(
                f"release `{source.release}` has no column `{name}`, expected one of {listed}",
                code="train/column",
            )
    names = dict.fromkeys((ID, *columns))
    order = order_of(source.salt, rows=source.first_rows, batch_size=batch_size)
    fields = [_plain(there.field(one)) for one in names]
    # While it is sorted, a bucket is held twice.
    most = max(1, memory // 8)
    wanted = -(-_WIDENING * source.bytes_of(names) // most)
    return Stream(
        source=source,
        order=order,
        schema=pa.schema([*fields, (_SLOT, pa.uint64())]),
        columns=tuple(dict.fromkeys(columns)),
        buckets=max(1, min(wanted, order.batches, _MOST_BUCKETS)),
        epochs=epochs,
        memory=memory,
        folder=folder,
    )


def _plain(field: pa.Field) -> pa.Field:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return pa.field(field.name, kind)


def _within(numbers: range, low: int, high: int) -> range:
    """Give those of some numbers that lie from `low` to below `high`."""

    def place(bound: int) -> int:
        return min(len(numbers), max(0, -(-(bound - numbers.start) // numbers.step)))

    return numbers[place(low) : place(high)]


def _sorted(slots: Slots, ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Give the order of rows: by slot, and by id where two have one slot ([REL-81])."""
    order = np.argsort(slots, kind="stable")
    ordered = slots[order]
    if (ordered[1:] == ordered[:-1]).any():
        names = id_bytes(ids)
        order = np.array(sorted(order.tolist(), key=lambda row: (slots[row], names[row])))
    return order
