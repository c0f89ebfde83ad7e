# SPDX-License-Identifier: Apache-2.0
"""Facts in several files are the same facts as in one, whichever lies where; a no in any of them is heard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies

import privity
from privity.app.inputs import facts_of, load_facts
from privity.errors import InputError
from privity.members.facts import Fact

FACTS = Path("examples/small/facts.csv")
POLICY = Path("examples/small/policy.yaml")


def lines() -> tuple[str, list[str]]:
    head, *rest = FACTS.read_text(encoding="utf-8").splitlines()
    return head, rest


def put(folder: Path, parts: Sequence[Sequence[str]]) -> list[Path]:
    head, _ = lines()
    paths = [folder / f"{number}.csv" for number in range(len(parts))]
    for path, some in zip(paths, parts, strict=True):
        path.write_text("\n".join([head, *some, ""]), encoding="utf-8")
    return paths


def said(facts: Sequence[Path] | Path) -> list[tuple[object, ...]]:
    found: list[Fact] = list(facts_of(load_facts(facts)))
    return sorted(
        (str(one.member), one.fact, one.value, one.at, one.recorded_at, str(one.detail))
        for one in found
    )


@given(seed=strategies.integers(0, 1 << 32), count=strategies.integers(1, 5))
def test_whichever_file_has_which_fact(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    random = Random(seed)
    parts: list[list[str]] = [[] for _ in range(count)]
    for line in random.sample(lines()[1], len(lines()[1])):
        parts[random.randrange(count)].append(line)
    assert said(put(tmp_path_factory.mktemp("facts"), parts)) == said(FACTS)


def test_numbers_in_one_file_are_the_text_of_another(tmp_path: Path) -> None:
    """A no in a file of text is that of the member whom a table of numbers has."""
    head = "member,fact,value,at,recorded_at,detail"
    no = '7,setting,off,2025-01-02T00:00:00Z,2025-01-02T00:00:00Z,"{""setting"":""genai-improvement""}"'
    (text,) = put(tmp_path, [[no]])
    assert text.read_text(encoding="utf-8").splitlines()[0] == head
    instant = pa.array([1_600_000_000_000_000] * 2, pa.timestamp("us", "UTC"))
    joined = pa.table(
        {
            "member": pa.array([7, 8], pa.int64()),
            "fact": ["joined"] * 2,
            "value": [""] * 2,
            "at": instant,
            "recorded_at": instant,
            "detail": ["{}"] * 2,
        }
    )
    pq.write_table(joined, tmp_path / "accounts.parquet")
    for paths in ([tmp_path / "accounts.parquet", text], [text, tmp_path / "accounts.parquet"]):
        found = load_facts(paths)
        assert found.ids.to_pylist() in (["7", "8"], ["8", "7"])
        place = found.index_of("7")
        assert place is not None
        assert [one.fact for one in found.of_member(place)] == ["joined", "setting"]


def test_a_file_of_the_platform_alone_says_nothing_of_ids(tmp_path: Path) -> None:
    platform = [line for line in lines()[1] if line.startswith(",")]
    members = [line for line in lines()[1] if not line.startswith(",")]
    assert platform
    assert said(put(tmp_path, [platform, members])) == said(FACTS)


def test_the_manifest_has_every_file(tmp_path: Path) -> None:
    platform = [line for line in lines()[1] if line.startswith(",")]
    members = [line for line in lines()[1] if not line.startswith(",")]
    paths = put(tmp_path, [platform, members])
    made = privity.clear(
        "examples/small/records.jsonl",
        policy=POLICY,
        facts=paths,
        purpose="genai-training",
        recipient="self",
        at="2025-06-01T00:00:00Z",
        out=tmp_path / "out",
    )
    assert [one["name"] for one in made.manifest["fact_files"]] == [str(one) for one in paths]


def test_the_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    paths = put(
        tmp_path, [lines()[1], ["ana,joind,,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,"]]
    )
    with pytest.raises(InputError) as refused:
        load_facts(paths)
    assert refused.value.where is not None
    assert refused.value.where.file == str(paths[1])
