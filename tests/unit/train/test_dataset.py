# SPDX-License-Identifier: Apache-2.0
"""PyTorch and Hugging Face get the very batches of the stream."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.train.made_releases import made_release

from privity.errors import ConflictError, InputError, UnavailableError
from privity.train import dataset
from privity.train.batches import Batch, Consumed, root_of
from privity.train.stream import Stream, stream_of

WITHOUT = "torch is not installed: `make train` installs it"


@pytest.fixture
def read(tmp_path: Path) -> Stream:
    source = made_release(tmp_path, [range(40), range(40, 105)])
    return stream_of(source, columns=["record_id", "text"], batch_size=10, epochs=2)


def lines(batches: Any) -> list[bytes]:
    return [one.line.to_bytes() for one in batches]


def test_who_has_no_torch_is_told_so(read: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.data", None)
    monkeypatch.delitem(sys.modules, "privity.train.loader", raising=False)
    with pytest.raises(UnavailableError) as caught:
        dataset.for_torch(read)
    assert caught.value.code == "train/no-torch"


def test_who_has_no_datasets_is_told_so(read: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UnavailableError) as caught:
        dataset.for_hugging_face(read)
    assert caught.value.code == "train/no-datasets"


@pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")
@pytest.mark.parametrize("workers", [0, 2, 3])
def test_a_loader_of_torch_gives_the_batches_in_their_order(read: Stream, workers: int) -> None:
    # REL-87
    data = pytest.importorskip("torch.utils.data", reason=WITHOUT)
    loader = data.DataLoader(dataset.for_torch(read), batch_size=None, num_workers=workers)
    whole = list(read.read())
    found: list[Batch] = list(loader)
    assert lines(found) == lines(whole)
    assert [one.columns() for one in found] == [one.columns() for one in whole]
    loader = data.DataLoader(
        dataset.for_torch(read, start=7), batch_size=None, num_workers=workers
    )
    assert lines(loader) == lines(whole[7:])


def test_processes_share_the_batches(read: Stream) -> None:
    # REL-87
    pytest.importorskip("torch", reason=WITHOUT)
    whole = lines(read.read(3))
    for rank in range(2):
        mine = dataset.for_torch(read, start=3, rank=rank, world_size=2)
        assert lines(mine) == whole[rank::2]
    with pytest.raises(InputError) as caught:
        dataset.for_torch(read, rank=2, world_size=2)
    assert caught.value.code == "train/share"


@pytest.mark.parametrize("rank", [0, 1])
def test_a_reader_goes_on_from_its_state(read: Stream, rank: int) -> None:
    # REL-87
    pytest.importorskip("torch", reason=WITHOUT)
    whole = lines(read.read(3))
    reader = dataset.for_torch(read, start=3, rank=rank, world_size=2)
    begun = iter(reader)
    first = lines(next(begun) for _ in range(4))
    state = reader.state_dict()
    other = dataset.for_torch(read, rank=rank, world_size=2)
    other.load_state_dict(state)
    assert first + lines(other) == whole[rank::2]
    # What was read to its end begins again.
    assert lines(other) == whole[rank::2]
    with pytest.raises(InputError) as caught:
        other.load_state_dict(read.state(3))
    assert caught.value.code == "train/state"
    with pytest.raises(ConflictError) as conflict:
        other.load_state_dict({**state, "release": "other"})
    assert conflict.value.code == "train/other-state"


def test_hugging_face_gives_the_records_with_their_batches(
    read: Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    pytest.importorskip("datasets", reason="datasets is not installed")
    whole = list(read.read(5))
    consumed = Consumed()
    records = list(dataset.for_hugging_face(read, start=5, consumed=consumed))
    assert records == [
        {**row, "batch": batch.position} for batch in whole for row in batch.table.to_pylist()
    ]
    assert consumed.batches == len(whole)
    assert consumed.root == root_of(one.line for one in whole)


def test_hugging_face_goes_on_from_its_state(
    read: Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # REL-87
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    pytest.importorskip("datasets", reason="datasets is not installed")
    whole = list(dataset.for_hugging_face(read))
    records = dataset.for_hugging_face(read)
    begun = iter(records)
    first = [next(begun) for _ in range(33)]
    state = records.state_dict()
    again = dataset.for_hugging_face(read)
    again.load_state_dict(state)
    assert first + list(again) == whole


def test_a_column_called_as_the_place_of_a_batch_is_refused(tmp_path: Path) -> None:
    source = made_release(tmp_path, [["a", "b"]], columns={"batch": ["x", "y"]})
    read = stream_of(source, columns=["batch"], batch_size=1)
    with pytest.raises(InputError) as caught:
        dataset.for_hugging_face(read)
    assert caught.value.code == "train/column"
