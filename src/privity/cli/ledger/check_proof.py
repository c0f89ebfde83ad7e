# SPDX-License-Identifier: Apache-2.0
"""`privity ledger check-proof`: offline, and with nothing but hashes and one signature (specs/ledger.md, part 6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.public_tree.proving import CheckedProof, check_proof
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.ledger import showing
from privity.ledger.forms import to_base64


@click.command(cls=Command)
@click.argument("proof", type=options.FILE)
@click.argument("entry", type=options.FILE)
@options.vkeys
@options.json_output
def command(*, proof: Path, entry: Path, vkeys: tuple[str, ...], as_json: bool) -> None:
    """Check that an entry is in a log, with nothing but a proof and a key.

    ENTRY has the entry's bytes, to the last one, and no newline after them. A proof that does not hold is an
    error (exit 3).

    \b
    Example:
      privity ledger prove 7 --from examples/ledger/public --out 7.tlog-proof --entry 7.json
      privity ledger check-proof 7.tlog-proof 7.json --vkey examples/ledger/vkey
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    found = check_proof(proof, entry, vkeys)
    options.show(_mapping(found) if as_json else list(_lines(entry, found)))


def _mapping(found: CheckedProof) -> dict[str, object]:
    return {
        "independently_witnessed": False,
        "index": found.index,
        "origin": found.checkpoint.origin,
        "root": to_base64(found.checkpoint.root),
        "signed_by": [vkey.to_text() for vkey in found.signed],
        "simulated_clock": found.simulated,
        "size": found.checkpoint.size,
    }


def _lines(entry: Path, found: CheckedProof) -> Iterator[str]:
    checkpoint = found.checkpoint
    yield f"{entry}: entry {found.index:,} of a log of {checkpoint.size:,} entries"
    yield f"  log      {checkpoint.origin}"
    yield f"  root     {to_base64(checkpoint.root)}"
    for vkey in found.signed:
        yield f"  signed   {vkey.to_text()}"
    yield from showing.warnings(simulated=found.simulated, first_use=False)
