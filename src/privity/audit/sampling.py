# SPDX-License-Identifier: Apache-2.0
"""Which records are drawn, and what they say of those that are not (specs/audit.md, part 3).

Every set of as many records is drawn with the same chance, by a seed that anybody can use again. How many of all are wrong
lies between two bounds, found by inverting the exact hypergeometric distribution; the arithmetic is of integers, and
what it cannot tell with some digits it asks again with more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import comb
from typing import Final

from privity.canonical.encode import encode_canonical

_WORD: Final = 1 << 64
_DIGITS: Final = 192
_MOST_DIGITS: Final = 1536


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How many of all are wrong.

    Attributes:
        at_least: As many or more.
        at_most: As many or fewer.
    """

    at_least: int
    at_most: int


def drawn_of(population: int, count: int, seed: int) -> frozenset[int]:
    """Draw as many of the first integers as are wanted: each set of them with the same chance ([AUD-80]).

    Args:
        population: From how many; 0 is the first.
        count: How many; all, where there are not more.
        seed: Which draw.
    """
    if count >= population:
        return frozenset(range(population))
    words = _words(seed)
    found: set[int] = set()
    # Floyd's way: what is drawn twice stands for the last that could be.
    for last in range(population - count, population):
        one = _below(last + 1, words)
        found.add(last if one in found else one)
    return frozenset(found)


def _words(seed: int) -> Iterator[int]:
    """Give numbers of 64 bits, the same for the same seed."""
    number = 0
    while True:
        text = encode_canonical(["privity/draw/v1", str(seed), number])
        block = sha256(text).digest()
        yield from (int.from_bytes(block[at : at + 8], "big") for at in range(0, 32, 8))
        number += 1


def _below(end: int, words: Iterator[int]) -> int:
    """Give a number under `end`, each with the same chance."""
    # What is over the last whole multiple would make small numbers likelier.
    over = _WORD - _WORD % end
    for word in words:
        if word < over:
            return word % end
    raise AssertionError  # pragma: no cover - the words never end


def bounds_of(population: int, drawn: int, wrong: int, confidence: Fraction) -> Bounds:
    """Give the bounds of how many of all are wrong, where some of those that were drawn are ([AUD-81]).

    Args:
        population: How many there are.
        drawn: How many of them were drawn.
        wrong: How many of these are wrong.
        confidence: With which chance both bounds hold, or a higher one.
    """
    either = (1 - confidence) / 2

    def few(there: int) -> bool:
        """Tell whether it is likely enough that so few are drawn, were so many there."""
        return likely(population, there, drawn, most=wrong, chance=either)

    def too_many(there: int) -> bool:
        """Tell whether it is not likely enough that so many are: that so few of the others are."""
        others = population - there
        return not likely(population, others, drawn, most=drawn - wrong, chance=either)

    lowest, highest = wrong, population - (drawn - wrong)
    least = _last(lowest, highest, too_many) + 1 if too_many(lowest) else lowest
    return Bounds(at_least=least, at_most=_last(lowest, highest, few))


def _last(lowest: int, highest: int, holds: Callable[[int], bool]) -> int:
    """Give the last number of which something holds that holds of the lowest, and of all up to the last."""
    while lowest < highest:
        middle = (lowest + highest + 1) // 2
        if holds(middle):
            lowest = middle
        else:
            highest = middle - 1
    return lowest


def likely(population: int, there: int, drawn: int, *, most: int, chance: Fraction) -> bool:
    """Tell whether at most some of those that are drawn are of one kind, with more than a chance.

    Args:
        population: How many there are.
        there: How many of them are of the kind.
        drawn: How many are drawn.
        most: How many of the kind among them at most.
        chance: What the chance is compared with.
    """
    least = max(0, drawn - (population - there))
    if most >= min(there, drawn):
        return chance < 1
    if most < least:
        return False
    digits = _DIGITS
    while digits <= _MOST_DIGITS:
        low, high = _chance(population, there, drawn, most, digits)
        if low > chance or high <= chance:
            return low > chance
        digits *= 2
    # Equal, or nearer than so many digits tell: counted whole.
    ways = sum(
        comb(there, one) * comb(population - there, drawn - one)
        for one in range(least, most + 1)
    )
    return Fraction(ways, comb(population, drawn)) > chance


def _chance(
    population: int, there: int, drawn: int, most: int, digits: int
) -> tuple[Fraction, Fraction]:
    """Enclose the chance that at most so many are of the kind, by numbers of so many binary digits."""
    others = population - there
    least = max(0, drawn - others)
    # Where more are drawn than there are others, all others are, and what is not drawn is of the kind.
    apart = (others, population - drawn) if least else (there, drawn)
    term = _Between(low=1, high=1, shift=0).times(_none_of(population, *apart), digits)
    total = term
    for one in range(least, most):
        up, down = (there - one) * (drawn - one), (one + 1) * (others - drawn + one + 1)
        term = term.times([(up, down)], digits)
        total = total.plus(term)
    return total.low_and_high


def _none_of(population: int, some: int, others: int) -> Iterator[tuple[int, int]]:
    """Give the factors of the chance that of two sets, drawn apart, nothing is in both."""
    fewer, more = sorted((some, others))
    for one in range(fewer):
        yield population - more - one, population - one


@dataclass(frozen=True, kw_only=True, slots=True)
class _Between:
    """A positive number between two others: `low` and `high`, each divided by two to the power of `shift`."""

    low: int
    high: int
    shift: int

    def times(self, ratios: Iterable[tuple[int, int]], digits: int) -> _Between:
        """Multiply by ratios, and keep so many binary digits at least."""
        low, high, shift = self.low, self.high, self.shift
        for up, down in ratios:
            more = digits - low.bit_length()
            if more > 0:
                low, high, shift = (
                    low << digits + more,
                    high << digits + more,
                    shift + digits + more,
                )
            elif more < -2 * digits:
                low, high, shift = low >> digits, -(-high >> digits), shift - digits
            low, high = low * up // down, -(-high * up // down)
        return _Between(low=low, high=high, shift=shift)

    def plus(self, other: _Between) -> _Between:
        """Add another: what is finer than the coarser of both is rounded away from between."""
        shift = min(self.shift, other.shift)
        mine, others = self.shift - shift, other.shift - shift
        return _Between(
            low=(self.low >> mine) + (other.low >> others),
            high=-(-self.high >> mine) - (-other.high >> others),
            shift=shift,
        )

    @property
    def low_and_high(self) -> tuple[Fraction, Fraction]:
        """Both, as fractions."""
        return _scaled(self.low, self.shift), _scaled(self.high, self.shift)


def _scaled(number: int, shift: int) -> Fraction:
    return Fraction(number << max(0, -shift), 1 << max(0, shift))
