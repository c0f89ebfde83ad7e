# SPDX-License-Identifier: Apache-2.0
"""Find private texts in other records of a run, fast (specs/release.md part 7; `texts.py` says what a copy is).

Every private record's text has a few *needles*: the whole, its own words, passages if they are asked for. Of each there stay
a fingerprint and two hashes under keys of the run, and no text. All permitted records are searched once for all
of them; which of the private ones are refused is asked afterwards, and again whenever more are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.decide.kernel.needles import Index, fill_powers, fill_prints, find_needles
from privity.decide.kernel.texts import MOST_FOLDED, PRIME, WINDOW, Folding, Keyed, fingerprint
from privity.decide.lookup import string_buffers
from privity.decide.many import SLOTS, Compiled
from privity.errors import InputError
from privity.policy.model import Answer
from privity.release.decided import Chunk, Compare, Decided, Progress, whole
from privity.release.found import Flags, Found, Ints
from privity.release.job import Job
from privity.release.obligations import check_text
from privity.release.texts import LEAST, PASSAGE, folded
from privity.vocabulary.terms import CATEGORIES

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint64]

STAGE: Final = "compare"
PRIVATE: Final = "private-message"
_CODES: Final = 0x110000
_LAST: Final = 0x323B0
"""No character from here on has letters or digits."""
_WORD: Final = 2
"""Fingerprints for each word of the table that is asked first, at the most."""
_HITS: Final = 1 << 12

assert WINDOW == LEAST  # noqa: S101 - the least text has one window


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        text: The columns of text.
        private: Shape (slots): whether records of a category are private.
        whole: What follows a copy of a whole text.
        passages: What follows a copy of a passage; None looks for none.
        seed: What the keys are made of: unpredictable.
    """

    text: tuple[str, ...]
    private: Flags
    whole: Answer
    passages: Answer | None
    seed: int


def comparing(
    compiled: Compiled, schema: pa.Schema, job: Job, progress: Progress
) -> Compare | None:
    """Make what finds copies as the policy says; None where it asks for none ([REL-130]).

    Raises:
        InputError: A column that is named is none of text, or the policy asks for it, and none is named ([REL-140]).
    """
    # Also where the policy asks nothing of text yet: another version may, and a slip would wait until then.
    check_text(schema, job.text)
    versions = [one.version for one in (compiled.plan, *compiled.others)]
    rules = [one.copies for one in versions if one is not None and one.copies is not None]
    if not rules:
        return None
    if not job.text:
        raise InputError(
            "the policy looks for copies of refused private messages, expected the columns of text "
            "to look in",
            code="clear/copies-text",
            hint="name each with `--text COLUMN`",
        )
    passages = [one.passages for one in rules if one.passages is not None]
    private = [CATEGORIES.overlaps(PRIVATE, name) for name in SLOTS]
    wanted = Wanted(
        text=job.text,
        private=np.array([*private, True]),  # an unknown category may be private
        whole=_stricter([one.whole for one in rules]),
        passages=_stricter(passages) if passages else None,
        seed=job.seed,
    )

    def compare(decided: Decided) -> Found:
        return search(decided, wanted, job.threads, progress)

    return compare


def _stricter(answers: Sequence[Answer]) -> Answer:
    return "refuse" if "refuse" in answers else "report"


