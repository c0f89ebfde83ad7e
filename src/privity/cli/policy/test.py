# SPDX-License-Identifier: Apache-2.0
"""`privity policy test`: cases beside a policy, run like unit tests (docs/policy-test.md)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from privity.app.policy_cases import run_cases
from privity.cli import options
from privity.cli.commands import Command
from privity.decide.cases.show import lines, mapping
from privity.members.findings import Finding, lines as finding_lines

_FAILED: Final = 1


def _doubt(found: Sequence[Finding]) -> None:
    if found:
        click.echo("\n".join(finding_lines(found)), err=True)


@click.command(cls=Command)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=options.FILE)
@click.option(
    "--policy",
    "policies",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="Run the cases on this policy; left out: on the one that each file names.",
)
@options.json_output
@click.pass_context
def command(
    context: click.Context, files: tuple[Path, ...], policies: tuple[Path, ...], as_json: bool
) -> None:
    """Run the cases that are written down beside a policy.

    A case describes members, a record and a request, and says what the policy must come to. Where it comes
    to anything else, the case fails, and the command ends with 1.

    \b
    Example:
      privity policy test examples/inmail-dispute/cases.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    suites = run_cases(files, policies, options.tell, _doubt)
    options.show(mapping(suites) if as_json else list(lines(suites)))
    if not all(one.passed for _, ran in suites for one in ran):
        context.exit(_FAILED)
