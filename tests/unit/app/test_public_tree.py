# SPDX-License-Identifier: Apache-2.0
"""Anybody verifies a public tree, proves an entry of it and checks a proof; whatever does not hold is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from tests.unit.app.public_logs import (
    BEGAN,
    OBJECT,
    ledger_entries,
    ledger_tree,
    member_entry,
    public_entry,
    write_tree,
)
from tests.unit.ledger.logs import ORIGIN, OTHER, SIGNER, MemoryTree, checkpoint_over

from privity.app.public_tree.beside import Beside
from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.proving import check_proof, prove_entry
from privity.app.public_tree.verifying import VerifiedTree, save_checkpoint, verify_tree
from privity.entries.disclosure import AcknowledgedDisclosure
from privity.entries.keys import KeysEntry
from privity.entries.notice import NoticeEntry
from privity.entries.program import ProgramEntry
from privity.errors import InputError, PrivityError, UnavailableError, VerificationError
from privity.ledger.note import Signer, sign
from privity.ledger.ports import NotFoundError
from privity.ledger.proof_file import ProofFile
from privity.ledger.tiles import encode_bundle

ENTRIES = ledger_entries(600)
KEY = SIGNER.vkey.to_text()
NEXT = Signer(name=ORIGIN, seed=bytes(range(2, 34)))
CLOCK = f"{ORIGIN}/simulated"

Spoil = Callable[[MemoryTree], object]


def verified(folder: Path, *vkeys: str, saved: Path | None = None) -> VerifiedTree:
    return verify_tree(open_tree(str(folder), vkeys), saved=saved)


def error_of(folder: Path, *vkeys: str, saved: Path | None = None) -> PrivityError:
    with pytest.raises(PrivityError) as caught:
        verified(folder, *vkeys, saved=saved)
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(ledger_tree(ENTRIES), tmp_path / "public")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The checkpoint of when the log had 400 entries."""
    path = tmp_path / "saved"
    path.write_bytes(ledger_tree(ENTRIES[:400])["checkpoint"])
    return path


@pytest.mark.parametrize("size", [1, 2, 256, 257, 600])
def test_a_ledger_in_which_everything_holds_is_found_so(size: int, tmp_path: Path) -> None:
    found = verified(write_tree(ledger_tree(ENTRIES[:size]), tmp_path))  # [ENT-80]
    assert found.tree.checkpoint == checkpoint_over(ENTRIES[:size])
    assert sum(found.contents.public.values()) + found.contents.private == size
    assert found.mapping()["public"] == (
        {"genesis": 1} | {"policy": 1} if size > 1 else {"genesis": 1}
    )
    assert found.mapping()["independently_witnessed"] is False


def test_a_log_without_an_entry_is_one(tmp_path: Path) -> None:
    found = verified(write_tree(ledger_tree([]), tmp_path))
    assert found.mapping()["first_at"] is None
    assert found.mapping()["size"] == 0


