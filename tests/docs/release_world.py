# SPDX-License-Identifier: Apache-2.0
"""The workspace that the examples of commands about releases, runs and models go on from; made once, and copied for each.

It lies in `network`: releases `summer`, of which `copy` was handed over, and `autumn`; a run that began, and one that made the model
`small`. In the later one somebody said no, and `taken-back` is what was given to who has the copy.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.cli import program
from privity.store.keys import open_keys
from privity.store.releases import open_releases
from privity.store.sqlite import open_log

ORIGIN: Final = "network.example/simulated"
RUN: Final = "r5f0c8a2b91d3e764"
TAKEN_BACK: Final = "r24d9936e7591b9da"
"""Runs and takings back have names of chance: in an example these two stand for them."""

_IN: Final = "--workspace network"
_BEFORE: Final = "examples/workspace/before.csv"
_RELEASE: Final = (
    f"--source examples/small/records.jsonl --purpose genai-training --recipient self {_IN}"
)
_CODE: Final = "--code examples/small/policy.yaml --config examples/small/policy.yaml"
_NOW: Final = "--now 2025-06-01T00:00:00Z"

_MADE: Final = (
    f"init network --origin {ORIGIN} --clock simulated --now 2024-09-01T00:00:00Z",
    "recipient keygen lab.key",
    f"recipient add self --role controller --key lab.key.pub {_IN}",
    f"policy publish examples/small/policy.yaml {_IN} --yes --now 2024-09-18T00:00:00Z",
    f"members import {_BEFORE} {_IN} --attested-by Platform --key platform.pem --new-key --evidence {_BEFORE}",
    f"members import examples/workspace/told.csv {_IN} --now 2024-09-20T08:00:00Z",
    f"members set ana setting on --detail setting=genai-improvement {_IN} --now 2024-09-21T09:00:00Z",
    f"release create summer {_RELEASE} {_NOW}",
    f"release create autumn {_RELEASE} {_NOW}",
    f"release hand-over summer self --to copy {_IN} {_NOW}",
    f"run start summer --recipient self {_CODE} --ticket made.json {_IN}",
)
_MODEL: Final = "run end {run} --model small=examples/small/policy.yaml " + _IN
_BEGUN: Final = f"run start summer --recipient self {_CODE} --ticket ticket.json {_IN}"
_LATER: Final = (
    f"members set ana setting off --detail setting=genai-improvement {_IN} --now 2025-07-01T09:00:00Z",
    f"revoke run {_IN} --now 2025-07-01T10:00:00Z",
)
_LOST: Final = ("ledger", "backup", "network", "backups")


@dataclass(frozen=True, kw_only=True)
class ReleaseWorld:
    """The two states of the workspace, and what stands for the names in examples.

    Attributes:
        made: The folder with the earlier one.
        later: The folder with the one in which something was taken back.
        names: The name in an example, and the one there.
    """

    made: Path
    later: Path
    names: dict[str, str]

    def put(self, folder: Path, examples: Sequence[str]) -> list[str]:
        """Put what examples need into a folder, and give them with the names that are there."""
        text = "\n".join(examples)
        later = TAKEN_BACK in text or "taken-back" in text
        _copy(self.later if later else self.made, folder, without="examples")
        if "ledger restore" in text:
            _run(folder, _LOST)
            (backup,) = (folder / "backups").iterdir()
            backup.rename(folder / "backups" / "20250601T000000Z")
            (folder / "network" / "state" / "ledger.db").rename(folder / "lost.db")
        for name, there in self.names.items():
            text = text.replace(name, there)
        return text.splitlines()


def make_release_world(root: Path, examples: Path) -> ReleaseWorld:
    """Make both states."""
    made, later = root / "made", root / "later"
    made.mkdir()
    (made / "examples").symlink_to(examples)
    for line in _MADE:
        _run(made, line.split())
    _run(made, _MODEL.format(run=_ticket_of(made / "made.json")).split())
    _run(made, _BEGUN.split())
    _copy(made, later)
    for line in _LATER:
        _run(later, line.split())
    (taken,) = (later / "network/vault/releases/summer/revocations").iterdir()
    shutil.copytree(taken / "bundle", later / "taken-back")
    return ReleaseWorld(
        made=made,
        later=later,
        names={RUN: _ticket_of(made / "ticket.json"), TAKEN_BACK: taken.name},
    )


def _copy(source: Path, folder: Path, without: str = "") -> None:
    """Copy everything, and let the databases be at home where they lie now."""
    shutil.copytree(
        source,
        folder,
        symlinks=True,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(without),
    )
    network = folder / "network"
    for opened in (
        open_log(network / "state" / "ledger.db", origin=ORIGIN, adopt=True),
        open_keys(network / "vault" / "keys.db", origin=ORIGIN, adopt=True),
        open_releases(network / "vault" / "releases.db", origin=ORIGIN, adopt=True),
    ):
        opened.close()


def _run(folder: Path, arguments: Sequence[str]) -> None:
    with chdir(folder):
        program.main(args=[*arguments], prog_name="privity", standalone_mode=False)


def _ticket_of(path: Path) -> str:
    """Give the name of the run of a ticket."""
    from base64 import b64decode  # noqa: PLC0415 - used here alone

    payload = json.loads(b64decode(json.loads(path.read_text())["payload"]))
    return str(payload["run"])
