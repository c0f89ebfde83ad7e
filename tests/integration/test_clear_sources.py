# SPDX-License-Identifier: Apache-2.0
"""The sources of one clearing: which of them go together, and what the manifest says of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.corpora import put_corpus, with_bodies
from tests.integration.test_clear import FACTS, FREE, cleared, corpus, post

import privity
from privity.errors import InputError
from privity.release.one_schema import in_one_schema, one_schema
from privity.sources.native import open_records
from privity.testing.worlds import to_arrow

Change = Callable[[pa.Table], pa.Table]

MISMATCHES: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "one more column": (
        lambda table: table.append_column("more", pa.nulls(1, pa.string())),
        r"column `more` \(string\) is not in `.*0.*`, expected all sources",
    ),
    "one column less": (
        lambda table: table.drop(["title"]),
        r"column `title` \(string\) of `.*` is missing",
    ),
    "another type": (
        lambda table: table.set_column(8, "title", pa.array([1])),
        r"column `title` \(int64\) is string in `",
    ),
}


@pytest.mark.parametrize(("change", "says"), MISMATCHES.values(), ids=MISMATCHES.keys())
def test_sources_whose_columns_differ_are_an_error(
    tmp_path: Path, change: Callable[[pa.Table], pa.Table], says: str
) -> None:
    first = with_bodies(to_arrow([post("1")]))
    given = put_corpus(tmp_path / "in", [first, change(first)], FACTS, [FREE])
    with pytest.raises(InputError, match=says) as caught:
        privity.clear(given.sources, out=tmp_path / "set" / "out", **given.asked)
    assert caught.value.code == "clear/schema"
    assert not (tmp_path / "set").exists()


def _in_another_form(column: str, made: Callable[[pa.Array], pa.Array]) -> Change:
    def change(table: pa.Table) -> pa.Table:
        values = made(table.column(column).combine_chunks())
        return table.set_column(table.column_names.index(column), column, values)

    return change


ALIKE: dict[str, Change] = {
    "another order": lambda table: table.select(table.column_names[::-1]),
    "empty": _in_another_form("title", lambda array: pa.nulls(len(array))),
    "a dictionary": _in_another_form("title", pa.Array.dictionary_encode),
    "larger offsets": _in_another_form("title", lambda array: array.cast(pa.large_string())),
    "a view": _in_another_form("title", lambda array: array.cast(pa.string_view())),
    "never empty": lambda table: table.cast(
        pa.schema([one.with_nullable(one.name != "body") for one in table.schema])
    ),
    "a dictionary in lists": _in_another_form(
        "tags", lambda array: array.cast(pa.list_(pa.dictionary(pa.int8(), pa.string())))
    ),
    "larger lists": _in_another_form(
        "tags", lambda array: array.cast(pa.large_list(pa.large_string()))
    ),
}


@pytest.mark.parametrize("changed", [0, 1])
@pytest.mark.parametrize("change", ALIKE.values(), ids=ALIKE.keys())
def test_sources_may_have_the_same_columns_in_other_forms(
    tmp_path: Path, change: Change, changed: int
) -> None:
    tables = [
        with_bodies(to_arrow([post(name), post(name + "x", author="shut")])).append_column(
            "tags", pa.array([["a", None], []], pa.list_(pa.string()))
        )
        for name in "12"
    ]
    tables[changed] = change(tables[changed])
    given = put_corpus(tmp_path / "in", tables, FACTS, [FREE])
    made = privity.clear(given.sources, out=tmp_path / "out", threads=2, **given.asked)
    found = cleared(tmp_path / "out")
    assert found.column_names == open_records(given.sources)[0].schema.names
    assert found.num_rows == 2
    for one, table in zip(found.to_pylist(), tables, strict=True):
        first = table.slice(0, 1).to_pylist()[0]
        assert {name: one[name] for name in ("record_id", "author", "title", "tags")} == {
            name: first[name] for name in ("record_id", "author", "title", "tags")
        }
    assert [source["sha256"] for source in made.manifest["sources"]] == [
        sha256(path) for path in given.sources
    ]


def test_what_is_named_otherwise_in_each_source_is_one_column(tmp_path: Path) -> None:
    """Each with its own binding: text is `text` in one table, and `content` in another."""
    first = with_bodies(to_arrow([post("1")]))
    given = put_corpus(tmp_path / "in", [first, first], FACTS, [FREE])
    bindings = []
    for number, (path, name) in enumerate(zip(given.sources, ("text", "content"), strict=True)):
        table = first.rename_columns(
            [
                {"body": name, "record_id": f"id_{name}"}.get(one, one)
                for one in first.column_names
            ]
        )
        ids = pa.array([f"{number}"])
        pq.write_table(table.set_column(0, f"id_{name}", ids), path)
        binding = tmp_path / f"{name}.toml"
        binding.write_text(
            f'payload = {{body = "{name}"}}\n[columns]\nrecord_id = "id_{name}"\n'
        )
        bindings.append(binding)
    made = privity.clear(given.sources, out=tmp_path / "out", binding=bindings, **given.asked)
    found = cleared(tmp_path / "out")
    assert found.column("record_id").to_pylist() == ["0", "1"]
    assert found.column("body").to_pylist() == first.column("body").to_pylist() * 2
    assert not {"text", "content", "title"} & set(found.column_names)
    assert len({one["binding"] for one in made.manifest["sources"]}) == 2


def test_sources_that_are_alike_are_read_as_they_are(tmp_path: Path) -> None:
    given = corpus(tmp_path, [post("1")], [post("2")])
    files = open_records(given.sources)
    schema = one_schema(files)
    assert schema is files[0].schema
    assert all(
        one is file for one, file in zip(in_one_schema(files, schema), files, strict=True)
    )


def test_a_column_that_no_line_of_a_file_has_is_an_error_whose_hint_works(
    tmp_path: Path,
) -> None:
    given = corpus(tmp_path, [post("1")], [post("2")], endings=(".jsonl",))
    lines = given.sources[1].read_text(encoding="utf-8").splitlines()
    bare = [
        {key: value for key, value in json.loads(line).items() if key != "title"}
        for line in lines
    ]
    given.sources[1].write_text("".join(json.dumps(one) + "\n" for one in bare))
    with pytest.raises(InputError, match="is missing") as caught:
        privity.clear(given.sources, out=tmp_path / "out", **given.asked)
    assert "before its [columns]: payload = […]" in str(caught.value.hint)
    binding = tmp_path / "binding.toml"
    binding.write_text('payload = ["body"]\n[columns]\n')
    privity.clear(given.sources, out=tmp_path / "bound", binding=binding, **given.asked)
    assert "title" not in cleared(tmp_path / "bound").column_names
    given.sources[1].write_text(
        "".join(json.dumps({**one, "title": None}) + "\n" for one in bare)
    )
    privity.clear(given.sources, out=tmp_path / "out", **given.asked)
    assert cleared(tmp_path / "out").column("title").to_pylist()[1] is None


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_manifest_names_the_binding_of_each_source(tmp_path: Path) -> None:
    given = corpus(tmp_path, [post("r1")])
    binding = tmp_path / "binding.toml"
    binding.write_bytes(b'[columns]\r\nauthor = "author"\r\n')
    for one, said in ((None, {}), (binding, {"binding": sha256(binding)})):
        out = tmp_path / ("bound" if one else "native")
        made = privity.clear(given.sources, out=out, binding=one, **given.asked)
        assert made.manifest["sources"] == [
            {
                "name": str(given.sources[0]),
                "records": 1,
                "sha256": sha256(given.sources[0]),
                **said,
            }
        ]
