# SPDX-License-Identifier: Apache-2.0
"""How the demonstration is trained: what a run's `config` is the SHA-256 of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from privity.canonical.encode import digest, encode
from privity.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that the weights hang on besides the release and the code.

    Attributes:
        columns: The columns of text that are learnt, in this order.
        seed: Of the first weights.
        steps: How many batches are read.
        batch_size: How many records a batch has, on the mean.
        context: How many bytes of a record are learnt, at the most.
        width: Numbers of a place in the network.
        layers: How many layers it has.
        heads: Heads of attention of a layer.
        rate: The highest learning rate, in millionths.
        threads: How many threads sum up; another number rounds otherwise, and more wait for one another where
            processors are shared.
        base: The SHA-256 of the weights that it goes on from, or None.
    """

    columns: tuple[str, ...]
    seed: int = 1
    steps: int = 50
    batch_size: int = 32
    context: int = 96
    width: int = 256
    layers: int = 3
    heads: int = 4
    rate: int = 2000
    threads: int = 1
    base: str | None = None

    def __post_init__(self) -> None:
        for key in ("steps", "batch_size", "context", "width", "layers", "heads", "threads"):
            if getattr(self, key) < 1:
                raise InputError(
                    f"{key.replace('_', ' ')} is {getattr(self, key)}, expected at least 1",
                    code="train/settings",
                )
        if self.width % self.heads:
            raise InputError(
                f"a width of {self.width} has no {self.heads} equal heads",
                code="train/settings",
            )
        if not self.columns:
            raise InputError(
                "there is no column of text to learn", code="train/settings", hint="name one"
            )

    def to_json(self) -> dict[str, Any]:
        """Give them as plain values."""
        return {**asdict(self), "columns": list(self.columns)}

    @property
    def sha256(self) -> str:
        """The SHA-256 of their canonical JSON, in hexadecimal."""
        return digest(encode(self.to_json()))


def code_sha256() -> str:
    """Give the SHA-256 over the programs of this package: over each file's name and SHA-256, by name."""
    hasher = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        hasher.update(f"{path.name}\0{digest(path.read_bytes())}\n".encode())
    return hasher.hexdigest()
