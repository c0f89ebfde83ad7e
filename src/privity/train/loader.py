# SPDX-License-Identifier: Apache-2.0
"""The batches of a release as an iterable that PyTorch's loader takes, with its workers (docs/training.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from privity.errors import InputError
from privity.train.batches import Batch
from privity.train.stream import Share, Stream

_GIVEN = "given"


class ReleaseReader(IterableDataset):  # type: ignore[misc]  # torch is not there for every type check
    """Batches in the order of the release, shared among processes and the workers of a loader.

    It keeps its place: `state_dict` and `load_state_dict` go on from there, as `torchdata`'s stateful loader
    asks it to. Once it has given the last batch, it begins again at `start`.

    Args:
        read: What is read.
        start: The place of the first batch in the whole of all epochs.
        share: Which batches this process takes.
    """

    def __init__(self, read: Stream, *, start: int = 0, share: Share) -> None:
        self._read = read
        self._start = start
        self._share = share
        self._given = 0

    def __iter__(self) -> Iterator[Batch]:
        """Read on from where it is.

        Raises:
            PrivityError: As `Stream.read`.
        """
        share = self._mine()
        # The rest of a share is what a single reader of as many takes from its own next place on.
        place = self._start + share.number + self._given * share.of
        if place < len(self._read):
            for batch in self._read.read(place, replace(share, number=0)):
                self._given += 1
                yield batch
        self._given = 0

    def state_dict(self) -> dict[str, Any]:
        """Give its place, as plain values: it goes on behind the last batch that it gave."""
        return {**self._read.state(self._start), _GIVEN: self._given}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a place, with as many processes and workers as were when it was taken.

        Raises:
            InputError: It is none (`train/state`).
            ConflictError: It is one of another release or of other batches (`train/other-state`).
        """
        start, given = self._read.position_of(state), state.get(_GIVEN)
        if type(given) is not int or given < 0:
            raise InputError("the state does not say how far it came", code="train/state")
        self._start, self._given = start, given

    def _mine(self) -> Share:
        """Give the share of this worker of the loader."""
        worker = get_worker_info()
        if worker is None:
            return self._share
        processes = self._share.of
        return Share(
            number=self._share.number + worker.id * processes,
            of=processes * worker.num_workers,
        )
