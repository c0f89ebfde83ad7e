# SPDX-License-Identifier: Apache-2.0
"""A release for the loaders of PyTorch and Hugging Face, on top of its own order (docs/training.md).

Both give the very batches of `stream`; neither library is loaded before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from privity.errors import InputError, UnavailableError
from privity.release.opened import OpenRelease
from privity.train.batches import Consumed
from privity.train.source import source_of
from privity.train.stream import MEMORY, Share, Stream, stream_of

if TYPE_CHECKING:
    import datasets

    from privity.train.loader import ReleaseReader

BATCH: str = "batch"
"""The column that says in which batch of all epochs a record is, where records come one by one."""


def stream(
    release: OpenRelease,
    *,
    columns: Sequence[str],
    batch_size: int,
    epochs: int = 1,
    memory: int = MEMORY,
    folder: Path | None = None,
) -> Stream:
    """Read a release in batches, in bounded memory and in an order that hangs on nothing but the release.

    Args:
        release: What `privity.open_release` gives.
        columns: The columns that a batch has, in this order.
        batch_size: How many records a batch has, on the mean.
        epochs: How often the release is read, each time in another order.
        memory: Bytes that the rows which wait may take.
        folder: Where rows that are too many are sorted; None is the system's place for such.

    Raises:
        InputError: A column is not there, or a number is no positive one.
        VerificationError: A file is not what the manifest says.
        ConflictError: A file is gone: the release was revised meanwhile.
        UnavailableError: It cannot be read.
    """
    return stream_of(
        source_of(release),
        columns=columns,
        batch_size=batch_size,
        epochs=epochs,
        memory=memory,
        folder=folder,
    )


def for_torch(
    read: Stream, *, start: int = 0, rank: int = 0, world_size: int = 1
) -> ReleaseReader:
    """Give an iterable of batches for `torch.utils.data.DataLoader(…, batch_size=None)`.

    Workers of one loader take the batches in turn, so that the loader gives them in their order.

    Args:
        read: What is read.
        start: The place of the first batch in the whole of all epochs.
        rank: Which of several processes this is, from 0.
        world_size: How many processes share the batches.

    Raises:
        InputError: There is no such rank (`train/share`).
        UnavailableError: torch is not installed (`train/no-torch`).
    """
    try:
        from privity.train.loader import ReleaseReader  # noqa: PLC0415 - loaded when it is used
    except ImportError as error:
        raise no_torch() from error
    return ReleaseReader(read, start=start, share=Share(number=rank, of=world_size))


def for_hugging_face(
    read: Stream, *, start: int = 0, consumed: Consumed | None = None
) -> datasets.IterableDataset:
    """Give the records one by one as a `datasets.IterableDataset`, each with the place of its batch as `batch`.

    Args:
        read: What is read.
        start: The place of the first batch in the whole of all epochs.
        consumed: Told of each batch before its first record is given; only where this process reads.

    Raises:
        InputError: A column is called `batch` (`train/column`).
        UnavailableError: datasets is not installed (`train/no-datasets`).
    """
    if BATCH in read.columns:
        raise InputError(
            f"a column is called `{BATCH}`, as the place of a record’s batch is",
            code="train/column",
            hint="leave it out",
        )
    try:
        import datasets as library  # noqa: PLC0415 - loaded when it is used
    except ImportError as error:
        raise UnavailableError(
            "datasets is not installed",
            code="train/no-datasets",
            hint="install it: pip install datasets",
        ) from error
    fields = [read.schema.field(name) for name in read.columns]
    schema = pa.schema([*fields, (BATCH, pa.int64())])

    def records() -> Iterator[dict[str, Any]]:
        batches = read.read(start)
        for batch in batches if consumed is None else consumed.following(batches):
            for row in batch.table.to_pylist():
                yield {**row, BATCH: batch.position}

    return library.IterableDataset.from_generator(
        records, features=library.Features.from_arrow_schema(schema)
    )


def no_torch() -> UnavailableError:
    """Give the error of who has no torch."""
    return UnavailableError(
        "torch is not installed, and training needs it",
        code="train/no-torch",
        hint="install it: pip install 'privity[train]', or `make train` in the repository",
    )
