# SPDX-License-Identifier: Apache-2.0
"""A recipient's key is held to the register before anything is signed or deleted with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integration.handed import DAY, LAB, OTHER, World, put_key, world as make_world
from tests.integration.revoked import LATER, no, places_of, run, state_of

from privity.app.releases.handing.acknowledging import acknowledge_copy
from privity.app.releases.taking_back.applying import ATTESTATION, apply_revocation
from privity.app.releases.taking_back.attesting_deletion import attest_revocation
from privity.app.releases.taking_back.taking import Taking
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import change_recipient
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import format_instant
from privity.entries.dsse import EnvelopeSigner
from privity.entries.recipient import RecipientEntry
from privity.errors import PrivityError
from privity.release.disclosed import ACKNOWLEDGEMENT
from privity.testing.plain import AT


def test_nothing_is_signed_with_another_key_than_the_logs_register_has(tmp_path: Path) -> None:
    """REL-66: what it signs would be entered nowhere."""
    world = make_world(tmp_path)
    world.hand_over()

    def refused_key(signer: EnvelopeSigner, code: str) -> None:
        with pytest.raises(PrivityError) as caught:
            acknowledge_copy(world.out, signer, at=AT + 5, log=world.log)
        assert caught.value.code == code
        assert not (world.out / ACKNOWLEDGEMENT).exists()

    refused_key(OTHER, "release/recipient-other-key")
    # The newest counts, and it may be said long after the hand-over, or before.
    with open_workspace(world.root, now=AT + 1) as workspace:
        change_recipient(workspace, "self", key=OTHER.public)
        publish_now(workspace)
    refused_key(LAB, "release/recipient-other-key")
    acknowledge_copy(world.out, OTHER, at=AT + 5, log=world.log)
    (world.out / ACKNOWLEDGEMENT).unlink()
    world.record(RecipientEntry(action="ended", id="self", at=AT + 2), at=AT + 2)
    refused_key(OTHER, "release/recipient-no-key")


def test_nothing_is_handed_over_to_be_acknowledged_at_once_with_another_key(
    tmp_path: Path,
) -> None:
    """REL-67: it would lie there with an acknowledgement that is entered nowhere."""
    world = make_world(tmp_path)
    other = put_key(tmp_path / "other.key", OTHER)
    done = subprocess.run(
        [sys.executable, "-m", "privity", "release", "hand-over", "first", "self", "--to", world.out,
         "--recipient-key", other, "--workspace", world.root, "--now", format_instant(AT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "is not the one that the log’s register has of recipient `self`" in done.stderr
    assert not world.out.exists()
    assert world.says("disclosure") == []


def taken_back(tmp_path: Path) -> World:
    """A release that was handed over and acknowledged, and then taken back from."""
    made = make_world(tmp_path)
    made.hand_over()
    made.acknowledge()
    no(made.made, "m3")
    run(made.made)
    with open_workspace(made.root) as workspace:
        publish_now(workspace)
    return made


def name_of(made: World) -> str:
    return state_of(made.made).revocations[-1].name


def bundle_of(made: World) -> Path:
    taking = Taking.of(places_of(made.made), name_of(made))
    return shutil.copytree(taking.bundle.root, made.out.parent / "revocation")


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }


def test_nothing_is_deleted_where_another_key_would_sign(tmp_path: Path) -> None:
    """REL-123: by the log's register, or without it by what was signed when the copy came."""
    lab = taken_back(tmp_path)
    bundle, before = bundle_of(lab), content(lab.out)
    keys = lab.out.parent
    other = put_key(keys / "other.key", OTHER)

    def wrong(key: Path, **at: Any) -> None:
        with pytest.raises(PrivityError) as caught:
            apply_revocation(bundle, lab.out, key, now=LATER, **at)
        assert caught.value.code == "release/recipient-other-key"
        assert content(lab.out) == before
        assert not (bundle / ATTESTATION).exists()

    wrong(other)
    wrong(other, log=lab.log)
    # From its entry on the register has another.
    with open_workspace(lab.root, now=LATER) as workspace:
        change_recipient(workspace, "self", key=OTHER.public)
        publish_now(workspace)
    wrong(other)
    wrong(put_key(keys / "lab.key"), log=lab.log)
    done = apply_revocation(bundle, lab.out, other, log=lab.log, now=LATER)
    with open_workspace(lab.root, now=LATER + DAY) as workspace:
        attest_revocation(workspace, name_of(lab), done.attestation)
