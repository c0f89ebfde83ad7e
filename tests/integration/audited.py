# SPDX-License-Identifier: Apache-2.0
"""A small audit with its bundle: a workspace with a baseline and a release, a statement that fails, an auditor's key."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import release
from tests.integration.workspaces import FOUNDED, SAID, Made, make

from privity.app.auditing.answering.asking import Inputs, answer
from privity.app.auditing.bundling.reporting import write_report
from privity.app.auditing.bundling.watching import WatchedEvidence
from privity.app.auditing.opening.opening import open_evidence
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.encode import digest, encode_canonical
from privity.cli import main
from privity.entries.dsse import EnvelopeSigner
from privity.entries.key_files import public_to_pem

STATEMENT = b"""\
statement: us
says: Messages of members in the US were never used.
never:
  members: {in: [US]}
  records: {categories: [message]}
"""
SIGNER = EnvelopeSigner(seed=bytes(range(32)))
OTHER = EnvelopeSigner(seed=bytes(range(1, 33)))
INPUTS = Inputs(kind="statement", files={"statement.yaml": STATEMENT})


@dataclass(frozen=True)
class Audited:
    """A report with its bundle."""

    made: Made
    out: Path
    auditor: Path

    @property
    def earlier(self) -> Path:
        """The public log as it was, and was signed, before the release."""
        return self.out.parent / "earlier"

    @property
    def bundle(self) -> Path:
        return self.out / "bundle"


def put_audit(folder: Path, *, everybody: bool = False) -> Audited:
    """Make a workspace, audit it, and sign the report."""
    made = make(folder, count=60)
    _put_baseline(made, folder / "before.parquet")
    shutil.copytree(made.root / "public", folder / "earlier")
    release(made)
    auditor = folder / "auditor.pub"
    auditor.write_bytes(public_to_pem(SIGNER.public))
    out = folder / "out"
    write_audit(made, out, everybody=everybody)
    return Audited(made=made, out=out, auditor=auditor)


def write_audit(made: Made, out: Path, *, everybody: bool = False) -> None:
    """Audit a workspace, and sign the report."""
    watched = WatchedEvidence(open_evidence(made.root))
    if everybody:
        list(watched.told(None, 1))
    report = answer(watched, INPUTS)
    write_report(out, report, watched, INPUTS, place=str(made.root), signer=SIGNER)


def _put_baseline(made: Made, path: Path) -> None:
    stamp = pa.array([FOUNDED * 1_000_000]).cast(pa.timestamp("us", tz="UTC"))
    facts = {"member": ["early"], "fact": ["joined"], "value": [""], "at": stamp}
    pq.write_table(pa.table({**facts, "recorded_at": stamp, "detail": [""]}), path)
    with open_workspace(made.root, now=SAID) as workspace:
        record_baseline(workspace, path, claimed_by="platform")
        publish_now(workspace)


def forge(bundle: Path, change: Callable[[dict], None] = lambda _: None) -> None:
    """Write a manifest that names the files as they lie there now, as a forger would."""
    path = bundle / "bundle.json"
    said = json.loads(path.read_bytes())
    said["files"] = [
        {
            "path": one.relative_to(bundle).as_posix(),
            "sha256": digest(one.read_bytes()),
            "size": one.stat().st_size,
        }
        for one in sorted(bundle.rglob("*"), key=lambda one: one.relative_to(bundle).as_posix())
        if one.is_file() and one.name not in {"bundle.json", "signature.json"}
    ]
    change(said)
    path.write_bytes(encode_canonical(said))


def files_of(bundle: Path) -> list[str]:
    return sorted(
        one.relative_to(bundle).as_posix() for one in bundle.rglob("*") if one.is_file()
    )


def run(*arguments: object) -> int:
    """Run the program, and give its exit code."""
    with pytest.raises(SystemExit) as caught:
        main([str(one) for one in arguments])
    return int(caught.value.code or 0)
