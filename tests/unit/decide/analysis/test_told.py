# SPDX-License-Identifier: Apache-2.0
"""A diff as members read it: every change of it, in labels and in the sentences that they are refused with."""

from __future__ import annotations

from pathlib import Path

from privity.decide.analysis.changes import Diff, compare
from privity.decide.analysis.space import settled
from privity.decide.analysis.told import tell
from privity.policy.parse import read_policies
from privity.policy.versions import History

POLICIES = read_policies([Path("examples/inmail-dispute/as-promised/policies")])


def diff_of(version: str) -> Diff:
    place = [one.version for one in POLICIES.versions].index(version)
    old, new = History(POLICIES.versions[:place]), History(POLICIES.versions[: place + 1])
    at = settled(old, new)
    return compare(old, new, at=at, known=at)


def test_what_opens_says_for_whom_and_who_is_told_first() -> None:
    diff = diff_of("2024-09-18")
    told = tell(diff)
    assert (len(told.opens), told.closes) == (len(diff.opens), ())
    first = told.opens[0]
    assert first.uses[0].purposes == "training of AI models that create content"
    assert "what you publish (posts, articles and comments)" in first.uses[0].what
    assert "the company that runs the service" in first.uses[0].recipients
    assert any("genai-2024-09" in one for one in first.first)
    assert first.refused_with


def test_what_closes_says_where_and_what_is_answered_from_now_on() -> None:
    """[ANA-23] Where a place is exempt, what settings would refuse there is not said."""
    told = tell(diff_of("2024-09-20"))
    assert not told.opens
    assert any("United Kingdom" in one.who for one in told.closes)
    refused = {one for change in told.closes for one in change.refused_with}
    assert refused == {"You live, or lived when this was written, where this use is not made."}
