# SPDX-License-Identifier: Apache-2.0
"""Verify a release against a log, without any workspace ([REL-12]).

(1) the folder describes a release, (2) its manifest is the one that the entry names, (3) every file is the one of the
manifest, and the table has no other, (4) the members' tags are those that the entry commits to, (5) the log has these
entries, under a signed checkpoint, (6) the certificate and the statement are signed by the key that the entry names,
(7) the proof and the description of a hand-over, where they lie there, are of these entries. What was not held is named.
Where records are taken back from it meanwhile, the revision that it is then is verified.
Whether the release may still be used is another question, which `privity release check` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privity.app.public_tree.opening import PublicTree, open_tree
from privity.app.public_tree.said import why_not_said
from privity.app.releases.examining.by_proof import check_proof_of
from privity.app.releases.examining.handed import check_agrees_still, check_handed
from privity.entries.release import ReleaseEntry
from privity.errors import InputError, PrivityError, VerificationError, Where
from privity.release.beside import files_in
from privity.release.described import Described
from privity.release.disclosed import NAME, read_disclosed
from privity.release.members_again import root_of_sidecar
from privity.release.opened import ReadRelease, check_release, read_release, unreadable
from privity.release.papers.writing import SIGNED, check_papers
from privity.release.sidecar import TAGS, check_ids
from privity.release.table_log import LOG
from privity.release.working import working_folder

_ATTEMPTS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedRelease:
    """A release of which everything holds.

    Attributes:
        described: What the log says of it.
        tree: The public tree that it was verified by.
        others: Names in the table's folder that are no files of this revision.
        unread: What else lies in the release's folder and was not held to anything, by its path there.
    """

    described: Described
    tree: PublicTree
    others: tuple[str, ...]
    unread: tuple[str, ...]

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        checkpoint = self.tree.checkpoint
        return {
            "entry": self.described.index,
            "files": self.described.content.files,
            "independently_witnessed": False,
            "key_believed_on_first_use": not self.tree.given,
            "log": {"origin": checkpoint.origin, "size": checkpoint.size},
            "members": self.described.content.members,
            "other_files": list(self.others),
            "release": self.described.name,
            "revision": self.described.revision,
            "rows": self.described.content.rows,
            "simulated_clock": self.tree.simulated,
            "unread": list(self.unread),
        }


def verify_release(
    folder: Path,
    log: str,
    vkeys: tuple[str, ...] = (),
    *,
    threads: int = 2,
    told: Callable[[int], None] | None = None,
) -> VerifiedRelease:
    """Verify a release by the public tree of its log.

    Args:
        folder: The release's, in a workspace or wherever it was handed over to.
        log: The tree: a folder, or an address of the web.
        vkeys: The keys to believe, as text or as names of files; none: those of the tree itself.
        threads: How many files are read at once.
        told: Told of the bytes of each file of the table that was read.

    Raises:
        InputError: It is no release, there is no such tree, or a key is none.
        VerificationError: Something does not hold; it says what.
        UnavailableError: Something cannot be read.
    """
    for _attempt in range(_ATTEMPTS - 1):
        read, progress = read_release(folder), _Told(told)
        try:
            return _verified(read, log, vkeys, threads, progress)
        except PrivityError:
            if not _other_revision(read):
                raise
            progress.take_back()
    return _verified(read_release(folder), log, vkeys, threads, _Told(told))


class _Told:
    """Tells of bytes, and takes back what it told."""

    def __init__(self, told: Callable[[int], None] | None) -> None:
        self._told = told or (lambda _bytes: None)
        self._count = 0

    def __call__(self, count: int) -> None:
        self._count += count
        self._told(count)

    def take_back(self) -> None:
        """Let all be to do again."""
        self._told(-self._count)


def _other_revision(read: ReadRelease) -> bool:
    """Whether the operator took records back meanwhile: then what was read first is no more."""
    try:
        now = read_release(read.folder.root)
    except PrivityError:
        return False
    return now.described != read.described


def _verified(
    read: ReadRelease,
    log: str,
    vkeys: tuple[str, ...],
    threads: int,
    told: Callable[[int], None],
) -> VerifiedRelease:
    others = check_release(read, threads=threads, told=told)
    _check_members(read)
    tree = open_tree(log, vkeys)
    check_entries(read.described, tree)
    _check_papers(read)
    held = {*_held(read, tree), *(read.folder.table / one for one in others)}
    root = read.folder.root
    try:
        unread = tuple(one for one in files_in(root) if root / one not in held)
    except OSError as error:
        raise unreadable(root, error) from error
    return VerifiedRelease(described=read.described, tree=tree, others=others, unread=unread)


def held_files(read: ReadRelease) -> set[Path]:
    """Give the files of a release's folder that are held to its entry, or to what its key signed."""
    folder = read.folder
    names = [line.path for line in read.manifest.lines]
    return {
        folder.described,
        folder.salt,
        folder.certificate,
        folder.statement,
        *(folder.root / name for name in SIGNED),
        folder.members / TAGS,
        *(folder.members / name for name in names),
        *(folder.table / name for name in names),
        *(folder.table / LOG / name for name in read.log),
    }


