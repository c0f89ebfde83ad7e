# SPDX-License-Identifier: Apache-2.0
"""A batch has a line, the lines have a root, and a journal keeps them."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import pytest

from privity.errors import ConflictError, InputError, UnavailableError
from privity.train.batches import Consumed, Line, digest_of, read_journal, root_of

SALT = bytes(range(32))
LINES = [
    Line(release="feed", epoch=0, batch=number, of=5, records=2, digest=f"{number:064x}")
    for number in range(5)
]


def test_a_digest_is_keyed_and_over_ids_with_their_lengths() -> None:
    # REL-83
    key = hmac.new(SALT, b"privity/batch/v1", "sha256").digest()
    data = b"\0\0\0\x011" + b"\0\0\0\x07post-17"
    assert digest_of(SALT, [b"1", b"post-17"]) == hmac.new(key, data, "sha256").hexdigest()
    assert digest_of(SALT, [b"1", b"post-17"]) == (
        "3d336d59b175ca08357ec990ef98fb16f7878846ca5ffd0a3c96cac4874dd8a7"
    )
    assert digest_of(SALT, [b"1p", b"ost-17"]) != digest_of(SALT, [b"1", b"post-17"])


def test_a_line_is_canonical_json() -> None:
    # REL-84
    assert LINES[1].to_bytes() == (
        b'{"batch":1,"digest":"' + f"{1:064x}".encode() + b'","epoch":0,"of":5,"records":2,'
        b'"release":"feed"}'
    )


def test_the_root_is_that_of_rfc_6962_over_the_lines() -> None:
    # REL-84
    def leaf(line: Line) -> bytes:
        return hashlib.sha256(b"\0" + line.to_bytes()).digest()

    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\1" + left + right).digest()

    consumed = Consumed()
    assert consumed.root == hashlib.sha256(b"").digest()
    for line in LINES[:3]:
        consumed.add(line)
    assert consumed.root == node(node(leaf(LINES[0]), leaf(LINES[1])), leaf(LINES[2]))
    assert consumed.batches == 3
    assert root_of(LINES[:3]) == consumed.root


def test_a_journal_gives_the_lines_and_so_the_root(tmp_path: Path) -> None:
    # REL-85
    journal = tmp_path / "batches.jsonl"
    with Consumed(journal) as consumed:
        for line in LINES:
            consumed.add(line)
            assert read_journal(journal)[-1] == line
    assert read_journal(journal) == LINES
    assert root_of(read_journal(journal)) == consumed.root
    assert journal.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_short_was_not_consumed(tmp_path: Path) -> None:
    # REL-85
    journal = tmp_path / "batches.jsonl"
    with Consumed(journal) as consumed:
        for line in LINES:
            consumed.add(line)
    journal.write_bytes(journal.read_bytes()[:-5])
    assert read_journal(journal) == LINES[:-1]


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b'{"batch": 1}',
        LINES[0].to_bytes().replace(b'"batch":0', b'"batch":-1'),
        LINES[0].to_bytes().replace(b'"batch":0', b'"batch":true'),
        LINES[0].to_bytes().replace(b'"batch":0', b'"batch":5'),
        LINES[0].to_bytes().replace(b'"feed"', b"7"),
        LINES[0].to_bytes().replace(b'"records":2,', b""),
        b"\xff",
    ],
)
def test_what_is_no_line_is_refused_with_its_number(tmp_path: Path, line: bytes) -> None:
    journal = tmp_path / "batches.jsonl"
    journal.write_bytes(LINES[0].to_bytes() + b"\n" + line + b"\n")
    with pytest.raises(InputError) as caught:
        read_journal(journal)
    assert caught.value.code == "train/journal-line"
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_the_journal_of_another_run_is_kept(tmp_path: Path) -> None:
    journal = tmp_path / "batches.jsonl"
    journal.write_bytes(b"")
    with pytest.raises(ConflictError) as caught:
        Consumed(journal)
    assert caught.value.code == "train/journal"


def test_a_journal_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        Consumed(tmp_path / "missing" / "batches.jsonl")
    assert caught.value.code == "train/disk"
    with pytest.raises(UnavailableError) as caught:
        read_journal(tmp_path / "missing")
    assert caught.value.code == "train/disk"


def test_a_disk_that_is_full_ends_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    consumed = Consumed(tmp_path / "batches.jsonl")
    consumed.add(LINES[0])
    monkeypatch.setattr(os, "write", lambda _file, data: len(data) - 1)
    with pytest.raises(UnavailableError) as caught:
        consumed.add(LINES[1])
    assert caught.value.code == "train/disk"
    # What was not written was not consumed.
    assert consumed.batches == 1
    consumed.close()
