# SPDX-License-Identifier: Apache-2.0
"""Why a record is refused, and what of a member's may be used (docs/explain.md).

- `causes` holds the values: a cause for each reason, an explanation, what a member is told of it.
- `words` turns a cause into sentences, which are data: `sentences.json`.
- `record`, `party` and `setting` walk the decision rule and find what decided; `reading` does so in both
  readings where something is only claimed.
- `member` asks what of one member's may be used, by whom and since when.
- `show` lays all of it out as lines for people and as plain values for JSON.

Nothing here decides: the reasons are those of `privity.decide.one`, and a test holds them equal.
"""

from __future__ import annotations

from privity.decide.explain.causes import Cause, Explanation, MemberCause, MemberExplanation
from privity.decide.explain.record import explain, for_member

__all__ = [
    "Cause",
    "Explanation",
    "MemberCause",
    "MemberExplanation",
    "explain",
    "for_member",
]