def check_entries(described: Described, tree: PublicTree) -> None:
    """Check that a log has the entries that a release is described by.

    Raises:
        VerificationError: It is another log (`release/other-log`), or says something else (`release/not-in-log`).
        UnavailableError: The tree cannot be read.
    """
    if described.origin != tree.checkpoint.origin:
        raise VerificationError(
            f"the release is of the log `{described.origin}`, and this is `{tree.checkpoint.origin}`",
            code="release/other-log",
            hint="give the public tree of the release's own log",
        )
    wanted: dict[int, ReleaseEntry] = {
        described.created_at: described.created,
        described.index: described.says,
    }
    for index, says in wanted.items():
        why_not = why_not_said(tree, index, says, origin=described.origin)
        if why_not is not None:
            raise VerificationError(
                f"the release names entry {index:,}, which {why_not}",
                code="release/not-in-log",
                hint="do not use it, or wait until its log was published",
            )


def _check_members(read: ReadRelease) -> None:
    """Check that the tags beside the table are those that the entry commits to, and of its rows ([REL-31])."""
    folder, content = read.folder, read.described.content
    names = [line.path for line in read.manifest.lines]
    try:
        salt = folder.salt.read_bytes()
        with working_folder() as work:
            root, count = root_of_sidecar(folder.members, names, work, salt=salt)
        check_ids(folder.members, names, folder.table)
    except OSError as error:
        raise unreadable(folder.members, error) from error
    if (root, count) != (content.members_root, content.members):
        raise VerificationError(
            "the tags of the members are not those that the release's entry commits to",
            code="release/members",
            where=Where(file=str(folder.members)),
        )


def _check_papers(read: ReadRelease) -> None:
    """Check that the papers are those that the key of the entry signed ([REL-12])."""
    try:
        check_papers(read.folder.root, read.described)
    except InputError as error:
        raise VerificationError(
            f"a paper is not signed as it must be: {error.message}",
            code="release/papers",
            where=Where(file=str(read.folder.root)),
        ) from error
    except OSError as error:
        raise unreadable(read.folder.root, error) from error


def _held(read: ReadRelease, tree: PublicTree) -> set[Path]:
    """Hold what tells of log and hand-over to both, where it lies there; give that, and all that was held before."""
    folder = read.folder
    held = held_files(read)
    if folder.proof.exists():
        try:
            check_proof_of(folder, read.described, tuple(one.to_text() for one in tree.vkeys))
            held.add(folder.proof)
        except VerificationError as error:
            # A log may exchange its key. What one signed that is not known here shows nothing, and is said to be unread.
            if error.code != "ledger/unsigned":
                raise
    if (folder.root / NAME).exists():
        disclosed = read_disclosed(folder.root)
        check_agrees_still(disclosed, read)
        if disclosed.index < tree.checkpoint.size:
            check_handed(disclosed, tree)
            held.add(folder.root / NAME)
    return held
