# SPDX-License-Identifier: Apache-2.0
"""The manifest of a release: hashes of bytes that anybody can compute again (specs/release.md, part 1)."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

from privity.errors import VerificationError
from privity.release.files import (
    FileLine,
    Manifest,
    RowGroup,
    check_files,
    describe_file,
    describe_files,
)

HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
NAMES = st.from_regex(r"part-[0-9]{6}(-r[1-9])?\.parquet", fullmatch=True)
GROUPS = st.lists(st.builds(RowGroup, rows=st.integers(0, 1 << 40), sha256=HEX), max_size=3)


@st.composite
def lines(draw: st.DrawFn) -> FileLine:
    groups = tuple(draw(GROUPS))
    return FileLine(
        path=draw(NAMES),
        size=draw(st.integers(0, 1 << 50)),
        rows=sum(one.rows for one in groups),
        sha256=draw(HEX),
        row_groups=groups,
    )


MANIFESTS = st.lists(lines(), max_size=4, unique_by=lambda one: one.path).map(Manifest.of)


def put(folder: Path, name: str, rows: int = 100) -> Path:
    table = pa.table({"a": range(rows), "b": [f"text {one}" for one in range(rows)]})
    pq.write_table(table, folder / name, row_group_size=40, use_dictionary=["b"])
    return folder / name


@given(MANIFESTS)
def test_a_manifest_is_read_as_it_was_written(manifest: Manifest) -> None:
    """REL-5."""
    assert Manifest.parse(manifest.to_bytes()) == manifest


@given(MANIFESTS.filter(lambda one: bool(one.lines)), st.data())
def test_no_other_spelling_is_a_manifest(manifest: Manifest, data: st.DataObject) -> None:
    """REL-5: a byte more, less or other is none, or another manifest with another root."""
    text = bytearray(manifest.to_bytes())
    place = data.draw(st.integers(0, len(text) - 1))
    match data.draw(st.sampled_from(("drop", "change", "add"))):
        case "drop":
            del text[place]
        case "change":
            text[place] ^= data.draw(st.integers(1, 255))
        case _:
            text[place:place] = b" "
    with suppress(VerificationError):
        found = Manifest.parse(bytes(text))
        assert found.to_bytes() == bytes(text)
        assert found.root != manifest.root


def test_lines_out_of_order_or_twice_are_no_manifest() -> None:
    """REL-5."""
    one, other = (
        FileLine(path=name, size=1, rows=0, sha256="0" * 64, row_groups=())
        for name in ("a.parquet", "b.parquet")
    )
    for some in ((other, one), (one, one)):
        with pytest.raises(VerificationError):
            Manifest.parse(Manifest(some).to_bytes())


@pytest.mark.parametrize("path", ["../a.parquet", "a/b.parquet", ".hidden", ""])
def test_a_manifest_names_no_file_of_another_folder(path: str) -> None:
    """REL-5."""
    line = FileLine(path=path, size=1, rows=0, sha256="0" * 64, row_groups=())
    with pytest.raises(VerificationError):
        Manifest.parse(Manifest((line,)).to_bytes())


def test_the_root_is_the_tree_of_rfc_6962_over_the_lines(tmp_path: Path) -> None:
    """REL-6."""
    for number in range(3):
        put(tmp_path, f"part-{number:06d}.parquet", 50 + number)
    manifest = describe_files(tmp_path, [path.name for path in tmp_path.iterdir()], 2)
    leaves = [sha256(b"\0" + line).digest() for line in manifest.to_bytes().splitlines()]
    left = sha256(b"\1" + leaves[0] + leaves[1]).digest()
    assert manifest.root == sha256(b"\1" + left + leaves[2]).digest()
    assert Manifest(()).root == sha256(b"").digest()


def test_a_line_hashes_the_bytes_of_the_file_and_of_each_row_group(tmp_path: Path) -> None:
    """REL-5."""
    path = put(tmp_path, "part-000000.parquet")
    line = describe_file(path)
    data = path.read_bytes()
    assert line.sha256 == sha256(data).hexdigest()
    assert (line.size, line.rows) == (len(data), 100)
    assert [one.rows for one in line.row_groups] == [40, 40, 20]
    # The row groups lie one after another, between the first four bytes and the footer.
    footer = int.from_bytes(data[-8:-4], "little") + 8
    between = data[4 : len(data) - footer]
    metadata = pq.read_metadata(path)
    place = 0
    for number, one in enumerate(line.row_groups):
        group = metadata.row_group(number)
        size = sum(group.column(at).total_compressed_size for at in range(group.num_columns))
        assert one.sha256 == sha256(between[place : place + size]).hexdigest()
        place += size
    assert place == len(between)


def test_a_file_that_is_another_is_found(tmp_path: Path) -> None:
    """REL-12."""
    path = put(tmp_path, "part-000000.parquet")
    put(tmp_path, "part-000001.parquet")
    manifest = describe_files(tmp_path, [one.name for one in tmp_path.iterdir()], 1)
    check_files(tmp_path, manifest, 2)
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with pytest.raises(VerificationError) as caught:
        check_files(tmp_path, manifest, 2)
    assert caught.value.code == "release/file"
    path.unlink()
    with pytest.raises(VerificationError):
        check_files(tmp_path, manifest, 2)


def test_a_line_is_canonical_json(tmp_path: Path) -> None:
    """REL-5."""
    line = describe_file(put(tmp_path, "part-000000.parquet")).to_bytes()
    assert sorted(json.loads(line)) == ["bytes", "path", "row_groups", "rows", "sha256"]
    assert b" " not in line


def test_a_bit_that_changed_anywhere_is_found_and_hurts_nobody(tmp_path: Path) -> None:
    """REL-12: also in the footer, of which the reader of Parquet makes what it will."""
    path = put(tmp_path, "part-000000.parquet")
    manifest = describe_files(tmp_path, [path.name], 1)
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        broken = bytearray(data)
        broken[place] ^= 1 << place % 8
        path.write_bytes(broken)
        with pytest.raises(VerificationError) as caught:
            check_files(tmp_path, manifest, 1)
        assert caught.value.code == "release/file"
