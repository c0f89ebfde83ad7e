# SPDX-License-Identifier: Apache-2.0
"""The network learns from the batches of a stream, the same from the same."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.train.made_releases import made_release

from privity.errors import InputError
from privity.train.batches import Batch, Line
from privity.train.settings import Settings, code_sha256
from privity.train.stream import stream_of

SMALL = Settings(
    columns=("text",),
    steps=10,
    batch_size=4,
    context=16,
    width=16,
    layers=1,
    heads=2,
    threads=1,
)


@pytest.fixture
def learning() -> Any:
    pytest.importorskip("torch", reason="torch is not installed: `make train` installs it")
    from privity.train import learning as found  # noqa: PLC0415 - torch may not be there

    return found


@pytest.fixture
def batches(tmp_path: Path) -> list[Batch]:
    source = made_release(tmp_path, [range(40)])
    return list(stream_of(source, columns=["text"], batch_size=4).read())


def batch(**columns: list[str | None]) -> Batch:
    line = Line(release="feed", epoch=0, batch=0, of=1, records=1, digest="0" * 64)
    return Batch(line=line, position=0, table=pa.table(columns))


def test_the_same_batches_and_seed_give_the_same_weights(
    learning: Any, batches: list[Batch]
) -> None:
    # REL-90
    first = learning.learn(batches, SMALL)
    assert learning.learn(batches, SMALL).weights == first.weights
    assert learning.learn(batches, replace(SMALL, seed=2)).weights != first.weights
    assert learning.learn(batches[1:], SMALL).weights != first.weights
    assert len(first.losses) == len(batches)


def test_what_was_drawn_and_set_elsewhere_changes_nothing(
    learning: Any, batches: list[Batch]
) -> None:
    # REL-90
    torch = pytest.importorskip("torch")
    first = learning.learn(batches, SMALL)
    torch.manual_seed(99)
    torch.rand(5)
    threads = torch.get_num_threads()
    assert learning.learn(batches, SMALL).weights == first.weights
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_model_goes_on_from_another(learning: Any, batches: list[Batch]) -> None:
    first = learning.learn(batches, SMALL)
    more = learning.learn(batches, SMALL, base=first.weights)
    assert more.losses[0] < first.losses[0]
    assert learning.learn([], SMALL, base=first.weights).weights == first.weights
    with pytest.raises(InputError) as caught:
        learning.learn(batches, replace(SMALL, width=32), base=first.weights)
    assert caught.value.code == "train/weights"


def test_a_batch_without_text_is_read_and_teaches_nothing(
    learning: Any, batches: list[Batch]
) -> None:
    # REL-82
    empty = batch(text=[None, ""])
    told: list[float | None] = []
    found = learning.learn([empty, *batches], SMALL, progress=told.append)
    assert found.losses[0] is None
    assert told == list(found.losses)
    learning.check_text(found.losses)
    with pytest.raises(InputError) as caught:
        learning.check_text(learning.learn([empty], SMALL).losses)
    assert caught.value.code == "train/no-text"


def test_the_columns_of_a_record_are_learnt_on_lines(learning: Any) -> None:
    rows = batch(subject=["a", None, None], body=["b", "c", None])
    assert learning.texts_of(rows) == [b"a\nb", b"c"]


def test_records_are_cut_and_have_an_end() -> None:
    pytest.importorskip("torch", reason="torch is not installed: `make train` installs it")
    network = importlib.import_module("privity.train.network")
    end, nothing = network.END, network.NOTHING
    tokens = network.tokens_of([b"abcdef", b"a", b""], 3).tolist()
    assert tokens == [
        [end, *b"abc"],
        [end, *b"a", end, nothing],
        [end, end, nothing, nothing],
    ]


@pytest.mark.parametrize(
    "change", [{"steps": 0}, {"width": 15}, {"columns": ()}, {"batch_size": 0}], ids=str
)
def test_settings_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        replace(SMALL, **change)
    assert caught.value.code == "train/settings"


def test_settings_and_code_have_a_digest() -> None:
    # REL-90
    assert SMALL.sha256 == replace(SMALL).sha256
    assert SMALL.sha256 != replace(SMALL, base="0" * 64).sha256
    assert len(code_sha256()) == 64
