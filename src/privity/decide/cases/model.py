# SPDX-License-Identifier: Apache-2.0
"""Cases as values (specs/cases.md)."""

from __future__ import annotations

from dataclasses import dataclass

from privity.decide.request import Decision, Record, Request
from privity.errors import Where
from privity.members.facts import Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a case expects; None is not asked.

    Attributes:
        permit: Whether the record may be used.
        reasons: Every reason, sorted.
        obligations: What the permit carries, sorted.
    """

    permit: bool | None
    reasons: tuple[str, ...] | None
    obligations: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyCase:
    """One case.

    Attributes:
        name: What must hold, as a sentence.
        why: Why it must, or None.
        where: Where the case stands.
        request: What is asked.
        record: The record that is asked about.
        others: Further records, where quoted ones are looked up.
        facts: What is known of members and of the platform.
        expected: What the policy must come to.
    """

    name: str
    why: str | None
    where: Where
    request: Request
    record: Record
    others: tuple[Record, ...]
    facts: tuple[Fact, ...]
    expected: Expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """The cases of one file.

    Attributes:
        file: Its name.
        policies: The policy's files and folders, beside the file; empty where it names none.
        cases: At least one.
    """

    file: str
    policies: tuple[str, ...]
    cases: tuple[PolicyCase, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """A case that was decided.

    Attributes:
        case: The case.
        decision: What the policy comes to.
        missed: What was expected and is not so, as sentences; empty where the case passed.
        causes: Of a case that failed: why the record is refused, as sentences.
    """

    case: PolicyCase
    decision: Decision
    missed: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the policy comes to what was expected."""
        return not self.missed
