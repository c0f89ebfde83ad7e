# SPDX-License-Identifier: Apache-2.0
"""Hold what a paper says of an entry to the log: that the entry is there, and says that (specs/ledger.md, part 6)."""

from __future__ import annotations

from privity.app.public_tree.opening import PublicTree
from privity.app.public_tree.proving import prove_entry
from privity.entries.decode import PublicEntry, decode
from privity.entries.kinds import PublicKind


def why_not_said(tree: PublicTree, index: int, says: PublicKind, *, origin: str) -> str | None:
    """Give why a log does not have an entry as a paper has it, to be read after "which"; None: it has it, verified.

    Args:
        tree: The log's public tree.
        index: The entry's index, from 0.
        says: What the paper says that it says.
        origin: The log of which the paper says that it is.

    Raises:
        VerificationError: The tree's tiles, entries and checkpoint do not agree, or the entry was said to another log.
        UnavailableError: The tree cannot be read.
    """
    if index >= tree.checkpoint.size:
        return "the log has not published"
    found = decode(prove_entry(tree, index).entry, origin=origin)
    if isinstance(found, PublicEntry) and found.says == says:
        return None
    return "says something else in the log"
