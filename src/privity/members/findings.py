# SPDX-License-Identifier: Apache-2.0
"""What a look over facts has to say, as values; what is looked for is `privity.members.check`.

No example holds a birth date: what is shown of a fact may end in a log or a ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from privity.canonical.instants import format_instant
from privity.members.facts import Fact
from privity.members.show import fact_words

EXAMPLES: Final = 3
_HIDDEN: Final = "birth_date"


class Level(StrEnum):
    """How much a finding weighs.

    An *alarm* may have permitted what was not permitted at the time: somebody should be asked why it is
    so. A *warning* surely was meant otherwise; meanwhile the reading that refuses holds.
    """

    ALARM = "alarm"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One kind of thing found in facts.

    Attributes:
        level: How much it weighs.
        code: Its stable name, such as `late-permit`.
        count: How often it was found; of what, the message says.
        message: One line: lower-case start, no full stop.
        examples: Up to three of them, without birth dates.
    """

    level: Level
    code: str
    count: int
    message: str
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What is looked for: a finding before it was found."""

    level: Level
    code: str
    message: str

    def found(
        self, count: int, examples: Iterable[str] | Callable[[], Iterable[str]]
    ) -> list[Finding]:
        """Give the finding, or nothing where the count is 0.

        Args:
            count: How often it was found.
            examples: Examples, or what makes them; no more are made than are kept.
        """
        if not count:
            return []
        kept = tuple(islice(examples() if callable(examples) else examples, EXAMPLES))
        return [
            Finding(
                level=self.level,
                code=self.code,
                count=count,
                message=self.message,
                examples=kept,
            )
        ]


def example(fact: Fact) -> str:
    """Say a fact as an example: whose, what, when, and when recorded if that was another time."""
    whose = "platform" if fact.member is None else f"member `{fact.member}`"
    words = fact.fact if fact.fact == _HIDDEN else fact_words(fact)
    late = (
        "" if fact.recorded_at == fact.at else f", recorded {format_instant(fact.recorded_at)}"
    )
    return f"{whose}: {words}, at {format_instant(fact.at)}{late}"


def lines(findings: Iterable[Finding]) -> list[str]:
    """Lay findings out as lines of text: each with its count, then its examples."""
    told = []
    for one in findings:
        told.append(f"{one.level}: {one.count:,} × {one.message} [{one.code}]")
        told += [f"  such as {text}" for text in one.examples]
    return told or ["nothing found"]


def mapping(findings: Iterable[Finding]) -> Mapping[str, Any]:
    """Give findings as plain values for JSON."""
    return {
        "findings": [
            {
                "level": one.level.value,
                "code": one.code,
                "count": one.count,
                "message": one.message,
                "examples": list(one.examples),
            }
            for one in findings
        ]
    }
