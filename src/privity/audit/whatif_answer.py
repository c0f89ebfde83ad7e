# SPDX-License-Identifier: Apache-2.0
"""What another rule or date would have changed (specs/audit.md, part 5).

The same question, asked of the evidence as it is and of the same evidence had something been otherwise. Nothing is said of what
would have been done then: only of what was done, and what the rule would have said of it.
"""

from __future__ import annotations

from collections.abc import Callable

from privity.audit.changes import ChangedEvidence, Changes
from privity.audit.class_answer import Answered, ask_class
from privity.audit.dumps import Dumps
from privity.audit.evidence import Evidence
from privity.audit.question import ClassQuestion
from privity.audit.report import Report
from privity.audit.story import story_of
from privity.audit.uses import Use, uses_of
from privity.audit.whatif_dumps import DumpTwice, dumps_twice
from privity.audit.whatif_report import whatif_report
from privity.audit.whatif_rows import decide_twice
from privity.errors import InputError

_NO_DUMPS = Dumps()


def answer_whatif(
    evidence: Evidence,
    changes: Changes,
    *,
    question: ClassQuestion | None = None,
    outside: Dumps = _NO_DUMPS,
    told: Callable[[str, int], None] | None = None,
) -> Report:
    """Compare what the rule says of what was used with what it would have said.

    Args:
        evidence: What was shown.
        changes: What would have been otherwise.
        question: Whose records are asked about, and which uses; None is everything that was used.
        outside: What came to light outside; it is asked only of a class.
        told: Is told how far it came.

    Raises:
        InputError: A notice is none, there are files outside and no question, or nothing says when they would have been
            used.
        VerificationError: A file of a release is not the one that the log speaks of.
    """
    if outside.dumps and question is None:
        raise InputError(
            "files that came to light are asked about with a question about a class alone",
            code="audit/whatif",
            hint="name the question's file",
        )
    changed = ChangedEvidence(evidence, changes)
    found = None
    if question is not None:
        found = ask_class(evidence, question, outside=outside, most=0, told=told)
    story = story_of(evidence.log)
    uses = [one for one in uses_of(story) if found is None or _is_asked(one, found)]
    rows = decide_twice(
        evidence,
        changed,
        story,
        uses,
        at=changes.at,
        of_class=None if question is None or found is None else (question, found),
        told=told,
    )
    dumps: tuple[DumpTwice, ...] = ()
    if question is not None and found is not None:
        dumps = tuple(dumps_twice(evidence, changed, question, found, at=changes.at, told=told))
    return whatif_report(
        evidence, changes, rows=rows, question=question, found=found, dumps=dumps
    )


def _is_asked(use: Use, found: Answered) -> bool:
    """Tell whether a use is one that a question certainly asks about."""
    return any(
        one.sure
        and (one.act.entry, one.act.release, one.act.revision)
        == (use.entry, use.release, use.revision)
        for one in found.asked
    )
