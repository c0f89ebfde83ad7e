# SPDX-License-Identifier: Apache-2.0
"""How long a question about a class takes: a thousand releases of a million records each, ten million members.

The rows of releases are as a vault has them: 20 distinct files of a million rows, each under many releases. Every release is
read from its file, hashed and asked by itself. What is told of members is the baseline that the other benchmarks have.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from benchmarks import data
from benchmarks.child import Work, run
from benchmarks.ids import member_ids, member_numbers, record_ids, record_numbers
from privity.app.auditing.opening.baselines import Baseline
from privity.app.auditing.opening.rows import Revision
from privity.audit.asked import Period
from privity.audit.class_report import answer_class
from privity.audit.commitment import ManifestLine
from privity.audit.evidence import COLUMNS, AuditedLog, Gap, Mismatch, Rows, Said, Told
from privity.audit.question import ClassQuestion, Exposure
from privity.audit.rules import BaselineAt
from privity.canonical.encode import digest_file
from privity.canonical.instants import parse_instant
from privity.entries.baseline import BaselineEntry
from privity.entries.claims import Given
from privity.entries.disclosure import HandedOver
from privity.entries.release import Content, CreatedRelease
from privity.ledger.checkpoint import Checkpoint
from privity.members.facts import Fact, MemberId
from privity.release.copy import open_writer
from privity.store.baselines import KeptFile

RELEASES: Final = 1_000
MEMBERS: Final = 10_000_000
ROWS: Final = 1_000_000
FILES: Final = 20

_GROUP: Final = 1 << 16
_BEGAN: Final = parse_instant("2024-09-01T00:00:00Z")
_CATEGORIES: Final = ("post", "article", "comment", "direct-message", "inmail", "group-message")
_SHARES: Final = np.array([0.19, 0.02, 0.28, 0.28, 0.14, 0.09])
_MESSAGES: Final = np.array([False, False, False, True, True, True])
_MADE: Final = (parse_instant("2022-01-01T00:00:00Z"), parse_instant("2026-01-01T00:00:00Z"))
_SCHEMA: Final = pa.schema(
    [
        ("record_id", pa.int64()),
        ("category", pa.string()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("author", pa.int64()),
        ("recipients", pa.list_(pa.int64())),
        ("capacity", pa.string()),
        ("quotes", pa.list_(pa.int64())),
    ]
)
QUESTION: Final = ClassQuestion(
    name="premium-inmail",
    title="Premium members who sent or received InMail before 18 September 2024",
    agreement="subscription",
    categories=("inmail",),
    made=Period(end=parse_instant("2024-09-18T00:00:00Z")),
    purposes=("genai-training",),
    roles=("third-party",),
    exposure=Exposure(sum=1000, currency="USD"),
)


def measure(folder: Path, releases: int, members: int, rows: int) -> dict[str, Any]:
    """Give what a question takes, and what it comes to."""
    place = folder / "audit-class"
    facts = data.facts(folder, members=members, kind="int").file
    made = run("audit_class:making", folder=place, members=members, rows=rows)
    asked = run(
        "audit_class:asking",
        folder=place,
        facts=facts,
        releases=releases,
        most=1_000,
    )
    found = asked.found
    return {
        "releases": releases,
        "members": members,
        "rows_each": rows,
        "mib_each": made.found["mib"],
        "seconds": asked.wall,
        "cpu_seconds": asked.cpu,
        "peak_mib": asked.peak,
        "cpu_ms_a_release": asked.cpu / releases * 1_000,
        "records_of_class": found["records"],
        "members_of_class": found["members"],
        "rows_read": found["records_read"],
    }


def making(folder: str, members: int, rows: int) -> Work:
    """Prepare to make the files of rows."""
    place = Path(folder)

    def work() -> dict[str, Any]:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for number in range(FILES):
            path = place / f"part-{number:06}.parquet"
            with open_writer(path, _SCHEMA, ("quotes.list.element",)) as writer:
                for start in range(0, rows, _GROUP):
                    count = min(_GROUP, rows - start)
                    writer.write_table(_rows(number * rows + start, count, members))
        sizes = [path.stat().st_size for path in place.iterdir()]
        return {"mib": sum(sizes) / len(sizes) / (1 << 20)}

    return work


def _rows(start: int, count: int, members: int) -> pa.Table:
    generator = np.random.Generator(np.random.SFC64([7, start]))
    kinds = generator.choice(len(_CATEGORIES), count, p=_SHARES)
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(_MESSAGES[kinds], out=offsets[1:])
    created = np.sort(generator.integers(*_MADE, count))
    none = pa.array(np.zeros(count + 1, np.int32))
    return pa.table(
        [
            record_ids(record_numbers(np.arange(start, start + count)), "int"),
            pa.array(_CATEGORIES).take(pa.array(kinds)),
            pa.array(created * 1_000_000, pa.timestamp("us", tz="UTC")),
            _people(generator, members, count),
            pa.ListArray.from_arrays(
                pa.array(offsets), _people(generator, members, int(offsets[-1]))
            ),
            pa.repeat("personal", count),
            pa.ListArray.from_arrays(none, pa.array([], pa.int64())),
        ],
        schema=_SCHEMA,
    )


def _people(generator: np.random.Generator, members: int, count: int) -> pa.Array:
    """Draw members, of whom a few write much."""
    ranks = (members * generator.random(count) ** 3).astype(np.int64)
    return member_ids(member_numbers(ranks), "int")


def asking(folder: str, facts: str, releases: int, most: int) -> Work:
    """Prepare the evidence, and ask."""
    place = Path(folder)
    evidence = _evidence(place, Path(facts), releases)

    def work() -> dict[str, Any]:
        report = answer_class(evidence, QUESTION, most=most)
        return dict(report.figures)

    return work


@dataclass(frozen=True, kw_only=True)
class ManyReleases:
    """Evidence of many releases and a baseline, as a workspace's is once it is opened."""

    log: AuditedLog
    baseline: Baseline
    made: dict[str, Revision] = field(repr=False)
    gaps: tuple[Gap, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the baseline tells of members."""
        del size
        yield from self.baseline.of(None if members is None else frozenset(map(str, members)))

    def told_in_columns(self, kinds: Collection[str], size: int) -> Iterator[pa.Table]:
        """Give what the baseline tells, in columns."""
        del size
        yield from self.baseline.in_columns(kinds, numbers=True)

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give the register."""
        del members, size
        lab = Fact(
            member=None,
            fact="recipient",
            value="lab",
            at=0,
            recorded_at=0,
            detail={"role": "third-party"},
        )
        return Given(facts=(lab,))

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the one revision of each release."""
        return (1,) if release in self.made else ()

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a release."""
        del revision
        yield from self.made[release].read(columns)


def _evidence(place: Path, facts: Path, releases: int) -> ManyReleases:
    paths = sorted(place.glob("part-*.parquet"))
    digests = {path.name: digest_file(path) for path in paths}
    public: list[Said] = []
    made = {}
    for number in range(releases):
        path, name = paths[number % len(paths)], f"release-{number}"
        created = _created(name)
        entry = 1 + 2 * number
        public.append(Said(entry=entry, time=_BEGAN + entry, says=created))
        public.append(Said(entry=entry + 1, time=_BEGAN + entry + 1, says=_handed(created)))
        made[name] = Revision(
            entry=entry,
            says=created,
            lines=(_line(path, digests[path.name]),),
            rows=place,
            held={path.name: digests[path.name]},
        )
    log = AuditedLog(
        checkpoint=Checkpoint(origin="bench.example", size=1 + 2 * releases, root=bytes(32)),
        signed_by=(),
        given=True,
        public=tuple(public),
        private=0,
        texts={},
    )
    return ManyReleases(log=log, baseline=_baseline(facts), made=made)


def _line(path: Path, digest: str) -> ManifestLine:
    return ManifestLine(path=path.name, size=path.stat().st_size, rows=0, sha256=digest)


def _created(name: str) -> CreatedRelease:
    content = Content(
        files=1,
        size=1,
        rows=1,
        files_root=bytes(32),
        members=1,
        members_root=bytes(32),
        manifest="0" * 64,
        columns="0" * 64,
    )
    return CreatedRelease(
        release=name,
        clearing=f"{name}-clearing",
        purpose="genai-training",
        recipient="lab",
        ledger_size=1,
        content=content,
        key=sha256(b"key").digest(),
    )


def _handed(created: CreatedRelease) -> HandedOver:
    return HandedOver(
        disclosure=f"{created.release}-out",
        release=created.release,
        revision=1,
        recipient="lab",
        files_root=created.content.files_root,
        certificate="0" * 64,
    )


def _baseline(path: Path) -> Baseline:
    says = BaselineEntry(commitment=bytes(32), claimed_by="network", rows=0)
    at = BaselineAt(entry=0, entered=_BEGAN, says=says, entries=(0,))
    kept = KeptFile(path=path, sha256="0" * 64, size=path.stat().st_size, opening=bytes(32))
    return Baseline(at=at, file=kept, numbers=True)
