# SPDX-License-Identifier: Apache-2.0
"""What came to light outside, decided twice: as it was, and had something been otherwise (specs/audit.md, part 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.class_answer import Answered, AskedDump
from privity.audit.class_count import Members
from privity.audit.class_decided import Decided, decide_again
from privity.audit.evidence import COLUMNS, Evidence
from privity.audit.question import ClassQuestion
from privity.canonical.instants import Instant
from privity.decide.request import RecordId
from privity.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class DumpTwice:
    """A file that came to light, its records of the class decided twice.

    Attributes:
        asked: The file, and what of it is of the class.
        records: The ids of its records of the class.
        was: As it was.
        would: Had it been otherwise.
    """

    asked: AskedDump
    records: frozenset[RecordId]
    was: Decided
    would: Decided

    def refused(self, *, would: bool) -> frozenset[RecordId]:
        """Give the records that are refused, or would have been."""
        return self.records - {*(self.would if would else self.was).permits}

    @property
    def opened(self) -> frozenset[RecordId]:
        """Those of the records that are refused that it would have permitted."""
        return self.refused(would=False) - self.refused(would=True)

    @property
    def closed(self) -> frozenset[RecordId]:
        """Those of the records that are permitted that it would have refused."""
        return self.refused(would=True) - self.refused(would=False)


def dumps_twice(
    evidence: Evidence,
    changed: Evidence,
    question: ClassQuestion,
    found: Answered,
    *,
    at: Instant | None,
    told: Callable[[str, int], None] | None = None,
) -> Iterator[DumpTwice]:
    """Decide the records of the class that are in files that came to light.

    Args:
        evidence: What was shown.
        changed: The same, had something been otherwise.
        question: The question: `at`, `known` and `recipient`.
        found: What it came to.
        at: The instant of the use there, or None.
        told: Is told of the stage `decide`.

    Raises:
        InputError: Nothing says when the files would have been used (`audit/whatif`).
    """
    for one in found.dumps:
        records, around = _records(one)
        was = decide_again(evidence, question, records, around, told=told)
        # What would be known at another instant is what is known until then.
        then = question if at is None else question.asked_of(at=at, known=at)
        would = decide_again(changed, then, records, around, told=told)
        if was is None or would is None:
            raise InputError(
                "nothing says when the files would have been used, expected an instant",
                code="audit/whatif",
                hint="write `at` into the question’s `use`",
            )
        ids = frozenset(records.column("record_id").to_pylist())
        yield DumpTwice(asked=one, records=ids, was=was, would=would)


def refused_members(members: Members, twice: DumpTwice, *, would: bool) -> None:
    """Note the members of the class whose records are refused."""
    rows = twice.asked.rows
    ids = pa.array(sorted(twice.refused(would=would), key=str), rows.ids.type)
    refused = pc.is_in(rows.ids, value_set=ids).to_numpy(zero_copy_only=False)
    places = rows.places
    members.add(places.where(places.sure & refused[places.rows]))


def _records(asked: AskedDump) -> tuple[pa.Table, pa.Table | None]:
    """Give the records of the class in a file, each once, and those around them."""
    places = asked.rows.places
    records = asked.left.select(list(COLUMNS)).take(np.unique(places.rows[places.sure]))
    return records, asked.dump.around
