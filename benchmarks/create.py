# SPDX-License-Identifier: Apache-2.0
"""Making a release, beside making a set of the same records by the same ledger.

Both decide and copy; a release also has its columns checked, what its rows were decided by, hashes of all files and row
groups, tags of all members, an index, papers with plots, and a table. Each time both are made, one after the other; the ratio
is the median of the pairs.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.child import Measured, Work, run
from benchmarks.data import PURPOSE, RECIPIENT
from benchmarks.race import NOW
from privity.app.releases.making.creating import ReleaseRequest, create_release
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.app.workspace.sets import clear_workspace
from privity.sources.native import open_records

RECORDS: Final = 10_000_000
PAIRS: Final = 3


def measure(folder: Path, records: int, members: int, pairs: int = PAIRS) -> dict[str, Any]:
    """Give how long both take, and by how much a release takes longer."""
    shape = {"records": records, "members": members, "body": 340, "kind": "int"}
    facts = {"members": members, "kind": "int"}
    made = dict(run("data:make", folder=folder, facts_of=facts, records_of=shape).found)
    place = folder / "create"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    run("race:founding", root=place / "workspace", facts=made["facts"])
    sets, releases = list[Measured](), list[Measured]()
    for number in range(pairs):
        given = {"root": place / "workspace", "files": made["files"]}
        sets.append(run("create:clearing", **given, out=place / "set"))
        shutil.rmtree(place / "set")
        releases.append(run("create:releasing", **given, name=f"release-{number}"))
        for kept in ("releases", "vault/releases"):
            shutil.rmtree(place / "workspace" / kept / f"release-{number}")
    ratios = [one.wall / other.wall for one, other in zip(releases, sets, strict=True)]
    busy = [one.cpu / other.cpu for one, other in zip(releases, sets, strict=True)]
    return {
        "records": records,
        "permitted": releases[0].found["rows"],
        "members": releases[0].found["members"],
        "files": releases[0].found["files"],
        "clear_s": round(median(one.wall for one in sets), 2),
        "create_s": round(median(one.wall for one in releases), 2),
        "create_ratio": round(median(ratios), 3),
        "create_cpu_ratio": round(median(busy), 3),
        "clear_peak_mib": round(max(one.peak for one in sets)),
        "create_peak_mib": round(max(one.peak for one in releases)),
    }


def clearing(root: str, files: list[str], out: str) -> Work:
    """Prepare to make a set."""
    sources = open_records([Path(path) for path in files])

    def work() -> dict[str, Any]:
        made = clear_workspace(
            root, sources, purpose=PURPOSE, recipient=RECIPIENT, now=NOW, out=out
        )
        return {"rows": made.set.summary.permitted}

    return work


def releasing(root: str, files: list[str], name: str) -> Work:
    """Prepare to make a release."""
    sources = open_records([Path(path) for path in files])

    def work() -> dict[str, Any]:
        with open_workspace(Path(root), now=NOW) as workspace:
            made = create_release(
                workspace,
                sources,
                ReleaseRequest(name=name, purpose=PURPOSE, recipient=RECIPIENT),
            )
            publish_now(workspace)
        content = made.state.content
        return {"rows": content.rows, "members": content.members, "files": content.files}

    return work
