# SPDX-License-Identifier: Apache-2.0
"""What keeps records of files out, and what would supply it: what `privity doctor` asks for.

Counts all records in bulk, and has a spread of the refused ones explained; what is made of both is
`privity.decide.doctor`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.app.deciding import Progress, Question, decided_run, opened
from privity.app.explaining import explain_records
from privity.app.inputs import load_facts, load_policy
from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.doctor import SAMPLE, Combination, Diagnosis, doctor
from privity.decide.many import SLOTS, compile_request
from privity.decide.request import RecordId
from privity.release.decided import Chunk, Decided

MOST_EXPLAINED: Final = 1000
"""How many refusals are explained at most, unless there are more combinations of reasons."""

_SLOT_SHIFT: Final = np.uint64(32)

Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


def diagnose(
    question: Question, *, threads: int = 2, progress: Progress = lambda _stage, _rows: None
) -> Diagnosis:
    """Say what keeps the records of files out.

    Raises:
        InputError: Policy, facts or records cannot be read.
    """
    policy, facts = load_policy(question.policies), load_facts(question.facts)
    with opened(question.records, question.binding) as files:
        compiled = compile_request(question.request, policy, facts)
        with decided_run(compiled, files, threads=threads, progress=progress) as decided:
            counts = _counts(decided)
            chosen = list(dict.fromkeys(_ids(decided, _spread(counts))))
        explanations = explain_records(files, chosen, question.request, policy, facts)
        by_combination = {_combination(key): count for key, count in counts.items()}
        return doctor(by_combination, explanations)


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
