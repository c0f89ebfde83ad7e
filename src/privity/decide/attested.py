# SPDX-License-Identifier: Apache-2.0
"""Which permits rest on claims that nobody but who attests them saw ([CLM-21]).

Asked where claims are accepted by their claimed times: a permit rests on them where it would be refused if they
could only restrict until they entered. Whose claims those are is asked of one attester at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

from privity.decide.one import decide
from privity.decide.request import Record, Request, World


def rests_on(
    record: Record,
    request: Request,
    accepted: World,
    witnessed: World,
    each: Mapping[str, World],
) -> tuple[str, ...]:
    """Say on whose claims a permit rests, sorted; none where it is a refusal, or rests on none.

    Args:
        record: The record.
        request: The request.
        accepted: The world in which every claim is accepted.
        witnessed: The world in which none is.
        each: For each attester the world in which all but its own are.
    """
    if not decide(record, request, accepted).permit:
        return ()
    if decide(record, request, witnessed).permit:
        return ()
    alone = sorted(
        name for name, one in each.items() if not decide(record, request, one).permit
    )
    # Where each alone could be done without, it rests on all of them together.
    return tuple(alone or sorted(each))
