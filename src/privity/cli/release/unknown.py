# SPDX-License-Identifier: Apache-2.0
"""Members who are asked about, and of whom nothing is known."""

from __future__ import annotations

import click

from privity.app.workspace.ids import member_named
from privity.app.workspace.newcomers import is_new, nearest
from privity.app.workspace.parts import Workspace
from privity.vocabulary.terms import quoted


def warn_unknown(workspace: Workspace, member: str) -> None:
    """Say on standard error where nothing is known of a member: of whoever was mistyped, releases have nothing either.

    Raises:
        InputError: As `member_named` and `is_new`.
        UnavailableError: As `is_new`.
    """
    whose = member_named(workspace, member)
    if is_new(workspace, whose):
        near = " or ".join(map(quoted, nearest(workspace, whose)))
        meant = f", expected {near}" if near else ""
        click.echo(
            f"warning: nothing is known of member {quoted(member)} here{meant}", err=True
        )
