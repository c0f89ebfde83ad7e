# SPDX-License-Identifier: Apache-2.0
"""What a stream refuses, and what it takes: files that changed, states of others, memory and disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.train.made_releases import made_release, text_of, without

from privity.errors import (
    ConflictError,
    InputError,
    PrivityError,
    UnavailableError,
    VerificationError,
)
from privity.train.source import Source
from privity.train.spool import Spool
from privity.train.stream import Share, Stream, stream_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return made_release(tmp_path, [range(40), range(40, 100)])


def streamed(source: Source, *, batch_size: int = 10, memory: int = 1 << 26) -> Stream:
    return stream_of(source, columns=["text"], batch_size=batch_size, memory=memory)


def code_of(action: Callable[[], object], family: type[PrivityError]) -> str:
    with pytest.raises(family) as caught:
        action()
    return caught.value.code


def test_a_batch_has_the_columns_that_were_asked_for(source: Source) -> None:
    stream = stream_of(source, columns=["length", "text", "length"], batch_size=10)
    (first, *_) = stream.read()
    assert first.table.column_names == ["length", "text"]
    assert first.columns()["length"] == [len(one) for one in first.columns()["text"]]


def test_integers_are_ids_by_their_digits(source: Source, tmp_path: Path) -> None:
    # REL-80
    as_text = made_release(tmp_path / "text", [[str(one) for one in range(100)]])
    lines = [one.line for one in streamed(source).read()]
    assert [one.line for one in streamed(as_text).read()] == lines


def test_a_file_that_was_changed_is_not_read(source: Source) -> None:
    # REL-86
    stream = streamed(source)
    path = source.table / source.files[1].path
    path.write_bytes(path.read_bytes()[:-9] + b"x" + path.read_bytes()[-8:])
    assert code_of(lambda: list(stream.read()), VerificationError) == "train/file"
    path.write_bytes(b"")
    assert code_of(lambda: list(stream.read()), VerificationError) == "train/file"
    assert code_of(lambda: streamed(source), VerificationError) == "train/file"


def test_a_file_that_a_taking_back_removed_asks_for_another_opening(source: Source) -> None:
    stream = streamed(source)
    (source.table / source.files[1].path).unlink()
    assert code_of(lambda: list(stream.read()), ConflictError) == "train/revised"


def test_a_column_that_is_not_there_is_refused_with_those_that_are(source: Source) -> None:
    with pytest.raises(InputError, match="`record_id`, `text`, `length`") as caught:
        stream_of(source, columns=["body"], batch_size=10)
    assert caught.value.code == "train/column"


def test_what_is_no_number_of_epochs_is_refused(source: Source) -> None:
    wrong = "train/epochs"
    assert (
        code_of(lambda: stream_of(source, columns=["text"], batch_size=1, epochs=0), InputError)
        == wrong
    )


def test_a_release_without_files_has_nothing_to_train_on(source: Source) -> None:
    empty = replace(source, files=())
    assert code_of(lambda: streamed(empty), InputError) == "train/empty"


@pytest.mark.parametrize("start", [-1, 11])
def test_a_place_that_is_not_there_is_refused(source: Source, start: int) -> None:
    assert code_of(lambda: list(streamed(source).read(start)), InputError) == "train/position"


@pytest.mark.parametrize(("number", "of"), [(-1, 2), (2, 2), (0, 0)])
def test_a_reader_that_is_none_of_the_readers_is_refused(number: int, of: int) -> None:
    assert code_of(lambda: Share(number=number, of=of), InputError) == "train/share"


def test_a_state_goes_on_in_a_later_revision(source: Source) -> None:
    # REL-87
    stream = streamed(source)
    later = streamed(without(source, {5, 50}))
    assert later.position_of(stream.state(7)) == 7
    assert code_of(lambda: stream.position_of(later.state(7)), ConflictError) == (
        "train/other-state"
    )


@pytest.mark.parametrize(
    "change", [{"release": "other"}, {"batches": 11}, {"revision": 2}], ids=str
)
def test_a_state_of_another_reading_is_refused(
    source: Source, change: dict[str, object]
) -> None:
    # REL-87
    stream = streamed(source)
    state = {**stream.state(3), **change}
    assert code_of(lambda: stream.position_of(state), ConflictError) == "train/other-state"


@pytest.mark.parametrize(
    "change",
    [{"format": "x"}, {"position": -1}, {"position": True}, {"position": None}],
    ids=str,
)
def test_what_is_no_state_is_refused(source: Source, change: dict[str, object]) -> None:
    stream = streamed(source)
    state = {**stream.state(3), **change}
    assert code_of(lambda: stream.position_of(state), InputError) == "train/state"


def test_what_is_sorted_on_the_disk_has_no_name(source: Source, tmp_path: Path) -> None:
    # REL-88: nothing is left, not even by a process that is killed
    folder = tmp_path / "spool"
    folder.mkdir()
    stream = replace(streamed(source, memory=1 << 10), folder=folder)
    assert stream.buckets > 1
    batches = stream.read()
    next(batches)
    assert list(folder.iterdir()) == []
    assert [one.position for one in batches] == list(range(1, 10))


def test_a_spool_gives_back_what_was_put_by(tmp_path: Path) -> None:
    # REL-88
    schema = pa.schema([("place", pa.int64()), ("text", pa.string())])
    with Spool(3, schema, memory=1 << 10, folder=tmp_path) as spool:
        for start in range(0, 300, 7):
            places = pa.array(range(start, start + 7), pa.int64())
            texts = pa.array([text_of(one) for one in range(start, start + 7)])
            rows = pa.record_batch([places, texts], schema=schema)
            spool.add(places.to_numpy() % 3, rows)
        assert spool.on_disk
        found = [spool.take(bucket)["place"].to_pylist() for bucket in range(3)]
    assert found == [[one for one in range(301) if one % 3 == bucket] for bucket in range(3)]


def test_a_disk_that_is_full_is_said(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_arguments: object) -> object:
        raise OSError(28, os.strerror(28))

    stream = streamed(source, memory=1 << 10)
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    assert code_of(lambda: list(stream.read()), UnavailableError) == "train/disk"


MEASURED = """
import re, sys
from pathlib import Path
import pyarrow.parquet as pq
from tests.unit.train.made_releases import SALT
from privity.release.files import describe_files
from privity.train.source import Source
from privity.train.stream import stream_of

table = Path(sys.argv[1])
manifest = describe_files(table, [one.name for one in sorted(table.iterdir())], 1)
source = Source(release="feed", revision=1, salt=SALT, first_rows=manifest.rows, table=table,
                files=manifest.lines)

def peak():
    # Not `ru_maxrss`: a process begins with its parent's.
    return int(re.search("VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = peak()
stream = stream_of(source, columns=["text"], batch_size=100, memory=32 << 20)
rows = sum(one.line.records for one in stream.read())
assert rows == manifest.rows
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_release(tmp_path: Path) -> None:
    # REL-88
    used = []
    for files in (2, 8):
        table = tmp_path / str(files)
        table.mkdir()
        for number in range(files):
            ids = range(number * 100_000, (number + 1) * 100_000)
            rows = pa.table(
                {
                    "record_id": pa.array(ids, pa.int64()),
                    "text": pa.array([f"{one:0400d}" for one in ids]),
                }
            )
            pq.write_table(rows, table / f"part-{number:06d}.parquet", row_group_size=20_000)
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(table)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        used.append(int(done.stdout))
    # 80 MB of text, and 320; the larger takes no more but for noise.
    assert used[1] < 1.25 * used[0] + (16 << 10), used
    assert used[1] < 160 << 10, used
