# SPDX-License-Identifier: Apache-2.0
"""A repair brings back what was published, takes no number twice, says what is lost, and tells it before."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, SETTINGS, Open, size
from tests.unit.app.workspace.worlds import (
    DATABASES,
    content,
    keep,
    problems,
    put,
    put_back,
    says,
    tags_twice,
)

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace import mending, repairing
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.mending import less, ranges
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import publish_now, record
from privity.app.workspace.repairing import Repair, repair_workspace
from privity.app.workspace.rotating import rotate_keys
from privity.app.workspace.vault_reading import Progress, VaultReader
from privity.canonical.encode import digest
from privity.config.workspace import WorkspaceSettings
from privity.entries.decode import PublicEntry, decode
from privity.entries.incident import IncidentEntry
from privity.entries.policy import PolicyEntry
from privity.errors import ConflictError, PrivityError, UnavailableError, VerificationError
from privity.store.keys import open_keys
from privity.store.lock import locked

TEXT = b"policy: plain"
POLICY = PolicyEntry(
    policy="p", version="1", effective_at=NOW, sha256=digest(TEXT), size=len(TEXT)
)


def incidents(root: Path) -> list[IncidentEntry]:
    with open_workspace(root) as workspace:
        return [
            entry.says
            for stored in workspace.store.entries(0, size(workspace))
            if isinstance(entry := decode(stored.data, origin=SETTINGS.origin), PublicEntry)
            and isinstance(entry.says, IncidentEntry)
        ]


def repaired(root: Path) -> Repair:
    """Repair, after a rehearsal that told the same and changed nothing; everything holds after it."""
    before = content(root)
    told = repair_workspace(root, rehearse=True, now=LATER)
    assert content(root) == before
    assert not told.nothing
    done = repair_workspace(root, now=LATER)
    assert (told.log, told.vault) == (done.log, done.vault)
    assert (told.copies, told.made) == (done.copies, done.made)
    assert problems(root) == []
    assert repair_workspace(root, rehearse=True, now=LATER).nothing
    verify_tree(open_tree(str(root)))
    with open_workspace(root, now=LATER) as workspace:
        # Everybody goes on, and no number is taken twice.
        put(workspace, "ada", "bob", "new")
        assert list(tags_twice(workspace)) == []
    assert problems(root) == []
    return done


def test_where_nothing_is_wrong_nothing_is_done(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    before = content(root)
    assert repair_workspace(root, rehearse=True, now=LATER).nothing
    assert content(root) == before
    assert repair_workspace(root, now=LATER).nothing
    assert incidents(root) == []


def test_an_older_database_gets_back_what_was_published(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada", "cleo", "ada")
        record(workspace, [POLICY], objects=[TEXT])
        publish_now(workspace)
    put_back(root, kept, "state/ledger.db")
    done = repaired(root)
    assert (done.log.taken_back, done.vault.incidents) == (5, 1)
    (said,) = incidents(root)
    assert (said.incident, said.first, said.end) == ("rolled-back", 5, 10)
    with open_workspace(root) as workspace:
        assert workspace.store.object(digest(TEXT)) == TEXT


def test_a_database_that_is_gone_is_made_from_the_tree(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
        record(workspace, [POLICY], objects=[TEXT])
        erase_members(workspace, ["bob"])
        vkey = rotate_keys(workspace).vkey
        end = size(workspace)
    (root / "state" / "ledger.db").unlink()
    done = repaired(root)
    assert done.made == (root / "state" / "ledger.db",)
    (said,) = incidents(root)
    assert (said.first, said.end) == (0, end)
    # The rotation is known again, and that it is over by now.
    with open_workspace(root) as workspace:
        assert [signer.vkey.to_text() for signer in workspace.signers] == [vkey]


def test_everything_private_that_is_gone_is_said_without_saying_whose(
    root: Path, opened: Open
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "ada")
    (root / "vault" / "keys.db").unlink()
    done = repaired(root)
    assert (done.vault.unopened, done.vault.erased) == (5, 0)
    (said,) = incidents(root)
    assert (said.incident, said.first, said.end) == ("payloads-lost", None, None)


def test_older_keys_lose_who_came_since_and_keep_their_streams_apart(
    root: Path, opened: Open
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "bob", "cleo")
        streams = {key.stream for key in workspace.keys.all()}
    put_back(root, kept, "vault/keys.db")
    done = repaired(root)
    assert done.vault.unopened == 4
    with open_workspace(root) as workspace:
        again = {key.member: key.stream for key in workspace.keys.all()}
    assert again["tada"] == 1
    assert not {again["tbob"], again["tnew"]} & streams


def test_both_databases_may_be_older(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada", "cleo")
        erase_members(workspace, ["bob"])
    put_back(root, kept, *DATABASES)
    done = repaired(root)
    assert done.vault.erased == 1
    with open_workspace(root) as workspace:
        assert workspace.keys.erasures == workspace.store.vault.erasures > 0


def test_an_erased_member_is_nowhere_in_what_is_said_of_an_older_database(
    root: Path, opened: Open
) -> None:
    """That its entries are there without payloads must not show which they are."""
    with opened() as workspace:
        put(workspace, "bob", "ada", "bob")
    kept = keep(root)
    with opened() as workspace:
        erase_members(workspace, ["bob"])
        end = size(workspace)
    put_back(root, kept, "state/ledger.db")
    done = repaired(root)
    assert (done.vault.erased, done.vault.lost) == (1, ())
    (said,) = incidents(root)
    assert (said.first, said.end) == (6, end)


def test_a_copy_is_taken_for_the_first_one(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    copied = keep(root)
    done = repaired(copied)
    assert done.copies == tuple(copied / name for name in DATABASES)


def test_the_anchor_and_the_tree_are_put_back(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    (root / "anchor" / "checkpoint").unlink()
    shutil.rmtree(root / "public" / "tile")
    (root / "public" / "vkey").unlink()
    done = repaired(root)
    assert (done.log.notes, done.log.files) == (1, 2)


def test_verifier_keys_of_before_are_put_back(root: Path, opened: Open) -> None:
    with opened() as workspace:
        previous = rotate_keys(workspace).previous
    (root / "keys" / "former.vkeys").unlink()
    (root / "keys" / "previous.key").unlink()
    with pytest.raises(VerificationError), open_workspace(root):
        pass
    assert repaired(root).vault.former == (previous,)


def test_a_payload_that_was_damaged_is_removed_and_the_rest_hangs_together(
    root: Path, opened: Open
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "ada", "ada")
        database = workspace.store._database
        with database.transaction():
            database.run("UPDATE sealed SET payload = x'00' WHERE entry = 5")
            database.run("UPDATE sealed SET previous = 1 WHERE entry = 6")
            database.run("UPDATE stream SET next = next + 2 WHERE stream = 2")
            database.run("UPDATE stream SET next = next - 1 WHERE stream = 1")
    assert set(problems(root)) == {"workspace/vault"}
    done = repaired(root)
    assert (done.vault.unopened, done.vault.lost, done.vault.linked) == (1, ((5, 6),), 1)
    assert done.vault.counted == 2


def test_a_mirror_mends_where_the_own_tree_is_gone(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    kept = keep(root)
    with opened() as workspace:
        record(workspace, [POLICY, says("bob")], objects=[TEXT])
        publish_now(workspace)
    mirror = keep(root / "public", "mirror")
    shutil.rmtree(root / "public")
    put_back(root, kept, "state/ledger.db")
    with pytest.raises(VerificationError) as refused:
        repair_workspace(root, now=LATER)
    assert refused.value.code == "ledger/unrepairable"
    # Nothing was signed, and nothing can be until it is repaired.
    with pytest.raises(ConflictError), open_workspace(root):
        pass
    done = repair_workspace(root, source=str(mirror), now=LATER)
    assert (done.log.taken_back, done.vault.texts) == (3, 1)
    assert problems(root) == []


def test_two_histories_are_never_made_one(root: Path, opened: Open) -> None:
    copied = keep(root)
    with opened() as workspace:
        put(workspace, "ada")
    repair_workspace(copied, now=LATER)
    with open_workspace(copied, now=LATER) as workspace:
        put(workspace, "bob")
    for name in ("anchor/checkpoint", "public/checkpoint"):
        put_back(root, copied, name)
    shutil.rmtree(root / "public" / "tile")
    shutil.copytree(copied / "public" / "tile", root / "public" / "tile")
    with pytest.raises(VerificationError) as refused:
        repair_workspace(root, rehearse=True, now=LATER)
    assert refused.value.code == "ledger/forked"
    with pytest.raises(VerificationError):
        repair_workspace(root, now=LATER)


def test_with_another_key_nothing_is_repaired(root: Path, opened: Open) -> None:
    """Its notes would be unreadable, and what was published would count for nothing."""
    with opened() as workspace:
        put(workspace, "ada")
    found_workspace(root.with_name("other"), SETTINGS, now=NOW)
    shutil.copyfile(root.with_name("other") / "keys" / "log.key", root / "keys" / "log.key")
    before = content(root)
    with pytest.raises(VerificationError) as refused:
        repair_workspace(root, now=LATER)
    assert refused.value.code == "workspace/genesis"
    assert content(root) == before


def test_a_file_that_is_no_database_has_to_be_moved_away(root: Path) -> None:
    (root / "state" / "ledger.db").write_bytes(b"nothing" * 1000)
    with pytest.raises(UnavailableError) as refused:
        repair_workspace(root, now=LATER)
    assert refused.value.hint is not None
    assert "move `" in refused.value.hint


def test_a_journal_beside_a_database_that_is_gone_is_not_played_back(
    root: Path, opened: Open
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    (root / "state" / "ledger.db").unlink()
    (root / "state" / "ledger.db-journal").write_bytes(
        b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 600
    )
    repaired(root)


def test_while_another_publishes_nothing_is_repaired(root: Path) -> None:
    with locked(root / "state" / "ledger.lock"), pytest.raises(ConflictError) as refused:
        repair_workspace(root, rehearse=True)
    assert refused.value.code == "store/locked"


def test_what_waits_for_too_long_keeps_nothing_from_being_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be published before it is repaired; by the system's clock nothing else is recorded then."""
    root = tmp_path / "w"
    found_workspace(root, WorkspaceSettings(origin="example.com/log"))
    with open_workspace(root) as workspace:
        put(workspace, "ada")
        record(workspace, [says("ada")])
        database = workspace.store._database
        with database.transaction():
            database.run("UPDATE sealed SET payload = x'00' WHERE entry = 2")
    later = int(time.time()) + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assert repair_workspace(root).vault.incidents == 1
    assert problems(root) == []


