# SPDX-License-Identifier: Apache-2.0
"""Bring a taking back that the log speaks of to its end ([REL-102] to [REL-108]).

Every step may be done again after it was stopped, and none is begun before the one before it is on the disk. The name of
the release is held. Readers of the table go on with the old files, which stay for the retention; whoever opens the
release by Privity waits while what describes it is exchanged.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.app.releases.members.indexing import files_beside, index_without
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.proofs import put_proof
from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import signer_of
from privity.app.releases.state.states import ReleaseState, RevocationState
from privity.app.releases.taking_back.taking import Taking, takings_of
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record
from privity.canonical.encode import digest, digest_file
from privity.entries.release import Content, RevisedRelease
from privity.entries.revocation import DoneRevocation
from privity.errors import PrivityError, VerificationError, Where
from privity.release.aside import settle
from privity.release.described import Described
from privity.release.exchanged import exchanging
from privity.release.files import MANIFEST, Manifest
from privity.release.folder import ReleaseFolder
from privity.release.laid_out import SALT_SIZE, put
from privity.release.leaves import read_leaves
from privity.release.papers.making import NAME as MAKING
from privity.release.papers.writing import (
    CARD,
    CROISSANT,
    PAGE,
    signed_digests,
    write_papers,
)
from privity.release.revocation import NOTICE, Notice
from privity.release.rewriting import (
    revised_manifest,
    revised_name,
    take_rows_out,
    write_parties_without,
)
from privity.release.sidecar import TAGS
from privity.release.table import TableFile, change_table, table_files, table_version
from privity.release.without import taken_out, values_left, write_sidecar_without
from privity.store.files import unreachable
from privity.store.lock import PATIENCE

Ints = npt.NDArray[np.int64]

_PAPERS: Final = (MANIFEST, CARD, PAGE, CROISSANT, "statement.json", "certificate.json")
"""What of a release's folder is written anew, before `release.json`."""


def finish_revocation(
    workspace: Workspace, state: ReleaseState, name: str, *, threads: int = 2
) -> ReleaseState:
    """Take out what a taking back says; the name of its release is held.

    Args:
        workspace: Where.
        state: The release.
        name: The taking back, which is due and not done.
        threads: How many files are read and written at once.

    Returns:
        The release as it is then.

    Raises:
        ConflictError: Somebody else changed the table, or as `record`.
        VerificationError: What lies there is not what the log says of it.
        UnavailableError: The disk is full or fails.
    """
    places = ReleasePlaces.of(workspace.places, state.name)
    taking = Taking.of(places, name)
    try:
        rows = taking.rows()
        says = _revised(state, name)
        if says is None:
            content = _write_aside(workspace, places, taking, state, rows, threads)
            says = RevisedRelease(
                release=state.name,
                revision=state.revision + 1,
                ledger_size=_due(state, name).due.says.ledger_size,
                content=content,
                revocation=name,
            )
            record(workspace, [says])
            state = register_of(workspace).release(state.name)
        _check_made(taking, state)
        _write_papers(workspace, places, taking, state)
        # Before the folder is of the revision: whoever verifies it then finds its entry in the public tree. Where that
        # cannot be, records are taken out all the same: it is tried again below, and fails there.
        with suppress(PrivityError):
            publish_if_free(workspace, seconds=PATIENCE)
        _exchange(workspace, places, taking, state, rows)
        _put_proof(workspace, places, taking)
        _sign(workspace, state, taking)
        if _due(state, name).done is None:
            record(
                workspace,
                [DoneRevocation(revocation=name, release=state.name, revision=says.revision)],
            )
    except OSError as error:
        raise unreachable(places.private, error) from error
    publish_if_free(workspace)
    return register_of(workspace).release(state.name)


def tidy(workspace: Workspace, state: ReleaseState) -> list[str]:
    """Remove what is over: files whose retention has ended, and takings back that nobody was told of ([REL-107]).

    Where the newest was finished while nobody could publish, the proof of its entry is put beside it now.

    Raises:
        VerificationError: The public tree, or what describes the release, does not hold.
        UnavailableError: The disk fails.
    """
    places = ReleasePlaces.of(workspace.places, state.name)
    known = {one.name: one for one in state.revocations}
    now, removed = workspace.now(), list[str]()
    try:
        for taking in takings_of(places):
            revocation = known.get(taking.name)
            if revocation is None:
                taking.forget()
            elif revocation.done is not None:
                newest = revocation.done.says.revision == state.revision
                if newest and _lacks_proof(places, state):
                    put_proof(workspace, state.name)
                if revocation.done.time + workspace.settings.kept <= now:
                    removed += _remove_replaced(places, taking.rows())
                if _is_over(state, revocation, now, workspace.settings.kept):
                    taking.forget()
    except OSError as error:
        raise unreachable(places.private, error) from error
    return removed


