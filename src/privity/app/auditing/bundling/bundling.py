# SPDX-License-Identifier: Apache-2.0
"""Write a bundle: everything that an answer rests on, so that others find the same (specs/audit.md, part 7).

The whole public log is in it, and of what lies beside it no more than the question asked for. Records' texts are never in
it: the evidence has none.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import Final

from privity.app.auditing.answering.asking import Inputs
from privity.app.auditing.bundling.bundled_payloads import bundled_lines
from privity.app.auditing.bundling.folders import put, put_copy, put_lines
from privity.app.auditing.bundling.watching import WatchedEvidence
from privity.app.auditing.opening.opening import OpenedEvidence, opened_vault
from privity.app.auditing.opening.sets import SETS, put_set
from privity.app.public_tree.opening import PublicTree
from privity.app.workspace.places import Places
from privity.audit.bundle import (
    MANIFEST,
    PAYLOADS,
    PUBLIC,
    QUESTION,
    BundledFile,
    Manifest,
    OutsideFile,
)
from privity.canonical.encode import digest, digest_file
from privity.entries.whole import PublicObject
from privity.errors import VerificationError
from privity.ledger.forms import to_base64
from privity.ledger.ports import CHECKPOINT, VKEY
from privity.ledger.reading import read_entries, read_hashes
from privity.ledger.tiles import bundles_between, encode_bundle, tiles_between

OF_A_RELEASE: Final = ("files.jsonl", "salt.key", "members/tags.parquet")
"""What a bundle has of a release's folder: what its rows are held to."""


def write_bundle(
    folder: Path, place: str, watched: WatchedEvidence, inputs: Inputs, *, printed_by: str
) -> bytes:
    """Fill the folder of a bundle, and give its manifest, which is written last.

    Args:
        folder: The folder; the forms of the report lie in it already.
        place: Where the evidence was opened.
        watched: The evidence, after the question was answered.
        inputs: The question.
        printed_by: What printed the report.

    Raises:
        OSError: The disk is full or fails.
        UnavailableError: Something cannot be read any more.
        VerificationError: The public tree changed.
    """
    evidence = watched.evidence
    assert isinstance(evidence, OpenedEvidence)  # noqa: S101 - what is opened here, nothing else
    members = None if watched.everybody else _accounts(watched, evidence)
    for name, data in inputs.files.items():
        put(folder / QUESTION / name, data)
    _put_tree(folder / PUBLIC, evidence.read.tree, evidence.read.verified.contents.objects)
    _put_payloads(folder / PAYLOADS, Places(Path(place)), evidence, members)
    _put_baselines(Places(folder), evidence)
    _put_rows(folder, Path(place), evidence, watched.releases)
    for number, name in enumerate(sorted(evidence.shown), 1):
        put_set(evidence.shown[name], folder / SETS / f"{number:04}")
    log, tree = evidence.log, evidence.read.tree
    manifest = Manifest(
        origin=log.checkpoint.origin,
        size=log.checkpoint.size,
        root=to_base64(log.checkpoint.root),
        vkeys=tuple(one.to_text() for one in tree.vkeys),
        key_given=tree.given,
        kind=inputs.kind,
        options=inputs.options,
        question=tuple(sorted(inputs.files)),
        outside=tuple(
            OutsideFile(role=one.role, name=one.name, sha256=one.sha256, size=one.size)
            for one in inputs.outside
        ),
        everybody=watched.everybody,
        members=tuple(sorted(members or ())),
        releases=tuple(sorted(watched.releases)),
        gaps=evidence.gaps,
        mismatches=evidence.mismatches,
        made_by=f"privity {version('privity')}",
        printed_by=printed_by,
        files=tuple(_files(folder)),
    )
    data = manifest.to_bytes()
    put(folder / MANIFEST, data)
    return data


def _accounts(watched: WatchedEvidence, evidence: OpenedEvidence) -> frozenset[str]:
    """Give whom the answer rests on, and the accounts that were merged into them."""
    told = evidence.told(watched.members, evidence.log.checkpoint.size)
    found = {str(one.fact.member) for one in told if one.fact.member is not None}
    return frozenset(found | {str(one) for one in watched.members})


def _put_tree(folder: Path, tree: PublicTree, objects: Collection[PublicObject]) -> None:
    """Copy a public tree as it was when its checkpoint was signed."""
    size = tree.checkpoint.size
    for tile in tiles_between(0, size):
        put(folder / tile.path(), b"".join(read_hashes(tree.reader, tile)))
    for bundle in bundles_between(0, size):
        put(folder / bundle.path(), encode_bundle(read_entries(tree.reader, bundle)))
    needed = {one.path: one for one in objects if one.needed}
    for path, one in needed.items():
        data = tree.reader.read(path)
        if digest(data) != one.sha256:
            raise VerificationError(
                f"`{path}` is not the {one.noun} that entry {one.index} names",
                code="verify/text",
            )
        put(folder / path, data)
    put(folder / VKEY, "".join(f"{one.to_text()}\n" for one in tree.vkeys).encode())
    put(folder / CHECKPOINT, tree.note.to_bytes())


def _put_payloads(
    path: Path, places: Places, evidence: OpenedEvidence, members: Collection[str] | None
) -> None:
    origin, size = evidence.log.checkpoint.origin, evidence.log.checkpoint.size
    with opened_vault(places, origin) as (store, keys):
        if store is None or keys is None:
            put(path, b"")  # a public tree shows nobody's
        else:
            put_lines(path, bundled_lines(store, keys, size=size, members=members))


def _put_baselines(places: Places, evidence: OpenedEvidence) -> None:
    # A commitment opens the whole file or nothing.
    for one in evidence.baselines:
        kept = places.baselines / f"{one.file.sha256}.parquet"
        put_copy(kept, one.file.path)
        put(kept.with_suffix(".opening"), one.file.opening)


def _put_rows(
    folder: Path, place: Path, evidence: OpenedEvidence, releases: Collection[str]
) -> None:
    for name in sorted(releases):
        source, target = place / "releases" / name, folder / "releases" / name
        for revision in evidence.held.get(name, ()):
            for one in OF_A_RELEASE:
                # One that is missing is a gap already.
                if (source / one).is_file():
                    put_copy(target / one, source / one)
            for line in revision.lines:
                rows = Places(folder).release_vault / name / line.path
                put_copy(rows, revision.rows / line.path)
                tags = PurePath("members", line.path)
                if (source / tags).is_file():
                    put_copy(target / tags, source / tags)


def _files(folder: Path) -> list[BundledFile]:
    found = [
        BundledFile(
            path=path.relative_to(folder).as_posix(),
            sha256=digest_file(path),
            size=path.stat().st_size,
        )
        for path in folder.rglob("*")
        if path.is_file()
    ]
    return sorted(found, key=lambda one: one.path)
