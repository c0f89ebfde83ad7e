# SPDX-License-Identifier: Apache-2.0
"""The metadata is Croissant 1.1, by MLCommons' own reader, and reads what the log speaks of (REL-50)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.unit.release.papers.made_papers import (
    NOW,
    SIGNER,
    described,
    making,
    put_release,
    revised,
    table_of,
)

from privity.canonical.encode import digest_file
from privity.release.files import Manifest
from privity.release.papers.croissant import _field, croissant
from privity.release.papers.making import Column
from privity.release.papers.writing import write_papers


@pytest.fixture(scope="module")
def mlc() -> Iterator[Any]:
    with warnings.catch_warnings():
        # Theirs are not ours to mend.
        warnings.simplefilter("ignore")
        import mlcroissant  # noqa: PLC0415 - slow, and noisy where it is imported

        yield mlcroissant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = put_release(tmp_path)
    write_papers(tmp_path, found, signer=SIGNER, now=NOW)
    return tmp_path


def test_its_makers_reader_finds_nothing_wrong(mlc: Any, folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mlc.Dataset(jsonld=str(folder / "croissant.json"))
    issues = found.metadata.ctx.issues
    assert not issues.errors
    assert not issues.warnings
    assert str(found.metadata.ctx.conforms_to.value) == "http://mlcommons.org/croissant/1.1"
    assert found.metadata.version == "1.0.0"


def test_its_makers_reader_reads_the_live_files_and_no_other(mlc: Any, folder: Path) -> None:
    # What was taken back lies there until it is swept.
    pq.write_table(table_of(5, 900), folder / "table" / "part-000009.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = list(mlc.Dataset(jsonld=str(folder / "croissant.json")).records("records"))
    assert [row["records/record_id"] for row in rows] == list(range(28))
    assert rows[3]["records/body"] == b"text 3"


def test_files_stand_with_their_digests(folder: Path) -> None:
    found = json.loads((folder / "croissant.json").read_bytes())
    files = [one for one in found["distribution"] if one["@type"] == "cr:FileObject"]
    assert len(files) == 2
    for one in files:
        assert one["sha256"] == digest_file(folder / one["contentUrl"])
        assert one["contentSize"] == f"{(folder / one['contentUrl']).stat().st_size} B"


def test_it_holds_no_record_and_no_name_of_an_input(folder: Path) -> None:
    text = (folder / "croissant.json").read_text()
    assert "text 3" not in text
    assert "secret-project" not in text
    assert "ab" * 32 in text


def test_a_later_revision_has_a_higher_version() -> None:
    first = described()
    second = revised(first, first.content)
    found = [croissant(making(), one, Manifest(()))["version"] for one in (first, second)]
    assert found == ["1.0.0", "2.0.0"]


@pytest.mark.parametrize(
    ("arrow", "kind", "many"),
    [
        ("int64", "sc:Integer", False),
        ("double", "sc:Float", False),
        ("bool", "sc:Boolean", False),
        ("string", "sc:Text", False),
        ("timestamp[us, tz=UTC]", "sc:DateTime", False),
        ("date32[day]", "sc:Date", False),
        ("decimal128(20, 0)", "sc:Float", False),
        ("list<element: string>", "sc:Text", True),
        ("list<element: int64 not null>", "sc:Integer", True),
        ("struct<a: int64>", "sc:Text", False),
    ],
)
def test_a_column_has_the_type_that_croissant_has_for_it(
    arrow: str,
    kind: str,
    many: bool,  # noqa: FBT001 - a row of the table above
) -> None:
    found = _field(Column(name="x", kind=arrow))
    assert found["dataType"] == kind
    assert found.get("isArray", False) is many
