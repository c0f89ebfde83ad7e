# SPDX-License-Identifier: Apache-2.0
"""What a release commits to of its members, against the plain words of the specification."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from privity.errors import VerificationError
from privity.ledger.prefix import Leaf, PrefixTree, verify_in, verify_not_in
from privity.members.facts import MemberId
from privity.release import shares
from privity.release.leaves import read_leaves
from privity.release.members import Committed, commit_members
from privity.release.members_again import check_members, root_of_sidecar
from privity.release.pairs import Audience
from privity.release.sidecar import TAGS, read_tags, records_of_tags, write_tags
from privity.release.tags import key_without_stream, leaf_salt, release_tag, value_of
from privity.release.without import taken_out, values_left
from privity.testing.party_files import PartyRow, party_rows, put_party_rows

SALT = sha256(b"a release's secret").digest()
GROUP_FROM = 1_700_000_500
NAME = "spring-2026"


def key_of(member: MemberId) -> bytes | None:
    """Every third member has no stream."""
    made = sha256(repr(member).encode()).digest()
    return None if made[0] % 3 == 0 else made


def tag_of(member: MemberId) -> bytes:
    key = key_of(member)
    return release_tag(key_without_stream(SALT, member) if key is None else key, NAME)


@dataclass(frozen=True, kw_only=True)
class Made:
    folder: Path
    rows: Sequence[PartyRow]
    files: list[str]
    committed: Committed

    def records(self) -> dict[MemberId, list[tuple[int, str | int]]]:
        """Place and id of each one's records."""
        found: dict[MemberId, list[tuple[int, str | int]]] = {}
        for place, row in enumerate(self.rows):
            for member in row.parties(GROUP_FROM):
                found.setdefault(member, []).append((place, row.record))
        return found

    def leaves(self) -> list[Leaf]:
        """The leaves by the specification's own words ([REL-28])."""
        return [
            Leaf(
                tag_of(member),
                value_of(leaf_salt(SALT, tag_of(member)), [one for _, one in mine]),
            )
            for member, mine in self.records().items()
        ]


@contextmanager
def made(seed: int, count: int, *, integers: bool, group: int = 7) -> Iterator[Made]:
    random = Random(seed)
    rows = party_rows(random, count, random.randrange(1, 60), integers=integers)
    folder = Path(tempfile.mkdtemp())
    try:
        for name in ("parties", "work", "again"):
            (folder / name).mkdir()
        files = put_party_rows(folder / "parties", rows, group=group)
        committed = commit_members(
            folder / "parties",
            folder / "members",
            folder / "leaves",
            folder / "work",
            name=NAME,
            salt=SALT,
            keys=lambda ids: [(one, key_of(one)) for one in ids],
            audience=Audience(edges=(GROUP_FROM,), asked=(False, True)),
        )
        yield Made(folder=folder, rows=rows, files=files, committed=committed)
    finally:
        shutil.rmtree(folder)


SEEDS = st.integers(0, 2**32)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 120), integers=st.booleans())
def test_root_places_and_sidecar_are_those_of_the_words(
    *, seed: int, count: int, integers: bool
) -> None:
    """[REL-28], [REL-29], [REL-31]."""
    with made(seed, count, integers=integers) as one:
        records, committed = one.records(), one.committed
        assert committed.count == len(records)
        assert committed.root == PrefixTree(one.leaves()).root
        held = {held.member: held for held in committed.held()}
        assert held.keys() == records.keys()
        for member, mine in records.items():
            places = np.frombuffer(held[member].places, "<u4").tolist()
            assert places == [place for place, _ in mine]
            assert held[member].tag == tag_of(member)
        again = root_of_sidecar(
            one.folder / "members", one.files, one.folder / "again", salt=SALT
        )
        assert again == (committed.root, committed.count)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 120), integers=st.booleans())
def test_many_small_shares_give_the_same_root(*, seed: int, count: int, integers: bool) -> None:
    with made(seed, count, integers=integers) as whole, pytest.MonkeyPatch.context() as patched:
        patched.setattr(shares, "SHARE", 5)
        with made(seed, count, integers=integers, group=3) as cut:
            assert cut.committed.root == whole.committed.root
            assert {one.tag: one for one in cut.committed.held()} == {
                one.tag: one for one in whole.committed.held()
            }


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 120), integers=st.booleans())
def test_every_member_is_shown_to_be_in_or_not_in(
    *, seed: int, count: int, integers: bool
) -> None:
    """The file of leaves proves what the tree in memory does."""
    with made(seed, count, integers=integers) as one:
        leaves = read_leaves(one.folder / "leaves")
        assert leaves.root() == one.committed.root
        of_tag = dict(one.leaves())
        others = [tag_of(f"nobody-{number}") for number in range(5)]
        tags = [*of_tag, *others]
        for tag, proof in zip(tags, leaves.prove(tags), strict=True):
            assert proof == PrefixTree(one.leaves()).prove(tag)
            if tag in of_tag:
                verify_in(tag, of_tag[tag], proof, one.committed.root)
            else:
                verify_not_in(tag, proof, one.committed.root)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(1, 120), st.data())
