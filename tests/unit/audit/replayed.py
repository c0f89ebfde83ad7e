# SPDX-License-Identifier: Apache-2.0
"""Made logs of a release that is used as it may be, to change one thing in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from privity.audit.evidence import Gap
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.audit.report import Finding, Report
from privity.canonical.instants import Instant
from privity.decide.request import Record, RecordId
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.kinds import PublicKind
from privity.entries.release import CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import DoneRevocation, DueRevocation, RevocationAck
from privity.entries.run import RunStart
from privity.members.facts import Fact, MemberId
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence
from privity.testing.plain import POLICY, day, register, told

MADE: Final = "2025-06-01"
DIGEST: Final = sha256(b"something").hexdigest()
ROOT: Final = sha256(b"something").digest()

Says = tuple[Instant, PublicKind]


def post(name: RecordId, author: MemberId = "a", **keys: Any) -> Record:
    values: dict[str, Any] = {
        "record_id": name,
        "category": "post",
        "created_at": day("2025-02-01"),
        "author": author,
    }
    return Record(**{**values, **keys})


POSTS: Final = (post("p1"), post("p2", "b"), post("p3", "b"))


def release(*records: Record, **keys: Any) -> MadeRelease:
    values: dict[str, Any] = {
        "release": "corpus",
        "time": day(MADE),
        "files": [records or POSTS],
    }
    return MadeRelease(**{**values, **keys})


def handed(
    on: str, *, name: str = "h1", to: str = "self", of: str = "corpus", revision: int = 1
) -> Says:
    return day(on), HandedOver(
        disclosure=name,
        release=of,
        revision=revision,
        recipient=to,
        files_root=ROOT,
        certificate=DIGEST,
    )


def acknowledged(on: str, name: str = "h1") -> Says:
    return day(on), AcknowledgedDisclosure(disclosure=name, acknowledgement=DIGEST)


def failed(on: str, name: str = "h1") -> Says:
    return day(on), FailedDisclosure(disclosure=name)


def run(
    on: str,
    *of: tuple[str, int],
    name: str = "t1",
    by: str = "self",
    base: str | None = None,
) -> Says:
    return day(on), RunStart(
        run=name,
        recipient=by,
        releases=of or (("corpus", 1),),
        ledger_size=1,
        code=DIGEST,
        config=DIGEST,
        base=base,
    )


def due(
    on: str,
    *,
    records: int = 1,
    before: str = "2025-08-01",
    name: str = "corpus-2",
    revision: int = 1,
    at: str | None = None,
) -> Says:
    return day(on), DueRevocation(
        revocation=name,
        release="corpus",
        revision=revision,
        ledger_size=1,
        members=1,
        records=records,
        tags_root=ROOT,
        deadline=day(before),
        at=None if at is None else day(at),
    )


def done(on: str, *, name: str = "corpus-2", revision: int = 2) -> Says:
    return day(on), DoneRevocation(revocation=name, release="corpus", revision=revision)


def attested(on: str, *, by: str = "lab", name: str = "corpus-2") -> Says:
    return day(on), RevocationAck(revocation=name, recipient=by, attestation=DIGEST)


def ended(on: str) -> Says:
    return day(on), EndedRelease(release="corpus", why="withdrawn")


def evidence_of(
    *,
    facts: Iterable[Fact] = (),
    releases: Sequence[MadeRelease] | None = None,
    says: Iterable[Says] = (),
    versions: Iterable[Mapping[str, Any]] = (POLICY,),
    members: Iterable[MemberId] = ("a", "b", "c"),
    **keys: Any,
) -> MadeEvidence:
    """Make evidence in which everything of the release is permitted, but for what is said besides."""
    known = [*register(), *(one for member in members for one in told(member))]
    made = made_evidence(
        versions=versions,
        facts=[*known, *facts],
        releases=[release()] if releases is None else releases,
        says=says,
        **keys,
    )
    return _with_roots(made)


def replay(**keys: Any) -> Report:
    """Replay such evidence; `question` says how."""
    question = keys.pop("question", ReplayQuestion())
    return answer_replay(evidence_of(**keys), question)


def found(
    report: Report,
) -> list[tuple[str, int | None, tuple[str | int, ...], tuple[str, ...]]]:
    """Give kind, entry, records and reasons of each finding."""
    return [(one.kind, one.entry, one.records, one.reasons) for one in report.findings]


def kinds(report: Report) -> list[str]:
    return [one.kind for one in report.findings]


def only(report: Report) -> Finding:
    (one,) = report.findings
    return one


def gap(report: Report, kind: str) -> Gap:
    (one,) = [one for one in report.not_covered if one.kind == kind]
    return one


def _with_roots(made: MadeEvidence) -> MadeEvidence:
    """Let hand-overs that say nothing else be of the files that their release has."""
    roots = {
        (one.says.release, one.says.revision): one.says.content.files_root
        for one in made.log.public
        if isinstance(one.says, CreatedRelease | RevisedRelease)
    }
    public = tuple(
        replace(
            one,
            says=replace(
                one.says,
                files_root=roots.get((one.says.release, one.says.revision), ROOT),
            ),
        )
        if isinstance(one.says, HandedOver) and one.says.files_root == ROOT
        else one
        for one in made.log.public
    )
    return replace(made, log=replace(made.log, public=public))
