# SPDX-License-Identifier: Apache-2.0
"""The entries of releases: what they name, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.kinds import PUBLIC
from privity.entries.model import ModelEntry
from privity.entries.release import (
    Content,
    CreatedRelease,
    EndedRelease,
    RevisedRelease,
    parse_release,
)
from privity.entries.revocation import (
    DoneRevocation,
    DueRevocation,
    NotifiedRevocation,
    RevocationAck,
    parse_revocation,
)
from privity.entries.run import RunEnd, RunStart
from privity.errors import InputError

KINDS = (
    CreatedRelease, RevisedRelease, EndedRelease, HandedOver, AcknowledgedDisclosure,
    FailedDisclosure, DueRevocation, DoneRevocation, NotifiedRevocation, RevocationAck, RunStart,
    RunEnd, ModelEntry,
)  # fmt: skip
SHA = "0" * 64
ROOT = bytes(32)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a\\b", "-a", "a.b", "a b", "A", "ä", "a_b", "a\n", "\0", "a" * 41],
)
def test_no_name_leaves_the_folder_of_releases(name: str) -> None:
    """[REL-1] [ENT-81]"""
    with pytest.raises(InputError, match="small letters, digits and `-`"):
        EndedRelease(release=name, why="expired")


@pytest.mark.parametrize("name", ["a", "0", "a-", "inmail-2026", "a--b", "z" * 40])
def test_a_short_name_is_one_folder(name: str) -> None:
    """[REL-1] [ENT-81]"""
    assert EndedRelease(release=name, why="expired").release == name
    assert (Path("releases") / name).resolve().parent == Path("releases").resolve()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_of_a_set_is_no_fact(kind: type) -> None:
    """[ENT-88] Nothing that a decision reads is made of these entries."""
    assert kind.STREAM in PUBLIC  # type: ignore[attr-defined] # a list of entries of several classes
    assert not hasattr(kind, "to_fact")


def test_what_no_release_can_hold_is_not_written() -> None:
    """[ENT-82]"""
    content = Content(
        files=0, size=0, rows=0, files_root=ROOT, members=0, members_root=ROOT,
        manifest=SHA, columns=SHA,
    )  # fmt: skip
    revised = RevisedRelease(
        release="a", revision=2, ledger_size=1, content=content, revocation="v"
    )
    assert parse_release(revised.to_payload()) == revised
    with pytest.raises(InputError, match="no file or no member"):
        Content(
            files=1, size=1, rows=1, files_root=ROOT, members=0, members_root=ROOT,
            manifest=SHA, columns=SHA,
        )  # fmt: skip
    with pytest.raises(InputError, match="`created`, `revised` or `ended`"):
        parse_release({"action": None})


def test_what_was_sent_is_true_or_false() -> None:
    """[ENT-84]"""
    sent = NotifiedRevocation(revocation="v", recipient="lab", message="msg_1", ok=False)
    assert parse_revocation(sent.to_payload()) == sent
    with pytest.raises(InputError, match="`true` or `false`"):
        parse_revocation({**sent.to_payload(), "ok": 0})
