# SPDX-License-Identifier: Apache-2.0
"""`privity ledger verify`: everything that a public tree can show, or the first thing that does not hold."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import VerifiedTree, save_checkpoint, verify_tree
from privity.app.receipt_in_log import ReceiptInLog, read_receipt
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing
from privity.cli.progress import progress
from privity.ledger.forms import to_base64

_STAGE: Final = "verify"


@click.command(cls=Command)
@click.argument("place", metavar="URL_OR_DIR")
@showing.vkey
@click.option(
    "--saved",
    type=options.FILE,
    metavar="FILE",
    help="A checkpoint that was saved before: the log must extend it.",
)
@click.option(
    "--save",
    type=options.MADE,
    metavar="FILE",
    help="Where to save the checkpoint, once everything holds; may be the file of --saved.",
)
@click.option(
    "--receipt",
    type=options.FILE,
    metavar="FILE",
    help="A member's receipt, or her check.json: the log must have it, and no entry of hers after it.",
)
@options.json_output
def command(
    *,
    place: str,
    vkeys: tuple[str, ...],
    saved: Path | None,
    save: Path | None,
    receipt: Path | None,
    as_json: bool,
) -> None:
    """Verify a log from its public tree, without trusting whoever keeps it.

    Hashes every entry and compares every tile, the signed root and a saved checkpoint; reads every entry,
    and looks that no number of a public stream is left out, no tag stands twice, none is out of turn, and the
    objects are those that entries name; in a folder, tiles of when the log was smaller too. With a member's receipt also that her entries
    are there, and that the file ends with her last. The first thing that does not hold ends it (exit 3).

    \b
    Example:
      privity ledger verify examples/ledger/public --vkey examples/ledger/vkey --save checkpoint
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    tree = open_tree(place, vkeys)
    mine = None if receipt is None else read_receipt(receipt, tree.checkpoint.origin)
    with _told(tree.checkpoint.size) as told:
        found = verify_tree(
            tree, saved=saved, progress=told, visit=None if mine is None else mine.visit
        )
    if mine is not None:
        mine.finish()
    if save is not None:
        save_checkpoint(tree, save)
    if as_json:
        more = {} if mine is None else {"receipt": mine.mapping()}
        options.show({**found.mapping(), **more})
    else:
        options.show(list(_lines(found, mine)))


@contextmanager
def _told(size: int) -> Iterator[Callable[[int, int], None]]:
    """Show how far it came."""
    with progress({_STAGE: "verifying"}, size) as advance:
        done = 0

        def told(now: int, size: int) -> None:
            nonlocal done
            del size
            advance(_STAGE, now - done)
            done = now

        yield told


def _lines(found: VerifiedTree, mine: ReceiptInLog | None) -> Iterator[str]:
    tree, contents, checkpoint = found.tree, found.contents, found.tree.checkpoint
    yield f"{tree.place}: {checkpoint.size:,} entries, and everything holds"
    yield f"  log      {checkpoint.origin}"
    yield f"  root     {to_base64(checkpoint.root)}"
    for vkey in tree.signed:
        yield f"  signed   {vkey.to_text()}"
    if tree.unknown_signatures:
        yield f"           and {tree.unknown_signatures} more, by keys that are not known here"
    if (extends := found.bytes_read.extends) is not None:
        yield f"  extends  the saved checkpoint of {extends:,} entries"
    if contents.first is not None and contents.last is not None:
        yield f"  entered  {format_instant(contents.first)} to {format_instant(contents.last)}"
    yield f"  private  {contents.private:,}, which their streams' keys open"
    yield from _counted("public", contents.public, "no number left out")
    if contents.unknown:
        yield from _counted("unknown", contents.unknown, "kept and not understood")
    if found.objects.here:
        yield from _counted("objects", found.objects.here, "as the log names them")
    if found.objects.lacking:
        yield from _counted("not here", found.objects.lacking, "which need not be")
    if mine is not None:
        yield f"  receipt  {_receipt(mine)}"
    yield from _beside(found)
    yield from showing.warnings(simulated=tree.simulated, first_use=found.first_use)


def _receipt(mine: ReceiptInLog) -> str:
    """Say what the log has of a member's."""
    entries = counted(len(mine.receipt.events), "entry", "entries")
    there = f"{mine.waiting:,} not in this log yet" if mine.waiting else "all in this log"
    return f"{entries} of {mine.receipt.member}, {there}, and none of hers after them"


def _beside(found: VerifiedTree) -> Iterator[str]:
    """Say what was not read."""
    beside = found.beside
    if beside is None:
        yield "  unread   tiles of when the log was smaller: a tree on the web is not listed"
        return
    if beside.older:
        yield f"  older    {counted(beside.older, 'tile')} of when the log was smaller, each the beginning of the newest"
    if beside.unread:
        more = ", …" if len(beside.unread) > 1 else ""
        yield f"  unread   {counted(len(beside.unread), 'file')} of which the checkpoint says nothing: {beside.unread[0]}{more}"


def _counted(title: str, counts: Mapping[str, int], said: str) -> Iterator[str]:
    # A name and its count stay in one line.
    listed = ", ".join(f"{name}\0{count:,}" for name, count in counts.items())
    for line in textwrap.wrap(
        f"  {title:<9}{sum(counts.values()):,}, {said}{': ' if counts else ''}{listed}",
        showing.COLUMNS,
        subsequent_indent=" " * 11,
        break_on_hyphens=False,
    ):
        yield line.replace("\0", " ")
