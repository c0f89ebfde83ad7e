# SPDX-License-Identifier: Apache-2.0
"""Open a release: what `privity.open_release` and `privity release check` do (specs/release.md, part 4).

(1) the folder's files are those of the revision that it says it is, (2) somebody is asked whether that may still be used:
the workspace that it is of, the public tree of its log, or the ticket of a run. Nobody is asked behind the caller's back,
and where there is nobody to ask nothing is opened. Whoever holds the files can read them without asking; this is for who
wants to know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from privity.app.inputs import PathLike, When, instant
from privity.app.public_tree.ahead import bundles_ahead
from privity.app.public_tree.files import read_file
from privity.app.public_tree.opening import PublicTree, missing, open_tree
from privity.app.public_tree.said import why_not_said
from privity.app.releases.examining.by_proof import check_proof_of
from privity.app.releases.examining.verifying import check_entries
from privity.app.releases.standing.usable import check_usable
from privity.app.releases.state.clocks import instant_of_use
from privity.app.releases.state.register import register_of
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.places import Places
from privity.canonical.instants import Instant, format_instant
from privity.entries.decode import PublicEntry, decode
from privity.entries.envelope import parse_event
from privity.errors import ConflictError, InputError, VerificationError, Where
from privity.ledger.ports import NotFoundError
from privity.ledger.since import read_since
from privity.release.described import Described
from privity.release.opened import (
    Confirmed,
    OpenRelease,
    ReadRelease,
    check_release,
    read_release,
)
from privity.release.standing import (
    Said,
    Standing,
    check_lasting,
    check_revision,
    check_standing,
    standing_of,
)
from privity.release.ticket import RunTicket, read_ticket
from privity.vocabulary.terms import quoted

_RELEASES = "releases"
_PRIVATE_ENTRY = b'{"c":'
"""How the bytes of an entry of a private stream begin: its keys are in order, and no public one has this."""


def open_release(
    path: PathLike,
    *,
    log: str | None = None,
    vkeys: Sequence[str] = (),
    workspace: PathLike | None = None,
    ticket: PathLike | bytes | None = None,
    now: When | None = None,
    threads: int = 2,
    told: Callable[[int], None] | None = None,
) -> OpenRelease:
    """Open a release that may be used now, or say why not.

    Args:
        path: Its folder: in a workspace, or wherever it was handed over to.
        log: The public tree of its log, a folder or an address: it is asked whether the release may still be used.
        vkeys: The keys of the log that are believed, as text or names of files; none are those of the tree itself.
        workspace: The workspace that it is of, to ask in place of the log; found by itself where the release lies in one.
        ticket: The ticket of a run that reads it: a file, or its bytes. It is an answer for a day.
        now: The instant of use, where the log's clock is simulated; else the system's clock says it.
        threads: How many files are hashed at once.
        told: Told of the bytes of the files that were hashed.

    Returns:
        The release: its files, what the log says of it, and who was asked.

    Raises:
        InputError: It is no release, there is nobody to ask (`release/unconfirmed`), or an instant is set and the clock is
            not simulated.
        ConflictError: It has expired (`release/expired`) or was withdrawn (`release/ended`), records were taken back from it
            (`release/revoked`) or are due to be (`release/stale`), an order stops it (`release/stopped`), its recipient
            has left the register (`release/recipient-ended`), or the ticket's day is over (`release/ticket-over`).
        VerificationError: A file, the manifest, the table or the description was tampered with, the log has another
            entry, or the ticket is of something else (`release/ticket`).
        UnavailableError: Something cannot be read.
    """
    folder = Path(path)
    read = read_release(folder)
    root = _workspace_of(folder) if workspace is None else Path(workspace)
    asking = _Asking(
        read=read,
        now=None if now is None else instant(now),
        vkeys=tuple(vkeys),
        ticket=_ticket(ticket, read.described),
    )
    if log is None and root is None and asking.ticket is None:
        raise InputError(
            "nobody is asked whether this release may still be used, expected `log`, `workspace` or `ticket`",
            code="release/unconfirmed",
            hint="name the public tree of its log with `--log`",
            where=Where(file=str(folder)),
        )
    # A tampered release is said to be that, whatever else is the matter with it.
    check_release(read, threads=threads, told=told)
    confirmed: Confirmed | None = None
    if asking.ticket is not None:
        confirmed = asking.by_ticket(asking.ticket)
    if log is not None:
        confirmed = asking.by_log(log)
    if root is not None:
        confirmed = asking.by_workspace(root, threads)
    assert confirmed is not None  # noqa: S101 - one of the three was given
    return OpenRelease(
        path=folder, described=read.described, manifest=read.manifest, confirmed=confirmed
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """A release about which somebody is asked."""

    read: ReadRelease
    now: Instant | None
    vkeys: tuple[str, ...]
    ticket: RunTicket | None

    @property
    def described(self) -> Described:
        return self.read.described

    @property
    def _run(self) -> str | None:
        return None if self.ticket is None else self.ticket.start.run

    def by_workspace(self, root: Path, threads: int) -> Confirmed:
        described = self.described
        with open_workspace(root, now=self.now) as workspace:
            if workspace.settings.origin != described.origin:
                raise VerificationError(
                    f"the release is of the log `{described.origin}`, and the workspace’s is "
                    f"`{workspace.settings.origin}`",
                    code="release/other-log",
                    hint="name the workspace that it was made in",
                )
            self._check_newest(workspace)
            state = register_of(workspace).release(described.name)
            try:
                found = check_usable(workspace, state, threads=threads)
            except ConflictError as error:
                if error.code != "release/due":
                    raise
                raise ConflictError(
                    error.message, code="release/stale", hint=error.hint
                ) from error
            return Confirmed(by="workspace", size=found.size, at=workspace.now(), run=self._run)

    def _check_newest(self, workspace: Workspace) -> None:
        state = register_of(workspace).releases.get(self.described.name)
        if state is None or state.created.says != self.described.created:
            raise _not_in_log(self.described)
        check_revision(self.described, newest=state.revision, content=state.content)

    def by_log(self, place: str) -> Confirmed:
        tree = open_tree(place, self.vkeys)
        described = self.described
        check_entries(described, tree)
        standing = _standing(described, tree)
        check_revision(described, newest=standing.revision, content=standing.content)
        # What was entered is past: a clock that is behind the log’s does not make it younger.
        at = max(self._instant(standing.time), standing.time)
        check_standing(standing, at)
        if self.ticket is not None:
            _check_entered(self.ticket, tree)
        return Confirmed(by="log", size=tree.checkpoint.size, at=at, run=self._run)

    def by_ticket(self, ticket: RunTicket) -> Confirmed:
        described = self.described
        if self.vkeys:
            check_proof_of(self.read.folder, described, self.vkeys)
        named = {one.release: one for one in ticket.releases}.get(described.name)
        if ticket.origin != described.origin or named is None:
            raise _not_its_ticket(ticket, "does not name this release")
        if named.revision > described.revision:
            raise ConflictError(
                f"this is revision {described.revision} of release {quoted(described.name)}, and the run reads "
                f"revision {named.revision}",
                code="release/revoked",
                hint="apply the revocation with `privity recipient apply`, or get the newest revision",
            )
        if (named.revision, named.files_root) != (
            described.revision,
            described.content.files_root,
        ):
            raise _not_its_ticket(ticket, "names another revision, or other files")
        at = max(self._instant(ticket.at), ticket.at)
        check_lasting(described.created, None, at)
        if at >= ticket.until:
            raise ConflictError(
                f"the ticket of run {quoted(ticket.start.run)} opened releases until "
                f"{format_instant(ticket.until)}",
                code="release/ticket-over",
                hint="ask the log with `--log`, or start another run",
            )
        return Confirmed(by="ticket", size=ticket.start.ledger_size, at=at, run=self._run)

    def _instant(self, known: Instant) -> Instant:
        return instant_of_use(self.described.origin, self.now, otherwise=known)


def _workspace_of(folder: Path) -> Path | None:
    """Give the workspace that a release lies in, or None where it lies elsewhere."""
    above = folder.absolute().parent
    root = above.parent
    return root if above.name == _RELEASES and Places(root).settings.is_file() else None


def _ticket(given: PathLike | bytes | None, described: Described) -> RunTicket | None:
    if given is None:
        return None
    data = given if isinstance(given, bytes) else read_file(Path(given))
    return read_ticket(data, described.created.key)


@dataclass(slots=True)
class _Public:
    """The public entries of the end of a log, and the time of the first entry of all that was read."""

    origin: str
    found: list[Said] = field(default_factory=list)
    time: Instant | None = None

    def visit(self, first: int, entries: Sequence[bytes]) -> None:
        for index, data in enumerate(entries, first):
            if self.time is None:
                self.time = parse_event(data).time
            if data.startswith(_PRIVATE_ENTRY):
                continue
            entry = decode(data, origin=self.origin)
            if isinstance(entry, PublicEntry):
                said = Said(index=index, time=entry.event.time, says=entry.says)
                self.found.append(said)


def _standing(described: Described, tree: PublicTree) -> Standing:
    """Read how a release stands, from the last entry that it heeds on."""
    public = _Public(described.origin)
    first = min(described.created.ledger_size - 1, described.created_at)
    try:
        if tree.remote:
            with bundles_ahead(tree.reader, first, tree.checkpoint.size) as reader:
                read_since(reader, tree.checkpoint, first, public.visit)
        else:
            read_since(tree.reader, tree.checkpoint, first, public.visit)
    except NotFoundError as error:
        raise missing(tree, error) from error
    assert public.time is not None  # noqa: S101 - the log has the release's own entry
    return standing_of(described.name, public.found, heeded=public.time)


def _check_entered(ticket: RunTicket, tree: PublicTree) -> None:
    """Check that a log has the entry that a ticket was made from, as far as it is published."""
    why_not = why_not_said(tree, ticket.index, ticket.start, origin=ticket.origin)
    if why_not is not None:
        raise _not_its_ticket(ticket, f"names entry {ticket.index:,}, which {why_not}")


def _not_its_ticket(ticket: RunTicket, why: str) -> VerificationError:
    return VerificationError(
        f"the ticket of run {quoted(ticket.start.run)} {why}",
        code="release/ticket",
        hint="give the ticket of a run that reads this release",
    )


def _not_in_log(described: Described) -> VerificationError:
    return VerificationError(
        f"no entry of the log created the release {quoted(described.name)} as it describes itself",
        code="release/not-entered",
        hint="do not use it: it was made beside the log, or the log is another one",
    )
