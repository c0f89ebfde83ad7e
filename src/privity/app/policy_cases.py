# SPDX-License-Identifier: Apache-2.0
"""Run the cases of files: what `privity policy test` asks for (docs/policy-test.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from privity.decide.cases.model import Ran, Suite
from privity.decide.cases.reading import no_policy, parse_cases
from privity.decide.cases.running import run_suite
from privity.members.check import (
    SETTING_VALUE,
    UNKNOWN_AGREEMENT,
    UNKNOWN_CODE,
    UNKNOWN_NOTICE,
    UNKNOWN_SETTING,
    check_facts,
)
from privity.members.findings import Finding as Doubt, Level, Sought
from privity.policy.drafts import read_drafts
from privity.policy.findings import Finding
from privity.policy.parse import read_file
from privity.policy.versions import History

_NAMES: Final = frozenset(
    one.code
    for one in (SETTING_VALUE, UNKNOWN_AGREEMENT, UNKNOWN_CODE, UNKNOWN_NOTICE, UNKNOWN_SETTING)
)
_UNKNOWN: Final = "unknown-"
_NOT_KNOWN: Final = Sought(
    level=Level.WARNING,
    code="case-unknown",
    message="refusal expected without its reasons, where something is not known: the case may pass for that alone",
)


def run_cases(
    files: Sequence[Path],
    policies: Sequence[Path] = (),
    tell: Callable[[Finding], None] = lambda _note: None,
    doubt: Callable[[Sequence[Doubt]], None] = lambda _found: None,
) -> tuple[tuple[Suite, tuple[Ran, ...]], ...]:
    """Run all cases.

    Args:
        files: Files of cases.
        policies: The policy to run them on; none: the one that each file names, beside it.
        tell: Told of each policy that is not published yet ([POL-35]).
        doubt: Told of what a case may pass for alone: names that no version has, and parties, places and words of
            which nothing is known.

    Raises:
        InputError: A file cannot be read, or names no policy where none is given.
    """
    ran = []
    for file in files:
        suite = parse_cases(read_file(file, "file of cases"), file=str(file))
        paths = policies or [file.parent / name for name in suite.policies]
        if not paths:
            raise no_policy(suite)
        policy = read_drafts(paths, tell)
        decided = run_suite(suite, policy)
        doubt((*_unknown(suite, policy), *_unasked(decided)))
        ran.append((suite, decided))
    return tuple(ran)


def _unknown(suite: Suite, policy: History) -> tuple[Doubt, ...]:
    """Find the names in the facts of cases that no version of the policy has."""
    facts = {
        (one.member, one.fact, one.value, str(one.detail)): one
        for case in suite.cases
        for one in case.facts
    }
    found = check_facts(
        facts.values(),
        settings={name for version in policy.versions for name in version.settings},
        notices={name for version in policy.versions for name in version.notices},
        agreements={name for version in policy.versions for name in version.agreements},
    )
    return tuple(one for one in found if one.code in _NAMES)


def _unasked(decided: Sequence[Ran]) -> list[Doubt]:
    """Find the cases that pass because something is not known, which their authors did not write down."""
    found = [
        f"`{one.case.name}`: {', '.join(unknown)}"
        for one in decided
        if one.passed
        and one.case.expected.reasons is None
        and (unknown := [name for name in one.decision.reasons if name.startswith(_UNKNOWN)])
    ]
    return _NOT_KNOWN.found(len(found), iter(found))
