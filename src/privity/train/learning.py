# SPDX-License-Identifier: Apache-2.0
"""Train the network on the batches of a release: the same release, settings and code give the same weights.

That holds on one kind of processor with one version of PyTorch: others round otherwise. One step reads one batch; a batch
without text is read, and nothing is learnt from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from privity.errors import InputError
from privity.train.batches import Batch
from privity.train.network import Network, tokens_of
from privity.train.settings import Settings
from privity.train.weights import read_weights, write_weights

_WARM: Final = 0.1
_LEAST: Final = 0.1
_MILLION: Final = 1_000_000
_DECAY: Final = 0.1
_LARGEST: Final = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnt:
    """What came of it.

    Attributes:
        weights: The weights as safetensors.
        losses: The loss of each step before it learnt from it, in nats a byte; None where a batch had no text.
        parameters: How many numbers the network has.
        learnt: How many bytes and ends were learnt.
    """

    weights: bytes
    losses: Sequence[float | None]
    parameters: int
    learnt: int


def learn(
    batches: Iterable[Batch],
    settings: Settings,
    *,
    base: bytes | None = None,
    progress: Callable[[float | None], None] = lambda _: None,
) -> Learnt:
    """Train on batches, as many as there are.

    Args:
        batches: What is read; `settings.steps` of them were asked for.
        settings: How.
        base: Weights to go on from; None begins anew.
        progress: Told the loss of each step.

    Raises:
        InputError: The weights to go on from are none of such a network (`train/weights`).
        PrivityError: As reading the batches.
    """
    with _deterministic(settings.threads):
        network = Network(settings)
        if base is not None:
            _load(network, base)
        optimiser = torch.optim.AdamW(
            network.parameters(), lr=1.0, betas=(0.9, 0.95), weight_decay=_DECAY
        )
        losses: list[float | None] = []
        learnt = 0
        for step, batch in enumerate(batches):
            texts = texts_of(batch)
            loss: float | None = None
            if texts:
                for group in optimiser.param_groups:
                    group["lr"] = _rate(settings, step)
                tokens = tokens_of(texts, settings.context)
                surprise = network.loss(tokens)
                optimiser.zero_grad()
                surprise.backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), _LARGEST)
                optimiser.step()
                loss = float(surprise.detach())
                learnt += int((tokens[:, 1:] >= 0).sum())
            losses.append(loss)
            progress(loss)
        return Learnt(
            weights=write_weights(_weights(network)),
            losses=losses,
            parameters=sum(one.numel() for one in network.parameters()),
            learnt=learnt,
        )


def texts_of(batch: Batch) -> list[bytes]:
    """Give what each record of a batch says, its columns on lines; records that say nothing are left out."""
    columns = [batch.table[name].to_pylist() for name in batch.table.column_names]
    rows = ("\n".join(part for part in row if part) for row in zip(*columns, strict=True))
    return [row.encode() for row in rows if row]


def _weights(network: Network) -> dict[str, Any]:
    return {name: one.detach().numpy() for name, one in network.state_dict().items()}


def _load(network: Network, data: bytes) -> None:
    shapes = {name: tuple(one.shape) for name, one in network.state_dict().items()}
    found = read_weights(data, shapes)
    network.load_state_dict({name: torch.tensor(np.array(one)) for name, one in found.items()})


def _rate(settings: Settings, step: int) -> float:
    """Give the learning rate of a step: up in the first tenth, then down on a cosine to a tenth."""
    highest = settings.rate / _MILLION
    warm = max(1, round(settings.steps * _WARM))
    if step < warm:
        return highest * (step + 1) / warm
    done = (step - warm) / max(1, settings.steps - warm)
    return highest * (_LEAST + (1 - _LEAST) * (1 + math.cos(math.pi * min(1, done))) / 2)


@contextmanager
def _deterministic(threads: int) -> Iterator[None]:
    """Let torch compute in the same order every time, by so many threads; then as before."""
    before = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    torch.set_num_threads(threads)
    # Not by `use_deterministic_algorithms`, which says it to a compiler too that is not used here, and takes seconds to load.
    torch.set_deterministic_debug_mode("error")
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.set_deterministic_debug_mode(before[1])


def check_text(losses: Sequence[float | None]) -> None:
    """Check that something was learnt.

    Raises:
        InputError: No batch had text (`train/no-text`).
    """
    if all(loss is None for loss in losses):
        raise InputError(
            "no record that was read has text in these columns",
            code="train/no-text",
            hint="name other columns with --column",
        )