# Crashes


class Killed(BaseException):
    """The end of a process."""


MOMENTS: dict[str, tuple[object, str, bool]] = {
    "the log is right": (repairing, "mend_vault", False),
    "the vault is read": (mending, "compare_vault", True),
    "the vault is right": (repairing, "mend_vault", True),
    "the projection is gone": (repairing, "remove_projection", True),
    "erasures are over": (repairing, "finish_erasures", True),
    "nothing is published": (repairing, "publish_locked", False),
}
"""Moments of a repair: before or after which function."""


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_repair_that_was_cut_short_is_gone_on_with(
    root: Path, opened: Open, moment: str
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob")
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada", "cleo", "bob")
        erase_members(workspace, ["bob"])
        rotate_keys(workspace)
    put_back(root, kept, *DATABASES)
    module, name, after = MOMENTS[moment]
    real: Callable[..., object] = getattr(module, name)

    def last(*given: object, **named: object) -> None:
        if after:
            real(*given, **named)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, last)
        with pytest.raises(Killed):
            repair_workspace(root, now=LATER)

    def use() -> Workspace:
        with open_workspace(root, now=LATER) as workspace:
            put(workspace, "ada", "dan")
            assert list(tags_twice(workspace)) == []
            return workspace

    try:
        use()
    except PrivityError as refused:
        assert refused.code in {"workspace/unmended", "workspace/keys-older"}  # noqa: PT017 - or none
        repair_workspace(root, now=LATER)
        use()
    assert problems(root) == []
    assert [one.incident for one in incidents(root)] == ["rolled-back"]
    with open_workspace(root) as workspace:
        assert workspace.keys.get("tbob") is None


