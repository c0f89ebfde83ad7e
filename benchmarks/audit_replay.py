# SPDX-License-Identifier: Apache-2.0
"""How long a replay takes: a release of a workspace and its hand-over, each record decided again for both by the plain rule.

What is told of members is a baseline, the rows are those that the release was decided by, and the log is verified first.
Opening is measured apart: every question begins with it. A core is counted by the seconds that it was busy.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

from benchmarks.child import Work, run
from benchmarks.race import NOW
from privity.app.auditing.opening.opening import open_evidence
from privity.app.releases.state.register import register_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now, record
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.entries.disclosure import AcknowledgedDisclosure, HandedOver

RECORDS: Final = 1_000_000
MEMBERS: Final = 200_000
SAMPLE: Final = 10_000
RATE: Final = 5_000
"""Records a second on one core, at least."""
NAME: Final = "release"
_DIGEST: Final = "0" * 64


def measure(folder: Path, records: int, members: int) -> dict[str, Any]:
    """Give what a replay of all records takes, and one of a sample."""
    shape = {"records": records, "members": members, "body": 100, "kind": "int"}
    facts = {"members": members, "kind": "int"}
    made = dict(run("data:make", folder=folder, facts_of=facts, records_of=shape).found)
    place = folder / "audit-replay"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    root = place / "workspace"
    run("race:founding", root=root, facts=made["facts"])
    run("create:releasing", root=root, files=made["files"], name=NAME)
    run("audit_replay:handing", root=root)
    opened = run("audit_replay:opening", root=root)
    every = run("audit_replay:replaying", root=root, sample=None)
    drawn = run("audit_replay:replaying", root=root, sample=SAMPLE)
    shutil.rmtree(place)
    return {
        "records": every.found["records"],
        "members": members,
        "decisions": every.found["decisions"],
        "answer": every.found["answer"],
        "open_s": round(opened.wall, 2),
        "open_cpu_s": round(opened.cpu, 2),
        "replay_s": round(every.wall, 2),
        "replay_cpu_s": round(every.cpu, 2),
        "records_a_core_s": round(every.found["records"] / every.cpu),
        "decisions_a_core_s": round(every.found["decisions"] / every.cpu),
        "peak_mib": round(every.peak),
        "sample": SAMPLE,
        "sample_s": round(drawn.wall, 2),
        "sample_at_most": drawn.found["at_most"],
    }


def handing(root: str) -> Work:
    """Prepare to enter that the release went to its recipient, who acknowledged it; nothing is copied."""

    def work() -> dict[str, Any]:
        with open_workspace(Path(root), now=NOW + 60) as workspace:
            state = register_of(workspace).release(NAME)
            handed = HandedOver(
                disclosure="handed",
                release=NAME,
                revision=state.revision,
                recipient=state.recipient,
                files_root=state.content.files_root,
                certificate=_DIGEST,
            )
            acknowledged = AcknowledgedDisclosure(disclosure="handed", acknowledgement=_DIGEST)
            record(workspace, [handed, acknowledged])
            publish_now(workspace)
        return {}

    return work


def opening(root: str) -> Work:
    """Prepare to open the evidence."""

    def work() -> dict[str, Any]:
        return {"gaps": len(open_evidence(root).gaps)}

    return work


def replaying(root: str, sample: int | None) -> Work:
    """Prepare to decide the release's records again; the evidence is open."""
    evidence = open_evidence(root)

    def work() -> dict[str, Any]:
        report = answer_replay(evidence, ReplayQuestion(sample=sample))
        return {
            "answer": report.answer,
            "records": report.figures["decided"],
            "decisions": report.figures["decisions"],
            "at_most": report.figures["at_most"],
        }

    return work
