# SPDX-License-Identifier: Apache-2.0
"""What became of cases, as lines for people and as plain values for programs (docs/policy-test.md)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from privity.decide.cases.model import Ran, Suite

_WIDTH: Final = 96

Suites = Sequence[tuple[Suite, Sequence[Ran]]]


def lines(suites: Suites) -> Iterator[str]:
    """Say of each case whether it passed; of one that failed, what was expected and what is so."""
    for suite, ran in suites:
        yield suite.file
        for one in ran:
            yield f"  {'passed' if one.passed else 'FAILED'}  {one.case.name}"
            if not one.passed:
                yield from _failure(one)
    total = [one for _, ran in suites for one in ran]
    failed = sum(not one.passed for one in total)
    yield (
        f"{len(total)} case{'' if len(total) == 1 else 's'}: "
        f"{len(total) - failed} passed, {failed} failed"
    )


def mapping(suites: Suites) -> Mapping[str, Any]:
    """Give the same as plain values."""
    total = [one for _, ran in suites for one in ran]
    return {
        "cases": [_plain(suite, one) for suite, ran in suites for one in ran],
        "passed": sum(one.passed for one in total),
        "failed": sum(not one.passed for one in total),
    }


def _failure(one: Ran) -> Iterator[str]:
    yield f"          at {one.case.where}"
    for sentence in one.missed:
        yield f"          {sentence}"
    permit = "permitted" if one.decision.permit else "refused"
    rest = one.decision.obligations if one.decision.permit else one.decision.reasons
    yield f"          it is {permit}{': ' if rest else ''}{', '.join(rest)}"
    for cause in one.causes:
        yield from textwrap.wrap(
            cause, _WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 12
        )


def _plain(suite: Suite, one: Ran) -> Mapping[str, Any]:
    expected = one.case.expected
    return {
        "file": suite.file,
        "line": one.case.where.line,
        "name": one.case.name,
        "why": one.case.why,
        "passed": one.passed,
        "missed": list(one.missed),
        "expected": {
            "permit": expected.permit,
            "reasons": None if expected.reasons is None else list(expected.reasons),
            "obligations": (
                None if expected.obligations is None else list(expected.obligations)
            ),
        },
        "decided": {
            "permit": one.decision.permit,
            "reasons": list(one.decision.reasons),
            "obligations": list(one.decision.obligations),
        },
        "causes": list(one.causes),
    }
