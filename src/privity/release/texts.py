# SPDX-License-Identifier: Apache-2.0
"""What of a text is compared, and what counts as a copy of it: plainly (specs/release.md part 7).

The executable specification: `privity.release.copies` is held to it. It knows one text at a time, and neither
records nor rules.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

LEAST: Final = 48
"""Letters and digits that a private text has at least, to be looked for."""
PASSAGE: Final = 96
"""Letters and digits of a passage."""
_IDEOGRAPH: Final = 3
"""An ideograph stands for so many letters: it says about as much."""
# Letters by their category, and invisible.
_FILLERS: Final = frozenset("\u115f\u1160")
_IDEOGRAPHS: Final = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x323AF),
)


def fold(text: str) -> str:
    """Give a text's letters and digits, and nothing else ([REL-132])."""
    return "".join(map(_folded, text))


def folded(character: str) -> str:
    """Give what is compared of one character: some letters and digits, or nothing."""
    # Marks are dropped, so that a character can be folded without its neighbours.
    if unicodedata.category(character)[0] not in "LNS":
        return ""
    plain = _letters(unicodedata.normalize("NFKD", character))
    return "".join(
        one * (_IDEOGRAPH if is_ideograph(ord(one)) else 1)
        for one in _letters(unicodedata.normalize("NFKD", plain.casefold()))
    )


def _letters(text: str) -> str:
    return "".join(
        one for one in text if unicodedata.category(one)[0] in "LN" and one not in _FILLERS
    )


_folded = lru_cache(1 << 14)(folded)


def is_ideograph(code: int) -> bool:
    """Tell whether a code point is a Han ideograph."""
    return any(first <= code <= last for first, last in _IDEOGRAPHS)


def needles(text: str) -> tuple[str, ...]:
    """Give what is looked for of a private text: the whole, and its own words."""
    lines = _unsigned(text.split("\n"))
    whole, own = fold("\n".join(lines)), _own(lines)
    if len(whole) < LEAST:  # [REL-134]
        return ()
    return (whole, own) if LEAST <= len(own) < len(whole) else (whole,)


def passages(text: str) -> tuple[str, ...]:
    """Give the passages of a private text's own words ([REL-136])."""
    own = _own(_unsigned(text.split("\n")))
    return tuple(own[at : at + PASSAGE] for at in range(0, len(own) - PASSAGE + 1, PASSAGE))


def is_copy(text: str, private: str) -> bool:
    """Tell whether a text has a private one in it ([REL-135])."""
    searched = fold(text)
    return any(one in searched for one in needles(private))


def has_passage(text: str, private: str) -> bool:
    """Tell whether a text has a passage of a private one in it ([REL-136])."""
    searched = fold(text)
    return any(one in searched for one in passages(private))


def is_quoted(line: str) -> bool:
    """Tell whether a line is marked as a quotation."""
    return line.lstrip(" \t").startswith(">")


def _own(lines: Sequence[str]) -> str:
    return fold("\n".join(line for line in lines if not is_quoted(line)))


def _unsigned(lines: list[str]) -> list[str]:
    """Leave the signature out, unless what stands before it is too short ([REL-133])."""
    for place, line in enumerate(lines):
        if line.rstrip(" \t\r") == "--":
            before = lines[:place]
            return before if len(fold("\n".join(before))) >= LEAST else lines
    return lines
