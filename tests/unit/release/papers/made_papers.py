# SPDX-License-Identifier: Apache-2.0
"""Releases to write papers of: numbers from a list of refused records, and a folder with a small table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.instants import parse_instant
from privity.entries.dsse import EnvelopeSigner
from privity.entries.release import Content, CreatedRelease, RevisedRelease
from privity.policy.model import (
    Agreement,
    DefaultLine,
    Notice,
    ObligationRule,
    Rule,
    Scope,
    Setting,
    Version,
)
from privity.release.described import Described
from privity.release.files import MANIFEST, Manifest, describe_files
from privity.release.papers.making import Making, making_of
from privity.release.papers.writing import write_making
from privity.release.sidecar import TAGS
from privity.release.summary import Cell, Summary

AT = parse_instant("2026-11-20T08:00:00Z")
NOW = parse_instant("2026-11-22T08:00:00Z")
END = parse_instant("2027-11-20T00:00:00Z")
SIGNER = EnvelopeSigner(seed=bytes(range(32)))
Refused = tuple[str, tuple[str, ...], str, int]
"""Records of a category, refused for these reasons, by parties of a place; how many."""

SCHEMA = pa.schema(
    [
        ("record_id", pa.int64()),
        ("category", pa.string()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("author", pa.string()),
        ("recipients", pa.list_(pa.string())),
        ("quotes", pa.list_(pa.int64())),
        ("body", pa.string()),
    ]
)
SOME: tuple[Refused, ...] = (
    ("post", ("opted-out",), "US", 40),
    ("post", ("no-notice", "before-notice"), "BR", 30),
    ("post", ("minor",), "US", 2),
    ("inmail", ("forbidden", "explicit-only"), "US", 90),
    ("inmail", ("forbidden", "opted-out"), "FR", 3),
    ("comment", ("opted-out",), "BR", 12),
)


def summary_of(permitted: Mapping[str, int], refused: Iterable[Refused]) -> Summary:
    """Count records, one reason and place at a time."""
    yes, no = Counter(permitted), Counter[str]()
    reasons, each = Counter[str](), dict[str, Counter[str]]()
    cells = Counter[tuple[str, str, str]]()
    for category, why, place, count in refused:
        no[category] += count
        for reason in why:
            reasons[reason] += count
            each.setdefault(category, Counter())[reason] += count
            cells[reason, category, place] += count
    return Summary(
        records=yes.total() + no.total(),
        permitted=yes.total(),
        duplicates=0,
        by_category={name: (yes[name] + no[name], yes[name]) for name in sorted({*yes, *no})},
        reasons=dict(reasons),
        reasons_by_category={name: dict(some) for name, some in each.items()},
        cells=tuple(
            Cell(reason=reason, category=category, jurisdiction=place, records=count)
            for (reason, category, place), count in sorted(cells.items())
        ),
        obligations=(),
    )


def version(label: str = "Data for Generative AI Improvement", **keys: Any) -> Version:
    """Give a policy version with a setting, a rule, a promise and an obligation."""
    scope = Scope(
        purposes=("genai-training",), categories=("content",), recipients=("third-party",)
    )
    setting = Setting(
        id="genai-improvement",
        label=label,
        scope=scope,
        live_from=0,
        exempt=("EU", "GB"),
        default=(DefaultLine(places=("IN",), on=False), DefaultLine(places=None, on=True)),
        explicit_only=("private-message",),
        notice="genai-2024-09",
        objection_window=30 * 86_400,
        minimum_age=18,
    )
    promise = Rule(
        id="confidentiality", scope=Scope(categories=("private-message",), recipients=None)
    )
    return Version(
        policy="genai-training",
        version="2024-09-18",
        controller="network",
        published_at=parse_instant("2024-09-18T00:00:00Z"),
        effective_at=parse_instant("2024-09-18T00:00:00Z"),
        settings={setting.id: setting},
        notices={"genai-2024-09": Notice(id="genai-2024-09", effective_at=0)},
        agreements={"subscription": Agreement(id="subscription", promises=(promise,))},
        forbid=(Rule(id="no-credentials", scope=Scope(categories=("credentials",))),),
        obligations=(
            ObligationRule(
                scope=Scope(recipients=("third-party",)),
                do=("pseudonymise", "redact-contact", "expires"),
            ),
        ),
        **keys,
    )


def manifest_of(**keys: Any) -> dict[str, Any]:
    """Give what a clearing's manifest says, as far as papers ask."""
    return {
        "request": {
            "purpose": "genai-training",
            "recipient": "lab",
            "role": "third-party",
            "at": "2026-11-20T08:00:00Z",
        },
        "sources": [{"name": "secret-project.parquet", "records": 300, "sha256": "ab" * 32}],
        "obligations": ["pseudonymise"],
        "ledger": {
            "attested": [{"says": "attested by counsel, not witnessed", "records": 3}],
            "clock": "simulated",
        },
        "program": "privity 0.1.0",
        "vocabulary": "1.0.0",
    } | keys


