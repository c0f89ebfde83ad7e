# SPDX-License-Identifier: Apache-2.0
"""`privity audit whatif`: what another rule or date would have changed (docs/audit.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from privity.app.auditing.answering.answer_whatif import Otherwise, whatif_inputs
from privity.canonical.instants import Instant, parse_instant
from privity.cli import options
from privity.cli.audit.of_class import CameToLight, came_to_light, inputs_of
from privity.cli.audit.options import Chosen, shared
from privity.cli.audit.running import run
from privity.cli.commands import Command
from privity.errors import InputError


class NoticeParameter(click.ParamType[tuple[str, Instant]]):
    """A notice and when it came, such as `genai-2024-09=2024-08-15T00:00:00Z`."""

    name = "notice"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Instant]:
        """Read both."""
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).rpartition("=")
        if not name or not equals:
            self.fail(
                f"`{value}` is no notice with an instant, expected ID=INSTANT", param, ctx
            )
        try:
            return name, parse_instant(text)
        except InputError as error:
            self.fail(error.message, param, ctx)


@click.command(cls=Command)
@click.argument("file", metavar="[FILE]", type=options.FILE, required=False)
@shared
@click.option(
    "--policy",
    "policies",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="Had these been the policy's versions, each published when it says; may be given several times.",
)
@click.option(
    "--notice",
    "notices",
    type=NoticeParameter(),
    multiple=True,
    metavar="ID=INSTANT",
    help="Had this notice reached everybody then; may be given several times.",
)
@click.option(
    "--exempt",
    multiple=True,
    metavar="PLACE",
    help="Had this place been exempt (an ISO code, EU or EEA); may be given several times.",
)
@click.option("--at", type=options.INSTANT, help="Had everything been used then.")
@came_to_light
@click.option(
    "--used-at",
    type=options.INSTANT,
    help="When what came to light was used.  [default: what FILE says]",
)
def command(
    *,
    file: Path | None,
    chosen: Chosen,
    policies: tuple[Path, ...],
    notices: tuple[tuple[str, Instant], ...],
    exempt: tuple[str, ...],
    at: Instant | None,
    light: CameToLight,
    used_at: Instant | None,
) -> None:
    """Say what another rule or date would have changed.

    What was used is decided twice: as the rule was, and had it been otherwise, had a notice come at another time, had more
    places been exempt, had it been used at another instant. FILE is a question about a class of people, as of `audit class`;
    without one everything that was released, handed over or trained on is decided.

    \b
    Example:
      privity audit whatif --exempt US --workspace network
      privity audit whatif examples/inmail-dispute/claim.yaml --workspace network \\
        --notice genai-2024-09=2024-08-15T12:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if file is None and light.named:
        raise click.UsageError("what came to light is asked about with a FILE")
    asked = None if file is None else inputs_of(file, light, at=used_at)
    otherwise = Otherwise(policies=policies, notices=notices, exempt=exempt, at=at)
    run(whatif_inputs(otherwise, asked), chosen)
