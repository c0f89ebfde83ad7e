# SPDX-License-Identifier: Apache-2.0
"""What keeps records of files out, and what would supply it: what `privity doctor` asks for.

Counts all records in bulk, and has a spread of the refused ones explained; what is made of both is
`privity.decide.doctor`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.app.basis import believe
from privity.app.deciding import Question
from privity.app.explaining import explain_records
from privity.app.resting import resting
from privity.app.running import Progress, decided_run, opened
from privity.app.unknown_recipient import unknown_recipient
from privity.app.workspace.gathered import Source
from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.doctor import SAMPLE, Combination, Diagnosis, doctor
from privity.decide.many import SLOTS
from privity.decide.request import RecordId
from privity.release.decided import Chunk, Decided

MOST_EXPLAINED: Final = 1000
"""How many refusals are explained at most, unless there are more combinations of reasons."""

_SLOT_SHIFT: Final = np.uint64(32)

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosed:
    """A diagnosis, and what it is worth.

    Attributes:
        diagnosis: The diagnosis.
        attested: How many permits rest on whose claims, which nobody witnessed.
        source: Where it is known from, if that is a ledger.
        unknown: That the recipient is not on the register, in words, or None: it is on it.
    """

    diagnosis: Diagnosis
    attested: Mapping[str, int]
    source: Source | None
    unknown: str | None


def diagnose(
    question: Question, *, threads: int = 2, progress: Progress = lambda _stage, _rows: None
) -> Diagnosed:
    """Say what keeps the records of files out.

    Raises:
        InputError: Policy, facts or records cannot be read.
    """
    believed = believe(question.basis, question.request)
    with opened(question.records, question.bindings) as files:
        compiled = believed.reading.compiled()
        with (
            decided_run(compiled, files, threads=threads, progress=progress) as decided,
            resting(believed, files, threads=threads) as without,
        ):
            counts = _counts(decided)
            chosen = list(dict.fromkeys(_ids(decided, _spread(counts))))
            for chunk in decided.chunks:
                without.of(chunk, decided.permitted(chunk))
        explanations = explain_records(files, chosen, believed.reading)
        by_combination = {_combination(key): count for key, count in counts.items()}
        return Diagnosed(
            diagnosis=doctor(by_combination, explanations),
            attested=dict(without.counts),
            source=believed.source,
            unknown=unknown_recipient(compiled),
        )


def _keys(decided: Decided, chunk: Chunk) -> Keys:
    """Give each record's category slot and reasons as one number."""
    slots = decided.slots[chunk.first : chunk.first + chunk.rows].astype(np.uint64)
    return (slots << _SLOT_SHIFT) | (decided.words_of(chunk) & np.uint64(REASON_MASK))


def _combination(key: int) -> Combination:
    slot = key >> int(_SLOT_SHIFT)
    category = SLOTS[slot] if slot < len(SLOTS) else None
    return category, frozenset(reasons_in(key & REASON_MASK))


def _counts(decided: Decided) -> Counter[int]:
    counts: Counter[int] = Counter()
    for chunk in decided.chunks:
        keys, found = np.unique(_keys(decided, chunk), return_counts=True)
        counts.update(dict(zip(keys.tolist(), found.tolist(), strict=True)))
    return counts


def _spread(counts: Mapping[int, int]) -> dict[int, Places]:
    """Choose refused records of each combination by their place in it, evenly spread."""
    refused = {key: count for key, count in counts.items() if key & REASON_MASK}
    each = max(1, min(SAMPLE, MOST_EXPLAINED // max(1, len(refused))))
    return {
        key: np.unique(np.arange(min(each, count)) * count // min(each, count))
        for key, count in refused.items()
    }


def _ids(decided: Decided, wanted: Mapping[int, Places]) -> Iterator[RecordId]:
    """Give the ids of the records at these places of their combinations."""
    seen: Counter[int] = Counter()
    for chunk in decided.chunks:
        keys, inverse, counts = np.unique(
            _keys(decided, chunk), return_inverse=True, return_counts=True
        )
        rows = np.argsort(inverse, kind="stable")
        starts = np.cumsum(counts) - counts
        taken: list[Places] = []
        for key, start, count in zip(
            keys.tolist(), starts.tolist(), counts.tolist(), strict=True
        ):
            places = wanted.get(key, np.empty(0, np.int64)) - seen[key]
            inside = places[(places >= 0) & (places < count)]
            taken.append(rows[start + inside])
            seen[key] += count
        yield from _read_ids(chunk, taken)


def _read_ids(chunk: Chunk, taken: Sequence[Places]) -> Iterator[RecordId]:
    rows = np.concatenate(taken)
    if len(rows):
        ids = chunk.file.read(chunk.number, ["record_id"]).column("record_id")
        yield from ids.take(pa.array(rows)).to_pylist()
