# SPDX-License-Identifier: Apache-2.0
"""`privity members receipt`: what a member holds of the ledger, as a file (docs/release-members.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.held_by_member import check_file_of, receipt_of
from privity.app.public_tree.files import check_free_file, write_new
from privity.app.workspace.opening import open_workspace
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.entries.receipts import Receipt
from privity.errors import InputError
from privity.release.check_file import CheckFile
from privity.vocabulary.terms import quoted


@click.command(cls=Command)
@click.argument("member")
@click.option(
    "--out",
    type=options.MADE,
    metavar="FILE",
    required=True,
    help="Where to write it, for its owner alone to read.",
)
@click.option(
    "--with-proofs",
    is_flag=True,
    help="Make her check.json: the receipt, the proofs that its entries are in the log, and what releases have of hers.",
)
@options.workspace
@options.json_output
def command(
    *, member: str, out: Path, with_proofs: bool, workspace: Path, as_json: bool
) -> None:
    """Give a member what she holds of the ledger: the key of her stream, and all of its events.

    It opens all that was recorded of her, so it is hers: give it to nobody else. With it she, or whoever she lets, sees that the
    log has her entries and none of hers after them (`privity ledger verify --receipt`), and that the tags in a proof of a
    release are hers (`privity release check-proof --receipt`). A receipt is of when it was made; make another after the next entry.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity members set chi joined --workspace network
      privity members receipt chi --workspace network --out chi.receipt.json
      privity ledger verify network/public --receipt chi.receipt.json
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    check_free_file(out)
    with open_workspace(workspace) as opened:
        made: Receipt | CheckFile | None
        made = check_file_of(opened, member) if with_proofs else receipt_of(opened, member)
    if made is None:
        raise InputError(
            f"no entry of member {quoted(member)} is here: none was made, or it was erased; what a baseline says of it has "
            "none",
            code="members/unknown",
        )
    write_new(out, made.to_bytes())
    events = len((made.receipt if isinstance(made, CheckFile) else made).events)
    if as_json:
        options.show({"entries": events, "file": str(out), "member": member})
    else:
        entries = counted(events, "entry", "entries")
        options.show(
            [f"{out}: {entries} of {member}; it opens them, so give it to nobody else"]
        )
