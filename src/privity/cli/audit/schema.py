# SPDX-License-Identifier: Apache-2.0
"""`privity audit schema`: the JSON Schema of questions about a class, for editors (docs/audit.md)."""

from __future__ import annotations

import click

from privity.audit.question import schema
from privity.cli import options


@click.command()
def command() -> None:
    """Print the JSON Schema of the files of `privity audit class`, for editors.

    \b
    Example:
      privity audit schema
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    options.show(schema())
