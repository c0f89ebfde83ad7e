# SPDX-License-Identifier: Apache-2.0
"""A clearing on a ledger, while members say no: how long nobody else can write, and whether anybody is missed.

A workspace takes the members' facts as a baseline that it accepts; then a set is made, and another process records
fifty objections a second for as long as that takes. Its clock is simulated and stands still: nothing here
depends on the hour.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.child import Work, run
from benchmarks.data import POLICY, PURPOSE, RECIPIENT
from benchmarks.people import AT
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Private, record
from privity.app.workspace.sets import clear_workspace
from privity.canonical.instants import parse_instant
from privity.config.workspace import WorkspaceSettings
from privity.entries.fact import FactEntry
from privity.entries.policy import PolicyEntry
from privity.members.facts import MemberId
from privity.policy.parse import parse_policy
from privity.sources.native import open_records

RECORDS: Final = 10_000_000
A_SECOND: Final = 50
RUNS: Final = 3
_FOUNDED: Final = parse_instant("2010-01-01T00:00:00Z")
NOW: Final = parse_instant(AT) + 120 * 86_400
"""After the last fact was recorded: a baseline tells of before."""
_ROOT: Final = Path(__file__).parent.parent


def measure(folder: Path, records: int, members: int) -> dict[str, Any]:
    """Give how long the log was held by the clearing, how long noes waited, and who was missed."""
    shape = {"records": records, "members": members, "body": 340, "kind": "int"}
    facts = {"members": members, "kind": "int"}
    made = dict(run("data:make", folder=folder, facts_of=facts, records_of=shape).found)
    place = folder / "race"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    founded = run("race:founding", root=place / "workspace", facts=made["facts"])
    runs = [
        run(
            "race:racing",
            root=place / "workspace",
            files=made["files"],
            out=place / f"set-{number}",
            first=number * 100_000,
        )
        for number in range(RUNS)
    ]
    waits = np.array([wait for one in runs for wait in one.found["waits_ms"]])
    return {
        "records": records,
        "clear_s": [round(one.wall, 2) for one in runs],
        "noes": len(waits),
        "noes_in_time": sum(one.found["in_time"] for one in runs),
        "withdrawn": sum(one.found["withdrawn"] for one in runs),
        "missed": sum(one.found["missed"] for one in runs),
        "held_ms": max(one.found["held_ms"] for one in runs),
        "no_p50_ms": round(float(np.quantile(waits, 0.5)), 2),
        "no_p99_ms": round(float(np.quantile(waits, 0.99)), 2),
        "no_max_ms": round(float(waits.max()), 2),
        "peak_mib": round(max(one.peak for one in runs)),
        "founding_s": round(founded.wall, 1),
    }


def founding(root: str, facts: str) -> Work:
    """Prepare to make a workspace of the benchmark's policy and facts."""

    def work() -> dict[str, Any]:
        settings = WorkspaceSettings(
            origin="benchmark.example/simulated", clock="simulated", attested="accept"
        )
        found_workspace(Path(root), settings, now=_FOUNDED)
        for path in sorted(Path(POLICY).glob("*.yaml")):
            _publish(Path(root), path.read_bytes())
        with open_workspace(Path(root), now=NOW) as workspace:
            record_baseline(workspace, Path(facts), claimed_by="benchmark")
        return {}

    return work


def _publish(root: Path, text: bytes) -> None:
    version = parse_policy(text.decode(), file="policy")
    entry = PolicyEntry(
        policy=version.policy,
        version=version.version,
        effective_at=version.effective_at,
        sha256=sha256(text).hexdigest(),
        size=len(text),
    )
    with open_workspace(root, now=version.published_at) as workspace:
        record(workspace, [entry], objects=[text])


def racing(root: str, files: list[str], out: str, first: int) -> Work:
    """Prepare to make a set while another process records noes."""
    command = [sys.executable, "-m", "benchmarks.race", root, files[0], str(first)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    said = cast("IO[str]", other.stdout)
    lines = [json.loads(said.readline())]  # it has begun

    def work() -> dict[str, Any]:
        made = clear_workspace(
            root,
            open_records([Path(path) for path in files]),
            purpose=PURPOSE,
            recipient=RECIPIENT,
            now=NOW,
            out=out,
        )
        other.terminate()
        lines.extend(
            json.loads(line) for line in said.read().splitlines() if line.endswith("}")
        )
        other.wait()
        in_time = {one["member"] for one in lines if one["index"] < made.index}
        return {
            "held_ms": round(made.held * 1e3, 1),
            "waits_ms": [one["ms"] for one in lines],
            "in_time": len(in_time),
            "withdrawn": made.set.manifest["withdrawn"],
            "missed": _missed(Path(out), in_time),
        }

    return work


def _missed(out: Path, members: set[MemberId]) -> int:
    """Count the records of a set in which one of these members has a say."""
    wanted = pa.array(sorted(members, key=int), pa.int64())
    found = 0
    for path in (out / "data").iterdir():
        table = pq.read_table(path, columns=["author", "recipients"])
        authors = np.isin(table["author"].to_numpy(), wanted.to_numpy())
        lists = table["recipients"].combine_chunks()
        rows = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
        named = np.isin(lists.flatten().to_numpy(), wanted.to_numpy())
        authors[rows[named]] = True
        found += int(authors.sum())
    return found


def say_no(root: Path, file: str, first: int) -> None:
    """Record objections of the authors of records, fifty a second, until somebody ends it."""
    table = pq.ParquetFile(file).read_row_group(0, columns=["author"])
    authors = table["author"].unique().drop_null().to_pylist()[first % 1000 :]
    with open_workspace(root, now=NOW) as workspace:
        began = time.perf_counter()
        for number, member in enumerate(authors):
            start = time.perf_counter()
            said = FactEntry(member=member, fact="objection", at=NOW)
            done = record(workspace, [Private(member=member, says=said)])
            ms = round((time.perf_counter() - start) * 1e3, 2)
            index = done.first + done.count - 1
            print(json.dumps({"member": member, "index": index, "ms": ms}), flush=True)
            time.sleep(max(0.0, began + (number + 1) / A_SECOND - time.perf_counter()))


if __name__ == "__main__":
    say_no(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
