# SPDX-License-Identifier: Apache-2.0
"""Erase members: say so in the log, and then forget them everywhere (specs/entry.md, part 6).

(1) By one commit `erased` becomes the last event of the member's stream, the count of such ends is entered, all
private payloads go and the stream takes no event any more. (2) The files of baselines are made anew without the member,
(3) the projection forgets it, (4) its key is removed, and (5) the database says that this is over. Whoever is killed
after (1) left a stream that is ending; everybody who opens the workspace goes on from there before anything is
read. Nothing here shows a key, and from (4) on nobody can say whose the entries were.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.baseline_erasing import (
    Rewritten,
    erase_from_baselines,
    present_in,
)
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import forget
from privity.app.workspace.recording import (
    Private,
    key_name,
    keys_of,
    member_of,
    record_in,
)
from privity.entries.erasure import ErasedEntry, ErasureBatchEntry
from privity.errors import ConflictError, InputError
from privity.ledger.publish import Published
from privity.members.facts import MemberId
from privity.store.baselines import kept_files
from privity.store.lock import PATIENCE, locked
from privity.vocabulary.terms import quoted


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasable:
    """What there is of members who are to be erased.

    Attributes:
        members: Who.
        events: How many private entries they have in the log.
        baseline_facts: How many facts in files of baselines.
        baselines: How many such files.
    """

    members: tuple[MemberId, ...]
    events: int
    baseline_facts: int
    baselines: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """What was left of erasures, and was done.

    Attributes:
        streams: How many streams ended.
        baselines: The baselines that were made anew.
    """

    streams: int
    baselines: tuple[Rewritten, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """An erasure.

    Attributes:
        members: How many members.
        payloads: How many private payloads are gone.
        baselines: The baselines that were made anew.
        published: What is public now, or None: another process is publishing, and will do it or did.
    """

    members: int
    payloads: int
    baselines: tuple[Rewritten, ...]
    published: Published | None


def erasable(workspace: Workspace, members: Sequence[MemberId]) -> Erasable:
    """Look what there is of members.

    Raises:
        InputError: There is nothing of one of them: never was, or it was erased (`members/unknown`).
    """
    events, baseline_facts, files = 0, 0, 0
    kept = [one.path for one in kept_files(workspace.places.baselines)]
    unseen = []
    for member in dict.fromkeys(members):
        key = workspace.keys.get(key_name(member))
        if key is not None:
            row = workspace.store.vault.stream(key.stream)
            events += 0 if row is None else row.next - 1
        elif not any(present_in(path, [member]).facts for path in kept):
            unseen.append(member)
    if unseen:
        raise InputError(
            f"there is nothing of member {quoted(str(unseen[0]))}: it never was here, or it was erased",
            code="members/unknown",
        )
    for path in kept:
        if count := present_in(path, members).facts:
            baseline_facts += count
            files += 1
    return Erasable(
        members=tuple(dict.fromkeys(members)),
        events=events,
        baseline_facts=baseline_facts,
        baselines=files,
    )


def erase_members(workspace: Workspace, members: Sequence[MemberId]) -> Erased:
    """Erase members for good. Who comes back later begins anew, and nothing shows that it is the same.

    Raises:
        InputError: There is nothing of one of them (`members/unknown`); none was erased.
        ConflictError: Another process erases, or reads or writes and does not end.
        UnavailableError: The disk is full or fails. The next command goes on from what was done.
    """
    with locked(workspace.places.erasing, seconds=PATIENCE):
        finish_erasures(workspace)
        # What waits is published first: whoever asks to be erased does not wait for it.
        publish_if_free(workspace)
        found = erasable(workspace, members)
        payloads = _end(workspace, found.members)
        try:
            done = finish_erasures(workspace)
        except ConflictError as error:
            raise ConflictError(
                f"{error.message}: the log says that they were erased, and what is left of it is not done yet",
                code=error.code,
                hint="run `privity ledger publish DIR` when that has ended: every command does the rest first",
            ) from error
        published = publish_if_free(workspace)
    return Erased(
        members=len(found.members),
        payloads=payloads,
        baselines=done.baselines,
        published=published,
    )


def finish_erasures(workspace: Workspace) -> Finished:
    """Do what is left of erasures that the log tells of; the lock is held.

    Raises:
        ConflictError: Another process reads or writes and does not end.
        UnavailableError: The disk is full or fails.
    """
    store, keys = workspace.store, workspace.keys
    streams = store.vault.ending()
    if not streams:
        return Finished(streams=0, baselines=())
    names = [key.member for key in keys.of_streams(streams).values()]
    members = [member for name in names if (member := member_of(name)) is not None]
    # (2) As long as the key says whose the stream was.
    rewritten = erase_from_baselines(workspace, members)
    # (3) The projection.
    if workspace.places.projection.exists():
        forget(workspace, streams)
    # (4) The keys. Also where they are gone already: the file may not have been written anew since.
    erasures = store.vault.erasures + 1
    keys.erase(names, erasures=erasures)
    store.forget()
    # (5) INVARIANT: said after it was done, so that keys from before it are known to be older.
    with store.transaction():
        store.vault.put_ended(streams, erasures=erasures)
    return Finished(streams=len(streams), baselines=rewritten)


def finish_left(workspace: Workspace) -> None:
    """Do what a process that was killed left of erasures; another process that is at it is left alone.

    Raises:
        ConflictError: Another process reads or writes and does not end.
        UnavailableError: The disk is full or fails.
    """
    if not workspace.store.vault.ending():
        return
    try:
        with locked(workspace.places.erasing):
            finish_erasures(workspace)
    except ConflictError as error:
        if error.code != "store/locked":
            raise


def _end(workspace: Workspace, members: Collection[MemberId]) -> int:
    """(1) End the streams; gives how many payloads there were."""
    # Who is known by a baseline alone has no stream: one is made, so that everything goes the same way.
    keys = keys_of(workspace, members)
    with workspace.store.transaction() as tx:
        record_in(
            workspace,
            tx,
            [
                *(Private(member=member, says=ErasedEntry()) for member in members),
                ErasureBatchEntry(count=len(members)),
            ],
            keys,
        )
        return sum(tx.end_stream(keys[member].stream) for member in members)
