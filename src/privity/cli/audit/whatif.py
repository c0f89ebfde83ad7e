# SPDX-License-Identifier: Apache-2.0
"""`privity audit whatif`: what another rule or date would have changed (docs/audit.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from privity.app.auditing.answer_class import Particulars, class_inputs
from privity.app.auditing.answer_whatif import Otherwise, whatif_inputs
from privity.canonical.instants import Instant, parse_instant
from privity.cli import options
from privity.cli.audit.options import Chosen, shared
from privity.cli.audit.running import run
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


@click.command()
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
@click.option(
    "--disclosed",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="What came to light and had been disclosed to somebody; may be given several times.",
)
@click.option(
    "--training",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="What came to light and had been trained on, likewise.",
)
@options.some_records
@options.binding
@click.option("--text", metavar="COLUMN", help="The column of text, as of `audit class`.")
@click.option("--id", "ids", metavar="COLUMN", help="The column of ids, as of `audit class`.")
@click.option(
    "--used-at",
    type=options.INSTANT,
    help="When what came to light was used.  [default: what FILE says]",
)
@click.option(
    "--known",
    type=options.INSTANT,
    help="Believe nothing for that which was recorded later.  [default: the instant of its use]",
)
@click.option(
    "--recipient",
    metavar="ID",
    help="Who used it, by the register.  [default: whoever has a role of FILE]",
)
def command(
    *,
    file: Path | None,
    chosen: Chosen,
    policies: tuple[Path, ...],
    notices: tuple[tuple[str, Instant], ...],
    exempt: tuple[str, ...],
    at: Instant | None,
    disclosed: tuple[Path, ...],
    training: tuple[Path, ...],
    records: tuple[Path, ...],
    binding: Path | None,
    text: str | None,
    ids: str | None,
    used_at: Instant | None,
    known: Instant | None,
    recipient: str | None,
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
    asked = None
    if file is not None:
        asked = class_inputs(
            file,
            disclosed=disclosed,
            training=training,
            records=records,
            binding=binding,
            particulars=Particulars(
                at=used_at, known=known, recipient=recipient, text=text, id=ids
            ),
        )
    elif disclosed or training or records:
        raise click.UsageError("what came to light is asked about with a FILE")
    otherwise = Otherwise(policies=policies, notices=notices, exempt=exempt, at=at)
    run(whatif_inputs(otherwise, asked), chosen)