def test_progress_is_told_up_to_the_end(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    verify_tree(open_tree(str(folder)), progress=lambda done, size: told.append((done, size)))
    assert told[-1] == (600, 600)


def test_the_key_of_the_tree_itself_is_believed_on_first_use_and_that_is_said(
    folder: Path, saved: Path
) -> None:
    assert verified(folder).first_use
    assert not verified(folder, KEY).first_use
    # Who verified it before was told by the same key.
    assert not verified(folder, saved=saved).first_use


def test_a_checkpoint_that_another_key_signed_does_not_confirm_the_new_one(
    tmp_path: Path, saved: Path
) -> None:
    exchanged = KeysEntry(previous=KEY, vkey=NEXT.vkey.to_text(), both_until=BEGAN + 10)
    entries = [*ENTRIES[:2], public_entry(exchanged, 1)]
    tree = ledger_tree(entries, NEXT)
    tree["vkey"] += f"{KEY}\n".encode()
    saved.write_bytes(ledger_tree(entries[:2])["checkpoint"])
    assert verified(write_tree(tree, tmp_path / "public"), saved=saved).first_use


def test_a_key_is_given_as_text_or_in_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{OTHER.vkey.to_text()}\n{KEY}\n", encoding="utf-8")
    for vkeys in ((KEY,), (str(file),), (OTHER.vkey.to_text(), KEY)):
        found = open_tree(str(folder), vkeys)
        assert found.signed == (SIGNER.vkey,)
        assert found.given


def test_a_key_that_is_given_is_believed_and_no_other(folder: Path) -> None:
    error = error_of(folder, NEXT.vkey.to_text())
    assert isinstance(error, VerificationError)
    assert error.code == "ledger/unsigned"
    assert error.hint is not None


def test_what_is_no_key_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    for data in (b"", b"\n", KEY.encode() + b"\n\n", b"\xff"):
        file.write_bytes(data)
        error = error_of(folder, str(file))
        assert (type(error), error.code) == (InputError, "ledger/vkey")
    for text in ("nonsense", f"{KEY}x"):
        assert error_of(folder, text).code == "ledger/vkey"
    assert "no file of them" in error_of(folder, str(tmp_path / "missing")).message


def test_the_trees_own_keys_are_read_strictly(tmp_path: Path) -> None:
    tree = ledger_tree(ENTRIES[:3])
    tree["vkey"] += b"\n"
    error = error_of(write_tree(tree, tmp_path))
    assert (type(error), error.code) == (VerificationError, "verify/vkey")


def test_a_tree_without_a_key_needs_one(tmp_path: Path) -> None:
    tree = ledger_tree(ENTRIES[:3])
    del tree["vkey"]
    folder = write_tree(tree, tmp_path)
    assert error_of(folder).code == "verify/no-key"
    assert not verified(folder, KEY).first_use


def test_a_workspace_is_verified_by_its_public_folder(folder: Path) -> None:
    assert verified(folder.parent).tree.place == str(folder)


def test_what_is_no_tree_is_said_to_be_none(tmp_path: Path) -> None:
    assert error_of(tmp_path / "missing").code == "verify/no-tree"
    assert isinstance(error_of(tmp_path), NotFoundError)
    for address in ("ftp://example.com/", "file:///etc", "HTTPS://"):
        with pytest.raises(InputError, match="no address of a log"):
            open_tree(address)


def test_signatures_of_keys_that_nobody_knows_are_counted(tmp_path: Path) -> None:
    tree = ledger_tree(ENTRIES[:3])
    text = checkpoint_over(ENTRIES[:3]).to_text()
    tree["checkpoint"] = sign(text, [SIGNER, OTHER]).to_bytes()
    assert verified(write_tree(tree, tmp_path)).tree.unknown_signatures == 1


def test_a_simulated_clock_is_known_by_the_name(tmp_path: Path) -> None:
    signer = Signer(name=CLOCK, seed=SIGNER.seed)
    entries = ledger_entries(5, CLOCK, signer)
    for size in (0, 5):
        tree = ledger_tree(entries[:size], signer)
        found = verified(write_tree(tree, tmp_path / str(size)))
        assert found.tree.simulated
        assert found.mapping()["simulated_clock"] is True


def test_a_log_extends_what_was_saved_of_it(folder: Path, saved: Path) -> None:
    assert verified(folder, saved=saved).bytes_read.extends == 400
    save_checkpoint(open_tree(str(folder)), saved)
    assert verified(folder, saved=saved).bytes_read.extends == 600


def test_a_log_that_shrank_or_has_two_histories_is_refused(
    tmp_path: Path, folder: Path, saved: Path
) -> None:
    shorter = write_tree(ledger_tree(ENTRIES[:399]), tmp_path / "shorter")
    assert error_of(shorter, saved=saved).code == "ledger/shrunk"
    entries = [*ENTRIES[:399], *ENTRIES[400:]]
    other = write_tree(ledger_tree(entries), tmp_path / "other")
    error = error_of(other, saved=saved)
    assert (type(error), error.code) == (VerificationError, "ledger/forked")
    assert verified(folder, saved=saved).bytes_read.extends == 400


def test_a_saved_checkpoint_must_hold_itself(folder: Path, saved: Path, tmp_path: Path) -> None:
    text = checkpoint_over(ENTRIES[:400]).to_text()
    for data in (b"", OTHER.sign(text).to_bytes(), saved.read_bytes().replace(b"400", b"401")):
        saved.write_bytes(data)
        error = error_of(folder, saved=saved)
        assert (type(error), error.code) == (VerificationError, "verify/saved")
        assert error.hint is not None
    error = error_of(folder, saved=tmp_path / "missing")
    assert (type(error), error.code) == (InputError, "verify/unreadable")


def test_a_checkpoint_that_cannot_be_saved_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be written"):
        save_checkpoint(open_tree(str(folder)), tmp_path / "missing" / "saved")
    assert list(tmp_path.iterdir()) == [folder]


def flip(path: str, at: int = 0) -> Spoil:
    def spoil(tree: MemoryTree) -> None:
        data = bytearray(tree[path])
        data[at] ^= 1
        tree[path] = bytes(data)

    return spoil


def gone(path: str) -> Spoil:
    return lambda tree: tree.pop(path)


LAST = "tile/entries/002.p/88"
SPOILED: dict[str, tuple[Spoil, str]] = {
    "an entry": (flip("tile/entries/001", 20), "entry 256 does not have the hash"),
    "a length": (flip("tile/entries/001", 1), "`tile/entries/001` does not hold"),
    "an entry of the last bundle": (flip(LAST, 20), "entry 512 does not have the hash"),
    "a hash of an entry": (flip("tile/0/001"), "entry 256 does not have the hash"),
    "a hash above": (flip("tile/1/000.p/2"), "is not that of the tile below"),
    "a text": (flip(OBJECT), "is not the text that entry 1 names"),
    "a missing bundle": (gone("tile/entries/001"), "there is no `tile/entries/001`"),
    "a missing last bundle": (gone(LAST), "there is no `tile/entries/002`"),
    "a missing tile": (gone("tile/0/000"), "there is no `tile/0/000`"),
    "a missing text": (gone(OBJECT), f"there is no `{OBJECT}`"),
}


@pytest.mark.parametrize(("spoil", "says"), SPOILED.values(), ids=SPOILED)
def test_whatever_does_not_hold_is_named_in_one_line(
    spoil: Spoil, says: str, tmp_path: Path
) -> None:
    tree = ledger_tree(ENTRIES)
    spoil(tree)
    error = error_of(write_tree(tree, tmp_path))
    assert isinstance(error, VerificationError)
    assert says in error.message
    assert len(error.message.splitlines()) == 1


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([b"any", b"bytes"], "entry/unreadable"),
        (ENTRIES[2:], "entry/no-genesis"),
        ([*ENTRIES, ENTRIES[1]], "entry/gap"),
        ([*ENTRIES, ENTRIES[599]], "entry/tag-twice"),
        ([*ENTRIES, ENTRIES[2]], "entry/out-of-turn"),
        (ledger_entries(3, ORIGIN, NEXT), "entry/key-chain"),
    ],
)
def test_what_is_signed_and_is_no_ledger_is_refused(
    entries: list[bytes], code: str, tmp_path: Path
) -> None:
    error = error_of(write_tree(ledger_tree(entries), tmp_path))
    assert (type(error), error.code) == (VerificationError, code)


