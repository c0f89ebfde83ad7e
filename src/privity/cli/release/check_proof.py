# SPDX-License-Identifier: Apache-2.0
"""`privity release check-proof`: what of a member's releases have, offline (specs/release.md, [REL-35])."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.held_by_member import CheckedFile, check_held, is_check_file
from privity.app.releases.members.member_proving import CheckedMember, check_member_proof
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing
from privity.cli.release.member import line_of, mapping_of


@click.command(cls=Command)
@click.argument("proof", metavar="FILE", type=options.FILE)
@options.vkeys
@click.option(
    "--receipt",
    type=options.FILE,
    metavar="FILE",
    help="The member's receipt, by which it is seen that the tags are hers.",
)
@options.json_output
def command(
    *, proof: Path, vkeys: tuple[str, ...], receipt: Path | None, as_json: bool
) -> None:
    """Check what a proof shows a member of releases, offline.

    Needs the log's key, and asks nobody. With the member's receipt it is also seen that the tags in the proof are hers; without
    one, that is the word of whoever made it. It tells of the releases in it; that there are no others the log shows
    (`privity ledger verify`). The file `check.json`, which members get from Privity's pages, has the receipt in it, and the proofs that
    its entries are in the log: these are checked too. A proof that does not hold is an error (exit 3).

    \b
    Example:
      privity release prove --member ana --out ana.proof.json --workspace network
      privity release check-proof ana.proof.json --vkey network/public/vkey
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if receipt is None and is_check_file(proof):
        _show_held(proof, check_held(proof, vkeys), as_json=as_json)
        return
    found = check_member_proof(proof, vkeys, receipt=receipt)
    if as_json:
        options.show(
            {
                **mapping_of(found.shown, found.member, found.origin),
                "compared_with_receipt": found.compared,
                "simulated_clock": found.simulated,
            }
        )
    else:
        options.show(list(_lines(proof, found)))


def _show_held(path: Path, found: CheckedFile, *, as_json: bool) -> None:
    """Show what a member holds: of releases, and of the log."""
    held = found.held
    if as_json:
        options.show(
            {
                **mapping_of(held.releases, found.member, found.origin),
                "compared_with_receipt": True,
                "entries": len(held.events),
                "entries_in_log": held.in_log,
                "payloads_lost": held.lost,
                "simulated_clock": found.simulated,
            }
        )
        return
    waiting = len(held.events) - held.in_log
    later = f", {waiting} not shown to be in the log yet" if waiting else ", all in the log"
    lost = counted(held.lost, "payload is", "payloads are")
    not_said = [f"  {lost} not there: what is said in them is not shown"] if held.lost else []
    mine = sum(bool(one.records) for one in held.releases)
    releases = counted(len(held.releases), "release")
    options.show(
        [
            f"{path}: it holds: {found.member} has records in {mine:,} of {releases}",
            f"  log  {found.origin}",
            f"  {len(held.events):,} entries of hers{later}",
            *not_said,
            *(line_of(one) for one in held.releases),
            *showing.warnings(simulated=found.simulated, first_use=False),
        ]
    )


def _lines(proof: Path, found: CheckedMember) -> Iterator[str]:
    mine = sum(bool(one.records) for one in found.shown)
    releases = counted(len(found.shown), "release")
    yield f"{proof}: it holds: {found.member} has records in {mine:,} of {releases}"
    yield f"  log  {found.origin}"
    yield from (line_of(one) for one in found.shown)
    if not found.compared:
        yield "The tags were not compared with the member’s key: give --receipt for that."
    yield from showing.warnings(simulated=found.simulated, first_use=False)
