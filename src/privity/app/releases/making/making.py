# SPDX-License-Identifier: Apache-2.0
"""Make a release from Python: what `privity release create` does (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from privity.app.inputs import Bindings, PathLike, Sources, When, instant, open_sources
from privity.app.releases.making.creating import (
    MadeRelease,
    ReleaseRequest,
    create_release as create_in,
)
from privity.app.releases.state.proofs import put_proof
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.opening import open_workspace
from privity.store.lock import PATIENCE


def create_release(
    root: PathLike,
    name: str,
    sources: Sources,
    *,
    purpose: str,
    recipient: str,
    expires_at: When | None = None,
    now: When | None = None,
    threads: int = 2,
    binding: Bindings = None,
    pseudonym_key: bytes | PathLike | None = None,
    text: Sequence[str] = (),
    progress: Callable[[str, int], None] | None = None,
) -> MadeRelease:
    """Make a release of records that everyone in them agreed to, enter it in the ledger, and publish.

    Args:
        root: The workspace.
        name: The release's name, never used again: small letters, digits and `-`, at most 40.
        sources: As for `privity.clear`.
        purpose: What it may be used for.
        recipient: Who may get it, an id of the register.
        expires_at: When it ends by itself; left out, never.
        now: The instant to record at, where the workspace's clock is simulated.
        threads: How many parts are read and written at once.
        binding: As for `privity.clear`.
        pseudonym_key: As for `privity.clear`.
        text: As for `privity.clear`.
        progress: Told of each stage (`decide`, `copy`, `members`), and how many more of its records are done; of members
            each record twice.

    Returns:
        The release: what the log says of it, its folder, and the clearing that it was made by.

    Raises:
        InputError: Something cannot be read, or cannot stand in a table.
        ConflictError: The name was used before, nothing is permitted, a source changed, or rules changed again and
            again meanwhile.
        VerificationError: The workspace does not agree with itself.
        UnavailableError: The disk is full or fails.
    """
    files = open_sources(sources, binding)
    with open_workspace(Path(root), now=None if now is None else instant(now)) as workspace:
        made = create_in(
            workspace,
            files,
            ReleaseRequest(
                name=name,
                purpose=purpose,
                recipient=recipient,
                expires_at=None if expires_at is None else instant(expires_at),
            ),
            threads=threads,
            pseudonym_key=pseudonym_key,
            text=text,
            progress=progress or (lambda _stage, _rows: None),
        )
        publish_if_free(workspace, seconds=PATIENCE)
        put_proof(workspace, name)
    return made
