# SPDX-License-Identifier: Apache-2.0
"""Which sentences of a policy's page came and went from one version to the next.

What that opens or closes is `privity.decide.analysis`; here are the words that members read, side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.policy.plain import Section


@dataclass(frozen=True, kw_only=True, slots=True)
class Reworded:
    """A place of the page that reads differently.

    Attributes:
        heading: The section's heading.
        label: The line's label, which may be empty.
        gone: The sentences that are no longer there.
        come: Those that are new.
    """

    heading: str
    label: str
    gone: tuple[str, ...]
    come: tuple[str, ...]


def reworded(old: Iterable[Section], new: Iterable[Section]) -> tuple[Reworded, ...]:
    """Compare two versions' sections: the old ones in their order, then those that are only new."""
    before, after = _sentences(old), _sentences(new)
    found = []
    for heading, label in {**before, **after}:
        was, now = before.get((heading, label), ()), after.get((heading, label), ())
        gone = tuple(one for one in was if one not in now)
        come = tuple(one for one in now if one not in was)
        if gone or come:
            found.append(Reworded(heading=heading, label=label, gone=gone, come=come))
    return tuple(found)


def _sentences(sections: Iterable[Section]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for section in sections:
        for line in section.lines:
            key = (section.heading, line.label)
            found[key] = (*found.get(key, ()), *line.sentences)
    return found
