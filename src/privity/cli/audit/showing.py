# SPDX-License-Identifier: Apache-2.0
"""How an answer is shown on a terminal, and how a command that asked ends (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click

from privity.app.auditing.asking import Inputs
from privity.audit.evidence import Evidence
from privity.audit.forms import mapping_of
from privity.audit.report import Report
from privity.cli import options
from privity.cli.audit.options import Chosen

EXIT_CODES: Final = {
    "used": 20,
    "not-used": 0,
    "findings": 20,
    "clean": 0,
    "fails": 20,
    "holds": 0,
    "compared": 0,
    "cannot-be-told": 21,
}
"""For each answer, the code that the program ends with."""


def finish(report: Report, evidence: Evidence, inputs: Inputs, chosen: Chosen) -> None:
    """Show a report, write it where that was asked for, and end with the code of its answer.

    Args:
        report: The answer.
        evidence: What it was found in.
        inputs: The question.
        chosen: The options of the command.
    """
    del evidence, inputs
    options.show(mapping_of(report) if chosen.as_json else list(_lines(report)))
    raise click.exceptions.Exit(EXIT_CODES[report.answer])


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.title}: {report.answer}"
    for sentence in report.summary:
        yield f"  {sentence}"
