# SPDX-License-Identifier: Apache-2.0
"""The manifest of a cleared set: what went in, what was asked, what came out (docs/clearing.md).

It has no clock and no path of the machine: the same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from privity.canonical.instants import format_instant
from privity.decide.many import Compiled
from privity.release.copy import Part
from privity.release.job import Job
from privity.release.reading import RecordFile
from privity.release.staged import Staged
from privity.vocabulary.terms import vocabulary

FORMAT: Final = "privity-clearing/1"


def manifest(
    compiled: Compiled, files: Sequence[RecordFile], made: Staged, job: Job
) -> Mapping[str, Any]:
    """Describe a clearing."""
    summary = made.summary
    request, version = compiled.plan.request, compiled.plan.version
    return {
        "format": FORMAT,
        "request": {
            "purpose": request.purpose,
            "recipient": request.recipient,
            "role": compiled.plan.role,
            "at": format_instant(request.at),
            "known": format_instant(request.known),
        },
        "policy": {
            "name": version.policy if version is not None else None,
            "in_force": version.version if version is not None else None,
            "known": [one.version for one in compiled.plan.policy.versions],
        },
        **job.described,
        "vocabulary": vocabulary()["version"],
        "sources": [
            _source(file, digest) for file, digest in zip(files, made.digests, strict=True)
        ],
        "threads": job.threads,
        "obligations": list(made.obligations),
        "counts": {
            "records": summary.records,
            "permitted": summary.permitted,
            "refused": summary.refused,
            "duplicates": summary.duplicates,
            "by_category": {
                name: {"records": records, "permitted": permitted}
                for name, (records, permitted) in summary.by_category.items()
            },
            "reasons": dict(summary.reasons),
            **({} if summary.copies is None else {"copies": asdict(summary.copies)}),
        },
        "data": [_described(part, made) for part in made.parts],
        **({} if made.withdrawn is None else {"withdrawn": made.withdrawn}),
    }


def _source(file: RecordFile, digest: str) -> Mapping[str, Any]:
    """Describe a source, with the binding that says what its columns mean: other words are other records."""
    binding = getattr(file, "binding", None)
    described = {"name": file.name, "records": file.rows, "sha256": digest}
    return described if binding is None else described | {"binding": binding}


def _described(part: Part, made: Staged) -> Mapping[str, Any]:
    described = {"name": str(part.path.relative_to(made.folder)), "records": part.rows}
    if made.withdrawn is not None:
        # The ledger speaks of the set before the last rows are taken out of its files.
        return described
    return described | {"bytes": part.path.stat().st_size}
