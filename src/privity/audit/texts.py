# SPDX-License-Identifier: Apache-2.0
"""What of a text is compared, for files that came to light (specs/release.md, part 7, written again for who audits).

Of a text the letters and digits are compared, by compatibility and by case. A private text is looked for as a whole, without its
signature, and as its own words, without what it quotes.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

LEAST: Final = 48
"""Letters and digits of a text that says by itself what it is: shorter ones may be anybody's ([REL-134])."""

Numbers = npt.NDArray[np.uint64]

_FILLERS: Final = "\u115f\u1160"
_HAN: Final = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x323B0))
_KEPT: Final = string.ascii_letters + string.digits
_LOWER: Final = bytes(range(256)).lower()
_DROPPED: Final = bytes(code for code in range(256) if chr(code) not in _KEPT)


class _Folding(dict[int, str]):
    """What is compared of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _folded(chr(code))
        return found


def _folded(character: str) -> str:
    """Give the letters and digits of one character ([REL-132])."""
    if unicodedata.category(character)[0] not in "LNS":
        return ""
    plain = _letters(unicodedata.normalize("NFKD", character))
    again = _letters(unicodedata.normalize("NFKD", plain.casefold()))
    return "".join(one * (3 if any(ord(one) in han for han in _HAN) else 1) for one in again)


def _letters(text: str) -> str:
    return "".join(
        one for one in text if unicodedata.category(one)[0] in "LN" and one not in _FILLERS
    )


_FOLDING: Final = _Folding()


def fold(text: str) -> str:
    """Give what is compared of a text."""
    if text.isascii():
        return text.encode().translate(_LOWER, _DROPPED).decode()
    return text.translate(_FOLDING)


def digest_of(folded: str) -> bytes:
    """Give a digest of what is compared."""
    return blake2b(folded.encode(), digest_size=16).digest()


def looked_for(text: str) -> tuple[str, ...]:
    """Give what a private text is found by: the whole and its own words, as far as they are long enough ([REL-134])."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if line.rstrip(" \t\r") == "--":
            before = lines[:place]
            lines = before if len(fold("\n".join(before))) >= LEAST else lines
            break
    whole = fold("\n".join(lines))
    own = fold("\n".join(one for one in lines if not one.lstrip(" \t").startswith(">")))
    return tuple(dict.fromkeys(one for one in (whole, own) if len(one) >= LEAST))


def share_a_part(one: str, other: str) -> bool:
    """Tell whether two folded texts have a run of letters and digits in common.

    A run of 95 is always found, one of less than 48 never; of a shorter text all of it.
    """
    return bool(one and other) and (_has_part(one, other) or _has_part(other, one))


def _has_part(text: str, part_of: str) -> bool:
    last = max(len(part_of) - LEAST, 0)
    return any(part_of[at : at + LEAST] in text for at in (*range(0, last, LEAST), last))


# Many needles in many texts

_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_BITS: Final = 22
_CHARACTERS: Final = 1 << 20


class Needles:
    """Texts that are looked for, each with whose they are.

    Found is a needle by a hash of its first 48 letters, and held to a digest of all of them.
    """

    def __init__(self) -> None:
        self._by_anchor: dict[int, dict[int, dict[bytes, list[int]]]] = {}
        self._waiting: list[tuple[str, int]] = []
        self._anchors = np.empty(0, np.uint64)
        self._table = np.zeros(1 << _BITS, np.bool_)

    def add(self, needle: str, owner: int) -> None:
        """Look for a needle of at least `LEAST` letters too."""
        self._waiting.append((needle, owner))
        if len(self._waiting) == _CHARACTERS // LEAST:
            self._take()

    def _take(self) -> None:
        starts = [needle[:LEAST] for needle, _ in self._waiting]
        for anchor, (needle, owner) in zip(_anchors(starts), self._waiting, strict=True):
            lengths = self._by_anchor.setdefault(anchor, {})
            owners = lengths.setdefault(len(needle), {}).setdefault(digest_of(needle), [])
            if owners[-1:] != [owner]:
                owners.append(owner)
        self._waiting = []

    def close(self) -> None:
        """Look for no others."""
        self._take()
        self._anchors = np.sort(np.fromiter(self._by_anchor, np.uint64, len(self._by_anchor)))
        self._table[(self._anchors >> np.uint64(64 - _BITS)).astype(np.int64)] = True

    def find(self, texts: Mapping[int, str]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Give for texts, by their numbers, whose needles are in them: each needle's owners together.

        Args:
            texts: Folded texts, at most a few megabytes together.
        """
        if not len(self._anchors):
            return
        numbers, joined = list(texts), list(texts.values())
        ends = np.cumsum([len(one) for one in joined])
        hashes = _windows("".join(joined))
        near = np.flatnonzero(self._table[(hashes >> np.uint64(64 - _BITS)).astype(np.int64)])
        place = np.minimum(np.searchsorted(self._anchors, hashes[near]), len(self._anchors) - 1)
        hits = near[self._anchors[place] == hashes[near]]
        which = np.searchsorted(ends, hits, side="right")
        for hit, text in zip(hits.tolist(), which.tolist(), strict=True):
            at = hit - (int(ends[text]) - len(joined[text]))
            yield from (
                (numbers[text], owners)
                for owners in self._held(joined[text], at, int(hashes[hit]))
            )

    def _held(self, text: str, at: int, anchor: int) -> Iterator[tuple[int, ...]]:
        for length, digests in self._by_anchor[anchor].items():
            if at + length <= len(text):
                owners = digests.get(digest_of(text[at : at + length]))
                if owners is not None:
                    yield tuple(owners)


def _anchors(starts: Sequence[str]) -> list[int]:
    """Hash texts of just `LEAST` letters."""
    if not starts:
        return []
    return [int(one) for one in _windows("".join(starts))[::LEAST]]


def _windows(text: str) -> Numbers:
    """Hash every run of `LEAST` letters: the same run, the same hash, wherever it stands."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64) + np.uint64(1)
    if len(codes) < LEAST:
        return np.empty(0, np.uint64)
    # Modulo 2^64 an odd number has an inverse: each run is divided by the power of where it stands.
    sums = np.concatenate(
        [np.zeros(1, np.uint64), np.cumsum(codes * _powers(_BASE, len(codes)))]
    )
    runs = sums[LEAST:] - sums[:-LEAST]
    found = runs * _powers(_INVERSE, len(runs))
    # The highest bits depend on every letter.
    found ^= found >> np.uint64(29)
    mixed: Numbers = found * np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def _powers(base: int, count: int) -> Numbers:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
