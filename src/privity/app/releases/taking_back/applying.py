# SPDX-License-Identifier: Apache-2.0
"""A recipient takes out of its copy what was taken back, and signs what it deleted (specs/release.md, [REL-122], [REL-123]).

(1) read the copy and look whose key is given, (2) verify the notice by the release's key, and what came with it by the notice, (3) find the records, and
compare them with what the log has of them, (4) write the files concerned anew, and compare them with the next revision's,
(5) let the copy be that revision, (6) delete the old files, (7) sign. It needs no workspace, and may be done again.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.public_tree.opening import open_tree
from privity.app.releases.examining.own_key import check_acknowledged_with, check_registered
from privity.app.releases.examining.verifying import check_entries
from privity.app.releases.state.clocks import instant_of_use
from privity.app.releases.state.signing import read_signer
from privity.canonical.encode import digest_file
from privity.canonical.instants import Instant
from privity.entries.dsse import EnvelopeSigner
from privity.entries.release import RevisedRelease
from privity.errors import ConflictError, InputError, UnavailableError, VerificationError, Where
from privity.release.aside import settle
from privity.release.described import Described
from privity.release.disclosed import read_disclosed
from privity.release.exchanged import exchanging
from privity.release.files import Manifest
from privity.release.folder import ReleaseFolder
from privity.release.laid_out import SALT_SIZE, put
from privity.release.members_again import root_of_sidecar
from privity.release.opened import ReadRelease, check_release, read_release
from privity.release.revocation import NOTICE, RECORDS, Attestation, Notice, read_notice
from privity.release.rewriting import revised_manifest, rows_of_ids, take_rows_out
from privity.release.sidecar import TAGS
from privity.release.table import TableFile, change_table, table_files, table_version
from privity.release.without import taken_out, values_left, write_sidecar_without

Ints = npt.NDArray[np.int64]

ATTESTATION = "attestation.json"
"""What the recipient signs, in the folder of the taking back."""
_ANEW = "ask the operator for the folder of this taking back again"


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """A copy from which records were taken back.

    Attributes:
        notice: What was taken back.
        attestation: Where the signed attestation lies.
        already: Whether the copy was the next revision before.
        removed: The files that were deleted.
    """

    notice: Notice
    attestation: Path
    already: bool
    removed: tuple[str, ...]


def apply_revocation(
    bundle: Path,
    copy: Path,
    key: Path,
    *,
    log: str | None = None,
    vkeys: tuple[str, ...] = (),
    now: Instant | None = None,
    threads: int = 2,
) -> Applied:
    """Take out of a copy what was taken back, and sign what was deleted.

    Args:
        bundle: The folder of the taking back, as the operator gave it.
        copy: The copy of the release.
        key: The recipient's key that signs; the one that acknowledged the copy, or that the log's register has.
        log: The log's public tree, a folder or an address, to compare the key with.
        vkeys: The keys of the log that are believed, as text or names of files.
        now: The instant to sign at, where the log's clock is simulated; None is that of the entry `due`.
        threads: How many files are read and written at once.

    Raises:
        InputError: One of them is not what it has to be, or the key is another (`release/recipient-other-key`).
        ConflictError: The copy is of another revision than the one that was taken back from (`revoke/revision`).
        VerificationError: Something is not what was signed, or not what the log has (`revoke/…`).
        UnavailableError: The disk is full or fails.
    """
    signer = read_signer(key)
    read = read_release(copy)
    given = _read_bundle(bundle, read)
    _check_key(signer, read, log, vkeys)
    at = instant_of_use(given.notice.origin, now, otherwise=given.notice.at)
    try:
        already = read.described.revision == given.notice.next
        if not already:
            _take_out(given, read, threads, at)
        removed = _delete_replaced(given, ReleaseFolder(copy))
        check_release(read_release(copy), threads=threads)
        said = _attested(given, at)
        place = bundle / ATTESTATION
        put(place, said.signed(signer))
    except OSError as error:
        raise UnavailableError(
            f"the copy cannot be written: {error.strerror}",
            code="release/disk",
            where=Where(file=str(copy)),
        ) from error
    return Applied(notice=given.notice, attestation=place, already=already, removed=removed)


def _check_key(
    signer: EnvelopeSigner, read: ReadRelease, log: str | None, vkeys: tuple[str, ...]
) -> None:
    """Check that what the key signs will be entered: once files are deleted, nobody can go back."""
    if log is None:
        check_acknowledged_with(signer, read)
        return
    tree = open_tree(log, vkeys)
    check_entries(read.described, tree)
    check_registered(
        signer, read.described.created.recipient, tree, before=read.described.created_at
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Given:
    """What the operator gave, verified.

    Attributes:
        folder: The folder.
        notice: What was taken back.
        described: The next revision.
    """

    folder: ReleaseFolder
    notice: Notice
    described: Described

    @property
    def manifest(self) -> Manifest:
        """The files of the next revision."""
        return Manifest.parse(self.folder.manifest.read_bytes(), file=str(self.folder.manifest))


def _read_bundle(bundle: Path, read: ReadRelease) -> _Given:
    """Verify the notice, and by it everything that came with it (2)."""
    path = bundle / NOTICE
    if not path.is_file():
        raise InputError(
            f"`{bundle}` has no `{NOTICE}`: it is no taking back",
            code="revoke/missing",
            hint="name the folder that the operator gave",
        )
    own = read.described
    notice = read_notice(path.read_bytes(), own.created.key)
    mine = (own.origin, own.name, own.created.recipient)
    if (notice.origin, notice.release, notice.recipient) != mine:
        raise _not_its(bundle, "it is about another release, or for somebody else")
    for name, sha256 in notice.files.items():
        if "/" in name or not (bundle / name).is_file() or digest_file(bundle / name) != sha256:
            raise _not_its(bundle, f"`{name}` is not the file that was signed")
    folder = ReleaseFolder(bundle)
    for needed in (RECORDS, folder.described.name, folder.manifest.name):
        if needed not in notice.files:
            raise _not_its(bundle, f"`{needed}` was not signed")
    described = Described.parse(folder.described.read_bytes(), file=str(folder.described))
    says = described.says
    if (
        described.created != own.created
        or not isinstance(says, RevisedRelease)
        or (says.revocation, says.revision) != (notice.revocation, notice.next)
    ):
        raise _not_its(bundle, "it describes another revision")
    given = _Given(folder=folder, notice=notice, described=described)
    if given.manifest.sha256 != described.content.manifest:
        raise _not_its(bundle, "its manifest is another revision’s")
    _check_revision(read, notice)
    return given


def _check_revision(read: ReadRelease, notice: Notice) -> None:
    """Check that a copy is of the revision that was taken back from, or has become the next one since."""
    if read.described.revision not in {notice.revision, notice.next}:
        raise ConflictError(
            f"the copy is revision {read.described.revision}, and revision {notice.revision} is what this was taken back from",
            code="revoke/revision",
            hint="apply takings back in the order of their revisions",
            where=Where(file=str(read.folder.root)),
        )
    handed = read_disclosed(read.folder.root).handed.revision
    if handed > notice.revision:
        # INVARIANT: nobody signs that records are deleted by a copy that never had them: another may have them still.
        raise ConflictError(
            f"the copy was handed over as revision {handed}, which is without what was taken back from revision "
            f"{notice.revision}: there is nothing to delete in it",
            code="revoke/revision",
            hint="name the copy that has the records; of this one nothing is attested",
            where=Where(file=str(read.folder.root)),
        )


def _take_out(given: _Given, read: ReadRelease, threads: int, now: Instant) -> None:
    """Find the records (3), write files anew (4), and let the copy be the next revision (5)."""
    folder, notice = read.folder, given.notice
    rows = _rows(given, read)
    salt = folder.salt.read_bytes()[:SALT_SIZE]
    out = taken_out(folder.members, salt, rows)
    if (out.root, len(out.records)) != (notice.tags_root, notice.members):
        raise _not_its(given.folder.root, "the records are not those that the log says are due")
    replaced = take_rows_out(folder.table, rows, notice.next, threads=threads)
    if revised_manifest(read.manifest, replaced).sha256 != given.described.content.manifest:
        for one in replaced:
            if one.new is not None:
                (folder.table / one.new.path).unlink()
        raise _other_bytes(notice, folder)
    values = values_left(
        folder.members, [line.path for line in read.manifest.lines], out, threads=threads
    )
    gone = [tag for tag, value in values.items() if value is None]
    with tempfile.TemporaryDirectory(prefix=".members-", dir=folder.root) as made:
        work = Path(made)
        write_sidecar_without(folder.members, work, replaced, rows, gone)
        _check_members(given, folder, work, salt)
        _exchange(given, folder, work, now)


def _rows(given: _Given, read: ReadRelease) -> dict[str, Ints]:
    """Give for each file's name the rows of the copy that go."""
    records = pq.read_table(given.folder.root / RECORDS)
    live = {line.path for line in read.manifest.lines}
    names, ids = (records.column(name).combine_chunks() for name in ("file", "record_id"))
    rows: dict[str, Ints] = {}
    for name in names.unique().to_pylist():
        if name not in live:
            raise _not_its(given.folder.root, f"`{name}` is no file of the copy")
        mine = ids.filter(pc.equal(names, name))
        rows[name] = rows_of_ids(read.folder.table / name, mine)
        if len(rows[name]) != len(mine):
            raise _not_its(given.folder.root, f"`{name}` has not the records that are due")
    if sum(map(len, rows.values())) != given.notice.records:
        raise _not_its(given.folder.root, "it has other records than it says")
    return rows


