# SPDX-License-Identifier: Apache-2.0
"""What an audit recomputes of a release is what the release committed to, and nothing that was changed passes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from privity.app.auditing.opening.rows import read_rows
from privity.audit.commitment import bare_tag, manifest_lines, members_root, stream_tag
from privity.audit.evidence import Rows
from privity.audit.rows_held import Flags, Ints, TagNumbers, check_parties, check_tags
from privity.entries.release import Content
from privity.errors import VerificationError
from privity.members.facts import MemberId
from privity.release.files import FileLine, Manifest, RowGroup
from privity.release.members import commit_members
from privity.release.pairs import Audience
from privity.testing.party_files import PartyRow, party_rows, put_party_rows

SECRET = sha256(b"a release's secret").digest()
GROUP_FROM = 1_700_000_500
NAME = "spring-2026"
SEEDS = st.integers(0, 2**32)


def key_of(member: MemberId) -> bytes | None:
    """Every third member has no stream."""
    made = sha256(str(member).encode()).digest()
    return None if made[0] % 3 == 0 else made


def tag_of(member: MemberId) -> bytes:
    key = key_of(member)
    return bare_tag(SECRET, member, NAME) if key is None else stream_tag(key, NAME)


def asked(made: Ints) -> Flags:
    found: Flags = made >= GROUP_FROM
    return found


def content(**keys: object) -> Content:
    plain = Content(
        files=1,
        size=1,
        rows=1,
        files_root=bytes(32),
        members=1,
        members_root=bytes(32),
        manifest="0" * 64,
        columns="0" * 64,
    )
    return replace(plain, **keys)  # type: ignore[arg-type]  # keys of it, by whoever calls


@dataclass(frozen=True, kw_only=True)
class Made:
    """What lies beside a release, and what its entry says."""

    rows: list[PartyRow]
    files: list[Rows]
    parts: list[pa.Table]
    tags: pa.Table
    content: Content

    def check(self, parts: list[pa.Table] | None = None, tags: pa.Table | None = None) -> None:
        check_tags(
            SECRET,
            self.content,
            self.tags if tags is None else tags,
            lambda: iter(self.parts if parts is None else parts),
        )

    def numbers(self, key: Callable[[str], bytes | None] = key_of) -> TagNumbers:
        return TagNumbers(NAME, SECRET, self.tags, key)


@contextmanager
def made(seed: int, count: int, *, integers: bool) -> Iterator[Made]:
    random = Random(seed)
    rows = party_rows(random, count, random.randrange(1, 40), integers=integers)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "parties").mkdir()
        (folder / "work").mkdir()
        names = put_party_rows(folder / "parties", rows)
        committed = commit_members(
            folder / "parties",
            folder / "members",
            folder / "leaves",
            folder / "work",
            name=NAME,
            salt=SECRET,
            keys=lambda ids: [(one, key_of(one)) for one in ids],
            audience=Audience(edges=(GROUP_FROM,), asked=(False, True)),
        )
        yield Made(
            rows=rows,
            files=[
                Rows(
                    release=NAME,
                    revision=1,
                    file=one,
                    sha256="",
                    table=read_rows(folder / "parties" / one)[0],
                )
                for one in names
            ],
            parts=[pq.read_table(folder / "members" / one) for one in names],
            tags=pq.read_table(folder / "members" / "tags.parquet"),
            content=content(members=committed.count, members_root=committed.root),
        )


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 90), integers=st.booleans())
def test_the_root_over_members_is_the_entrys(
    *, seed: int, count: int, integers: bool
) -> None:  # AUD-10, AUD-11
    with made(seed, count, integers=integers) as one:
        held: dict[bytes, list[str | int]] = {}
        for row in one.rows:
            for member in row.parties(GROUP_FROM):
                held.setdefault(tag_of(member), []).append(row.record)
        assert members_root(SECRET, held) == one.content.members_root
        one.check()
        for rows, part in zip(one.files, one.parts, strict=True):
            assert check_parties(rows, part, one.numbers(), asked) == 0


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, count=st.integers(2, 90), integers=st.booleans())
def test_tags_that_were_changed_have_another_root(
    *, seed: int, count: int, integers: bool
) -> None:
    random = Random(seed)
    with made(seed, count, integers=integers) as one:
        place = random.randrange(len(one.parts))
        part = one.parts[place]
        rows = part.to_pylist()
        if not rows:
            return
        row = random.choice(rows)
        if random.random() < 0.5:
            row["record_id"] = -1 if integers else "another"
        elif len(row["members"]) > 1:
            row["members"] = row["members"][1:]
        else:
            row["members"] = [len(one.tags) + 7]
        changed = pa.Table.from_pylist(rows, schema=part.schema)
        with pytest.raises(VerificationError, match="another root"):
            one.check(parts=[*one.parts[:place], changed, *one.parts[place + 1 :]])
        with pytest.raises(VerificationError, match=r"another root|in order"):
            one.check(parts=one.parts, tags=one.tags.slice(1))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, count=st.integers(2, 90), integers=st.booleans())
def test_rows_with_another_party_are_refused(
    *, seed: int, count: int, integers: bool
) -> None:  # AUD-12
    """And where her key is not here, it is counted that nothing shows whose they are."""
    random = Random(seed)
    with made(seed, count, integers=integers) as one:
        place = random.randrange(len(one.files))
        rows = one.files[place]
        plain = rows.table.to_pylist()
        if not plain:
            return
        at = random.randrange(len(plain))
        first = plain[at]["author"]
        others = [
            row.author
            for row in one.rows
            if row.author not in {first, *plain[at]["recipients"]}
        ]
        if not others or first in plain[at]["recipients"]:
            return
        plain[at]["author"] = random.choice(others)
        other = replace(rows, table=pa.Table.from_pylist(plain, schema=rows.table.schema))
        with pytest.raises(VerificationError, match="other parties"):
            check_parties(other, one.parts[place], one.numbers(), asked)

        hidden = {str(first)}
        numbers = one.numbers(lambda member: None if member in hidden else key_of(member))
        unknown = check_parties(rows, one.parts[place], numbers, asked)
        count_of = sum(
            first in row.parties(GROUP_FROM)
            for row in one.rows
            if row.record in set(rows.table.column("record_id").to_pylist())
        )
        assert unknown == (count_of if key_of(first) is not None else 0)


LINES = st.lists(
    st.builds(
        FileLine,
        path=st.integers(0, 10**6).map(lambda one: f"part-{one:06}.parquet"),
        size=st.integers(0, 10**9),
        rows=st.integers(0, 10**6),
        sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
        row_groups=st.just((RowGroup(rows=1, sha256="0" * 64),)),
    ),
    max_size=6,
    unique_by=lambda one: one.path,
)


@given(lines=LINES, flip=st.integers(0, 2**32))
def test_a_manifest_is_the_entrys_to_the_byte(
    lines: list[FileLine], flip: int
) -> None:  # AUD-9
    manifest = Manifest.of(lines)
    says = content(
        files=len(lines),
        size=manifest.size,
        rows=manifest.rows,
        files_root=manifest.root,
        manifest=manifest.sha256,
    )
    data = manifest.to_bytes()
    found = manifest_lines(data, says)
    assert [(one.path, one.size, one.rows, one.sha256) for one in found] == [
        (one.path, one.size, one.rows, one.sha256) for one in manifest.lines
    ]
    changed = np.frombuffer(data or b"x", np.uint8).copy()
    changed[flip % len(changed)] ^= 1 + flip % 255
    with pytest.raises(VerificationError):
        manifest_lines(changed.tobytes(), says)
    # Nor where the entry has the hash of something else than a manifest.
    with pytest.raises(VerificationError):
        manifest_lines(
            changed.tobytes(),
            replace(says, manifest=sha256(changed.tobytes()).hexdigest()),
        )
