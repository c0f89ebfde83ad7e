# SPDX-License-Identifier: Apache-2.0
"""The working files of a clearing: words, keys and kept rows by position, from any thread."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies

from privity.decide.quotes import KeyStore
from privity.release import spool
from privity.release.kept import KeptFile
from privity.release.spool import WordFile, key_store

ROWS = 1000


def words(rows: int = ROWS) -> np.ndarray:
    """A word a row, no two alike, with bits in both halves."""
    return np.arange(rows, dtype=np.uint64) * np.uint64(0x1000_0000_1000_0001)


def test_words_are_read_as_they_were_written_in_any_order(tmp_path: Path) -> None:
    with WordFile(tmp_path / "words", ROWS) as file:
        for first in (900, 0, 400, 300, 100):
            last = {900: 1000, 0: 100, 400: 900, 300: 400, 100: 300}[first]
            file.write(first, words()[first:last])
        assert np.array_equal(file.read(0, ROWS), words())
        assert np.array_equal(file.read(123, 4), words()[123:127])
        assert len(file.read(ROWS, 0)) == 0


@given(strategies.sets(strategies.integers(0, ROWS - 1)), strategies.sampled_from([1, 7, 4096]))
def test_words_of_some_rows_are_read_and_replaced(chosen: set[int], block: int) -> None:
    rows = np.array(sorted(chosen), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_BLOCK", block)
        number = os.memfd_create("words")
        with WordFile(Path(f"/proc/self/fd/{number}"), ROWS) as file:
            file.write(0, words())
            assert np.array_equal(file.at(rows), words()[rows])
            file.put(rows, np.full(len(rows), 7, np.uint64))
            expected = words()
            expected[rows] = 7
            assert np.array_equal(file.read(0, ROWS), expected)
        os.close(number)


def test_a_disk_that_takes_a_part_at_a_time_takes_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: pwrite(file, data[:13], at))
    with WordFile(tmp_path / "words", ROWS) as file:
        file.write(0, words())
        assert np.array_equal(file.read(0, ROWS), words())


def test_words_that_were_never_written_are_an_error(tmp_path: Path) -> None:
    with WordFile(tmp_path / "words", ROWS) as file:
        file.write(0, words()[:10])
        with pytest.raises(OSError, match="read 80 of 160 bytes at row 0"):
            file.read(0, 20)


def test_a_file_of_words_is_its_owners_alone(tmp_path: Path) -> None:
    with WordFile(tmp_path / "words", 0):
        assert (tmp_path / "words").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("most", [ROWS, ROWS - 1])
def test_keys_lie_on_disk_where_they_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(spool, "KEYS_IN_MEMORY", most)
    with key_store(tmp_path, ROWS) as store:
        assert isinstance(store, KeyStore) is (most == ROWS)
        for first in range(0, ROWS, 50):
            store.write(first, words()[first : first + 50])
        assert np.array_equal(store.read(40, 20), words()[40:60])
        assert store.rows == ROWS


# Kept rows


def kept_table(first: int, rows: int) -> pa.Table:
    return pa.table(
        {
            "record_id": [f"r{first + row}" for row in range(rows)],
            "category": pa.array(["post"] * rows, pa.string()).dictionary_encode(),
            "recipients": pa.array(
                [None if row % 3 else [f"m{row}", None] for row in range(rows)],
                pa.list_(pa.string()),
            ),
        }
    )


def test_kept_rows_come_back_whatever_order_threads_wrote_them_in(tmp_path: Path) -> None:
    chunks = [(first, first % 7) for first in range(0, 400, 10)]
    with KeptFile(tmp_path / "kept") as file, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda chunk: file.write(chunk[0], kept_table(*chunk)), chunks))
        found = list(pool.map(lambda chunk: file.read(chunk[0]), reversed(chunks)))
    for chunk, table in zip(reversed(chunks), found, strict=True):
        table.validate(full=True)
        assert table.equals(kept_table(*chunk))


def test_kept_rows_of_a_filtered_table_are_those_alone(tmp_path: Path) -> None:
    """What a filter or a slice leaves in memory beside its rows is not kept."""
    table = kept_table(0, 100)
    with KeptFile(tmp_path / "kept") as file:
        file.write(0, table.filter(pa.array([row % 2 == 0 for row in range(100)])))
        file.write(100, table.slice(10, 5))
        assert file.read(0)["record_id"].to_pylist() == [f"r{row}" for row in range(0, 100, 2)]
        assert file.read(100).equals(table.slice(10, 5))


def test_kept_rows_that_are_cut_short_are_an_error(tmp_path: Path) -> None:
    with KeptFile(tmp_path / "kept") as file:
        file.write(0, kept_table(0, 50))
        os.truncate(tmp_path / "kept", 100)
        with pytest.raises(OSError, match="read 100 of"):
            file.read(0)
