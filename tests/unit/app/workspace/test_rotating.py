# SPDX-License-Identifier: Apache-2.0
"""The key that signs is exchanged in the open, by an entry that the old one signs, and nobody loses the thread."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import NOW, Open
from tests.unit.app.workspace.worlds import content, problems, put

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace import keyring, rotating
from privity.app.workspace.keyring import former_vkeys, read_signer
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.recording import publish_now
from privity.app.workspace.rotating import BOTH_SIGN, Rotated, rotate_keys
from privity.errors import ConflictError, VerificationError
from privity.ledger.note import Note, Signer, Vkey, verify
from privity.ledger.ports import CHECKPOINT, VKEY
from privity.store.sqlite import SqliteLog

AFTER = NOW + BOTH_SIGN + 1


def rotated(opened: Open, now: int = NOW) -> Rotated:
    with opened(now) as workspace:
        put(workspace, "ada")
        return rotate_keys(workspace)


def served(root: Path) -> tuple[list[str], list[str]]:
    """Who signed the checkpoint, and which keys the tree lists."""
    listed = (root / "public" / VKEY).read_text("ascii").splitlines()
    known = [*listed, *former_vkeys(Places(root))]
    note = Note.parse((root / "public" / CHECKPOINT).read_bytes())
    signed = verify(note, dict.fromkeys(Vkey.parse(one) for one in known))
    return [one.to_text() for one in signed], listed


def test_both_keys_sign_and_either_verifies_the_whole_log(root: Path, opened: Open) -> None:
    done = rotated(opened)
    assert done.both_until == NOW + BOTH_SIGN
    assert served(root) == ([done.vkey, done.previous],) * 2
    for vkey in (done.vkey, done.previous):
        verify_tree(open_tree(str(root), (vkey,)))
    assert problems(root) == []


def test_until_30_days_are_over_both_sign_what_comes(root: Path, opened: Open) -> None:
    done = rotated(opened)
    with opened(NOW + BOTH_SIGN) as workspace:
        put(workspace, "bob")
    assert served(root) == ([done.vkey, done.previous],) * 2


def test_the_first_publication_after_30_days_destroys_the_old_key(
    root: Path, opened: Open
) -> None:
    done = rotated(opened)
    secret = (root / "keys" / "previous.key").read_bytes()
    with opened(AFTER) as workspace:
        publish_now(workspace)
    assert served(root) == ([done.vkey, done.previous], [done.vkey])
    assert not any(secret[-45:-1] in data for data in content(root).values())
    with opened(AFTER) as workspace:
        put(workspace, "bob")
    assert served(root) == ([done.vkey], [done.vkey])
    verify_tree(open_tree(str(root), (done.vkey,)))
    with pytest.raises(VerificationError):
        open_tree(str(root), (done.previous,))
    # Notes that it signed are known by it all the same.
    assert problems(root) == []


def test_a_second_rotation_waits_for_the_first(root: Path, opened: Open) -> None:
    first = rotated(opened)
    with opened() as workspace, pytest.raises(ConflictError) as refused:
        rotate_keys(workspace)
    assert refused.value.code == "workspace/rotation"
    with opened(AFTER) as workspace:
        second = rotate_keys(workspace)
    assert (second.previous, second.published.added) == (first.vkey, 1)
    assert served(root)[0] == [second.vkey, first.vkey]
    former = (root / "keys" / "former.vkeys").read_text("ascii").splitlines()
    assert former == [first.previous, first.vkey]
    assert problems(root) == []


def test_keys_are_the_owners_alone(root: Path, opened: Open) -> None:
    rotated(opened)
    for path in (root / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_from_before_a_rotation_is_refused(root: Path, opened: Open) -> None:
    """It would sign checkpoints that everybody refuses after 30 days."""
    old = (root / "keys" / "log.key").read_bytes()
    rotated(opened)
    (root / "keys" / "log.key").write_bytes(old)
    with pytest.raises(VerificationError) as refused, open_workspace(root):
        pass
    assert refused.value.code == "workspace/genesis"


def test_who_opened_it_before_publishes_with_the_keys_of_now(root: Path, opened: Open) -> None:
    with opened() as early:
        done = rotated(opened)
        put(early, "bob")
    assert served(root) == ([done.vkey, done.previous],) * 2


class Killed(BaseException):
    """The end of a process."""


CALLS = {
    "the new key is there": (rotating, "put_signer", 1),
    "the old one is known": (rotating, "put_former", 1),
    "it is announced": (rotating, "record", 1),
    "the old one lies aside": (keyring, "put_signer", 1),
    "the new one is in its place": (keyring, "put_signer", 2),
    "nothing is left of the way": (keyring, "destroy", 3),
}
"""Moments of a rotation: after which call of which function."""


def killed_at(monkeypatch: pytest.MonkeyPatch, opened: Open, moment: str) -> None:
    """Rotate, and be killed at a moment."""
    module, name, times = CALLS[moment]
    real: Callable[..., object] = getattr(module, name)
    count = 0

    def call(*given: object, **named: object) -> object:
        nonlocal count
        count += 1
        answer = real(*given, **named)
        if count == times:
            raise Killed
        return answer

    with monkeypatch.context() as patch, opened() as workspace:
        put(workspace, "ada")
        patch.setattr(module, name, call)
        with pytest.raises(Killed):
            rotate_keys(workspace)


@pytest.mark.parametrize("moment", CALLS)
def test_a_rotation_that_was_cut_short_is_finished_by_the_next_command(
    root: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before = read_signer(Places(root).signer).vkey.to_text()
    announced = [*CALLS].index(moment) >= 2
    killed_at(monkeypatch, opened, moment)
    with opened() as workspace:
        put(workspace, "bob")
    signed, listed = served(root)
    assert signed == listed
    assert len(signed) == (2 if announced else 1)
    assert signed[-1] == before
    assert problems(root) == []
    if not announced:
        # Nothing had happened: the next rotation takes up the key that was made.
        with opened() as workspace:
            assert rotate_keys(workspace).previous == before
        assert len(served(root)[0]) == 2
    assert not (root / "keys" / "next.key").exists()


@pytest.mark.parametrize("turn", [1, 2])
def test_who_reads_the_keys_while_they_change_places_reads_them_again(
    root: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    """One file was read before, the other after: together they are no state that ever was."""
    killed_at(monkeypatch, opened, "it is announced")
    real, count = keyring._announced, 0

    def read_late(places: Places, store: SqliteLog) -> Signer | None:
        nonlocal count
        count += 1
        if count == turn:
            with opened() as other:  # another process finishes the rotation at this moment
                publish_now(other)
        return real(places, store)

    monkeypatch.setattr(keyring, "_announced", read_late)
    with opened() as workspace:
        put(workspace, "bob")
    assert count > turn
    assert problems(root) == []


def test_a_key_that_was_half_destroyed_is_destroyed_by_the_next(
    root: Path, opened: Open
) -> None:
    done = rotated(opened)
    (root / "keys" / "previous.key").rename(root / "keys" / ".previous.key.gone")
    with opened() as workspace:
        put(workspace, "bob")
    assert served(root) == ([done.vkey],) * 2
    assert sorted(path.name for path in (root / "keys").iterdir()) == [
        "former.vkeys",
        "log.key",
    ]
