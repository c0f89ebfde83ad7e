# SPDX-License-Identifier: Apache-2.0
"""Ask of evidence what a replay finds (specs/audit.md, part 3)."""

from __future__ import annotations

from collections.abc import Sequence

from privity.app.auditing.answering.asking import Inputs, Told
from privity.audit.evidence import Evidence
from privity.audit.replay import OVERDUE, ReplayQuestion, answer_replay
from privity.audit.report import Report
from privity.canonical.instants import Instant
from privity.errors import InputError


def replay_inputs(
    releases: Sequence[str] = (),
    *,
    sample: int | None = None,
    seed: int = 0,
    at: Instant | None = None,
    overdue: int = OVERDUE,
) -> Inputs:
    """Give what is asked.

    Args:
        releases: Which releases; none: all, and what is of none.
        sample: How many records to draw; None is all.
        seed: Which draw.
        at: The instant by which something is overdue; None is the end of the log.
        overdue: Days after which what is refused, and stays in a live release, is overdue.
    """
    return Inputs(
        kind="replay",
        options={
            "releases": sorted(set(releases)),
            "sample": sample,
            "seed": str(seed),
            "at": at,
            "overdue": overdue,
        },
    )


def answer(evidence: Evidence, inputs: Inputs, *, told: Told | None = None) -> Report:
    """Decide every use again, and say what is found.

    Raises:
        InputError: There is no such release, or a switch is none.
    """
    return answer_replay(evidence, _question(inputs), told=told)


def _question(inputs: Inputs) -> ReplayQuestion:
    """Read the switches, also those that somebody else wrote into a bundle."""
    options = dict(inputs.options)
    releases, seed = options.pop("releases", None), options.pop("seed", None)
    numbers = [options.pop(one, None) for one in ("sample", "at", "overdue")]
    if (
        options
        or inputs.files
        or inputs.outside
        or not isinstance(releases, list)
        or not all(isinstance(one, str) for one in releases)
        or not (isinstance(seed, str) and seed.isascii() and seed.isdecimal())
        or not all(one is None or type(one) is int for one in numbers)
        or numbers[2] is None
    ):
        raise InputError("the switches of the replay are none", code="audit/inputs")
    return ReplayQuestion(
        releases=tuple(releases) or None,
        sample=numbers[0],
        seed=int(seed),
        at=numbers[1],
        overdue=numbers[2],
    )
