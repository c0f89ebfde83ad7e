# SPDX-License-Identifier: Apache-2.0
"""`privity ledger prove`: a proof in a file, for whoever has the entry (specs/ledger.md, part 6)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.public_tree.files import check_free_file, write_new
from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.proving import Proved, prove_entry
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.ledger import showing
from privity.ledger.forms import to_base64


@click.command(cls=Command)
@click.argument("index", type=click.IntRange(min=0))
@click.option(
    "--from", "place", required=True, metavar="URL_OR_DIR", help="The log's public tree."
)
@showing.vkey
@click.option(
    "--out",
    type=options.MADE,
    metavar="FILE",
    help="Where to write the proof.  [default: on standard output]",
)
@click.option(
    "--entry", type=options.MADE, metavar="FILE", help="Where to write the entry's bytes."
)
@options.json_output
def command(
    *,
    index: int,
    place: str,
    vkeys: tuple[str, ...],
    out: Path | None,
    entry: Path | None,
    as_json: bool,
) -> None:
    """Make a proof that an entry is in a log.

    INDEX counts from 0. The proof is a C2SP tlog-proof with the log's signed checkpoint: with the entry's
    bytes and the log's key it needs nothing else, and nobody's answer.

    \b
    Example:
      privity ledger prove 7 --from examples/ledger/public --out 7.tlog-proof --entry 7.json
      privity ledger check-proof 7.tlog-proof 7.json --vkey examples/ledger/vkey
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    for made in (out, entry):
        if made is not None:
            check_free_file(made)
    tree = open_tree(place, vkeys)
    proved = prove_entry(tree, index)
    proof = proved.proof.to_bytes()
    if out is not None:
        write_new(out, proof)
    if entry is not None:
        write_new(entry, proved.entry)
    if as_json:
        size = tree.checkpoint.size
        options.show({**_mapping(proved), "origin": tree.checkpoint.origin, "size": size})
    elif out is None:
        click.echo(proof, nl=False)
    else:
        click.echo(f"{out}: entry {index:,} of {tree.checkpoint.size:,}", err=True)


def _mapping(proved: Proved) -> dict[str, str | int]:
    return {
        "entry_base64": to_base64(proved.entry),
        "index": proved.proof.index,
        "proof": proved.proof.to_bytes().decode("utf-8"),
    }