def _check_members(given: _Given, folder: ReleaseFolder, work: Path, salt: bytes) -> None:
    """Check that the members of what is left are those that the log has."""
    content = given.described.content
    for path in work.glob("part-*.parquet"):
        put(folder.members / path.name, path.read_bytes())
    roots = work / "roots"
    roots.mkdir()
    names = [line.path for line in given.manifest.lines]
    found = root_of_sidecar(folder.members, names, roots, salt=salt)
    if found != (content.members_root, content.members):
        raise _not_its(given.folder.root, "what is left has other members than the log says")


def _exchange(given: _Given, folder: ReleaseFolder, work: Path, now: Instant) -> None:
    """Let the copy be the next revision: for readers of the table by one commit."""
    live = {one.path: one for one in table_files(folder.table)}
    files = {
        one.path: TableFile(path=one.path, size=one.size, rows=one.rows)
        for one in given.manifest.lines
    }
    with exchanging(folder.root):
        if live.keys() != files.keys():
            change_table(
                folder.table,
                add=[files[name] for name in sorted(files.keys() - live.keys())],
                remove=[live[name] for name in sorted(live.keys() - files.keys())],
                now=now,
                version=table_version(folder.table),
            )
        put(folder.members / TAGS, (work / TAGS).read_bytes())
        folder.proof.unlink(missing_ok=True)
        last = folder.described.name
        for name in sorted(given.notice.files):
            if name not in {RECORDS, last}:
                put(folder.root / name, (given.folder.root / name).read_bytes())
        put(folder.described, given.folder.described.read_bytes())


