# SPDX-License-Identifier: Apache-2.0
"""Begin and end a training run: what `privity.start_run`, `privity.end_run` and `privity run` do (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from privity.app.inputs import PathLike, When, instant, sha256_of
from privity.app.releases.state.register import register_of
from privity.app.releases.using.journals import consumed_by, keep_journal
from privity.app.releases.using.runs import StartedRun, begin_run, finish_run
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant
from privity.ledger.tree import EMPTY_ROOT

NO_BATCHES: Final = EMPTY_ROOT
"""The root over no batch: that of a tree without a leaf."""


def start_run(
    workspace: PathLike,
    releases: str | Sequence[str],
    *,
    recipient: str,
    code: PathLike,
    config: PathLike,
    base: str | None = None,
    now: When | None = None,
) -> StartedRun:
    """Enter that a training run begins, if its releases may be used now, and give its ticket.

    Args:
        workspace: The workspace that the releases are of.
        releases: The name of a release, or several; their newest revisions are read.
        recipient: Who runs it: the one that they were made for.
        code: What runs: a file, or the SHA-256 of one; only that is entered.
        config: How it runs: the same.
        base: The model that it goes on from, or None.
        now: The instant of the entry, where the workspace's clock is simulated.

    Returns:
        The run: its `name` for `end_run`, and as `envelope` the signed ticket for `open_release`.

    Raises:
        InputError: There is no such release or model, or a file cannot be read.
        ConflictError: A release may not be used, or the recipient has not acknowledged that it has it.
        VerificationError: The workspace does not agree with itself.
        UnavailableError: The disk is full or fails.
    """
    digests = sha256_of(code), sha256_of(config)
    with open_workspace(Path(workspace), now=_or_none(now)) as opened:
        started = begin_run(
            opened,
            [releases] if isinstance(releases, str) else list(releases),
            recipient=recipient,
            code=digests[0],
            config=digests[1],
            base=base,
        )
        publish_if_free(opened)
    return started


def end_run(
    workspace: PathLike,
    run: str,
    *,
    how: str,
    batches: int = 0,
    batches_root: bytes = NO_BATCHES,
    journal: PathLike | None = None,
    checkpoints: Sequence[PathLike] = (),
    models: Mapping[str, PathLike] | None = None,
    now: When | None = None,
) -> Recorded:
    """Enter that a training run has ended, and which models it made.

    Args:
        workspace: The workspace in which it began.
        run: Its name.
        how: `completed` or `aborted`.
        batches: How many batches it consumed.
        batches_root: The root over them, as the loader gives it.
        journal: The journal that the loader wrote, in place of these two; the workspace keeps it.
        checkpoints: What it kept: files, or their SHA-256.
        models: For each new model's name its file, or the SHA-256 of it.
        now: The instant of the entry, where the workspace's clock is simulated.

    Raises:
        InputError: There is no such run, a value is none, or a file cannot be read.
        ConflictError: It has ended before, or there is such a model already.
        VerificationError: The workspace does not agree with itself.
        UnavailableError: The disk is full or fails.
    """
    kept = [sha256_of(one) for one in checkpoints]
    made = {name: sha256_of(one) for name, one in (models or {}).items()}
    if journal is not None:
        batches, batches_root = consumed_by(Path(journal))
    with open_workspace(Path(workspace), now=_or_none(now)) as opened:
        recorded = finish_run(
            opened,
            run,
            how=how,
            batches=batches,
            batches_root=batches_root,
            checkpoints=kept,
            models=made,
        )
        if journal is not None:
            keep_journal(opened.places, register_of(opened).run(run), Path(journal))
        publish_if_free(opened)
    return recorded


def _or_none(now: When | None) -> Instant | None:
    return None if now is None else instant(now)