def test_a_bundle_is_compared_before_it_is_read(tmp_path: Path) -> None:
    tree = ledger_tree(ENTRIES)
    tree["tile/entries/000"] = encode_bundle([b"no entry"] * 256)
    assert error_of(write_tree(tree, tmp_path)).code == "ledger/leaf"


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, 599])
def test_an_entry_is_proved_and_the_proof_checked_offline(
    index: int, folder: Path, tmp_path: Path
) -> None:
    proved = prove_entry(open_tree(str(folder), (KEY,)), index)
    assert proved.entry == ENTRIES[index]
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    proof.write_bytes(proved.proof.to_bytes())
    entry.write_bytes(proved.entry)
    found = check_proof(proof, entry, (KEY,))
    assert (found.index, found.checkpoint.size, found.signed) == (index, 600, (SIGNER.vkey,))
    assert not found.simulated


def test_a_proof_of_an_entry_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="entry 600 is none of a log of 600 entries"):
        prove_entry(open_tree(str(folder)), 600)


@pytest.mark.parametrize(
    ("index", "path"),
    [(257, "tile/0/001"), (257, "tile/1/000.p/2"), (256, "tile/entries/001")],
)
def test_no_proof_is_made_from_what_does_not_hold(
    index: int, path: str, tmp_path: Path
) -> None:
    for name, spoil in (("flipped", flip(path)), ("gone", gone(path))):
        tree = ledger_tree(ENTRIES)
        spoil(tree)
        folder = write_tree(tree, tmp_path / name)
        with pytest.raises(VerificationError):
            prove_entry(open_tree(str(folder)), index)


def test_a_proof_of_another_entry_log_or_key_is_refused(folder: Path, tmp_path: Path) -> None:
    proved = prove_entry(open_tree(str(folder)), 300)
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    proof.write_bytes(proved.proof.to_bytes())
    entry.write_bytes(member_entry(301))
    with pytest.raises(VerificationError) as caught:
        check_proof(proof, entry, (KEY,))
    assert (caught.value.code, caught.value.hint) == ("ledger/inclusion", None)
    entry.write_bytes(proved.entry)
    with pytest.raises(VerificationError, match="no key that is trusted"):
        check_proof(proof, entry, (OTHER.vkey.to_text(),))
    moved: ProofFile = replace(proved.proof, index=299)
    proof.write_bytes(moved.to_bytes())
    with pytest.raises(VerificationError, match="another root"):
        check_proof(proof, entry, (KEY,))


