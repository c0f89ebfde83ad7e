# SPDX-License-Identifier: Apache-2.0
"""Create a release: a cleared set gets a name, and the log says what is in it (specs/release.md, part 1).

(1) finish or remove what a killed process left, (2) hold the name, (3) clear on the ledger, aside, (4) lay the set out as a
table with its manifest, (5) say whose records are in it, by tags that only they know, (6) say by one entry what the
release is, (7) write what goes with it, (8) give it its name. Until (6) whatever stops it leaves no release; after it
the next start goes on to the end.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from privity.app.pseudonym_key import recipients_key
from privity.app.releases.making.finishing import (
    FOLDER,
    PRIVATE,
    SET,
    abandon_release,
    finish_release,
    recover_releases,
)
from privity.app.releases.members.membership import commit_release
from privity.app.releases.state.marks import forget, held
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import release_signer
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.by_itself import Failed
from privity.app.workspace.clearing import LedgerClearing, clear_on_ledger
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record
from privity.app.workspace.unfinished import recover
from privity.canonical.instants import Instant, format_instant
from privity.decide.many import Compiled
from privity.decide.request import Request
from privity.entries.fields import check_short_name
from privity.entries.release import Content, CreatedRelease
from privity.errors import ConflictError, InputError, PrivityError
from privity.release.folder import ReleaseFolder
from privity.release.job import Job
from privity.release.laid_out import SALT_SIZE, lay_out, put
from privity.release.one_schema import one_schema
from privity.release.papers.making import making_of
from privity.release.papers.plots import require_plots
from privity.release.papers.writing import write_making
from privity.release.reading import RecordFile
from privity.release.shape import shape_of
from privity.store.files import unreachable
from privity.store.private import make_private_folder
from privity.vocabulary.terms import quoted

Progress = Callable[[str, int], None]
Told = Callable[[Compiled], None]

STAGES: Final = ("decide", "copy", "members")
"""The stages that `progress` is told of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRequest:
    """What a release is to be.

    Attributes:
        name: Its name, never used again.
        purpose: What it may be used for.
        recipient: Who may get it, an id of the register.
        expires_at: When it ends by itself, or None.
    """

    name: str
    purpose: str
    recipient: str
    expires_at: Instant | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeRelease:
    """A release that was made.

    Attributes:
        state: What the log says of it.
        folder: Where it lies.
        clearing: The clearing that it was made by.
    """

    state: ReleaseState
    folder: ReleaseFolder
    clearing: LedgerClearing


def create_release(
    workspace: Workspace,
    files: Sequence[RecordFile],
    request: ReleaseRequest,
    *,
    threads: int = 2,
    pseudonym_key: bytes | str | Path | None = None,
    text: Sequence[str] = (),
    progress: Progress = lambda _stage, _rows: None,
    told: Told = lambda _ready: None,
) -> MadeRelease:
    """Make a release of records, by what the ledger knows.

    Args:
        workspace: Where.
        files: The sources.
        request: What it is to be.
        threads: How many parts are read and written at once.
        pseudonym_key: As for `privity.clear`.
        text: As for `privity.clear`.
        progress: Told of each stage of `STAGES`, and how many more of its records are done.
        told: Told of the request once it is ready, before anything is entered.

    Raises:
        InputError: The name is none, its end is past, a column is none of a table's, or the sources cannot be read.
        ConflictError: The name was used before, nothing is permitted, or as `clear_on_ledger`.
        UnavailableError: The disk is full or fails, or matplotlib is not installed.
    """
    require_plots()
    now = workspace.now()
    check_short_name("release", request.name)
    if request.expires_at is not None and request.expires_at <= now:
        raise InputError(
            f"the release would end at {format_instant(request.expires_at)}, and it is "
            f"{format_instant(now)} now",
            code="release/ends-before",
            hint="say a later instant with `--expires`",
        )
    shape_of(one_schema(files))
    failed: Failed = {}
    # What cannot be finished of others is told by `privity ledger publish`, and keeps nobody from making one.
    recover_releases(workspace, threads=threads, failed=failed)
    if request.name in failed:
        raise failed[request.name]
    make = _Making(workspace, request, threads, progress)
    with held(workspace.places.root, request.name):
        make.check_free()
        try:
            key = recipients_key(pseudonym_key, request.recipient)
            clearing = make.clear(files, key, text, told)
            said = make.lay_out(clearing)
            record(workspace, [said])
        except BaseException:
            make.give_up()
            raise
        state = register_of(workspace).release(request.name)
        finish_release(workspace, state)
    return MadeRelease(state=state, folder=make.places.folder, clearing=clearing)


