# SPDX-License-Identifier: Apache-2.0
"""What it takes to commit to a release's members, and to say which releases hold somebody's records.

The rows are like those of the other benchmarks: two of five are private messages, which belong to two, and a few
members write much. The keys of their streams come out of a database, as in a workspace.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from benchmarks.child import Work, run
from benchmarks.ids import member_ids, member_numbers, record_ids, record_numbers
from privity.release.copy import open_writer
from privity.release.members import commit_members
from privity.release.members_again import root_of_sidecar
from privity.release.pairs import Audience
from privity.store.keys import create_keys, open_keys
from privity.store.releases import (
    HeldRow,
    IndexedFile,
    IndexedRelease,
    open_releases,
)

ROWS: Final = 30_000_000
MEMBERS: Final = 1_000_000
RELEASES: Final = 1_000
HELD: Final = 2_000
"""Members of each of these releases."""
LOOKS: Final = 500

_ORIGIN: Final = "bench.example/members"
_GROUP: Final = 1 << 16
_FILE: Final = 1 << 20
_CATEGORIES: Final = ("post", "article", "comment", "direct-message", "inmail", "group-message")
_SHARES: Final = (19.0, 2.0, 28.0, 28.0, 14.0, 9.0)
_MESSAGES: Final = np.array([False, False, False, True, True, True])
_SALT: Final = bytes(range(32))
_KIND: Final = "string"


def measure(folder: Path, rows: int, members: int, releases: int) -> dict[str, Any]:
    """Give time and memory of the commitment for each row, and the time of a look into the index."""
    place = folder / "members"
    made = run("members:making", folder=place, rows=rows, members=members).found
    committed = run("members:committing", folder=place)
    again = run("members:checking", folder=place)
    if again.found["root"] != committed.found["root"]:
        message = f"the sidecar gives {again.found['root']}, expected {committed.found['root']}"
        raise ValueError(message)
    shutil.rmtree(place / "made")
    looked = run("members:looking", folder=place, releases=releases)
    return {
        "rows": made["rows"],
        "members": committed.found["members"],
        "pairs_a_row": made["pairs"] / made["rows"],
        "commit_cpu_us_a_row": (committed.cpu - committed.found["index_cpu"]) / rows * 1e6,
        "commit_s": committed.wall - committed.found["index_s"],
        "commit_peak_mib": committed.peak,
        "sidecar_bytes_a_row": committed.found["sidecar"] / rows,
        "index_cpu_us_a_row": committed.found["index_cpu"] / rows * 1e6,
        "index_bytes_a_row": committed.found["index"] / rows,
        "check_cpu_us_a_row": again.cpu / rows * 1e6,
        "check_peak_mib": again.peak,
        **looked.found,
    }


def making(folder: str, rows: int, members: int) -> Work:
    """Prepare to make the rows, and the keys of the members."""
    place = Path(folder)

    def work() -> dict[str, Any]:
        shutil.rmtree(place, ignore_errors=True)
        (place / "parties").mkdir(parents=True)
        pairs = 0
        for number, first in enumerate(range(0, rows, _FILE)):
            path = place / "parties" / f"part-{number:06}.parquet"
            with open_writer(path, _SCHEMA) as writer:
                for start in range(first, min(first + _FILE, rows), _GROUP):
                    table, count = _rows(start, min(start + _GROUP, rows), members)
                    writer.write_table(table)
                    pairs += count
        keys = create_keys(place / "keys.db", origin=_ORIGIN)
        texts = member_ids(member_numbers(np.arange(members)), _KIND).to_pylist()
        secret = random.Random(3)
        keys.add((f"t{one}", secret.randbytes(32)) for one in texts)
        keys.close()
        return {"rows": rows, "pairs": pairs}

    return work


def committing(folder: str) -> Work:
    """Prepare to commit to the members of the rows; the index is timed apart, and taken off."""
    place = Path(folder)
    _emptied(place / "made")
    keys = open_keys(place / "keys.db", origin=_ORIGIN)

    def secrets(some: Sequence[Any]) -> list[tuple[Any, bytes | None]]:
        known = keys.secrets([f"t{one}" for one in some])
        return [(one, known.get(f"t{one}")) for one in some]

    def work() -> dict[str, Any]:
        made = commit_members(
            place / "parties",
            place / "made" / "members",
            place / "made" / "leaves",
            place / "made",
            name="bench",
            salt=_SALT,
            keys=secrets,
            audience=Audience(),
        )
        wall, cpu = time.perf_counter(), time.process_time()
        index = open_releases(place / "made" / "releases.db", origin=_ORIGIN)
        files = tuple(
            IndexedFile(first=one.first, rows=one.rows, name=one.path.name)
            for one in made.files
        )
        index.add(
            IndexedRelease(name="bench", salt=_SALT, revision=1, files=files),
            (
                HeldRow(member=f"t{one.member}", tag=one.tag, places=one.places)
                for one in made.held()
            ),
        )
        index.close()
        return {
            "index_cpu": time.process_time() - cpu,
            "index_s": time.perf_counter() - wall,
            "root": made.root.hex(),
            "members": made.count,
            "sidecar": _size(place / "made" / "members"),
            "index": (place / "made" / "releases.db").stat().st_size,
        }

    return work


def checking(folder: str) -> Work:
    """Prepare to give the root again from the sidecar alone: what whoever gets a release does."""
    place = Path(folder) / "made"
    names = [path.name for path in (place / "members").glob("part-*.parquet")]

    def work() -> dict[str, Any]:
        root, members = root_of_sidecar(place / "members", names, place, salt=_SALT)
        return {"root": root.hex(), "members": members}

    return work


def looking(folder: str, releases: int) -> Work:
    """Prepare an index of many releases, and look up whose records are where."""
    path = Path(folder) / "many.db"
    path.unlink(missing_ok=True)
    index = open_releases(path, origin=_ORIGIN)
    places = np.arange(20, dtype="<u4").tobytes()
    for number in range(releases):
        # One member is in all of them, and each of the others in many.
        members = sorted({0, *random.Random(number).sample(range(2 * HELD), HELD)})
        name = f"release-{number}"
        held = (
            HeldRow(
                member=f"t{one}", tag=sha256(f"{name} {one}".encode()).digest(), places=places
            )
            for one in members
        )
        index.add(IndexedRelease(name=name, salt=_SALT, revision=1, files=()), held)
    index.close()

    def work() -> dict[str, Any]:
        draws = random.Random(4)
        taken, found = [], 0
        for _ in range(LOOKS):
            began = time.perf_counter()
            opened = open_releases(path, origin=_ORIGIN)
            found += len(opened.of_member("t0"))
            opened.close()
            taken.append((time.perf_counter() - began) * 1e3)
            opened = open_releases(path, origin=_ORIGIN)
            opened.of_member(f"t{draws.randrange(2 * HELD)}")
            opened.close()
        return {
            "releases": releases,
            "releases_found": found / LOOKS,
            "releases_mib": path.stat().st_size / (1 << 20),
            "which_p50_ms": float(np.quantile(taken, 0.5)),
            "which_p99_ms": float(np.quantile(taken, 0.99)),
        }

    return work


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _rows(start: int, end: int, members: int) -> tuple[pa.Table, int]:
    count = end - start
    generator = np.random.Generator(np.random.SFC64([5, start]))
    kinds = generator.choice(len(_CATEGORIES), count, p=np.array(_SHARES) / 100)
    addressed = _MESSAGES[kinds]
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(addressed, out=offsets[1:])
    addressees = _people(generator, members, int(addressed.sum()))
    created = 1_500_000_000 + generator.integers(0, 10**8, count)
    asked = int((addressed & (kinds != _CATEGORIES.index("group-message"))).sum())
    columns = [
        record_ids(record_numbers(np.arange(start, end)), _KIND),
        pa.array(_CATEGORIES).take(pa.array(kinds)),
        pa.array(created * 1_000_000, pa.timestamp("us", tz="UTC")),
        _people(generator, members, count),
        pa.ListArray.from_arrays(pa.array(offsets), addressees),
    ]
    return pa.table(columns, schema=_SCHEMA), count + asked


def _people(generator: np.random.Generator, members: int, count: int) -> pa.Array:
    ranks = (members * generator.random(count) ** 3).astype(np.int64)
    return member_ids(member_numbers(ranks), _KIND)


_SCHEMA: Final = pa.schema(
    [
        ("record_id", pa.string()),
        ("category", pa.string()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("author", pa.string()),
        ("recipients", pa.list_(pa.string())),
    ]
)