def making(summary: Summary | None = None, of: Version | None = None, **keys: Any) -> Making:
    """Give how a release was made."""
    return making_of(
        summary_of({"post": 20, "comment": 8}, SOME) if summary is None else summary,
        manifest_of(**keys),
        SCHEMA,
        version() if of is None else of,
    )


def table_of(rows: int, first: int = 0) -> pa.Table:
    """Make some rows."""
    return pa.table(
        {
            "record_id": range(first, first + rows),
            "category": ["post"] * rows,
            "created_at": pa.array([AT * 1_000_000] * rows, SCHEMA.field("created_at").type),
            "author": [f"m{number}" for number in range(rows)],
            "recipients": [[]] * rows,
            "quotes": [[]] * rows,
            "body": [f"text {number}" for number in range(rows)],
        },
        schema=SCHEMA,
    )


def described(manifest: Manifest | None = None, **keys: Any) -> Described:
    """Give what a log says of a release as it is made."""
    content = Content(
        files=0 if manifest is None else len(manifest.lines),
        size=0 if manifest is None else manifest.size,
        rows=0 if manifest is None else manifest.rows,
        files_root=bytes(32) if manifest is None else manifest.root,
        members=0 if manifest is None else 20,
        members_root=bytes(range(32)),
        manifest="00" * 32 if manifest is None else manifest.sha256,
        columns="cd" * 32,
    )
    created = CreatedRelease(
        **{
            "release": "lab-2026-11",
            "clearing": "0a1b2c3d",
            "purpose": "genai-training",
            "recipient": "lab",
            "ledger_size": 1234,
            "policy": "genai-training",
            "version": "2024-09-18",
            "content": content,
            "key": SIGNER.public,
            "expires_at": END,
            **keys,
        }
    )
    return Described(
        origin="example.com/log", created=created, created_at=1236, says=created, index=1236
    )


def revised(made: Described, content: Content, revision: int = 2) -> Described:
    """Give what a log says once something was taken back."""
    says = RevisedRelease(
        release=made.name,
        revision=revision,
        ledger_size=2000,
        content=content,
        revocation="r-1",
    )
    return replace(made, says=says, index=2005)


def put_release(folder: Path, made: Making | None = None) -> Described:
    """Write a table of two files with its manifest, and how it was made; papers are not written."""
    table = folder / "table"
    table.mkdir(parents=True)
    for number in range(2):
        pq.write_table(table_of(14, 14 * number), table / f"part-00000{number}.parquet")
    manifest = describe_files(table, [one.name for one in sorted(table.iterdir())], 1)
    (folder / MANIFEST).write_bytes(manifest.to_bytes())
    members = folder / "members"
    members.mkdir()
    for name in (TAGS, *(one.path for one in manifest.lines)):
        (members / name).write_bytes(b"whose rows are where")
    write_making(folder, making() if made is None else made)
    found = described(manifest)
    (folder / "release.json").write_bytes(found.to_bytes())
    return found
