# SPDX-License-Identifier: Apache-2.0
"""What the operator does with the network's records, in tests of the pages that show it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import privity
from privity.app.releases.handing.acknowledging import acknowledge_copy, record_acknowledgement
from privity.app.releases.handing.handing_over import hand_over
from privity.app.releases.taking_back.revoking import revoke
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import change_recipient
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import parse_instant
from privity.entries.dsse import EnvelopeSigner

SOURCE = Path(__file__).parents[2] / "examples" / "network" / "records.sql.toml"
LAB = EnvelopeSigner(seed=bytes(range(32)))
SHA = "ab" * 32


def copied(network: Path) -> Path:
    """Copy the network's database, with what this test wrote and did not commit."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    copy = network / "copy.db"
    copy.unlink(missing_ok=True)
    if connection.connection is None:
        connection.connect()
    with sqlite3.connect(copy) as target:
        target.executescript("\n".join(connection.connection.iterdump()))
    target.close()
    return copy


def release(network: Path, at: str, name: str = "winter") -> None:
    """Make a release of all that may be used, hand it over, and train on it."""
    os.environ["NETWORK_DATABASE"] = str(copied(network))
    ledger, now = network / "ledger", parse_instant(at)
    shutil.rmtree(network / "copies", ignore_errors=True)
    (network / "copies").mkdir()
    privity.create_release(
        ledger, name, [SOURCE], purpose="genai-training", recipient="self", now=at
    )
    with open_workspace(ledger, now=now) as workspace:
        change_recipient(workspace, "self", key=LAB.public)
        hand_over(workspace, name, "self", network / "copies" / name)
        publish_now(workspace)
        looked = acknowledge_copy(network / "copies" / name, LAB, at=now)
        record_acknowledgement(workspace, name, "self", looked.path.read_bytes())
        publish_now(workspace)
    run = privity.start_run(ledger, name, recipient="self", code=SHA, config=SHA, now=at).name
    privity.end_run(ledger, run, how="completed", batches=1, models={"ostrich": SHA}, now=at)


def take_back(network: Path, at: str) -> None:
    """Take back what is due."""
    with open_workspace(network / "ledger", now=parse_instant(at)) as workspace:
        revoke(workspace)
        publish_now(workspace)