def search(decided: Decided, wanted: Wanted, threads: int, progress: Progress) -> Found:
    """Find the texts of all private records in those that are permitted.

    Args:
        decided: The run.
        wanted: What is looked for.
        threads: How many chunks are searched at once.
        progress: Told of the stage `compare`.
    """
    chunks, slots = decided.chunks, decided.slots
    keyed, table = _keyed(wanted.seed), folding()

    def gather(chunk: Chunk) -> _Needles | None:
        private = wanted.private[slots[chunk.first : chunk.first + chunk.rows]]
        return _gather(chunk, private, wanted, keyed, table)

    with ThreadPoolExecutor(threads) as pool:
        needles = [one for one in pool.map(gather, chunks) if one is not None]
        if not sum(len(one.rows) for one in needles):
            return _nothing(chunks, progress)
        index, owned = _indexed(needles, keyed)

        def look(chunk: Chunk) -> tuple[Ints, Ints]:
            mask = decided.permitted(chunk)
            found = [
                (rows, hits)
                for rows, texts in _texts(chunk, mask, wanted.text)
                for rows, hits in [_look(rows, texts, keyed, table, index)]
            ]
            progress(STAGE, chunk.rows)
            return _joined([rows for rows, _ in found]), _joined([hits for _, hits in found])

        hits = list(pool.map(look, chunks))
    owners = np.concatenate([one.rows for one in needles])
    kinds = np.concatenate([one.kinds for one in needles])
    refusing = np.array([one == "refuse" for one in (wanted.whole, wanted.passages)])
    by_owner = np.argsort(owners, kind="stable")
    rows, found = (_joined([one[place] for one in hits]) for place in (0, 1))
    by_needle = np.argsort(found, kind="stable")
    return Found(
        owners=owners[by_owner],
        owned=owned[by_owner],
        refusing=refusing[kinds[by_owner]],
        needles=found[by_needle],
        rows=rows[by_needle],
    )


def _nothing(chunks: Sequence[Chunk], progress: Progress) -> Found:
    for chunk in chunks:
        progress(STAGE, chunk.rows)
    none = np.empty(0, np.int64)
    return Found(
        owners=none, owned=none, refusing=np.empty(0, np.bool_), needles=none, rows=none
    )


# --- needles


@dataclass(frozen=True, slots=True)
class _Needles:
    """Needles of a chunk: whose they are, what they are, and their numbers, shape (needles, 4)."""

    rows: Ints
    kinds: Bytes
    numbers: Numbers


def _gather(
    chunk: Chunk, private: Flags, wanted: Wanted, keyed: Keyed, folding: Folding
) -> _Needles | None:
    if not private.any():
        return None
    parts = []
    for rows, texts in _texts(chunk, private, wanted.text):
        offsets, data = string_buffers(texts)
        room = 2 * len(rows)
        if wanted.passages is not None:
            room += int(offsets[-1] - offsets[0]) * 2 // PASSAGE
        while True:
            row_of, kind_of = np.empty(room, np.int64), np.empty(room, np.uint8)
            numbers = np.empty((room, 4), np.uint64)
            passage = 0 if wanted.passages is None else PASSAGE
            count = fingerprint(
                offsets, data, folding, keyed, passage, row_of, kind_of, numbers
            )
            if count <= room:
                break
            room = count
        parts.append(
            _Needles(rows[row_of[:count]], kind_of[:count].copy(), numbers[:count].copy())
        )
    return _Needles(
        np.concatenate([one.rows for one in parts]),
        np.concatenate([one.kinds for one in parts]),
        np.concatenate([one.numbers for one in parts]),
    )


def _texts(chunk: Chunk, mask: Flags, names: Sequence[str]) -> Iterator[tuple[Ints, pa.Array]]:
    """Give some rows of a chunk and each of their texts, column by column."""
    if not mask.any():
        return
    rows = np.flatnonzero(mask) + chunk.first
    table = chunk.file.read(chunk.number, names).filter(pa.array(mask))
    for name in names:
        yield rows, pc.fill_null(whole(table.column(name)), "")


