# SPDX-License-Identifier: Apache-2.0
"""Cases decided, and compared with what they expect (specs/cases.md part 3)."""

from __future__ import annotations

from collections.abc import Iterator

from privity.decide.cases.model import Expected, PolicyCase, Ran, Suite
from privity.decide.explain import explain
from privity.decide.one import decide
from privity.decide.request import Decision, world
from privity.policy.versions import History


def run_suite(suite: Suite, policy: History) -> tuple[Ran, ...]:
    """Decide every case of a file.

    Args:
        suite: The cases.
        policy: The policy that they are about.
    """
    return tuple(run_case(case, policy) for case in suite.cases)


def run_case(case: PolicyCase, policy: History) -> Ran:
    """Decide a case by the plain rule."""
    records = (case.record, *case.others)
    found = world(policy, case.facts, case.request.known, records)
    decision = decide(case.record, case.request, found)
    missed = tuple(_missed(case.expected, decision))
    causes: tuple[str, ...] = ()
    if missed:
        explained = explain(case.record, case.request, found)
        causes = tuple(
            dict.fromkeys(f"{cause.reason}: {cause.text}" for cause in explained.causes)
        )
    return Ran(case=case, decision=decision, missed=missed, causes=causes)


def _missed(expected: Expected, decision: Decision) -> Iterator[str]:
    if expected.permit is not None and expected.permit != decision.permit:
        yield "expected a permit" if expected.permit else "expected a refusal"
    yield from _other("reason", expected.reasons, decision.reasons)
    yield from _other("obligation", expected.obligations, decision.obligations)


def _other(
    kind: str, expected: tuple[str, ...] | None, found: tuple[str, ...]
) -> Iterator[str]:
    if expected is None:
        return
    for label, names in (
        (f"expected {kind}", sorted(set(expected) - set(found))),
        (f"unexpected {kind}", sorted(set(found) - set(expected))),
    ):
        for name in names:
            yield f"{label} `{name}`"
