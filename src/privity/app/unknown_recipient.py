# SPDX-License-Identifier: Apache-2.0
"""A recipient that is not on the register: it is refused everything, which is an answer, and seldom what was meant."""

from __future__ import annotations

from typing import Final

from privity.canonical.instants import format_instant
from privity.decide.many import Compiled
from privity.decide.plan import Plan
from privity.decide.platform import on_register
from privity.vocabulary.terms import quoted, unknown

_MOST: Final = 12


def unknown_recipient(compiled: Compiled) -> str | None:
    """Say that a request's recipient is not on the register, and whom it has; None if it is on it.

    Args:
        compiled: The request; where something is only claimed, every reading must have the recipient.
    """
    for plan in (compiled.plan, *compiled.others):
        if plan.role is None:
            return _said(plan)
    return None


def _said(plan: Plan) -> str:
    recipient, at = plan.request.recipient, format_instant(plan.request.at)
    names = on_register(plan.platform)
    register = ", ".join(quoted(one) for one in names[:_MOST]) or "nobody"
    whole = f"the register of {at} has {register}{', …' if len(names) > _MOST else ''}"
    facts = [
        one
        for one in plan.platform.all("recipient", "recipient-ended")
        if one.value == recipient
    ]
    if not facts:
        problem = unknown("recipient", recipient, names)
        return f"{problem.message}; {whole}" if problem.hint else problem.message
    why = "left the register" if facts[-1].fact == "recipient-ended" else "has two roles"
    return f"recipient {quoted(recipient)} {why} at {format_instant(facts[-1].at)}; {whole}"