def _delete_replaced(given: _Given, folder: ReleaseFolder) -> tuple[str, ...]:
    """Delete the files that had the records, and what stood beside them (6)."""
    live = {line.path for line in given.manifest.lines}
    had = pq.read_table(given.folder.root / RECORDS, columns=["file"]).column("file")
    removed = []
    for name in sorted(set(had.to_pylist()) - live):
        for path in (folder.table / name, folder.members / name):
            if path.exists():
                path.unlink()
                removed.append(f"{path.parent.name}/{name}")
    for place in (folder.table, folder.members):
        settle(place)
    return tuple(removed)


def _attested(given: _Given, now: Instant) -> Attestation:
    notice, content = given.notice, given.described.content
    return Attestation(
        origin=notice.origin,
        revocation=notice.revocation,
        release=notice.release,
        revision=notice.revision,
        next=notice.next,
        recipient=notice.recipient,
        records=notice.records,
        tags_root=notice.tags_root,
        files_root=content.files_root,
        members_root=content.members_root,
        at=now,
    )


def _other_bytes(notice: Notice, folder: ReleaseFolder) -> ConflictError:
    """Say why files are not the operator's: whatever packs them may do it otherwise in another version."""
    wrote = "another version" if notice.writer is None else notice.writer
    there = "where that version of pyarrow is installed"
    if notice.writer is not None and notice.writer != pa.__version__:
        there = f"where `pip install pyarrow=={notice.writer}` was run"
    return ConflictError(
        f"the files that are left cannot be written here as the operator wrote them, with pyarrow {wrote}: "
        f"this is {pa.__version__}",
        code="revoke/other-bytes",
        hint=f"apply it {there}; or delete the copy, and let the operator hand the newest revision over",
        where=Where(file=str(folder.root)),
    )


def _not_its(bundle: Path, seen: str) -> VerificationError:
    return VerificationError(
        seen, code="revoke/notice", hint=_ANEW, where=Where(file=str(bundle))
    )
