# SPDX-License-Identifier: Apache-2.0
"""A small transformer over bytes, in plain PyTorch: enough to show that a release can be learnt, and no more."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from privity.train.settings import Settings

END: Final = 256
"""The token that begins and ends a record."""
TOKENS: Final = 257
NOTHING: Final = -100
"""The target of a place that is not learnt."""

_SPREAD: Final = 0.02
_WIDER: Final = 4


class Block(nn.Module):  # type: ignore[misc]  # torch is not there for every type check
    """A layer: attention to what stands before, then two linear maps, each on top of what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.attention = nn.Linear(width, 3 * width, bias=False)
        self.joined = nn.Linear(width, width, bias=False)
        self.before_maps = nn.LayerNorm(width)
        self.wider = nn.Linear(width, _WIDER * width, bias=False)
        self.narrower = nn.Linear(_WIDER * width, width, bias=False)

    def forward(self, states: Tensor) -> Tensor:
        """Give the states of the next layer; shape (records, places, width)."""
        records, places, width = states.shape
        parts = self.attention(self.before_attention(states))
        parts = parts.view(records, places, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        states = states + self.joined(seen.transpose(1, 2).reshape(records, places, width))
        maps = functional.gelu(self.wider(self.before_maps(states)))
        return states + self.narrower(maps)


class Network(nn.Module):  # type: ignore[misc]  # as above
    """The network: bytes in, what byte comes next out.

    Args:
        settings: Its sizes and the seed of its first weights.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.tokens = nn.Embedding(TOKENS, settings.width)
        self.places = nn.Embedding(settings.context, settings.width)
        self.blocks = nn.ModuleList(
            Block(settings.width, settings.heads) for _ in range(settings.layers)
        )
        self.last = nn.LayerNorm(settings.width)
        self._begin(settings)

    def forward(self, tokens: Tensor) -> Tensor:
        """Give the logits of the next token at each place; shape (records, places, 257)."""
        places = torch.arange(tokens.shape[1])
        states = self.tokens(tokens) + self.places(places)
        for block in self.blocks:
            states = block(states)
        return functional.linear(self.last(states), self.tokens.weight)

    def loss(self, tokens: Tensor) -> Tensor:
        """Give the mean surprise at the next byte, in nats; `NOTHING` is not asked."""
        targets = tokens[:, 1:]
        logits = self(tokens[:, :-1].clamp(min=0))
        return functional.cross_entropy(
            logits.reshape(-1, TOKENS), targets.reshape(-1), ignore_index=NOTHING
        )

    def _begin(self, settings: Settings) -> None:
        """Draw the first weights from a generator of their own, so that they hang on the seed alone."""
        drawn = torch.Generator().manual_seed(settings.seed)
        narrow = _SPREAD / math.sqrt(2 * settings.layers)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                spread = (
                    narrow if name.endswith(("joined.weight", "narrower.weight")) else _SPREAD
                )
                nn.init.normal_(weight, std=spread, generator=drawn)


def tokens_of(texts: list[bytes], context: int) -> Tensor:
    """Give records as tokens, each on a line of its own, cut to `context` bytes; shape (records, places)."""
    lines = [[END, *text[:context], *([END] if len(text) < context else [])] for text in texts]
    longest = max(len(line) for line in lines)
    return torch.tensor([[*line, *([NOTHING] * (longest - len(line)))] for line in lines])