def test_a_repair_that_was_cut_short_is_told_before(root: Path, opened: Open) -> None:
    """Also where nothing else is wrong: until it is ended nothing can be recorded."""
    with opened() as workspace, workspace.store.transaction():
        workspace.store.vault.put_mending([])
    done = repaired(root)
    assert done.unfinished


def test_whoever_joins_during_a_repair_harms_it_not(root: Path, opened: Open) -> None:
    """A key may be made just before the repair begins, and be kept just after it has looked how many there are."""
    with opened() as workspace:
        put(workspace, "ada", "bob")
    (root / "public" / "tile" / "entries" / "000.p" / "5").unlink()
    real = VaultReader.read_all

    def read(reader: VaultReader, progress: Progress | None = None) -> None:
        real(reader, progress)
        with closing(open_keys(root / "vault" / "keys.db", origin=SETTINGS.origin)) as keys:
            keys.add([("tnew", bytes(32))])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VaultReader, "read_all", read)
        repair_workspace(root, now=LATER)
    assert problems(root) == []
    with opened(LATER) as workspace:
        put(workspace, "new")
    assert problems(root) == []


def test_nobody_gets_a_key_during_a_repair(opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        newest = workspace.keys.last_stream
        with workspace.store.transaction():
            workspace.store.vault.put_mending([])
        with pytest.raises(ConflictError) as refused:
            record(workspace, [says("new")])
        assert refused.value.code == "workspace/unmended"
        assert workspace.keys.last_stream == newest


def test_ranges_are_taken_from_ranges() -> None:
    assert ranges([1, 2, 3, 7, 8, 10]) == [(1, 4), (7, 9), (10, 11)]
    assert less([(0, 10)], [(2, 3), (5, 12)]) == [(0, 2), (3, 5)]
    assert less([(0, 2), (4, 6), (8, 9)], [(0, 5)]) == [(5, 6), (8, 9)]
    assert less([(3, 4)], []) == [(3, 4)]
    assert less([(3, 4)], [(0, 9)]) == []
