# SPDX-License-Identifier: Apache-2.0
"""Ask a statement of evidence (specs/audit.md, part 4)."""

from __future__ import annotations

from pathlib import Path

from privity.app.auditing.answering.asking import Inputs, Told
from privity.app.auditing.answering.question_files import files_of, only_file
from privity.audit.evidence import Evidence
from privity.audit.report import Report
from privity.audit.statement import WHAT, parse_statement
from privity.audit.statement_answer import answer_statement


def statement_inputs(path: Path) -> Inputs:
    """Give what is asked with a statement's file.

    Raises:
        InputError: It cannot be read, or is no statement.
    """
    inputs = Inputs(kind="statement", files=files_of([path], WHAT))
    _, text = only_file(inputs, WHAT)
    # What is wrong with it is said before a log is read, and where it lies.
    parse_statement(text, file=str(path))
    return inputs


def answer(evidence: Evidence, inputs: Inputs, *, told: Told | None = None) -> Report:
    """Answer whether the statement holds.

    Raises:
        InputError: The file is no statement.
    """
    name, text = only_file(inputs, WHAT)
    return answer_statement(evidence, parse_statement(text, file=name), told=told)


def agreement_of(inputs: Inputs) -> str | None:
    """Give the agreement that is asked about; raises as `answer`."""
    name, text = only_file(inputs, WHAT)
    return parse_statement(text, file=name).agreement