def _indexed(parts: Sequence[_Needles], keyed: Keyed) -> tuple[Index, Ints]:
    """Put needles into an index, each once; give it, and which one each of them is."""
    numbers = np.concatenate([one.numbers for one in parts])
    order = _order(numbers)
    numbers = numbers[order]
    new = _changes(numbers)
    owned = np.empty(len(numbers), np.int64)
    owned[order] = np.cumsum(new) - 1
    numbers = numbers[new]
    starts = np.flatnonzero(_changes(numbers[:, :2]))
    of_shape = numbers[starts]
    shapes = np.flatnonzero(_changes(of_shape[:, :1]))
    prints = of_shape[shapes, 0].copy()
    length = (of_shape[:, 1] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    words = max(
        1, (len(prints) // _WORD).bit_length()
    )  # a word cannot be shifted by all of its bits
    powers = np.empty((2, int(length.max()) + 1), np.uint64)
    fill_powers(keyed.base, powers)
    index = Index(
        bits=np.zeros(1 << words, np.uint64),
        shift=np.uint64(64 - words),
        slots=np.full(1 << (2 * len(prints)).bit_length(), -1, np.int32),
        prints=prints,
        shapes=np.append(shapes, len(starts)).astype(np.int64),
        offset=(of_shape[:, 1] >> np.uint64(32)).astype(np.int64),
        length=length,
        starts=np.append(starts, len(numbers)).astype(np.int64),
        first=numbers[:, 2].copy(),
        second=numbers[:, 3].copy(),
        powers=powers,
    )
    fill_prints(prints, index.slots, index.bits, index.shift)
    return index, owned


def _order(numbers: Numbers) -> Ints:
    """Give the order of some lines of numbers, most of which differ in the first already."""
    order: Ints = np.argsort(numbers[:, 0])
    alike = np.zeros(len(order), np.bool_)
    alike[1:] = np.diff(numbers[order, 0]) == 0
    alike[:-1] |= alike[1:]
    some = order[alike]
    order[alike] = some[np.lexsort(numbers[some].T[::-1])]
    return order


def _changes(numbers: Numbers) -> Flags:
    """Tell of each line whether it differs from the one before."""
    new = np.ones(len(numbers), np.bool_)
    new[1:] = (numbers[1:] != numbers[:-1]).any(axis=1)
    return new


def _look(
    rows: Ints, texts: pa.Array, keyed: Keyed, folding: Folding, index: Index
) -> tuple[Ints, Ints]:
    """Give the rows where needles are found, and which ones."""
    offsets, data = string_buffers(texts)
    room = _HITS
    while True:
        hits = np.empty((room, 2), np.int64)
        seen = np.zeros(len(index.first), np.int32)
        count = find_needles(offsets, data, folding, keyed, index, seen, hits)
        if count <= room:
            return rows[hits[:count, 0]], hits[:count, 1].copy()
        room = count


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


# --- keys and characters


def _keyed(seed: int) -> Keyed:
    """Make the keys of a run; they are nowhere but in its memory."""
    source = hashlib.shake_256(b"privity copies" + seed.to_bytes(8, "big")).digest(40)
    words = np.frombuffer(source, "<u8").astype(np.uint64)
    symbols = np.arange(_CODES, dtype=np.uint64) ^ words[0]
    for step in (30, 27):
        symbols *= words[1] | np.uint64(1)
        symbols ^= symbols >> np.uint64(step)
        symbols += words[2]
    symbols *= np.uint64(0x94D049BB133111EB)
    symbols ^= symbols >> np.uint64(31)
    base = words[3:5] % np.uint64(PRIME - _CODES) + np.uint64(_CODES)
    return Keyed(symbols=symbols, base=base, mixed=words[2] | np.uint64(1))


@cache
def folding() -> Folding:
    """Make the table of `texts.folded`."""
    code = np.zeros(_CODES, np.int32)
    pool = [0]
    for one in range(_LAST):
        letters = folded(chr(one))
        if len(letters) == 1:
            code[one] = ord(letters)
        elif letters:
            # INVARIANT: the kernel makes room for so many letters.
            assert len(letters) <= MOST_FOLDED * len(chr(one).encode())  # noqa: S101 - as said
            code[one] = -len(pool)
            pool += [len(letters), *map(ord, letters)]
    return Folding(code=code, pool=np.array(pool, np.uint32))
