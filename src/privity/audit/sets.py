# SPDX-License-Identifier: Apache-2.0
"""Sets that were cleared and became no release, where somebody shows them (specs/audit.md, part 1)."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from privity.audit.evidence import Evidence

SET: Final = "set/"
"""What stands before the name of a clearing where rows of its set are asked for, as if it were a release: none is named so."""


@runtime_checkable
class WithSets(Protocol):
    """Evidence in which sets are shown."""

    @property
    def sets(self) -> tuple[str, ...]:
        """The names of the clearings whose sets are shown, each once; rows of one are those of revision 1 of `SET` and its name."""


def sets_of(evidence: Evidence) -> tuple[str, ...]:
    """Give the names of the clearings whose sets are shown."""
    return evidence.sets if isinstance(evidence, WithSets) else ()
