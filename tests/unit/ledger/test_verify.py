# SPDX-License-Identifier: Apache-2.0
"""A whole log is verified from what it serves: our own, one of others, and none that was tampered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.ledger.logs import (
    NOT_HERE,
    ORIGIN,
    OTHER,
    SIGNER,
    SPECIFICATIONS,
    VKEYS,
    FolderTree,
    MemoryTree,
    checkpoint_over,
    published,
    some_entries,
)

from privity.errors import PrivityError, VerificationError
from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.note import Vkey
from privity.ledger.ports import NotFoundError
from privity.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from privity.ledger.reading import read_entries
from privity.ledger.tiles import bundles_between, encode_bundle
from privity.ledger.tree import EMPTY_ROOT, leaf_hash
from privity.ledger.verify import verify_log

ENTRIES = some_entries(600)
CHECKPOINT = checkpoint_over(ENTRIES)

FOREIGN = SPECIFICATIONS / "tessera" / "testdata" / "log"
FOREIGN_VKEY = Vkey.parse(
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
)
FOREIGN_ENTRIES = b"one two three four five six seven eit nain ten ileven twelf threeten fourten fivten".split()
foreign = pytest.mark.skipif(not FOREIGN.exists(), reason=NOT_HERE)


def error_of(tree: MemoryTree, saved: Checkpoint | None = None) -> PrivityError:
    with pytest.raises(PrivityError) as caught:
        verify_log(tree, VKEYS, saved=saved)
    return caught.value


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 600])
def test_a_log_in_which_everything_holds_is_found_so(size: int) -> None:
    found = verify_log(published(ENTRIES[:size]), VKEYS)
    assert found.checkpoint == checkpoint_over(ENTRIES[:size])  # [LED-80]
    assert found.entry_bytes == sum(map(len, ENTRIES[:size]))
    assert found.bundles == len(list(bundles_between(0, size)))
    assert found.tiles == {0: 0, 256: 2, 257: 3, 600: 4}.get(size, 1)
    assert found.extends is None


def test_a_log_longer_than_a_reading_is_seen_whole_and_in_order() -> None:
    entries = [str(number).encode() for number in range(17_000)]
    told: list[tuple[int, int]] = []
    seen: list[bytes] = []

    def visit(first: int, some: Sequence[bytes]) -> None:
        assert first == len(seen)
        seen.extend(some)

    verify_log(
        published(entries),
        VKEYS,
        saved=checkpoint_over(entries[:16_500]),
        visit=visit,
        progress=lambda done, size: told.append((done, size)),
    )
    assert seen == entries
    assert told == [(16_384, 17_000), (17_000, 17_000)]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 400, 600])
def test_a_log_extends_what_was_saved_of_it(size: int) -> None:
    saved = checkpoint_over(ENTRIES[:size])
    assert verify_log(published(ENTRIES), VKEYS, saved=saved).extends == size  # [LED-80]


@pytest.mark.parametrize("size", [1, 256, 400, 600])
def test_a_log_with_two_histories_is_refused(size: int) -> None:
    saved = replace(checkpoint_over(ENTRIES[:size]), root=bytes(32))
    error = error_of(published(ENTRIES), saved)
    assert error.code == "ledger/forked"  # [LED-80]
    assert error.hint is not None


def test_a_log_that_shrank_or_is_another_is_refused() -> None:
    saved = checkpoint_over(some_entries(601))
    assert error_of(published(ENTRIES), saved).code == "ledger/shrunk"  # [LED-80]
    saved = replace(CHECKPOINT, origin="example.com/other")
    assert error_of(published(ENTRIES), saved).code == "ledger/origin"  # [LED-80]


def test_a_log_without_a_checkpoint_of_its_own_key_is_refused() -> None:
    tree = published(ENTRIES)
    tree["checkpoint"] = OTHER.sign(CHECKPOINT.to_text()).to_bytes()
    assert error_of(tree).code == "ledger/unsigned"  # [LED-80]
    del tree["checkpoint"]
    assert isinstance(error_of(tree), NotFoundError)


def test_whatever_is_missing_is_named() -> None:
    for path in published(ENTRIES):
        tree = published(ENTRIES)
        del tree[path]
        error = error_of(tree)
        assert isinstance(error, NotFoundError)  # [LED-81]
        assert path.partition(".p/")[0] in str(error)


def test_an_entry_that_was_changed_is_named() -> None:
    tree = published(ENTRIES)
    entries = list(ENTRIES[256:512])
    entries[44] = b"other"
    tree["tile/entries/001"] = encode_bundle(entries)
    error = error_of(tree)
    assert error.code == "ledger/leaf"
    assert (
        str(error) == "entry 300 does not have the hash that `tile/0/001` has of it"
    )  # [LED-81]


def test_a_hash_that_was_changed_above_the_leaves_is_named() -> None:
    tree = published(ENTRIES)
    tree["tile/1/000.p/2"] = tree["tile/1/000.p/2"][:32] + bytes(32)
    error = error_of(tree)
    assert error.code == "ledger/node"
    assert str(error) == (
        "hash 1 of `tile/1/000.p/2` is not that of the tile below it"  # [LED-81]
    )


def test_tiles_of_other_entries_do_not_make_the_root() -> None:
    tree = published([*ENTRIES[:-1], b"other"])
    tree["checkpoint"] = published(ENTRIES)["checkpoint"]
    error = error_of(tree)
    assert error.code == "ledger/root"  # [LED-80]
    assert str(error) == "the 600 entries make another root than the checkpoint's"


def test_a_log_whose_last_tiles_were_filled_since_is_verified_from_the_full_ones() -> None:
    tree = published(ENTRIES)
    tree["checkpoint"] = SIGNER.sign(checkpoint_over(ENTRIES[:300]).to_text()).to_bytes()
    tree["tile/1/000.p/1"] = tree["tile/1/000.p/2"][:32]
    found = verify_log(tree, VKEYS)
    assert found.checkpoint.size == 300  # [LED-24]
    assert found.tiles == 3


def test_each_of_two_histories_verifies_and_only_a_saved_checkpoint_tells_them_apart() -> None:
    shown, hidden = published([b"\x00", b"{}"]), published([b"\x00", b"other"])
    saved = verify_log(shown, VKEYS).checkpoint  # [LED-82]
    assert verify_log(hidden, VKEYS).checkpoint.root != saved.root
    assert error_of(hidden, saved).code == "ledger/forked"


def test_an_empty_log_has_a_checkpoint_and_nothing_else() -> None:
    tree = published([])
    assert list(tree) == ["checkpoint"]
    assert verify_log(tree, VKEYS).checkpoint.root == EMPTY_ROOT  # [LED-41]


@foreign
def test_a_log_that_others_wrote_is_verified() -> None:
    tree = FolderTree(FOREIGN)
    saved = open_checkpoint(tree.read("checkpoint.9"), [FOREIGN_VKEY])
    seen: list[bytes] = []
    found = verify_log(
        tree, [FOREIGN_VKEY], saved=saved, visit=lambda _, some: seen.extend(some)
    )
    assert (found.checkpoint.size, found.extends) == (15, 9)
    assert seen == FOREIGN_ENTRIES


@foreign
@pytest.mark.parametrize("size", range(16))
def test_every_state_of_a_log_that_others_wrote_has_the_root_that_they_signed(
    size: int,
) -> None:
    tree = FolderTree(FOREIGN)
    old = open_checkpoint(tree.read(f"checkpoint.{size}"), [FOREIGN_VKEY])
    new = open_checkpoint(tree.read("checkpoint"), [FOREIGN_VKEY])
    assert old == checkpoint_over(FOREIGN_ENTRIES[:size], old.origin)
    for bundle in bundles_between(0, size):
        assert read_entries(tree, bundle) == FOREIGN_ENTRIES[:size]
    if size:
        verify_consistency(
            old=size,
            old_root=old.root,
            new=15,
            new_root=new.root,
            proof=consistency_proof(size, 15, tree),
        )
    for index in range(size):
        proof = inclusion_proof(index, size, tree)
        leaf = leaf_hash(FOREIGN_ENTRIES[index])
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=old.root)


@foreign
def test_a_log_that_others_wrote_is_not_ours() -> None:
    with pytest.raises(VerificationError, match="no key that is trusted"):
        verify_log(FolderTree(FOREIGN), [Vkey(name=ORIGIN, public=FOREIGN_VKEY.public)])
