# SPDX-License-Identifier: Apache-2.0
"""The options that say what is known: loose files, or a workspace's ledger up to a size or an instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from privity.app.basis import Basis, Files, Ledger, LedgerSize, now_of
from privity.app.inputs import request
from privity.app.resting import source_lines, source_mapping
from privity.app.workspace.gathered import Source
from privity.canonical.instants import Instant, parse_instant
from privity.cli import options
from privity.decide.request import Request
from privity.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])


class KnownParameter(click.ParamType[Instant | LedgerSize]):
    """A ledger's size such as `1200`, or an instant such as `2024-09-18T00:00:00Z`."""

    name = "known"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Name it in help."""
        del param, ctx
        return "SIZE|INSTANT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Instant | LedgerSize:
        """Read a size or an instant."""
        if isinstance(value, int | LedgerSize):
            return value
        text = str(value)
        if text.isascii() and text.isdigit():
            return LedgerSize(int(text))
        try:
            return parse_instant(text)
        except InputError:
            self.fail(
                f"`{text}` is neither a ledger's size nor an instant, expected one such as `1200` or "
                "`2024-09-18T00:00:00Z`",
                param,
                ctx,
            )


workspace: Final = click.option(
    "--workspace",
    type=options.FILE,
    metavar="DIR",
    help="Go by this workspace's ledger, in place of --policy and --facts.",
)
known: Final = click.option(
    "--known",
    type=KnownParameter(),
    help="Believe nothing that was recorded later; of a ledger also: after so many entries.  [default: the "
    "instant of --at]",
)


def basis_of(
    *,
    workspace: Path | None,
    policies: Sequence[Path],
    facts: Sequence[Path],
    known: Instant | LedgerSize | None,
    without_policy: bool = False,
) -> Basis:
    """Say what is known from, by the options.

    Args:
        workspace: The workspace, or None.
        policies: Policy files and folders.
        facts: Files of facts.
        known: Up to when anything is believed.
        without_policy: Whether the command takes no policy.

    Raises:
        click.UsageError: Both forms are given, or neither, or a size of no ledger.
    """
    if workspace is not None:
        if policies or facts:
            beside = "--policy" if policies else "--facts"
            raise click.UsageError(
                f"both `--workspace` and `{beside}` are given, expected a workspace or loose files"
            )
        size = known if isinstance(known, LedgerSize) else None
        return Ledger(root=workspace, size=size)
    if isinstance(known, LedgerSize):
        raise click.UsageError(
            f"`--known {known.entries}` is the size of a ledger, expected an instant where there is no "
            "`--workspace`"
        )
    if facts and (policies or without_policy):
        return Files(policies=policies, facts=facts)
    if not facts and not policies:
        files = "`--facts`" if without_policy else "`--policy` and `--facts`"
        raise click.UsageError(f"nothing is known, expected {files}, or `--workspace`")
    missing = "--policy" if facts else "--facts"
    raise click.UsageError(f"missing option `{missing}` beside the other loose files")


def request_of(
    purpose: str,
    recipient: str,
    at: Instant | None,
    known: Instant | LedgerSize | None,
    basis: Basis,
) -> Request:
    """Put a request together; of a ledger's size it is not known yet which instant that is.

    Raises:
        click.UsageError: It is not said when, and loose files have no clock.
    """
    if at is None:
        if not isinstance(basis, Ledger):
            raise click.UsageError("missing option `--at`, expected one beside loose files")
        at = now_of(basis.root)
    return request(purpose, recipient, at, None if isinstance(known, LedgerSize) else known)


def with_source(
    told: Mapping[str, Any] | Sequence[str], source: Source | None, more: Sequence[str] = ()
) -> Mapping[str, Any] | Sequence[str]:
    """Add to what is shown where it is known from, if that is a ledger.

    Args:
        told: Plain values for JSON, or lines.
        source: Where it is known from.
        more: Further lines, about what nobody witnessed.
    """
    if isinstance(told, Mapping):
        return told if source is None else {**told, "ledger": source_mapping(source)}
    lines = [*more, *source_lines(source)]
    return [*told, "", *lines] if lines else told