def test_a_newline_after_an_entry_is_named(folder: Path, tmp_path: Path) -> None:
    proved = prove_entry(open_tree(str(folder)), 300)
    proof, entry = tmp_path / "proof", tmp_path / "entry"
    proof.write_bytes(proved.proof.to_bytes())
    entry.write_bytes(proved.entry + b"\n")
    with pytest.raises(VerificationError) as caught:
        check_proof(proof, entry, (KEY,))
    assert "newline" in (caught.value.hint or "")


def test_the_checkpoint_stays_the_one_that_was_opened(tmp_path: Path) -> None:
    folder = write_tree(ledger_tree(ENTRIES[:300]), tmp_path)
    tree = open_tree(str(folder))
    write_tree(ledger_tree(ENTRIES), tmp_path)
    assert verify_tree(tree).tree.checkpoint.size == 300


ENVELOPE = b'{"payload":"of a recipient"}'
PROGRAM = b"<p>check</p>"
NOTICE = b"We begin to train."


def named(tree: MemoryTree, *data: bytes) -> MemoryTree:
    """With public objects."""
    return MemoryTree(tree | {f"object/sha256/{sha256(one).hexdigest()}": one for one in data})


def with_objects(folder: Path, *data: bytes) -> Path:
    """A ledger whose entries name an acknowledgement, a program and the text of a notice, with some of these."""
    entries = [
        *ENTRIES[:2],
        public_entry(
            AcknowledgedDisclosure(
                disclosure="d1", acknowledgement=sha256(ENVELOPE).hexdigest()
            ),
            1,
        ),
        public_entry(
            ProgramEntry(
                name="check.html", sha256=sha256(PROGRAM).hexdigest(), size=len(PROGRAM)
            ),
            1,
        ),
        public_entry(
            NoticeEntry(id="n", effective_at=BEGAN, sha256=sha256(NOTICE).hexdigest()), 1
        ),
    ]
    return write_tree(named(ledger_tree(entries), *data), folder)


def test_every_object_that_an_entry_names_is_read(tmp_path: Path) -> None:
    found = verified(with_objects(tmp_path, ENVELOPE, PROGRAM, NOTICE))  # [ENT-80] [REL-67]
    assert found.objects.here == {
        "acknowledgement": 1,
        "notice": 1,
        "policy": 1,
        "program": 1,
    }
    assert found.mapping()["objects_lacking"] == {}
    assert found.mapping()["unread"] == []


@pytest.mark.parametrize(
    ("data", "noun"), [(ENVELOPE, "acknowledgement"), (PROGRAM, "program"), (NOTICE, "text")]
)
def test_an_object_that_was_changed_does_not_hold(
    tmp_path: Path, data: bytes, noun: str
) -> None:
    with_objects(tmp_path, ENVELOPE, PROGRAM, NOTICE)
    path = tmp_path / "object" / "sha256" / sha256(data).hexdigest()
    path.write_bytes(bytes([data[0] ^ 1, *data[1:]]))
    error = error_of(tmp_path)
    assert (error.exit_code, error.code) == (3, "verify/text")
    assert f"is not the {noun} that entry" in error.message


def test_an_object_that_is_gone_is_missed_unless_it_need_not_be_there(tmp_path: Path) -> None:
    """The text of a notice may lie elsewhere: its entry has the hash, and no specification serves it."""
    for there in ((PROGRAM,), (ENVELOPE,)):
        error = error_of(with_objects(tmp_path / str(len(there[0])), *there))
        assert (error.exit_code, error.code) == (3, "verify/missing")
    found = verified(with_objects(tmp_path / "some", ENVELOPE, PROGRAM))
    assert found.objects.lacking == {"notice": 1}


@pytest.mark.parametrize("level", ["0", "1", "entries"])
def test_tiles_of_when_the_log_was_smaller_are_the_beginnings_of_the_newest(
    folder: Path, level: str
) -> None:
    """[LED-24] What lies at a path of a tile never changes."""
    before = ledger_tree(ENTRIES[:520]) | ledger_tree(ENTRIES[:300])
    older = [path for path in before if ".p/" in path and not (folder / path).exists()]
    for path in older:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(before[path])
    assert verified(folder).beside == Beside(older=len(older), unread=())
    path = next(one for one in older if one.startswith(f"tile/{level}/"))
    (folder / path).write_bytes(before[path][:-1] + bytes([before[path][-1] ^ 1]))
    error = error_of(folder)
    assert error.exit_code == 3
    assert f"`{path}` is not the beginning of" in error.message


def test_what_the_checkpoint_says_nothing_of_is_said_to_be_unread(folder: Path) -> None:
    later, other = "tile/0/002.p/200", "object/sha256/" + "0" * 64
    for path in (later, other, "readme"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"x")
    found = verified(folder)
    assert found.beside is not None
    assert found.beside.unread == (other, "readme", later)
    assert found.mapping()["unread"] == [other, "readme", later]