def test_leaves_that_change_give_the_tree_of_what_is_left(
    seed: int, count: int, data: st.DataObject
) -> None:
    """[REL-32]."""
    with made(seed, count, integers=False) as one:
        leaves = {leaf.tag: leaf.value for leaf in one.leaves()}
        known = st.sampled_from(sorted(leaves))
        change = st.one_of(st.none(), st.binary(min_size=32, max_size=32))
        changes = data.draw(st.dictionaries(known, change))
        changes[tag_of("new")] = SALT
        after = read_leaves(one.folder / "leaves").changed(one.folder / "next", changes)
        left = {**leaves, **changes}
        expected = PrefixTree(
            Leaf(tag, value) for tag, value in left.items() if value is not None
        )
        assert after.root() == expected.root
        again = read_leaves(one.folder / "next")
        assert (again.root(), again.count) == (expected.root, after.count)
        tags = sorted(left)
        assert again.prove(tags) == [expected.prove(tag) for tag in tags]


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 120), integers=st.booleans())
def test_the_sidecar_says_which_records_a_tag_has(
    *, seed: int, count: int, integers: bool
) -> None:
    """[REL-30]."""
    with made(seed, count, integers=integers) as one:
        records = one.records()
        member = sorted(records, key=str)[seed % len(records)]
        found = records_of_tags(one.folder / "members", one.files, [tag_of(member), SALT])
        ids = [each for name in sorted(found) for each in found[name].to_pylist()]
        assert ids == [record for _, record in records[member]]


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(1, 60), st.integers(0, 2))
def test_a_sidecar_that_was_changed_is_refused(seed: int, count: int, what: int) -> None:
    """[REL-31]."""
    with made(seed, count, integers=False) as one:
        sidecar, root = one.folder / "members", one.committed.root
        size = one.committed.count

        def check() -> None:
            check_members(sidecar, SALT, count=size, root=root, table=one.folder / "parties")

        check()
        path = sidecar / one.files[0]
        table = pq.read_table(path)
        match what:
            case 0:
                pq.write_table(table.slice(1), path)
            case 1:
                ids = ["other", *table.column(0).to_pylist()[1:]]
                pq.write_table(table.set_column(0, table.schema.field(0), [ids]), path)
            case _:
                lists = [[], *table.column(1).to_pylist()[1:]]
                pq.write_table(
                    table.set_column(
                        1, table.schema.field(1), pa.array(lists, table.schema.field(1).type)
                    ),
                    path,
                )
        with pytest.raises(VerificationError) as refused:
            check()
        assert refused.value.code == "release/sidecar"


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 60), apart=st.sampled_from([1, 3, 10**6]))
def test_how_far_apart_numbers_are_changes_nothing_and_each_has_a_tag(
    *, seed: int, count: int, apart: int
) -> None:
    """[REL-30], [REL-31]."""
    with made(seed, count, integers=False) as one:
        sidecar, work = one.folder / "members", one.folder / "again"
        tags, numbers = read_tags(sidecar)
        write_tags(sidecar / TAGS, tags, (numbers * apart + 7).astype(np.uint32))
        for name in one.files:
            table = pq.read_table(sidecar / name)
            lists = [[number * apart + 7 for number in row] for row in table[1].to_pylist()]
            moved = pa.array(lists, table.schema.field(1).type)
            pq.write_table(table.set_column(1, table.schema.field(1), moved), sidecar / name)
        again = root_of_sidecar(sidecar, one.files, work, salt=SALT)
        assert again == (one.committed.root, one.committed.count)
        for missing in {0, len(tags) - 1}:
            left = np.arange(len(tags)) != missing
            write_tags(
                sidecar / TAGS, tags[left], (numbers[left] * apart + 7).astype(np.uint32)
            )
            with pytest.raises(VerificationError, match="number of no tag"):
                root_of_sidecar(sidecar, one.files, work, salt=SALT)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(8, 120), st.data())
def test_what_is_left_is_found_in_the_files_that_have_it(
    seed: int, count: int, data: st.DataObject
) -> None:
    """[REL-32], [REL-104]: an index is believed where the leaves confirm it, and then no other file is read."""
    with made(seed, count, integers=False) as one:
        sidecar, leaves = one.folder / "members", read_leaves(one.folder / "leaves")
        file = data.draw(st.sampled_from(one.files))
        size = pq.read_metadata(sidecar / file).num_rows
        going = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
        out = taken_out(sidecar, SALT, {file: np.array(sorted(going), np.int64)})
        everywhere = values_left(sidecar, one.files, out)
        having = set(records_of_tags(sidecar, one.files, list(out.records)))
        some = data.draw(st.sets(st.sampled_from([*one.files, "no-file.parquet"])))
        for likely in (having, some):
            found = values_left(sidecar, one.files, out, likely=likely, leaves=leaves)
            assert found == everywhere
        for name in set(one.files) - having:
            (sidecar / name).write_bytes(b"nobody reads this")
        again = values_left(sidecar, one.files, out, likely=having, leaves=leaves)
        assert again == everywhere
        old = {leaf.tag: leaf.value for leaf in one.leaves()}
        assert {tag: leaves.value(tag) for tag in [*old, SALT]} == {**old, SALT: None}
