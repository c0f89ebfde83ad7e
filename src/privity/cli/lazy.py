# SPDX-License-Identifier: Apache-2.0
"""Groups of commands that are imported when they are named: help and completion load no engine."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click
from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group whose commands are modules of a package, each with its command as `command`.

    Args:
        package: The package's name.
        listed: Each command with the first line of its help; a module's name has `_` for `-`, and one after
            a word that Python keeps for itself.
        sections: The headings under which help lists the commands, each with theirs; left out, all are under one.
        settings: What `click.Group` takes.
    """

    def __init__(
        self,
        *,
        package: str,
        listed: Mapping[str, str],
        sections: Mapping[str, Sequence[str]] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.listed = listed
        self.sections = {"Commands": sorted(listed)} if sections is None else sections
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all commands."""
        del ctx
        return sorted(self.listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        del ctx
        if cmd_name not in self.listed:
            return None
        name = cmd_name.replace("-", "_") + "_" * iskeyword(cmd_name)
        module = import_module(f"{self._package}.{name}")
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - a test holds every module to it
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named, or name the nearest ones."""
        name = args[0]
        if name not in self.listed and name[:1].isalnum() and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, self.listed, n=3, cutoff=0.5)
            listed = " or ".join(f"`{one}`" for one in near or sorted(self.listed))
            ctx.fail(f"no command `{name}`, expected {listed}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lists of commands without importing them."""
        del ctx
        width = max(map(len, self.listed), default=0)
        for heading, names in self.sections.items():
            if not names:
                continue
            with formatter.section(heading):
                formatter.write_dl([(f"{name:<{width}}", self.listed[name]) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without importing commands."""
        found = [
            CompletionItem(name, help=text)
            for name, text in sorted(self.listed.items())
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)
