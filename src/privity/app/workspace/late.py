# SPDX-License-Identifier: Apache-2.0
"""What permits in retrospect, at the door: a fact that is recorded now, and is to have permitted before.

A decision believes it: that is the alarm `late-permit` of `privity members check`. Who means it says so; who tells
of what was before the ledger attests it, and then it permits from its entry on.
"""

from __future__ import annotations

from privity.errors import InputError, Where
from privity.members.facts import Fact
from privity.members.findings import example
from privity.members.ordering import DAY, is_late

_HINT = (
    "attest it with `--attested-by`, then it permits from its entry on; with `--late` it is recorded "
    "as it is, and every check raises an alarm"
)


def check_not_late(fact: Fact) -> None:
    """Check that a fact that is recorded now does not permit in retrospect.

    A jurisdiction counts: what it changes is not looked at.

    Raises:
        InputError: It does (`workspace/late-permit`).
    """
    moves = fact.fact == "jurisdiction" and fact.recorded_at - fact.at > DAY
    if moves or is_late(fact):
        raise late_error(1, example(fact), None)


def late_error(count: int, such_as: str, where: Where | None) -> InputError:
    """Make the error of facts that permit in retrospect."""
    facts = "a fact permits" if count == 1 else f"{count:,} facts permit"
    return InputError(
        f"{facts} in retrospect, more than a day after, such as {such_as}",
        code="workspace/late-permit",
        hint=_HINT,
        where=where,
    )
