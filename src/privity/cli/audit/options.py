# SPDX-License-Identifier: Apache-2.0
"""The options that all questions share, and how each of them ends (docs/audit.md)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from privity.cli import options
from privity.cli.ledger import showing as ledger_showing

_OUT_NAMES: Final = "report.json, report.html, report.pdf, items.jsonl and a bundle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What was chosen with the options that all questions share.

    Attributes:
        place: The workspace's folder, a public tree's, or an address.
        vkeys: The log's keys that are believed; none: its own.
        as_json: Whether JSON is printed.
        out: The folder that is made for the report, or None.
        key: The file of the auditor's key, or None: then nothing is signed.
    """

    place: str
    vkeys: tuple[str, ...]
    as_json: bool
    out: Path | None
    key: Path | None


_workspace = click.option(
    "--workspace",
    "place",
    required=True,
    metavar="URL_OR_DIR",
    help="The workspace; or a log's public tree, which shows only what everybody may see.",
)
_out = click.option(
    "--out",
    type=options.MADE,
    metavar="DIR",
    help=f"Make this folder, with {_OUT_NAMES} that others can verify.",
)
_key = click.option(
    "--key",
    type=options.FILE,
    metavar="FILE",
    help="The auditor's Ed25519 key (PEM): signs what --out makes.",
)


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all questions share; it is called with them as `chosen`."""

    @_workspace
    @ledger_showing.vkey
    @_out
    @_key
    @options.json_output
    @functools.wraps(command)
    def with_chosen(
        *,
        place: str,
        vkeys: tuple[str, ...],
        out: Path | None,
        key: Path | None,
        as_json: bool,
        **others: Any,
    ) -> None:
        if key is not None and out is None:
            raise click.UsageError("--key signs what --out makes, and --out is not given")
        chosen = Chosen(place=place, vkeys=vkeys, as_json=as_json, out=out, key=key)
        command(chosen=chosen, **others)

    return with_chosen