class _Making:
    """One release on its way."""

    def __init__(
        self,
        workspace: Workspace,
        request: ReleaseRequest,
        threads: int,
        progress: Progress,
    ) -> None:
        self._workspace = workspace
        self._request = request
        self._threads = threads
        self._progress = progress
        self.places = ReleasePlaces.of(workspace.places, request.name)

    def check_free(self) -> None:
        """Check that no release has, or had, the name.

        Raises:
            ConflictError: One has (`release/name-used`).
        """
        places = self.places
        known = self._request.name in register_of(self._workspace).releases
        if known or places.folder.root.exists() or places.private.exists():
            forget(self._workspace.places.root, self._request.name)
            raise ConflictError(
                f"there is, or was, a release {quoted(self._request.name)}",
                code="release/name-used",
                hint="choose another name: none is used twice",
            )

    def clear(
        self, files: Sequence[RecordFile], key: bytes, text: Sequence[str], told: Told
    ) -> LedgerClearing:
        """Make the set aside (3)."""
        make_private_folder(self.places.work)
        now = self._workspace.now()
        made = clear_on_ledger(
            self._workspace,
            files,
            Request(
                purpose=self._request.purpose,
                recipient=self._request.recipient,
                at=now,
                known=now,
            ),
            Job(
                out=self.places.work / SET,
                threads=self._threads,
                seed=secrets.randbits(64),
                key=key,
                text=tuple(text),
                table=True,
                described={"program": f"privity {version('privity')}"},
            ),
            self._progress,
            told=told,
        )
        if not made.set.summary.permitted:
            raise ConflictError(
                f"none of {made.set.summary.records:,} records is permitted: there is nothing to release",
                code="release/empty",
                hint="ask `privity doctor` what blocks them",
            )
        return made

    def lay_out(self, clearing: LedgerClearing) -> CreatedRelease:
        """Make a table and a manifest of the set (4), and say whose records are in it (5)."""
        work, request = self.places.work, self._request
        folder, private = ReleaseFolder(work / FOLDER), work / PRIVATE
        try:
            laid = lay_out(
                work / SET,
                clearing.set.manifest,
                folder,
                private,
                name=request.name,
                now=self._workspace.now(),
                threads=self._threads,
            )
            salt = secrets.token_bytes(SALT_SIZE)
            put(folder.salt, salt, secret=True)
            members = commit_release(
                self._workspace,
                name=request.name,
                salt=salt,
                private=private,
                sidecar=folder.members,
                work=work / "members",
                audience=clearing.audience,
                progress=self._progress,
            )
            shutil.rmtree(work / "members")
            cleared = clearing.set
            write_making(
                folder.root,
                making_of(cleared.summary, cleared.manifest, laid.schema, clearing.version),
            )
        except OSError as error:
            raise unreachable(work, error) from error
        policy = clearing.set.manifest["policy"]
        return CreatedRelease(
            release=request.name,
            clearing=clearing.name,
            purpose=request.purpose,
            recipient=request.recipient,
            ledger_size=clearing.size,
            policy=policy["name"],
            version=policy["in_force"],
            content=Content(
                files=len(laid.manifest.lines),
                size=laid.manifest.size,
                rows=laid.manifest.rows,
                files_root=laid.manifest.root,
                members=members.count,
                members_root=members.root,
                manifest=laid.manifest.sha256,
                columns=laid.columns,
            ),
            key=release_signer(self._workspace).public,
            expires_at=request.expires_at,
            scheduled=clearing.scheduled,
        )

    def give_up(self) -> None:
        """Remove what was made, unless the log speaks of it by now; where that fails now, the next start does it."""
        with suppress(PrivityError):
            recover(self._workspace, threads=self._threads)
            name = self._request.name
            if name not in register_of(self._workspace).releases:
                abandon_release(self._workspace, name)