def _lacks_proof(places: ReleasePlaces, state: ReleaseState) -> bool:
    """Tell whether a release is there and the proof of its entry is not; who made one may delete what has expired."""
    folder = places.folder
    return state.ended is None and folder.described.exists() and not folder.proof.exists()


def _is_over(state: ReleaseState, revocation: RevocationState, now: int, kept: int) -> bool:
    """Tell whether nobody needs the names of the records any more: the files are gone, and every copy is without them."""
    assert revocation.done is not None  # noqa: S101 - asked of what is done alone
    out = any(
        one.out and one.handed.says.revision <= revocation.due.says.revision
        for one in state.disclosures
    )
    return revocation.done.time + kept <= now and (bool(revocation.acks) or not out)


def _write_aside(  # noqa: PLR0917 - of what, and where to
    workspace: Workspace,
    places: ReleasePlaces,
    taking: Taking,
    state: ReleaseState,
    rows: Mapping[str, Ints],
    threads: int,
) -> Content:
    """Write what the next revision has (5), and say what that is."""
    folder, bundle = places.folder, taking.bundle
    manifest = Manifest.parse(folder.manifest.read_bytes(), file=str(folder.manifest))
    replaced = take_rows_out(folder.table, rows, state.revision + 1, threads=threads)
    for one in replaced:
        write_parties_without(places.private, one, rows[one.old])
    settle(places.private)
    salt = folder.salt.read_bytes()[:SALT_SIZE]
    out = taken_out(folder.members, salt, rows)
    before = read_leaves(places.leaves)
    values = values_left(
        folder.members,
        [line.path for line in manifest.lines],
        out,
        likely=files_beside(
            workspace,
            state.name,
            state.revision,
            private=places.private,
            rows=rows,
            tags=out.records.keys(),
        ),
        leaves=before,
        threads=threads,
    )
    gone = [tag for tag, value in values.items() if value is None]
    write_sidecar_without(folder.members, taking.sidecar, replaced, rows, gone)
    leaves = before.changed(taking.leaves, values)
    made = revised_manifest(manifest, replaced)
    put(bundle.root / MANIFEST, made.to_bytes())
    settle(taking.root)
    return Content(
        files=len(made.lines),
        size=made.size,
        rows=made.rows,
        files_root=made.root,
        members=leaves.count,
        members_root=leaves.root(),
        manifest=made.sha256,
        columns=state.content.columns,
    )


def _check_made(taking: Taking, state: ReleaseState) -> None:
    """Check that what was written aside is what the log says; a revision after it has its own."""
    path = taking.bundle.root / MANIFEST
    said = next(one.says for one in state.revised if one.says.revocation == taking.name)
    if digest(path.read_bytes()) != said.content.manifest:
        raise VerificationError(
            "the manifest is not the one that the revision’s entry names",
            code="release/manifest",
            hint="put the vault back from a backup",
            where=Where(file=str(path)),
        )


def _exchange(
    workspace: Workspace,
    places: ReleasePlaces,
    taking: Taking,
    state: ReleaseState,
    rows: Mapping[str, Ints],
) -> None:
    """Let the release be its next revision (7): for readers of the table by one commit."""
    folder, bundle = places.folder, taking.bundle
    manifest = Manifest.parse((bundle.root / MANIFEST).read_bytes())
    files = {
        one.path: TableFile(path=one.path, size=one.size, rows=one.rows)
        for one in manifest.lines
    }
    live = {one.path: one for one in table_files(folder.table)}
    for path in sorted(taking.sidecar.glob("part-*.parquet")):
        _copy(path, folder.members / path.name)
    with exchanging(folder.root):
        if live.keys() != files.keys():
            change_table(
                folder.table,
                add=[files[name] for name in sorted(files.keys() - live.keys())],
                remove=[live[name] for name in sorted(live.keys() - files.keys())],
                now=workspace.now(),
                version=table_version(folder.table),
            )
        _copy(taking.sidecar / TAGS, folder.members / TAGS)
        if taking.leaves.exists():
            taking.leaves.replace(places.leaves)
        for path in sorted(bundle.root.iterdir()):
            if path.name in _PAPERS:
                put(folder.root / path.name, path.read_bytes())
        # The proof of the revision before is none of this one.
        folder.proof.unlink(missing_ok=True)
        # The last: what it says holds of all the rest.
        put(folder.described, bundle.described.read_bytes())
    if all((places.private / name).exists() for name in rows):
        names = {name: revised_name(name, state.revision) for name in rows}
        now = {old: new for old, new in names.items() if new in files}
        index_without(
            workspace, state.name, state.revision, private=places.private, rows=rows, live=now
        )
    for name in rows:
        (places.private / name).unlink(missing_ok=True)
    settle(places.private)


