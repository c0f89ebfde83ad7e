# SPDX-License-Identifier: Apache-2.0
"""Open a bundle as evidence: verified as a workspace is, and from its own files alone (specs/audit.md, part 7).

What the bundle does not have is refused when it is asked for, and never answered as if there were nothing. What its maker
did not have is said by its manifest; whatever the log shows besides to be missing must be said there too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from privity.app.auditing.bundling.bundle_streams import check_streams
from privity.app.auditing.bundling.bundled_payloads import BundledPayloads
from privity.app.auditing.opening.baselines import open_baselines
from privity.app.auditing.opening.gaps import releases_of
from privity.app.auditing.opening.holding import hold_releases
from privity.app.auditing.opening.log import read_log
from privity.app.auditing.opening.opening import OpenedEvidence, Progress
from privity.app.auditing.opening.payloads import open_payloads
from privity.app.auditing.opening.sets import SETS, open_sets
from privity.app.public_tree.files import read_file
from privity.app.public_tree.opening import open_tree
from privity.app.workspace.places import Places
from privity.audit.bundle import MANIFEST, PAYLOADS, PUBLIC, SIGNATURE, Manifest
from privity.audit.evidence import COLUMNS, AuditedLog, Gap, Mismatch, Rows, Told
from privity.audit.rules import read_rules
from privity.audit.sets import SET
from privity.canonical.encode import digest_file
from privity.entries.claims import Given
from privity.errors import InputError, PrivityError, VerificationError
from privity.ledger.forms import to_base64
from privity.ledger.note import Vkey
from privity.ledger.ports import VKEY
from privity.members.facts import MemberId

_CLOSED: Final = frozenset({"private-facts", "erased"})
_ROWS: Final = frozenset({"not-shown", "rows-gone", "not-bound"})


@dataclass(frozen=True, kw_only=True, slots=True)
class BundledEvidence:
    """Evidence from a bundle.

    Attributes:
        manifest: What the bundle has.
        evidence: What was opened of it.
    """

    manifest: Manifest
    evidence: OpenedEvidence

    @property
    def log(self) -> AuditedLog:
        """The log."""
        return self.evidence.log

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What its maker lacked."""
        return self.manifest.gaps

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Where its maker found something else than what entries commit to."""
        return self.manifest.mismatches

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the first entries tell of members; raises where they are not in the bundle."""
        self._check(members)
        return self.evidence.told(members, size)

    @property
    def sets(self) -> tuple[str, ...]:
        """The names of the clearings whose sets are shown."""
        return self.evidence.sets

    def told_in_columns(self, kinds: Collection[str], size: int) -> Iterator[pa.Table]:
        """Give what the first entries tell of all members, of some kinds of facts, in columns."""
        self._check(None)
        return self.evidence.told_in_columns(kinds, size)

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give what decisions rest on after the first entries; raises where members are not in the bundle."""
        self._check(members)
        return self.evidence.given(members, size)

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the revisions of a release of which rows are here; raises where it is not in the bundle."""
        self._check_release(release)
        return self.evidence.revisions(release)

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a revision, file by file; raises where it is not in the bundle."""
        self._check_release(release)
        return self.evidence.rows(release, revision, columns)

    def _check(self, members: Collection[MemberId] | None) -> None:
        if self.manifest.everybody:
            return
        if members is None or not {str(one) for one in members} <= {*self.manifest.members}:
            raise _lacks("what is told of members that the answer rests on")

    def _check_release(self, release: str) -> None:
        if release not in self.manifest.releases:
            raise _lacks("a release that the answer rests on")


def open_bundle(
    folder: Path, vkeys: tuple[str, ...] = (), *, progress: Progress | None = None
) -> BundledEvidence:
    """Open a bundle, and verify everything in it but the answer.

    Args:
        folder: The bundle.
        vkeys: The keys of the log to believe, as text or as names of files; none: those that its maker believed.
        progress: Told of how far it came.

    Raises:
        InputError: There is no bundle, or a key is none.
        VerificationError: Something in it does not hold, is missing, or is too much.
        UnavailableError: It cannot be read.
    """
    tell = progress or (lambda _stage, _done, _all: None)
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    tree = str(folder / PUBLIC)
    if vkeys:
        # Whose log it is says who verifies; whose key its maker believed is part of what is answered again.
        open_tree(tree, vkeys)
    _check_vkeys(manifest)
    read = read_log(tree, manifest.vkeys, progress=lambda done, every: tell("log", done, every))
    read = replace(read, log=replace(read.log, given=manifest.key_given))
    checkpoint = read.log.checkpoint
    said = (manifest.origin, manifest.size, manifest.root)
    served = "".join(f"{one}\n" for one in manifest.vkeys).encode()
    if read.tree.reader.read(VKEY) != served or said != (
        checkpoint.origin,
        checkpoint.size,
        to_base64(checkpoint.root),
    ):
        raise VerificationError(
            f"the bundle is of {manifest.size} entries of `{manifest.origin}`, and its log is another or was cut",
            code="audit/bundle-log",
        )
    rules = read_rules(read.log)
    payloads = BundledPayloads.read((folder / PAYLOADS).read_bytes())
    opened = open_payloads(
        payloads,
        payloads,
        read.private,
        origin=checkpoint.origin,
        size=checkpoint.size,
        progress=lambda done: tell("facts", done, read.log.private),
    )
    places = Places(folder)
    baselines, missing = open_baselines(places.baselines, rules.baselines)
    releases = hold_releases(
        places,
        read.log,
        rules,
        payloads.secrets().get,
        keyless=not manifest.everybody or bool(opened.closed),
        whole=False,
        only=manifest.releases,
    )
    shown, _ = open_sets(sorted((folder / SETS).glob("*")), read.log, whole=False)
    evidence = OpenedEvidence(
        read=read,
        rules=rules,
        opened=opened,
        baselines=baselines,
        held=releases.revisions,
        shown=shown,
    )
    _check_gaps(manifest, evidence, (*missing, *releases.gaps))
    if not {one.kind for one in manifest.gaps} & _CLOSED:
        check_streams(places, evidence, {*manifest.members} - payloads.secrets().keys())
    return BundledEvidence(manifest=manifest, evidence=evidence)


def _check_vkeys(manifest: Manifest) -> None:
    """Check that the keys that a maker believed are keys: who forges a manifest may name any file of whoever reads it."""
    try:
        same = [Vkey.parse(one).to_text() for one in manifest.vkeys] == [*manifest.vkeys]
    except PrivityError:
        same = False
    if not same:
        raise VerificationError(
            f"`{MANIFEST}` names keys of the log that are none", code="audit/bundle"
        )


def read_manifest(folder: Path) -> Manifest:
    """Read what a bundle says that it has.

    Raises:
        InputError: There is no bundle.
        VerificationError: It is none (`audit/bundle`).
    """
    if not (folder / MANIFEST).is_file():
        raise InputError(
            f"`{folder}` has no `{MANIFEST}`, expected a bundle that `privity audit … --out` made",
            code="audit/no-bundle",
        )
    return Manifest.parse(read_file(folder / MANIFEST))


def check_files(folder: Path, manifest: Manifest) -> None:
    """Check that a bundle has the very files that its manifest names ([AUD-161]).

    Raises:
        VerificationError: One is missing, changed or too much (`audit/bundle-file`).
    """
    said = {one.path: one for one in manifest.files}
    there = {*_paths(folder)} - {MANIFEST, SIGNATURE}
    for path in sorted(there ^ said.keys()):
        what = "is not there" if path in said else "is not in its manifest"
        raise _wrong_file(path, what)
    for path, file in sorted(said.items()):
        place = folder / path
        if place.stat().st_size != file.size or digest_file(place) != file.sha256:
            raise _wrong_file(path, "was changed")


def _paths(folder: Path) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            # What is only pointed at may change between two looks.
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise _wrong_file(path.relative_to(folder).as_posix(), "is no plain file")
        for name in files:
            yield Path(root, name).relative_to(folder).as_posix()


def _check_gaps(manifest: Manifest, evidence: OpenedEvidence, missing: tuple[Gap, ...]) -> None:
    """Check that the manifest says of everything that is missing that it is ([AUD-164])."""
    said = {one.kind for one in manifest.gaps}
    if manifest.everybody and evidence.opened.closed and not said & _CLOSED:
        raise _lacks("what private entries say, and does not say so")
    if manifest.everybody and evidence.opened.unread and not said & {"unread", *_CLOSED}:
        raise _lacks("payloads of entries, and does not say so")
    facts = {entry for one in manifest.gaps if one.kind in _CLOSED for entry in one.entries}
    rows = {entry for one in manifest.gaps if one.kind in _ROWS for entry in one.entries}
    for gap in missing:
        if gap.kind in _CLOSED and not {*gap.entries} & facts:
            raise _lacks("a baseline, and does not say so")
        if gap.kind in _ROWS and not {*gap.entries} <= rows:
            raise _lacks("what rows of releases are held to, and does not say so")
    sets = {one.removeprefix(SET) for one in manifest.releases if one.startswith(SET)}
    if not sets <= evidence.shown.keys():
        raise _lacks("a set that the answer rests on")
    held = {one.entry for found in evidence.held.values() for one in found if one.lines}
    for entry, says in releases_of(evidence.log):
        asked = says.release in manifest.releases and says.content.rows
        if asked and entry not in held | rows:
            raise _lacks(f"rows of the release of entry {entry}, and does not say so")


def _lacks(what: str) -> VerificationError:
    return VerificationError(f"the bundle lacks {what}", code="audit/bundle-lacks")


def _wrong_file(path: str, what: str) -> VerificationError:
    return VerificationError(f"`{path}` of the bundle {what}", code="audit/bundle-file")
