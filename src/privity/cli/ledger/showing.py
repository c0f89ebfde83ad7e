# SPDX-License-Identifier: Apache-2.0
"""What several commands of a log share: the option for its key, and what nobody may overlook (docs/trust.md)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

import click

COLUMNS: Final = 96

_SIMULATED: Final = (
    "SIMULATED CLOCK: whoever wrote this log set its instants at will. It is for demonstrations and "
    "tests, and shows nothing of when anything happened."
)
_FIRST_USE: Final = (
    "key believed on first use: it is the tree's own, and does not say whose log this is. Get the key "
    "from the operator by another way, and give it with --vkey."
)
_NOT_WITNESSED: Final = (
    "not independently witnessed: nobody but its operator signed this log. It is tamper-evident to "
    "whoever keeps its checkpoints; whether others are shown the same log, it cannot show."
)

vkey = click.option(
    "--vkey",
    "vkeys",
    multiple=True,
    metavar="TEXT_OR_FILE",
    help="The log's key, or a file of keys, one a line; may be given several times.  "
    "[default: the tree's own, believed on first use]",
)


def warnings(*, simulated: bool, first_use: bool) -> Iterator[str]:
    """Give what nobody may overlook."""
    if simulated:
        yield from _loud(_SIMULATED, fg="red")
    if first_use:
        yield from _loud(_FIRST_USE)
    yield from _loud(_NOT_WITNESSED)


def _loud(text: str, fg: str | None = None) -> Iterator[str]:
    for line in textwrap.wrap(text, COLUMNS, subsequent_indent="  ", break_on_hyphens=False):
        yield click.style(line, fg=fg, bold=True)
