# SPDX-License-Identifier: Apache-2.0
"""`privity completion`: what makes a shell complete this program's words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete this program's words.

    Put `eval "$(privity completion bash)"` into ~/.bashrc, or the like for zsh; for fish, put the output
    into ~/.config/fish/completions/privity.fish.

    \b
    Example:
      privity completion bash
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    root = context.find_root()
    name = root.info_name or "privity"
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click completes the three shells of the choice
    click.echo(kind(root.command, {}, name, f"_{name.upper()}_COMPLETE").source())