def _write_papers(
    workspace: Workspace, places: ReleasePlaces, taking: Taking, state: ReleaseState
) -> None:
    """Write what goes with the next revision, aside: it speaks of all files that are to lie beside it."""
    folder, bundle = places.folder, taking.bundle
    described = Described(
        origin=workspace.settings.origin,
        created=state.created.says,
        created_at=state.created.index,
        says=state.newest.says,
        index=state.newest.index,
    )
    put(bundle.root / MAKING, (folder.root / MAKING).read_bytes())
    put(bundle.described, described.to_bytes())
    with _sidecar_beside(folder, taking):
        write_papers(
            bundle.root,
            described,
            signer=signer_of(workspace, state),
            now=workspace.now(),
            known=_known(folder, state),
        )


def _known(folder: ReleaseFolder, state: ReleaseState) -> Mapping[str, str]:
    """Give the digests of what the revision before has signed: so that what stays is not read once more."""
    try:
        return signed_digests(folder.root, state.created.says.key)
    except (PrivityError, OSError):
        # What is not to be believed is not used: then every part is read.
        return {}


@contextmanager
def _sidecar_beside(folder: ReleaseFolder, taking: Taking) -> Iterator[None]:
    """Let all of the next revision's sidecar lie in the bundle, for the papers alone: links, and no copies."""
    beside = taking.bundle.members
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        lines = Manifest.parse(taking.bundle.manifest.read_bytes()).lines
        for name in (TAGS, *(one.path for one in lines)):
            new = taking.sidecar / name
            os.link(new if new.exists() else folder.members / name, beside / name)
        yield
    finally:
        shutil.rmtree(beside)


def _put_proof(workspace: Workspace, places: ReleasePlaces, taking: Taking) -> None:
    """Put the proof of the revision's entry beside it, and to what the recipient is given, if that is published."""
    if put_proof(workspace, places.name):
        put(taking.bundle.proof, places.folder.proof.read_bytes())


def _sign(workspace: Workspace, state: ReleaseState, taking: Taking) -> None:
    """Sign what the recipient is to delete (8)."""
    said = _due(state, taking.name).due
    bundle = taking.bundle.root
    notice = Notice(
        origin=workspace.settings.origin,
        revocation=taking.name,
        release=state.name,
        revision=said.says.revision,
        next=state.revision,
        recipient=state.recipient,
        at=said.time,
        due=said.index,
        deadline=said.says.deadline,
        ledger_size=said.says.ledger_size,
        members=said.says.members,
        records=said.says.records,
        tags_root=said.says.tags_root,
        files={
            path.name: digest_file(path)
            for path in sorted(bundle.iterdir())
            if path.is_file() and not path.name.startswith(".") and path.name != NOTICE
        },
        writer=pa.__version__,
    )
    put(bundle / NOTICE, notice.signed(signer_of(workspace, state)))


def _remove_replaced(places: ReleasePlaces, rows: Mapping[str, Ints]) -> list[str]:
    """Remove the files that a taking back replaced, and what stood beside them; gives those that were still there."""
    gone = []
    for name in sorted(rows):
        path = places.folder.table / name
        if path.exists():
            path.unlink()
            gone.append(name)
        (places.folder.members / name).unlink(missing_ok=True)
    if gone:
        settle(places.folder.table)
        settle(places.folder.members)
    return gone


def _due(state: ReleaseState, name: str) -> RevocationState:
    return next(one for one in state.revocations if one.name == name)


def _revised(state: ReleaseState, name: str) -> RevisedRelease | None:
    found = (one.says for one in state.revised if one.says.revocation == name)
    return next(found, None)


def _copy(source: Path, target: Path) -> None:
    put(target, source.read_bytes())
