# SPDX-License-Identifier: Apache-2.0
"""The data of a run: made once for a shape, kept under a folder, named by what it is.

Each folder has a `data.json` with the SHA-256 of every file, one of those lines together (as
`sha256sum` prints them), and what was counted while the data was made. A folder without that page is
unfinished, one made by other code than today's is out of date: both are made anew.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.child import Work
from benchmarks.ids import Kind
from benchmarks.people import write_facts
from benchmarks.records import Counts, Shape, write_file
from privity.canonical.encode import digest, digest_file, encode_pretty

DESCRIPTION: Final = "data.json"
POLICY: Final = Path(__file__).parent / "policy"
PURPOSE: Final = "genai-training"
RECIPIENT: Final = "lab"
_MAKERS: Final = ("ids", "people", "records", "words")


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """A set of records on disk, and what was counted."""

    shape: Shape
    files: tuple[Path, ...]
    described: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The facts of members on disk, and how many there are."""

    file: Path
    count: int
    described: Mapping[str, Any]


def facts(folder: Path, *, members: int, kind: Kind, seed: int = 1) -> Facts:
    """Give the facts of that many members, made if they are not there."""
    place = folder / f"facts-{kind}-{members}-{seed}"
    described = _described(place)
    if described is None:
        _begin(place)
        count = write_facts(place / "facts.parquet", members=members, kind=kind, seed=seed)
        described = _finish(place, {"facts": count, "members": members})
    return Facts(file=place / "facts.parquet", count=described["facts"], described=described)


def records(folder: Path, shape: Shape) -> Records:
    """Give the records of a shape, made if they are not there."""
    name = f"records-{shape.kind}-{shape.records}-{shape.body}-{shape.members}-{shape.seed}"
    place = folder / name
    files = tuple(place / f"part-{file}.parquet" for file in range(shape.files))
    described = _described(place)
    if described is None:
        _begin(place)
        counts = Counts()
        for file, path in enumerate(files):
            write_file(path, shape, file, counts)
        described = _finish(place, asdict(counts))
    return Records(shape=shape, files=files, described=described)


def make(
    folder: str, records_of: Mapping[str, Any] | None, facts_of: Mapping[str, Any]
) -> Work:
    """Prepare to make what is not there yet, in a process of its own, and say where it is."""

    def work() -> dict[str, Any]:
        people = facts(Path(folder), **facts_of)
        found: dict[str, Any] = {"facts": people.file, "facts_described": people.described}
        if records_of is not None:
            content = records(Path(folder), Shape(**records_of))
            found |= {"files": content.files, "described": content.described}
        return found

    return work


def _described(place: Path) -> dict[str, Any] | None:
    """Give what a finished folder says of itself, or None."""
    page = place / DESCRIPTION
    if not page.exists():
        return None
    described: dict[str, Any] = json.loads(page.read_bytes())
    return described if described["made_by"] == _made_by() else None


def _made_by() -> str:
    """Give the SHA-256 of the code that decides what the data is."""
    code = (Path(__file__).with_name(f"{name}.py") for name in _MAKERS)
    return digest(b"".join(path.read_bytes() for path in code))


def _begin(place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    print(f"making {place.name}", file=sys.stderr)


def _finish(place: Path, described: dict[str, Any]) -> dict[str, Any]:
    """Write what was made, last of all: a folder with this page is complete."""
    digests = {path.name: digest_file(path) for path in sorted(place.iterdir())}
    for name, digest_of in digests.items():
        print(f"{digest_of}  {place.name}/{name}", file=sys.stderr)
    lines = "".join(f"{digest_of}  {name}\n" for name, digest_of in digests.items())
    described |= {
        "made_by": _made_by(),
        "sha256": digests,
        "sha256_of_all": digest(lines.encode()),
    }
    (place / DESCRIPTION).write_text(encode_pretty(described), encoding="utf-8")
    return described
