# SPDX-License-Identifier: Apache-2.0
"""Run the cases of files: what `privity policy test` asks for (docs/policy-test.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from privity.decide.cases.model import Ran, Suite
from privity.decide.cases.reading import no_policy, parse_cases
from privity.decide.cases.running import run_suite
from privity.policy.drafts import read_drafts
from privity.policy.findings import Finding
from privity.policy.parse import read_file


def run_cases(
    files: Sequence[Path],
    policies: Sequence[Path] = (),
    tell: Callable[[Finding], None] = lambda _note: None,
) -> tuple[tuple[Suite, tuple[Ran, ...]], ...]:
    """Run all cases.

    Args:
        files: Files of cases.
        policies: The policy to run them on; none: the one that each file names, beside it.
        tell: Told of each policy that is not published yet ([POL-35]).

    Raises:
        InputError: A file cannot be read, or names no policy where none is given.
    """
    ran = []
    for file in files:
        suite = parse_cases(read_file(file, "file of cases"), file=str(file))
        paths = policies or [file.parent / name for name in suite.policies]
        if not paths:
            raise no_policy(suite)
        ran.append((suite, run_suite(suite, read_drafts(paths, tell))))
    return tuple(ran)
