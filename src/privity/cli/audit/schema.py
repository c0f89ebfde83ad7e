# SPDX-License-Identifier: Apache-2.0
"""`privity audit schema`: the JSON Schema of questions about a class and of statements, for editors (docs/audit.md)."""

from __future__ import annotations

import click

from privity.audit import question, statement
from privity.cli import options
from privity.cli.commands import Command


@click.command(cls=Command)
@click.option(
    "--statement",
    "of_statements",
    is_flag=True,
    help="That of the files of `privity audit statement`.",
)
def command(*, of_statements: bool) -> None:
    """Print the JSON Schema of questions about a class, or of statements, for editors.

    \b
    Example:
      privity audit schema
      privity audit schema --statement
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    options.show(statement.schema() if of_statements else question.schema())
