# SPDX-License-Identifier: Apache-2.0
"""Hold what a copy says of its hand-over to the copy, and to the log (specs/release.md, [REL-65])."""

from __future__ import annotations

from privity.app.public_tree.opening import PublicTree
from privity.app.public_tree.said import why_not_said
from privity.canonical.encode import digest_file
from privity.errors import VerificationError, Where
from privity.release.disclosed import Disclosed
from privity.release.opened import ReadRelease, unreadable


def check_agrees(disclosed: Disclosed, read: ReadRelease) -> None:
    """Check that a copy is of the release that its hand-over names, and has its certificate.

    Raises:
        VerificationError: It is of another one, or has another certificate (`release/disclosure`).
        UnavailableError: The certificate cannot be read.
    """
    handed, described, folder = disclosed.handed, read.described, read.folder
    seen = (described.origin, described.name, described.revision, described.content.files_root)
    wanted = (disclosed.origin, handed.release, handed.revision, handed.files_root)
    try:
        same = seen == wanted and digest_file(folder.certificate) == handed.certificate
    except OSError as error:
        raise unreadable(folder.certificate, error) from error
    if not same:
        raise _another(
            read,
            "the copy is of another release or revision than its hand-over, or has another certificate",
        )


def check_agrees_still(disclosed: Disclosed, read: ReadRelease) -> None:
    """Check the same of a copy that may have become a later revision since; raises as `check_agrees`."""
    handed, described = disclosed.handed, read.described
    if (disclosed.origin, handed.release) == (described.origin, described.name):
        if handed.revision < described.revision:
            return
        check_agrees(disclosed, read)
    else:
        raise _another(read, "the copy is of another release than its hand-over")


def check_handed(disclosed: Disclosed, tree: PublicTree) -> None:
    """Check that a log has the entry of a hand-over.

    Raises:
        VerificationError: It does not have it, or it says something else (`release/not-in-log`).
        UnavailableError: The tree cannot be read.
    """
    why_not = why_not_said(tree, disclosed.index, disclosed.handed, origin=disclosed.origin)
    if why_not is not None:
        raise VerificationError(
            f"the copy names as its hand-over entry {disclosed.index:,}, which {why_not}",
            code="release/not-in-log",
            hint="do not use it, or wait until its log was published",
        )


def _another(read: ReadRelease, seen: str) -> VerificationError:
    return VerificationError(
        seen,
        code="release/disclosure",
        hint="get the release anew",
        where=Where(file=str(read.folder.root)),
    )
