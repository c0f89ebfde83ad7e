# SPDX-License-Identifier: Apache-2.0
"""`privity order`: a regulator's or a court's stops, in a workspace (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.orders import (
    LISTS,
    ListedOrder,
    issue_order,
    lift_order,
    list_orders,
)
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recorded import acknowledge, claimed

_id = click.argument("order", metavar="ID")


@click.group()
def command() -> None:
    """Issue, lift and list orders: a regulator's or a court's stops.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity order issue hk-2024 --jurisdictions HK --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are


@command.command(cls=Command)
@_id
@click.option(
    "--jurisdictions",
    metavar="CODES",
    help="ISO codes, EU, EEA, with commas; left out: everywhere.",
)
@click.option(
    "--purposes", metavar="TERMS", help="What for, with commas; left out: for anything."
)
@click.option(
    "--recipients", metavar="ROLES", help="In which roles, with commas; left out: to anybody."
)
@click.option(
    "--categories", metavar="TERMS", help="Kinds of content, with commas; left out: all."
)
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def issue(
    *,
    order: str,
    at: Instant | None,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
    **lists: str | None,
) -> None:
    """Record that an order was issued.

    Orders of one ID add up until it is lifted. A word that nobody knows is refused: in an order it
    would stop every use everywhere.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity order issue hk-2024 --jurisdictions HK --purposes model-training --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    terms = {key: _words(text) for key, text in lists.items() if text is not None}
    with open_workspace(workspace, now=now) as opened:
        recorded = issue_order(opened, order, lists=terms, at=at, request=request_name)
        acknowledge(opened, recorded, as_json=as_json, what=f"order {order} issued")


@command.command(cls=Command)
@_id
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def lift(
    *,
    order: str,
    at: Instant | None,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
) -> None:
    """Record that an order was lifted.

    With it goes all that was issued under its ID.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity order issue hk-2024 --jurisdictions HK --workspace network
      privity order lift hk-2024 --workspace network --now 2025-01-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        recorded = lift_order(opened, order, at=at, request=request_name)
        acknowledge(opened, recorded, as_json=as_json, what=f"order {order} lifted")


@command.command("list", cls=Command)
@options.as_of
@options.workspace
@options.json_output
def show(*, at: Instant | None, workspace: Path, as_json: bool) -> None:
    """List every order that was issued, and which of them stand.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity order list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        orders, when = list_orders(opened), opened.now() if at is None else at
    if as_json:
        listed = [{**one.mapping(), "stands": one.stands(when)} for one in orders]
        options.show({"at": format_instant(when), "orders": listed})
    else:
        options.show(list(_lines(orders, when)))


def _words(text: str) -> Sequence[str]:
    return [word.strip() for word in text.split(",")] if text.strip() else []


def _lines(orders: Sequence[ListedOrder], at: Instant) -> Iterator[str]:
    for one in orders:
        what = "; ".join(
            f"{key} {', '.join(one.lists[key])}" for key in LISTS if key in one.lists
        )
        until = "" if one.until is None else f" until {format_instant(one.until)}"
        mark = "stands" if one.stands(at) else "-"
        yield (
            f"{mark:<6}  {one.id}  from {format_instant(one.since)}{until}: {what or 'everything'}"
            f"{claimed(one.claimed_by)}"
        )
    if not orders:
        yield "no order was ever issued"
