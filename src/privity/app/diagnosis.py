# SPDX-License-Identifier: Apache-2.0
"""What blocks how many records, and what would supply what is missing: what `privity doctor` asks for.

A reason blocks a record *alone* where it is the record's only one: supplying what it lacks would permit the
record. Where several block, no single one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from privity.app.deciding import Progress, Question, decided_run, opened
from privity.app.inputs import load_facts, load_policy
from privity.decide.bits import BIT, REASON_MASK
from privity.decide.many import SLOTS, Compiled, compile_request
from privity.vocabulary.reasons import REASONS_BY_ID

UNKNOWN_CATEGORY: Final = "(unknown category)"
_NAMES: Final = (*SLOTS, UNKNOWN_CATEGORY)
_OF_GOVERNING: Final = frozenset(
    {"before-consent", "explicit-only", "not-opted-in", "objection-window", "uninformed"}
)
_OF_BITING: Final = frozenset(
    {"age-unknown", "jurisdiction-exempt", "minor", "opted-out", "opted-out-then"}
)

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocker:
    """One reason, over all records.

    Attributes:
        reason: Its name.
        records: How many records have it, with others or not.
        alone: How many have no other.
        alone_by_category: The same by category, those with none left out.
        remedy: Which fact or change would supply what is missing.
        about: What of this policy or platform it is about: settings, notices, agreements, orders.
    """

    reason: str
    records: int
    alone: int
    alone_by_category: Mapping[str, int]
    remedy: str
    about: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """A run, looked over.

    Attributes:
        records: How many were decided.
        permitted: How many were permitted.
        several: How many are blocked by several reasons at once.
        by_category: For each category: how many records, and how many of them permitted.
        blockers: Those that block alone first, the most records first.
    """

    records: int
    permitted: int
    several: int
    by_category: Mapping[str, tuple[int, int]]
    blockers: tuple[Blocker, ...]

    def to_json(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "records": self.records,
            "permitted": self.permitted,
            "several": self.several,
            "by_category": {
                name: {"records": records, "permitted": permitted}
                for name, (records, permitted) in self.by_category.items()
            },
            "blockers": [
                {
                    "reason": one.reason,
                    "records": one.records,
                    "alone": one.alone,
                    "alone_by_category": dict(one.alone_by_category),
                    "remedy": one.remedy,
                    "about": list(one.about),
                }
                for one in self.blockers
            ],
        }


def diagnose(
    question: Question, *, threads: int = 2, progress: Progress = lambda _stage, _rows: None
) -> Diagnosis:
    """Count what blocks the records of files.

    Raises:
        InputError: Policy, facts or records cannot be read.
    """
    policy = load_policy(question.policies)
    with opened(question.records, question.binding) as files:
        compiled = compile_request(question.request, policy, load_facts(question.facts))
        slots = len(_NAMES)
        any_of, alone = (np.zeros((slots, 32), np.int64) for _ in range(2))
        records, permitted = (np.zeros(slots, np.int64) for _ in range(2))
        with decided_run(compiled, files, threads=threads, progress=progress) as decided:
            for chunk in decided.chunks:
                words = decided.words_of(chunk) & np.uint64(REASON_MASK)
                slot = decided.slots[chunk.first : chunk.first + chunk.rows]
                records += np.bincount(slot, minlength=slots)
                permitted += np.bincount(slot[words == 0], minlength=slots)
                _count(words, slot, any_of, alone)
    total, blocked = int(records.sum()), int(records.sum() - permitted.sum())
    return Diagnosis(
        records=total,
        permitted=int(permitted.sum()),
        several=blocked - int(alone.sum()),
        by_category={
            name: (int(records[place]), int(permitted[place]))
            for place, name in enumerate(_NAMES)
            if records[place]
        },
        blockers=_blockers(compiled, any_of, alone),
    )


def _count(
    words: npt.NDArray[np.uint64], slot: npt.NDArray[np.uint8], any_of: Counts, alone: Counts
) -> None:
    single = (words & (words - np.uint64(1))) == 0
    for bit in range(32):
        has = (words >> np.uint64(bit) & np.uint64(1)).astype(np.bool_)
        if has.any():
            any_of[:, bit] += np.bincount(slot[has], minlength=len(_NAMES))
            alone[:, bit] += np.bincount(slot[has & single], minlength=len(_NAMES))


def _blockers(compiled: Compiled, any_of: Counts, alone: Counts) -> tuple[Blocker, ...]:
    found = [
        Blocker(
            reason=reason,
            records=int(any_of[:, place].sum()),
            alone=int(alone[:, place].sum()),
            alone_by_category={
                name: int(alone[slot, place])
                for slot, name in enumerate(_NAMES)
                if alone[slot, place]
            },
            remedy=REASONS_BY_ID[reason].remedy,
            about=_about(compiled, reason),
        )
        for reason, bit in BIT.items()
        for place in (bit.bit_length() - 1,)
        if any_of[:, place].any()
    ]
    return tuple(sorted(found, key=lambda one: (-one.alone, -one.records, one.reason)))


def _about(compiled: Compiled, reason: str) -> tuple[str, ...]:
    """Name what of the policy or the platform a reason is about, where that is known beforehand."""
    plan = compiled.plan
    governing = {column.setting.id: column.setting for column in plan.columns}
    kind: str
    names: Iterable[str | None]
    if reason in _OF_GOVERNING:
        kind, names = "setting", governing
    elif reason in _OF_BITING:
        kind, names = "setting", (name for one in plan.classes for name in one.bitten)
    else:
        kind, names = {
            "agreement": ("agreement", plan.agreements),
            "before-notice": ("notice", [one.notice for one in governing.values()]),
            "no-notice": ("notice", [one.notice for one in governing.values()]),
            "order": ("order", [one.fact.value for one in plan.orders]),
            "unknown-purpose": ("purpose", [plan.request.purpose]),
            "unknown-recipient": ("recipient", [plan.request.recipient]),
        }.get(reason, ("", ()))
    return tuple(f"{kind} `{name}`" for name in dict.fromkeys(names) if name is not None)
