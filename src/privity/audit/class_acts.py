# SPDX-License-Identifier: Apache-2.0
"""Which acts of a log come into question about a class of people, and which do not, and why (specs/audit.md, [AUD-35])."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from privity.audit.acts import Act, Register, acts_of, has_no_records, unbound_of
from privity.audit.certainty import NO, YES, is_under, joined
from privity.audit.class_count import Counts
from privity.audit.evidence import Evidence
from privity.audit.question import ClassQuestion
from privity.vocabulary.terms import PURPOSES, ROLES


@dataclass(kw_only=True, slots=True)
class Asked:
    """An act that comes into question, and what was found of it.

    Attributes:
        act: What was done.
        role: The recipient's role then, by what is known now; None where it has none, or two.
        sure: Whether it certainly is one that is asked about.
        read: The revision whose rows were looked at, or None where none could be.
        rows: How many that were.
        counts: What of it is of the class.
    """

    act: Act
    role: str | None
    sure: bool
    read: int | None = None
    rows: int = 0
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruled:
    """An act that does not come into question.

    Attributes:
        act: What was done.
        role: The recipient's role then, by what is known now; None where it has none, or two.
        why: Why it does not.
    """

    act: Act
    role: str | None
    why: tuple[str, ...]


def asked_of(evidence: Evidence, question: ClassQuestion) -> Iterator[Asked | Ruled]:
    """Ask every act by what its entry says ([AUD-35])."""
    register, size = Register(evidence), evidence.log.checkpoint.size
    unbound = unbound_of(evidence)
    for act in acts_of(evidence.log):
        role = register.role(act.recipient, act.time, size)
        then = register.role(act.recipient, act.time, act.entry)
        purpose = is_under(act.purpose, question.purposes, PURPOSES)
        recipient = joined(
            is_under(role, question.roles, ROLES), is_under(then, question.roles, ROLES)
        )
        out = {
            "another act": act.kind not in question.acts,
            "another time": act.time not in question.used,
            "another purpose": purpose == NO,
            "another recipient": recipient == NO,
            "no records": has_no_records(act, unbound),
        }
        why = tuple(word for word, ruled in out.items() if ruled)
        if why:
            yield Ruled(act=act, role=role, why=why)
        else:
            sure = min(purpose, recipient) == YES and not act.doubt
            yield Asked(act=act, role=role, sure=sure)
