# SPDX-License-Identifier: Apache-2.0
"""What a training came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedModel:
    """A model that was trained.

    Attributes:
        model: Its name.
        out: Its folder.
        sha256: Of its weights, in hexadecimal.
        run: The run that made it.
        release: The release that it read.
        revision: Which revision.
        entry: The index of the entry of the run's end; the model's is the next.
        batches: How many batches were consumed.
        batches_root: The root over them.
        records: How many records were in them.
        parameters: How many numbers the network has.
        learnt: How many bytes and ends it learnt from.
        losses: The loss of each step, in nats a byte.
    """

    model: str
    out: Path
    sha256: str
    run: str
    release: str
    revision: int
    entry: int
    batches: int
    batches_root: bytes
    records: int
    parameters: int
    learnt: int
    losses: Sequence[float | None]

    @property
    def first_loss(self) -> float:
        """The mean loss of the first tenth of the steps."""
        return _mean(self.known[: self.tenth])

    @property
    def last_loss(self) -> float:
        """The mean loss of the last tenth of the steps."""
        return _mean(self.known[-self.tenth :])

    @property
    def known(self) -> list[float]:
        """The losses of the steps that learnt something."""
        return [loss for loss in self.losses if loss is not None]

    @property
    def tenth(self) -> int:
        """A tenth of these steps, at least one."""
        return max(1, len(self.known) // 10)

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "model": self.model,
            "folder": str(self.out),
            "sha256": self.sha256,
            "run": self.run,
            "release": self.release,
            "revision": self.revision,
            "entry": self.entry,
            "batches": self.batches,
            "batches_root": self.batches_root.hex(),
            "records": self.records,
            "parameters": self.parameters,
            "learnt": self.learnt,
            "first_loss": round(self.first_loss, 4),
            "last_loss": round(self.last_loss, 4),
        }


def _mean(losses: Sequence[float]) -> float:
    return sum(losses) / len(losses)
