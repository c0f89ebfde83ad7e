# SPDX-License-Identifier: Apache-2.0
"""Make a set from a workspace's ledger: what `privity clear --workspace` does, and whether a set is one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from privity.app.inputs import Bindings, PathLike, Sources, When, instant, open_sources
from privity.app.pseudonym_key import recipients_key
from privity.app.workspace.clearing import LedgerClearing, clear_on_ledger
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.encode import digest_file
from privity.decide.many import Compiled
from privity.decide.request import Request
from privity.entries.clearing import CommittedClearing
from privity.entries.decode import PublicEntry, decode
from privity.errors import VerificationError, Where
from privity.release.clear import MANIFEST
from privity.release.job import Job


def clear_workspace(
    root: PathLike,
    sources: Sources,
    *,
    purpose: str,
    recipient: str,
    out: PathLike,
    at: When | None = None,
    now: When | None = None,
    threads: int = 2,
    binding: Bindings = None,
    refused: bool = False,
    pseudonym_key: bytes | PathLike | None = None,
    text: Sequence[str] = (),
    progress: Callable[[str, int], None] | None = None,
    told: Callable[[Compiled], None] | None = None,
) -> LedgerClearing:
    """Clear a corpus by what a workspace's ledger knows, enter it there, and publish.

    Args:
        root: The workspace.
        sources: Files or folders of records, or sources opened already.
        purpose: What the data will be used for.
        recipient: Who gets it, an id of the register.
        out: The folder to make; it must not exist, or be empty.
        at: From when on it is used; now unless said, and not before.
        now: The instant to record at, where the workspace's clock is simulated.
        threads: How many parts are read and written at once.
        binding: What a platform's own columns mean (docs/sources.md): one for all sources, or one for each.
        refused: Whether to write the ids that were refused at first, with their reasons.
        pseudonym_key: As for `privity.clear`.
        text: As for `privity.clear`.
        progress: As for `privity.clear`.
        told: Told of the request once it is ready, before anything is entered.

    Raises:
        InputError: Something cannot be read, or an obligation cannot be performed.
        ConflictError: The folder exists, a source changed, or rules changed again and again meanwhile.
        VerificationError: The workspace does not agree with itself.
        UnavailableError: The disk is full or fails.
    """
    files = open_sources(sources, binding)
    with open_workspace(Path(root), now=None if now is None else instant(now)) as workspace:
        used = workspace.now() if at is None else instant(at)
        made = clear_on_ledger(
            workspace,
            files,
            Request(purpose=purpose, recipient=recipient, at=used, known=used),
            Job(
                out=Path(out),
                threads=threads,
                seed=secrets.randbits(64),
                refused=refused,
                key=recipients_key(pseudonym_key, recipient),
                text=tuple(text),
                described={"program": f"privity {version('privity')}"},
            ),
            progress or (lambda _stage, _rows: None),
            told=told or (lambda _ready: None),
        )
        publish_now(workspace)
    return made


def check_set(root: PathLike, out: PathLike) -> CommittedClearing:
    """Check that the ledger speaks of a set, and give what it says ([CLR-12]).

    Args:
        root: The workspace.
        out: The set's folder.

    Raises:
        VerificationError: No entry commits to its manifest (`clear/not-committed`).
        UnavailableError: The set or the workspace cannot be read.
    """
    described = Path(out) / MANIFEST
    found = digest_file(described) if described.exists() else None
    with open_workspace(Path(root)) as workspace:
        origin = workspace.settings.origin
        for entry in workspace.store.entries(0, workspace.store.head().size):
            if found is None or found.encode() not in entry.data:
                continue
            says = decode(entry.data, origin=origin)
            if isinstance(says, PublicEntry) and isinstance(says.says, CommittedClearing):
                return says.says
    raise VerificationError(
        "no entry of the log commits to this set, expected one with the SHA-256 of its manifest",
        code="clear/not-committed",
        hint="do not use it; make a set with `privity clear --workspace`",
        where=Where(file=str(out)),
    )
