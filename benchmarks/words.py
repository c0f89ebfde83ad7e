# SPDX-License-Identifier: Apache-2.0
"""Text that is made up: a vocabulary drawn by Zipf, and bodies of words of it.

Bodies compress about as written English does, and no two are the same: each begins with its own
pair of names. The bytes are put together by Arrow's `take`, so a gigabyte costs seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

WORDS: Final = 50_000
NAMES: Final = 1 << 13
ENDINGS: Final = 512
LONGEST: Final = 1 << 16
"""Bytes: no body is drawn longer than this."""

_DRAWS: Final = 1 << 20
_SPREAD: Final = 1.0
_ONSETS: Final = "b c d f g h j k l m n p r s t v w br ch cl dr fl gr pl pr sh st th tr".split()
_VOWELS: Final = "a e i o u ai ea io ou".split()
_CODAS: Final = ["", "", "", "n", "r", "s", "t", "l", "nd", "st", "ng", "ck"]

Indices = npt.NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Words with their trailing blank, then names, then endings, and how they are drawn.

    Attributes:
        tokens: One Arrow string for each token.
        lengths: Bytes of each token.
        draws: Rank by Zipf: an equal draw from this table is a draw by frequency.
        mean: Mean bytes of a drawn word.
    """

    tokens: pa.StringArray
    lengths: npt.NDArray[np.int64]
    draws: Indices
    mean: float


@cache
def vocabulary() -> Vocabulary:
    """Make the vocabulary; it never changes."""
    generator = np.random.default_rng(20_240_918)
    words = _distinct(generator, WORDS)
    names = [name.capitalize() for name in _distinct(generator, NAMES)]
    endings = [f"{word}." for word in words[200 : 200 + ENDINGS]]
    tokens = [f"{word} " for word in words] + [f"{name} " for name in names] + endings
    lengths = np.array([len(token) for token in tokens], np.int64)

    # Zipf and Mandelbrot: the n-th word is drawn in proportion to 1 / (n + 2.7).
    shares = 1.0 / (np.arange(1, WORDS + 1) + 2.7)
    shares /= shares.sum()
    bounds = np.rint(np.cumsum(shares) * _DRAWS).astype(np.int64)
    draws = np.searchsorted(bounds, np.arange(_DRAWS), side="right").astype(np.uint16)
    return Vocabulary(
        tokens=pa.array(tokens, pa.string()),
        lengths=lengths,
        draws=draws,
        mean=float(lengths[draws].mean()),
    )


def _distinct(generator: np.random.Generator, count: int) -> list[str]:
    """Give distinct words, short ones first as in a language."""
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = 1 + (len(found) > 400) + (len(found) > 12_000)
        parts = [
            _ONSETS[onset] + _VOWELS[vowel]
            for onset, vowel in zip(
                generator.integers(0, len(_ONSETS), syllables),
                generator.integers(0, len(_VOWELS), syllables),
                strict=True,
            )
        ]
        found["".join(parts) + _CODAS[generator.integers(0, len(_CODAS))]] = None
    return list(found)


def bodies(
    generator: np.random.Generator, numbers: npt.NDArray[np.int64], mean: int
) -> pa.StringArray:
    """Make one body for each number, of log-normal length with that mean in bytes.

    Args:
        generator: Where the chance comes from.
        numbers: One number for each body, below `NAMES` squared, all different.
        mean: Bytes, on average.
    """
    known = vocabulary()
    frame = float(
        known.lengths[WORDS : WORDS + NAMES].mean() * 2 + known.lengths[-ENDINGS:].mean()
    )
    wanted = generator.lognormal(np.log(mean) - _SPREAD**2 / 2, _SPREAD, len(numbers))
    counts = 3 + np.maximum(
        0, np.rint((np.minimum(wanted, LONGEST) - frame) / known.mean)
    ).astype(np.int64)
    ends = np.cumsum(counts)
    starts = ends - counts

    drawn = known.draws[generator.integers(0, _DRAWS, int(ends[-1]), dtype=np.uint32)]
    drawn[starts] = WORDS + numbers // NAMES
    drawn[starts + 1] = WORDS + numbers % NAMES
    drawn[ends - 1] = WORDS + NAMES + generator.integers(0, ENDINGS, len(numbers))

    text = known.tokens.take(pa.array(drawn))
    _, offsets, data = text.buffers()
    cuts = np.frombuffer(offsets, np.int32)[np.concatenate(([0], ends))]
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(cuts), data)
