# SPDX-License-Identifier: Apache-2.0
"""Whether an agreement that is asked about is known to the evidence: of one that nobody ever had, every promise would hold."""

from __future__ import annotations

from typing import Final

from privity.audit.evidence import Evidence
from privity.errors import InputError
from privity.vocabulary.terms import unknown

_HIDING: Final = "private-facts"


def check_agreement(evidence: Evidence, agreement: str | None) -> None:
    """Check that a version of the policy has an agreement, or that some member held it.

    Where members' facts are not shown, somebody may have held what no version has; then the answer says that they are not.

    Args:
        evidence: What was shown.
        agreement: Its id; None is none.

    Raises:
        InputError: Nothing that is shown knows it; the message names the nearest that are known (`audit/unknown-agreement`).
    """
    if agreement is None:
        return
    size = evidence.log.checkpoint.size
    given = evidence.given((), size)
    versions = (*given.versions, *(one.version for one in given.texts))
    known = {name for version in versions for name in version.agreements}
    if agreement in known or any(gap.kind == _HIDING for gap in evidence.gaps):
        return
    for told in evidence.told(None, size):
        if told.fact.fact == "agreement":
            if told.fact.value == agreement:
                return
            known.add(told.fact.value)
    error = unknown("agreement", agreement, known)
    raise InputError(error.message, code="audit/unknown-agreement", hint=error.hint)
