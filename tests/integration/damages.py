# SPDX-License-Identifier: Apache-2.0
"""What may become of a release of which the log speaks: files are lost, changed, or come beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq


def _places(root: Path, name: str) -> tuple[Path, Path]:
    return root / "releases" / name, root / "vault" / "releases" / name


def _lose(root: Path, name: str) -> None:
    for folder in _places(root, name):
        shutil.rmtree(folder)


def _lose_rows(root: Path, name: str) -> None:
    (_places(root, name)[1] / "part-000000.parquet").unlink()


def _lose_file(root: Path, name: str) -> None:
    (_places(root, name)[0] / "table" / "part-000000.parquet").unlink()


def _lose_manifest(root: Path, name: str) -> None:
    (_places(root, name)[0] / "files.jsonl").unlink()


def _change_rows(root: Path, name: str) -> None:
    """Say that the records were somebody else's."""
    path = _places(root, name)[1] / "part-000000.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("author")
    others = pa.array([one + 1 for one in table["author"].to_pylist()], table["author"].type)
    pq.write_table(table.set_column(place, table.schema.field(place), others), path)


def _change_file(root: Path, name: str) -> None:
    path = _places(root, name)[0] / "table" / "part-000000.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def _change_manifest(root: Path, name: str) -> None:
    path = _places(root, name)[0] / "files.jsonl"
    path.write_text(path.read_text("utf-8").replace('"rows":3', '"rows":4', 1), "utf-8")


def _add_file(root: Path, name: str) -> None:
    """Have a table with one file more than the manifest names: whoever reads it by its log reads that too."""
    table = _places(root, name)[0] / "table"
    shutil.copy(table / "part-000000.parquet", table / "part-000001.parquet")
    (first,) = (table / "_delta_log").glob("*.json")
    added = next(line for line in first.read_text("utf-8").splitlines() if '"add"' in line)
    first.with_name(f"{1:020d}.json").write_text(
        added.replace("part-000000", "part-000001") + "\n", "utf-8"
    )


def _stray(root: Path, name: str) -> None:
    """Have a folder of a release that no entry speaks of."""
    shutil.copytree(_places(root, name)[0], _places(root, f"stray-{name}")[0])


def _stray_rows(root: Path, name: str) -> None:
    shutil.copytree(_places(root, name)[1], _places(root, f"stray-{name}")[1])


Harm = Callable[[Path, str], None]

DAMAGES: Final[tuple[tuple[str, Harm], ...]] = (
    ("entry-without-bytes", _lose),
    ("bytes-without-entry", _stray),
    ("entry-without-bytes", _lose_rows),
    ("bytes-without-entry", _change_rows),
    ("entry-without-bytes", _lose_file),
    ("bytes-without-entry", _change_file),
    ("entry-without-bytes", _lose_manifest),
    ("bytes-without-entry", _change_manifest),
    ("bytes-without-entry", _add_file),
    ("bytes-without-entry", _stray_rows),
)
"""Each with the kind of finding that it makes."""
OF_NONE: Final[tuple[Harm, ...]] = (_stray, _stray_rows)
"""Those that make something of which no entry speaks."""
